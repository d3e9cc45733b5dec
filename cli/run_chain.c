/* outlayer run --path chain: request_execution signed by an account of the user, its callback's
 * value, and what it cost (Contract 4 to 6). */
#include "cli/run.h"

#include <stdio.h>
#include <string.h>

#include "cli/amount.h"
#include "cli/chain.h"
#include "cli/public_jobs.h"
#include "cli/source.h"
#include "lib/proto/limits.h"

enum {
    RUN_TGAS = 300,
    INSTRUCTIONS_STANDARD = 1000000000,
    MEMORY_MB_STANDARD = 128,
    SECONDS_STANDARD = 60, /* Contract 2: the contract's own defaults */
    ASYNC_LOOKS = 100,
};

typedef struct request {
    ol_str project; /* empty: other sources */
    ol_str version;
    code_wish source;
    ol_str input;
    ol_str secrets_profile, secrets_account;
    uint64_t instructions, memory_mb, seconds;
    bool has_deposit;
    ol_yocto deposit;
    bool has_max;
    ol_yocto cost_max;
    ol_usd attached;
} request;

/* ---- what was asked for */

static ol_rc near_read(const cli_args *args, const char *name, ol_yocto *ret, bool *ret_given,
                       ol_err *err)
{
    ol_str text;
    *ret_given = cli_value(args, name, &text);
    if (*ret_given && !amount_near_parse(text, ret))
        return ol_fail(err, OL_ERR_USAGE, "--%s reads 0.25near, or whole yocto", name);
    return OL_OK;
}

static ol_rc amounts_read(const cli_args *args, request *r, ol_err *err)
{
    ol_str text;
    OL_TRY(near_read(args, "deposit", &r->deposit, &r->has_deposit, err));
    OL_TRY(near_read(args, "max-cost", &r->cost_max, &r->has_max, err));
    if (cli_value(args, "attached-usd", &text) && !ol_usd_parse(text, &r->attached))
        return ol_fail(err, OL_ERR_USAGE, "--attached-usd must be a whole number of 10^-6 USD");
    return OL_OK;
}

static ol_rc options_check(const cli_args *args, ol_err *err)
{
    static const char *const HTTPS_ALONE[] = {"compute-limit", "idempotency-key", "payment-key"};
    OL_EACH (name, HTTPS_ALONE) {
        ol_str value;
        if (cli_value(args, *name, &value))
            return ol_fail(err, OL_ERR_USAGE, "--%s goes with --path https", *name);
    }
    return OL_OK;
}

static ol_rc request_read(const cli *it, const cli_args *args, request *r, ol_err *err)
{
    *r = (request){.instructions = INSTRUCTIONS_STANDARD,
                   .memory_mb = MEMORY_MB_STANDARD,
                   .seconds = SECONDS_STANDARD};
    OL_TRY(options_check(args, err));
    OL_TRY(code_wish_read(args, &r->source, err));
    size_t before = r->source.kind == CODE_NONE ? 1 : 0;
    if (before == 1) {
        if (args->positionals == 0)
            return ol_fail(err, OL_ERR_USAGE,
                           "name a project, --wasm URL --hash SHA256, or --github REPO --commit "
                           "COMMIT");
        r->project = args->positional[0];
        OL_TRY(run_project_check(r->project, err));
    }
    OL_TRY(amounts_read(args, r, err));
    OL_TRY(cli_number(args, "instructions", 0, UINT64_MAX, &r->instructions, err));
    OL_TRY(cli_number(args, "memory", 1, OL_MEMORY_MB_CAP, &r->memory_mb, err));
    OL_TRY(cli_number(args, "seconds", 0, UINT32_MAX, &r->seconds, err));
    r->version = cli_value_or(args, "version", OL_STR(""));
    r->secrets_profile = cli_value_or(args, "secrets-profile", OL_STR(""));
    r->secrets_account = cli_value_or(args, "secrets-account", OL_STR(""));
    if ((r->secrets_profile.len > 0) != (r->secrets_account.len > 0))
        return ol_fail(err, OL_ERR_USAGE, "--secrets-profile and --secrets-account go together");
    return run_input_read(it, args, before, &r->input, err);
}

/* ---- the call's arguments */

static void put_limits(ol_json_writer *w, const request *r)
{
    ol_json_key(w, "resource_limits");
    ol_json_object_begin(w);
    ol_json_put_u64(w, "max_instructions", r->instructions);
    ol_json_put_u64(w, "max_memory_mb", r->memory_mb);
    ol_json_put_u64(w, "max_execution_seconds", r->seconds);
    ol_json_object_end(w);
}

static void put_project(ol_json_writer *w, const request *r)
{
    ol_json_object_begin(w);
    ol_json_key(w, "Project");
    ol_json_object_begin(w);
    ol_json_put_str(w, "project_id", r->project);
    if (r->version.len > 0)
        ol_json_put_str(w, "version_key", r->version);
    ol_json_object_end(w);
    ol_json_object_end(w);
}

static void args_write(const request *r, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_key(&w, "source");
    if (r->source.kind == CODE_NONE)
        put_project(&w, r);
    else
        code_wish_put(&w, &r->source);
    put_limits(&w, r);
    ol_json_put_str(&w, "input_data", r->input);
    if (r->secrets_profile.len > 0) {
        ol_json_key(&w, "secrets_ref");
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "profile", r->secrets_profile);
        ol_json_put_str(&w, "account_id", r->secrets_account);
        ol_json_object_end(&w);
    }
    ol_json_put_cstr(&w, "response_format", "Json");
    if (!ol_usd_is_zero(r->attached)) {
        ol_json_key(&w, "params");
        ol_json_object_begin(&w);
        ol_json_put_dec(&w, "attached_usd", r->attached.micro);
        ol_json_object_end(&w);
    }
    ol_json_object_end(&w);
}

/* The deposit: what these limits may cost at most (Contract 6). */
static ol_rc deposit_find(chain_client *c, request *r, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&args);
    if (!r->has_deposit) {
        ol_json_object_begin(&w);
        put_limits(&w, r);
        ol_json_object_end(&w);
        OL_TRY(chain_view_amount(c, "estimate_execution_cost", &args, &r->deposit.yocto, err));
    }
    if (r->has_max && ol_yocto_less(r->cost_max, r->deposit))
        return ol_fail(err, OL_ERR_MAX_COST,
                       "the call would attach %s yocto, more than --max-cost %s; nothing was sent",
                       YOCTO(r->deposit), YOCTO(r->cost_max));
    return OL_OK;
}

/* ---- what came of it */

typedef struct answer {
    ol_str request_id; /* digits; empty when the log does not tell */
    bool reported;     /* a worker answered */
    bool success;
    ol_str error;
    ol_str paid, charged, refunded; /* yocto */
    ol_str project;                 /* empty: other code */
    ol_str instructions, time_ms;
} answer;

static ol_str member(const cli *it, const ol_json *object, const char *name)
{
    ol_json value;
    ol_str text = {0};
    if (!ol_json_find(object, ol_str_of(name), &value) || ol_json_is_null(&value))
        return text;
    if (ol_json_kind_of(&value) != OL_JSON_STRING)
        return value.raw;
    (void)ol_json_text(&value, it->arena, &text, NULL);
    return text;
}

static void request_data_read(const cli *it, const chain_client *c, const chain_outcome *outcome,
                              answer *ret)
{
    ol_json data, inner;
    if (!chain_event(c, outcome, "execution_requested", &data))
        return;
    ol_str text = member(it, &data, "request_data");
    if (text.len == 0 || ol_json_parse(text, &inner, NULL) != OL_OK)
        return;
    ret->request_id = member(it, &inner, "request_id");
    ret->paid = member(it, &inner, "payment");
    ret->project = member(it, &inner, "project_id");
}

/* The contract's two events of a request (Contract 12). A request that expired has the first one
 * alone. */
static answer answer_read(const cli *it, const chain_client *c, const chain_outcome *outcome)
{
    answer a = {0};
    ol_json data, used;
    request_data_read(it, c, outcome, &a);
    if (!chain_event(c, outcome, "execution_completed", &data))
        return a;
    a.reported = true;
    a.success = ol_str_eq(member(it, &data, "success"), OL_STR("true"));
    a.error = member(it, &data, "error_message");
    a.charged = member(it, &data, "payment_charged");
    a.refunded = member(it, &data, "payment_refunded");
    if (ol_json_find(&data, OL_STR("resources_used"), &used)) {
        a.instructions = member(it, &used, "instructions");
        a.time_ms = member(it, &used, "time_ms");
    }
    return a;
}

static void put_or_null(ol_json_writer *w, const char *key, ol_str text, bool raw)
{
    if (text.len == 0)
        ol_json_put_null(w, key);
    else if (raw)
        ol_json_put_raw(w, key, text);
    else
        ol_json_put_str(w, key, text);
}

static void put_failure(ol_json_writer *w, ol_str text, int exit)
{
    ol_json_put_str(w, "error", text);
    ol_json_put_cstr(w, "reason", ol_reason_of(OL_ERR_EXECUTION_FAILED)->name);
    ol_json_put_bool(w, "terminal", true);
    ol_json_put_cstr(w, "hint", "");
    ol_json_put_i64(w, "exit", exit);
}

static int report_json(const cli *it, const chain_outcome *outcome, const answer *a, ol_str version,
                       ol_str error, int exit)
{
    OL_AUTO(ol_buf) text = ol_buf_new(outcome->value.len + error.len * 6 + OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    put_or_null(&w, "request_id", a->request_id, true);
    ol_json_put_cstr(&w, "tx", outcome->hash);
    put_or_null(&w, "resolve_tx",
                a->reported ? public_jobs_resolve_tx(it, ol_str_of(outcome->hash)) : OL_STR(""),
                false);
    ol_json_put_cstr(&w, "status", exit == CLI_DONE ? "completed" : "failed");
    ol_json_put_cstr(&w, "path", "chain");
    put_or_null(&w, "project", a->project, false);
    put_or_null(&w, "version", version, false);
    put_or_null(&w, "output", outcome->value, true);
    put_or_null(&w, "instructions", a->instructions, true);
    put_or_null(&w, "time_ms", a->time_ms, true);
    put_or_null(&w, "paid_yocto", a->paid, false);
    put_or_null(&w, "cost_yocto", a->charged, false);
    put_or_null(&w, "refunded_yocto", a->refunded, false);
    ol_json_key(&w, "attestation_url");
    ol_json_add_str(&w, ol_arena_printf(it->arena, "/attestations/by-tx/%s", outcome->hash));
    ol_json_put_null(&w, "verdict");
    if (exit != CLI_DONE)
        put_failure(&w, error, exit);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, exit);
}

static ol_str near_of(const cli *it, ol_str yocto)
{
    ol_yocto amount = OL_YOCTO(0);
    (void)ol_yocto_parse(yocto, &amount);
    return amount_near_format(it->arena, amount);
}

/* `completed · 2 ms · 740 instructions · 0.0012 NEAR of 0.007, 0.0058 back · request 3 · tx …` */
static void summary(const cli *it, const chain_outcome *outcome, const answer *a, bool completed)
{
    char storage[1024];
    ol_buf line = ol_buf_over(storage, sizeof storage);
    ol_buf_addf(&line, "%s", completed ? "completed" : "failed");
    if (a->time_ms.len > 0)
        ol_buf_addf(&line, " · %.*s ms", OL_FMT(a->time_ms));
    if (a->instructions.len > 0)
        ol_buf_addf(&line, " · %.*s instructions", OL_FMT(a->instructions));
    if (a->reported)
        ol_buf_addf(&line, " · %.*s of %.*s attached, %.*s back", OL_FMT(near_of(it, a->charged)),
                    OL_FMT(near_of(it, a->paid)), OL_FMT(near_of(it, a->refunded)));
    if (a->request_id.len > 0)
        ol_buf_addf(&line, " · request %.*s", OL_FMT(a->request_id));
    ol_buf_addf(&line, " · tx %s", outcome->hash);
    cli_note(it, "%.*s", OL_FMT(ol_buf_str(&line)));
}

static int report(const cli *it, const chain_client *c, const chain_outcome *outcome,
                  ol_str version)
{
    answer a = answer_read(it, c, outcome);
    bool null_value = ol_str_eq(outcome->value, OL_STR("null"));
    bool completed = a.reported ? a.success : !null_value;
    int exit = completed ? CLI_DONE : CLI_FAILED;
    ol_str error = a.error;
    if (!completed && error.len == 0)
        error = a.reported ? OL_STR("Unknown error")
                           : OL_STR("the request expired: no worker answered within its blocks");
    if (it->json)
        return report_json(it, outcome, &a, version, error, exit);
    if (completed && !cli_result(outcome->value.len > 0 ? outcome->value : OL_STR("null"))) {
        ol_err err = {0};
        (void)ol_fail(&err, OL_ERR_IO, "standard output cannot be written");
        return cli_fail_err(it, &err);
    }
    if (!completed) {
        cli_failure failure = {.exit = CLI_FAILED};
        (void)ol_fail(&failure.err, OL_ERR_EXECUTION_FAILED, "%.*s", OL_FMT(error));
        (void)cli_fail(it, &failure);
    }
    summary(it, outcome, &a, completed);
    return exit;
}

/* ---- sending */

/* --async: the transaction's hash is the result. Its id for the contract comes with the first
 * receipt, a block or two later. */
static int send_async(const cli *it, chain_client *c, const signer *from, const ol_buf *args,
                      const request *r)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    chain_outcome outcome;
    answer a = {0};
    ol_err err = {0};
    const ol_action action = ol_action_call(OL_STR("request_execution"), ol_buf_bytes(args),
                                            RUN_TGAS * CHAIN_TGAS, r->deposit);
    if (chain_submit(c, from, it->contract, &action, 1, &outcome, &err) != OL_OK)
        return cli_fail_err(it, &err);
    for (int i = 0; i < ASYNC_LOOKS && a.request_id.len == 0; i++) {
        if (chain_await(c, outcome.hash, from->account_id, OL_STR("INCLUDED"), it->timeout_s,
                        &outcome, &err) != OL_OK)
            return chain_fail(it, &outcome, from->account_id, &err);
        request_data_read(it, c, &outcome, &a);
    }
    if (!it->json) {
        cli_note(it, "sent; outlayer wait %s --account %.*s", outcome.hash,
                 OL_FMT(from->account_id));
        return cli_result(ol_str_of(outcome.hash)) ? CLI_DONE : CLI_FAILED;
    }
    ol_json_object_begin(&w);
    put_or_null(&w, "request_id", a.request_id, true);
    ol_json_put_cstr(&w, "tx", outcome.hash);
    ol_json_put_cstr(&w, "status", "pending");
    ol_json_put_cstr(&w, "path", "chain");
    ol_json_put_dec(&w, "paid_yocto", r->deposit.yocto);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

static int send_and_await(const cli *it, chain_client *c, const signer *from, const ol_buf *args,
                          const request *r)
{
    chain_outcome outcome = {0};
    ol_err err = {0};
    if (chain_call(c, from, "request_execution", args, RUN_TGAS, r->deposit, &outcome, &err) !=
        OL_OK)
        return chain_fail(it, &outcome, from->account_id, &err);
    return report(it, c, &outcome, r->version);
}

int run_chain(cli *it, const cli_args *args)
{
    ol_err err = {0};
    request r;
    OL_AUTO(signer) from = {0};
    OL_AUTO(ol_buf) body = ol_buf_new(OL_MIB(4));
    chain_client *c = NULL;
    if (request_read(it, args, &r, &err) != OL_OK)
        return cli_fail_err(it, &err);
    args_write(&r, &body);
    if (!ol_buf_ok(&body))
        return cli_fail_usage(it, "the input is too large for a transaction");
    if ((!it->dry_run && signer_load(it, it->account, &from, &err) != OL_OK) ||
        chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    int exit;
    if (chain_catch_interrupts(c, &err) != OL_OK || deposit_find(c, &r, &err) != OL_OK)
        exit = cli_fail_err(it, &err);
    else if (it->dry_run)
        exit = chain_call_dry_run(it, "request_execution", &body, RUN_TGAS, r.deposit);
    else if (cli_flag(args, "async"))
        exit = send_async(it, c, &from, &body, &r);
    else
        exit = send_and_await(it, c, &from, &body, &r);
    chain_close(c);
    return exit;
}

int run_chain_await(cli *it, const char *hash)
{
    ol_err err = {0};
    chain_outcome outcome = {0};
    chain_client *c = NULL;
    ol_str account = it->account.len > 0 ? it->account : credentials_text(it, "account_id");
    if (account.len == 0)
        return cli_fail_usage(it, "whose transaction is it? --account ID");
    if (chain_open(it, &c, &err) != OL_OK || chain_catch_interrupts(c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc =
        chain_await(c, hash, account, OL_STR("EXECUTED_OPTIMISTIC"), it->timeout_s, &outcome, &err);
    int exit =
        rc == OL_OK ? report(it, c, &outcome, OL_STR("")) : chain_fail(it, &outcome, account, &err);
    chain_close(c);
    return exit;
}
