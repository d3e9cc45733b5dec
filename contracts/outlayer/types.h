/* Values of the wire that several concerns share, read and written (Contract 3). */
#ifndef OL_CONTRACTS_OUTLAYER_TYPES_H
#define OL_CONTRACTS_OUTLAYER_TYPES_H

#include "contracts/outlayer/call.h"
#include "contracts/outlayer/state.h"

/* CodeSource, or a Project still to be resolved. Absent texts have data NULL. */
typedef enum source_kind { SOURCE_GITHUB, SOURCE_WASM_URL, SOURCE_PROJECT } source_kind;

typedef struct code_source {
    source_kind kind;
    ol_str where;        /* repo, url, or project_id */
    ol_str which;        /* commit, hash, or version_key (may be absent) */
    ol_str build_target; /* may be absent; always for a project */
} code_source;

/* ExecutionSource; CodeSource alone where `project_allowed` is false. */
code_source code_source_read(call *c, const ol_json *value, bool project_allowed);
void code_source_write(ol_json_writer *w, const code_source *it);

/* Hash32: an array of 32 numbers. */
static inline void put_hash32(ol_json_writer *w, const char *key, const uint8_t hash[32])
{
    ol_json_put_byte_array(w, key, (ol_bytes){hash, 32});
}

/* `null` where data is NULL. */
void put_text_or_null(ol_json_writer *w, const char *key, ol_str text);

#endif
