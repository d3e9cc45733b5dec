/* The shim over wasmtime: what its own C API (wasm.h, wasmtime.h) does not offer. Engine 1.1, 10.
 *
 * Core modules (p1) use the C API for linking, calling and fuel; from here come the engine, the
 * loader, the limits and the reading of failures. Components (p2) run wholly behind this header.
 *
 * One process runs one guest: limits and host callbacks are per process, not per store. Nothing
 * here starts a thread except olw_compile. Engine, modules, worlds and prelinked components may be
 * made before a fork and used after it; olw_run and olw_store_limits belong into the child alone,
 * because the WASI context draws its random seed when it is made (Engine 3).
 *
 * Text and bytes go as pointer and length and are borrowed for the call unless said otherwise.
 * Every function that can fail takes an olw_error and leaves its outputs alone when it does. */
#ifndef OLW_H
#define OLW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wasm_engine_t;
struct wasm_trap_t;
struct wasmtime_error;
struct wasmtime_module;
struct wasmtime_store;

#define OLW_ENGINE_NAME "wasmtime-48.0.8"
#define OLW_METERING_PROFILE "ol-fuel-1" /* Engine 2 */

typedef struct olw_str {
    const uint8_t *data; /* may be null when len is 0 */
    size_t len;
} olw_str;

/* ---- failures ------------------------------------------------------------------------------ */

/* The numbers are wasmtime's (wasmtime/trap.h); the shim asserts them while compiling. */
typedef enum olw_trap {
    OLW_TRAP_NONE = -1, /* a host error or a refused load: `text` says which */
    OLW_TRAP_STACK_OVERFLOW = 0,
    OLW_TRAP_MEMORY_OUT_OF_BOUNDS = 1,
    OLW_TRAP_UNREACHABLE = 9,
    OLW_TRAP_OUT_OF_FUEL = 11,
} olw_trap;

#define OLW_ERROR_TEXT_BYTES 1024

typedef struct olw_error {
    int32_t trap;        /* a trap code, or OLW_TRAP_NONE */
    int32_t exit_status; /* of wasi:cli/exit (0 or 1); -1 when the guest did not exit */
    uint32_t text_len;
    char text[OLW_ERROR_TEXT_BYTES]; /* innermost message, UTF-8, NUL-terminated, cut to fit */
} olw_error;

/* Are the instructions counted so far exact after this trap? Only where the engine writes its
 * counter back: calls, returns, `unreachable` and failed fuel checks (Engine 2). Host errors and
 * exits happen inside a call, so they are exact. */
static inline bool olw_trap_exact(int32_t trap)
{
    return trap == OLW_TRAP_NONE || trap == OLW_TRAP_UNREACHABLE || trap == OLW_TRAP_OUT_OF_FUEL;
}

/* Reads a failure of the C API; at most one of the two is given, neither is consumed. */
void olw_error_read(const struct wasmtime_error *error, const struct wasm_trap_t *trap,
                    olw_error *ret);

/* ---- engine -------------------------------------------------------------------------------- */

/* The one configuration of Engine 1: the same in both programs, or artifacts would be refused.
 * `compile_threads` 0 or 1 compiles on the calling thread; without the compiler it means nothing.
 * Delete with wasm_engine_delete. Null on failure. */
struct wasm_engine_t *olw_engine_new(uint32_t compile_threads, olw_error *error);

/* Compiler only. Engine version, metering profile, target and a digest of everything an artifact's
 * compatibility depends on, as text such as "wasmtime-48.0.8/ol-fuel-1/x86-64-v3/<16 hex digits>".
 * Returns its length, NUL not counted; at most OLW_FINGERPRINT_BYTES - 1. */
#define OLW_FINGERPRINT_BYTES 128
size_t olw_engine_fingerprint(const struct wasm_engine_t *engine, char *ret, size_t capacity);

/* Compiler only. Compiles a core module or (`component`) a component and hands the artifact to
 * `sink` in one call; the sink returns false when it could not take it. */
typedef bool (*olw_sink)(void *env, const uint8_t *data, size_t len);
bool olw_compile(const struct wasm_engine_t *engine, olw_str wasm, bool component, olw_sink sink,
                 void *env, olw_error *error);

/* ---- loading ------------------------------------------------------------------------------- */

/* An artifact is native code and trusted completely: give it from a sealed memfd only (Engine 5).
 * The descriptor stays the caller's, but must stay open: data images are mapped from it at every
 * instantiation. wasmtime_module_delete frees the result. Null on failure. */
struct wasmtime_module *olw_module_load(const struct wasm_engine_t *engine, int fd,
                                        olw_error *error);

/* ---- limits -------------------------------------------------------------------------------- */

typedef struct olw_limits {
    uint64_t memory_bytes;   /* all linear memories together, their initial sizes included */
    uint32_t table_elements; /* each table; also the sum */
    uint32_t instances;
    uint32_t tables;
    uint32_t memories;
} olw_limits;

typedef struct olw_usage {
    uint64_t memory_bytes_peak; /* all linear memories together */
    bool memory_refused;        /* a growth or an initial size was refused by the limit */
    bool table_refused;
} olw_usage;

/* Sets the limits of a store of the C API (p1). Call it before instantiating. A refused growth
 * answers -1 to the guest; a refused initial size fails the instantiation. */
void olw_store_limits(struct wasmtime_store *store, const olw_limits *limits);

/* What the guest of this process, p1 or p2, has used so far. */
void olw_usage_read(olw_usage *ret);

/* ---- host functions of components ---------------------------------------------------------- */

/* Signatures are text: arguments, '>', results. One letter each:
 *
 *   s string      b list<u8>      t bool      w u32      u u64      i s64
 *   S option<string>              T option<bool>
 *   h list<tuple<string,string>>, result or argument
 *   R result<record {status: u16, headers: h, body: b}, string>, a result that stands alone
 *
 * Several result letters are one tuple; no letter is no result. The C side of p1 lowers the same
 * table by the canonical ABI. The shim knows the signatures that Host interfaces 7-11 and
 * outlayer:http need; any other fails olw_world_new with its text. */
typedef struct olw_host_fn {
    const char *interface; /* "near:storage/api@0.1.0" */
    const char *name;      /* "set-if-absent" */
    const char *signature; /* "sb>ts" */
} olw_host_fn;

/* One value of a call, flattened: `s b` use `bytes`; `t w u i` use `number` (s64 as its bits);
 * an option is a number (0 none, 1 some) followed, when some, by its value; `h` is a number
 * (count of pairs) followed by 2 * count strings; `R` is a number 0 (ok), a number (status),
 * `h`, a `bytes` body; or a number 1 (error) and a string. */
typedef struct olw_val {
    uint64_t number;
    olw_str bytes;
} olw_val;

/* Called on the run's one thread; may block. `index` counts in the table given to olw_world_new.
 * Arguments are borrowed for the call. The callback points `*ret` at `*ret_len` values that stay
 * valid until its next call in this process; the shim copies them out at once, and text that is
 * not UTF-8 is decoded with replacement. Returning false traps the guest with "host call failed";
 * use it for protocol faults only, service errors are values (Host interfaces 6). */
typedef bool (*olw_host_call)(void *env, uint32_t index, const olw_val *args, size_t args_len,
                              const olw_val **ret, size_t *ret_len);

/* A function of a WASI interface that is answered without any system behind it: the empty
 * read-only directory and the denied sockets of Host interfaces 4. Rows of one function are tried
 * in order; the first whose condition holds answers, none holding is a trap.
 *
 * condition: null (always), ".x" (some string argument equals x), or "+x" (some flags argument
 * holds x).
 * answer, in a small value notation: ok, ok(V), err(V), none, some(V), true, false, 12u8, 12u32,
 * 12u64, "text", enum-case, {flag flag}, rec(name=V name=V), var(case V), [V V], (V V) for tuples,
 * own(resource), own(pollable) for one that is ready. The empty answer is no result.
 * A row whose name is "resource X" declares resource X in its interface instead. */
typedef struct olw_answer {
    const char *interface;
    const char *name;
    const char *condition;
    const char *answer;
} olw_answer;

/* ---- outgoing HTTP of components ----------------------------------------------------------- */

/* wasi:http over frames to a broker outside of the process. The run drives: after `open` the
 * broker owes exactly one head or error; after each `pull` exactly one piece, end or error. So at
 * most one event a stream is ever under way and no queue can fill. Every call happens on the run's
 * one thread. `id` is chosen by the shim, from 1 upwards, never reused. */
typedef struct olw_http_pair {
    olw_str name;
    olw_str value; /* bytes, not necessarily UTF-8 */
} olw_http_pair;

typedef struct olw_http_request {
    olw_str method;    /* "GET" */
    olw_str scheme;    /* "http" or "https" */
    olw_str authority; /* host[:port]; empty when the guest gave none */
    olw_str path;      /* path and query; "/" when the guest gave none */
    const olw_http_pair *headers;
    size_t headers_len;
    int64_t body_bytes; /* declared content-length, or -1 */
    bool has_body;      /* false: no `send` follows */
    uint32_t connect_timeout_ms, first_byte_timeout_ms, between_bytes_timeout_ms;
} olw_http_request;

typedef enum olw_http_event_kind {
    OLW_HTTP_NOTHING = 0, /* not yet */
    OLW_HTTP_HEAD,        /* status, headers */
    OLW_HTTP_PIECE,       /* data, len > 0 */
    OLW_HTTP_END,
    OLW_HTTP_ERROR, /* code, data = text for internal-error */
} olw_http_event_kind;

/* Cases of wasi:http/types.error-code that a broker can answer with. */
typedef enum olw_http_code {
    OLW_HTTP_INTERNAL_ERROR = 0, /* carries the text: Host interfaces 5, checks 1-5 and budget */
    OLW_HTTP_CONNECTION_TIMEOUT = 1,
    OLW_HTTP_CONNECTION_REFUSED = 2,
    OLW_HTTP_CONNECTION_TERMINATED = 3,
    OLW_HTTP_CONNECTION_READ_TIMEOUT = 4,
    OLW_HTTP_TLS_CERTIFICATE_ERROR = 5,
    OLW_HTTP_TLS_PROTOCOL_ERROR = 6,
    OLW_HTTP_PROTOCOL_ERROR = 7,
    OLW_HTTP_RESPONSE_TIMEOUT = 8,
    OLW_HTTP_DESTINATION_UNAVAILABLE = 9,
} olw_http_code;

typedef struct olw_http_event {
    olw_http_event_kind kind;
    olw_http_code code;
    uint16_t status;
    const olw_http_pair *headers;
    size_t headers_len;
    olw_str data; /* borrowed until the next call of `next` */
    bool read;    /* this call took something from `fd`, for whichever stream: all look again */
} olw_http_event;

#define OLW_HTTP_PIECE_BYTES_MAX 65536u /* Engine 4: a body travels in frames of 64 KiB */

typedef struct olw_http {
    void *env;
    int fd; /* readable when `next` may know more; -1: no outgoing HTTP in this run */
    /* Sends the request head. False: the broker is gone; the guest is answered internal-error. */
    bool (*open)(void *env, uint32_t id, const olw_http_request *request);
    /* Sends a piece of the request body, at most OLW_HTTP_PIECE_BYTES_MAX; may block. `last` ends
     * the body and may come with no bytes. A body the guest gave up is ended by `drop`. */
    bool (*send)(void *env, uint32_t id, olw_str data, bool last);
    /* Asks for the next piece of the response body. */
    bool (*pull)(void *env, uint32_t id);
    /* Takes the next event of this stream without blocking. It reads all that `fd` holds and keeps
     * what belongs to other streams: the host_call callback may also read their events on its way
     * to its own answer. False: the broker is gone. */
    bool (*next)(void *env, uint32_t id, olw_http_event *ret);
    /* The guest let go of the stream: no further event may be reported for it. */
    void (*drop)(void *env, uint32_t id);
} olw_http;

/* ---- components ---------------------------------------------------------------------------- */

typedef struct olw_world olw_world;         /* everything a component may import */
typedef struct olw_component olw_component; /* a loaded artifact */
typedef struct olw_prelinked olw_prelinked; /* its imports resolved and checked */

/* Both tables must outlive the world. WASI 0.2 is upstream's, except the interfaces that `answers`
 * name; wasi:http is upstream's types with our sending. Null on failure. */
olw_world *olw_world_new(const struct wasm_engine_t *engine, const olw_answer *answers,
                         size_t answers_len, const olw_host_fn *functions, size_t functions_len,
                         olw_error *error);
void olw_world_delete(olw_world *world);

/* As olw_module_load. */
olw_component *olw_component_load(const struct wasm_engine_t *engine, int fd, olw_error *error);
void olw_component_delete(olw_component *component);

/* Name of the nth import ("near:vrf/api@0.1.0"), borrowed from the component; false past the
 * last. */
bool olw_component_import(const olw_component *component, size_t nth, olw_str *ret);

/* Fails when an import is unknown or of another type, or when the component does not export
 * wasi:cli/run@0.2.x. Keeps what it needs of both arguments. Null on failure. */
olw_prelinked *olw_prelink(const olw_world *world, const olw_component *component,
                           olw_error *error);
void olw_prelinked_delete(olw_prelinked *prelinked);

typedef struct olw_env_pair {
    olw_str name;
    olw_str value;
} olw_env_pair;

typedef struct olw_job {
    olw_str input;               /* stdin */
    const olw_env_pair *environ; /* names and values must be UTF-8 */
    size_t environ_len;
    uint64_t stdout_bytes_max; /* inclusive; one byte more ends the run */
    uint64_t stderr_bytes_max; /* inclusive; the rest is dropped */
    uint64_t init_fuel;        /* budget of the instantiation, Engine 2 rule 1 */
    uint64_t fuel;             /* budget of wasi:cli/run.run */
    olw_limits limits;
    void *host_env;
    olw_host_call host_call; /* null: calls answer by trapping */
    olw_http http;
} olw_job;

typedef enum olw_end {
    OLW_END_OK = 0,   /* run returned ok, or exit(ok) */
    OLW_END_RUN_ERR,  /* run returned err */
    OLW_END_EXIT_ERR, /* exit(err) */
    OLW_END_TRAP,     /* trap or host error while running: `error` */
    OLW_END_OUTPUT,   /* stdout went beyond its limit */
    OLW_END_INIT,     /* instantiation failed: `error`, and whether its fuel ran out */
} olw_end;

typedef struct olw_outcome {
    olw_end end;
    olw_error error;
    uint64_t fuel_used; /* of the entry call; at most job.fuel */
    olw_usage usage;
    olw_str out;              /* both live until the process ends */
    olw_str err;              /* at most stderr_bytes_max */
    uint64_t out_bytes_asked; /* what the guest wrote, the refused write included */
    uint64_t err_bytes_asked;
} olw_outcome;

/* Instantiates and runs, once per process. Makes the WASI context, the store and a current-thread
 * event loop, and drops none of them: process death is the clean-up. */
void olw_run(const olw_prelinked *prelinked, const olw_job *job, olw_outcome *ret);

#ifdef __cplusplus
}
#endif

#endif
