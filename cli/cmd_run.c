/* outlayer run: a call over HTTPS (the other path is in run_chain.c). It is always sent as an
 * asynchronous one and then waited for, so that its id is known from the first answer on: what
 * interrupts us, a key press or a proxy that cuts at a hundred seconds, loses nothing. */
#include <stdio.h>
#include <string.h>

#include "cli/call.h"
#include "cli/commands.h"
#include "cli/credentials.h"
#include "cli/run.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/codec/json_read.h"
#include "lib/crypto/random.h"
#include "lib/near/account_id.h"
#include "lib/proto/limits.h"

enum {
    COMPUTE_LIMIT_STANDARD = 10000, /* Coordinator 2.1: DEFAULT_COMPUTE_LIMIT */
    SEND_SECONDS = 60,
    WAIT_SECONDS_STANDARD = 1260, /* Coordinator 2.1: sync window and queue allowance, and some */
};

typedef struct wish {
    ol_str project;
    ol_str input_json;
    ol_str version;
    ol_str idempotency_key;
    ol_str secrets_profile, secrets_account;
    ol_usd compute_limit;
    ol_usd deposit;
    ol_usd reserved;
    bool has_compute_limit;
    uint64_t instructions, memory_mb, seconds; /* 0: not said */
} wish;

static ol_rc amount_read(const cli_args *args, const char *name, ol_usd *ret, bool *ret_given,
                         ol_err *err)
{
    ol_str text;
    *ret_given = cli_value(args, name, &text);
    if (*ret_given && !ol_usd_parse(text, ret))
        return ol_fail(err, OL_ERR_USAGE, "--%s must be a whole number of 10^-6 USD", name);
    return OL_OK;
}

ol_rc run_project_check(ol_str project, ol_err *err)
{
    static const ol_str UP = OL_STR_INIT(".."), HERE = OL_STR_INIT(".");
    ol_str owner, name;
    bool fine = ol_str_cut(project, '/', &owner, &name) && ol_project_name_valid(owner) &&
                ol_project_name_valid(name) && !ol_str_eq(owner, UP) && !ol_str_eq(owner, HERE) &&
                !ol_str_eq(name, UP) && !ol_str_eq(name, HERE);
    return fine ? OL_OK : ol_fail(err, OL_ERR_USAGE, "a project reads owner/name");
}

ol_rc run_input_read(const cli *it, const cli_args *args, size_t before, ol_str *ret, ol_err *err)
{
    ol_str path, text = OL_STR("{}");
    ol_json root;
    bool named = cli_value(args, "input", &path);
    if (named && args->positionals > before)
        return ol_fail(err, OL_ERR_USAGE, "input is given twice");
    if (named)
        OL_TRY(cli_load(it, path, OL_BODY_BYTES_MAX, &text, err));
    else if (args->positionals > before)
        text = args->positional[before];
    if (ol_json_parse(text, &root, err) != OL_OK) {
        (void)ol_prefix(err, "the input is not JSON: ");
        return err->rc = OL_ERR_USAGE;
    }
    *ret = root.raw;
    return OL_OK;
}

static ol_rc money_read(const cli_args *args, wish *w, ol_err *err)
{
    ol_usd cost_max = OL_USD(0);
    bool has_deposit, has_max;
    w->compute_limit = OL_USD(COMPUTE_LIMIT_STANDARD);
    OL_TRY(amount_read(args, "compute-limit", &w->compute_limit, &w->has_compute_limit, err));
    OL_TRY(amount_read(args, "deposit", &w->deposit, &has_deposit, err));
    OL_TRY(amount_read(args, "max-cost", &cost_max, &has_max, err));
    if (!ol_usd_add(w->compute_limit, w->deposit, &w->reserved))
        return ol_fail(err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    if (has_max && ol_usd_less(cost_max, w->reserved))
        return ol_fail(err, OL_ERR_MAX_COST,
                       "the call would reserve %s, more than --max-cost %s; nothing was sent",
                       USD(w->reserved), USD(cost_max));
    return OL_OK;
}

/* What only one of the paths understands is refused on the other, never passed over. */
static ol_rc options_check(const cli_args *args, ol_err *err)
{
    static const char *const CHAIN_ALONE[] = {"wasm",   "hash",   "github",
                                              "commit", "target", "attached-usd"};
    OL_EACH (name, CHAIN_ALONE) {
        ol_str value;
        if (cli_value(args, *name, &value))
            return ol_fail(err, OL_ERR_USAGE, "--%s goes with --path chain", *name);
    }
    return OL_OK;
}

static ol_rc wish_read(const cli *it, const cli_args *args, wish *w, ol_err *err)
{
    OL_TRY(options_check(args, err));
    if (args->positionals == 0)
        return ol_fail(err, OL_ERR_USAGE, "usage: outlayer run PROJECT [INPUT]");
    w->project = args->positional[0];
    OL_TRY(run_project_check(w->project, err));
    OL_TRY(money_read(args, w, err));
    OL_TRY(cli_number(args, "instructions", 1, UINT64_MAX, &w->instructions, err));
    OL_TRY(cli_number(args, "memory", 1, OL_MEMORY_MB_CAP, &w->memory_mb, err));
    OL_TRY(cli_number(args, "seconds", 1, UINT32_MAX, &w->seconds, err));
    w->version = cli_value_or(args, "version", OL_STR(""));
    w->secrets_profile = cli_value_or(args, "secrets-profile", OL_STR(""));
    w->secrets_account = cli_value_or(args, "secrets-account", OL_STR(""));
    if ((w->secrets_profile.len > 0) != (w->secrets_account.len > 0))
        return ol_fail(err, OL_ERR_USAGE, "--secrets-profile and --secrets-account go together");
    if (!cli_value(args, "idempotency-key", &w->idempotency_key)) {
        ol_uuid_text key = ol_uuid_format(ol_random_uuid(ol_random_kernel()));
        if (!ol_arena_copy(it->arena, ol_uuid_str(&key), &w->idempotency_key))
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    return run_input_read(it, args, 1, &w->input_json, err);
}

static void body_write(const wish *w, ol_buf *into)
{
    ol_json_writer j = ol_json_writer_over(into);
    ol_json_object_begin(&j);
    ol_json_put_raw(&j, "input", w->input_json);
    if (w->instructions != 0 || w->memory_mb != 0 || w->seconds != 0) {
        ol_json_key(&j, "resource_limits");
        ol_json_object_begin(&j);
        if (w->instructions != 0)
            ol_json_put_u64(&j, "max_instructions", w->instructions);
        if (w->memory_mb != 0)
            ol_json_put_u64(&j, "max_memory_mb", w->memory_mb);
        if (w->seconds != 0)
            ol_json_put_u64(&j, "max_execution_seconds", w->seconds);
        ol_json_object_end(&j);
    }
    ol_json_put_bool(&j, "async", true);
    if (w->secrets_profile.len > 0) {
        ol_json_key(&j, "secrets_ref");
        ol_json_object_begin(&j);
        ol_json_put_str(&j, "profile", w->secrets_profile);
        ol_json_put_str(&j, "account_id", w->secrets_account);
        ol_json_object_end(&j);
    }
    if (w->version.len > 0)
        ol_json_put_str(&j, "version_key", w->version);
    ol_json_object_end(&j);
}

static ol_str decimal(const cli *it, ol_usd amount)
{
    return ol_arena_printf(it->arena, "%s", USD(amount));
}

static void request_fill(const cli *it, const wish *w, ol_str body, api_request *request)
{
    *request = (api_request){
        .method = "POST",
        .path = ol_arena_printf(it->arena, "/call/%.*s", OL_FMT(w->project)),
        .body = body,
        .total_ms = SEND_SECONDS * 1000,
        .repeatable = true, /* the idempotency key makes it so */
    };
    api_header(request, "Content-Type", OL_STR("application/json"));
    api_header(request, "X-Idempotency-Key", w->idempotency_key);
    if (w->has_compute_limit)
        api_header(request, "X-Compute-Limit", decimal(it, w->compute_limit));
    if (!ol_usd_is_zero(w->deposit))
        api_header(request, "X-Attached-Deposit", decimal(it, w->deposit));
}

/* --async: the id is the result. */
static int report_sent(const cli *it, const call_view *call, const wish *w)
{
    OL_AUTO(ol_buf) text = ol_buf_new(16 * 1024);
    ol_json_writer j = ol_json_writer_over(&text);
    if (!it->json) {
        cli_note(it, "sent; outlayer wait %.*s", OL_FMT(call->id));
        return cli_result(call->id) ? CLI_DONE : CLI_FAILED;
    }
    ol_json_object_begin(&j);
    call_members(&j, call);
    ol_json_put_cstr(&j, "path", "https");
    ol_json_put_str(&j, "project", w->project);
    ol_json_put_dec(&j, "reserved", w->reserved.micro);
    ol_json_object_end(&j);
    return cli_result_buf(it, &text, CLI_DONE);
}

static int send_and_await(cli *it, const cli_args *args, const wish *w, const ol_secret *key,
                          api_request *request, api *a)
{
    cli_failure failure = {0};
    call_view call = {0};
    OL_AUTO(ol_buf) answer = ol_buf_new(API_ANSWER_BYTES_MAX);
    uint64_t seconds = it->timeout_s != 0 ? it->timeout_s : WAIT_SECONDS_STANDARD;
    int64_t deadline_ns = ol_mono_ns(ol_clock_real()) + (int64_t)seconds * 1000000000;
    if (seconds < SEND_SECONDS)
        request->total_ms = (uint32_t)seconds * 1000;
    api_header(request, "X-Payment-Key", ol_bytes_str(ol_secret_reveal(key)));
    if (api_send(a, request, &answer, &failure) != OL_OK ||
        call_view_parse(it, ol_buf_str(&answer), &call, &failure.err) != OL_OK) {
        if (failure.err.rc == OL_ERR_BALANCE && failure.hint[0] == '\0')
            (void)snprintf(failure.hint, sizeof failure.hint,
                           "outlayer keys topup fills a key; --compute-limit reserves less");
        return cli_fail(it, &failure);
    }
    /* The answer's storage is used again while waiting. */
    if (!ol_arena_copy(it->arena, call.id, &call.id))
        return cli_fail_memory(it);
    if (cli_flag(args, "async"))
        return report_sent(it, &call, w);
    if (it->verbose)
        cli_note(it, "call %.*s", OL_FMT(call.id));

    ol_str id = call.id;
    if (call_await(a, it, key, id, deadline_ns, NULL, &answer, &call, &failure) != OL_OK)
        return call_left_behind(it, id, &failure);
    const call_origin origin = {
        .project = w->project,
        .version = w->version.len > 0 ? w->version : (ol_str){0},
        .deposit = decimal(it, w->deposit),
        .reserved = decimal(it, w->reserved),
    };
    return call_report(it, &call, &origin);
}

int cmd_run(cli *it, const cli_args *args)
{
    ol_err err = {0};
    wish w = {0};
    OL_AUTO(ol_secret) key = {0};
    OL_AUTO(ol_buf) body = ol_buf_new(OL_BODY_BYTES_MAX);
    api_request request;
    api *a = NULL;

    ol_str path = cli_value_or(args, "path", OL_STR("https"));
    if (ol_str_eq(path, OL_STR("chain")))
        return run_chain(it, args);
    if (!ol_str_eq(path, OL_STR("https")))
        return cli_fail_usage(it, "--path is https or chain");
    if (wish_read(it, args, &w, &err) != OL_OK)
        return cli_fail_err(it, &err);
    body_write(&w, &body);
    if (!ol_buf_ok(&body))
        return cli_fail_usage(it, "the input is larger than %zu bytes", OL_BODY_BYTES_MAX);
    request_fill(it, &w, ol_buf_str(&body), &request);
    if (it->dry_run)
        return api_dry_run(it, &request, "X-Payment-Key");
    if (payment_key_load(it, cli_value_or(args, "payment-key", OL_STR("")), &key, &err) != OL_OK ||
        api_open(it, &a, &err) != OL_OK || api_catch_interrupts(a, &err) != OL_OK)
        return cli_fail_err(it, &err);
    int exit = send_and_await(it, args, &w, &key, &request, a);
    api_close(a);
    return exit;
}
