/* outlayer keys create --grant, list, balance: keys given out by a running `outlayer dev`, and the
 * balance of any. Keys on the chain: cmd_keys_chain.c. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/chain_key.h"
#include "cli/commands.h"
#include "cli/credentials.h"
#include "cli/dev_state.h"
#include "lib/base/money.h"
#include "lib/codec/json_read.h"

enum { ANSWER_BYTES_MAX = 65536 };

/* The state of the dev that runs, and an invocation that talks to it. */
static ol_rc running_find(const cli *it, const cli_args *args, cli *ret_there, dev_state *ret,
                          ol_err *err)
{
    *ret_there = *it;
    OL_TRY(dev_state_read(ret_there, dev_state_folder(it, args), ret, err));
    return dev_running_read(ret, &ret_there->api, err);
}

static ol_rc amounts_read(const cli *it, const cli_args *args, ol_str *ret_amount, ol_str *ret_most,
                          ol_err *err)
{
    static const char *const NAMES[] = {"amount", "max-per-call"};
    ol_str *const ret[] = {ret_amount, ret_most};
    *ret_amount = OL_STR("10000000");
    *ret_most = OL_STR("");
    for (size_t i = 0; i < OL_COUNT(NAMES); i++) {
        ol_str text;
        ol_usd amount;
        if (!cli_value(args, NAMES[i], &text))
            continue;
        if (chain_key_amount(text, &amount, err) != OL_OK || ol_usd_is_zero(amount))
            return ol_fail(err, OL_ERR_USAGE, "--%s reads 0.25usd, or whole 10^-6 USD, at least 1",
                           NAMES[i]);
        *ret[i] = ol_arena_printf(it->arena, "%s", USD(amount));
    }
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

/* Keys of the same account are made on the chain, too: the next nonce that nobody has. Without a
 * chain there are only ours. */
static uint32_t nonce_free(const cli *there)
{
    cli_failure ignored = {0};
    chain_client *c = NULL;
    uint32_t nonce = 1;
    if (chain_open(there, &c, &ignored.err) == OL_OK &&
        chain_key_nonce(there, c, OL_STR(DEV_OWNER), &nonce, &ignored) != OL_OK)
        nonce = 1;
    chain_close(c);
    return nonce;
}

/* A key that costs nothing and holds what was asked for: of a dev on this machine alone. */
static int grant(cli *it, const cli_args *args)
{
    cli there;
    cli_failure failure = {0};
    dev_key *key;
    ol_str amount, most, path;
    dev_state *state = OL_ARENA_NEW(it->arena, dev_state);
    if (state == NULL)
        return cli_fail_memory(it);
    if (amounts_read(it, args, &amount, &most, &failure.err) != OL_OK ||
        running_find(it, args, &there, state, &failure.err) != OL_OK ||
        dev_key_new(state, amount, nonce_free(&there), &key, &failure.err) != OL_OK)
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

int cmd_keys_create(cli *it, const cli_args *args)
{
    bool nobody = it->account.len == 0 && credentials_text(it, "account_id").len == 0;
    return cli_flag(args, "grant") || nobody ? grant(it, args) : keys_create_on_chain(it, args);
}

/* ---- balances */

int cmd_keys_balance(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    key_balance b;
    OL_AUTO(ol_secret) key = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_str wish = cli_value_or(args, "payment-key", OL_STR(""));
    if (payment_key_load(it, wish, &key, &failure.err) != OL_OK ||
        key_balance_fetch(it, &key, &b, &failure) != OL_OK)
        return cli_fail(it, &failure);
    if (it->json)
        key_balance_put(&w, &b);
    else
        key_balance_line(&text, &b);
    return cli_result_buf(it, &text, CLI_DONE);
}

/* ---- list */

static void list_add(const cli *it, const key_balance *b, ol_buf *text, ol_json_writer *w)
{
    if (it->json) {
        key_balance_put(w, b);
        return;
    }
    if (text->len > 0)
        ol_buf_add_char(text, '\n');
    key_balance_line(text, b);
}

/* Those that the dev of this folder has given out, where one runs. */
static ol_rc list_granted(const cli *it, const cli_args *args, ol_buf *text, ol_json_writer *w,
                          cli_failure *failure)
{
    cli there;
    ol_err absent = {0};
    dev_state *state = OL_ARENA_NEW(it->arena, dev_state);
    if (state == NULL)
        return ol_fail(&failure->err, OL_ERR_NO_MEMORY, "out of memory");
    if (running_find(it, args, &there, state, &absent) != OL_OK)
        return OL_OK;
    for (size_t i = 0; i < state->keys; i++) {
        key_balance b;
        OL_AUTO(ol_secret) key = {0};
        if (!dev_key_full(&state->key[i], &key))
            return ol_fail(&failure->err, OL_ERR_INTERNAL, "the key is too long");
        OL_TRY(key_balance_fetch(&there, &key, &b, failure));
        list_add(it, &b, text, w);
    }
    return OL_OK;
}

/* Those that the contract knows of the account. */
static ol_rc list_of_chain(const cli *it, ol_str owner, ol_buf *text, ol_json_writer *w,
                           cli_failure *failure)
{
    uint32_t nonce[CHAIN_KEYS_MAX];
    size_t count = 0;
    chain_client *c = NULL;
    OL_TRY(chain_open(it, &c, &failure->err));
    ol_rc rc = chain_keys_find(it, c, owner, nonce, &count, &failure->err);
    chain_close(c);
    OL_TRY(rc);
    for (size_t i = 0; i < count; i++) {
        key_balance b;
        OL_TRY(key_balance_look(it, owner, nonce[i], &b, failure));
        list_add(it, &b, text, w);
    }
    return OL_OK;
}

int cmd_keys_list(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX * 4);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_str owner = it->account.len > 0 ? it->account : credentials_text(it, "account_id");
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_key(&w, "keys");
        ol_json_array_begin(&w);
    }
    ol_rc rc = ol_str_eq(it->network, OL_STR("local")) ? list_granted(it, args, &text, &w, &failure)
                                                       : OL_OK;
    if (rc == OL_OK && owner.len > 0)
        rc = list_of_chain(it, owner, &text, &w, &failure);
    if (rc != OL_OK)
        return cli_fail(it, &failure);
    if (it->json) {
        ol_json_array_end(&w);
        ol_json_object_end(&w);
    } else if (text.len == 0) {
        cli_note(it, "no keys yet: outlayer keys create --amount 0.10usd");
        return CLI_DONE;
    }
    return cli_result_buf(it, &text, CLI_DONE);
}
