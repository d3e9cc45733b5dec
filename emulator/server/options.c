#include "emulator/server/options.h"

#include <stdio.h>
#include <string.h>

typedef ol_rc option_take(localnet_options *set, ol_str value, ol_err *err);

static ol_rc number_take(ol_str value, uint64_t min, uint64_t max, uint64_t *ret, ol_err *err)
{
    uint64_t number;
    if (!ol_u64_parse(value, &number) || number < min || number > max)
        return ol_fail(err, OL_ERR_USAGE, "\"%.*s\" is not a number from %llu to %llu",
                       OL_FMT(value), (unsigned long long)min, (unsigned long long)max);
    *ret = number;
    return OL_OK;
}

static ol_rc host_take(localnet_options *set, ol_str value, ol_err *err)
{
    (void)err;
    set->host = value;
    return OL_OK;
}

static ol_rc port_take(localnet_options *set, ol_str value, ol_err *err)
{
    uint64_t port = 0;
    OL_TRY(number_take(value, 0, UINT16_MAX, &port, err));
    set->port = (uint16_t)port;
    return OL_OK;
}

static ol_rc seed_take(localnet_options *set, ol_str value, ol_err *err)
{
    (void)err;
    set->seed = value;
    return OL_OK;
}

static ol_rc chain_id_take(localnet_options *set, ol_str value, ol_err *err)
{
    if (value.len == 0 || value.len > 64)
        return ol_fail(err, OL_ERR_USAGE, "a chain id has 1 to 64 bytes");
    set->chain_id = value;
    return OL_OK;
}

static ol_rc state_take(localnet_options *set, ol_str value, ol_err *err)
{
    (void)err;
    set->state_file = value;
    return OL_OK;
}

static ol_rc cache_take(localnet_options *set, ol_str value, ol_err *err)
{
    (void)err;
    set->cache_dir = value;
    return OL_OK;
}

static ol_rc produce_take(localnet_options *set, ol_str value, ol_err *err)
{
    static const struct {
        ol_str name;
        produce_mode mode;
    } modes[] = {{OL_STR_INIT("demand"), PRODUCE_DEMAND},
                 {OL_STR_INIT("interval"), PRODUCE_INTERVAL},
                 {OL_STR_INIT("manual"), PRODUCE_MANUAL}};
    OL_EACH (row, modes) {
        if (ol_str_eq(row->name, value)) {
            set->produce = row->mode;
            return OL_OK;
        }
    }
    return ol_fail(err, OL_ERR_USAGE, "\"%.*s\" is not demand, interval or manual", OL_FMT(value));
}

static ol_rc block_ms_take(localnet_options *set, ol_str value, ol_err *err)
{
    return number_take(value, 0, 3600000, &set->block_ms, err);
}

static ol_rc lag_take(localnet_options *set, ol_str value, ol_err *err)
{
    return number_take(value, 0, OPTIONS_FINALITY_LAG_MAX, &set->finality_lag, err);
}

static ol_rc wait_take(localnet_options *set, ol_str value, ol_err *err)
{
    return number_take(value, 1, 600000, &set->wait_ms, err);
}

static ol_rc protocol_take(localnet_options *set, ol_str value, ol_err *err)
{
    return number_take(value, 84, 86, &set->protocol_version, err);
}

static ol_rc genesis_ms_take(localnet_options *set, ol_str value, ol_err *err)
{
    return number_take(value, 0, INT64_MAX / 1000000, &set->genesis_ms, err);
}

static ol_rc clock_take(localnet_options *set, ol_str value, ol_err *err)
{
    set->steps = ol_str_eq(value, OL_STR("steps"));
    if (!set->steps && !ol_str_eq(value, OL_STR("real")))
        return ol_fail(err, OL_ERR_USAGE, "\"%.*s\" is not real or steps", OL_FMT(value));
    return OL_OK;
}

/* ID=NEAR or ID=NEAR=PUBLIC_KEY: whole NEAR, the usual unit of a command line. */
static ol_rc account_take(localnet_options *set, ol_str value, ol_err *err)
{
    const ol_u128 yocto_per_near = (ol_u128)1000000000000000000u * 1000000u;
    genesis_account account = {0};
    ol_str amount;
    ol_u128 near;
    if (set->accounts == OPTIONS_ACCOUNTS_MAX)
        return ol_fail(err, OL_ERR_USAGE, "more than %d accounts", OPTIONS_ACCOUNTS_MAX);
    if (!ol_str_cut(value, '=', &account.account_id, &amount))
        return ol_fail(err, OL_ERR_USAGE, "expected ID=NEAR or ID=NEAR=PUBLIC_KEY");
    (void)ol_str_cut(amount, '=', &amount, &account.public_key);
    if (!ol_u128_parse(amount, &near) || !ol_u128_mul(near, yocto_per_near, &account.balance.yocto))
        return ol_fail(err, OL_ERR_USAGE, "\"%.*s\" is not a number of NEAR", OL_FMT(amount));
    set->account[set->accounts++] = account;
    return OL_OK;
}

static ol_rc log_take(localnet_options *set, ol_str value, ol_err *err)
{
    if (!ol_level_parse(value, &set->log_level))
        return ol_fail(err, OL_ERR_USAGE, "\"%.*s\" is not debug, info, warn or error",
                       OL_FMT(value));
    return OL_OK;
}

static const struct {
    const char *name;
    const char *value;
    const char *help;
    option_take *take;
} OPTIONS[] = {
    {"--host", "ADDRESS", "address to listen on (127.0.0.1)", host_take},
    {"--port", "N", "port, 0 for a free one (3030)", port_take},
    {"--seed", "TEXT", "of all keys that are not given (dev)", seed_take},
    {"--account", "ID=NEAR", "a genesis account; ID=NEAR=PUBLIC_KEY gives it a key; repeats",
     account_take},
    {"--chain-id", "NAME", "what `status` and contracts are told (localnet)", chain_id_take},
    {"--protocol-version", "N", "fees and limits of protocol version 84, 85 or 86 (86)",
     protocol_take},
    {"--produce", "MODE", "demand, interval or manual: when blocks are made (demand)",
     produce_take},
    {"--block-ms", "N", "time between empty blocks; 0: none by the clock (0)", block_ms_take},
    {"--finality-lag", "N", "blocks by which final stays behind the head, up to 20 (0)", lag_take},
    {"--wait-ms", "N", "how long a request may wait for its outcome (10000)", wait_take},
    {"--clock", "KIND", "real, or steps: 600 ms a block whenever it is made (real)", clock_take},
    {"--genesis-ms", "N", "wall clock of the genesis block, ms since 1970 (now; steps: 2026)",
     genesis_ms_take},
    {"--state", "FILE", "loaded at start when it exists, saved at the end", state_take},
    {"--cache", "FOLDER", "of compiled contracts (user cache folder)", cache_take},
    {"--log", "LEVEL", "debug, info, warn or error (info)", log_take},
};

static ol_rc option_apply(localnet_options *set, ol_str name, const ol_str *value, bool *ret_used,
                          ol_err *err)
{
    OL_EACH (row, OPTIONS) {
        if (!ol_str_eq(name, ol_str_of(row->name)))
            continue;
        if (value == NULL)
            return ol_fail(err, OL_ERR_USAGE, "%s needs %s", row->name, row->value);
        *ret_used = true;
        OL_TRY_NOTE(err, row->take(set, *value, err), "%s", row->name);
        return OL_OK;
    }
    return ol_fail(err, OL_ERR_USAGE, "unknown option %.*s; see --help", OL_FMT(name));
}

ol_rc options_parse(int argc, char *const *argv, localnet_options *ret, ol_err *err)
{
    localnet_options set = {.host = OL_STR("127.0.0.1"),
                            .port = 3030,
                            .seed = OL_STR("dev"),
                            .chain_id = OL_STR("localnet"),
                            .wait_ms = OPTIONS_WAIT_MS,
                            .protocol_version = 86,
                            .log_level = OL_INFO};
    for (int i = 1; i < argc; i++) {
        ol_str name = ol_str_of(argv[i]);
        ol_str value;
        bool used = false;
        set.help |= ol_str_eq(name, OL_STR("--help"));
        set.version |= ol_str_eq(name, OL_STR("--version"));
        if (set.help || set.version)
            break;
        if (ol_str_cut(name, '=', &name, &value)) {
            OL_TRY(option_apply(&set, name, &value, &used, err));
            continue;
        }
        bool more = i + 1 < argc;
        if (more)
            value = ol_str_of(argv[i + 1]);
        OL_TRY(option_apply(&set, name, more ? &value : NULL, &used, err));
        i += used;
    }
    if (set.produce == PRODUCE_INTERVAL && set.block_ms == 0)
        set.block_ms = 1000;
    *ret = set;
    return OL_OK;
}

void options_print(void)
{
    (void)printf("outlayer-localnet: NEAR on one machine, for tests and development\n\n");
    OL_EACH (row, OPTIONS)
        (void)printf("  %-18s %-10s %s\n", row->name, row->value, row->help);
    (void)printf("  --help, --version\n\n"
                 "JSON-RPC at POST /, blocks as neardata serves them at /v0/block/HEIGHT, control\n"
                 "at /dev/. Keys that follow from a seed are public: never fund them on a real "
                 "network.\n");
}
