#include "services/runner/outcome.h"

#include <inttypes.h>

#include "services/runner/stderr_text.h"

enum {
    INPUT_PREVIEW_BYTES = 200,   /* Host interfaces 2 */
    TABLE_ELEMENTS_MAX = 100000, /* Worker 7.2 */
    INSTANCES_MAX = 64,
    TABLES_MAX = 64,
    MEMORIES_MAX = 10,
};

olw_limits outcome_limits(const ol_frame_job *job)
{
    return (olw_limits){
        .memory_bytes = job->memory_bytes,
        .table_elements = TABLE_ELEMENTS_MAX,
        .instances = INSTANCES_MAX,
        .tables = TABLES_MAX,
        .memories = MEMORIES_MAX,
    };
}

ol_bytes outcome_tail(ol_bytes bytes)
{
    if (bytes.len <= OL_FRAME_TAIL_BYTES_MAX)
        return bytes;
    return (ol_bytes){bytes.data + bytes.len - OL_FRAME_TAIL_BYTES_MAX, OL_FRAME_TAIL_BYTES_MAX};
}

ol_frame_result outcome_refused(ol_str text)
{
    return (ol_frame_result){.class = OL_RUN_LOAD_ERROR,
                             .trap = OLW_TRAP_NONE,
                             .instructions_exact = true,
                             .text = text};
}

static ol_run_class class_of(const outcome *o, const olw_usage *usage)
{
    switch (o->end) {
    case OUTCOME_OK:
        return OL_RUN_OK;
    case OUTCOME_EXIT:
        return OL_RUN_EXIT;
    case OUTCOME_OUTPUT:
        return OL_RUN_OUTPUT_LIMIT;
    case OUTCOME_TRAP:
        if (o->trap == OLW_TRAP_OUT_OF_FUEL)
            return OL_RUN_OUT_OF_FUEL;
        return usage->memory_refused ? OL_RUN_MEMORY : OL_RUN_TRAP;
    case OUTCOME_INIT:
        if (o->trap == OLW_TRAP_OUT_OF_FUEL)
            return OL_RUN_INIT_LIMIT;
        return usage->memory_refused ? OL_RUN_MEMORY : OL_RUN_LOAD_ERROR;
    }
    OL_UNREACHABLE();
    return OL_RUN_LOAD_ERROR;
}

/* Host interfaces 2: P1 non-zero exit, stderr empty. */
static void exit_text(const outcome *o, ol_bytes input, ol_buf *text)
{
    bool cut = input.len > INPUT_PREVIEW_BYTES;
    if (cut) {
        input.len = INPUT_PREVIEW_BYTES;
        while (input.len > 0 && (input.data[input.len] & 0xc0) == 0x80)
            input.len--; /* not within a character */
    }
    ol_buf_add_str(text, OL_STR("WASM program exited with error status. This usually means invalid "
                                "input_data or panic in code. Input received: "));
    stderr_text_add(input, text);
    ol_buf_addf(text, "%s Original error: Exited with i32 exit status %" PRId32, cut ? "..." : "",
                o->exit_code);
}

static void trap_text(const outcome *o, ol_buf *text)
{
    if (o->err.len > 0) {
        stderr_text_add(o->err, text);
        ol_buf_add_char(text, '\n');
    }
    ol_buf_addf(text, "WASM execution failed: %.*s", OL_FMT(o->trap_text));
}

static void failure_text(const outcome *o, ol_run_class class, const ol_frame_job *job,
                         ol_buf *text)
{
    if (class == OL_RUN_EXIT && o->err.len > 0)
        stderr_text_add(o->err, text);
    else if (class == OL_RUN_EXIT)
        exit_text(o, job->input, text);
    else if (class == OL_RUN_TRAP)
        trap_text(o, text);
    else if (class == OL_RUN_OUT_OF_FUEL) /* Worker 7.2 */
        ol_buf_addf(text,
                    "Instruction limit exceeded (consumed %" PRIu64
                    " instructions): all fuel consumed by WebAssembly",
                    o->instructions);
    else if (class == OL_RUN_MEMORY)
        ol_buf_addf(text, "Memory limit exceeded: %" PRIu64 " MB", job->memory_bytes >> 20);
    else if (class == OL_RUN_OUTPUT_LIMIT)
        ol_buf_addf(text, "Output limit exceeded: %" PRIu64 " bytes", job->stdout_bytes_max);
    else if (class != OL_RUN_OK)
        ol_buf_add_str(text, OL_STR("Failed to instantiate WASI P1 module"));
}

void outcome_classify(const outcome *o, const ol_frame_job *job, ol_frame_result *ret, ol_buf *text)
{
    olw_usage usage;
    olw_usage_read(&usage);
    ol_run_class class = class_of(o, &usage);
    failure_text(o, class, job, text);
    *ret = (ol_frame_result){
        .class = class,
        .exit_code = class == OL_RUN_EXIT ? o->exit_code : 0,
        .trap = o->end == OUTCOME_TRAP || o->end == OUTCOME_INIT ? o->trap : OLW_TRAP_NONE,
        .instructions_exact = olw_trap_exact(o->trap),
        .stderr_cut = o->err_bytes > o->err.len,
        .instructions = o->instructions,
        .memory_bytes_peak = usage.memory_bytes_peak,
        .stdout_bytes = o->out_bytes,
        .stderr_bytes = o->err_bytes,
        .text = ol_buf_str(text),
        .errors = outcome_tail(o->err),
        .output = class == OL_RUN_OK ? o->out : outcome_tail(o->out),
    };
}
