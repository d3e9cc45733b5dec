/* Running guests: the client of outlayer-runner (Engine 3). One ol_runner serves all threads of a
 * program; each ol_run_execute blocks its caller for one run and serves that run's host calls on
 * the caller's thread.
 *
 *   ol_runner *runner;
 *   OL_TRY(ol_runner_open(&plan, &runner, err));
 *   OL_TRY(ol_run_execute(runner, &job, &host, &result, err));   // any thread, as often as wanted
 *   ol_run_result_deinit(&result);
 *   ol_runner_close(runner);
 *
 * No process outlives its purpose: closing the runner, or the death of this program, ends all. */
#ifndef OL_RUN_RUNNER_H
#define OL_RUN_RUNNER_H

#include <poll.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/proto/job_frames.h"

enum {
    OL_RUNNER_TEMPLATES_STANDARD = 16, /* Engine 3 */
    OL_RUNNER_ARTIFACT_ID_BYTES_MAX = 128,
    OL_RUNNER_FENCES_TEXT_BYTES = 256,
    OL_RUN_POLL_MAX = 64, /* descriptors a host may add to a run's wait */
};

typedef struct ol_runner ol_runner; /* thread-safe */
typedef struct ol_run ol_run;       /* one run under way; belongs to the thread that executes it */

typedef struct ol_runner_plan {
    const char *program;    /* path of outlayer-runner */
    unsigned templates_max; /* 0: OL_RUNNER_TEMPLATES_STANDARD */
    unsigned replicas_max;  /* templates of one busy artifact; 0: one a processor, at most 4 */
    /* Delegated cgroup v2 folder for all runner processes, or NULL. Its limits (memory.max,
     * pids.max, cpu.max) are the operator's; a folder that cannot be joined is OL_ERR_SANDBOX. */
    const char *cgroup;
} ol_runner_plan;

/* Starts the zygote and waits until its fences are up. OL_ERR_SANDBOX when it refuses to start
 * (no seccomp, or a reachable network), with its words; OL_ERR_ENVIRONMENT when it cannot be
 * started. Call it before the program's first thread ends, or from a thread that stays: nothing
 * depends on the caller afterwards, a keeper thread owns the zygote and restarts it. */
ol_rc ol_runner_open(const ol_runner_plan *plan, ol_runner **ret, ol_err *err);
/* Kills what is left. No ol_run_execute may be under way. NULL is fine. */
void ol_runner_close(ol_runner *runner);

/* Which fences are active, for the log and `doctor`: "user net mount ipc uts seccomp landlock …".
 */
void ol_runner_fences(ol_runner *runner, char text[static OL_RUNNER_FENCES_TEXT_BYTES]);
/* The zygote's process id, -1 while there is none. For tests and health reports. */
int ol_runner_pid(ol_runner *runner);

typedef struct ol_run_job {
    /* Identity of the artifact: same id, same bytes. Wasm hash and fingerprint, say. */
    ol_bytes artifact_id;
    int artifact_fd; /* sealed memfd, borrowed for the call */
    ol_frame_target target;
    /* Limits, variables, input, refusals: borrowed for the call. cpu_seconds 0 is filled in from
     * the deadline. */
    ol_frame_job frame;
    unsigned seconds; /* wall clock from the start of the run, host calls included; > 0 */
    bool cold;        /* no template, also not from the second run on */
    bool want_usage;  /* wait for the process's end, to fill cpu_us and max_rss_kib */
} ol_run_job;

/* How a program serves the calls of a run. Every callback runs on the thread of ol_run_execute,
 * may answer at once or later through the ol_run_ functions below, and must not block: it would
 * hold up this run's deadline. Descriptors it waits for are added through `poll_add`.
 * A null callback: calls are answered by ending the run as OL_RUN_ENGINE_CRASH. */
typedef struct ol_run_host {
    void *env;
    /* `values` are borrowed for the call. Answer with ol_run_answer. */
    void (*call)(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                 const ol_host_value *values, size_t count);
    /* wasi:http. After `http_open` the host owes exactly one head or error, after each `http_pull`
     * exactly one piece, end or error. Borrowed for the call. */
    void (*http_open)(void *env, ol_run *run, uint32_t id, const ol_frame_http_open *request);
    void (*http_send)(void *env, ol_run *run, uint32_t id, ol_bytes piece, bool last);
    void (*http_pull)(void *env, ol_run *run, uint32_t id);
    void (*http_drop)(void *env, ol_run *run, uint32_t id);
    /* Before each wait: fills at most `max` descriptors, returns how many, and may bring
     * *wake_ns (monotonic clock) forward. May be null. */
    size_t (*poll_add)(void *env, struct pollfd *fds, size_t max, int64_t *wake_ns);
    /* After each wait: the same descriptors with what happened, or the time has come. */
    void (*poll_done)(void *env, ol_run *run, const struct pollfd *fds, size_t count);
} ol_run_host;

/* Answers of the host. All copy what they are given, never block, and do nothing when the run has
 * ended meanwhile. */
void ol_run_answer(ol_run *run, uint32_t id, ol_host_fn function, const ol_host_value *values,
                   size_t count);
void ol_run_http_head(ol_run *run, uint32_t id, const ol_frame_http_head *head);
void ol_run_http_piece(ol_run *run, uint32_t id, ol_bytes piece); /* 1 byte to 64 KiB */
void ol_run_http_end(ol_run *run, uint32_t id);
void ol_run_http_error(ol_run *run, uint32_t id, uint8_t code, ol_str text);
/* Ends the run at once as `class` with this text: OL_RUN_EGRESS_PENALTY, or OL_RUN_TIMEOUT when
 * the program is asked to stop. */
void ol_run_end(ol_run *run, ol_run_class class, ol_str text);
/* Nanoseconds of the monotonic clock at which the run is killed. */
int64_t ol_run_deadline_ns(const ol_run *run);

typedef struct ol_run_result {
    ol_run_class class;
    int32_t exit_code; /* OL_RUN_EXIT */
    int32_t trap;
    uint64_t instructions; /* OL_RUN_TIMEOUT, OL_RUN_EGRESS_PENALTY: the limit (Worker 7.2) */
    bool instructions_exact;
    uint64_t memory_bytes_peak; /* of the guest */
    uint64_t stdout_bytes, stderr_bytes;
    bool stderr_cut;
    ol_bytes output;     /* owned: all of stdout when OK, else its last bytes */
    ol_bytes errors;     /* owned: the last bytes of stderr */
    ol_str text;         /* owned: why it failed, for the requester; empty when OK */
    char note[160];      /* for the operator: signals, protocol faults */
    int64_t duration_ns; /* from handing over the job to its result */
    uint64_t cpu_us;     /* with want_usage, and of runs that died */
    uint64_t max_rss_kib, minor_faults;
    uint8_t *storage; /* what the owned parts lie in */
} ol_run_result;

void ol_run_result_deinit(ol_run_result *result);

/* Runs one job to its end. OL_OK whenever there is a result, the guest's failure included. Else
 * nothing ran: OL_ERR_RUNNER (no zygote), OL_ERR_LIMIT (job larger than a limit), OL_ERR_IO. */
ol_rc ol_run_execute(ol_runner *runner, const ol_run_job *job, const ol_run_host *host,
                     ol_run_result *ret, ol_err *err);

#endif
