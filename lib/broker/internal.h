/* The parts of a broker, for files of this folder. */
#ifndef OL_BROKER_INTERNAL_H
#define OL_BROKER_INTERNAL_H

#include "lib/broker/broker.h"
#include "lib/codec/base58.h"
#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "lib/near/transaction.h"
#include "lib/net/http_loop.h"
#include "lib/net/lookup.h"
#include "lib/net/status_text.h"
#include "lib/net/url.h"
#include "lib/proto/limits.h"

/* ---- one outgoing request ---- */

typedef enum ol__stream_state {
    OL__STREAM_RESOLVING,
    OL__STREAM_UNDER_WAY, /* curl has it */
    OL__STREAM_ENDED,     /* the response is complete, or the request has failed */
} ol__stream_state;

typedef struct ol__failure {
    bool set;
    uint8_t code; /* olw_http_code: 0 carries the text */
    const char *text;
} ol__failure;

typedef struct ol__stream {
    struct ol__stream *next;
    ol_broker *broker;
    uint64_t tag; /* of this run's look-ups */
    uint32_t id;  /* of the guest's stream, or of its call */
    bool call;    /* outlayer:http: answered at once, as a call */
    ol__stream_state state;
    ol_arena arena; /* request head, response headers, texts of failures */
    ol_url url;
    size_t record; /* index of its egress record */

    CURL *handle;
    struct curl_slist *headers;
    struct curl_slist *pinned;
    bool in_loop;

    int64_t opened_ns;
    int64_t head_due_ns;  /* monotonic: the response head must be there */
    bool head_due_counts; /* that is the host's limit, not a shorter one of the guest */
    int64_t idle_ns;      /* the longest silence within a body */
    int64_t heard_ns;     /* when the peer was last heard, or let speak again */

    bool has_body;
    int64_t body_bytes; /* declared, or -1 */
    ol_buf out;         /* request body not yet taken by curl begins at out_at */
    size_t out_at;
    bool out_last;
    bool out_paused;

    uint16_t status;
    ol_frame_pair *pair; /* response headers */
    size_t pairs;
    size_t pairs_bytes;
    bool head_complete;
    bool head_sent;
    ol_buf in; /* response body not yet given to the guest begins at in_at */
    size_t in_at;
    bool in_paused;
    bool pulled;             /* the guest waits for a piece */
    size_t answer_bytes_max; /* call: the guest's max-bytes */
    ol__failure failure;
} ol__stream;

typedef struct ol__egress {
    ol_http_loop *loop;  /* made with a run's first request, freed with the run */
    ol_lookups *lookups; /* likewise */
    ol__stream *first;
    unsigned open;
    unsigned requests;
    unsigned timeouts;
    uint64_t tags;
    uint64_t body_bytes;   /* of responses, this run */
    uint64_t queued_bytes; /* of request bodies */
    ol_egress_record *record;
    size_t records;
} ol__egress;

/* ---- NEAR RPC ---- */

typedef enum ol__rpc_step {
    OL__RPC_IDLE,
    OL__RPC_ASK,   /* one request, its envelope is the value */
    OL__RPC_VIEW,  /* the bytes a view returned are the value */
    OL__RPC_PRICE, /* result.gas_price is */
    OL__RPC_NONCE, /* first half of call and transfer */
    OL__RPC_SEND,  /* second half */
} ol__rpc_step;

typedef struct ol__rpc {
    ol_http_loop *loop; /* kept from run to run: connections stay open */
    CURL *handle;
    struct curl_slist *headers;
    bool in_loop;
    uint64_t calls; /* counted ones of this run, refused ones too */
    ol__rpc_step step;
    uint32_t id; /* of the guest's call */
    ol_host_fn function;
    ol_arena arena; /* of the call */
    ol_buf body;
    ol_buf answer;
    ol_transaction transaction;
    ol_action action;
    ol_ed25519_key key; /* the guest's; wiped with the call */
    char hash[OL_BASE58_TEXT_MAX + 1];
} ol__rpc;

/* ---- our own services ---- */

#define OL_STORAGE_ARENA_BYTES_MAX OL_MIB(64)

typedef void ol__service_next(ol_broker *broker);

typedef struct ol__service {
    ol_http_loop *loop; /* kept from run to run: connections stay open */
    CURL *handle;
    struct curl_slist *headers;
    bool in_loop;
    bool busy;   /* a guest waits for its call */
    uint32_t id; /* of that call */
    ol_host_fn function;
    ol_arena arena; /* of the call */
    ol_buf body;
    ol_buf answer;
    int status; /* of the answer; 0: there was none */
    bool to_keystore;
    bool again; /* the request under way is a second try: the first met a session that was lost */
    ol_keystore_session session; /* of the request under way */
    unsigned seconds;
    unsigned connect_seconds;
    ol_str extra[3]; /* header lines in place of the bearer token; NULL data: none */
    ol__service_next *next;
} ol__service;

/* One call of near:storage; texts live in the service's arena. */
typedef struct ol__storage {
    unsigned calls; /* of this run */
    ol_str account;
    ol_str key; /* list-keys: the prefix */
    ol_bytes value;
    ol_bytes expected;
    ol_str version;     /* a hash of code; get-worker: another project */
    bool foreign;       /* get-worker names another project */
    bool plain;         /* set-worker: readable by everybody */
    ol_str hash;        /* the row's name */
    ol_str stored_hash; /* set-worker: the name that was written */
    ol_str sealed_key;
    ol_str sealed_value;
    ol_str stored_value; /* the ciphertext that was read */
    bool found;
    ol_bytes current; /* the plaintext that was read */
    const char *read_failure;
    ol__service_next *then;
    int64_t delta;
    bool subtract;
    unsigned tries;
    int64_t counter;
    uint8_t counter_bytes[8];
    ol_buf keys; /* list-keys: the answer so far */
    ol_buf page; /* the page being read, which `rows` points into */
    ol_json_iter rows;
    size_t page_rows;
    uint64_t offset;
    ol_str last_name; /* of the last row seen, which the next page begins with */
    uint64_t total;
    int64_t list_until_ns;
} ol__storage;

/* A row's name the keystore has told in this run: it does not change, so it is asked once. */
enum { OL__KNOWN_ROWS = 32, OL__ROW_NAME_CHARS = 64 };
typedef struct ol__known_row {
    ol_sha256 of; /* account and key */
    char name[OL__ROW_NAME_CHARS];
} ol__known_row;

enum { OL__VRF_KEY_CHARS = 64 };
typedef struct ol__vrf {
    unsigned calls; /* of this run */
    ol_str alpha;
    char key[OL__VRF_KEY_CHARS]; /* as the keystore told it in this run; key[0] 0: not yet */
} ol__vrf;

typedef struct ol__wallet {
    unsigned calls;     /* of this run */
    unsigned mutations; /* of them, numbered */
} ol__wallet;

struct ol_broker {
    ol_broker_plan plan;
    ol_broker_run about;
    ol_run *run; /* the run of the callback under way */
    ol__egress egress;
    ol__rpc rpc;
    ol__service service;
    ol__storage storage;
    ol__known_row known_row[OL__KNOWN_ROWS];
    size_t known_rows; /* so many were learned in this run; the oldest give way */
    ol__vrf vrf;
    ol__wallet wallet;
    bool refunded;
    ol_usd refund;
    struct pollfd fds[OL_RUN_POLL_MAX]; /* of the last poll_add: rpc, service, egress, lookups */
    size_t rpc_fds;
    size_t service_fds;
    size_t egress_fds;
};

/* egress.c */
bool ol__egress_start(ol_broker *broker); /* false: no memory */
void ol__egress_end(ol_broker *broker);
void ol__egress_open(ol_broker *broker, uint32_t id, const ol_frame_http_open *request);
void ol__egress_call(ol_broker *broker, uint32_t id, const ol_host_value *values, size_t count);
void ol__egress_send(ol_broker *broker, uint32_t id, ol_bytes piece, bool last);
void ol__egress_pull(ol_broker *broker, uint32_t id);
void ol__egress_drop(ol_broker *broker, uint32_t id);
size_t ol__egress_poll_add(ol_broker *broker, struct pollfd *fds, size_t max, int64_t *wake_ns);
void ol__egress_poll_done(ol_broker *broker, const struct pollfd *fds, size_t count);
void ol__stream_fail(ol__stream *stream, uint8_t code, const char *text);
/* Gives the guest what it waits for and can have; may free the stream. */
void ol__stream_settle(ol__stream *stream);

/* exchange.c: one request as curl sees it. */
typedef struct ol__request_head {
    ol_str method;
    const ol_frame_pair *headers;
    size_t headers_count;
    uint32_t connect_ms; /* 0: the host's */
} ol__request_head;
bool ol__exchange_prepare(ol__stream *stream, const ol__request_head *head); /* false: failed */
bool ol__exchange_start(ol__stream *stream, const ol_addresses *addresses);
uint8_t ol__exchange_code(CURLcode code); /* olw_http_code */
bool ol__header_forbidden(ol_str name);

/* rpc.c */
void ol__rpc_begin(ol_broker *broker); /* a new run: nothing counted */
void ol__rpc_drop(ol_broker *broker);  /* the call under way; connections stay */
void ol__rpc_close(ol_broker *broker);
/* Counts the call and posts `rpc.body`; answers the guest when it may not or cannot. */
void ol__rpc_ask(ol_broker *broker, ol__rpc_step step, const char *method, ol_str params);
void ol__rpc_answer(ol_broker *broker, ol_str value, ol_str error); /* the call is over */
void ol__rpc_refuse(ol_broker *broker, const char *format, ...) OL_PRINTF(2, 3);

/* rpc_functions.c: one call of near:rpc/api. */
void ol__rpc_call(ol_broker *broker, uint32_t id, ol_host_fn function, const ol_host_value *values,
                  size_t count);

/* rpc_transaction.c: call and transfer. */
void ol__rpc_transact(ol_broker *broker, const ol_host_value *values);
void ol__rpc_take_nonce(ol_broker *broker, const ol_json *envelope);
void ol__rpc_take_sent(ol_broker *broker, const ol_json *envelope);

/* service.c: the call under way is one request after another. */
typedef enum ol__service_to { OL__TO_KEYSTORE, OL__TO_COORDINATOR } ol__service_to;
/* A call begins; false: the run was ended. */
bool ol__service_call(ol_broker *broker, uint32_t id, ol_host_fn function);
/* A JSON body, its object open. */
ol_json_writer ol__service_body(ol_broker *broker);
/* Closes the object and sends it; `next` finds status and answer, which the next request reuses. */
void ol__service_post(ol_broker *broker, ol_json_writer *w, ol__service_to to, const char *path,
                      ol__service_next *next);
void ol__service_get(ol_broker *broker, ol__service_to to, const char *path,
                     ol__service_next *next);
/* The answer, when it is 200 and JSON: borrowed from it. */
bool ol__service_json(ol_broker *broker, ol_json *ret);
/* A text member of it, copied into the call's arena. */
bool ol__service_text(ol_broker *broker, const char *member, ol_str *ret);
/* `{what}: 500 Internal Server Error - body`, without addresses or credentials. */
ol_str ol__service_failure(ol_broker *broker, const char *what);
/* The start of what was answered, as text. */
ol_str ol__service_quote(ol_broker *broker);
void ol__service_answer(ol_broker *broker, const ol_host_value *values, size_t count);
void ol__service_drop(ol_broker *broker); /* the call under way; connections stay */
void ol__service_close(ol_broker *broker);

/* storage.c, vrf.c, wallet.c: one call of near:storage/api, near:vrf/api, outlayer:wallet/api. */
void ol__storage_call(ol_broker *broker, uint32_t id, ol_host_fn function,
                      const ol_host_value *values);
void ol__storage_end(ol_broker *broker); /* of a run */
void ol__wallet_call(ol_broker *broker, uint32_t id, ol_host_fn function,
                     const ol_host_value *values);
void ol__vrf_call(ol_broker *broker, uint32_t id, ol_host_fn function, const ol_host_value *values);

/* Codes of wasi:http, as the engine numbers them. */
enum {
    OL__HTTP_INTERNAL_ERROR = 0,
    OL__HTTP_CONNECTION_TIMEOUT = 1,
    OL__HTTP_CONNECTION_REFUSED = 2,
    OL__HTTP_CONNECTION_TERMINATED = 3,
    OL__HTTP_CONNECTION_READ_TIMEOUT = 4,
    OL__HTTP_TLS_CERTIFICATE_ERROR = 5,
    OL__HTTP_TLS_PROTOCOL_ERROR = 6,
    OL__HTTP_PROTOCOL_ERROR = 7,
};

int64_t ol__now_ns(void);

#endif
