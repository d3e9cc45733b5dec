/* outlayer contract deploy|call|view: a contract of one's own, beside the programs it calls. */
#include <stdio.h>
#include <string.h>

#include "cli/amount.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/project_file.h"
#include "lib/base/fd.h"
#include "lib/near/account_id.h"
#include "lib/near/event_log.h"

enum {
    CALL_TGAS = 100,
    CALL_TGAS_MAX = 1000, /* NEAR 1.5 */
    INIT_TGAS = 50,
    CODE_BYTES_MAX = 1536 * 1024, /* what a transaction holds (NEAR 1.5) */
    ARGS_BYTES_MAX = 1 << 20,
    INSTALL_ACTIONS_MAX = 5,
};

/* JSON of the arguments: the text, or @FILE. `{}` when there is none. */
static ol_rc args_read(const cli *it, const cli_args *args, size_t at, ol_str *ret, ol_err *err)
{
    ol_json root;
    ol_str text = args->positionals > at ? args->positional[at] : OL_STR("{}");
    if (ol_str_starts(text, OL_STR("@")))
        OL_TRY(cli_load(it, ol_str_slice(text, 1, text.len), ARGS_BYTES_MAX, &text, err));
    if (ol_json_parse(text, &root, err) != OL_OK) {
        (void)ol_prefix(err, "the arguments are not JSON: ");
        return err->rc = OL_ERR_USAGE;
    }
    *ret = root.raw;
    return OL_OK;
}

static ol_rc amount_read(const cli_args *args, const char *name, ol_yocto *ret, ol_err *err)
{
    ol_str text;
    if (cli_value(args, name, &text) && !amount_near_parse(text, ret))
        return ol_fail(err, OL_ERR_USAGE, "--%s reads 0.25near, or whole yocto", name);
    return OL_OK;
}

/* ---- what a transaction of ours did */

/* Events are for programs, and long: people get their names, with --verbose all of them. */
static void notes(const cli *it, const chain_outcome *outcome)
{
    for (size_t i = 0; i < outcome->tx.logs; i++) {
        ol_event event;
        if (!it->verbose && ol_event_parse(outcome->tx.log[i], it->arena, &event))
            cli_note(it, "event: %.*s", OL_FMT(event.event));
        else
            cli_note(it, "log: %.*s", OL_FMT(outcome->tx.log[i]));
    }
}

static void put_value(ol_json_writer *w, ol_str value)
{
    if (value.len > 0 && ol_json_valid(value))
        ol_json_put_raw(w, "output", value);
    else if (value.len > 0)
        ol_json_put_base64(w, "output_base64", ol_str_bytes(value));
    else
        ol_json_put_null(w, "output");
}

static int called(const cli *it, const chain_outcome *outcome)
{
    OL_AUTO(ol_buf) text = ol_buf_new(outcome->value.len * 2 + OL_MIB(8));
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        notes(it, outcome);
        cli_note(it, "tx %s · %llu Ggas", outcome->hash,
                 (unsigned long long)(outcome->tx.gas_burnt / 1000000000));
        ol_buf_add_str(&text, outcome->value);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "tx", outcome->hash);
    put_value(&w, outcome->value);
    ol_json_key(&w, "logs");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < outcome->tx.logs; i++)
        ol_json_add_str(&w, outcome->tx.log[i]);
    ol_json_array_end(&w);
    ol_json_put_u64(&w, "gas_burnt", outcome->tx.gas_burnt);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

/* ---- call, view */

int cmd_contract_call(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(signer) from = {0};
    chain_outcome outcome = {0};
    chain_client *c = NULL;
    ol_str receiver = args->positional[0], body;
    ol_yocto deposit = OL_YOCTO(0);
    uint64_t tgas = CALL_TGAS;
    if (!ol_account_id_valid(receiver))
        return cli_fail_usage(it, "%.*s is no account id", OL_FMT(receiver));
    if (args_read(it, args, 2, &body, &err) != OL_OK ||
        amount_read(args, "deposit", &deposit, &err) != OL_OK ||
        cli_number(args, "tgas", 1, CALL_TGAS_MAX, &tgas, &err) != OL_OK)
        return cli_fail_err(it, &err);
    const ol_action action =
        ol_action_call(args->positional[1], ol_str_bytes(body), tgas * CHAIN_TGAS, deposit);
    if (it->dry_run)
        return chain_dry_run(it, receiver, &action, 1);
    if (signer_load(it, it->account, &from, &err) != OL_OK || chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = chain_catch_interrupts(c, &err);
    if (rc == OL_OK)
        rc = chain_send(c, &from, receiver, &action, 1, it->timeout_s, &outcome, &err);
    chain_close(c);
    return rc == OL_OK ? called(it, &outcome) : chain_fail(it, &outcome, from.account_id, &err);
}

int cmd_contract_view(cli *it, const cli_args *args)
{
    ol_err err = {0};
    chain_client *c = NULL;
    ol_str body;
    ol_bytes value = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    if (!ol_account_id_valid(args->positional[0]))
        return cli_fail_usage(it, "%.*s is no account id", OL_FMT(args->positional[0]));
    if (args_read(it, args, 2, &body, &err) != OL_OK || chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = chain_view_of(c, args->positional[0], args->positional[1], body, &value, &err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    if (!it->json) {
        ol_buf_add(&text, value);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    put_value(&w, ol_bytes_str(value));
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

/* ---- deploy */

typedef struct installation {
    ol_str account; /* where the contract goes */
    ol_str code;
    ol_str init; /* method; empty: none */
    ol_str init_args;
    ol_yocto balance; /* of an account that is made */
} installation;

static ol_rc installation_read(const cli *it, const cli_args *args, installation *ret, ol_err *err)
{
    project_file here;
    ol_json root;
    ol_str file = args->positionals > 0 ? args->positional[0] : OL_STR("");
    *ret = (installation){.balance = OL_YOCTO(0)};
    OL_TRY(project_file_load(it, NULL, &here, err));
    if (file.len == 0 && here.found)
        file = ol_arena_printf(it->arena, "build/%.*s.wasm", OL_FMT(here.name));
    if (file.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "usage: outlayer contract deploy FILE.wasm");
    ret->account = cli_value_or(args, "to", it->account);
    if (ret->account.len == 0)
        ret->account = credentials_text(it, "account_id");
    if (!ol_account_id_valid(ret->account))
        return ol_fail(err, OL_ERR_USAGE, "where to? --to ACCOUNT");
    ret->init = cli_value_or(args, "init", OL_STR(""));
    ret->init_args = cli_value_or(args, "args", OL_STR("{}"));
    if (ol_json_parse(ret->init_args, &root, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_USAGE, "--args is not JSON");
    if (!amount_near_parse(cli_value_or(args, "balance", OL_STR("5near")), &ret->balance))
        return ol_fail(err, OL_ERR_USAGE, "--balance reads 5near, or whole yocto");
    return cli_load(it, file, CODE_BYTES_MAX, &ret->code, err);
}

typedef struct plan {
    signer from;
    bool makes; /* the account, too */
    ol_action action[INSTALL_ACTIONS_MAX];
    size_t actions;
} plan;

/* One transaction: account and key where they are missing, code, first call. Whoever makes an
 * account may put code there in the same transaction, so nobody comes in between. */
static ol_rc install_plan(const cli *it, chain_client *c, const installation *i, plan *ret,
                          ol_err *err)
{
    ol_yocto balance;
    ol_err absent = {0};
    ol_rc rc = chain_balance(c, i->account, &balance, &absent);
    ret->makes = rc == OL_ERR_NOT_FOUND;
    if (rc != OL_OK && !ret->makes)
        return *err = absent, rc;
    OL_TRY(signer_load(it, ret->makes ? it->account : i->account, &ret->from, err));
    if (ret->makes) {
        ol_ed25519_public public = ol_ed25519_public_of(&ret->from.key);
        ol_public_key key = ol_public_key_of_ed25519(&public);
        ret->action[ret->actions++] = ol_action_create_account();
        ret->action[ret->actions++] = ol_action_transfer(i->balance);
        ret->action[ret->actions++] = ol_action_add_full_key(&key);
    }
    ret->action[ret->actions++] = ol_action_deploy(ol_str_bytes(i->code));
    if (i->init.len > 0)
        ret->action[ret->actions++] = ol_action_call(i->init, ol_str_bytes(i->init_args),
                                                     INIT_TGAS * CHAIN_TGAS, OL_YOCTO(0));
    return OL_OK;
}

static ol_rc install(const cli *it, chain_client *c, const installation *i, plan *p,
                     chain_outcome *ret, ol_err *err)
{
    OL_TRY(chain_send(c, &p->from, i->account, p->action, p->actions, it->timeout_s, ret, err));
    if (!p->makes)
        return OL_OK;
    const char *home = cli_cstr(it, it->home);
    p->from.account_id = i->account; /* it has the same key */
    return home != NULL ? signers_save(it, home, it->network, &p->from, 1, err)
                        : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static int installed(const cli *it, const installation *i, const chain_outcome *outcome, bool made)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        notes(it, outcome);
        ol_buf_addf(&text, "%.*s %s · %zu bytes · tx %s", OL_FMT(i->account),
                    made ? "created" : "updated", i->code.len, outcome->hash);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account", i->account);
    ol_json_put_bool(&w, "created", made);
    ol_json_put_u64(&w, "bytes", i->code.len);
    ol_json_put_cstr(&w, "tx", outcome->hash);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_contract_deploy(cli *it, const cli_args *args)
{
    ol_err err = {0};
    installation i;
    plan p = {.actions = 0};
    chain_outcome outcome = {0};
    chain_client *c = NULL;
    if (installation_read(it, args, &i, &err) != OL_OK || chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = install_plan(it, c, &i, &p, &err);
    if (rc == OL_OK && !it->dry_run)
        rc = install(it, c, &i, &p, &outcome, &err);
    chain_close(c);
    signer_deinit(&p.from);
    if (rc != OL_OK)
        return chain_fail(it, &outcome, i.account, &err);
    if (it->dry_run)
        return chain_dry_run(it, i.account, p.action, p.actions);
    return installed(it, &i, &outcome, p.makes);
}
