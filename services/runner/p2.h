/* The component side of the run process: what the zygote, a template and a run call for p2.
 *
 *   zygote    p2_world_open    once; everything a component may import, before any fork
 *   template  p2_load          artifact → guest, imports resolved; or in the run, when cold
 *   run       p2_run           instantiate, wasi:cli/run, classify; once per process
 *
 * p2_load opens /proc/self/fd/<n>, so it must come before a filter that forbids openat, and it
 * needs /proc. p2_run makes the syscalls of Engine 10: getrandom, futex, mmap, munmap, mprotect,
 * sigaltstack, clock_gettime; with outgoing HTTP also epoll_create1, eventfd2, epoll_ctl,
 * epoll_wait, fcntl, write to the eventfd, and what the callbacks do. */
#ifndef OUTLAYER_RUNNER_P2_H
#define OUTLAYER_RUNNER_P2_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "olw.h"

typedef struct p2_world p2_world;
typedef struct p2_guest p2_guest;

/* The OutLayer interfaces (Host interfaces 7-11, `functions`) beside WASI. The engine outlives the
 * world, the world its guests. In the runner all live until the process ends. */
ol_rc p2_world_open(const struct wasm_engine_t *engine, const olw_host_fn *functions,
                    size_t functions_len, p2_world **ret, ol_err *err);

/* OL_ERR_WASM with the text `Failed to instantiate component` when an import is unknown or
 * wasi:cli/run is not exported (Host interfaces 1); OL_ERR_RUNNER when the artifact is not ours. */
ol_rc p2_load(const p2_world *world, int artifact_fd, p2_guest **ret, ol_err *err);

void p2_guest_free(p2_guest *guest);
void p2_world_free(p2_world *world);

/* Does the component import this interface ("near:vrf/api", version not compared)? For the refusals
 * of Host interfaces 6, which depend on what the run has. */
bool p2_imports(const p2_guest *guest, ol_str interface);

/* Engine 3, outcome classes a run can find out itself. */
typedef enum p2_class {
    P2_OK = 0,
    P2_EXIT, /* run returned err, or exit(err) */
    P2_TRAP,
    P2_OUT_OF_FUEL,
    P2_INIT_LIMIT, /* instantiation used up its own budget (Engine 2 rule 1) */
    P2_MEMORY,     /* a growth or an initial size was refused, then the run failed */
    P2_OUTPUT,     /* stdout went beyond its limit */
    P2_LOAD,       /* instantiation failed otherwise */
} p2_class;

typedef struct p2_result {
    p2_class class;
    int32_t trap; /* olw_trap, OLW_TRAP_NONE when there was none */
    uint64_t instructions;
    bool instructions_exact;
    uint64_t memory_bytes_peak;
    ol_bytes out; /* all of stdout, also of a failed run; cut to its limit */
    ol_bytes err; /* stderr, cut to its limit */
} p2_result;

/* Runs the guest and, when it failed, writes the text of Host interfaces 2 or Worker 7.2 into
 * `text` (its maximum should be P2_TEXT_BYTES_MAX). The job says what olw_job says; init_fuel 0
 * stands for the usual INIT_FUEL. The bytes in `ret` live until the process ends. */
#define P2_TEXT_BYTES_MAX (20u << 10) /* 16 KiB of stderr, twice as wide at worst replaced, cut */
#define P2_INIT_FUEL UINT64_C(10000000)
void p2_run(const p2_guest *guest, const olw_job *job, p2_result *ret, ol_buf *text);

#endif
