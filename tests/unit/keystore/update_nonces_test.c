/* Keystore 15, X4: a signed update counts once, for at most ten minutes, also across a restart. */
#include <stdio.h>

#include "services/keystore/update_nonces.h"
#include "tests/harness/test.h"

#define START_MS (1700000000 * INT64_C(1000))
#define AHEAD ((int64_t)OL_UPDATE_AHEAD_MS_MAX)
#define ALICE OL_STR("alice.near")

typedef struct memory {
    ol_fake_clock time;
    update_nonces *all;
    ol_err err;
} memory;

static void start(memory *m)
{
    CHECK_EQ(update_nonces_new(&m->time.clock, &m->all, &m->err), OL_OK);
}

static memory *begin(memory *m)
{
    *m = (memory){.time = ol_fake_clock_at(START_MS)};
    start(m);
    m->time.now_ms += 1000;
    return m;
}

/* With the nonce `n`, expiring `ahead_ms` from now. */
static ol_rc take(memory *m, ol_str owner, unsigned n, int64_t ahead_ms)
{
    uint8_t nonce[OL_NEP413_NONCE_BYTES] = {(uint8_t)n, (uint8_t)(n >> 8)};
    return update_nonce_take(m->all, owner, nonce, (uint64_t)(m->time.now_ms + ahead_ms), &m->err);
}

static void end(memory *m)
{
    update_nonces_free(m->all);
}

TEST("X4: a nonce counts once, for each owner on their own")
{
    memory m;
    (void)begin(&m);
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_OK);
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_ERR_CONFLICT);
    CHECK_EQ(take(&m, ALICE, 1, AHEAD - 1), OL_ERR_CONFLICT);
    CHECK_EQ(take(&m, ALICE, 2, AHEAD), OL_OK);
    CHECK_EQ(take(&m, OL_STR("bob.near"), 1, AHEAD), OL_OK);
    end(&m);
}

TEST("X4: an expiry lies ahead, by 600 s at most")
{
    memory m;
    (void)begin(&m);
    m.time.now_ms += AHEAD; /* long after the start */
    CHECK_EQ(take(&m, ALICE, 1, 0), OL_ERR_INVALID);
    CHECK_HAS(ol_err_text(&m.err), OL_STR("is past"), "past");
    CHECK_EQ(take(&m, ALICE, 1, AHEAD + 1), OL_ERR_INVALID);
    CHECK_HAS(ol_err_text(&m.err), OL_STR("more than 600 s ahead"), "far");
    CHECK_EQ(update_expiry_check(m.all, UINT64_MAX, &m.err), OL_ERR_INVALID);
    CHECK_EQ(update_expiry_check(m.all, 0, &m.err), OL_ERR_INVALID);
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_OK);
    CHECK_EQ(take(&m, ALICE, 2, 1), OL_OK);
    end(&m);
}

TEST("X4: what a keystore before the restart may have taken is refused after it")
{
    memory m;
    uint8_t nonce[OL_NEP413_NONCE_BYTES] = {7};
    (void)begin(&m);
    m.time.now_ms += 12345;
    uint64_t latest = (uint64_t)update_expiry_latest(m.all);
    CHECK_EQ(update_nonce_take(m.all, ALICE, nonce, latest, &m.err), OL_OK);
    end(&m);
    start(&m); /* in the same millisecond */
    for (int64_t passed = 0; passed <= AHEAD; passed += 50000) {
        m.time.now_ms = (int64_t)latest - AHEAD + passed;
        CHECK_EQ(update_nonce_take(m.all, ALICE, nonce, latest, &m.err), OL_ERR_INVALID);
    }
    end(&m);
}

TEST("X4: the expiry a keystore names is taken at once, from its first millisecond on")
{
    memory m = {.time = ol_fake_clock_at(START_MS)};
    uint8_t nonce[OL_NEP413_NONCE_BYTES] = {1};
    start(&m);
    uint64_t latest = (uint64_t)update_expiry_latest(m.all);
    CHECK_EQ(update_nonce_take(m.all, ALICE, nonce, latest, &m.err), OL_OK);
    CHECK_EQ(update_nonce_take(m.all, OL_STR("b.near"), nonce, latest - 1, &m.err), OL_ERR_INVALID);
    CHECK_HAS(ol_err_text(&m.err), OL_STR("began too recently"), "start");
    end(&m);
}

TEST("X4: a clock that is turned back makes no message young again")
{
    memory m;
    (void)begin(&m);
    m.time.now_ms += AHEAD;
    int64_t then = m.time.now_ms;
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_OK);
    m.time.now_ms = then + AHEAD + 1; /* forgotten: it has expired */
    CHECK_EQ(take(&m, ALICE, 2, AHEAD), OL_OK);
    m.time.now_ms = then;
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_ERR_INVALID);
    CHECK_HAS(ol_err_text(&m.err), OL_STR("is past"), "back");
    end(&m);
}

TEST("X4: one owner's updates do not use up the place of all")
{
    memory m;
    (void)begin(&m);
    for (unsigned n = 0; n < UPDATE_NONCES_OWNER_MAX; n++)
        CHECK_EQ(take(&m, ALICE, n, AHEAD), OL_OK);
    CHECK_EQ(take(&m, ALICE, UPDATE_NONCES_OWNER_MAX, AHEAD), OL_ERR_RATE_LIMIT);
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_ERR_CONFLICT);
    CHECK_EQ(take(&m, OL_STR("bob.near"), 1, AHEAD), OL_OK);
    end(&m);
}

TEST("X4: when the table is full new updates are refused and old ones stay known")
{
    memory m;
    char name[32];
    (void)begin(&m);
    for (unsigned n = 0; n < UPDATE_NONCES_MAX; n++) {
        (void)snprintf(name, sizeof name, "user%u.near", n / UPDATE_NONCES_OWNER_MAX);
        CHECK_EQ_ROW(take(&m, ol_str_of(name), n, n == 77 ? AHEAD - 500 : AHEAD), OL_OK, name);
    }
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_ERR_RATE_LIMIT);
    CHECK_HAS(ol_err_text(&m.err), OL_STR("too many updates"), "full");
    CHECK_EQ(take(&m, OL_STR("user0.near"), 1, AHEAD), OL_ERR_CONFLICT);
    m.time.now_ms += AHEAD - 500; /* one has expired: one place */
    CHECK_EQ(take(&m, ALICE, 1, AHEAD), OL_OK);
    CHECK_EQ(take(&m, ALICE, 2, AHEAD), OL_ERR_RATE_LIMIT);
    end(&m);
}
