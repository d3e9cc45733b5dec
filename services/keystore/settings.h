/* Settings of the keystore (Keystore 1), read once. */
#ifndef KEYSTORE_SETTINGS_H
#define KEYSTORE_SETTINGS_H

#include "lib/base/settings.h"

typedef struct keystore_settings {
    ol_str host;
    uint64_t port;
    ol_str log_level;
    ol_str rpc_urls; /* comma-separated, the first is asked for the head */
    ol_str contract_id;
    ol_str worker_hashes; /* SHA-256 of tokens, hex, comma-separated */
    ol_str coordinator_hashes;
    ol_str tee_mode;
    ol_str operator_account_id;
    ol_str master_secret;     /* secret */
    ol_str master_secret_out; /* where a random one is written */
    uint64_t facts_ms;
    uint64_t decision_ms;
    uint64_t block_age_seconds;
    uint64_t threads;
    bool lock_memory; /* or do not start */
    bool legacy_secrets;
    bool narrow_inputs;    /* X9 */
    bool require_sessions; /* derived: tee_mode is outlayer_tee */
    bool bare_challenges;
    bool strict_protected; /* X4 */
    bool updates_v1;       /* X4: also messages without an expiry */
    bool strict_code;      /* X7 */
    bool storage_v1;       /* write the form before */
} keystore_settings;

/* OL_ERR_SETTINGS with every fault. */
ol_rc keystore_settings_load(ol_arena *arena, keystore_settings *ret,
                             ol_setting_faults *ret_faults);
void keystore_settings_print(void);

#endif
