#include "services/keystore/sessions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/secret.h"

#define SECOND_NS INT64_C(1000000000)

typedef struct challenge_slot {
    uint8_t bytes[OL_TEE_CHALLENGE_BYTES];
    int64_t until_ns; /* 0: free */
} challenge_slot;

typedef struct session_slot {
    session it;
    int64_t until_ns;
} session_slot;

/* Rings: what is made goes where the oldest was. */
struct sessions {
    pthread_mutex_t lock;
    const ol_clock *clock;
    const ol_random *random;
    challenge_slot challenge[CHALLENGES_MAX];
    size_t next_challenge;
    session_slot session[SESSIONS_MAX];
    size_t next_session;
};

ol_rc sessions_new(const ol_clock *clock, const ol_random *random, sessions **ret, ol_err *err)
{
    *ret = calloc(1, sizeof **ret);
    if (*ret == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    (void)pthread_mutex_init(&(*ret)->lock, NULL);
    (*ret)->clock = clock;
    (*ret)->random = random;
    return OL_OK;
}

void sessions_free(sessions *all)
{
    if (all == NULL)
        return;
    (void)pthread_mutex_destroy(&all->lock);
    free(all);
}

void challenge_make(sessions *all, uint8_t ret[OL_TEE_CHALLENGE_BYTES])
{
    ol_random_fill(all->random, ret, OL_TEE_CHALLENGE_BYTES);
    (void)pthread_mutex_lock(&all->lock);
    challenge_slot *slot = &all->challenge[all->next_challenge++ % CHALLENGES_MAX];
    memcpy(slot->bytes, ret, sizeof slot->bytes);
    slot->until_ns = ol_mono_ns(all->clock) + CHALLENGE_SECONDS * SECOND_NS;
    (void)pthread_mutex_unlock(&all->lock);
}

ol_rc challenge_take(sessions *all, const uint8_t challenge[OL_TEE_CHALLENGE_BYTES], ol_err *err)
{
    bool good = false;
    int64_t now = ol_mono_ns(all->clock);
    (void)pthread_mutex_lock(&all->lock);
    OL_EACH (slot, all->challenge) {
        if (slot->until_ns == 0 || memcmp(slot->bytes, challenge, sizeof slot->bytes) != 0)
            continue;
        good = slot->until_ns > now;
        slot->until_ns = 0;
    }
    (void)pthread_mutex_unlock(&all->lock);
    return good ? OL_OK : ol_fail(err, OL_ERR_INVALID, "Invalid or expired challenge");
}

ol_uuid session_begin(sessions *all, const ol_x25519_public *reply_key)
{
    session it = {.id = ol_random_uuid(all->random), .seals = reply_key != NULL};
    if (reply_key != NULL)
        it.reply_key = *reply_key;
    (void)pthread_mutex_lock(&all->lock);
    session_slot *slot = &all->session[all->next_session++ % SESSIONS_MAX];
    slot->it = it;
    slot->until_ns = ol_mono_ns(all->clock) + SESSION_SECONDS * SECOND_NS;
    (void)pthread_mutex_unlock(&all->lock);
    return it.id;
}

/* `after_ns`: when it must not have ended yet. */
static ol_rc find(sessions *all, ol_str id, int64_t after_ns, session *ret, ol_err *err)
{
    ol_uuid wanted;
    bool found = false;
    if (!ol_uuid_parse(id, &wanted))
        return ol_fail(err, OL_ERR_FORBIDDEN, "Invalid TEE session ID format");
    (void)pthread_mutex_lock(&all->lock);
    OL_EACH (slot, all->session) {
        if (slot->until_ns > after_ns && memcmp(&slot->it.id, &wanted, sizeof wanted) == 0) {
            *ret = slot->it;
            found = true;
        }
    }
    (void)pthread_mutex_unlock(&all->lock);
    return found ? OL_OK : ol_fail(err, OL_ERR_FORBIDDEN, "TEE session not found or expired");
}

ol_rc session_find(sessions *all, ol_str id, session *ret, ol_err *err)
{
    return find(all, id, ol_mono_ns(all->clock), ret, err);
}

ol_rc session_reader(sessions *all, ol_str id, session *ret, ol_err *err)
{
    return find(all, id, 0, ret, err);
}

size_t sessions_count(sessions *all)
{
    size_t count = 0;
    int64_t now = ol_mono_ns(all->clock);
    (void)pthread_mutex_lock(&all->lock);
    OL_EACH (slot, all->session)
        count += slot->until_ns > now;
    (void)pthread_mutex_unlock(&all->lock);
    return count;
}
