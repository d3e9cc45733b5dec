#include "services/keystore/settings.h"

#include "lib/base/log.h"
#include "lib/codec/hex.h"

#define AT(member) offsetof(keystore_settings, member)
#define TEXT(name, member, standard, help)                                                         \
    {name, OL_SETTING_TEXT, AT(member), standard, false, 0, 0, help}
#define NUMBER(name, member, standard, min, max, help)                                             \
    {name, OL_SETTING_U64, AT(member), standard, false, min, max, help}
#define FLAG(name, member, standard, help)                                                         \
    {name, OL_SETTING_BOOL, AT(member), standard, false, 0, 0, help}

static const ol_setting TABLE[] = {
    TEXT("SERVER_HOST", host, "0.0.0.0", "address of the listener"),
    NUMBER("SERVER_PORT", port, "8081", 0, 65535, "its port; 0 takes a free one and logs it"),
    TEXT("LOG_LEVEL", log_level, "info", "debug, info, warn or error"),
    TEXT("NEAR_RPC_URL", rpc_urls, NULL,
         "JSON-RPC of the chain; of three, comma-separated, two must agree"),
    TEXT("NEAR_CONTRACT_ID", contract_id, NULL, "account of the OutLayer contract"),
    TEXT("ALLOWED_WORKER_TOKEN_HASHES", worker_hashes, NULL,
         "SHA-256 of workers' tokens, hex, comma-separated"),
    TEXT("ALLOWED_COORDINATOR_TOKEN_HASHES", coordinator_hashes, NULL, "the same of coordinators"),
    TEXT("TEE_MODE", tee_mode, "none", "outlayer_tee wants sessions of registered keys; none"),
    TEXT("OPERATOR_ACCOUNT_ID", operator_account_id, NULL, "account that holds workers' keys"),
    {"KEYSTORE_MASTER_SECRET", OL_SETTING_SECRET, AT(master_secret), NULL, false, 0, 0,
     "64 hex digits; none: a random one, for development"},
    TEXT("KEYSTORE_MASTER_SECRET_OUT_PATH", master_secret_out, NULL,
         "file a random one is written to, mode 0600"),
    NUMBER("FACTS_MS", facts_ms, "600", 0, 60000, "how long a final block is taken as the last"),
    NUMBER("BLOCK_AGE_MAX_SECONDS", block_age_seconds, "120", 0, 86400,
           "a final block older than this is refused; 0: any"),
    NUMBER("DECISION_MS", decision_ms, "30000", 100, 120000,
           "how long one decision may ask the chain, all its reads together"),
    NUMBER("CHAIN_THREADS", threads, "4", 1, 64, "requests that ask the chain at once"),
    FLAG("LOCK_MEMORY", lock_memory, "true",
         "starts only where all its memory can be locked; false: warns, and locks the masters"),
    FLAG("LEGACY_SECRETS", legacy_secrets, "false",
         "also opens secrets sealed before ECIES, which anyone with the public key can read"),
    FLAG("NARROW_INPUTS", narrow_inputs, "true",
         "raw encryption only of payment keys, public keys only of secrets"),
    FLAG("BARE_CHALLENGES", bare_challenges, "false", "sessions also by signed bare challenges"),
    FLAG("STRICT_PROTECTED", strict_protected, "false",
         "drops PROTECTED_ values without proof of their origin"),
    FLAG("UPDATES_V1", updates_v1, "true",
         "also takes updates whose signed message has no expiry and binds names alone"),
    FLAG("STRICT_CODE", strict_code, "false", "secrets only for runs that name their code"),
    FLAG("STORAGE_V1", storage_v1, "false", "writes stored rows in the form before"),
};

static bool tee_mode_known(ol_str mode)
{
    return ol_str_eq(mode, OL_STR("none")) || ol_str_eq(mode, OL_STR("outlayer_tee"));
}

static void check(keystore_settings *set, ol_setting_faults *faults)
{
    enum { MASTER_DIGITS = 64 };
    ol_level level;
    set->require_sessions = ol_str_eq(set->tee_mode, OL_STR("outlayer_tee"));
    if (!tee_mode_known(set->tee_mode))
        ol_setting_fault(faults, "TEE_MODE: neither outlayer_tee nor none");
    if (set->require_sessions && set->operator_account_id.len == 0)
        ol_setting_fault(faults, "TEE_MODE=outlayer_tee needs OPERATOR_ACCOUNT_ID");
    if (set->require_sessions && set->rpc_urls.len == 0)
        ol_setting_fault(faults, "TEE_MODE=outlayer_tee needs NEAR_RPC_URL");
    if (set->rpc_urls.len > 0 && set->contract_id.len == 0)
        ol_setting_fault(faults, "NEAR_RPC_URL needs NEAR_CONTRACT_ID");
    /* A file that is empty is no wish for a random one. */
    if (set->master_secret.data != NULL &&
        (set->master_secret.len != MASTER_DIGITS || !ol_hex_is_digits(set->master_secret)))
        ol_setting_fault(faults, "KEYSTORE_MASTER_SECRET: 64 hex digits are wanted");
    if (set->log_level.len > 0 && !ol_level_parse(set->log_level, &level))
        ol_setting_fault(faults, "LOG_LEVEL: not one of debug, info, warn, error");
}

ol_rc keystore_settings_load(ol_arena *arena, keystore_settings *ret, ol_setting_faults *ret_faults)
{
    (void)ol_settings_load(TABLE, OL_COUNT(TABLE), ret, arena, ret_faults);
    check(ret, ret_faults);
    return ret_faults->count == 0 ? OL_OK : OL_ERR_SETTINGS;
}

void keystore_settings_print(void)
{
    ol_settings_print(TABLE, OL_COUNT(TABLE));
}
