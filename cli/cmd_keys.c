/* outlayer keys: payment keys of a running `outlayer dev`, and the balance of any. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/credentials.h"
#include "cli/dev_state.h"
#include "lib/base/money.h"
#include "lib/codec/json_read.h"

enum { BALANCE_MS = 15000, ANSWER_BYTES_MAX = 65536 };

/* The state of the dev that runs, and an invocation that talks to it. */
static ol_rc running_find(const cli *it, const cli_args *args, cli *ret_there, dev_state *ret,
                          ol_err *err)
{
    *ret_there = *it;
    OL_TRY(dev_state_read(ret_there, dev_state_folder(it, args), ret, err));
    return dev_running_read(ret, &ret_there->api, err);
}

static ol_rc amounts_check(const cli_args *args, ol_str *ret_amount, ol_str *ret_most, ol_err *err)
{
    static const char *const NAMES[] = {"amount", "max-per-call"};
    OL_EACH (name, NAMES) {
        ol_str text;
        ol_usd amount;
        if (cli_value(args, *name, &text) && !ol_usd_parse(text, &amount))
            return ol_fail(err, OL_ERR_USAGE, "--%s must be a whole number of 10^-6 USD", *name);
    }
    *ret_amount = cli_value_or(args, "amount", OL_STR("10000000"));
    *ret_most = cli_value_or(args, "max-per-call", OL_STR(""));
    return OL_OK;
}

/* --out FILE, `-` for standard output, else STATE/key-NONCE. *ret_path is empty for `-`. */
static ol_rc secret_put(const dev_state *state, const cli_args *args, const dev_key *key,
                        ol_str *ret_path, ol_err *err)
{
    char name[32];
    ol_str out;
    OL_AUTO(ol_secret) full = {0};
    if (!dev_key_full(key, &full))
        return ol_fail(err, OL_ERR_INTERNAL, "the key is too long");
    (void)snprintf(name, sizeof name, "key-%u", key->nonce);
    *ret_path = dev_path(state, name);
    if (cli_value(args, "out", &out))
        *ret_path = ol_str_eq(out, OL_STR("-")) ? OL_STR("") : out;
    if (ret_path->len == 0)
        return OL_OK;
    const char *path = cli_cstr(state->cli, *ret_path);
    if (path == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return ol_file_save(path, ol_secret_reveal(&full), S_IRUSR | S_IWUSR, err);
}

static int created(const cli *it, const dev_key *key, ol_str path)
{
    OL_AUTO(ol_buf) text = ol_buf_new(4096);
    OL_AUTO(ol_secret) full = {0};
    ol_json_writer w = ol_json_writer_over(&text);
    if (!dev_key_full(key, &full))
        return cli_fail_usage(it, "the key is too long");
    if (!it->json) {
        cli_note(it, "key " DEV_OWNER ":%u holds %.*s µUSD", key->nonce, OL_FMT(key->amount));
        return cli_result(path.len > 0 ? path : ol_bytes_str(ol_secret_reveal(&full))) ? CLI_DONE
                                                                                       : CLI_FAILED;
    }
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "nonce", key->nonce);
    ol_json_key(&w, "key");
    if (path.len > 0)
        ol_json_add_null(&w); /* the secret is in the file alone */
    else
        ol_json_add_str(&w, ol_bytes_str(ol_secret_reveal(&full)));
    ol_json_put_str(&w, "funded", key->amount);
    if (path.len > 0)
        ol_json_put_str(&w, "file", path);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_keys_create(cli *it, const cli_args *args)
{
    cli there;
    cli_failure failure = {0};
    dev_key *key;
    ol_str amount, most, path;
    dev_state *state = OL_ARENA_NEW(it->arena, dev_state);
    if (state == NULL)
        return cli_fail_memory(it);
    if (amounts_check(args, &amount, &most, &failure.err) != OL_OK ||
        running_find(it, args, &there, state, &failure.err) != OL_OK ||
        dev_key_new(state, amount, &key, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (it->dry_run) {
        cli_note(it, "would create " DEV_OWNER ":%u with %.*s µUSD", key->nonce, OL_FMT(amount));
        return CLI_DONE;
    }
    if (dev_key_fund(state, key, args, most, &failure) != OL_OK ||
        secret_put(state, args, key, &path, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    return created(it, key, path);
}

/* ---- balances */

typedef struct balance {
    ol_str owner;
    ol_str nonce;
    ol_str initial, spent, reserved, available; /* decimal, 10^-6 USD */
} balance;

static ol_rc text_member(const cli *it, const ol_json *root, const char *name, ol_str *ret,
                         ol_err *err)
{
    ol_json value;
    if (!ol_json_find(root, ol_str_of(name), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's answer has no %s", name);
    if (ol_json_kind_of(&value) == OL_JSON_NUMBER)
        return ol_arena_copy(it->arena, value.raw, ret) ? OL_OK : OL_ERR_NO_MEMORY;
    OL_TRY(ol_json_text(&value, it->arena, ret, err));
    return ol_arena_copy(it->arena, *ret, ret) ? OL_OK : OL_ERR_NO_MEMORY;
}

static ol_rc balance_fetch(const cli *it, const ol_secret *key, balance *ret, cli_failure *failure)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json root;
    api *a = NULL;
    api_request request = {.method = "GET",
                           .path = OL_STR("/payment-keys/balance"),
                           .total_ms = BALANCE_MS,
                           .repeatable = true};
    api_header(&request, "X-Payment-Key", ol_bytes_str(ol_secret_reveal(key)));
    OL_TRY(api_open(it, &a, &failure->err));
    ol_rc rc = api_send(a, &request, &answer, failure);
    api_close(a);
    if (rc != OL_OK)
        return rc;
    ol_err *err = &failure->err;
    OL_TRY_NOTE(err, ol_json_parse(ol_buf_str(&answer), &root, err), "balance");
    OL_TRY(text_member(it, &root, "owner", &ret->owner, err));
    OL_TRY(text_member(it, &root, "nonce", &ret->nonce, err));
    OL_TRY(text_member(it, &root, "initial_balance", &ret->initial, err));
    OL_TRY(text_member(it, &root, "spent", &ret->spent, err));
    OL_TRY(text_member(it, &root, "reserved", &ret->reserved, err));
    return text_member(it, &root, "available", &ret->available, err);
}

static void balance_write(ol_json_writer *w, const balance *b)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "owner", b->owner);
    ol_json_put_raw(w, "nonce", b->nonce);
    ol_json_put_str(w, "initial_balance", b->initial);
    ol_json_put_str(w, "spent", b->spent);
    ol_json_put_str(w, "reserved", b->reserved);
    ol_json_put_str(w, "available", b->available);
    ol_json_object_end(w);
}

static void balance_line(ol_buf *text, const balance *b)
{
    ol_buf_addf(text, "%.*s:%.*s  available %.*s  reserved %.*s  spent %.*s  of %.*s µUSD",
                OL_FMT(b->owner), OL_FMT(b->nonce), OL_FMT(b->available), OL_FMT(b->reserved),
                OL_FMT(b->spent), OL_FMT(b->initial));
}

int cmd_keys_balance(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    balance b;
    OL_AUTO(ol_secret) key = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_str wish = cli_value_or(args, "payment-key", OL_STR(""));
    if (payment_key_load(it, wish, &key, &failure.err) != OL_OK ||
        balance_fetch(it, &key, &b, &failure) != OL_OK)
        return cli_fail(it, &failure);
    if (it->json)
        balance_write(&w, &b);
    else
        balance_line(&text, &b);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_keys_list(cli *it, const cli_args *args)
{
    cli there;
    cli_failure failure = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX * 4);
    ol_json_writer w = ol_json_writer_over(&text);
    dev_state *state = OL_ARENA_NEW(it->arena, dev_state);
    if (state == NULL)
        return cli_fail_memory(it);
    if (running_find(it, args, &there, state, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_key(&w, "keys");
        ol_json_array_begin(&w);
    }
    for (size_t i = 0; i < state->keys; i++) {
        OL_AUTO(ol_secret) key = {0};
        balance b;
        if (!dev_key_full(&state->key[i], &key) ||
            balance_fetch(&there, &key, &b, &failure) != OL_OK)
            return cli_fail(it, &failure);
        if (it->json) {
            balance_write(&w, &b);
        } else {
            balance_line(&text, &b);
            if (i + 1 < state->keys)
                ol_buf_add_char(&text, '\n');
        }
    }
    if (it->json) {
        ol_json_array_end(&w);
        ol_json_object_end(&w);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}
