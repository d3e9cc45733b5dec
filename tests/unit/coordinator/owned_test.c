/* Rows as their owners see and remove them (Coordinator 6). */
#include "services/coordinator/owned_storage.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/lab.h"

enum { STEPS = 2000, KEYS = 40, BYTES_MAX = 50 };

static signed_nonce nonce_of(lab *l, uint8_t number, int64_t good_ms)
{
    static uint8_t bytes[256][32];
    bytes[number][0] = number;
    return (signed_nonce){.account_id = OL_STR("a.near"),
                          .nonce = {bytes[number], 32},
                          .expires_ms = ol_wall_ms(&l->clock.clock) + good_ms};
}

static ol_rc take(lab *l, signed_nonce nonce)
{
    signed_nonce_use it = {.nonce = nonce};
    signed_nonce_take(l->d, &it);
    return it.op.rc;
}

TEST("a nonce works once for an account until its request ends, and is forgotten then")
{
    lab *l = lab_open();
    signed_nonce one = nonce_of(l, 1, 10000), other = one;
    CHECK_EQ(take(l, one), OL_OK);
    CHECK_EQ(take(l, one), OL_ERR_UNAUTHORIZED);
    other.account_id = OL_STR("b.near");
    CHECK_EQ(take(l, other), OL_OK);
    lab_reopen(l);
    CHECK_EQ(take(l, one), OL_ERR_UNAUTHORIZED);
    lab_pass(l, 9);
    CHECK_EQ(take(l, nonce_of(l, 1, 10000)), OL_ERR_UNAUTHORIZED); /* still kept */
    lab_pass(l, 2);
    CHECK_EQ(take(l, one), OL_ERR_UNAUTHORIZED); /* it has ended */
    CHECK_EQ(take(l, nonce_of(l, 1, 10000)), OL_OK);
    lab_close(l);
}

/* Key number i of account a.near, readable when it is odd. */
static void name_write(char text[8], unsigned i)
{
    (void)snprintf(text, 8, "h%05u", i);
}

static void put(lab *l, unsigned i, size_t bytes)
{
    static const uint8_t value[BYTES_MAX];
    char name[8];
    name_write(name, i);
    storage_write it = {.name = {OL_STR("p1"), OL_STR("a.near"), ol_str_of(name)},
                        .row = {.key = ol_str_bytes(ol_str_of(name)),
                                .value = {value, bytes},
                                .wasm_hash = OL_STR("v1"),
                                .is_encrypted = i % 2 == 0},
                        .arena = &l->arena};
    storage_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
}

static const owned_rows ROWS = {.name = {OL_STR_INIT("p1"), OL_STR_INIT("a.near"), {NULL, 0}}};

static size_t listed(lab *l, owned_rows rows, const char *prefix, uint32_t limit)
{
    owned_page page = {.prefix = ol_str_bytes(ol_str_of(prefix)), .limit = limit};
    size_t all = 0;
    bool more = true;
    while (more) {
        owned_row *row;
        size_t count;
        ol_err err;
        CHECK_OK(owned_list(l->d, &rows, &page, &l->arena, &row, &count, &more, &err));
        CHECK(count <= limit && (count == limit || !more));
        for (size_t i = 0; i < count; i++) {
            CHECK(ol_str_compare(row[i].key_hash, page.after) > 0);
            CHECK(row[i].is_encrypted == (row[i].key.len == 0));
            CHECK(!row[i].is_encrypted || (prefix[0] == '\0' && !rows.only_public));
            page.after = row[i].key_hash;
        }
        all += count;
    }
    return all;
}

TEST("pages hold every row once, and readable keys alone are found by how they begin")
{
    lab *l = lab_open();
    owned_rows shown = ROWS;
    shown.only_public = true;
    for (unsigned i = 0; i < 21; i++)
        put(l, i, 3);
    for (uint32_t limit = 1; limit < 25; limit++)
        CHECK_EQ(listed(l, ROWS, "", limit), 21);
    CHECK_EQ(listed(l, shown, "", 4), 10);
    CHECK_EQ(listed(l, ROWS, "h0000", 2), 5);
    CHECK_EQ(listed(l, ROWS, "h00001", 2), 1);
    CHECK_EQ(listed(l, ROWS, "x", 2), 0);
    CHECK_EQ(listed(l, ROWS, "h000011", 2), 0);
    lab_close(l);
}

/* A removal of one key, of what is readable, or of all; model[i] is the row's bytes, 0: none. */
static void remove_some(lab *l, uint64_t model[KEYS], unsigned kind, uint8_t number)
{
    owned_removal it = {.nonce = nonce_of(l, number, 1000 + STEPS), .rows = ROWS};
    uint64_t bytes = 0, keys = 0;
    char name[8];
    unsigned one = number % KEYS;
    name_write(name, one);
    if (kind > 1)
        it.rows.name.key_hash = ol_str_of(name);
    it.rows.only_public = kind == 1;
    for (unsigned i = 0; i < KEYS; i++) {
        if (model[i] == 0 || (kind > 1 && i != one) || (kind == 1 && i % 2 == 0))
            continue;
        bytes += model[i];
        keys++;
        model[i] = 0;
    }
    owned_remove(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK_EQ(it.removed.key_count, keys);
    CHECK_EQ(it.removed.total_bytes, bytes);
}

TEST("any history of writes and removals leaves the account of what is used exact")
{
    lab *l = lab_open();
    uint64_t model[KEYS] = {0}, state = 1;
    ol_err err;
    for (unsigned step = 0; step < STEPS; step++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        unsigned draw = (unsigned)(state >> 33);
        unsigned key = draw % KEYS, bytes = draw / KEYS % BYTES_MAX;
        if (draw % 7 != 0) {
            put(l, key, bytes);
            model[key] = 6 + bytes;
        } else {
            unsigned kind = draw % 21 == 0 ? draw / 21 % 2 : 2;
            remove_some(l, model, kind, (uint8_t)(step % 256));
            l->clock.now_ms += 4000; /* the next nonce of that number is another request */
            CHECK_OK(domain_sweep(l->d, &err));
        }
        CHECK_OK(storage_check(l->d, &err));
    }
    storage_used total;
    uint64_t bytes = 0;
    for (unsigned i = 0; i < KEYS; i++)
        bytes += model[i];
    CHECK_OK(owned_usage_total(l->d, OL_STR("p1"), &total, &err));
    CHECK_EQ(total.total_bytes, bytes);
    lab_close(l);
}
