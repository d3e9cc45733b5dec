#include "bench/https_calls.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/assert.h"
#include "lib/base/clock.h"

enum { CLIENTS_MAX = 64, ANSWER_MS = 60000 };

void https_call_request(ol_buf *request, const char *payment_key, const char *project_id,
                        const char *members)
{
    char headers[512];
    char path[128];
    char body[512];
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n", payment_key);
    (void)snprintf(path, sizeof path, "/call/%s", project_id);
    (void)snprintf(body, sizeof body, "{%s}", members);
    wire_request(request, "POST", path, headers, ol_str_of(body));
}

wire_answer https_call(wire_client *client, const ol_buf *request)
{
    wire_answer answer = {0};
    size_t at;
    if (wire_exchange(client, ol_buf_str(request), ANSWER_MS, &answer) && answer.status == 200 &&
        ol_str_find(answer.body, OL_STR("\"status\":\"completed\""), &at))
        return answer;
    (void)fprintf(stderr, "bench: a call is answered %d %.*s\n", answer.status,
                  OL_FMT(answer.body));
    exit(1);
}

typedef struct storm {
    uint16_t port;
    const ol_buf *request;
    _Atomic bool stop;
    _Atomic uint64_t calls;
} storm;

static void *storm_client(void *context)
{
    storm *s = context;
    wire_client client = wire_client_new(s->port);
    while (!s->stop) {
        (void)https_call(&client, s->request);
        s->calls++;
    }
    wire_client_deinit(&client);
    return NULL;
}

double https_storm(uint16_t port, const ol_buf *request, int clients, int ms, uint64_t *ret_calls)
{
    storm s = {.port = port, .request = request};
    pthread_t client[CLIENTS_MAX];
    OL_ASSERT(clients <= CLIENTS_MAX);
    int64_t start = ol_mono_ns(ol_clock_real());
    for (int i = 0; i < clients; i++) {
        int failed = pthread_create(&client[i], NULL, storm_client, &s);
        OL_ASSERT(failed == 0);
    }
    (void)poll(NULL, 0, ms);
    s.stop = true;
    for (int i = 0; i < clients; i++)
        (void)pthread_join(client[i], NULL);
    *ret_calls = s.calls;
    return (double)(ol_mono_ns(ol_clock_real()) - start) / 1e9;
}
