#include "cli/call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/codec/json_read.h"

enum {
    PATH_BYTES_MAX = 256,
    PAUSE_MS = 300,
    GRACE_MS = 500,       /* past the user's deadline, for an answer that is on its way */
    ASK_SLACK_MS = 10000, /* past the longest wait we ask for */
    REPORT_SLACK_BYTES = 64 * 1024,
};

static const char *const STATES[] = {
    [CALL_PENDING] = "pending",
    [CALL_COMPLETED] = "completed",
    [CALL_FAILED] = "failed",
};

static ol_rc state_parse(const ol_json *root, call_state *ret, ol_err *err)
{
    ol_json value;
    if (ol_json_find(root, OL_STR("status"), &value) && ol_json_kind_of(&value) == OL_JSON_STRING) {
        for (unsigned i = 0; i < OL_COUNT(STATES); i++) {
            if (ol_json_text_is(&value, ol_str_of(STATES[i]))) {
                *ret = (call_state)i;
                return OL_OK;
            }
        }
        if (ol_json_text_is(&value, OL_STR("running"))) {
            *ret = CALL_PENDING;
            return OL_OK;
        }
    }
    return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's answer names no status");
}

/* A string's text, or a number's digits. */
static ol_str member(const cli *it, const ol_json *root, const char *name)
{
    ol_json value;
    ol_str text = {0};
    if (!ol_json_find(root, ol_str_of(name), &value) || ol_json_is_null(&value))
        return text;
    if (ol_json_kind_of(&value) != OL_JSON_STRING)
        return value.raw;
    (void)ol_json_text(&value, it->arena, &text, NULL);
    return text;
}

ol_rc call_view_parse(const cli *it, ol_str answer, call_view *ret, ol_err *err)
{
    ol_json root, output;
    call_view call = {0};
    OL_TRY(api_json(answer, &root, err));
    OL_TRY(state_parse(&root, &call.state, err));
    call.id = member(it, &root, "call_id");
    if (call.id.len == 0)
        return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's answer names no call");
    if (ol_json_find(&root, OL_STR("output"), &output))
        call.output_json = output.raw;
    call.error = member(it, &root, "error");
    call.compute_cost = member(it, &root, "compute_cost");
    call.instructions = member(it, &root, "instructions");
    call.time_ms = member(it, &root, "time_ms");
    call.job_id = member(it, &root, "job_id");
    call.attestation_url = member(it, &root, "attestation_url");
    *ret = call;
    return OL_OK;
}

/* The answer comes at once or when the call has ended, but no later than `left_ms`. */
static ol_rc ask(api *a, const cli *it, const ol_secret *key, ol_str id, int64_t left_ms,
                 bool at_once, ol_buf *answer, call_view *ret, cli_failure *failure)
{
    const int64_t WAIT_MS_MAX = (int64_t)API_WAIT_SECONDS * 1000;
    char storage[PATH_BYTES_MAX];
    ol_buf path = ol_buf_over(storage, sizeof storage);
    api_request request = {.method = "GET", .repeatable = true};
    int64_t wait_ms = at_once ? 0 : left_ms < WAIT_MS_MAX ? left_ms : WAIT_MS_MAX;
    ol_buf_addf(&path, "/calls/%.*s?wait=%d", OL_FMT(id), (int)((wait_ms + 999) / 1000));
    if (!ol_buf_ok(&path))
        return ol_fail(&failure->err, OL_ERR_USAGE, "a call id has 36 characters");
    request.path = ol_buf_str(&path);
    request.total_ms =
        (uint32_t)(left_ms < WAIT_MS_MAX ? left_ms + GRACE_MS : WAIT_MS_MAX + ASK_SLACK_MS);
    api_header(&request, "X-Payment-Key", ol_bytes_str(ol_secret_reveal(key)));
    OL_TRY(api_send(a, &request, answer, failure));
    return call_view_parse(it, ol_buf_str(answer), ret, &failure->err);
}

static ol_rc not_ended(cli_failure *failure)
{
    return ol_fail(&failure->err, OL_ERR_PENDING, "the call has not ended yet");
}

ol_rc call_await(api *a, const cli *it, const ol_secret *key, ol_str id, int64_t deadline_ns,
                 call_watcher *on_change, ol_buf *answer, call_view *ret, cli_failure *failure)
{
    const ol_clock *clock = ol_clock_real();
    bool told = false;
    for (;;) {
        int64_t asked_ns = ol_mono_ns(clock);
        int64_t left_ms = asked_ns < deadline_ns ? (deadline_ns - asked_ns) / 1000000 : 0;
        /* A watcher hears of the state there is before it waits for the next one. */
        bool at_once = on_change != NULL && !told;
        ol_rc rc = ask(a, it, key, id, left_ms, at_once, answer, ret, failure);
        if (rc == OL_ERR_TIMEOUT && ol_mono_ns(clock) >= deadline_ns)
            return not_ended(failure);
        OL_TRY(rc);
        if (on_change != NULL && (!told || ret->state != CALL_PENDING))
            on_change(it, ret);
        told = true;
        if (ret->state != CALL_PENDING)
            return OL_OK;
        if (ol_mono_ns(clock) >= deadline_ns)
            return not_ended(failure);
        /* A coordinator without long waits answers at once. */
        if (!at_once && ol_mono_ns(clock) - asked_ns < (int64_t)PAUSE_MS * 1000000)
            (void)nanosleep(&(struct timespec){0, PAUSE_MS * 1000000}, NULL);
    }
}

static void put_number(ol_json_writer *w, const char *key, ol_str digits)
{
    if (digits.data != NULL)
        ol_json_put_raw(w, key, digits);
    else
        ol_json_put_null(w, key);
}

static void put_text(ol_json_writer *w, const char *key, ol_str text)
{
    if (text.data != NULL)
        ol_json_put_str(w, key, text);
    else
        ol_json_put_null(w, key);
}

void call_members(ol_json_writer *w, const call_view *call)
{
    ol_json_put_str(w, "call_id", call->id);
    put_number(w, "job_id", call->job_id);
    ol_json_put_cstr(w, "status", STATES[call->state]);
}

static int report_json(const cli *it, const call_view *call, const call_origin *origin, int exit)
{
    ol_buf text = ol_buf_new(call->output_json.len + call->error.len * 6 + REPORT_SLACK_BYTES);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    call_members(&w, call);
    ol_json_put_cstr(&w, "path", "https");
    put_text(&w, "project", origin->project);
    put_text(&w, "version", origin->version);
    if (call->output_json.data != NULL)
        ol_json_put_raw(&w, "output", call->output_json);
    else
        ol_json_put_null(&w, "output");
    put_number(&w, "instructions", call->instructions);
    put_number(&w, "time_ms", call->time_ms);
    put_text(&w, "compute_cost", call->compute_cost);
    put_text(&w, "attached_deposit", origin->deposit);
    put_text(&w, "reserved", origin->reserved);
    put_text(&w, "attestation_url", call->attestation_url);
    ol_json_put_null(&w, "verdict");
    if (call->state == CALL_FAILED)
        cli_put_failed_run(&w, call->error, exit);
    ol_json_object_end(&w);
    exit = cli_result_buf(it, &text, exit);
    ol_buf_deinit(&text);
    return exit;
}

/* `completed · 12 ms · 501 instructions · 1002 µUSD · call 3fa1…` */
static void summary_write(const call_view *call, ol_buf *line)
{
    ol_buf_addf(line, "%s", STATES[call->state]);
    if (call->time_ms.len > 0)
        ol_buf_addf(line, " · %.*s ms", OL_FMT(call->time_ms));
    if (call->instructions.len > 0)
        ol_buf_addf(line, " · %.*s instructions", OL_FMT(call->instructions));
    if (call->compute_cost.len > 0)
        ol_buf_addf(line, " · %.*s µUSD", OL_FMT(call->compute_cost));
    ol_buf_addf(line, " · call %.*s", OL_FMT(call->id));
}

static void summary(const cli *it, const call_view *call)
{
    char storage[1024];
    ol_buf line = ol_buf_over(storage, sizeof storage);
    summary_write(call, &line);
    cli_note(it, "%.*s", OL_FMT(ol_buf_str(&line)));
}

int call_tell(const cli *it, const call_view *call)
{
    char storage[1024];
    ol_buf line = ol_buf_over(storage, sizeof storage);
    summary_write(call, &line);
    return cli_result_buf(it, &line, call->state == CALL_PENDING ? CLI_PENDING : CLI_DONE);
}

int call_report(const cli *it, const call_view *call, const call_origin *origin)
{
    int exit = call->state == CALL_COMPLETED ? CLI_DONE : CLI_FAILED;
    if (it->json)
        return report_json(it, call, origin, exit);
    if (call->state == CALL_COMPLETED) {
        ol_err err = {0};
        ol_str output = call->output_json.data != NULL ? call->output_json : OL_STR("null");
        if (!cli_result(output)) {
            (void)ol_fail(&err, OL_ERR_IO, "standard output cannot be written");
            return cli_fail_err(it, &err);
        }
    } else {
        cli_failure failure = {.exit = CLI_FAILED};
        (void)ol_fail(&failure.err, OL_ERR_EXECUTION_FAILED, "%.*s", OL_FMT(call->error));
        (void)cli_fail(it, &failure);
    }
    summary(it, call);
    return exit;
}

int call_left_behind(const cli *it, ol_str id, cli_failure *failure)
{
    (void)snprintf(failure->call_id, sizeof failure->call_id, "%.*s", OL_FMT(id));
    (void)snprintf(failure->hint, sizeof failure->hint, "it goes on: outlayer wait %.*s",
                   OL_FMT(id));
    return cli_fail(it, failure);
}
