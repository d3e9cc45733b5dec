/* The wire between the supervisor and runner processes (Engine 3). Everything here stays on one
 * machine and within one build: integers are little-endian, texts and bytes have 32-bit lengths.
 *
 *   supervisor ⇄ zygote     control socket:   HELLO ←   LOAD →
 *   supervisor ⇄ template   template socket:  LOADED ← or FAILED ←   RUN →   REAP →
 *   supervisor ← template   lane socket:      STARTED, EXITED        (one lane a slot, kept)
 *   supervisor ⇄ run        job socket:       JOB → …  RESULT ←      (one a run)
 *
 * All are SOCK_SEQPACKET. Descriptors go to the runner side by SCM_RIGHTS; from a run none is ever
 * accepted: the pidfd comes from the template over the lane, which the run has closed. Everything
 * a run sends is hostile input: every length is checked here, order and amounts in lib/run.
 *
 * A message is one or more packets: a head of OL_FRAME_HEAD_BYTES (kind, three zeroes, id, total),
 * then at most OL_FRAME_PIECE_BYTES_MAX of the payload. Packets of one message follow each other
 * without another message of the same direction between them. */
#ifndef OL_PROTO_JOB_FRAMES_H
#define OL_PROTO_JOB_FRAMES_H

#include <sys/types.h>

#include "lib/proto/host_functions.h"

typedef enum ol_frame_kind {
    /* control, template and lane sockets */
    OL_FRAME_HELLO = 1, /* zygote: fences are up, this is what they are */
    OL_FRAME_LOAD,      /* descriptors: artifact memfd, template socket */
    OL_FRAME_LOADED,
    OL_FRAME_FAILED,
    OL_FRAME_RUN,     /* descriptors: job socket, lane socket */
    OL_FRAME_STARTED, /* descriptor: pidfd */
    OL_FRAME_EXITED,
    OL_FRAME_REAP, /* id: low half of the run's number; its end is waited for */
    /* job socket, to the run */
    OL_FRAME_JOB = 32, /* payload is an ol_frame_job */
    OL_FRAME_JOB_FILE, /* descriptor: sealed memfd that holds the ol_frame_job */
    OL_FRAME_ANSWER,   /* id of the call; results as its signature says */
    OL_FRAME_HTTP_HEAD,
    OL_FRAME_HTTP_PIECE,
    OL_FRAME_HTTP_END,
    OL_FRAME_HTTP_ERROR,
    /* job socket, from the run */
    OL_FRAME_CALL = 64, /* function number, arguments as its signature says */
    OL_FRAME_HTTP_OPEN,
    OL_FRAME_HTTP_SEND, /* a piece of the request body */
    OL_FRAME_HTTP_LAST, /* the last piece, perhaps empty */
    OL_FRAME_HTTP_PULL,
    OL_FRAME_HTTP_DROP,
    OL_FRAME_RESULT,
} ol_frame_kind;

enum {
    OL_FRAME_HEAD_BYTES = 12,
    OL_FRAME_PIECE_BYTES_MAX = 64 * 1024, /* Engine 4 */
    OL_FRAME_PACKET_BYTES_MAX = OL_FRAME_HEAD_BYTES + OL_FRAME_PIECE_BYTES_MAX,
    OL_FRAME_DESCRIPTORS_MAX = 2,
    OL_FRAME_TEXT_BYTES_MAX = 32 * 1024,       /* failure text: 16 KiB of stderr and our words */
    OL_FRAME_TAIL_BYTES_MAX = 16 * 1024,       /* last bytes of stderr, of a failed run's stdout */
    OL_FRAME_JOB_INLINE_BYTES_MAX = 32 * 1024, /* a larger job travels in a memfd */
    OL_FRAME_VARIABLES_MAX = 1024,
    OL_FRAME_HEADERS_MAX = OL_HOST_PAIRS_MAX,
};
#define OL_FRAME_JOB_BYTES_MAX OL_MIB(40) /* input 24 MiB (a task), variables, refusals */
/* near:storage: two values of 2 MiB; outlayer:http: a body of 16 MiB. */
#define OL_FRAME_CALL_BYTES_MAX OL_MIB(20)
#define OL_FRAME_ANSWER_BYTES_MAX OL_MIB(24) /* Host interfaces 7: an RPC answer */
#define OL_FRAME_HTTP_HEAD_BYTES_MAX OL_KIB(256)

/* ---- packets ------------------------------------------------------------------------------- */

typedef struct ol_frame_head {
    ol_frame_kind kind;
    uint32_t id;    /* of the call or HTTP stream, 0 where there is none */
    uint32_t total; /* payload bytes of the whole message */
} ol_frame_head;

void ol_frame_head_encode(const ol_frame_head *head, uint8_t into[static OL_FRAME_HEAD_BYTES]);
/* Splits a packet; false when it is too short, of unknown kind, or carries more than `total`. */
OL_MUST_USE bool ol_frame_head_decode(ol_bytes packet, ol_frame_head *ret, ol_bytes *ret_piece);

/* The largest message of a kind that a side accepts; 0: the kind is not for this direction.
 * RESULT depends on the job: stdout_bytes_max, plus text and tails. */
size_t ol_frame_to_run_bytes_max(ol_frame_kind kind);
size_t ol_frame_from_run_bytes_max(ol_frame_kind kind, uint64_t stdout_bytes_max);

/* Puts packets together again. One per direction and socket. */
typedef struct ol_frame_reader {
    ol_frame_head head; /* of the message under way */
    ol_buf body;
    bool partial;
} ol_frame_reader;

typedef enum ol_frame_step {
    OL_FRAME_MORE,    /* the message is not complete yet */
    OL_FRAME_MESSAGE, /* *ret_head and *ret_payload hold one */
    OL_FRAME_BROKEN,  /* not what this side may receive */
} ol_frame_step;

void ol_frame_reader_deinit(ol_frame_reader *reader);
/* Takes one packet. `bytes_max` is the limit for its kind. The payload is borrowed from the packet
 * or the reader, until the next packet. */
ol_frame_step ol_frame_read(ol_frame_reader *reader, ol_bytes packet, size_t bytes_max,
                            ol_frame_head *ret_head, ol_bytes *ret_payload);

/* ---- sockets ------------------------------------------------------------------------------- */

/* One packet with descriptors; blocking or not as the socket is. errno as sendmsg; EAGAIN when it
 * would block. Never raises SIGPIPE. */
OL_MUST_USE bool ol_frame_send(int socket, const ol_frame_head *head, ol_bytes piece,
                               const int *descriptors, size_t count);
/* A whole message in as many packets as it needs; for blocking sockets. The payload comes in two
 * parts, so that large bytes at its end need not be copied behind the rest. */
OL_MUST_USE bool ol_frame_send_all(int socket, ol_frame_kind kind, uint32_t id, ol_bytes first,
                                   ol_bytes last);
/* Receives one packet into `into`. > 0: its bytes; 0: the other side is gone; < 0: errno. A packet
 * that was cut counts as broken (EBADMSG). Without `descriptors`, any that come are closed. */
ssize_t ol_frame_receive(int socket, uint8_t *into, size_t size, int flags, int *descriptors,
                         size_t *count);

/* ---- control ------------------------------------------------------------------------------- */

typedef enum ol_frame_target { OL_TARGET_P1, OL_TARGET_P2 } ol_frame_target;

/* LOAD: a template for one artifact. `once`: no template; the process becomes the run itself. */
typedef struct ol_frame_load {
    ol_frame_target target;
    bool once;
} ol_frame_load;

typedef struct ol_frame_failed {
    bool guest_fault; /* the module's fault (Host interfaces 1), not ours */
    ol_str text;
    ol_str note; /* for the operator */
} ol_frame_failed;

typedef struct ol_frame_exited {
    uint64_t run;
    uint32_t wait_status;
    uint64_t cpu_us;
    uint64_t max_rss_kib;
    uint64_t minor_faults;
} ol_frame_exited;

typedef struct ol_frame_started {
    uint64_t run;
    int32_t pid;
} ol_frame_started;

void ol_frame_load_encode(const ol_frame_load *load, ol_buf *into);
bool ol_frame_load_decode(ol_bytes payload, ol_frame_load *ret);
void ol_frame_failed_encode(const ol_frame_failed *failed, ol_buf *into);
bool ol_frame_failed_decode(ol_bytes payload, ol_frame_failed *ret);
void ol_frame_run_encode(uint64_t run, ol_buf *into);
bool ol_frame_run_decode(ol_bytes payload, uint64_t *ret_run);
void ol_frame_started_encode(const ol_frame_started *started, ol_buf *into);
bool ol_frame_started_decode(ol_bytes payload, ol_frame_started *ret);
void ol_frame_exited_encode(const ol_frame_exited *exited, ol_buf *into);
bool ol_frame_exited_decode(ol_bytes payload, ol_frame_exited *ret);

/* ---- jobs ---------------------------------------------------------------------------------- */

typedef struct ol_frame_pair {
    ol_bytes name;
    ol_bytes value;
} ol_frame_pair;

typedef struct ol_frame_refusal {
    ol_host_interface interface;
    ol_str text; /* what a guest importing it is answered (Host interfaces 6) */
} ol_frame_refusal;

typedef struct ol_frame_job {
    uint64_t instructions;
    uint64_t memory_bytes;     /* all linear memories together */
    uint64_t stdout_bytes_max; /* inclusive */
    uint64_t stderr_bytes_max; /* inclusive, the rest is dropped */
    uint32_t cpu_seconds;      /* a second fence behind the supervisor's deadline */
    bool http;                 /* wasi:http may send */
    size_t refusals_count;
    ol_frame_refusal refusals[OL_HOST_INTERFACES];
    size_t variables_count;
    const ol_frame_pair *variables; /* UTF-8 */
    ol_bytes input;
} ol_frame_job;

/* Everything but the bytes of `input`, which come last: send them behind `into`. */
void ol_frame_job_encode(const ol_frame_job *job, ol_buf *into);
/* Everything is borrowed from the payload; `variables` is caller's storage for
 * OL_FRAME_VARIABLES_MAX pairs. */
bool ol_frame_job_decode(ol_bytes payload, ol_frame_pair *variables, ol_frame_job *ret);

/* ---- host calls ---------------------------------------------------------------------------- */

bool ol_frame_call_encode(ol_host_fn function, const ol_host_value *values, size_t count,
                          ol_buf *into);
/* `values` has room for OL_HOST_VALUES_MAX. */
bool ol_frame_call_decode(ol_bytes payload, ol_host_fn *ret_function, ol_host_value *values,
                          size_t *ret_count);
bool ol_frame_answer_encode(ol_host_fn function, const ol_host_value *values, size_t count,
                            ol_buf *into);
bool ol_frame_answer_decode(ol_host_fn function, ol_bytes payload, ol_host_value *values,
                            size_t *ret_count);

typedef struct ol_frame_http_open {
    ol_str method;
    ol_str scheme;
    ol_str authority; /* empty when the guest gave none */
    ol_str path;
    size_t headers_count;
    const ol_frame_pair *headers;
    int64_t body_bytes; /* declared, or -1 */
    bool has_body;
    uint32_t connect_timeout_ms, first_byte_timeout_ms, between_bytes_timeout_ms; /* 0: none */
} ol_frame_http_open;

typedef struct ol_frame_http_head {
    uint16_t status;
    size_t headers_count;
    const ol_frame_pair *headers;
} ol_frame_http_head;

typedef struct ol_frame_http_error {
    uint8_t code; /* olw_http_code: 0 carries the text */
    ol_str text;
} ol_frame_http_error;

/* `headers`: caller's storage for OL_FRAME_HEADERS_MAX pairs. */
void ol_frame_http_open_encode(const ol_frame_http_open *open, ol_buf *into);
bool ol_frame_http_open_decode(ol_bytes payload, ol_frame_pair *headers, ol_frame_http_open *ret);
void ol_frame_http_head_encode(const ol_frame_http_head *head, ol_buf *into);
bool ol_frame_http_head_decode(ol_bytes payload, ol_frame_pair *headers, ol_frame_http_head *ret);
void ol_frame_http_error_encode(const ol_frame_http_error *error, ol_buf *into);
bool ol_frame_http_error_decode(ol_bytes payload, ol_frame_http_error *ret);

/* ---- results ------------------------------------------------------------------------------- */

/* Engine 3. What a run can find out itself; the supervisor adds the rest (lib/run/runner.h). */
typedef enum ol_run_class {
    OL_RUN_OK,
    OL_RUN_EXIT, /* non-zero exit, or run returned err */
    OL_RUN_TRAP,
    OL_RUN_OUT_OF_FUEL,
    OL_RUN_INIT_LIMIT, /* instantiation used up its own budget (Engine 2) */
    OL_RUN_MEMORY,     /* a growth or an initial size was refused, then the run failed */
    OL_RUN_OUTPUT_LIMIT,
    OL_RUN_LOAD_ERROR, /* not loadable, unknown import, package not offered */
    OL_RUN_CLASSES_OF_RUN,
    /* found by the supervisor */
    OL_RUN_TIMEOUT = OL_RUN_CLASSES_OF_RUN,
    OL_RUN_OOM_KILLED,
    OL_RUN_EGRESS_PENALTY,
    OL_RUN_ENGINE_CRASH, /* died without a result, or sent nonsense */
    OL_RUN_CLASSES,
} ol_run_class;

const char *ol_run_class_name(ol_run_class class); /* "out_of_fuel" */

typedef struct ol_frame_result {
    ol_run_class class;
    int32_t exit_code; /* OL_RUN_EXIT: 1..125 */
    int32_t trap;      /* engine's code, -1 when there was none */
    bool instructions_exact;
    bool stderr_cut; /* the guest wrote more than its limit */
    uint64_t instructions;
    uint64_t memory_bytes_peak;
    uint64_t stdout_bytes; /* written by the guest */
    uint64_t stderr_bytes;
    ol_str text;     /* failure text; empty when ok */
    ol_bytes errors; /* last bytes of stderr */
    ol_bytes output; /* all of stdout; of a failed run its last bytes */
} ol_frame_result;

/* Everything but the bytes of `output`, which come last: send them behind `into`. */
void ol_frame_result_encode(const ol_frame_result *result, ol_buf *into);
bool ol_frame_result_decode(ol_bytes payload, ol_frame_result *ret);

#endif
