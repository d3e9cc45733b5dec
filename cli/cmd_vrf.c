/* outlayer vrf verify: checks randomness that a program drew, from what it answered (Keystore 7):
 * each proof is the signature of its alpha under the network's key, each output its hash. */
#include "cli/api.h"
#include "cli/commands.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_read.h"
#include "lib/secrets/vrf.h"

enum { INPUT_BYTES_MAX = 1 << 20, KEY_MS = 15000 };

/* --key HEX, or what the coordinator says the keystore's is. */
static ol_rc key_find(const cli *it, const cli_args *args, ol_ed25519_public *ret,
                      cli_failure *failure)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(OL_KIB(64));
    const api_request request = {
        .method = "GET", .path = OL_STR("/vrf/pubkey"), .total_ms = KEY_MS, .repeatable = true};
    ol_str text;
    ol_json root, value;
    api *a = NULL;
    if (!cli_value(args, "key", &text)) {
        OL_TRY(api_open(it, &a, &failure->err));
        ol_rc rc = api_send(a, &request, &answer, failure);
        api_close(a);
        OL_TRY(rc);
        OL_TRY(api_json(ol_buf_str(&answer), &root, &failure->err));
        if (!ol_json_find(&root, OL_STR("vrf_public_key_hex"), &value) ||
            ol_json_kind_of(&value) != OL_JSON_STRING)
            return ol_fail(&failure->err, OL_ERR_PROTOCOL, "the coordinator names no key");
        text = ol_str_slice(value.raw, 1, value.raw.len - 1);
    }
    return ol_hex_decode_fixed(text, ret->bytes, sizeof ret->bytes)
               ? OL_OK
               : ol_fail(&failure->err, OL_ERR_USAGE, "--key: 64 hex digits are wanted");
}

static bool hex_member(const ol_json *item, const char *name, uint8_t *ret, size_t size)
{
    ol_json value;
    return ol_json_find(item, ol_str_of(name), &value) &&
           ol_json_kind_of(&value) == OL_JSON_STRING &&
           ol_hex_decode_fixed(ol_str_slice(value.raw, 1, value.raw.len - 1), ret, size);
}

static ol_rc check(const cli *it, const ol_json *item, const ol_ed25519_public *key, ol_err *err)
{
    ol_vrf vrf;
    ol_json value;
    ol_str alpha;
    if (!ol_json_find(item, OL_STR("alpha"), &value) ||
        ol_json_text(&value, it->arena, &alpha, NULL) != OL_OK ||
        !hex_member(item, "output", vrf.output.bytes, sizeof vrf.output.bytes) ||
        !hex_member(item, "proof", vrf.proof.bytes, sizeof vrf.proof.bytes))
        return ol_fail(err, OL_ERR_USAGE, "a proof has alpha, output and proof");
    bool holds = ol_vrf_verify(key, alpha, &vrf);
    if (holds)
        cli_note(it, "holds for %.*s", OL_FMT(alpha));
    return holds
               ? OL_OK
               : ol_fail(err, OL_ERR_HASH_MISMATCH, "%.*s: the proof does not hold", OL_FMT(alpha));
}

/* {"proofs":[…]}, an array, or one proof. */
static ol_rc check_all(const cli *it, const ol_json *root, const ol_ed25519_public *key,
                       size_t *ret_count, ol_err *err)
{
    ol_json list = *root, item;
    *ret_count = 1;
    if (ol_json_kind_of(root) == OL_JSON_OBJECT && !ol_json_find(root, OL_STR("proofs"), &list))
        return check(it, root, key, err);
    *ret_count = 0;
    if (ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_USAGE, "a program's answer with proofs is wanted");
    for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item); ++*ret_count)
        OL_TRY(check(it, &item, key, err));
    return *ret_count > 0 ? OL_OK : ol_fail(err, OL_ERR_USAGE, "no proof to verify");
}

int cmd_vrf_verify(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    cli_failure failure = {0};
    ol_ed25519_public key;
    ol_str source = args->positionals > 0 ? args->positional[0] : OL_STR("-"), input;
    ol_json root;
    size_t count;
    if (cli_load(it, source, INPUT_BYTES_MAX, &input, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (ol_json_parse(ol_str_trim(input), &root, &failure.err) != OL_OK)
        return cli_fail_usage(it, "a program's answer with proofs is wanted: %s", failure.err.text);
    if (key_find(it, args, &key, &failure) != OL_OK ||
        check_all(it, &root, &key, &count, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_bool(&w, "verified", true);
        ol_json_put_u64(&w, "proofs", count);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%zu proof%s hold%s", count, count == 1 ? "" : "s",
                    count == 1 ? "s" : "");
    }
    return cli_result_buf(it, &text, CLI_DONE);
}
