/* Any bytes as the body of a request of the coordinator, which runs in this process with all its
 * threads and a database: the first byte chooses the route. Whatever the body, there is an answer,
 * and it is never 500; but for the registration of sessions, which asks a chain that is not there.
 */
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/assert.h"
#include "lib/base/clock.h"
#include "services/coordinator/program.h"
#include "tests/harness/free_port.h"
#include "tests/harness/wire_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ADMIN "fuzz-admin"
#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define PROOF "2a8abfa8cb9906290437854193ca6bca41d4d4e26d1d454bd66a35158095e737"

enum { START_MS = 20000, ANSWER_MS = 20000, BODY_BYTES_MAX = 1 << 20 };

static const struct {
    char letter;
    const char *path;
    const char *headers; /* beside the content type */
    bool private;        /* on the private listener */
} ROUTES[] = {
    {'a', "/attestations", "", false},
    {'b', "/workers/heartbeat", "", false},
    {'c', "/call/bob.near/y", "X-Payment-Key: fuzz.near:1:" SECRET "\r\n", false},
    {'d', "/payment-keys/delete", "", false},
    {'e', "/executions/create", "", false},
    {'f', "/workers/task-completion", "", false},
    {'g', "/admin/grant-payment-key", "Authorization: Bearer " ADMIN "\r\n", false},
    {'h', "/https-calls/complete", "", false},
    {'i', "/payment-keys/init", "", false},
    {'j', "/jobs/claim", "", false},
    {'k', "/payment-keys/delete-task/create", "", false},
    {'l', "/locks/acquire", "", false},
    {'m', "/storage/owner/list", "", false},
    {'n', "/storage/owner/delete", "", false},
    {'o', "/storage/owner/usage", "", false},
    {'p', "/projects/cleanup-task/create", "", false},
    {'r', "/jobs/complete", "", false},
    {'s', "/internal/system-logs", "", true},
    {'t', "/topup/create", "", false},
    {'u', "/topup/complete", "", false},
    {'x', "/storage/clear-project", "", false},
    {'w', "/workers/register-tee", "", false},
};

/* The service of this process, started by the first input. */
static struct {
    bool up;
    char folder[64];
    wire_client listener[2]; /* public, private */
} service;

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static void folder_remove(void)
{
    (void)nftw(service.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void *serve(void *unused)
{
    char *arguments[] = {(char[]){"outlayer-coordinator"}, NULL};
    (void)unused;
    (void)coordinator_main(1, arguments, ol_clock_real());
    return NULL;
}

static void setting(const char *name, const char *format, ...) OL_PRINTF(2, 3);

static void setting(const char *name, const char *format, ...)
{
    char value[128];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    (void)setenv(name, value, 1);
}

static int ask(wire_client *client, const char *method, const char *path, const char *headers,
               ol_str body)
{
    wire_answer answer = {0};
    char lines[512];
    (void)snprintf(lines, sizeof lines, "Content-Type: application/json\r\n%s", headers);
    ol_buf request = ol_buf_new(BODY_BYTES_MAX + OL_KIB(4));
    wire_request(&request, method, path, lines, body);
    bool well = wire_exchange(client, ol_buf_str(&request), ANSWER_MS, &answer);
    ol_buf_deinit(&request);
    return well ? answer.status : 0;
}

static void service_start(void)
{
    pthread_t thread;
    uint16_t port[2] = {free_port(), free_port()};
    (void)snprintf(service.folder, sizeof service.folder, "%s/outlayer-fuzz.XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    const char *made = mkdtemp(service.folder);
    OL_ASSERT(made != NULL);
    (void)atexit(folder_remove);
    setting("HOST", "127.0.0.1");
    setting("PORT", "%u", port[0]);
    setting("PRIVATE_PORT", "%u", port[1]);
    setting("DATABASE_URL", "sqlite:%s/db", service.folder);
    setting("WASM_CACHE_DIR", "%s/wasm", service.folder);
    setting("ADMIN_BEARER_TOKEN", ADMIN);
    setting("REQUIRE_AUTH", "false");
    setting("LOG_LEVEL", "error");
    setting("HTTPS_RATE_LIMIT_PER_MINUTE", "0");
    setting("PAYMENT_KEY_RATE_LIMIT_PER_MINUTE", "0");
    setting("PUBLIC_RATE_LIMIT_PER_MINUTE", "0");
    int failed = pthread_create(&thread, NULL, serve, NULL);
    OL_ASSERT(failed == 0);
    (void)pthread_detach(thread);
    for (int i = 0; i < 2; i++)
        service.listener[i] = wire_client_new(port[i]);
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)START_MS * 1000000;
    while (ask(&service.listener[0], "GET", "/health", "", OL_STR("")) != 200)
        OL_ASSERT(ol_mono_ns(ol_clock_real()) < until);
    int status = ask(&service.listener[0], "POST", "/payment-keys/init", "",
                     OL_STR("{\"owner\":\"fuzz.near\",\"nonce\":1,\"key_hash\":\"" PROOF
                            "\",\"project_ids\":[]}"));
    OL_ASSERT(status == 200);
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
        int status = ask(&service.listener[route->private], "POST", route->path, route->headers,
                         (ol_str){(const char *)data + 1, size - 1});
        if (status == 0 || (status == 500 && route->letter != 'w')) {
            (void)fprintf(stderr, "%s answers %d\n", route->path, status);
            wire_fault_print(&service.listener[route->private]);
            abort();
        }
    }
    return 0;
}
