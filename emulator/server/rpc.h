/* JSON-RPC (NEAR 5): one request, from its body to its answer. No HTTP here: tests and the fuzz
 * target call rpc_serve as the HTTP side does.
 *
 * A method writes its result through call->w, or fails with one of the functions of rpc_error.h, or
 * waits. A method that failed half-way through its result leaves nothing behind: the answer is cut
 * back to where the result began. */
#ifndef LOCALNET_RPC_H
#define LOCALNET_RPC_H

#include "emulator/server/localnet.h"
#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"

/* NEAR's nodes read 10 MiB of body. */
#define RPC_BODY_BYTES_MAX OL_MIB(10)
/* A block full of the largest transactions, in base64. */
#define RPC_ANSWER_BYTES_MAX OL_MIB(256)

typedef enum rpc_end {
    RPC_DONE,   /* the result is written */
    RPC_FAILED, /* call->error is filled */
    RPC_WAITS,  /* call->wish is filled: ask again after a block */
} rpc_end;

/* NEAR 5.2, worst first. */
typedef enum tx_level {
    TX_NONE,
    TX_INCLUDED,
    TX_EXECUTED_OPTIMISTIC,
    TX_INCLUDED_FINAL,
    TX_EXECUTED,
    TX_FINAL,
    TX_LEVELS
} tx_level;

/* Of a request that waits for its transaction. */
typedef struct tx_wish {
    uint8_t hash[32];
    tx_level level;
    bool with_receipts; /* EXPERIMENTAL_tx_status */
} tx_wish;

typedef struct rpc_error {
    const char *kind;  /* HANDLER_ERROR, … (NEAR 5.3) */
    const char *cause; /* UNKNOWN_ACCOUNT, … */
    ol_str info;       /* JSON object */
    ol_str data;       /* JSON value; empty: left out */
    int code;
    const char *message;
    unsigned http;
} rpc_error;

typedef struct rpc_call {
    localnet *net;
    ol_arena *arena;
    ol_str method;  /* as sent, without escapes */
    ol_json params; /* raw.len 0: absent */
    ol_json_writer w;
    rpc_error error;
    tx_wish wish;
    ol_buf info; /* of an error under way */
} rpc_call;

/* What is sent back. */
typedef struct rpc_answer {
    unsigned http;
    ol_buf body;
    bool waits; /* nothing to send yet */
    tx_wish wish;
    ol_str id_json; /* of the envelope, for the answer to come; in the arena or the body */
} rpc_answer;

typedef rpc_end rpc_method_fn(rpc_call *call);

typedef struct rpc_method {
    const char *name;
    rpc_method_fn *run;
} rpc_method;

extern const rpc_method RPC_METHODS[];
extern const size_t RPC_METHOD_COUNT;

/* Carries out one request. The answer's body is the caller's to free. */
void rpc_serve(localnet *net, ol_str body, ol_arena *arena, rpc_answer *ret);
/* For a request that waits: after a block, or when its time is over (`late`). false: it waits on.
 */
bool rpc_serve_waiting(localnet *net, ol_str id_json, const tx_wish *wish, bool late,
                       ol_arena *arena, rpc_answer *ret);
/* rpc_tx.c: the answer to a wish, once it can be given. */
bool rpc_wish_met(rpc_call *call, const tx_wish *wish, bool late, rpc_end *ret);

#endif
