/* Keystore 15, X4: updates that bind the whole request, are young and count once, and codes of
 * generated values on their way. The signed text is written here by hand. */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/random.h"
#include "lib/near/nep413.h"
#include "lib/near/public_key.h"
#include "lib/secrets/blob.h"
#include "tests/conformance/keystore/lab.h"

#define SEED "project:alice.near/app:alice.near"
#define OTHER_SEED "project:alice.near/other:alice.near"
#define APP "{\"project_id\":\"alice.near/app\",\"type\":\"Project\"}"
#define OTHER "{\"project_id\":\"alice.near/other\",\"type\":\"Project\"}"
#define ON_CHAIN "{\"Project\":{\"project_id\":\"alice.near/app\"}}"
#define STORED "{\"A\":\"1\",\"PROTECTED_P\":\"p\"}"
#define MAKE(name) "[{\"generation_type\":\"hex16\",\"name\":\"" name "\"}]"
#define AHEAD_MS (600 * 1000)

/* JSON values; NULL: the member is absent. Keys of objects stand in order. */
typedef struct change {
    const char *accessor;
    int64_t expires_at;
    const char *generate;
    const char *mode;
    const char *new_accessor;
    const char *secrets;
    const char *vault_id;
} change;

/* Signed in a later millisecond than the keystore's first, whose messages it cannot tell from those
 * of a keystore before it. */
static change plain_change(lab *it)
{
    (void)it;
    int64_t begun = ol_wall_ms(ol_clock_real());
    while (ol_wall_ms(ol_clock_real()) == begun)
        continue;
    return (change){.accessor = APP,
                    .expires_at = ol_wall_ms(ol_clock_real()) + AHEAD_MS,
                    .generate = "[]",
                    .mode = "\"append\"",
                    .secrets = "{\"B\":\"2\"}"};
}

static const char *or_null(const char *json)
{
    return json == NULL ? "null" : json;
}

/* The canonical JSON of the seven members, with `gap` behind every comma. */
static const char *members(lab *it, const change *c, const char *gap)
{
    return lab_text(it,
                    "\"accessor\":%s,%s\"expires_at\":%lld,%s\"generate_protected\":%s,%s\"mode\":"
                    "%s,%s\"new_accessor\":%s,%s\"secrets\":%s,%s\"vault_id\":%s",
                    c->accessor, gap, (long long)c->expires_at, gap, or_null(c->generate), gap,
                    c->mode, gap, or_null(c->new_accessor), gap, c->secrets, gap,
                    or_null(c->vault_id));
}

typedef struct signed_text {
    const char *escaped; /* for JSON */
    const char *rest;    /* signature, public_key, nonce, recipient as members */
} signed_text;

static signed_text text_sign(lab *it, const char *text, const char *escaped)
{
    OL_AUTO(ol_ed25519_key) key = lab_operator_key();
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_public_key tagged = ol_public_key_of_ed25519(&public);
    ol_nep413 message = {.message = ol_str_of(text), .recipient = OL_STR(LAB_CONTRACT)};
    ol_sha256 hash;
    ol_err err;
    ol_random_fill(ol_random_kernel(), message.nonce, sizeof message.nonce);
    CHECK_OK(ol_nep413_hash(&message, &hash, &err));
    ol_ed25519_signature signature = ol_ed25519_sign(&key, ol_sha256_bytes(&hash));
    return (signed_text){
        .escaped = escaped,
        .rest = lab_text(
            it,
            "\"signature\":\"%.*s\",\"public_key\":\"%.*s\",\"nonce\":\"%.*s\","
            "\"recipient\":\"" LAB_CONTRACT "\"",
            OL_FMT(ol_base64_of(&it->arena, (ol_bytes){signature.bytes, sizeof signature.bytes})),
            OL_FMT(ol_public_key_text(&tagged, &it->arena)),
            OL_FMT(ol_base64_of(&it->arena, (ol_bytes){message.nonce, sizeof message.nonce})))};
}

static signed_text change_sign(lab *it, const change *c)
{
    ol_sha256_hex hash =
        ol_sha256_hex_of(ol_str_bytes(ol_str_of(lab_text(it, "{%s}", members(it, c, "")))));
    const char *start = "Update Outlayer secrets v2 for alice.near:default";
    return text_sign(it, lab_text(it, "%s\nbody:%s", start, hash.data),
                     lab_text(it, "%s\\nbody:%s", start, hash.data));
}

/* What is asked for, with what was signed: perhaps for something else. */
static const char *body(lab *it, const change *c, const signed_text *s)
{
    return lab_text(it,
                    "{\"profile\":\"default\",\"owner\":\"alice.near\",\"signed_message\":\"%s\","
                    "%s,%s}",
                    s->escaped, s->rest, members(it, c, " \n"));
}

static wire_answer send_text(lab *it, const char *text)
{
    return lab_post(it, "/update_user_secrets", LAB_COORDINATOR, text);
}

static wire_answer update(lab *it, const change *c)
{
    signed_text s = change_sign(it, c);
    return send_text(it, body(it, c, &s));
}

/* The chain: the owner's key with that permission, and a secret. */
static void script(lab *it, const char *permission, const char *stored)
{
    OL_AUTO(ol_ed25519_key) key = lab_operator_key();
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_public_key tagged = ol_public_key_of_ed25519(&public);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault", .answer = stored},
        {.method = "view_access_key_list",
         .answer = lab_text(it,
                            "{\"keys\":[{\"public_key\":\"%.*s\",\"access_key\":{\"nonce\":1,"
                            "\"permission\":%s}}]}",
                            OL_FMT(ol_public_key_text(&tagged, &it->arena)), permission)},
        {.method = NULL},
    };
    lab_script(it, rows);
}

static void begin(lab *it, const char *setting)
{
    lab_start(it, 1, (const char *const[]){setting, NULL});
    script(it, "\"FullAccess\"", lab_stored(it, SEED, STORED, "\"AllowAll\"", ON_CHAIN, NULL));
}

/* The values behind an answer, opened with the master itself. */
static ol_str opened(lab *it, wire_answer answer, const char *member, const char *seed)
{
    ol_err err;
    ol_bytes blob;
    ol_str text;
    ol_master master = lab_master();
    ol_buf plain = ol_buf_new(OL_MIB(1));
    CHECK_EQ_ROW(answer.status, 200, answer.body.data);
    CHECK(ol_base64_decode(lab_member(it, answer, member), &it->arena, &blob));
    CHECK_OK(ol_blob_open(&master, ol_str_of(seed), blob, OL_BLOB_LEGACY_REFUSED, &plain, &err));
    CHECK(ol_arena_copy(&it->arena, ol_buf_str(&plain), &text));
    ol_buf_deinit(&plain);
    return text;
}

TEST("X4: a message over the whole request is taken once")
{
    lab it;
    begin(&it, "UPDATES_V1=false");
    change c = plain_change(&it);
    signed_text s = change_sign(&it, &c);
    const char *text = body(&it, &c, &s);
    CHECK_STR(opened(&it, send_text(&it, text), "encrypted_secrets_base64", SEED),
              OL_STR("{\"A\":\"1\",\"B\":\"2\",\"PROTECTED_P\":\"p\"}"));
    lab_check_error(send_text(&it, text), 409, "used already");
    CHECK_EQ(update(&it, &c).status, 200); /* the same once more, with a nonce of its own */
    lab_stop(&it);
}

TEST("X4: a message is of exactly one request: any other member makes it another's")
{
    lab it;
    begin(&it, "UPDATES_V1=true");
    const change c = plain_change(&it);
    signed_text s = change_sign(&it, &c);
    struct {
        const char *name;
        change with;
    } other[] = {{"accessor", c}, {"expires_at", c},       {"generate_protected", c},
                 {"mode", c},     {"new_accessor", c},     {"secrets", c},
                 {"vault_id", c}, {"absent, not empty", c}};
    other[0].with.accessor = OTHER;
    other[1].with.expires_at--;
    other[2].with.generate = MAKE("PROTECTED_Q");
    other[3].with.mode = "\"reset\"";
    other[4].with.new_accessor = OTHER;
    other[5].with.secrets = "{\"B\":\"3\"}";
    other[6].with.vault_id = "\" \"";
    other[7].with.generate = NULL;
    OL_EACH (one, other) {
        wire_answer answer = send_text(&it, body(&it, &one->with, &s));
        CHECK_EQ_ROW(answer.status, 400, one->name);
        CHECK_HAS(answer.body, OL_STR("Invalid message format."), one->name);
    }
    CHECK_EQ(send_text(&it, body(&it, &c, &s)).status, 200); /* none of them used the nonce */
    lab_stop(&it);
}

TEST("X4: an expiry that is past, too far ahead or absent is refused")
{
    lab it;
    begin(&it, "UPDATES_V1=true");
    change c = plain_change(&it);
    c.expires_at -= AHEAD_MS + 1000;
    lab_check_error(update(&it, &c), 400, "expires_at is past");
    c.expires_at += 2 * (int64_t)AHEAD_MS;
    lab_check_error(update(&it, &c), 400, "more than 600 s ahead");
    c = plain_change(&it);
    signed_text s = change_sign(&it, &c);
    lab_check_error(send_text(&it, lab_text(&it,
                                            "{\"profile\":\"default\",\"owner\":\"alice.near\","
                                            "\"signed_message\":\"%s\",%s,\"accessor\":" APP
                                            ",\"mode\":\"append\",\"secrets\":{}}",
                                            s.escaped, s.rest)),
                    400, "expires_at is wanted");
    lab_stop(&it);
}

TEST("X4: a message that was used before a restart is refused after it, a new one taken at once")
{
    static char kept[8192];
    lab it;
    begin(&it, "UPDATES_V1=true");
    change c = plain_change(&it);
    signed_text s = change_sign(&it, &c);
    (void)snprintf(kept, sizeof kept, "%s", body(&it, &c, &s));
    CHECK_EQ(send_text(&it, kept).status, 200);
    lab_stop(&it);
    begin(&it, "UPDATES_V1=true");
    lab_check_error(send_text(&it, kept), 400, "began too recently");
    ol_json root, expiry;
    ol_err err;
    wire_answer key =
        lab_post(&it, "/pubkey", "", "{\"seed\":\"" SEED "\",\"secrets_json\":\"{}\"}");
    CHECK_STR(lab_member(&it, key, "update_scheme"), OL_STR("v2"));
    CHECK_OK(ol_json_parse(key.body, &root, &err));
    CHECK(ol_json_find(&root, OL_STR("update_expires_at"), &expiry));
    CHECK_OK(ol_json_i64(&expiry, &c.expires_at, &err));
    CHECK_EQ(update(&it, &c).status, 200);
    lab_stop(&it);
}

TEST("X4: a message without an expiry is taken only where that is allowed")
{
    lab it;
    for (int allowed = 0; allowed < 2; allowed++) {
        begin(&it, allowed ? "UPDATES_V1=true" : "UPDATES_V1=false");
        change c = plain_change(&it);
        signed_text s = text_sign(&it, "Update Outlayer secrets for alice.near:default\nkeys:B",
                                  "Update Outlayer secrets for alice.near:default\\nkeys:B");
        wire_answer answer = send_text(&it, body(&it, &c, &s));
        if (allowed)
            CHECK_EQ(answer.status, 200);
        else
            lab_check_error(answer, 400, "message v2 is wanted");
        lab_stop(&it);
    }
}

TEST("X4: who may not change a secret uses up no nonce")
{
    lab it;
    begin(&it, "UPDATES_V1=true");
    change c = plain_change(&it);
    signed_text s = change_sign(&it, &c);
    const char *stored = lab_stored(&it, SEED, STORED, "\"AllowAll\"", ON_CHAIN, NULL);
    script(&it,
           "{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":\"x.near\",\"method_names\":[]}}",
           stored);
    lab_check_error(send_text(&it, body(&it, &c, &s)), 401, "no full-access key");
    script(&it, "\"FullAccess\"", stored);
    CHECK_EQ(send_text(&it, body(&it, &c, &s)).status, 200);
    lab_stop(&it);
}

TEST("X4: values come sealed, and names of codes are nobody's to set")
{
    lab it;
    ol_err err;
    begin(&it, "UPDATES_V1=true");
    ol_master master = lab_master();
    ol_buf blob = ol_buf_new(OL_MIB(1));
    CHECK_OK(ol_blob_seal(&master, OL_STR(SEED), ol_str_bytes(OL_STR("{\"C\":\"hidden\"}")),
                          ol_random_kernel(), &blob, &err));
    change c = plain_change(&it);
    c.secrets = lab_text(&it, "\"%.*s\"", OL_FMT(ol_base64_of(&it.arena, ol_buf_bytes(&blob))));
    ol_buf_deinit(&blob);
    CHECK_HAS(opened(&it, update(&it, &c), "encrypted_secrets_base64", SEED),
              OL_STR("\"C\":\"hidden\""), "sealed");
    c.secrets = "{\"PROTECTED_MAC_P\":\"00\"}";
    lab_check_error(update(&it, &c), 400, "generated, not set: PROTECTED_MAC_P");
    lab_stop(&it);
}

/* Moves what is stored at the first place to the other, and asks for it there. */
static wire_answer moved(lab *it, const char *stored)
{
    change c = plain_change(it);
    c.new_accessor = OTHER;
    script(it, "\"FullAccess\"", stored);
    ol_str values = opened(it, update(it, &c), "encrypted_secrets_base64", OTHER_SEED);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(it, OTHER_SEED, lab_text(it, "%.*s", OL_FMT(values)), "\"AllowAll\"",
                              "{\"Project\":{\"project_id\":\"alice.near/other\"}}", NULL)},
        {.method = NULL},
    };
    lab_script(it, rows);
    return lab_work(it, "/decrypt",
                    "{\"accessor\":" OTHER ",\"profile\":\"default\",\"owner\":\"alice.near\","
                    "\"user_account_id\":\"bob.near\"}");
}

TEST("X4: codes move with their values, and a made-up one does not become a right one")
{
    lab it;
    begin(&it, "STRICT_PROTECTED=true");
    ol_str made = opened(&it,
                         lab_post(&it, "/add_generated_secret", LAB_COORDINATOR,
                                  "{\"seed\":\"" SEED "\",\"new_secrets\":[{\"name\":"
                                  "\"PROTECTED_SEED\",\"generation_type\":\"hex16\"}]}"),
                         "encrypted_data_base64", SEED);
    wire_answer answer = moved(&it, lab_stored(&it, SEED, lab_text(&it, "%.*s", OL_FMT(made)),
                                               "\"AllowAll\"", ON_CHAIN, NULL));
    CHECK_HAS(answer.body, OL_STR("\"protected_verified\":[\"PROTECTED_SEED\"]"), "moved");
    answer = moved(&it, lab_stored(&it, SEED,
                                   "{\"PROTECTED_SEED\":\"known\",\"PROTECTED_MAC_SEED\":"
                                   "\"00000000000000000000000000000000000000000000000000000000"
                                   "00000000\"}",
                                   "\"AllowAll\"", ON_CHAIN, NULL));
    CHECK_HAS(answer.body, OL_STR("\"protected_verified\":[]"), "made up");
    ol_bytes plain;
    CHECK(ol_base64_decode(lab_member(&it, answer, "plaintext_secrets"), &it.arena, &plain));
    CHECK_STR(ol_bytes_str(plain), OL_STR("{\"B\":\"2\"}"));
    lab_stop(&it);
}

TEST("X4: strict, a secret that cannot be looked through is not released")
{
    lab it;
    begin(&it, "STRICT_PROTECTED=true");
    ol_buf many = ol_buf_new(OL_MIB(1));
    ol_buf_add_str(&many, OL_STR("{\"PROTECTED_X\":\"known\""));
    for (unsigned i = 0; i < 1024; i++)
        ol_buf_addf(&many, ",\"N%u\":\"\"", i);
    ol_buf_add(&many, (ol_bytes){(const uint8_t *)"}", 2});
    script(&it, "\"FullAccess\"",
           lab_stored(&it, SEED, (const char *)many.data, "\"AllowAll\"", ON_CHAIN, NULL));
    ol_buf_deinit(&many);
    lab_check_error(lab_work(&it, "/decrypt",
                             "{\"accessor\":" APP ",\"profile\":\"default\",\"owner\":"
                             "\"alice.near\",\"user_account_id\":\"bob.near\"}"),
                    400, "Invalid secrets format");
    lab_stop(&it);
}
