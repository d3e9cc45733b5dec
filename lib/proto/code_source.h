/* Where code comes from (Coordinator 4.1): a commit of a repository, or a URL with its hash. */
#ifndef OL_PROTO_CODE_SOURCE_H
#define OL_PROTO_CODE_SOURCE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"

typedef enum ol_source_kind { OL_SOURCE_NONE, OL_SOURCE_GITHUB, OL_SOURCE_WASM_URL } ol_source_kind;

typedef struct ol_code_source {
    ol_source_kind kind;
    ol_str repo;         /* GitHub */
    ol_str commit;       /* GitHub */
    ol_str url;          /* WasmUrl */
    ol_str hash;         /* WasmUrl: 64 hex digits of the content, as given */
    ol_str build_target; /* never empty; absent on the wire is wasm32-wasip1 */
} ol_code_source;

/* 64 digits 0-9a-f (and A-F); what a checksum, a content hash or a secret's proof looks like. */
bool ol_checksum_valid(ol_str text);

/* `wasm32-wasip1`, `wasm32-wasi` or `wasm32-wasip2` (Host interfaces 1). */
bool ol_build_target_valid(ol_str target);

/* `{"type":"GitHub",…}`, `{"type":"WasmUrl",…}`, and the contract's form `{"GitHub":{…}}`.
 * OL_ERR_SHAPE when a member is missing or of another type. Texts live in the arena or in the
 * document. */
ol_rc ol_code_source_decode(const ol_json *value, ol_arena *arena, ol_code_source *ret,
                            ol_err *err);
void ol_code_source_encode(const ol_code_source *source, ol_json_writer *into);

/* Coordinator 4.1: `git@github.com:o/r.git`, `ssh://git@github.com/o/r`, `github.com/o/r` and
 * `o/r` become `https://github.com/o/r`; http(s) is kept; a text without `/` stays. */
bool ol_repo_normalise(ol_str repo, ol_arena *arena, ol_str *ret);

/* The cache key: GitHub, hex SHA-256 of `{repo}:{commit}:{build_target}` with the repository
 * normalised and an empty commit read as `main`; WasmUrl, the hash in lower case. OL_ERR_INVALID
 * for no source, or a hash that is not 64 hex digits. */
ol_rc ol_code_source_checksum(const ol_code_source *source, ol_arena *arena, ol_sha256_hex *ret,
                              ol_err *err);

#endif
