#include "cli/sealing.h"

#include <stdio.h>

#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/secrets/attest.h"
#include "lib/secrets/ecies.h"

enum { PUBKEY_MS = 35000, PUBKEY_BYTES_MAX = 64 * 1024, BLOB_BYTES_MAX = 1 << 20 };

static ol_rc text_of(const cli *it, const ol_json *root, const char *name, ol_str *ret,
                     cli_failure *failure)
{
    ol_json value;
    if (!ol_json_find(root, ol_str_of(name), &value) ||
        ol_json_text(&value, it->arena, ret, NULL) != OL_OK ||
        !ol_arena_copy(it->arena, *ret, ret)) {
        (void)snprintf(failure->hint, sizeof failure->hint, "nothing was encrypted or sent");
        return ol_fail(&failure->err, OL_ERR_FORBIDDEN,
                       "the keystore's key comes without %s: nobody vouches for it", name);
    }
    return OL_OK;
}

/* ---- who vouches */

/* Whom to believe: the one that was said, else the one known; empty text: nobody yet. */
static ol_str attestor_wanted(const cli *it, ol_str said)
{
    return said.len > 0 ? said : credentials_text(it, SEALING_ATTESTOR);
}

static ol_rc attestor_keep(const cli *it, ol_str attestor, ol_err *err)
{
    const credential kept = {SEALING_ATTESTOR, attestor};
    const char *home = cli_cstr(it, it->home);
    if (home == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return credentials_save(home, it->network, &kept, 1, err);
}

static ol_rc attestation_check(const cli *it, const secret_place *place, const sealing_key *key,
                               ol_str signature, ol_str said, cli_failure *failure)
{
    ol_ed25519_public attestor;
    ol_ed25519_signature proof;
    ol_err *err = &failure->err;
    ol_str wanted = attestor_wanted(it, said);
    ol_str statement = ol_pubkey_statement(place->seed, &key->key, OL_STR(""), it->arena);
    (void)snprintf(failure->hint, sizeof failure->hint, "nothing was encrypted or sent");
    if (wanted.len > 0 && !ol_str_eq_nocase(wanted, key->attestor))
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "the keystore's attestor is %.*s, but %s is %.*s: somebody else answers",
                       OL_FMT(key->attestor), said.len > 0 ? "--attestor" : "the one known",
                       OL_FMT(wanted));
    if (statement.data == NULL ||
        !ol_hex_decode_fixed(key->attestor, attestor.bytes, sizeof attestor.bytes) ||
        !ol_hex_decode_fixed(signature, proof.bytes, sizeof proof.bytes) ||
        !ol_ed25519_verify(&attestor, ol_str_bytes(statement), &proof))
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "the attestor's signature is not of this key for this secret");
    failure->hint[0] = '\0';
    return OL_OK;
}

/* ---- the key */

static void question(const secret_place *place, ol_str names_json, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_tagged(&w, &place->accessor);
    ol_json_put_str(&w, "owner", place->owner);
    ol_json_put_str(&w, "profile", place->profile);
    ol_json_put_str(&w, "secrets_json", names_json);
    ol_json_object_end(&w);
}

static ol_rc ask(const cli *it, const secret_place *place, ol_str names_json, ol_buf *answer,
                 cli_failure *failure)
{
    OL_AUTO(ol_buf) body = ol_buf_new(PUBKEY_BYTES_MAX);
    question(place, names_json, &body);
    return api_post(it, "/secrets/pubkey", &body, PUBKEY_MS, true, answer, failure);
}

/* What it says about updates is signed by nobody: without it the older message is signed, which
 * shows no value either. */
static int64_t update_expiry(const ol_json *root)
{
    ol_json scheme, expiry;
    int64_t ms = 0;
    if (!ol_json_find(root, OL_STR("update_scheme"), &scheme) ||
        !ol_json_says(&scheme, OL_STR("v2")) ||
        !ol_json_find(root, OL_STR("update_expires_at"), &expiry) ||
        ol_json_i64(&expiry, &ms, NULL) != OL_OK)
        return 0;
    return ms;
}

ol_rc sealing_key_fetch(const cli *it, const secret_place *place, ol_str names_json,
                        ol_str attestor, sealing_key *ret, cli_failure *failure)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(PUBKEY_BYTES_MAX);
    ol_json root;
    ol_str pubkey, signature;
    sealing_key key = {.first_seen = false};
    OL_TRY(ask(it, place, names_json, &answer, failure));
    OL_TRY(api_json(ol_buf_str(&answer), &root, &failure->err));
    OL_TRY(text_of(it, &root, "pubkey", &pubkey, failure));
    OL_TRY(text_of(it, &root, "attestor_hex", &key.attestor, failure));
    OL_TRY(text_of(it, &root, "sig_hex", &signature, failure));
    if (!ol_hex_decode_fixed(pubkey, key.key.bytes, sizeof key.key.bytes))
        return ol_fail(&failure->err, OL_ERR_PROTOCOL, "the keystore's key is no key");
    OL_TRY(attestation_check(it, place, &key, signature, attestor, failure));
    key.update_expiry_ms = update_expiry(&root);
    key.first_seen = attestor_wanted(it, attestor).len == 0;
    if (key.first_seen) {
        OL_TRY(attestor_keep(it, key.attestor, &failure->err));
        cli_note(it, "the keystore's attestor on %.*s is %.*s: met first now, kept from now on",
                 OL_FMT(it->network), OL_FMT(key.attestor));
    }
    *ret = key;
    return OL_OK;
}

ol_rc sealing_seal(const cli *it, const sealing_key *key, ol_bytes plain, ol_str *ret_base64,
                   ol_err *err)
{
    OL_AUTO(ol_buf) blob = ol_buf_new(BLOB_BYTES_MAX);
    if (!ol_ecies_seal(&key->key, OL_STR(OL_ECIES_SECRET), plain, ol_random_kernel(), &blob))
        return ol_fail(err, OL_ERR_LIMIT, "the secret is too large to encrypt");
    *ret_base64 = ol_base64_of(it->arena, ol_buf_bytes(&blob));
    return ret_base64->data != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}
