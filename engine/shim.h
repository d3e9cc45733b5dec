/* Between the C and the Rust half of the engine (src). Nobody else includes this. Errors are
 * wasmtime's: null is success, the caller deletes. */
#ifndef OLW_SHIM_H
#define OLW_SHIM_H

#include <wasmtime.h>

#include "olw.h"

typedef struct olw__pre olw__pre; /* a prelinked component */

/* Consumes the configuration. Adds what the C API has no setter for: ol-fuel-1, no address map. */
wasmtime_error_t *olw__engine_new(wasm_config_t *config, wasm_engine_t **ret);
wasmtime_error_t *olw__compile(const wasm_engine_t *engine, olw_str wasm, bool component,
                               wasm_byte_vec_t *ret);
wasmtime_error_t *olw__module_load(const wasm_engine_t *engine, int fd, wasmtime_module_t **ret);

/* WASI and wasi:http but files and sockets; then single host functions by signature. */
wasmtime_error_t *olw__link_wasi(wasmtime_component_linker_t *linker);
wasmtime_error_t *olw__link_fn(wasmtime_component_linker_t *linker, olw_str interface, olw_str name,
                               olw_str signature, uint32_t index);
wasmtime_error_t *olw__prelink(const wasmtime_component_linker_t *linker,
                               const wasmtime_component_t *component, olw__pre **ret);
void olw__pre_delete(olw__pre *pre); /* null is fine */

/* In a dynamic host function: lets go of a borrowed argument; makes a ready pollable. */
void olw__release(wasmtime_context_t *context, const wasmtime_component_resource_any_t *borrowed);
wasmtime_error_t *olw__pollable(wasmtime_context_t *context,
                                wasmtime_component_resource_any_t **ret);

/* olw_http with heads as text. A request: method, scheme, authority, path, "connect first-byte
 * between-bytes" in ms, each ended by a line feed, then name:value lines. A response: the status,
 * then name:value lines. */
typedef struct olw__event {
    uint32_t kind; /* olw_http_event_kind */
    uint32_t code;
    olw_str data; /* head text, piece, or text of an error */
    bool read;    /* as in olw_http_event */
} olw__event;

typedef struct olw__http {
    void *env;
    int32_t fd;
    bool (*open)(void *env, uint32_t id, olw_str head, bool has_body);
    bool (*send)(void *env, uint32_t id, olw_str data, bool last);
    bool (*pull)(void *env, uint32_t id);
    bool (*next)(void *env, uint32_t id, olw__event *ret);
    void (*drop)(void *env, uint32_t id);
} olw__http;

typedef struct olw__job {
    olw_str input;
    const olw_env_pair *environ;
    size_t environ_len;
    uint64_t stdout_bytes_max, stderr_bytes_max;
    uint64_t init_fuel, fuel;
    void *host_env;
    olw_host_call host_call;
    olw__http http;
} olw__job;

typedef struct olw__stream {
    olw_str bytes;
    uint64_t bytes_asked;
} olw__stream;

typedef struct olw__outcome {
    bool started; /* the entry was called: an error is the guest's */
    bool run_failed;
    uint64_t fuel_used;
    olw__stream out, err;
} olw__outcome;

wasmtime_error_t *olw__run(wasmtime_store_t *store, const olw__pre *pre,
                           const wasmtime_component_export_index_t *entry, const olw__job *job,
                           olw__outcome *ret);

/* ---- between the C files ---- */

/* Reads an error into ours and deletes it. False when there was one. */
bool olw__good(wasmtime_error_t *error, olw_error *ret);

/* Defines every row of the table; the table must outlive the linker. */
wasmtime_error_t *olw__answers_link(wasmtime_component_linker_t *linker, const olw_answer *rows,
                                    size_t rows_len);

/* Wraps callbacks that take structs into callbacks that take text. Null-safe: without callbacks
 * every request fails. The adapter lives as long as the run. */
typedef struct olw__adapter {
    olw_http user;
    char *head; /* of the response last reported */
    size_t head_bytes;
} olw__adapter;

olw__http olw__http_adapt(olw__adapter *adapter);

#endif
