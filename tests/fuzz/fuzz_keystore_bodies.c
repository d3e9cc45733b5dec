/* Any bytes as the body of a request of the keystore, which runs in this process with all its
 * threads: the first byte chooses the route. There is always an answer; 500 only where the chain
 * would have to be asked, which is not there; and no answer holds the master. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/assert.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/crypto/hash.h"
#include "services/keystore/program.h"
#include "tests/harness/free_port.h"
#include "tests/harness/wire_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MASTER "c0ffee0102030405060708090a0b0c0d0e0f101112131415161718191a1bbeef"

enum { START_MS = 20000, ANSWER_MS = 20000, BODY_BYTES_MAX = 1 << 20 };

static const struct {
    char letter;
    const char *path;
    bool worker;     /* else the coordinator asks */
    bool asks_chain; /* 500 without one */
} ROUTES[] = {
    {'a', "/admin/evict-customer", true, false},
    {'c', "/tee-challenge", true, false},
    {'d', "/decrypt", true, true},
    {'e', "/encrypt", true, false},
    {'g', "/add_generated_secret", false, true},
    {'p', "/pubkey", false, false},
    {'r', "/register-tee", true, true},
    {'s', "/storage/encrypt", true, false},
    {'t', "/storage/decrypt", true, false},
    {'i', "/storage/index", true, false},
    {'u', "/update_user_secrets", false, true},
    {'v', "/vrf/generate", true, false},
    {'w', "/decrypt-raw", true, false},
};

static struct {
    bool up;
    wire_client client;
} service;

static void *serve(void *unused)
{
    char *arguments[] = {(char[]){"outlayer-keystore"}, NULL};
    (void)unused;
    (void)keystore_main(1, arguments, NULL);
    return NULL;
}

static void set_hash(const char *name, const char *token)
{
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(ol_str_of(token)));
    (void)setenv(name, hash.data, 1);
}

static int ask(const char *method, const char *path, bool worker, ol_str body)
{
    wire_answer answer = {0};
    size_t at;
    const char *lines = worker ? "Content-Type: application/json\r\nAuthorization: Bearer w\r\n"
                               : "Content-Type: application/json\r\nAuthorization: Bearer c\r\n";
    ol_buf request = ol_buf_new(BODY_BYTES_MAX + OL_KIB(4));
    wire_request(&request, method, path, lines, body);
    bool well = wire_exchange(&service.client, ol_buf_str(&request), ANSWER_MS, &answer);
    ol_buf_deinit(&request);
    /* A fuzzer that reads this may send the master itself, and errors quote what was sent. */
    OL_ASSERT(!well || ol_str_find(body, OL_STR(MASTER), &at) ||
              !ol_str_find(answer.body, OL_STR(MASTER), &at));
    return well ? answer.status : 0;
}

static void service_start(void)
{
    pthread_t thread;
    char port_text[16];
    uint16_t port = free_port();
    (void)snprintf(port_text, sizeof port_text, "%u", port);
    (void)setenv("SERVER_HOST", "127.0.0.1", 1);
    (void)setenv("SERVER_PORT", port_text, 1);
    (void)setenv("KEYSTORE_MASTER_SECRET", MASTER, 1);
    (void)setenv("LEGACY_SECRETS", "true", 1);
    (void)setenv("LOG_LEVEL", "error", 1);
    set_hash("ALLOWED_WORKER_TOKEN_HASHES", "w");
    set_hash("ALLOWED_COORDINATOR_TOKEN_HASHES", "c");
    int failed = pthread_create(&thread, NULL, serve, NULL);
    OL_ASSERT(failed == 0);
    (void)pthread_detach(thread);
    service.client = wire_client_new(port);
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)START_MS * 1000000;
    while (ask("GET", "/health", true, OL_STR("")) != 200)
        OL_ASSERT(ol_mono_ns(ol_clock_real()) < until);
    service.up = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > BODY_BYTES_MAX)
        return 0;
    if (!service.up)
        service_start();
    OL_EACH (route, ROUTES) {
        if (route->letter != (char)data[0])
            continue;
        int status =
            ask("POST", route->path, route->worker, (ol_str){(const char *)data + 1, size - 1});
        if (status == 0 || (status >= 500 && !route->asks_chain)) {
            (void)fprintf(stderr, "%s answers %d\n", route->path, status);
            wire_fault_print(&service.client);
            abort();
        }
    }
    return 0;
}
