/* Sizes, counts and times several programs agree on, each with its place in the specification.
 * Limits of one program alone stand in that program. */
#ifndef OL_PROTO_LIMITS_H
#define OL_PROTO_LIMITS_H

#include "lib/base/num.h"

/* Wire bodies. */
#define OL_BODY_BYTES_MAX OL_MIB(10)      /* Coordinator 1: worker and HTTPS-API routes */
#define OL_BODY_SMALL_BYTES_MAX OL_MIB(2) /* Coordinator 1: every other route */
/* A poll answer holds a task whose input was a request body, escaped once more as a string. */
#define OL_TASK_BYTES_MAX OL_MIB(24)
/* A completion holds an output of OL_STDOUT_BYTES_MAX at most; the body limit cuts it first. */
#define OL_COMPLETE_BYTES_MAX OL_BODY_BYTES_MAX

enum {
    OL_ACCOUNT_ID_BYTES_MIN = 2, /* the protocol's rule */
    OL_ACCOUNT_ID_BYTES_MAX = 64,
    OL_PROJECT_NAME_BYTES_MAX = 64,  /* the contract's rule */
    OL_PROJECT_ID_BYTES_MAX = 129,   /* owner/name */
    OL_PROJECT_UUID_BYTES_MAX = 64,  /* p0000000000000001 */
    OL_VERSION_KEY_BYTES_MAX = 1024, /* Coordinator 2.1: hash or {repo}@{commit} */
    OL_SHA256_HEX_DIGITS = 64,
    OL_URL_BYTES_MAX = 2048,
    OL_REPO_BYTES_MAX = 512,    /* Worker 5.3 */
    OL_GIT_REF_BYTES_MAX = 256, /* Worker 5.3 */
    OL_WORKER_ID_BYTES_MAX = 128,
    OL_WORKER_LIFE_BYTES_MAX = 32,
    OL_ERROR_TEXT_BYTES_MAX = 64 * 1024, /* error text of a failed run on our wire */
};

/* Resources of one run. */
enum {
    OL_SECONDS_MIN = 5,           /* Worker 7.2 */
    OL_SECONDS_CAP = 180,         /* Worker 2 MAX_EXECUTION_SECONDS_CAP */
    OL_MEMORY_MB_CAP = 512,       /* Worker 2 MAX_MEMORY_MB_CAP */
    OL_MEMORY_MB_STANDARD = 128,  /* Coordinator 2.1 */
    OL_SECONDS_STANDARD = 60,     /* Coordinator 2.1 */
    OL_STDOUT_MB_MAX = 64,        /* Worker 7.2 */
    OL_SYSTEM_VARIABLES_MAX = 64, /* Host interfaces 3 has 29 names */
};
#define OL_INSTRUCTIONS_STANDARD UINT64_C(10000000000) /* Coordinator 2.1 */
#define OL_STDERR_BYTES_MAX OL_MIB(1)                  /* Worker 7.2 */

/* Code. */
#define OL_WASM_BYTES_MAX ((size_t)10 * 1000 * 1000) /* Worker 5.3: a built module */
#define OL_WASM_URL_BYTES_MAX OL_MIB(10)             /* Worker 5.5: a downloaded one */
enum {
    OL_WASM_URL_SECONDS = 30,      /* Worker 5.5 */
    OL_REDIRECTS_MAX = 5,          /* Worker 5.5 */
    OL_MANIFEST_BYTES_MAX = 65536, /* Host interfaces 5 */
    OL_MANIFEST_HOSTS_MAX = 256,
    OL_MANIFEST_LIMITS_MAX = 256,
    OL_WASM_NESTING_MAX = 16, /* components within components that we look into */
};

/* Outgoing HTTP of a run (Host interfaces 5). */
enum {
    OL_HTTP_REQUESTS_MAX = 256,
    OL_HTTP_HEAD_SECONDS = 30,
    OL_HTTP_IDLE_SECONDS = 30,
    OL_HTTP_TIMEOUTS_MAX = 2, /* the second ends the run */
    OL_HTTP_FRAME_BYTES_MAX = 64 * 1024,
    OL_HTTP_HEADERS_MAX = 256,
    OL_HTTP_HEADER_BYTES_MAX = 64 * 1024, /* all together */
    OL_HTTP_AT_ONCE_MAX = 32,             /* requests of one run in flight */
};
#define OL_HTTP_BODIES_BYTES_MAX OL_MIB(128)

/* NEAR RPC of a run (Host interfaces 7). */
enum { OL_RPC_CALLS_STANDARD = 100, OL_RPC_SECONDS = 30, OL_RPC_CONNECT_SECONDS = 10 };
#define OL_RPC_ANSWER_BYTES_MAX OL_MIB(16)

/* near:storage, near:vrf and outlayer:wallet, of one run (Host interfaces 8, 10, 11). */
enum {
    OL_STORAGE_CALLS_MAX = 1000,
    OL_STORAGE_KEY_BYTES = 1024,
    OL_STORAGE_VALUE_BYTES_MAX = 2097152,
    OL_VRF_CALLS_MAX = 10,
    OL_WALLET_CALLS_MAX = 50, /* Host interfaces 11 */
};

#endif
