/* outlayer secrets set, import, list, show, delete: values are encrypted here, for a keystore whose
 * key somebody known vouches for; the chain keeps the ciphertext and who may have it. */
#include <stdio.h>

#include "cli/access.h"
#include "cli/amount.h"
#include "cli/commands.h"
#include "cli/secrets.h"
#include "lib/near/account_id.h"

enum { ANSWER_BYTES_MAX = 2 << 20, SMALL_TGAS = 30, LIST_PAGE = 100 };

/* ---- set */

/* PROTECTED_ values are drawn inside the keystore and added to what was sealed. */
static ol_rc generate(secret_command *s, ol_str *blob, cli_failure *failure)
{
    OL_AUTO(ol_buf) body = ol_buf_new(ANSWER_BYTES_MAX);
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json root, value;
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_tagged(&w, &s->place.accessor);
    ol_json_put_str(&w, "owner", s->place.owner);
    ol_json_put_str(&w, "profile", s->place.profile);
    if (s->items.count > 0)
        ol_json_put_str(&w, "encrypted_secrets_base64", *blob);
    ol_json_key(&w, "new_secrets");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < s->generates; i++) {
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "name", s->generate_name[i]);
        ol_json_put_str(&w, "generation_type", s->generate_type[i]);
        ol_json_object_end(&w);
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    OL_TRY(secret_command_post(s, "/secrets/add_generated_secret", &body, &answer, failure));
    OL_TRY(api_json(ol_buf_str(&answer), &root, &failure->err));
    if (!ol_json_find(&root, OL_STR("encrypted_data_base64"), &value) ||
        ol_json_text(&value, s->it->arena, blob, NULL) != OL_OK ||
        !ol_arena_copy(s->it->arena, *blob, blob))
        return ol_fail(&failure->err, OL_ERR_PROTOCOL, "the keystore gave no encrypted data");
    return OL_OK;
}

static void stored_line(const secret_command *s, const secret_store *store, ol_str access,
                        ol_buf *text)
{
    ol_condition *tree;
    ol_buf_addf(text, "%.*s: %zu name%s, for ", OL_FMT(secret_place_words(s->it, &s->place)),
                s->items.count + s->generates, s->items.count + s->generates == 1 ? "" : "s");
    if (access_parse(s->it, access, &tree, NULL) == OL_OK)
        access_words(s->it, tree, text);
    ol_buf_addf(text, "; stake %.*s", OL_FMT(amount_near_format(s->it->arena, store->stake)));
}

static int stored_print(const secret_command *s, const secret_store *store, ol_str access,
                        const chain_outcome *sent)
{
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    if (!s->it->json) {
        stored_line(s, store, access, &text);
        return cli_result_buf(s->it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    secret_place_put(&w, &s->place);
    secret_command_put_names(s, &w);
    ol_json_key(&w, "access");
    ol_json_add_raw(&w, access);
    ol_json_put_cstr(&w, "tx", sent->hash);
    ol_json_put_dec(&w, "stake_yocto", store->stake.yocto);
    ol_json_put_dec(&w, "deposit_yocto", store->deposit.yocto);
    ol_json_put_str(&w, "attestor", s->key.attestor);
    ol_json_object_end(&w);
    return cli_result_buf(s->it, &text, CLI_DONE);
}

int secrets_store(secret_command *s, ol_str blob, ol_str access)
{
    ol_err err = {0};
    chain_outcome sent;
    secret_store store;
    ol_rc rc = secret_store_plan(s->chain, &s->place, blob, access, &s->before, &store, &err);
    int exit;
    if (rc == OL_OK && s->it->dry_run) {
        exit = chain_call_dry_run(s->it, "store_secrets", &store.args, SECRET_STORE_TGAS,
                                  store.deposit);
    } else {
        if (rc == OL_OK)
            rc = chain_call(s->chain, &s->from, "store_secrets", &store.args, SECRET_STORE_TGAS,
                            store.deposit, &sent, &err);
        exit = rc == OL_OK ? stored_print(s, &store, access, &sent) : cli_fail_err(s->it, &err);
    }
    secret_store_deinit(&store);
    return exit;
}

static ol_rc set_prepare(secret_command *s, ol_str source, ol_str *ret_access, ol_str *ret_blob,
                         cli_failure *failure)
{
    ol_err *err = &failure->err;
    OL_TRY(secret_command_names(s, source, err));
    OL_TRY(access_to_store(s->it, cli_value_or(s->args, "access", OL_STR("me")), s->place.owner,
                           ret_access, err));
    OL_TRY(secret_stored_fetch(s->it, s->chain, &s->place, &s->before, err));
    if (s->before.found && !cli_flag(s->args, "replace")) {
        (void)snprintf(failure->hint, sizeof failure->hint,
                       "outlayer secrets update changes single values and keeps who may have them; "
                       "--replace begins anew");
        return ol_fail(err, OL_ERR_CONFLICT, "there is a secret already: %.*s",
                       OL_FMT(secret_place_words(s->it, &s->place)));
    }
    OL_TRY(secret_command_values(s, source, err));
    OL_TRY(secret_command_key(s, failure));
    OL_TRY(secret_command_seal(s, ret_blob, err));
    return s->generates > 0 ? generate(s, ret_blob, failure) : OL_OK;
}

static int set(cli *it, const cli_args *args, ol_str source)
{
    cli_failure failure = {0};
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    ol_str access, blob;
    int exit;
    if (s == NULL)
        return cli_fail_memory(it);
    if (secret_command_open(it, args, true, s, &failure.err) != OL_OK ||
        set_prepare(s, source, &access, &blob, &failure) != OL_OK)
        exit = cli_fail(it, &failure);
    else
        exit = secrets_store(s, blob, access);
    secret_command_deinit(s);
    return exit;
}

int cmd_secrets_set(cli *it, const cli_args *args)
{
    ol_str source = cli_value_or(args, "from", OL_STR(""));
    if (source.len > 0 && args->positionals > 0)
        return cli_fail_usage(it, "names come from --from or from the command line, not from both");
    return set(it, args, source);
}

int cmd_secrets_import(cli *it, const cli_args *args)
{
    return set(it, args, args->positional[0]);
}

/* ---- list */

static void access_line(const cli *it, ol_str json, ol_buf *text)
{
    ol_condition *tree;
    if (access_parse(it, json, &tree, NULL) == OL_OK)
        access_words(it, tree, text);
    else
        ol_buf_add_str(text, json);
}

static ol_rc list_line(const cli *it, const ol_json *item, ol_str owner, ol_buf *text, ol_err *err)
{
    secret_place place = {.owner = owner};
    ol_json value;
    if (!ol_json_find(item, OL_STR("accessor"), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "a secret without accessor");
    OL_TRY(ol_accessor_parse(&value, it->arena, &place.accessor, err));
    if (!ol_json_find(item, OL_STR("profile"), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "a secret without profile");
    OL_TRY(ol_json_text(&value, it->arena, &place.profile, err));
    ol_buf_addf(text, "%s%.*s", text->len > 0 ? "\n" : "", OL_FMT(secret_place_words(it, &place)));
    if (ol_json_find(item, OL_STR("access"), &value)) {
        ol_buf_add_str(text, OL_STR("   for "));
        access_line(it, value.raw, text);
    }
    return OL_OK;
}

/* One page; *ret_count is how many it had. */
static ol_rc list_page(const cli *it, chain_client *c, ol_str owner, size_t from, ol_buf *text,
                       ol_json_writer *w, size_t *ret_count, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(1));
    ol_json list, item;
    *ret_count = 0;
    ol_buf_addf(&body, "{\"account_id\":\"%.*s\",\"from_index\":%zu,\"limit\":%d}", OL_FMT(owner),
                from, LIST_PAGE);
    OL_TRY(chain_view(c, "list_user_secrets", &body, &list, err));
    for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item); ++*ret_count) {
        if (it->json)
            ol_json_add_raw(w, item.raw);
        else
            OL_TRY(list_line(it, &item, owner, text, err));
    }
    return OL_OK;
}

int cmd_secrets_list(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(8));
    ol_json_writer w = ol_json_writer_over(&text);
    chain_client *c = NULL;
    ol_err err = {0};
    size_t from = 0, count = LIST_PAGE;
    ol_str owner = args->positionals > 0 ? args->positional[0] : it->account;
    if (owner.len == 0)
        owner = credentials_text(it, "account_id");
    if (owner.len == 0)
        return cli_fail_usage(it, "whose secrets? outlayer secrets list ACCOUNT");
    if (!ol_account_id_valid(owner))
        return cli_fail_usage(it, "%.*s is no account id", OL_FMT(owner));
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_key(&w, "secrets");
        ol_json_array_begin(&w);
    }
    ol_rc rc = chain_open(it, &c, &err);
    for (; rc == OL_OK && count == LIST_PAGE; from += count)
        rc = list_page(it, c, owner, from, &text, &w, &count, &err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    if (it->json) {
        ol_json_array_end(&w);
        ol_json_object_end(&w);
    } else if (from == 0) {
        cli_note(it, "no secrets yet: outlayer secrets import .env");
    }
    return text.len > 0 ? cli_result_buf(it, &text, CLI_DONE) : CLI_DONE;
}

/* ---- show */

static size_t secret_bytes(const secret_stored *stored)
{
    return stored->blob_base64.len / 4 * 3;
}

static void show_text(const secret_command *s, ol_buf *text)
{
    const secret_stored *b = &s->before;
    ol_buf_addf(text, "%.*s\nowner    %.*s\naccess   ",
                OL_FMT(secret_place_words(s->it, &s->place)), OL_FMT(s->place.owner));
    access_line(s->it, b->access_json, text);
    ol_buf_addf(text, "\nsize     %zu bytes, encrypted\nstake    %.*s", secret_bytes(b),
                OL_FMT(amount_near_format(s->it->arena, b->deposit)));
}

static void show_json(const secret_command *s, ol_json_writer *w)
{
    const secret_stored *b = &s->before;
    ol_json_object_begin(w);
    secret_place_put(w, &s->place);
    ol_json_key(w, "access");
    ol_json_add_raw(w, b->access_json);
    ol_json_put_u64(w, "bytes", secret_bytes(b));
    ol_json_put_dec(w, "stake_yocto", b->deposit.yocto);
    ol_json_put_u64(w, "updated_at", b->updated_at);
    ol_json_object_end(w);
}

/* The secret must be there. */
ol_rc secrets_find(secret_command *s, ol_err *err)
{
    OL_TRY(secret_stored_fetch(s->it, s->chain, &s->place, &s->before, err));
    return s->before.found
               ? OL_OK
               : ol_fail(err, OL_ERR_NOT_FOUND, "%.*s has no secret for %.*s",
                         OL_FMT(s->place.owner), OL_FMT(secret_place_words(s->it, &s->place)));
}

int cmd_secrets_show(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(1));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_err err = {0};
    int exit;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    if (secret_command_open(it, args, true, s, &err) != OL_OK || secrets_find(s, &err) != OL_OK) {
        exit = cli_fail_err(it, &err);
    } else {
        if (it->json)
            show_json(s, &w);
        else
            show_text(s, &text);
        exit = cli_result_buf(it, &text, CLI_DONE);
    }
    secret_command_deinit(s);
    return exit;
}

/* ---- delete */

static int deleted(const secret_command *s, const chain_outcome *sent)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(8));
    ol_json_writer w = ol_json_writer_over(&text);
    if (s->it->json) {
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "tx", sent->hash);
        ol_json_put_dec(&w, "refunded_yocto", s->before.deposit.yocto);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s: gone, %.*s back", OL_FMT(secret_place_words(s->it, &s->place)),
                    OL_FMT(amount_near_format(s->it->arena, s->before.deposit)));
    }
    return cli_result_buf(s->it, &text, CLI_DONE);
}

int cmd_secrets_delete(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(8));
    ol_json_writer w = ol_json_writer_over(&body);
    ol_err err = {0};
    chain_outcome sent;
    int exit;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    ol_rc rc = secret_command_open(it, args, true, s, &err);
    if (rc == OL_OK)
        rc = secrets_find(s, &err);
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_contract(&w, &s->place.accessor);
    ol_json_put_str(&w, "profile", s->place.profile);
    ol_json_object_end(&w);
    if (rc == OL_OK && it->dry_run) {
        exit = chain_call_dry_run(it, "delete_secrets", &body, SMALL_TGAS, OL_YOCTO(0));
    } else {
        if (rc == OL_OK)
            rc = chain_call(s->chain, &s->from, "delete_secrets", &body, SMALL_TGAS, OL_YOCTO(0),
                            &sent, &err);
        exit = rc == OL_OK ? deleted(s, &sent) : cli_fail_err(it, &err);
    }
    secret_command_deinit(s);
    return exit;
}
