#include "cli/secret_command.h"

#include "lib/crypto/secret.h"

enum { KEYSTORE_MS = 35000, BODY_BYTES_MAX = 2 << 20 };

ol_rc secret_command_open(const cli *it, const cli_args *args, bool with_place, secret_command *ret,
                          ol_err *err)
{
    *ret = (secret_command){.it = it, .args = args, .items = secret_items_new()};
    OL_TRY(signer_load(it, it->account, &ret->from, err));
    if (with_place)
        OL_TRY(secret_place_read(it, args, ret->from.account_id, &ret->place, err));
    return chain_open(it, &ret->chain, err);
}

void secret_command_deinit(secret_command *s)
{
    signer_deinit(&s->from);
    secret_items_deinit(&s->items);
    chain_close(s->chain);
    s->chain = NULL;
}

/* ---- values */

static ol_rc generates_read(secret_command *s, ol_err *err)
{
    ol_str text;
    for (size_t i = 0; cli_list(s->args, "generate", i, &text); i++) {
        ol_str name, type;
        if (s->generates == SECRET_GENERATED_MAX)
            return ol_fail(err, OL_ERR_USAGE, "at most %d values are generated at once",
                           SECRET_GENERATED_MAX);
        if (!ol_str_cut(text, ':', &name, &type) || type.len == 0)
            return ol_fail(err, OL_ERR_USAGE,
                           "--generate NAME:TYPE, with hex16, hex32, hex64, ed25519, ed25519_seed, "
                           "password or password:N");
        if (!ol_str_starts(name, OL_STR("PROTECTED_")))
            return ol_fail(err, OL_ERR_USAGE,
                           "a generated name begins with PROTECTED_: PROTECTED_%.*s", OL_FMT(name));
        s->generate_name[s->generates] = name;
        s->generate_type[s->generates++] = type;
    }
    return OL_OK;
}

ol_rc secret_command_names(secret_command *s, ol_str source, ol_err *err)
{
    OL_TRY(generates_read(s, err));
    for (size_t i = 0; source.len == 0 && i < s->args->positionals; i++)
        OL_TRY(secret_name_check(s->args->positional[i], err));
    return OL_OK;
}

ol_rc secret_command_values(secret_command *s, ol_str source, ol_err *err)
{
    if (source.len > 0)
        OL_TRY(secret_items_load(s->it, source, &s->items, err));
    for (size_t i = 0; source.len == 0 && i < s->args->positionals; i++)
        OL_TRY(secret_items_ask(s->args->positional[i], s->args->positionals == 1, &s->items, err));
    if (s->items.count + s->generates == 0)
        return ol_fail(err, OL_ERR_USAGE,
                       "nothing to store: NAME (its value comes on standard input), --from FILE, "
                       "or --generate PROTECTED_NAME:TYPE");
    return OL_OK;
}

void secret_command_put_names(const secret_command *s, ol_json_writer *w)
{
    ol_json_key(w, "names");
    ol_json_array_begin(w);
    for (size_t i = 0; i < s->items.count; i++)
        ol_json_add_str(w, s->items.item[i].name);
    for (size_t i = 0; i < s->generates; i++)
        ol_json_add_str(w, s->generate_name[i]);
    ol_json_array_end(w);
}

/* ---- the keystore */

ol_rc secret_command_key(secret_command *s, cli_failure *failure)
{
    OL_AUTO(ol_buf) names = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&names);
    secret_items_put(&s->items, false, &w);
    if (!ol_buf_ok(&names))
        return ol_fail(&failure->err, OL_ERR_LIMIT, "too many names");
    return sealing_key_fetch(s->it, &s->place, ol_buf_str(&names),
                             cli_value_or(s->args, "attestor", OL_STR("")), &s->key, failure);
}

ol_rc secret_command_seal(secret_command *s, ol_str *ret_base64, ol_err *err)
{
    OL_AUTO(ol_buf) plain = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&plain);
    secret_items_put(&s->items, true, &w);
    ol_rc rc = ol_buf_ok(&plain)
                   ? sealing_seal(s->it, &s->key, ol_buf_bytes(&plain), ret_base64, err)
                   : ol_fail(err, OL_ERR_LIMIT, "the values are too large");
    if (plain.data != NULL)
        ol_wipe(plain.data, plain.size);
    return rc;
}

ol_rc secret_command_post(const secret_command *s, const char *path, const ol_buf *body,
                          ol_buf *into, cli_failure *failure)
{
    return api_post(s->it, path, body, KEYSTORE_MS, false, into, failure);
}
