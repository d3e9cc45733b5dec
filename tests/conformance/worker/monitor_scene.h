/* A real worker whose monitor watches a scripted chain and relays to a scripted coordinator. */
#ifndef OL_TESTS_CONFORMANCE_WORKER_MONITOR_SCENE_H
#define OL_TESTS_CONFORMANCE_WORKER_MONITOR_SCENE_H

#include "lib/codec/json_read.h"
#include "tests/conformance/worker/lab.h"

enum { FIRST = 100, BLOCKS = 32, RELAYS = 64, WAIT_S = 60 };

#define CONTRACT "outlayer.testnet"
#define TOPIC "EVENT_JSON:{\"standard\":\"near-outlayer\",\"version\":\"1.0.0\",\"event\":"

/* One height: refused so many times with a status, then a block, or `null` when `logs` is NULL. */
typedef struct height {
    bool here;
    unsigned refusals;
    int refusal;
    bool skipped;
    ol_buf outcomes; /* JSON, commas between */
    unsigned asked;
} height;

typedef struct relay_seen {
    char path[128];
    bool wallet; /* authenticated as the wallet relays do */
    ol_str body;
} relay_seen;

typedef struct scene {
    lab lab;
    http_stub *chain;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ol_arena arena;
    height at[BLOCKS];
    uint64_t asked_last;
    uint64_t head;       /* the node's, or what was served if that is higher */
    uint64_t served;     /* the highest block given out */
    const char *cursor;  /* answer of the cursor route */
    const char *request; /* what the view get_request gives */
    const char *pending; /* what get_pending_request_ids gives */
    relay_seen relay[RELAYS];
    unsigned relays;
    unsigned refuse_relays;
    int refusal;
    uint64_t beat; /* height in the last heartbeat */
    char url[128];
    char rpc[128];
    const char *settings[12];
} scene;

#define DATA_ID                                                                                    \
    "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]"
#define DATA_ID_HEX "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

/* Members of a request without anything special. */
#define PLAIN                                                                                      \
    "\"input_data\":\"in\",\"input_data_in_state\":false,\"resource_limits\":{"                    \
    "\"max_instructions\":5,\"max_memory_mb\":6,\"max_execution_seconds\":7}"

/* An empty chain: put blocks into it, then start the worker, perhaps with one more setting. */
void scene_new(scene *s);
void scene_start(scene *s, const char *setting);
void scene_deinit(scene *s);

/* A receipt with a log in the block of that height. */
void put_receipt(scene *s, unsigned number, const char *id, const char *receiver,
                 const char *status, const char *log);
void put_log(scene *s, unsigned number, const char *log); /* of the contract, successful */
void put_empty(scene *s, unsigned number);
void put_skipped(scene *s, unsigned number);

/* An execution_requested event whose request_data holds `members` beside the usual. */
const char *request_event(scene *s, unsigned id, const char *members);

/* Waits until exactly that many relays came, and the walk asks for that height. */
void scene_await(scene *s, unsigned relays, uint64_t asked);
/* A member of a relay's body by its path, `a.b`. */
void check_member(scene *s, const relay_seen *relay, const char *path, const char *want);

#endif
