/* Keystore 9 and 15, X6: challenges, sessions, and whom an answer is sealed for. */
#include <string.h>

#include "services/keystore/sessions.h"
#include "tests/harness/test.h"

#define SECOND INT64_C(1000)

typedef struct memory {
    ol_fake_clock time;
    sessions *all;
    ol_err err;
} memory;

static void begin(memory *m)
{
    *m = (memory){.time = ol_fake_clock_at(1700000000 * SECOND)};
    CHECK_EQ(sessions_new(&m->time.clock, ol_random_kernel(), &m->all, &m->err), OL_OK);
}

TEST("S53: a challenge is good once, and for 60 s")
{
    memory m;
    uint8_t first[OL_TEE_CHALLENGE_BYTES];
    uint8_t second[OL_TEE_CHALLENGE_BYTES];
    begin(&m);
    challenge_make(m.all, first);
    challenge_make(m.all, second);
    m.time.now_ms += CHALLENGE_SECONDS * SECOND - 1;
    CHECK_EQ(challenge_take(m.all, first, &m.err), OL_OK);
    CHECK_EQ(challenge_take(m.all, first, &m.err), OL_ERR_INVALID);
    m.time.now_ms += 1;
    CHECK_EQ(challenge_take(m.all, second, &m.err), OL_ERR_INVALID);
    sessions_free(m.all);
}

TEST("X6: an answer under way when its session ends is still sealed for it")
{
    memory m;
    session found;
    const ol_x25519_public key = {{9}};
    begin(&m);
    ol_uuid_text text = ol_uuid_format(session_begin(m.all, &key));
    ol_str id = ol_uuid_str(&text);
    CHECK_EQ(session_find(m.all, id, &found, &m.err), OL_OK);
    m.time.now_ms += SESSION_SECONDS * SECOND;
    CHECK_EQ(session_find(m.all, id, &found, &m.err), OL_ERR_FORBIDDEN);
    found = (session){0};
    CHECK_EQ(session_reader(m.all, id, &found, &m.err), OL_OK);
    CHECK(found.seals && memcmp(&found.reply_key, &key, sizeof key) == 0);
    for (int i = 0; i < SESSIONS_MAX; i++)
        (void)session_begin(m.all, NULL);
    CHECK_EQ(session_reader(m.all, id, &found, &m.err), OL_ERR_FORBIDDEN);
    sessions_free(m.all);
}
