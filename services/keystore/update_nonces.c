#include "services/keystore/update_nonces.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/hash.h"

typedef struct used {
    ol_sha256 owner;
    uint8_t nonce[OL_NEP413_NONCE_BYTES];
    int64_t until_ms; /* 0: free */
} used;

struct update_nonces {
    pthread_mutex_t lock;
    const ol_clock *clock;
    int64_t start_ms;
    int64_t latest_ms; /* the clock's highest: time does not go back here */
    used slot[UPDATE_NONCES_MAX];
};

ol_rc update_nonces_new(const ol_clock *clock, update_nonces **ret, ol_err *err)
{
    update_nonces *all = calloc(1, sizeof *all);
    if (all == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    (void)pthread_mutex_init(&all->lock, NULL);
    all->clock = clock;
    all->start_ms = ol_wall_ms(clock);
    all->latest_ms = all->start_ms;
    *ret = all;
    return OL_OK;
}

void update_nonces_free(update_nonces *all)
{
    if (all == NULL)
        return;
    (void)pthread_mutex_destroy(&all->lock);
    free(all);
}

static int64_t now_of(update_nonces *all)
{
    int64_t now = ol_wall_ms(all->clock);
    if (now > all->latest_ms)
        all->latest_ms = now;
    return all->latest_ms;
}

/* At least a millisecond after the start: what is as old as the start may be older. */
static int64_t latest_of(update_nonces *all)
{
    int64_t now = now_of(all);
    return (now > all->start_ms ? now : all->start_ms + 1) + OL_UPDATE_AHEAD_MS_MAX;
}

static ol_rc expiry_check(update_nonces *all, uint64_t expires_at_ms, ol_err *err)
{
    int64_t now = now_of(all);
    int64_t seen_before = all->start_ms + OL_UPDATE_AHEAD_MS_MAX;
    if (expires_at_ms <= (uint64_t)now)
        return ol_fail(err, OL_ERR_INVALID, "expires_at is past (Unix milliseconds)");
    if (expires_at_ms > (uint64_t)latest_of(all))
        return ol_fail(err, OL_ERR_INVALID, "expires_at is more than %d s ahead",
                       OL_UPDATE_AHEAD_MS_MAX / 1000);
    if (expires_at_ms <= (uint64_t)seen_before)
        return ol_fail(err, OL_ERR_INVALID,
                       "expires_at: this keystore began too recently to know whether this message "
                       "was used; sign one that expires after %lld",
                       (long long)seen_before);
    return OL_OK;
}

int64_t update_expiry_latest(update_nonces *all)
{
    (void)pthread_mutex_lock(&all->lock);
    int64_t latest = latest_of(all);
    (void)pthread_mutex_unlock(&all->lock);
    return latest;
}

ol_rc update_expiry_check(update_nonces *all, uint64_t expires_at_ms, ol_err *err)
{
    (void)pthread_mutex_lock(&all->lock);
    ol_rc rc = expiry_check(all, expires_at_ms, err);
    (void)pthread_mutex_unlock(&all->lock);
    return rc;
}

/* The place for a new one, or why there is none. */
static ol_rc place_find(update_nonces *all, const used *new, used **ret, ol_err *err)
{
    int64_t now = now_of(all);
    size_t of_owner = 0;
    used *place = NULL;
    OL_EACH (slot, all->slot) {
        if (slot->until_ms <= now) {
            place = slot;
            continue;
        }
        if (memcmp(&slot->owner, &new->owner, sizeof slot->owner) != 0)
            continue;
        of_owner++;
        if (memcmp(slot->nonce, new->nonce, sizeof slot->nonce) == 0)
            return ol_fail(err, OL_ERR_CONFLICT, "this message was used already: its nonce is");
    }
    if (place == NULL || of_owner >= UPDATE_NONCES_OWNER_MAX)
        return ol_fail(err, OL_ERR_RATE_LIMIT, "too many updates within %d s; try later",
                       OL_UPDATE_AHEAD_MS_MAX / 1000);
    *ret = place;
    return OL_OK;
}

ol_rc update_nonce_take(update_nonces *all, ol_str owner,
                        const uint8_t nonce[OL_NEP413_NONCE_BYTES], uint64_t expires_at_ms,
                        ol_err *err)
{
    used *place = NULL;
    used new = {.owner = ol_sha256_of(ol_str_bytes(owner))};
    memcpy(new.nonce, nonce, sizeof new.nonce);
    (void)pthread_mutex_lock(&all->lock);
    ol_rc rc = expiry_check(all, expires_at_ms, err);
    if (rc == OL_OK)
        rc = place_find(all, &new, &place, err);
    if (rc == OL_OK) {
        new.until_ms = (int64_t)expires_at_ms; /* at most OL_UPDATE_AHEAD_MS_MAX from now */
        *place = new;
    }
    (void)pthread_mutex_unlock(&all->lock);
    return rc;
}
