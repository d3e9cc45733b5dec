#include "tests/chain/fuzz/steps.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "lib/crypto/ed25519.h"

const char *const USERS[USER_COUNT] = {"alice.near", "bob.near", "carol.near"};

/* Letters behind a $ stand for:
 *
 *   a account   n project name   p project id   v version key   s code source   e any source
 *   l limits    r request id     i input        u amount of a token             U small number
 *   c access    o response       O output       k accessor      f profile       d ciphertext
 *   N key nonce D a yield's data id             w wallet (with its signature: W)
 *   b boolean   m token's message               P prices of operations          t token */
const step STEPS[] = {
    /* requests */
    {"request_execution", 'u', 'e', 60, false,
     "{\"source\":$e,\"resource_limits\":$l,\"input_data\":\"$i\",\"response_format\":\"Json\"}"},
    {"request_execution", 'u', 'e', 40, false,
     "{\"source\":{\"Project\":{\"project_id\":\"$p\"}},\"resource_limits\":$l,\"input_data\":"
     "\"{\\\"operation\\\":\\\"send\\\"}\",\"params\":{\"attached_usd\":\"$u\"},"
     "\"payer_account_id\":\"$a\"}"},
    {"request_execution", 'u', 'r', 10, false, "{\"source\":$s,\"params\":{\"compile_only\":$b}}"},
    {"resolve_execution", 'p', '0', 40, false, "{\"request_id\":$r,\"response\":$o}"},
    {"submit_execution_output", 'p', '0', 8, false, "{\"request_id\":$r,\"output\":$O}"},
    {"submit_execution_output_and_resolve", 'p', '0', 20, false,
     "{\"request_id\":$r,\"output\":$O,\"success\":$b,\"error\":null,\"resources_used\":"
     "{\"instructions\":$U,\"time_ms\":$U},\"refund_usd\":$U}"},
    {"cancel_stale_execution", 'u', '0', 12, false, "{\"request_id\":$r}"},
    {"emergency_cancel_execution", 'o', '0', 6, false, "{\"request_id\":$r}"},
    {"cancel_pending_requests", 'o', '0', 2, false, "{\"request_ids\":[$r,$r,$r]}"},
    {"clear_all_pending_requests", 'o', '0', 1, false, "{\"limit\":2}"},
    {"on_execution_response", 'u', '0', 2, false, "{\"request_id\":$r}"},
    {"get_request", 'u', '0', 4, true, "{\"request_id\":$r}"},
    {"get_pending_output", 'u', '0', 2, true, "{\"request_id\":$r}"},
    {"has_pending_output", 'u', '0', 1, true, "{\"request_id\":$r}"},
    {"get_pending_request_ids", 'u', '0', 2, true, "{\"from_index\":$U,\"limit\":5}"},
    /* projects */
    {"create_project", 'u', 'e', 24, false, "{\"name\":\"$n\",\"source\":$s}"},
    {"add_version", 'u', 'e', 12, false,
     "{\"project_name\":\"$n\",\"source\":$s,\"set_active\":$b}"},
    {"set_active_version", 'u', '0', 8, false, "{\"project_name\":\"$n\",\"version_key\":\"$v\"}"},
    {"remove_version", 'u', '0', 8, false, "{\"project_name\":\"$n\",\"version_key\":\"$v\"}"},
    {"delete_project", 'u', '0', 6, false, "{\"project_name\":\"$n\"}"},
    {"transfer_project", 'u', '0', 10, false, "{\"project_name\":\"$n\",\"new_owner\":\"$a\"}"},
    {"accept_project", 'u', '0', 12, false, "{\"project_id\":\"$p\"}"},
    {"accept_project", 'u', 'e', 12, false, "{\"project_id\":\"$p\"}"},
    {"get_project", 'u', '0', 2, true, "{\"project_id\":\"$p\"}"},
    {"list_user_projects", 'u', '0', 1, true, "{\"account_id\":\"$a\"}"},
    {"get_version", 'u', '0', 2, true, "{\"project_id\":\"$p\",\"version_key\":\"$v\"}"},
    {"list_versions", 'u', '0', 1, true, "{\"project_id\":\"$p\"}"},
    {"get_version_count", 'u', '0', 1, true, "{\"project_id\":\"$p\"}"},
    /* secrets and payment keys */
    {"store_secrets", 'u', 'e', 20, false,
     "{\"accessor\":$k,\"profile\":\"$f\",\"encrypted_secrets_base64\":\"$d\",\"access\":$c}"},
    {"store_secrets", 'u', 'e', 12, false,
     "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"$N\",\"encrypted_secrets_base64\":"
     "\"$d\",\"access\":\"AllowAll\"}"},
    {"store_secrets", 'u', 'r', 4, false,
     "{\"accessor\":$k,\"profile\":\"$f\",\"encrypted_secrets_base64\":\"$d\",\"access\":$c,"
     "\"vault_id\":\"$a\"}"},
    {"unbind_secret_vault", 'u', '0', 3, false, "{\"accessor\":$k,\"profile\":\"$f\"}"},
    {"delete_secrets", 'u', '0', 10, false, "{\"accessor\":$k,\"profile\":\"$f\"}"},
    {"update_access", 'u', 'r', 8, false, "{\"accessor\":$k,\"profile\":\"$f\",\"new_access\":$c}"},
    {"get_secrets", 'u', '0', 3, true, "{\"accessor\":$k,\"profile\":\"$f\",\"owner\":\"$a\"}"},
    {"secrets_exist", 'u', '0', 1, true, "{\"accessor\":$k,\"profile\":\"$f\",\"owner\":\"$a\"}"},
    {"get_secret_vault", 'u', '0', 1, true,
     "{\"accessor\":$k,\"profile\":\"$f\",\"owner\":\"$a\"}"},
    {"get_secret_with_vault", 'u', '0', 1, true,
     "{\"accessor\":$k,\"profile\":\"$f\",\"owner\":\"$a\"}"},
    {"estimate_storage_cost", 'u', '0', 2, true,
     "{\"accessor\":$k,\"profile\":\"$f\",\"owner\":\"$a\",\"encrypted_secrets_base64\":\"$d\","
     "\"access\":$c}"},
    {"list_user_secrets", 'u', '0', 2, true, "{\"account_id\":\"$a\"}"},
    {"list_profiles", 'u', '0', 1, true, "{\"_repo\":\"r\",\"_branch\":null}"},
    {"get_next_payment_key_nonce", 'u', '0', 2, true, "{\"account_id\":\"$a\"}"},
    {"delete_payment_key", 'u', '1', 8, false, "{\"nonce\":$N}"},
    {"resume_topup", 'p', '0', 10, false,
     "{\"data_id\":\"$D\",\"result\":{\"Success\":{\"new_encrypted_data\":\"$d\"}}}"},
    {"resume_topup", 'p', '0', 4, false,
     "{\"data_id\":\"$D\",\"result\":{\"Error\":{\"message\":\"$i\"}}}"},
    {"resume_delete_payment_key", 'p', '0', 8, false,
     "{\"data_id\":\"$D\",\"result\":\"Success\"}"},
    {"resume_delete_payment_key", 'p', '0', 3, false,
     "{\"data_id\":\"$D\",\"result\":{\"Error\":{\"message\":\"no\"}}}"},
    {"on_top_up_response", 'u', '0', 1, false, "{\"owner\":\"$a\",\"nonce\":$N,\"amount\":\"$u\"}"},
    {"on_delete_payment_key_response", 'u', '0', 1, false, "{\"owner\":\"$a\",\"nonce\":$N}"},
    {"top_up_payment_key_with_near", 'u', 'e', 12, false,
     "{\"nonce\":$N,\"swap_contract_id\":\"swap.near\"}"},
    {"top_up_payment_key_with_token", 'u', '0', 1, false,
     "{\"nonce\":$N,\"token_id\":\"$t\",\"amount\":\"$u\",\"swap_contract_id\":\"$a\"}"},
    {"store_agent_secret", 'u', 'e', 3, false,
     "{\"agent_pubkey\":\"$w\",\"accessor\":$k,\"profile\":\"$f\",\"wallet_signature\":\"00\","
     "\"encrypted_secrets_base64\":\"$d\",\"access\":$c}"},
    {"delete_agent_secret", 'u', '0', 1, false,
     "{\"agent_pubkey\":\"$w\",\"accessor\":$k,\"profile\":\"$f\",\"wallet_signature\":\"00\"}"},
    /* wallets */
    {"store_wallet_policy", 'u', 'e', 12, false, "$W"},
    {"freeze_wallet", 'u', '0', 4, false, "{\"wallet_pubkey\":\"$w\"}"},
    {"unfreeze_wallet", 'u', '0', 4, false, "{\"wallet_pubkey\":\"$w\"}"},
    {"delete_wallet_policy", 'u', '0', 5, false, "{\"wallet_pubkey\":\"$w\"}"},
    {"has_wallet_policy", 'u', '0', 1, true, "{\"wallet_pubkey\":\"$w\"}"},
    {"get_wallet_policy", 'u', '0', 1, true, "{\"wallet_pubkey\":\"$w\"}"},
    {"get_wallet_policies_by_owner", 'u', '0', 1, true, "{\"owner\":\"$a\"}"},
    {"estimate_wallet_policy_cost", 'u', '0', 1, true,
     "{\"wallet_pubkey\":\"$w\",\"encrypted_data\":\"$d\"}"},
    /* tokens */
    {"ft_on_transfer", 't', '0', 40, false,
     "{\"sender_id\":\"$a\",\"amount\":\"$u\",\"msg\":\"$m\"}"},
    {"withdraw_developer_earnings", 'u', '1', 10, false, "{}"},
    {"withdraw_balance", 'u', '1', 8, false, "{\"amount\":\"$u\"}"},
    {"withdraw_balance", 'u', '1', 4, false, "{\"token\":\"$t\"}"},
    {"withdraw_revenue", 'o', '1', 4, false, "{}"},
    {"on_withdraw_developer_earnings", 'u', '0', 1, false,
     "{\"developer\":\"$a\",\"amount\":\"$u\",\"token\":1,\"ledger\":101}"},
    {"get_developer_earnings", 'u', '0', 1, true, "{\"account_id\":\"$a\"}"},
    {"get_user_stablecoin_balance", 'u', '0', 1, true, "{\"account_id\":\"$a\"}"},
    {"get_revenue", 'u', '0', 1, true, "{}"},
    /* prices and plans */
    {"set_subscription_plans", 'o', '0', 2, false,
     "{\"plans\":[{\"index\":1,\"name\":\"pro\",\"price_usd\":\"20000\",\"active\":$b}]}"},
    {"get_subscription_plans", 'u', '0', 1, true, "{}"},
    {"set_project_pricing", 'o', '0', 6, false, "{\"project_id\":\"$p\",\"pricing\":$P}"},
    {"remove_project_pricing", 'o', '0', 3, false, "{\"project_id\":\"$p\"}"},
    {"get_project_pricing", 'u', '0', 1, true, "{\"project_id\":\"$p\"}"},
    {"get_project_max_price", 'u', '0', 1, true, "{\"project_id\":\"$p\"}"},
    {"get_priced_projects", 'u', '0', 1, true, "{}"},
    {"get_priced_project_count", 'u', '0', 1, true, "{}"},
    /* administration */
    {"new", 'u', '0', 1, false, "{\"owner_id\":\"$a\"}"},
    {"migrate", 'u', '0', 1, false, "{}"},
    {"set_owner", 'u', '0', 1, false, "{\"new_owner_id\":\"$a\"}"},
    {"accept_owner", 'u', '0', 1, false, "{}"},
    {"set_operator", 'u', '0', 1, false, "{\"new_operator_id\":\"$a\"}"},
    {"set_operator", 'o', '0', 1, false, "{\"new_operator_id\":\"op.near\"}"},
    {"set_paused", 'o', '0', 2, false, "{\"paused\":$b}"},
    {"set_paused", 'o', '0', 4, false, "{\"paused\":false}"},
    {"set_pricing", 'o', '0', 2, false, "{\"base_fee\":\"1000000000000000000000\"}"},
    {"set_pricing", 'o', '0', 1, false, "{\"base_fee\":\"$u\",\"per_ms_fee\":\"$u\"}"},
    {"set_policy", 'o', '0', 2, false, "{\"charge_failures\":$b,\"compile_estimate_ms\":$U}"},
    {"set_payment_token_contract", 'o', '0', 3, false, "{\"token_contract\":\"$t\"}"},
    {"set_payment_token_contract", 'o', '0', 12, false, "{\"token_contract\":\"usdc.near\"}"},
    {"set_payment_token_contract", 'o', '0', 1, false, "{\"token_contract\":null}"},
    {"set_event_metadata", 'o', '0', 1, false, "{\"version\":\"1.0.1\"}"},
    {"withdraw_fees", 'o', '0', 3, false, "{\"amount\":\"$u000000000000000\"}"},
    {"set_near_top_up", 'u', '0', 1, false, "{\"swap_contracts\":[]}"},
    {"set_near_top_up", 'o', '0', 3, false,
     "{\"project_id\":\"$p\",\"swap_contracts\":[\"swap.near\",\"$a\"]}"},
    {"get_near_top_up", 'u', '0', 1, true, "{}"},
    {"get_stats", 'u', '0', 1, true, "{}"},
    {"get_pricing", 'u', '0', 1, true, "{}"},
    {"get_pricing_full", 'u', '0', 1, true, "{}"},
    {"estimate_execution_cost", 'u', '0', 1, true, "{\"resource_limits\":$l}"},
    {"get_max_limits", 'u', '0', 1, true, "{}"},
    {"get_policy", 'u', '0', 1, true, "{}"},
    {"is_paused", 'u', '0', 1, true, "{}"},
    {"get_config", 'u', '0', 1, true, "{}"},
    {"get_event_metadata", 'u', '0', 1, true, "{}"},
    {"get_payment_token_contract", 'u', '0', 1, true, "{}"},
    {"get_storage_version", 'u', '0', 1, true, "{}"},
    {"contract_source_metadata", 'u', '0', 1, true, "{}"},
    /* the callbacks of others */
    {"on_near_wrapped", 'u', '0', 1, false, "{}"},
    {"on_wrapped_sent", 'u', '0', 1, false, "{}"},
    {"on_near_unwrapped", 'u', '0', 1, false, "{}"},
    {"on_swap_asked", 'u', '0', 1, false, "{}"},
};
const size_t STEP_COUNT = sizeof STEPS / sizeof *STEPS;
_Static_assert(sizeof STEPS / sizeof *STEPS <= WORLD_ROWS_MAX, "the table of successes");

#define PICK(w, list) ((list)[world_random((w), sizeof(list) / sizeof *(list))])

static const char *const NAMES[] = {"app", "app", "app", "app", "b", "b", "X_2", ""};
static const char *const PROFILES[] = {"default", "default", "default", "prod", ""};
static const char *const SOURCES[] = {
    "{\"GitHub\":{\"repo\":\"https://github.com/u/r\",\"commit\":\"abc\",\"build_target\":null}}",
    "{\"GitHub\":{\"repo\":\"r\",\"commit\":\"main\"}}",
    ("{\"WasmUrl\":{\"url\":\"https://x/"
     "y.wasm\",\"hash\":\"abab\",\"build_target\":\"wasm32-wasip2\"}}"),
    "{\"WasmUrl\":{\"url\":\"https://x/z.wasm\",\"hash\":\"cdcd\"}}",
};
static const char *const VERSIONS[] = {"https://github.com/u/r@abc", "r@main", "abab", "cdcd", "z"};
static const char *const LIMITS[] = {
    "{\"max_instructions\":1000000000,\"max_memory_mb\":128,\"max_execution_seconds\":60}",
    "{\"max_instructions\":500000000000,\"max_execution_seconds\":180}",
    "{\"max_instructions\":600000000000}",
    "{}",
    "null",
};
static const char *const ACCESS[] = {
    "\"AllowAll\"",
    "{\"Whitelist\":{\"accounts\":[\"alice.near\",\"bob.near\"]}}",
    "{\"Not\":{\"condition\":{\"AccountPattern\":{\"pattern\":\".*\\\\.near\"}}}}",
    ("{\"Logic\":{\"operator\":\"Or\",\"conditions\":[\"AllowAll\",{\"NearBalance\":{\"operator\":"
     "\"Gte\",\"value\":\"5\"}}]}}"),
    "{\"Logic\":{\"operator\":\"Xor\",\"conditions\":[]}}",
};
static const char *const OUTPUTS[] = {
    "{\"Json\":{\"key\":\"value\",\"n\":[1,2.5,null]}}",
    "{\"Text\":\"done\"}",
    "{\"Bytes\":[0,255,7]}",
};
static const char *const RESPONSES[] = {
    "{\"success\":true,\"output\":{\"Text\":\"done\"},\"error\":null,\"resources_used\":"
    "{\"instructions\":10000000,\"time_ms\":5000,\"compile_time_ms\":null},\"compilation_note\":"
    "null,"
    "\"refund_usd\":null}",
    "{\"success\":true,\"output\":{\"Json\":{\"a\":1}},\"error\":null,\"resources_used\":"
    "{\"instructions\":1,\"time_ms\":1,\"compile_time_ms\":7},\"compilation_note\":\"n\","
    "\"refund_usd\":99999}",
    "{\"success\":false,\"output\":null,\"error\":\"boom \\u00e9\\u20ac\",\"resources_used\":"
    "{\"instructions\":999999999999,\"time_ms\":180000},\"compilation_note\":null}",
    "{\"success\":false,\"output\":{\"Text\":\"half\"},\"error\":null,\"resources_used\":"
    "{\"instructions\":18446744073709551615,\"time_ms\":18446744073709551615,"
    "\"compile_time_ms\":18446744073709551615},\"refund_usd\":1}",
};
static const char *const MESSAGES[] = {
    "{\\\"action\\\":\\\"deposit_balance\\\"}",
    "{\\\"action\\\":\\\"deposit_balance\\\"}",
    "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1}",
    "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":2}",
    "{\\\"action\\\":\\\"buy_subscription\\\",\\\"nonce\\\":1,\\\"plan\\\":1}",
    "nonsense",
};
static const char *const PRICES[] = {
    "{\"author_account_id\":\"bob.near\",\"operations\":[{\"operation\":\"send\",\"price_usd\":"
    "\"3000\",\"developer_share_bp\":7000}]}",
    "{\"author_account_id\":\"carol.near\",\"operations\":[{\"operation\":\"send\",\"price_usd\":"
    "\"0\",\"developer_share_bp\":10000},{\"operation\":\"get\",\"price_usd\":\"5\","
    "\"developer_share_bp\":0}]}",
    "{\"author_account_id\":\"bob.near\",\"operations\":[]}",
};
static const char *const AMOUNTS[] = {"0",     "1",       "3000",    "5000",        "20000",
                                      "20000", "1000000", "1000000", "999999999999"};

static const char *account(world *w)
{
    static const char *const others[] = {"owner.near", "op.near", "dave.near", "outlayer.near"};

    return world_random(w, 12) ? USERS[world_random(w, USER_COUNT)] : PICK(w, others);
}

/* Letters, mostly few, now and then very many. */
static void add_letters(world *w, ol_buf *into, unsigned letters_max)
{
    uint64_t kind = world_random(w, 50);
    uint64_t count = world_random(w, kind == 0 ? letters_max : kind < 10 ? 1200 : 60);

    for (uint64_t i = 0; i < count; i++)
        ol_buf_add_char(into, (char)('a' + (int)world_random(w, 26)));
}

static ol_ed25519_key wallet_key(uint64_t number)
{
    uint8_t seed[OL_ED25519_SEED_BYTES] = {(uint8_t)number};
    ol_ed25519_key key;

    ol_ed25519_key_of_seed(seed, &key);
    return key;
}

static void add_wallet(ol_buf *into, uint64_t number)
{
    ol_ed25519_key key = wallet_key(number);
    ol_ed25519_public public = ol_ed25519_public_of(&key);

    ol_buf_add_str(into, OL_STR("ed25519:"));
    ol_hex_add(into, (ol_bytes){public.bytes, sizeof public.bytes});
    ol_ed25519_key_deinit(&key);
}

/* Arguments of store_wallet_policy with a signature of the wallet (Contract 9). */
static void add_policy(world *w, ol_buf *into, ol_str caller)
{
    uint64_t number = world_random(w, 4);
    ol_buf wallet = ol_buf_new(256), data = ol_buf_new(OL_MIB(1)), message = ol_buf_new(OL_MIB(2));
    ol_ed25519_key key = wallet_key(number);
    ol_ed25519_signature signature;
    ol_sha256 digest;

    add_wallet(&wallet, number);
    add_letters(w, &data, 20000);
    ol_buf_addf(&message, "store_wallet_policy:v1:%.*s:%zu:%.*s:%.*s", OL_FMT(ol_buf_str(&wallet)),
                data.len, OL_FMT(ol_buf_str(&data)), OL_FMT(caller));
    digest = ol_sha256_of(ol_buf_bytes(&message));
    signature = ol_ed25519_sign(&key, ol_sha256_bytes(&digest));
    ol_buf_addf(into,
                "{\"wallet_pubkey\":\"%.*s\",\"encrypted_data\":\"%.*s\",\"wallet_signature\":\"",
                OL_FMT(ol_buf_str(&wallet)), OL_FMT(ol_buf_str(&data)));
    ol_hex_add(into, (ol_bytes){signature.bytes, sizeof signature.bytes});
    ol_buf_add_str(into, OL_STR("\"}"));
    ol_ed25519_key_deinit(&key);
    ol_buf_deinit(&wallet);
    ol_buf_deinit(&data);
    ol_buf_deinit(&message);
}

static void add_data_id(world *w, ol_buf *into)
{
    static const uint8_t none[OL_SHA256_BYTES];
    ol_bytes id = {none, sizeof none};

    if (w->yield_count > 0 && world_random(w, 10))
        id = ol_sha256_bytes(&w->yields[world_random(w, w->yield_count)].data_id);
    ol_hex_add(into, id);
}

static void add_accessor(world *w, ol_buf *into)
{
    switch (world_random(w, 4)) {
    case 0:
        ol_buf_addf(into, "{\"Repo\":{\"repo\":\"github.com/u/%s\",\"branch\":%s}}", PICK(w, NAMES),
                    world_random(w, 2) ? "null" : "\"main\"");
        return;
    case 1:
        ol_buf_addf(into, "{\"WasmHash\":{\"hash\":\"%064d\"}}", (int)world_random(w, 2));
        return;
    case 2:
        ol_buf_addf(into, "{\"Project\":{\"project_id\":\"%s/%s\"}}", account(w), PICK(w, NAMES));
        return;
    default:
        ol_buf_add_str(into, OL_STR("{\"System\":\"PaymentKey\"}"));
    }
}

static void add_text(ol_buf *into, const char *text)
{
    ol_buf_add_str(into, ol_str_of(text));
}

/* Ids are dense; mostly a recent one. */
static void add_request(world *w, ol_buf *into)
{
    uint64_t newest = w->requests;

    ol_buf_addf(into, "%lu",
                (unsigned long)(newest > 8 && world_random(w, 10) ? newest - world_random(w, 8)
                                                                  : world_random(w, newest + 2)));
}

/* Half the time one that mostly exists. */
static void add_project(world *w, ol_buf *into)
{
    if (world_random(w, 2))
        add_text(into, "alice.near/app");
    else
        ol_buf_addf(into, "%s/%s", account(w), PICK(w, NAMES));
}

static void add_value(world *w, ol_buf *into, char letter, ol_str caller)
{
    switch (letter) {
    case 'a':
        add_text(into, account(w));
        break;
    case 'n':
        add_text(into, PICK(w, NAMES));
        break;
    case 'p':
        add_project(w, into);
        break;
    case 'v':
        add_text(into, PICK(w, VERSIONS));
        break;
    case 's':
        add_text(into, PICK(w, SOURCES));
        break;
    case 'e':
        if (world_random(w, 3)) {
            add_text(into, PICK(w, SOURCES));
            break;
        }
        add_text(into, "{\"Project\":{\"project_id\":\"");
        add_project(w, into);
        add_text(into, "\"}}");
        break;
    case 'l':
        add_text(into, PICK(w, LIMITS));
        break;
    case 'r':
        add_request(w, into);
        break;
    case 'i':
        add_letters(w, into, 30000);
        break;
    case 'd':
        add_letters(w, into, 5000);
        break;
    case 'u':
        add_text(into, PICK(w, AMOUNTS));
        break;
    case 'U':
        ol_buf_addf(into, "%u", (unsigned)world_random(w, 5000));
        break;
    case 'c':
        add_text(into, PICK(w, ACCESS));
        break;
    case 'o':
        add_text(into, PICK(w, RESPONSES));
        break;
    case 'O':
        if (world_random(w, 4)) {
            add_text(into, PICK(w, OUTPUTS));
        } else {
            add_text(into, "{\"Text\":\"");
            add_letters(w, into, 40000);
            add_text(into, "\"}");
        }
        break;
    case 'k':
        add_accessor(w, into);
        break;
    case 'f':
        add_text(into, PICK(w, PROFILES));
        break;
    case 'N':
        ol_buf_addf(into, "%u", (unsigned)world_random(w, 4));
        break;
    case 'D':
        add_data_id(w, into);
        break;
    case 'w':
        add_wallet(into, world_random(w, 4));
        break;
    case 'W':
        add_policy(w, into, caller);
        break;
    case 'b':
        add_text(into, world_random(w, 2) ? "true" : "false");
        break;
    case 'm':
        add_text(into, PICK(w, MESSAGES));
        break;
    case 'P':
        add_text(into, PICK(w, PRICES));
        break;
    case 't':
        add_text(into, world_random(w, 3) ? "usdc.near" : "usdt.near");
        break;
    default:
        OL_UNREACHABLE();
    }
}

static ol_str caller_of(world *w, char who)
{
    switch (who) {
    case 'o':
        return OL_STR("owner.near");
    case 'p':
        return OL_STR("op.near");
    case 't':
        return world_random(w, 5) ? WORLD_TOKEN : WORLD_OTHER_TOKEN;
    case 's':
        return WORLD_CONTRACT;
    default:
        return ol_str_of(USERS[world_random(w, USER_COUNT)]);
    }
}

static ol_u128 deposit_of(world *w, char kind)
{
    static const uint64_t milli[] = {0, 1, 10, 100, 2000};
    ol_u128 milli_near = (ol_u128)1000000000000 * 1000000000;

    switch (kind) {
    case '1':
        return 1;
    case 'e':
        return 500 * milli_near;
    case 'r':
        return PICK(w, milli) * milli_near;
    default:
        return 0;
    }
}

world_call step_call(world *w, const step *s)
{
    ol_str caller = caller_of(w, world_random(w, 40) ? s->who : 'u');

    ol_buf_clear(&w->text);
    for (const char *p = s->args; *p; p++) {
        if (*p == '$' && p[1])
            add_value(w, &w->text, *++p, caller);
        else
            ol_buf_add_char(&w->text, *p);
    }
    CHECK(ol_buf_ok(&w->text));
    return (world_call){.caller = caller,
                        .deposit = deposit_of(w, s->deposit),
                        .method = ol_str_of(s->method),
                        .args = ol_buf_bytes(&w->text),
                        .view = s->view};
}

const step *step_pick(world *w)
{
    uint64_t sum = 0, at;

    for (size_t i = 0; i < STEP_COUNT; i++)
        sum += STEPS[i].weight;
    at = world_random(w, sum);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (at < STEPS[i].weight)
            return &STEPS[i];
        at -= STEPS[i].weight;
    }
    OL_UNREACHABLE();
}
