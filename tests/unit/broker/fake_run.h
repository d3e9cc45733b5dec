/* A run without a process: records what a broker answers, and drives its waits. Linked in place of
 * the runner's client. */
#ifndef OL_TESTS_BROKER_FAKE_RUN_H
#define OL_TESTS_BROKER_FAKE_RUN_H

#include "lib/broker/broker.h"
#include "lib/run/runner.h"

enum { FAKE_STREAMS_MAX = 300 };

typedef struct fake_stream {
    bool head, ended, failed;
    uint16_t status;
    uint8_t code;
    char text[1024];
    ol_buf headers; /* "name: value\n" */
    ol_buf body;
} fake_stream;

struct ol_run {
    int64_t deadline_ns; /* monotonic; none at first */
    bool answered;
    unsigned answers;
    ol_buf value[4]; /* bytes of the answer's first values */
    uint64_t number[4];
    fake_stream stream[FAKE_STREAMS_MAX];
    bool over;
    ol_run_class class;
    char text[512];
};

ol_run *fake_run_new(void);
void fake_run_free(ol_run *run);

/* Turns the broker's loop until `done` says so; false after ten seconds. */
bool fake_run_until(ol_run *run, const ol_run_host *host, bool (*done)(const ol_run *run));
bool fake_answered(const ol_run *run);
bool fake_over(const ol_run *run);

/* Calls a function whose arguments are all texts, and waits for the answer. */
void fake_call(ol_run *run, const ol_run_host *host, ol_host_fn function, const char *const *texts,
               size_t count);
ol_str fake_value(const ol_run *run, size_t i);

#endif
