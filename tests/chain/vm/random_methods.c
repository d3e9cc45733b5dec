#include "tests/chain/vm/random_methods.h"

#include <string.h>

enum { CALLS_MAX = 14, MEMORY = 65536 };

/* What stands for an argument, or for a length and a pointer:
 *
 *   k key     v value    a account   m method   b some bytes   y public key   h 32 bytes
 *   $ where an amount is    o where something is written   r register   n promise   g gas
 *   w weight  x small number   s signature   t text */
typedef struct imported {
    const char *name;
    const char *kinds;
    const char *params;
    char result;
} imported;

static const imported IMPORTED[] = {
    {"read_register", "ro", "ii", 0},
    {"register_len", "r", "i", 'i'},
    {"write_register", "rb", "iii", 0},
    {"current_account_id", "r", "i", 0},
    {"chain_id", "r", "i", 0},
    {"signer_account_id", "r", "i", 0},
    {"signer_account_pk", "r", "i", 0},
    {"predecessor_account_id", "r", "i", 0},
    {"refund_to_account_id", "r", "i", 0},
    {"input", "r", "i", 0},
    {"block_index", "", "", 'i'},
    {"block_timestamp", "", "", 'i'},
    {"epoch_height", "", "", 'i'},
    {"storage_usage", "", "", 'i'},
    {"account_balance", "o", "i", 0},
    {"account_locked_balance", "o", "i", 0},
    {"attached_deposit", "o", "i", 0},
    {"prepaid_gas", "", "", 'i'},
    {"used_gas", "", "", 'i'},
    {"random_seed", "r", "i", 0},
    {"sha256", "br", "iii", 0},
    {"keccak256", "br", "iii", 0},
    {"keccak512", "br", "iii", 0},
    {"ripemd160", "br", "iii", 0},
    {"ed25519_verify", "sbh", "iiiiii", 'i'},
    {"value_return", "v", "ii", 0},
    {"log_utf8", "t", "ii", 0},
    {"log_utf16", "t", "ii", 0},
    {"promise_create", "amb$g", "iiiiiiii", 'i'},
    {"promise_create", "amb$g", "iiiiiiii", 'i'},
    {"promise_then", "namb$g", "iiiiiiiii", 'i'},
    {"promise_batch_create", "a", "ii", 'i'},
    {"promise_batch_create", "a", "ii", 'i'},
    {"promise_batch_then", "na", "iii", 'i'},
    {"promise_set_refund_to", "na", "iii", 0},
    {"promise_batch_action_create_account", "n", "i", 0},
    {"promise_batch_action_deploy_contract", "nb", "iii", 0},
    {"promise_batch_action_function_call", "nmb$g", "iiiiiii", 0},
    {"promise_batch_action_function_call_weight", "nmb$gw", "iiiiiiii", 0},
    {"promise_batch_action_transfer", "n$", "ii", 0},
    {"promise_batch_action_stake", "n$y", "iiii", 0},
    {"promise_batch_action_add_key_with_full_access", "nyx", "iiii", 0},
    {"promise_batch_action_add_key_with_function_call", "nyx$am", "iiiiiiiii", 0},
    {"promise_batch_action_delete_key", "ny", "iii", 0},
    {"promise_batch_action_delete_account", "na", "iii", 0},
    {"promise_batch_action_deploy_global_contract", "nb", "iii", 0},
    {"promise_batch_action_use_global_contract", "nh", "iii", 0},
    {"promise_batch_action_use_global_contract_by_account_id", "na", "iii", 0},
    {"promise_batch_action_state_init", "nh$", "iiii", 'i'},
    {"promise_batch_action_transfer_to_gas_key", "ny$", "iiii", 0},
    {"promise_batch_action_add_gas_key_with_full_access", "nyx", "iiii", 0},
    {"promise_batch_action_add_gas_key_with_function_call", "nyx$am", "iiiiiiiii", 0},
    {"promise_return", "n", "i", 0},
    {"promise_results_count", "", "", 'i'},
    {"promise_result", "xr", "ii", 'i'},
    {"storage_write", "kvr", "iiiii", 'i'},
    {"storage_write", "kvr", "iiiii", 'i'},
    {"storage_write", "kvr", "iiiii", 'i'},
    {"storage_read", "kr", "iii", 'i'},
    {"storage_read", "kr", "iii", 'i'},
    {"storage_remove", "kr", "iii", 'i'},
    {"storage_remove", "kr", "iii", 'i'},
    {"storage_has_key", "k", "ii", 'i'},
    {"validator_stake", "ao", "iii", 0},
    {"validator_total_stake", "o", "i", 0},
};

enum {
    IMPORTED_COUNT = sizeof IMPORTED / sizeof *IMPORTED,
    KEYS_AT = 0, /* keys begin anywhere in the first 8 bytes, 1 to 4 long: few of them */
    TEXT_AT = 64,
    ACCOUNTS_AT = 256, /* 16 apart */
    METHOD_AT = 512,
    ED_KEY_AT = 600, /* 0 and 32 bytes */
    AMOUNT_AT = 704, /* 16 apart: 0, 1, 2^32 */
    OUT_AT = 8192,
};

static const char *const ACCOUNTS[] = {"bob.near", "app.near", "a", "carol.near", "0123456789"};

uint64_t random_next(random_state *r, uint64_t below)
{
    uint64_t z = (r->at += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static void pair(wasm_maker *m, random_state *r, uint64_t length, uint64_t at)
{
    static const uint64_t wild[] = {UINT64_MAX, UINT64_C(1) << 32, 1 << 20, 0, UINT64_MAX - 1};

    switch (random_next(r, 60)) {
    case 0:
        length = UINT64_MAX; /* from a register */
        at = random_next(r, 6);
        break;
    case 1:
        length = wild[random_next(r, 5)];
        break;
    case 2:
        at = wild[random_next(r, 5)];
        break;
    default:
        break;
    }
    wasm_i64(m, length);
    wasm_i64(m, at);
}

static void argument(wasm_maker *m, random_state *r, char kind)
{
    uint64_t number;

    switch (kind) {
    case 'k':
        pair(m, r, 1 + random_next(r, 4), KEYS_AT + random_next(r, 8));
        return;
    case 'v':
    case 'b':
        pair(m, r, random_next(r, 8) ? random_next(r, 100) : random_next(r, 6000),
             random_next(r, 200));
        return;
    case 't':
        pair(m, r, 2 * random_next(r, 40), TEXT_AT);
        return;
    case 'a':
        number = random_next(r, 5);
        pair(m, r, strlen(ACCOUNTS[number]), ACCOUNTS_AT + 16 * number);
        return;
    case 'm':
        pair(m, r, random_next(r, 12), METHOD_AT);
        return;
    case 'y':
        pair(m, r, random_next(r, 20) ? 33 : 32, ED_KEY_AT);
        return;
    case 'h':
        pair(m, r, random_next(r, 20) ? 32 : 31, ED_KEY_AT + 1);
        return;
    case 's':
        pair(m, r, random_next(r, 20) ? 64 : 63, TEXT_AT);
        return;
    case '$':
        wasm_i64(m, random_next(r, 40) ? AMOUNT_AT + 16 * random_next(r, 3) : MEMORY * 2048);
        return;
    case 'o':
        wasm_i64(m, random_next(r, 40) ? OUT_AT : UINT64_MAX - 7);
        return;
    case 'r':
        wasm_i64(m, random_next(r, 5));
        return;
    case 'n':
        wasm_i64(m, random_next(r, 30) ? random_next(r, 3) : random_next(r, 50));
        return;
    case 'g':
        wasm_i64(m, random_next(r, 30) ? random_next(r, 1000000000000) : UINT64_MAX);
        return;
    default: /* w, x */
        wasm_i64(m, random_next(r, 4));
        return;
    }
}

const char *random_method_name(size_t number)
{
    static const char *const names =
        "m00\0m01\0m02\0m03\0m04\0m05\0m06\0m07\0m08\0m09\0m10\0m11\0m12\0"
        "m13\0m14\0m15\0m16\0m17\0m18\0m19\0m20\0m21\0m22\0m23\0m24\0m25\0"
        "m26\0m27\0m28\0m29\0m30\0m31\0m32\0m33\0m34\0m35\0m36\0m37\0m38\0"
        "m39";
    return names + 4 * number;
}

static void make_method(wasm_maker *m, random_state *r, const unsigned *imports, size_t number)
{
    uint64_t count = 1 + random_next(r, CALLS_MAX);
    unsigned promises = 0;

    wasm_method(m, random_method_name(number));
    for (uint64_t c = 0; c < count; c++) {
        size_t i = (size_t)random_next(r, IMPORTED_COUNT);
        /* Most of what needs a promise comes behind one. */
        if (IMPORTED[i].kinds[0] == 'n' && promises == 0 && random_next(r, 30))
            continue;
        promises += strncmp(IMPORTED[i].name, "promise_", 8) == 0 && IMPORTED[i].result == 'i';
        for (const char *kind = IMPORTED[i].kinds; *kind; kind++)
            argument(m, r, *kind);
        wasm_call(m, imports[i]);
        if (IMPORTED[i].result)
            wasm_op(m, WASM_DROP);
    }
    wasm_end(m);
}

void random_module(wasm_maker *m, random_state *r)
{
    unsigned imports[IMPORTED_COUNT];
    uint8_t key[33] = {0, 7, 7, 7};
    uint8_t text[192];

    for (size_t i = 0; i < IMPORTED_COUNT; i++)
        imports[i] = wasm_import(m, IMPORTED[i].name, IMPORTED[i].params, IMPORTED[i].result);
    for (size_t n = 0; n < RANDOM_METHODS; n++)
        make_method(m, r, imports, n);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)('a' + i % 26);
    wasm_data(m, KEYS_AT, ol_str_bytes(OL_STR("abababacabab")));
    wasm_data(m, TEXT_AT, (ol_bytes){text, sizeof text});
    for (size_t i = 0; i < 5; i++)
        wasm_data(m, (uint32_t)(ACCOUNTS_AT + 16 * i), ol_str_bytes(ol_str_of(ACCOUNTS[i])));
    wasm_data(m, METHOD_AT, ol_str_bytes(OL_STR("work,play,and so on")));
    wasm_data(m, ED_KEY_AT, (ol_bytes){key, sizeof key});
    wasm_data(m, AMOUNT_AT + 16, ol_str_bytes(OL_STR("\1")));
    wasm_data(m, AMOUNT_AT + 36, ol_str_bytes(OL_STR("\1")));
}
