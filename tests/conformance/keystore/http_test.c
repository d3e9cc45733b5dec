/* Keystore 16, cases 13 to 24, 42 to 48, 50 to 54, 80 to 82: credentials, sessions, forms. */
#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/crypto/random.h"
#include "lib/near/nep413.h"
#include "lib/near/public_key.h"
#include "lib/secrets/blob.h"
#include "tests/conformance/keystore/lab.h"

#define TEE "TEE_MODE=outlayer_tee"
#define SEED "project:alice.near/app:alice.near"

TEST("S13, S14: no credential, and the wrong one")
{
    lab it;
    lab_start(&it, 1, NULL);
    lab_check_error(lab_post(&it, "/decrypt", "", "{}"), 401, "Missing Authorization header");
    lab_check_error(lab_post(&it, "/decrypt", "Authorization: Basic x\r\n", "{}"), 401,
                    "Invalid Authorization format");
    lab_check_error(lab_post(&it, "/decrypt", LAB_COORDINATOR, "{}"), 401, "Invalid worker token");
    lab_check_error(lab_post(&it, "/add_generated_secret", LAB_WORKER, "{}"), 401,
                    "Invalid coordinator token");
    lab_stop(&it);
}

TEST("requests that pass no gate are counted")
{
    lab it;
    lab_start(&it, 1, NULL);
    CHECK_EQ(lab_post(&it, "/decrypt", "", "{}").status, 401);
    CHECK_EQ(lab_post(&it, "/decrypt", "Authorization: Bearer wrong\r\n", "{}").status, 401);
    CHECK_EQ(lab_post(&it, "/encrypt", LAB_COORDINATOR, "{}").status, 401);
    CHECK_HAS(lab_get(&it, "/metrics", "").body, OL_STR("outlayer_keystore_refused_total 3\n"),
              "three");
    lab_stop(&it);
}

TEST("a token that stands in both lists is a worker's and a coordinator's")
{
    lab it;
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(OL_STR("worker-token")));
    char setting[128];
    (void)snprintf(setting, sizeof setting, "ALLOWED_COORDINATOR_TOKEN_HASHES=%s", hash.data);
    lab_start(&it, 1, (const char *const[]){setting, NULL});
    CHECK_EQ(lab_post(&it, "/encrypt", LAB_WORKER, "{}").status, 422);
    CHECK_EQ(lab_post(&it, "/add_generated_secret", LAB_WORKER, "{}").status, 422);
    lab_stop(&it);
}

TEST("S15, S16, S52: sessions are wanted, unknown ones told, and opened by a signature")
{
    lab it;
    lab_start(&it, 1, (const char *const[]){TEE, NULL});
    const lab_row rows[] = {{.method = "view_access_key", .answer = LAB_KEY_VIEW},
                            {.method = NULL}};
    lab_script(&it, rows);
    const char *body = "{\"request_id\":42,\"sender\":\"alice.near\",\"user_seed\":\"coin-flip\"}";
    lab_check_error(lab_work(&it, "/vrf/generate", body), 403, "TEE session required");
    (void)memcpy(it.session, "X-TEE-Session: x\r\n", 19);
    lab_check_error(lab_work(&it, "/vrf/generate", body), 403, "Invalid TEE session ID format");
    const char unknown[] = "X-TEE-Session: 00000000-0000-4000-8000-000000000000\r\n";
    (void)memcpy(it.session, unknown, sizeof unknown);
    lab_check_error(lab_work(&it, "/vrf/generate", body), 403, "session not found");
    ol_str id =
        lab_member(&it, lab_register(&it, "v2", lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)))),
                   "session_id");
    const char *header = lab_text(&it, "X-TEE-Session: %.*s\r\n", OL_FMT(id));
    (void)memcpy(it.session, header, strlen(header) + 1);
    CHECK_STR(lab_member(&it, lab_work(&it, "/vrf/generate", body), "output_hex"),
              OL_STR("868ff99162e559ce14c1126db2a6f832c00f7efe3e8d9a84c8beec78f9654359"));
    lab_stop(&it);
}

TEST("S53: a challenge is good once")
{
    lab it;
    lab_start(&it, 1, (const char *const[]){TEE, NULL});
    const lab_row rows[] = {{.method = "view_access_key", .answer = LAB_KEY_VIEW},
                            {.method = NULL}};
    lab_script(&it, rows);
    const char *challenge = lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)));
    CHECK_EQ(lab_register(&it, "v2", challenge).status, 200);
    lab_check_error(lab_register(&it, "v2", challenge), 400, "Invalid or expired challenge");
    lab_stop(&it);
}

TEST("S54: the operator's key must be a worker's, and be there")
{
    lab it;
    lab_start(&it, 1, (const char *const[]){TEE, NULL});
    const lab_row full[] = {
        {.method = "view_access_key", .answer = "{\"nonce\":1,\"permission\":\"FullAccess\"}"},
        {.method = NULL}};
    const lab_row none[] = {{.method = "view_access_key", .answer = NULL}, {.method = NULL}};
    lab_script(&it, full);
    lab_check_error(lab_register(&it, "v2", lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)))), 401,
                    "exactly the four methods");
    lab_script(&it, none);
    lab_check_error(lab_register(&it, "v2", lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)))), 401,
                    "not found on operator account operator.near");
    lab_stop(&it);
}

TEST("bare challenges open sessions only where they are allowed")
{
    lab it;
    const lab_row rows[] = {{.method = "view_access_key", .answer = LAB_KEY_VIEW},
                            {.method = NULL}};
    lab_start(&it, 1, (const char *const[]){TEE, NULL});
    lab_script(&it, rows);
    lab_check_error(lab_register(&it, "v1", lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)))), 400,
                    "Signature verification failed");
    lab_stop(&it);
    lab_start(&it, 1, (const char *const[]){TEE, "BARE_CHALLENGES=true", NULL});
    lab_script(&it, rows);
    CHECK_EQ(lab_register(&it, "v1", lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)))).status,
             200);
    lab_stop(&it);
}

TEST("S18, S19: who may look at vaults")
{
    lab it;
    lab_start(&it, 1, NULL);
    CHECK_EQ(lab_post(&it, "/admin/evict-customer", LAB_COORDINATOR,
                      "{\"vault_id\":\"v.near\",\"reason\":\"r\"}")
                 .status,
             401);
    CHECK_STR(lab_get(&it, "/admin/loaded-vaults", LAB_COORDINATOR).body,
              OL_STR("{\"vaults\":[],\"count\":0,\"tee_sessions\":0}"));
    CHECK_STR(lab_post(&it, "/admin/evict-customer", LAB_WORKER,
                       "{\"vault_id\":\"v.near\",\"reason\":\"r\"}")
                  .body,
              OL_STR("{\"ok\":true}"));
    lab_stop(&it);
}

static wire_answer pubkey(lab *it, const char *secrets, const char *more)
{
    return lab_post(
        it, "/pubkey", "",
        lab_text(it, "{\"seed\":\"" SEED "\",\"secrets_json\":\"%s\"%s}", secrets, more));
}

TEST("S20, S21, S22: names that secrets may not have")
{
    lab it;
    lab_start(&it, 1, NULL);
    wire_answer answer = pubkey(
        &it, "{\\\"NEAR_SENDER_ID\\\":\\\"\\\",\\\"WALLET_ID\\\":\\\"\\\",\\\"A\\\":\\\"\\\"}", "");
    CHECK_EQ(answer.status, 400);
    CHECK_STR(answer.body,
              OL_STR("{\"error\":\"Cannot use reserved system keywords as secret keys: "
                     "NEAR_SENDER_ID, WALLET_ID\"}"));
    CHECK_STR(lab_member(&it, pubkey(&it, "{\\\"wallet_id\\\":\\\"\\\"}", ""), "pubkey"),
              OL_STR("3a9712ebeb88fcb11f508f2f2ffee4fd9e8660d53118c851c23e42a87a6d144e"));
    lab_check_error(pubkey(&it, "{\\\"PROTECTED_X\\\":\\\"\\\"}", ""), 400, "PROTECTED_");
    lab_check_error(pubkey(&it, "[]", ""), 400, "Invalid JSON format");
    lab_stop(&it);
}

TEST("S23, S24: a vault wants a token; a blank one is the default master")
{
    lab it;
    lab_start(&it, 1, NULL);
    lab_check_error(pubkey(&it, "{}", ",\"vault_id\":\"v.near\""), 401,
                    "vault-scoped /pubkey requires coordinator or worker token");
    CHECK_EQ(pubkey(&it, "{}", ",\"vault_id\":\"  \"").status, 200);
    lab_check_error(pubkey(&it, "{}", ",\"vault_id\":\"NOT AN ID\""), 400, "Invalid vault id");
    CHECK_EQ(atomic_load(&it.views), 0);
    wire_answer answer =
        lab_post(&it, "/encrypt", LAB_WORKER "X-Customer-Vault:   \r\n",
                 "{\"seed\":\"system:payment_key:a.near:1\",\"plaintext_base64\":\"YQ==\"}");
    CHECK_EQ(answer.status, 200);
    lab_stop(&it);
}

TEST("S82: raw routes serve payment keys, /pubkey secrets, and nothing else")
{
    lab it;
    lab_start(&it, 1, NULL);
    ol_str sealed =
        lab_member(&it,
                   lab_work(&it, "/encrypt",
                            "{\"seed\":\"system:payment_key:a.near:1\",\"plaintext_base64\":"
                            "\"YWJj\"}"),
                   "encrypted_base64");
    CHECK_STR(lab_member(&it,
                         lab_work(&it, "/decrypt-raw",
                                  lab_text(&it,
                                           "{\"seed\":\"system:payment_key:a.near:1\","
                                           "\"encrypted_base64\":\"%.*s\"}",
                                           OL_FMT(sealed))),
                         "plaintext_base64"),
              OL_STR("YWJj"));
    lab_check_error(lab_work(&it, "/decrypt-raw",
                             lab_text(&it, "{\"seed\":\"" SEED "\",\"encrypted_base64\":\"%.*s\"}",
                                      OL_FMT(sealed))),
                    400, "payment keys");
    lab_check_error(
        lab_post(&it, "/pubkey", "", "{\"seed\":\"storage:p1:a.near\",\"secrets_json\":\"{}\"}"),
        400, "seed is not one of secrets");
    lab_stop(&it);
}

static wire_answer generate(lab *it, const char *list, const char *more)
{
    return lab_post(it, "/add_generated_secret", LAB_COORDINATOR,
                    lab_text(it, "{\"seed\":\"" SEED "\",\"new_secrets\":[%s]%s}", list, more));
}

#define NEW(name, type) "{\"name\":\"" name "\",\"generation_type\":\"" type "\"}"

TEST("S42, S43, S44: what is not generated")
{
    lab it;
    lab_start(&it, 1, NULL);
    ol_buf many = ol_buf_new(OL_MIB(1));
    for (unsigned i = 0; i < 17; i++)
        ol_buf_addf(&many, "%s{\"name\":\"PROTECTED_%u\",\"generation_type\":\"hex16\"}",
                    i > 0 ? "," : "", i);
    ol_buf_add_char(&many, '\0');
    lab_check_error(generate(&it, (const char *)many.data, ",\"vault_id\":\"v.near\""), 400,
                    "too many generated secrets in one request");
    ol_buf_deinit(&many);
    CHECK_EQ(atomic_load(&it.views), 0);
    lab_check_error(generate(&it, NEW("KEY", "hex16"), ""), 400, "PROTECTED_");
    lab_check_error(generate(&it, NEW("PROTECTED_A", "password:0"), ""), 400,
                    "Unknown secret type: password:0");
    lab_check_error(generate(&it, NEW("PROTECTED_A", "password:1025"), ""), 400,
                    "Unknown secret type: password:1025");
    CHECK_HAS(
        generate(&it, NEW("PROTECTED_B", "hex16") "," NEW("PROTECTED_A", "password"), "").body,
        OL_STR("\"all_keys\":[\"PROTECTED_A\",\"PROTECTED_B\"]"), "names alone");
    lab_stop(&it);
}

/* As anybody can do with what the chain shows of somebody else. */
static wire_answer generate_into(lab *it, const char *json)
{
    ol_err err;
    ol_master master = lab_master();
    ol_buf blob = ol_buf_new(OL_MIB(1));
    CHECK_OK(ol_blob_seal(&master, OL_STR(SEED), ol_str_bytes(ol_str_of(json)), ol_random_kernel(),
                          &blob, &err));
    ol_str base64 = ol_base64_of(&it->arena, ol_buf_bytes(&blob));
    ol_buf_deinit(&blob);
    return generate(it, NEW("PROTECTED_A", "hex16"),
                    lab_text(it, ",\"encrypted_secrets_base64\":\"%.*s\"", OL_FMT(base64)));
}

TEST("names in a ciphertext are not told to who brings it")
{
    lab it;
    static const char *const ROWS[] = {
        "{\"HIDDEN_1\":\"x\"}",
        "{\"PROTECTED_HIDDEN_2\":\"x\"}",
        "{\"HIDDEN_3\":\"x\",\"WALLET_ID\":\"x\"}",
    };
    size_t at;
    lab_start(&it, 1, NULL);
    OL_EACH (row, ROWS)
        CHECK_ROW(!ol_str_find(generate_into(&it, *row).body, OL_STR("HIDDEN"), &at), *row);
    CHECK_HAS(generate_into(&it, ROWS[0]).body, OL_STR("\"all_keys\":[\"PROTECTED_A\"]"), "new");
    lab_stop(&it);
    lab_start(&it, 1, (const char *const[]){"NARROW_INPUTS=false", NULL});
    CHECK_HAS(generate_into(&it, ROWS[0]).body,
              OL_STR("\"all_keys\":[\"HIDDEN_1\",\"PROTECTED_A\"]"), "the form before");
    lab_stop(&it);
}

/* ---- updates ---- */

typedef struct change {
    const char *mode;
    const char *secrets;   /* JSON object */
    const char *generate;  /* JSON list */
    const char *message;   /* what is signed */
    const char *recipient; /* NULL: the contract */
} change;

static wire_answer update(lab *it, const change *what)
{
    OL_AUTO(ol_ed25519_key) key = lab_operator_key();
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_public_key tagged = ol_public_key_of_ed25519(&public);
    ol_nep413 message = {.message = ol_str_of(what->message),
                         .recipient =
                             ol_str_of(what->recipient != NULL ? what->recipient : LAB_CONTRACT)};
    ol_sha256 hash;
    ol_err err;
    CHECK_OK(ol_nep413_hash(&message, &hash, &err));
    ol_ed25519_signature signature = ol_ed25519_sign(&key, ol_sha256_bytes(&hash));
    ol_str escaped_source = message.message;
    ol_buf escaped = ol_buf_new(OL_MIB(1));
    for (size_t i = 0; i < escaped_source.len; i++) {
        if (escaped_source.data[i] == '\n')
            ol_buf_add_str(&escaped, OL_STR("\\n"));
        else
            ol_buf_add_char(&escaped, escaped_source.data[i]);
    }
    const char *body = lab_text(
        it,
        "{\"accessor\":{\"type\":\"Project\",\"project_id\":\"alice.near/app\"},\"profile\":"
        "\"default\",\"owner\":\"alice.near\",\"mode\":\"%s\",\"secrets\":%s,"
        "\"generate_protected\":%s,\"signed_message\":\"%.*s\",\"signature\":\"%.*s\","
        "\"public_key\":\"%.*s\",\"nonce\":\"%.*s\",\"recipient\":\"%.*s\"}",
        what->mode, what->secrets, what->generate, OL_FMT(ol_buf_str(&escaped)),
        OL_FMT(ol_base64_of(&it->arena, (ol_bytes){signature.bytes, sizeof signature.bytes})),
        OL_FMT(ol_public_key_text(&tagged, &it->arena)),
        OL_FMT(ol_base64_of(&it->arena, (ol_bytes){message.nonce, sizeof message.nonce})),
        OL_FMT(message.recipient));
    ol_buf_deinit(&escaped);
    return lab_post(it, "/update_user_secrets", LAB_COORDINATOR, body);
}

static void update_script(lab *it, const char *permission)
{
    OL_AUTO(ol_ed25519_key) key = lab_operator_key();
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_public_key tagged = ol_public_key_of_ed25519(&public);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(it, SEED, "{\"A\":\"1\",\"PROTECTED_P\":\"p\"}", "\"AllowAll\"",
                              "{\"Project\":{\"project_id\":\"alice.near/app\"}}", NULL)},
        {.method = "view_access_key_list",
         .answer = lab_text(it,
                            "{\"keys\":[{\"public_key\":\"%.*s\",\"access_key\":{\"nonce\":1,"
                            "\"permission\":%s}}]}",
                            OL_FMT(ol_public_key_text(&tagged, &it->arena)), permission)},
        {.method = NULL},
    };
    lab_script(it, rows);
}

TEST("S47: reset keeps what was generated and drops the rest")
{
    lab it;
    lab_start(&it, 1, NULL);
    update_script(&it, "\"FullAccess\"");
    const change reset = {"reset", "{\"B\":\"2\"}", "[]",
                          "Update Outlayer secrets for alice.near:default\nkeys:B", NULL};
    wire_answer answer = update(&it, &reset);
    CHECK_HAS(answer.body,
              OL_STR("\"summary\":{\"protected_keys_preserved\":1,\"updated_keys\":1,"
                     "\"removed_keys\":1,\"total_keys\":2}"),
              "summary");
    lab_stop(&it);
}

TEST("S45, S46, S48: signatures of others, wrong words, and what is there already")
{
    lab it;
    lab_start(&it, 1, NULL);
    const change good = {"append", "{\"B\":\"2\"}", "[]",
                         "Update Outlayer secrets for alice.near:default\nkeys:B", NULL};
    const change words = {"append", "{\"B\":\"2\"}", "[]",
                          "Update Outlayer secrets for alice.near:default\nkeys:C", NULL};
    const change elsewhere = {"append", "{\"B\":\"2\"}", "[]",
                              "Update Outlayer secrets for alice.near:default\nkeys:B",
                              "evil.near"};
    const change again = {
        "append", "{}", "[{\"name\":\"PROTECTED_P\",\"generation_type\":\"hex16\"}]",
        "Update Outlayer secrets for alice.near:default\nprotected:PROTECTED_P", NULL};
    update_script(&it, "\"FullAccess\"");
    CHECK_EQ(update(&it, &good).status, 200);
    lab_check_error(update(&it, &words), 400, "Invalid message format.");
    lab_check_error(update(&it, &elsewhere), 401, "Invalid signature");
    lab_check_error(update(&it, &again), 400,
                    "Cannot regenerate existing PROTECTED_ secret: PROTECTED_P");
    update_script(&it, "{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":\"x.near\","
                       "\"method_names\":[]}}");
    lab_check_error(update(&it, &good), 401, "no full-access key");
    lab_stop(&it);
}

static void check_counts(lab *it, unsigned granted, unsigned denied, const char *row)
{
    CHECK_HAS(lab_get(it, "/metrics", "").body,
              ol_str_of(lab_text(it,
                                 "outlayer_keystore_access_total{verdict=\"granted\"} %u\n"
                                 "outlayer_keystore_access_total{verdict=\"denied\"} %u\n",
                                 granted, denied)),
              row);
}

TEST("updates, sessions and payment keys that are opened are decisions too: logged and counted")
{
    lab it;
    const change good = {"append", "{\"B\":\"canary-value\"}", "[]",
                         "Update Outlayer secrets for alice.near:default\nkeys:B", NULL};
    lab_start(&it, 1, NULL);
    update_script(&it, "\"FullAccess\"");
    CHECK_EQ(update(&it, &good).status, 200);
    check_counts(&it, 1, 0, "an update");
    update_script(&it, "{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":\"x.near\","
                       "\"method_names\":[]}}");
    lab_check_error(update(&it, &good), 401, "no full-access key");
    check_counts(&it, 1, 1, "a refused one");
    ol_str blob = lab_member(&it,
                             lab_work(&it, "/encrypt",
                                      "{\"seed\":\"system:payment_key:alice.near:1\","
                                      "\"plaintext_base64\":\"e30=\"}"),
                             "encrypted_base64");
    CHECK_EQ(lab_work(&it, "/decrypt-raw",
                      lab_text(&it,
                               "{\"seed\":\"system:payment_key:alice.near:1\","
                               "\"encrypted_base64\":\"%.*s\"}",
                               OL_FMT(blob)))
                 .status,
             200);
    check_counts(&it, 2, 1, "a payment key");
    CHECK_EQ(lab_register(&it, "v2", lab_text(&it, "%.*s", OL_FMT(lab_challenge(&it)))).status,
             200);
    check_counts(&it, 3, 1, "a session");
    lab_log_rest(&it);
    size_t at;
    static const char *const TOLD[] = {
        "verdict=granted route=/update_user_secrets owner=alice.near",
        "verdict=denied route=/update_user_secrets owner=alice.near",
        "verdict=granted route=/decrypt-raw owner=system:payment_key:alice.near:1",
        "verdict=granted route=/register-tee owner=operator.near",
    };
    OL_EACH (line, TOLD)
        CHECK_HAS(ol_buf_str(&it.seen), ol_str_of(*line), *line);
    CHECK(!ol_str_find(ol_buf_str(&it.seen), OL_STR("canary-value"), &at));
    lab_stop(&it);
}

/* ---- stored rows ---- */

TEST("S81: stored rows go through the service and back, under their own key")
{
    lab it;
    lab_start(&it, 1, NULL);
    wire_answer sealed = lab_work(&it, "/storage/encrypt",
                                  "{\"project_uuid\":\"p1\",\"account_id\":\"a.near\",\"key\":"
                                  "\"counter\",\"value_base64\":\"NDE=\"}");
    ol_str key = lab_member(&it, sealed, "encrypted_key_base64");
    ol_str value = lab_member(&it, sealed, "encrypted_value_base64");
    ol_str hash = lab_member(&it, sealed, "key_hash");
    CHECK_STR(lab_member(&it,
                         lab_work(&it, "/storage/index",
                                  "{\"project_uuid\":\"p1\",\"account_id\":\"a.near\",\"key\":"
                                  "\"counter\"}"),
                         "key_hash"),
              hash);
    CHECK_STR(lab_member(&it,
                         lab_work(&it, "/storage/decrypt",
                                  lab_text(&it,
                                           "{\"project_uuid\":\"p1\",\"account_id\":\"a.near\","
                                           "\"key\":\"counter\",\"encrypted_key_base64\":\"%.*s\","
                                           "\"encrypted_value_base64\":\"%.*s\"}",
                                           OL_FMT(key), OL_FMT(value))),
                         "value_base64"),
              OL_STR("NDE="));
    CHECK_STR(lab_member(&it,
                         lab_work(&it, "/storage/decrypt",
                                  lab_text(&it,
                                           "{\"project_uuid\":\"p1\",\"account_id\":\"a.near\","
                                           "\"key_hash\":\"%.*s\",\"encrypted_key_base64\":"
                                           "\"%.*s\"}",
                                           OL_FMT(hash), OL_FMT(key))),
                         "key"),
              OL_STR("counter"));
    lab_check_error(lab_work(&it, "/storage/decrypt",
                             lab_text(&it,
                                      "{\"project_uuid\":\"p1\",\"account_id\":\"b.near\",\"key\":"
                                      "\"counter\",\"encrypted_key_base64\":\"%.*s\","
                                      "\"encrypted_value_base64\":\"%.*s\"}",
                                      OL_FMT(key), OL_FMT(value))),
                    400, "Decryption failed");
    lab_stop(&it);
}

TEST("bodies and settings that make no sense are refused with the reason")
{
    lab it;
    lab_start(&it, 1, NULL);
    CHECK_EQ(lab_work(&it, "/encrypt", "{").status, 400);
    CHECK_EQ(lab_work(&it, "/encrypt", "{\"seed\":5}").status, 422);
    CHECK_STARTS(lab_get(&it, "/nowhere", "").head, OL_STR("HTTP/1.1 404"), "unknown path");
    lab_stop(&it);
    lab_check_refused((const char *const[]){"TEE_MODE=maybe", NULL},
                      OL_STR("TEE_MODE: neither outlayer_tee nor none"));
    lab_check_refused((const char *const[]){"KEYSTORE_MASTER_SECRET=abc", NULL},
                      OL_STR("64 hex digits"));
}
