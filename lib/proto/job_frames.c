/* Payloads of job_frames.h. Decoders take everything or nothing, and never more than a limit. */
#include "lib/proto/job_frames.h"

static ol_str text_of(ol_borsh *from, size_t bytes_max)
{
    ol_str text = ol_bytes_str(ol_borsh_bytes(from));
    from->failed |= text.len > bytes_max;
    return text;
}

static void add_pairs(const ol_frame_pair *pairs, size_t count, ol_buf *into)
{
    ol_borsh_add_u32(into, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        ol_borsh_add_bytes(into, pairs[i].name);
        ol_borsh_add_bytes(into, pairs[i].value);
    }
}

static size_t pairs_of(ol_borsh *from, size_t max, ol_frame_pair *pairs)
{
    size_t count = ol_borsh_u32(from);
    if (count > max) {
        from->failed = true;
        return 0;
    }
    for (size_t i = 0; i < count && !from->failed; i++) {
        pairs[i].name = ol_borsh_bytes(from);
        pairs[i].value = ol_borsh_bytes(from);
    }
    return count;
}

/* ---- control ------------------------------------------------------------------------------- */

void ol_frame_load_encode(const ol_frame_load *load, ol_buf *into)
{
    ol_borsh_add_u8(into, (uint8_t)load->target);
    ol_borsh_add_bool(into, load->once);
}

bool ol_frame_load_decode(ol_bytes payload, ol_frame_load *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    uint8_t target = ol_borsh_u8(&from);
    bool once = ol_borsh_bool(&from);
    if (!ol_borsh_done(&from) || target > OL_TARGET_P2)
        return false;
    *ret = (ol_frame_load){(ol_frame_target)target, once};
    return true;
}

void ol_frame_failed_encode(const ol_frame_failed *failed, ol_buf *into)
{
    ol_borsh_add_bool(into, failed->guest_fault);
    ol_borsh_add_str(into, failed->text);
    ol_borsh_add_str(into, failed->note);
}

bool ol_frame_failed_decode(ol_bytes payload, ol_frame_failed *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_failed failed = {.guest_fault = ol_borsh_bool(&from)};
    failed.text = text_of(&from, OL_FRAME_TEXT_BYTES_MAX);
    failed.note = text_of(&from, OL_FRAME_TEXT_BYTES_MAX);
    if (!ol_borsh_done(&from))
        return false;
    *ret = failed;
    return true;
}

void ol_frame_run_encode(uint64_t run, ol_buf *into)
{
    ol_borsh_add_u64(into, run);
}

bool ol_frame_run_decode(ol_bytes payload, uint64_t *ret_run)
{
    ol_borsh from = ol_borsh_over(payload);
    uint64_t run = ol_borsh_u64(&from);
    if (!ol_borsh_done(&from))
        return false;
    *ret_run = run;
    return true;
}

void ol_frame_started_encode(const ol_frame_started *started, ol_buf *into)
{
    ol_borsh_add_u64(into, started->run);
    ol_borsh_add_u32(into, (uint32_t)started->pid);
}

bool ol_frame_started_decode(ol_bytes payload, ol_frame_started *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_started started = {.run = ol_borsh_u64(&from)};
    started.pid = (int32_t)ol_borsh_u32(&from);
    if (!ol_borsh_done(&from))
        return false;
    *ret = started;
    return true;
}

void ol_frame_exited_encode(const ol_frame_exited *exited, ol_buf *into)
{
    ol_borsh_add_u64(into, exited->run);
    ol_borsh_add_u32(into, exited->wait_status);
    ol_borsh_add_u64(into, exited->cpu_us);
    ol_borsh_add_u64(into, exited->max_rss_kib);
    ol_borsh_add_u64(into, exited->minor_faults);
}

bool ol_frame_exited_decode(ol_bytes payload, ol_frame_exited *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_exited exited = {.run = ol_borsh_u64(&from)};
    exited.wait_status = ol_borsh_u32(&from);
    exited.cpu_us = ol_borsh_u64(&from);
    exited.max_rss_kib = ol_borsh_u64(&from);
    exited.minor_faults = ol_borsh_u64(&from);
    if (!ol_borsh_done(&from))
        return false;
    *ret = exited;
    return true;
}

/* ---- jobs ---------------------------------------------------------------------------------- */

void ol_frame_job_encode(const ol_frame_job *job, ol_buf *into)
{
    ol_borsh_add_u64(into, job->instructions);
    ol_borsh_add_u64(into, job->memory_bytes);
    ol_borsh_add_u64(into, job->stdout_bytes_max);
    ol_borsh_add_u64(into, job->stderr_bytes_max);
    ol_borsh_add_u32(into, job->cpu_seconds);
    ol_borsh_add_bool(into, job->http);
    ol_borsh_add_u8(into, (uint8_t)job->refusals_count);
    for (size_t i = 0; i < job->refusals_count; i++) {
        ol_borsh_add_u8(into, (uint8_t)job->refusals[i].interface);
        ol_borsh_add_str(into, job->refusals[i].text);
    }
    add_pairs(job->variables, job->variables_count, into);
    uint32_t len;
    if (!ol_u32_of(job->input.len, &len))
        into->failed = true;
    else
        ol_borsh_add_u32(into, len);
}

static void refusals_decode(ol_borsh *from, ol_frame_job *job)
{
    job->refusals_count = ol_borsh_u8(from);
    if (job->refusals_count > OL_COUNT(job->refusals)) {
        from->failed = true;
        return;
    }
    for (size_t i = 0; i < job->refusals_count; i++) {
        uint8_t interface = ol_borsh_u8(from);
        from->failed |= interface >= OL_HOST_INTERFACES;
        job->refusals[i].interface = (ol_host_interface)interface;
        job->refusals[i].text = text_of(from, OL_FRAME_TEXT_BYTES_MAX);
    }
}

bool ol_frame_job_decode(ol_bytes payload, ol_frame_pair *variables, ol_frame_job *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_job job = {.instructions = ol_borsh_u64(&from)};
    job.memory_bytes = ol_borsh_u64(&from);
    job.stdout_bytes_max = ol_borsh_u64(&from);
    job.stderr_bytes_max = ol_borsh_u64(&from);
    job.cpu_seconds = ol_borsh_u32(&from);
    job.http = ol_borsh_bool(&from);
    refusals_decode(&from, &job);
    job.variables = variables;
    job.variables_count = pairs_of(&from, OL_FRAME_VARIABLES_MAX, variables);
    job.input = ol_borsh_bytes(&from);
    if (!ol_borsh_done(&from))
        return false;
    *ret = job;
    return true;
}

/* ---- host calls ---------------------------------------------------------------------------- */

bool ol_frame_call_encode(ol_host_fn function, const ol_host_value *values, size_t count,
                          ol_buf *into)
{
    ol_borsh_add_u16(into, (uint16_t)function);
    return ol_host_values_encode(ol_host_arguments(function), values, count, into);
}

bool ol_frame_call_decode(ol_bytes payload, ol_host_fn *ret_function, ol_host_value *values,
                          size_t *ret_count)
{
    ol_borsh from = ol_borsh_over(payload);
    uint16_t function = ol_borsh_u16(&from);
    size_t count = 0;
    if (from.failed || function >= OL_HOST_FUNCTIONS ||
        !ol_host_values_decode(ol_host_arguments((ol_host_fn)function), &from, values, &count) ||
        !ol_borsh_done(&from))
        return false;
    *ret_function = (ol_host_fn)function;
    *ret_count = count;
    return true;
}

bool ol_frame_answer_encode(ol_host_fn function, const ol_host_value *values, size_t count,
                            ol_buf *into)
{
    return ol_host_values_encode(ol_host_results(function), values, count, into);
}

bool ol_frame_answer_decode(ol_host_fn function, ol_bytes payload, ol_host_value *values,
                            size_t *ret_count)
{
    ol_borsh from = ol_borsh_over(payload);
    size_t count = 0;
    if (!ol_host_values_decode(ol_host_results(function), &from, values, &count) ||
        !ol_borsh_done(&from))
        return false;
    *ret_count = count;
    return true;
}

void ol_frame_http_open_encode(const ol_frame_http_open *open, ol_buf *into)
{
    ol_borsh_add_str(into, open->method);
    ol_borsh_add_str(into, open->scheme);
    ol_borsh_add_str(into, open->authority);
    ol_borsh_add_str(into, open->path);
    add_pairs(open->headers, open->headers_count, into);
    ol_borsh_add_u64(into, (uint64_t)open->body_bytes);
    ol_borsh_add_bool(into, open->has_body);
    ol_borsh_add_u32(into, open->connect_timeout_ms);
    ol_borsh_add_u32(into, open->first_byte_timeout_ms);
    ol_borsh_add_u32(into, open->between_bytes_timeout_ms);
}

bool ol_frame_http_open_decode(ol_bytes payload, ol_frame_pair *headers, ol_frame_http_open *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_http_open open = {.headers = headers};
    open.method = text_of(&from, OL_FRAME_HTTP_HEAD_BYTES_MAX);
    open.scheme = text_of(&from, OL_FRAME_HTTP_HEAD_BYTES_MAX);
    open.authority = text_of(&from, OL_FRAME_HTTP_HEAD_BYTES_MAX);
    open.path = text_of(&from, OL_FRAME_HTTP_HEAD_BYTES_MAX);
    open.headers_count = pairs_of(&from, OL_FRAME_HEADERS_MAX, headers);
    open.body_bytes = (int64_t)ol_borsh_u64(&from);
    open.has_body = ol_borsh_bool(&from);
    open.connect_timeout_ms = ol_borsh_u32(&from);
    open.first_byte_timeout_ms = ol_borsh_u32(&from);
    open.between_bytes_timeout_ms = ol_borsh_u32(&from);
    if (!ol_borsh_done(&from) || open.body_bytes < -1)
        return false;
    *ret = open;
    return true;
}

void ol_frame_http_head_encode(const ol_frame_http_head *head, ol_buf *into)
{
    ol_borsh_add_u16(into, head->status);
    add_pairs(head->headers, head->headers_count, into);
}

bool ol_frame_http_head_decode(ol_bytes payload, ol_frame_pair *headers, ol_frame_http_head *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_http_head head = {.status = ol_borsh_u16(&from), .headers = headers};
    head.headers_count = pairs_of(&from, OL_FRAME_HEADERS_MAX, headers);
    if (!ol_borsh_done(&from))
        return false;
    *ret = head;
    return true;
}

void ol_frame_http_error_encode(const ol_frame_http_error *error, ol_buf *into)
{
    ol_borsh_add_u8(into, error->code);
    ol_borsh_add_str(into, error->text);
}

bool ol_frame_http_error_decode(ol_bytes payload, ol_frame_http_error *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    ol_frame_http_error error = {.code = ol_borsh_u8(&from)};
    error.text = text_of(&from, OL_FRAME_TEXT_BYTES_MAX);
    if (!ol_borsh_done(&from))
        return false;
    *ret = error;
    return true;
}

/* ---- results ------------------------------------------------------------------------------- */

const char *ol_run_class_name(ol_run_class class)
{
    static const char *const names[OL_RUN_CLASSES] = {
        [OL_RUN_OK] = "ok",
        [OL_RUN_EXIT] = "exit",
        [OL_RUN_TRAP] = "trap",
        [OL_RUN_OUT_OF_FUEL] = "out_of_fuel",
        [OL_RUN_INIT_LIMIT] = "init_limit",
        [OL_RUN_MEMORY] = "memory",
        [OL_RUN_OUTPUT_LIMIT] = "output_limit",
        [OL_RUN_LOAD_ERROR] = "load_error",
        [OL_RUN_TIMEOUT] = "timeout",
        [OL_RUN_OOM_KILLED] = "oom_killed",
        [OL_RUN_EGRESS_PENALTY] = "egress_penalty",
        [OL_RUN_ENGINE_CRASH] = "engine_crash",
    };
    OL_ASSERT(class < OL_RUN_CLASSES);
    return names[class];
}

void ol_frame_result_encode(const ol_frame_result *result, ol_buf *into)
{
    ol_borsh_add_u8(into, (uint8_t)result->class);
    ol_borsh_add_u32(into, (uint32_t)result->exit_code);
    ol_borsh_add_u32(into, (uint32_t)result->trap);
    ol_borsh_add_bool(into, result->instructions_exact);
    ol_borsh_add_bool(into, result->stderr_cut);
    ol_borsh_add_u64(into, result->instructions);
    ol_borsh_add_u64(into, result->memory_bytes_peak);
    ol_borsh_add_u64(into, result->stdout_bytes);
    ol_borsh_add_u64(into, result->stderr_bytes);
    ol_borsh_add_str(into, result->text);
    ol_borsh_add_bytes(into, result->errors);
    uint32_t len;
    if (!ol_u32_of(result->output.len, &len))
        into->failed = true;
    else
        ol_borsh_add_u32(into, len);
}

bool ol_frame_result_decode(ol_bytes payload, ol_frame_result *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    uint8_t class = ol_borsh_u8(&from);
    ol_frame_result result = {.exit_code = (int32_t)ol_borsh_u32(&from)};
    result.trap = (int32_t)ol_borsh_u32(&from);
    result.instructions_exact = ol_borsh_bool(&from);
    result.stderr_cut = ol_borsh_bool(&from);
    result.instructions = ol_borsh_u64(&from);
    result.memory_bytes_peak = ol_borsh_u64(&from);
    result.stdout_bytes = ol_borsh_u64(&from);
    result.stderr_bytes = ol_borsh_u64(&from);
    result.text = text_of(&from, OL_FRAME_TEXT_BYTES_MAX);
    result.errors = ol_borsh_bytes(&from);
    result.output = ol_borsh_bytes(&from);
    if (!ol_borsh_done(&from) || class >= OL_RUN_CLASSES_OF_RUN ||
        result.errors.len > OL_FRAME_TAIL_BYTES_MAX)
        return false;
    result.class = (ol_run_class) class;
    *ret = result;
    return true;
}
