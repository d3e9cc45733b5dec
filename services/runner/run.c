#include "services/runner/run.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/sandbox/fences.h"
#include "services/runner/job_link.h"
#include "services/runner/outcome.h"

enum { EXIT_FENCE = 3, EXIT_JOB = 4, EXIT_SEND = 5, DESCRIPTORS_MAX = 32 };

/* Worker 7.2: resident memory beyond the guest's own. */
#define MEMORY_BEYOND_GUEST OL_MIB(512)

/* The fences that depend on the job, and the filter after which nothing but the guest's work is
 * left. Memory limits of the system only catch what the engine's own limit cannot see. */
static ol_rc fence_close(const ol_frame_job *job, const ol_seccomp *filter, ol_err *err)
{
    uint64_t memory = job->memory_bytes + MEMORY_BEYOND_GUEST;
    if (job->cpu_seconds > 0)
        OL_TRY(ol_rlimit_lower(RLIMIT_CPU, job->cpu_seconds, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_DATA, memory, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_NOFILE, DESCRIPTORS_MAX, err));
    return ol_seccomp_load(filter, err);
}

/* Host interfaces 6: a package the run does not have, imported nevertheless. */
static const ol_frame_refusal *refusal_of(const loaded_guest *guest, const ol_frame_job *job)
{
    for (size_t i = 0; i < job->refusals_count; i++) {
        if ((guest->interfaces >> job->refusals[i].interface & 1) != 0)
            return &job->refusals[i];
    }
    return NULL;
}

static bool component_call(void *env, uint32_t index, const olw_val *args, size_t args_len,
                           const olw_val **ret, size_t *ret_len)
{
    _Static_assert(sizeof(olw_val) == sizeof(ol_host_value), "same layout");
    const ol_host_value *answer;
    if (!job_link_call(env, (ol_host_fn)index, (const ol_host_value *)(const void *)args, args_len,
                       &answer, ret_len))
        return false;
    *ret = (const olw_val *)(const void *)answer;
    return true;
}

static void component_run(const loaded_guest *guest, const ol_frame_job *job, job_link *link,
                          ol_frame_result *ret, ol_buf *text)
{
    _Static_assert((int)P2_LOAD == (int)OL_RUN_LOAD_ERROR && (int)P2_TRAP == (int)OL_RUN_TRAP &&
                       (int)P2_OUTPUT == (int)OL_RUN_OUTPUT_LIMIT,
                   "the classes have one order");
    _Static_assert(sizeof(olw_env_pair) == sizeof(ol_frame_pair), "same layout");
    p2_result result;
    const olw_job order = {
        .input = {job->input.data, job->input.len},
        .environ = (const olw_env_pair *)(const void *)job->variables,
        .environ_len = job->variables_count,
        .stdout_bytes_max = job->stdout_bytes_max,
        .stderr_bytes_max = job->stderr_bytes_max,
        .fuel = job->instructions,
        .limits = outcome_limits(job),
        .host_env = link,
        .host_call = component_call,
        .http = job_link_http(link, job->http),
    };
    p2_run(guest->component, &order, &result, text);
    *ret = (ol_frame_result){
        .class = (ol_run_class)result.class,
        .trap = result.trap,
        .instructions_exact = result.instructions_exact,
        .instructions = result.instructions,
        .memory_bytes_peak = result.memory_bytes_peak,
        .stdout_bytes = result.out.len,
        .stderr_bytes = result.err.len,
        .text = ol_buf_str(text),
        .errors = outcome_tail(result.err),
        .output = result.class == P2_OK ? result.out : outcome_tail(result.out),
    };
}

static void guest_run(const loaded_guest *guest, const ol_frame_job *job, job_link *link,
                      ol_frame_result *ret, ol_buf *text)
{
    const ol_frame_refusal *refusal = refusal_of(guest, job);
    if (refusal != NULL)
        *ret = outcome_refused(refusal->text);
    else if (guest->target == OL_TARGET_P1)
        p1_run(guest->module, job, link, ret, text);
    else
        component_run(guest, job, link, ret, text);
}

void run_serve(const loaded_guest *guest, const ol_seccomp *filter, int job_socket)
{
    ol_err err = {0};
    ol_frame_job job;
    ol_frame_result result;
    job_link *link = job_link_new(job_socket);
    if (link == NULL || job_link_take_job(link, &job, &err) != OL_OK)
        _exit(EXIT_JOB);
    ol_buf text = ol_buf_over(link->text, sizeof link->text);
    if (fence_close(&job, filter, &err) != OL_OK)
        _exit(EXIT_FENCE);
    guest_run(guest, &job, link, &result, &text);
    _exit(job_link_send_result(link, &result) ? EXIT_SUCCESS : EXIT_SEND);
}
