/* outlayer test: one program run here, by the compiler, runner and broker the worker uses, without
 * any service. What it prints is the output; how it went is on standard error. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "lib/base/clock.h"
#include "lib/broker/broker.h"
#include "lib/codec/utf8.h"
#include "lib/crypto/hash.h"
#include "lib/proto/task.h"
#include "lib/run/aot.h"

enum { VARIABLES_MAX = OL_FRAME_VARIABLES_MAX, SECONDS_MAX = 86400, COMPILE_SECONDS = 120 };
#define INPUT_BYTES_MAX OL_MIB(24)

typedef struct trial {
    cli *cli;
    ol_str file;
    ol_str wasm;
    ol_str input;
    ol_resource_limits limits;
    ol_usd attached;
    ol_str rpc_url;
    uint64_t rpc_calls_max;
    bool rpc_transactions;
    bool loopback;
    ol_frame_pair *variable; /* VARIABLES_MAX of them */
    size_t variables;
    ol_manifest manifest;
    bool component;
    int64_t compile_ms;
    ol_usd refund;
    bool refunded;
} trial;

/* ---- what was asked for */

static ol_rc add_variable(trial *t, ol_str name, ol_str value, ol_err *err)
{
    for (size_t i = 0; i < t->variables; i++) {
        if (ol_str_eq(ol_bytes_str(t->variable[i].name), name)) {
            t->variable[i].value = ol_str_bytes(value);
            return OL_OK;
        }
    }
    if (t->variables == VARIABLES_MAX)
        return ol_fail(err, OL_ERR_USAGE, "more than %d variables", VARIABLES_MAX);
    t->variable[t->variables++] = (ol_frame_pair){ol_str_bytes(name), ol_str_bytes(value)};
    return OL_OK;
}

static ol_rc add_number(trial *t, const char *name, uint64_t number, ol_err *err)
{
    ol_str text = ol_arena_printf(t->cli->arena, "%llu", (unsigned long long)number);
    return add_variable(t, ol_str_of(name), text, err);
}

/* The limits, as every run has them (Host interfaces 3), and whatever the user says. */
static ol_rc variables_read(trial *t, const cli_args *args, ol_err *err)
{
    ol_str pair, name, value;
    t->variable = ol_arena_array(t->cli->arena, VARIABLES_MAX, sizeof *t->variable);
    if (t->variable == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(add_number(t, "NEAR_MAX_INSTRUCTIONS", t->limits.instructions_max, err));
    OL_TRY(add_number(t, "NEAR_MAX_MEMORY_MB", t->limits.memory_mb_max, err));
    OL_TRY(add_number(t, "NEAR_MAX_EXECUTION_SECONDS", t->limits.seconds_max, err));
    OL_TRY(add_variable(t, OL_STR("ATTACHED_USD"), OL_STR("0"), err));
    OL_TRY(add_variable(t, OL_STR("USD_PAYMENT"),
                        ol_arena_printf(t->cli->arena, "%s", USD(t->attached)), err));
    if (t->component && t->rpc_url.len > 0)
        OL_TRY(add_variable(t, OL_STR("NEAR_RPC_PROXY_AVAILABLE"), OL_STR("1"), err));
    for (size_t i = 0; cli_list(args, "env", i, &pair); i++) {
        if (!ol_str_cut(pair, '=', &name, &value) || name.len == 0)
            return ol_fail(err, OL_ERR_USAGE, "--env reads NAME=VALUE");
        OL_TRY(add_variable(t, name, value, err));
    }
    return OL_OK;
}

static ol_rc wasm_read(trial *t, const cli_args *args, ol_err *err)
{
    bool named = cli_value(args, "wasm", &t->file);
    if (named == (args->positionals == 1))
        return ol_fail(err, OL_ERR_USAGE, "name one program: outlayer test FILE.wasm");
    if (!named)
        t->file = args->positional[0];
    OL_TRY(cli_load(t->cli, t->file, OL_AOT_WASM_BYTES_MAX, &t->wasm, err));
    t->component = t->wasm.len > 4 && t->wasm.data[4] == 13; /* Host interfaces 1 */
    return ol_manifest_load(ol_str_bytes(t->wasm), t->cli->arena, &t->manifest, err);
}

static ol_rc input_read(trial *t, const cli_args *args, ol_err *err)
{
    ol_str path;
    bool text = cli_value(args, "input", &t->input);
    if (!cli_value(args, "input-file", &path))
        return OL_OK;
    if (text)
        return ol_fail(err, OL_ERR_USAGE, "input is given twice");
    return cli_load(t->cli, path, INPUT_BYTES_MAX, &t->input, err);
}

static ol_rc trial_read(trial *t, const cli_args *args, ol_err *err)
{
    ol_str attached;
    t->limits =
        (ol_resource_limits){OL_INSTRUCTIONS_STANDARD, OL_MEMORY_MB_STANDARD, OL_SECONDS_STANDARD};
    t->rpc_calls_max = OL_RPC_CALLS_STANDARD;
    t->input = OL_STR("");
    OL_TRY(cli_number(args, "max-instructions", 1, UINT64_MAX, &t->limits.instructions_max, err));
    OL_TRY(cli_number(args, "max-memory-mb", 1, OL_MEMORY_MB_CAP, &t->limits.memory_mb_max, err));
    OL_TRY(cli_number(args, "max-seconds", 1, SECONDS_MAX, &t->limits.seconds_max, err));
    OL_TRY(cli_number(args, "rpc-max-calls", 0, UINT32_MAX, &t->rpc_calls_max, err));
    if (cli_value(args, "attached-usd", &attached) && !ol_usd_parse(attached, &t->attached))
        return ol_fail(err, OL_ERR_USAGE, "--attached-usd must be a whole number of 10^-6 USD");
    t->rpc_transactions = cli_flag(args, "rpc-allow-transactions");
    t->loopback = cli_flag(args, "allow-loopback");
    t->rpc_url = cli_value_or(args, "rpc-url", OL_STR(""));
    if (cli_flag(args, "rpc") && t->rpc_url.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "--rpc needs --rpc-url: the node to ask");
    OL_TRY(wasm_read(t, args, err));
    OL_TRY(input_read(t, args, err));
    return variables_read(t, args, err);
}

/* ---- the run */

static bool public_or_own(const ol_addr *address)
{
    static const uint8_t LOOPBACK_6[16] = {[15] = 1};
    bool own =
        address->ipv6 ? memcmp(address->bytes, LOOPBACK_6, 16) == 0 : address->bytes[0] == 127;
    return own || ol_addr_is_public(address);
}

static ol_rc compile(trial *t, ol_aot_artifact *ret, ol_err *err)
{
    const ol_clock *clock = ol_clock_real();
    ol_aot_plan plan = {
        .wasm = ol_str_bytes(t->wasm),
        .target = t->component ? OL_AOT_P2 : OL_AOT_P1,
        .deadline_ns = ol_mono_ns(clock) + (int64_t)COMPILE_SECONDS * 1000000000,
        .clock = clock,
    };
    OL_TRY(cli_program(t->cli, "outlayer-aot", &plan.program, err));
    OL_TRY(ol_aot_compile(&plan, ret, err));
    t->compile_ms = ret->compile_ms;
    return OL_OK;
}

static ol_rc execute(trial *t, ol_runner *runner, ol_broker *broker,
                     const ol_aot_artifact *artifact, ol_run_result *ret, ol_err *err)
{
    ol_sha256 id = ol_sha256_of(ol_str_bytes(t->wasm));
    uint64_t stdout_mb =
        t->limits.memory_mb_max < OL_STDOUT_MB_MAX ? t->limits.memory_mb_max : OL_STDOUT_MB_MAX;
    const ol_broker_run about = {
        .network = ol_network_policy_of(&t->manifest, false),
        .attached = t->attached,
        .instructions_max = t->limits.instructions_max,
    };
    ol_run_job job = {
        .artifact_id = ol_sha256_bytes(&id),
        .artifact_fd = artifact->memfd.n,
        .target = t->component ? OL_TARGET_P2 : OL_TARGET_P1,
        .seconds = (unsigned)t->limits.seconds_max,
        .cold = true,
        .frame = {.instructions = t->limits.instructions_max,
                  .memory_bytes = t->limits.memory_mb_max * OL_MIB(1),
                  .stdout_bytes_max = stdout_mb * OL_MIB(1),
                  .stderr_bytes_max = OL_STDERR_BYTES_MAX,
                  .http = true,
                  .variables = t->variable,
                  .variables_count = t->variables,
                  .input = ol_str_bytes(t->input)},
    };
    job.frame.refusals_count = ol_broker_refusals(broker, job.frame.refusals);
    ol_broker_begin(broker, &about);
    const ol_run_host host = ol_broker_host(broker);
    ol_rc rc = ol_run_execute(runner, &job, &host, ret, err);
    ol_broker_end(broker);
    t->refunded = ol_broker_refund(broker, &t->refund);
    return rc;
}

/* What runs are made with; several may share it. */
typedef struct equipment {
    ol_aot_artifact artifact;
    ol_runner *runner;
    ol_broker *broker;
} equipment;

static void equipment_deinit(equipment *e)
{
    ol_broker_close(e->broker);
    ol_runner_close(e->runner);
    ol_aot_artifact_deinit(&e->artifact);
}

static ol_rc equip(trial *t, equipment *ret, ol_err *err)
{
    ol_runner_plan runner_plan = {.templates_max = 1, .replicas_max = 1};
    const ol_broker_plan broker_plan = {
        .allow = t->loopback ? public_or_own : NULL,
        .rpc_url = t->rpc_url.len > 0 ? t->rpc_url : (ol_str){NULL, 0},
        .rpc_calls_max = t->rpc_calls_max,
        .rpc_transactions = t->rpc_transactions,
    };
    OL_TRY(compile(t, &ret->artifact, err));
    OL_TRY(cli_program(t->cli, "outlayer-runner", &runner_plan.program, err));
    OL_TRY(ol_runner_open(&runner_plan, &ret->runner, err));
    return ol_broker_open(&broker_plan, &ret->broker, err);
}

static ol_rc perform(trial *t, ol_run_result *ret, ol_err *err)
{
    OL_AUTO(equipment) e = {.artifact = {.memfd = OL_FD_NONE}};
    OL_TRY(equip(t, &e, err));
    return execute(t, e.runner, e.broker, &e.artifact, ret, err);
}

/* ---- what came of it */

static void put_output(ol_json_writer *w, ol_bytes output)
{
    if (ol_utf8_valid(ol_bytes_str(output)))
        ol_json_put_str(w, "output", ol_bytes_str(output));
    else
        ol_json_put_base64(w, "output_base64", output);
}

static void put_case(ol_json_writer *w, const trial *t, const ol_run_result *r)
{
    bool passed = r->class == OL_RUN_OK;
    ol_json_object_begin(w);
    ol_json_put_str(w, "name", t->file);
    ol_json_put_cstr(w, "status", passed ? "completed" : "failed");
    ol_json_put_cstr(w, "target", t->component ? "p2" : "p1");
    if (passed)
        put_output(w, r->output);
    else
        ol_json_put_str(w, "error", r->text);
    ol_json_put_cstr(w, "class", ol_run_class_name(r->class));
    ol_json_put_str(w, "stderr", ol_bytes_str(r->errors));
    if (r->note[0] != '\0')
        ol_json_put_cstr(w, "note", r->note);
    ol_json_put_u64(w, "instructions", r->instructions);
    ol_json_put_bool(w, "instructions_exact", r->instructions_exact);
    ol_json_put_u64(w, "memory_bytes", r->memory_bytes_peak);
    ol_json_put_i64(w, "time_ms", r->duration_ns / 1000000);
    ol_json_put_i64(w, "compile_ms", t->compile_ms);
    ol_json_key(w, "refund_usd");
    if (passed && t->refunded)
        ol_json_add_dec(w, t->refund.micro);
    else
        ol_json_add_null(w);
    ol_json_object_end(w);
}

static int report_json(const trial *t, const ol_run_result *r, int exit)
{
    size_t bytes = 6 * (r->output.len + r->errors.len + r->text.len) + OL_KIB(64);
    OL_AUTO(ol_buf) text = ol_buf_new(bytes);
    ol_json_writer w = ol_json_writer_over(&text);
    bool passed = exit == CLI_DONE;
    ol_json_object_begin(&w);
    ol_json_put_i64(&w, "passed", passed ? 1 : 0);
    ol_json_put_i64(&w, "failed", passed ? 0 : 1);
    ol_json_key(&w, "cases");
    ol_json_array_begin(&w);
    put_case(&w, t, r);
    ol_json_array_end(&w);
    if (!passed)
        cli_put_failed_run(&w, r->text, exit);
    ol_json_object_end(&w);
    return cli_result_buf(t->cli, &text, exit);
}

static int report(const trial *t, const ol_run_result *r)
{
    int exit = r->class == OL_RUN_OK ? CLI_DONE : CLI_FAILED;
    ol_err err = {0};
    if (t->cli->json)
        return report_json(t, r, exit);
    if (exit == CLI_DONE) {
        ol_fd out = {STDOUT_FILENO};
        if (ol_write_all(out, r->output, &err) != OL_OK)
            return cli_fail_err(t->cli, &err);
        if (isatty(out.n) && !ol_str_ends(ol_bytes_str(r->output), OL_STR("\n")))
            (void)ol_write_all(out, ol_str_bytes(OL_STR("\n")), &err);
        if (r->errors.len > 0)
            cli_note(t->cli, "stderr: %.*s", OL_FMT(ol_bytes_str(r->errors)));
    } else {
        (void)ol_fail(&err, OL_ERR_EXECUTION_FAILED, "%.*s", OL_FMT(r->text));
        if (r->note[0] != '\0')
            (void)ol_note(&err, "%s", r->note);
        (void)cli_fail_err(t->cli, &err);
    }
    cli_note(t->cli, "%s · %s · %llu instructions%s · %lld ms · %llu KiB of memory",
             exit == CLI_DONE ? "completed" : "failed", t->component ? "p2" : "p1",
             (unsigned long long)r->instructions, r->instructions_exact ? "" : " (at least)",
             (long long)(r->duration_ns / 1000000),
             (unsigned long long)(r->memory_bytes_peak >> 10));
    return exit;
}

/* ---- cases: DIR/NAME.in beside DIR/NAME.out, what it prints, or NAME.err, part of why it fails */

typedef struct fixtures {
    trial *t;
    equipment e;
    const char *folder;
    ol_str filter;
    ol_buf text; /* a line each, or JSON */
    ol_json_writer w;
    unsigned passed, failed;
} fixtures;

static ol_str fixture_path(const fixtures *f, ol_str name, const char *ending)
{
    return ol_arena_printf(f->t->cli->arena, "%s/%.*s.%s", f->folder, OL_FMT(name), ending);
}

/* What is wanted: an output, or words of a failure. */
static ol_rc wanted_load(const fixtures *f, ol_str name, bool *ret_failure, ol_str *ret,
                         ol_err *err)
{
    ol_str out = fixture_path(f, name, "out"), words = fixture_path(f, name, "err");
    if (out.data == NULL || words.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    *ret_failure = access(out.data, F_OK) != 0;
    if (*ret_failure && access(words.data, F_OK) != 0)
        return ol_fail(err, OL_ERR_USAGE, "%.*s.in has neither %.*s.out nor %.*s.err", OL_FMT(name),
                       OL_FMT(name), OL_FMT(name));
    OL_TRY(cli_load(f->t->cli, *ret_failure ? words : out, INPUT_BYTES_MAX, ret, err));
    *ret = ol_str_trim(*ret);
    return OL_OK;
}

static void case_tell(fixtures *f, ol_str name, bool passed, const ol_run_result *r, ol_str wanted)
{
    ol_str got = r->class == OL_RUN_OK ? ol_bytes_str(r->output) : r->text;
    if (f->t->cli->json) {
        ol_json_object_begin(&f->w);
        ol_json_put_str(&f->w, "name", name);
        ol_json_put_cstr(&f->w, "status", passed ? "passed" : "failed");
        ol_json_put_u64(&f->w, "instructions", r->instructions);
        if (!passed) {
            ol_json_put_str(&f->w, "wanted", wanted);
            ol_json_put_str(&f->w, "got", got);
        }
        ol_json_object_end(&f->w);
        return;
    }
    ol_buf_addf(&f->text, "%s  %.*s · %llu instructions\n", passed ? "ok  " : "FAIL", OL_FMT(name),
                (unsigned long long)r->instructions);
    if (!passed)
        ol_buf_addf(&f->text, "      wanted: %.*s\n      got:    %.*s\n", OL_FMT(wanted),
                    OL_FMT(got));
}

static ol_rc case_run(fixtures *f, ol_str name, ol_err *err)
{
    ol_str wanted, input = fixture_path(f, name, "in");
    ol_run_result r = {0};
    bool failure;
    size_t at;
    OL_TRY(wanted_load(f, name, &failure, &wanted, err));
    OL_TRY(cli_load(f->t->cli, input, INPUT_BYTES_MAX, &f->t->input, err));
    ol_rc rc = execute(f->t, f->e.runner, f->e.broker, &f->e.artifact, &r, err);
    if (rc == OL_OK) {
        bool ran = r.class == OL_RUN_OK;
        bool passed = failure ? !ran && ol_str_find(r.text, wanted, &at)
                              : ran && ol_str_eq(ol_str_trim(ol_bytes_str(r.output)), wanted);
        case_tell(f, name, passed, &r, wanted);
        *(passed ? &f->passed : &f->failed) += 1;
    }
    ol_run_result_deinit(&r);
    return rc;
}

static int is_input(const struct dirent *entry)
{
    return ol_str_ends(ol_str_of(entry->d_name), OL_STR(".in"));
}

static ol_rc cases_run(fixtures *f, ol_err *err)
{
    struct dirent **entry;
    size_t at;
    int entries = scandir(f->folder, &entry, is_input, alphasort);
    ol_rc rc = OL_OK;
    if (entries < 0)
        return ol_fail_errno(err, OL_ERR_USAGE, "cannot read the folder %s", f->folder);
    for (int i = 0; i < entries; i++) {
        ol_str name = ol_str_of(entry[i]->d_name);
        name.len -= strlen(".in");
        if (rc == OL_OK && ol_str_find(name, f->filter, &at))
            rc = case_run(f, name, err);
        free(entry[i]);
    }
    free(entry);
    if (rc == OL_OK && f->passed + f->failed == 0)
        return ol_fail(err, OL_ERR_USAGE, "no case in %s has a name with \"%.*s\"", f->folder,
                       OL_FMT(f->filter));
    return rc;
}

static int fixtures_report(fixtures *f)
{
    int exit = f->failed == 0 ? CLI_DONE : CLI_FAILED;
    if (f->t->cli->json) {
        ol_json_array_end(&f->w);
        ol_json_put_u64(&f->w, "passed", f->passed);
        ol_json_put_u64(&f->w, "failed", f->failed);
        if (exit != CLI_DONE)
            ol_json_put_i64(&f->w, "exit", exit);
        ol_json_object_end(&f->w);
    } else {
        ol_buf_addf(&f->text, "%u passed, %u failed", f->passed, f->failed);
    }
    return cli_result_buf(f->t->cli, &f->text, exit);
}

static int fixtures_run(trial *t, const cli_args *args, ol_str folder)
{
    ol_err err = {0};
    fixtures f = {.t = t,
                  .e = {.artifact = {.memfd = OL_FD_NONE}},
                  .folder = cli_cstr(t->cli, folder),
                  .filter = cli_value_or(args, "filter", OL_STR("")),
                  .text = ol_buf_new(OL_MIB(64))};
    f.w = ol_json_writer_over(&f.text);
    if (t->cli->json) {
        ol_json_object_begin(&f.w);
        ol_json_key(&f.w, "cases");
        ol_json_array_begin(&f.w);
    }
    ol_rc rc =
        f.folder != NULL ? equip(t, &f.e, &err) : ol_fail(&err, OL_ERR_NO_MEMORY, "out of memory");
    if (rc == OL_OK)
        rc = cases_run(&f, &err);
    int exit = rc == OL_OK ? fixtures_report(&f) : cli_fail_err(t->cli, &err);
    equipment_deinit(&f.e);
    ol_buf_deinit(&f.text);
    return exit;
}

int cmd_test(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    ol_run_result result = {0};
    trial *t = OL_ARENA_NEW(it->arena, trial);
    if (t == NULL)
        return cli_fail_memory(it);
    t->cli = it;
    ol_str folder;
    if (trial_read(t, args, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (cli_value(args, "fixtures", &folder))
        return fixtures_run(t, args, folder);
    if (perform(t, &result, &failure.err) != OL_OK) {
        ol_run_result_deinit(&result);
        return cli_fail(it, &failure);
    }
    int exit = report(t, &result);
    ol_run_result_deinit(&result);
    return exit;
}
