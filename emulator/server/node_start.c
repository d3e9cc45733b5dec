#include "emulator/server/node_start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/near/dev_key.h"

enum {
    /* Hours of one block a second, and an hour of states: the rest would only take memory, 5 KiB a
     * block. */
    BLOCKS_KEPT = 20000,
    STATES_KEPT = 3600,
    CACHE_PATH_BYTES = 4096,
};

static const struct {
    ol_str id;
    uint64_t near;
} ACCOUNTS[] = {
    {OL_STR_INIT("test.near"), 1000000000}, /* the root: it may create NAME.test.near */
    {OL_STR_INIT("alice.test.near"), 1000}, {OL_STR_INIT("bob.test.near"), 1000},
    {OL_STR_INIT("carol.test.near"), 1000}, {OL_STR_INIT("dev.test.near"), 1000},
};
enum { ACCOUNTS_MAX = OPTIONS_ACCOUNTS_MAX + OL_COUNT(ACCOUNTS) };

typedef struct genesis {
    ol_account_seed account[ACCOUNTS_MAX];
    ol_public_key key[ACCOUNTS_MAX];
    size_t count;
} genesis;

static ol_public_key derived_key(const localnet_options *set, ol_str account_id)
{
    ol_ed25519_key secret;
    ol_dev_key(set->seed, account_id, &secret);
    ol_ed25519_public public = ol_ed25519_public_of(&secret);
    ol_ed25519_key_deinit(&secret);
    return ol_public_key_of_ed25519(&public);
}

static ol_rc account_add(genesis *it, const localnet_options *set, ol_str id, ol_yocto balance,
                         ol_str public_key, ol_err *err)
{
    size_t at = 0;
    while (at < it->count && !ol_str_eq(it->account[at].id, id))
        at++;
    OL_ASSERT(at < ACCOUNTS_MAX);
    if (public_key.len == 0)
        it->key[at] = derived_key(set, id);
    else if (!ol_public_key_parse(public_key, &it->key[at]))
        return ol_fail(err, OL_ERR_USAGE, "--account %.*s: not a public key", OL_FMT(id));
    it->account[at] =
        (ol_account_seed){.id = id, .balance = balance, .keys = &it->key[at], .key_count = 1};
    if (at == it->count)
        it->count++;
    return OL_OK;
}

static ol_rc genesis_fill(genesis *it, const localnet_options *set, ol_err *err)
{
    const ol_u128 yocto_per_near = (ol_u128)1000000000000000000u * 1000000u;
    OL_EACH (row, ACCOUNTS)
        OL_TRY(
            account_add(it, set, row->id, OL_YOCTO(row->near * yocto_per_near), OL_STR(""), err));
    for (size_t i = 0; i < set->accounts; i++)
        OL_TRY(account_add(it, set, set->account[i].account_id, set->account[i].balance,
                           set->account[i].public_key, err));
    return OL_OK;
}

/* Compiled contracts are kept beside what the build keeps. Empty when there is no such place. */
static void cache_path(const localnet_options *set, char path[CACHE_PATH_BYTES])
{
    const char *folder = getenv("OUTLAYER_CACHE");
    const char *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    ol_buf text = ol_buf_over(path, CACHE_PATH_BYTES - 1);
    ol_err err;
    if (set->cache_dir.len > 0)
        ol_buf_add_str(&text, set->cache_dir);
    else if (folder != NULL && folder[0] != '\0')
        ol_buf_addf(&text, "%s/contracts", folder);
    else if (xdg != NULL && xdg[0] != '\0')
        ol_buf_addf(&text, "%s/outlayer/contracts", xdg);
    else if (home != NULL && home[0] != '\0')
        ol_buf_addf(&text, "%s/.cache/outlayer/contracts", home);
    path[ol_buf_ok(&text) ? text.len : 0] = '\0';
    if (path[0] != '\0' && ol_dir_make(path, &err) != OL_OK)
        path[0] = '\0';
}

static bool state_exists(const localnet_options *set)
{
    return set->state_file.len > 0 && access(set->state_file.data, F_OK) == 0;
}

ol_rc node_start(const localnet_options *set, const ol_clock *clock, ol_node **ret, ol_err *err)
{
    static const uint64_t NS_PER_MS = 1000000;
    char cache[CACHE_PATH_BYTES];
    ol_rc rc;
    genesis *world = calloc(1, sizeof *world);
    if (world == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    cache_path(set, cache);
    uint64_t genesis_ms = set->genesis_ms;
    if (genesis_ms == 0 && !set->steps)
        genesis_ms = (uint64_t)ol_wall_ms(clock);
    rc = genesis_fill(world, set, err);
    const ol_node_options options = {
        .chain_id = set->chain_id,
        .protocol_version = (uint32_t)set->protocol_version,
        .seed = set->seed,
        .genesis_time_ns = genesis_ms * NS_PER_MS,
        .clock = set->steps ? NULL : clock,
        .finality_lag = (unsigned)set->finality_lag,
        .blocks_kept = BLOCKS_KEPT,
        .states_kept = STATES_KEPT,
        .accounts = world->account,
        .account_count = world->count,
        .cache_path = cache[0] == '\0' ? NULL : cache,
    };
    if (rc == OL_OK && state_exists(set))
        rc = ol_node_load(&options, set->state_file.data, ret, err);
    else if (rc == OL_OK)
        rc = ol_node_new(&options, ret, err);
    free(world);
    return rc;
}

ol_rc node_save(const localnet_options *set, const ol_node *node, ol_err *err)
{
    return ol_node_save(node, set->state_file.data, err);
}
