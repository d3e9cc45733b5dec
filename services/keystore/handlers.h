/* The handlers of the routes (Keystore 4). */
#ifndef KEYSTORE_HANDLERS_H
#define KEYSTORE_HANDLERS_H

#include "lib/net/http_server.h"

/* http_health.c */
ol_web_handler health_get;
ol_web_handler metrics_get;
ol_web_handler vaults_get;
ol_web_handler vault_evict_post;
/* http_keys.c */
ol_web_handler pubkey_post;
ol_web_handler vrf_pubkey_get;
ol_web_handler vrf_generate_post;
/* http_cipher.c */
ol_web_handler encrypt_post;
ol_web_handler decrypt_raw_post;
/* http_storage.c */
ol_web_handler storage_encrypt_post;
ol_web_handler storage_decrypt_post;
ol_web_handler storage_index_post;
/* http_release.c */
ol_web_handler decrypt_post;
/* http_generate.c */
ol_web_handler generated_secret_post;
/* http_update.c */
ol_web_handler update_secrets_post;
/* http_tee.c */
ol_web_handler tee_challenge_post;
ol_web_handler tee_register_post;

#endif
