/* A real outlayer-worker against a scripted coordinator: tests put tasks in and get reports out. */
#ifndef OL_TESTS_CONFORMANCE_WORKER_LAB_H
#define OL_TESTS_CONFORMANCE_WORKER_LAB_H

#include <pthread.h>
#include <sys/types.h>

#include "lib/proto/job.h"
#include "tests/harness/http_stub.h"

enum { LAB_PATH_BYTES = 512, LAB_WAIT_MS = 30000, LAB_ENV_MAX = 40 };

#define LAB_TOKEN "canary-worker-token"

typedef struct lab_project {
    const char *name; /* project test.near/NAME, or owner/NAME */
    const char *wasm; /* below OL_WASM; NULL: `url` */
    const char *url;
    const char *sha256;   /* of the URL's content */
    const char *manifest; /* appended to the file as section outlayer.manifest; may be NULL */
} lab_project;

/* Answers what the coordinator of the lab does not know; false: not mine either. */
typedef bool lab_extra(void *context, const stub_request *request, stub_conn *conn);

typedef struct lab_options {
    const lab_project *projects; /* ended by a row without a name */
    const char *const *settings; /* "NAME=value", NULL-terminated; may be NULL */
    bool by_contract;            /* no projects file */
    lab_extra *extra;            /* asked first; may be NULL */
    void *extra_context;
} lab_options;

typedef struct lab {
    char folder[LAB_PATH_BYTES];
    char log[LAB_PATH_BYTES];
    http_stub *coordinator;
    pid_t worker;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ol_buf offer; /* answer of the next poll; empty: none */
    bool offered;
    unsigned worker_number; /* polls of a worker before this one get nothing any more */
    ol_buf report;          /* body of the last /jobs/complete */
    unsigned reports;
    unsigned refuse_reports; /* so many are refused first */
    int refusal;             /* with this status */
    ol_buf hidden;           /* body of the last /internal/system-logs */
    bool closing;
    ol_arena arena;
    uint64_t next_id;
    lab_extra *extra;
    void *extra_context;
} lab;

void lab_open(lab *l, const lab_options *options);
void lab_deinit(lab *l);

/* A task for test.near/NAME with the standard limits, Json, and this input. */
ol_task lab_task(lab *l, const char *project, const char *input);
/* Hands it to the worker and waits for what it reports. */
ol_job_report lab_run(lab *l, const ol_task *task);
void lab_submit(lab *l, const ol_task *task, ol_job_kind kind);
/* The report number `n` (counted from 1). */
ol_job_report lab_await(lab *l, unsigned n);
/* Waits until the log holds `text`. */
bool lab_log_has(const lab *l, const char *text, int timeout_ms);

/* Another worker in the same folder, caches included. */
void lab_restart(lab *l, const lab_options *options);

/* Waits for the worker's end; its wait status. */
int lab_wait_worker(lab *l, int timeout_ms);

#endif
