/* The recorded calls of tests/data/near, made again with a contract of ours in the same VM. */
#ifndef OL_TESTS_CHAIN_ANCHORS_REPLAY_H
#define OL_TESTS_CHAIN_ANCHORS_REPLAY_H

#include "emulator/call.h"
#include "lib/codec/json_read.h"

/* What a call gave, as text that can be compared. */
typedef struct replay_side {
    bool ok;
    ol_str error;    /* without the file and line of the reference's panics */
    ol_str returned; /* the value; "(receipt)", "(nothing)" */
    ol_str logs;     /* events and the line of the charge, one a line */
    ol_str receipts; /* one a line: receiver, actions; "resume" lines behind. Without what
                        a contract only tells itself: arguments of its callbacks, payloads */
    uint64_t gas;
    int64_t storage_delta; /* bytes */
} replay_side;

typedef struct replay_call {
    uint64_t seq;
    ol_str method;
    ol_str note; /* of the recording; may be empty */
    bool view;
    ol_json recorded; /* the whole entry */
    replay_side reference;
    replay_side ours;
    ol_call_result result; /* ours */
} replay_call;

typedef struct replay {
    ol_arena arena;
    replay_call *calls;
    size_t count;
    size_t wasm_bytes;
} replay;

/* Runs all calls recorded for `contract` ("outlayer-head") with the code in `wasm_path`. */
ol_rc replay_run(const char *data_path, ol_str contract, const char *wasm_path, replay *ret,
                 ol_err *err);
void replay_deinit(replay *r);
/* A whole file; at most 16 MiB. */
ol_rc replay_file(const char *path, ol_arena *arena, ol_bytes *ret, ol_err *err);
const replay_call *replay_find(const replay *r, uint64_t seq); /* NULL: not among them */

/* The parts of a call's two sides that differ, by name: "ok", "error", "returned", "logs",
 * "receipts". Returns how many names it wrote. */
enum { REPLAY_PARTS = 5 };
size_t replay_differences(const replay_call *call, const char *ret[REPLAY_PARTS]);
ol_str replay_part(const replay_side *side, const char *name);

#endif
