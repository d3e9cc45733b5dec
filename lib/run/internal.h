/* Shared by the files of the runner's client; not for others. */
#ifndef OL_RUN_INTERNAL_H
#define OL_RUN_INTERNAL_H

#include <pthread.h>

#include "lib/run/runner.h"
#include "lib/sandbox/spawn.h"

enum {
    OL__REPLICAS_MAX = 4,
    OL__TEMPLATES_MAX = 64,
    OL__LANES_MAX = 256,
    OL__HELLO_SECONDS = 20,
    OL__LOAD_SECONDS = 20,
    OL__REAP_MS = 1000, /* a killed process is gone within; else its runner is broken */
};

/* ---- lanes: where templates report processes (job_frames.h) -------------------------------- */

/* One a run under way; kept for the next. */
typedef struct ol__lane {
    ol_fd ours;
    ol_fd theirs;
} ol__lane;

/* What a lane told about one run. */
typedef struct ol__process {
    bool started;
    ol_fd pidfd;
    bool exited;
    ol_frame_exited exit;
} ol__process;

ol_rc ol__lane_open(ol__lane *ret, ol_err *err);
void ol__lane_close(ol__lane *lane);
/* Reads what is there; waits until `want_exit ? exited : started`, at most to deadline_ns, or until
 * the other end of `reporter` (a template's socket) is gone. */
void ol__lane_read(const ol__lane *lane, int reporter, uint64_t run, bool want_exit,
                   int64_t deadline_ns, ol__process *process);

/* ---- templates ----------------------------------------------------------------------------- */

typedef struct ol__replica {
    ol_fd socket;
    unsigned users; /* runs under way */
    bool dead;      /* close when the last user leaves */
    bool loading;
} ol__replica;

typedef struct ol__template {
    uint8_t id[OL_RUNNER_ARTIFACT_ID_BYTES_MAX];
    size_t id_len; /* 0: free */
    ol_frame_target target;
    uint64_t uses;
    uint64_t last_use;
    ol__replica replica[OL__REPLICAS_MAX];
} ol__template;

struct ol_runner {
    char *program;
    char *cgroup;
    unsigned templates_max, replicas_max;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* zygote came or went; monotonic clock */
    pthread_t keeper;
    bool keeper_runs;
    ol_fd stop; /* eventfd */
    bool stopping;
    bool failed; /* the zygote refused to start */
    ol_err why;
    ol_process zygote;
    ol_fd control; /* ours; none while there is no zygote */
    uint64_t generation;
    char fences[OL_RUNNER_FENCES_TEXT_BYTES];

    uint64_t runs;
    uint64_t uses;
    ol__template templates[OL__TEMPLATES_MAX];
    ol__lane lanes[OL__LANES_MAX]; /* idle ones */
    size_t lanes_count;
};

/* Where a run goes: a replica of a template, or a process of its own. */
typedef struct ol__place {
    ol__replica *replica; /* NULL: cold */
    ol_fd socket;         /* cold: our end, owned. Else borrowed from the replica */
} ol__place;

/* A place for the job; loads templates as they pay off. A guest that cannot be loaded fails with
 * OL_ERR_WASM and the text of Host interfaces 1. */
ol_rc ol__place_take(ol_runner *runner, const ol_run_job *job, ol__place *ret, ol_err *err);
/* `broken`: the template did not take the run; do not use it again. */
void ol__place_give(ol_runner *runner, ol__place *place, bool broken);
/* After the zygote's end: none of its templates lives. Lock held. */
void ol__templates_drop(ol_runner *runner);

/* Reads LOADED or FAILED. */
ol_rc ol__template_answer(int socket, int64_t deadline_ns, ol_err *err);
/* Asks the zygote for a process with this artifact. */
ol_rc ol__template_order(ol_runner *runner, const ol_run_job *job, bool once, ol_fd *ret,
                         ol_err *err);

/* ---- keeper -------------------------------------------------------------------------------- */

ol_rc ol__keeper_start(ol_runner *runner, ol_err *err);
void ol__keeper_stop(ol_runner *runner);

/* ---- one run ------------------------------------------------------------------------------- */

/* A packet that did not fit into the socket yet. */
typedef struct ol__packet {
    struct ol__packet *next;
    ol_frame_head head;
    size_t len;
    uint8_t data[];
} ol__packet;

#define OL__QUEUED_BYTES_MAX OL_MIB(64)

struct ol_run {
    const ol_run_job *job;
    const ol_run_host *host;
    int socket;
    int64_t started_ns, deadline_ns;
    ol_frame_reader reader;
    uint8_t *packet;       /* OL_FRAME_PACKET_BYTES_MAX */
    ol_host_value *values; /* OL_HOST_VALUES_MAX */
    ol_frame_pair *headers;
    ol__packet *first, *last; /* waiting to be sent */
    size_t queued_bytes;
    bool heard;    /* the guest's process has said something */
    bool finished; /* there is a result, or the socket is closed */
    bool has_result;
    bool gone;
    ol_frame_result result; /* borrows from reader or packet */
    ol_run_class ended;     /* by the host; OL_RUN_OK: not */
    char *ended_text;       /* owned */
    char note[160];
};

void ol__run_queue(ol_run *run, ol_frame_kind kind, uint32_t id, ol_bytes payload);
void ol__run_flush(ol_run *run);
void ol__run_queue_free(ol_run *run);
void ol__run_broken(ol_run *run, const char *note);

static inline int64_t ol__now_ns(void)
{
    return ol_mono_ns(ol_clock_real());
}

#endif
