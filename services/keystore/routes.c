#include "services/keystore/routes.h"

#include "services/keystore/gates.h"
#include "services/keystore/handlers.h"

#define GET OL_WEB_GET
#define POST OL_WEB_POST
#define JSON OL_WEB_BODY_JSON
#define ANY OL_WEB_BODY_ANY
#define NONE OL_WEB_BODY_NONE
/* Keystore 4: 2 MiB; stored values of 2 MiB travel as Base64, with room for the rest. */
#define BODY_BYTES (2 * 1024 * 1024)
#define STORED_BYTES (4 * 1024 * 1024)

const ol_web_route KEYSTORE_ROUTES[] = {
    {GET, "/health", NULL, NULL, NONE, 0, 0, health_get},
    {GET, "/metrics", NULL, NULL, NONE, 0, 0, metrics_get},

    {POST, "/pubkey", &GATE_READY, NULL, JSON, BODY_BYTES, 0, pubkey_post},
    {GET, "/vrf/pubkey", &GATE_READY, NULL, NONE, 0, 0, vrf_pubkey_get},
    {POST, "/vrf/generate", &GATE_WORKER, NULL, JSON, BODY_BYTES, 0, vrf_generate_post},

    {POST, "/decrypt", &GATE_WORKER, NULL, JSON, BODY_BYTES, 0, decrypt_post},
    {POST, "/encrypt", &GATE_WORKER, NULL, JSON, BODY_BYTES, 0, encrypt_post},
    {POST, "/decrypt-raw", &GATE_WORKER, NULL, JSON, BODY_BYTES, 0, decrypt_raw_post},
    {POST, "/storage/encrypt", &GATE_WORKER, NULL, JSON, STORED_BYTES, 0, storage_encrypt_post},
    {POST, "/storage/decrypt", &GATE_WORKER, NULL, JSON, STORED_BYTES, 0, storage_decrypt_post},
    {POST, "/storage/index", &GATE_WORKER, NULL, JSON, BODY_BYTES, 0, storage_index_post},

    {POST, "/add_generated_secret", &GATE_COORDINATOR, NULL, JSON, BODY_BYTES, 0,
     generated_secret_post},
    {POST, "/update_user_secrets", &GATE_COORDINATOR, NULL, JSON, BODY_BYTES, 0,
     update_secrets_post},

    {POST, "/tee-challenge", &GATE_ENTRY, NULL, ANY, BODY_BYTES, 0, tee_challenge_post},
    {POST, "/register-tee", &GATE_ENTRY, NULL, JSON, BODY_BYTES, 0, tee_register_post},

    {GET, "/admin/loaded-vaults", &GATE_EITHER, NULL, NONE, 0, 0, vaults_get},
    {POST, "/admin/evict-customer", &GATE_WORKER_BARE, NULL, JSON, BODY_BYTES, 0, vault_evict_post},
};
const size_t KEYSTORE_ROUTE_COUNT = OL_COUNT(KEYSTORE_ROUTES);
