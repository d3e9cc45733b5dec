/* Programs ready to run: sealed native code in memory, looked up by cache key and target, made once
 * however many slots ask at the same time. Shared by all slots. */
#ifndef WORKER_CODES_H
#define WORKER_CODES_H

#include "lib/proto/job_frames.h"
#include "lib/proto/manifest.h"
#include "services/worker/artifacts.h"
#include "services/worker/download.h"

typedef struct codes codes;

/* Owned by the cache; a slot holds it from codes_get to codes_release. */
typedef struct code {
    ol_fd memfd;           /* sealed */
    ol_sha256 id;          /* of wasm, target and engine */
    ol_sha256_hex content; /* SHA-256 of the wasm */
    ol_frame_target target;
    ol_manifest manifest;
    ol_arena arena; /* of the manifest */
} code;

ol_rc codes_open(const worker_settings *settings, codes **ret, ol_err *err);
void codes_close(codes *all); /* nothing may be held; NULL is fine */

/* From memory, from disk, or downloaded and compiled. Errors are worded for the requester:
 * OL_ERR_COMPILE the source is at fault, OL_ERR_WASM the module is, anything else infrastructure.
 * Failures are not remembered. */
ol_rc codes_get(codes *all, coordinator *c, ol_http_client *web, const resolved_code *from,
                const code **ret, ol_err *err);
void codes_release(codes *all, const code *one);

/* Name and version of the engine, and how it counts instructions (Engine 2): they travel with
 * every result. Live as long as `all`. */
void codes_engine(const codes *all, ol_str *ret_engine, ol_str *ret_metering_profile);

#endif
