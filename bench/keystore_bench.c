/* Secrets, storage and randomness, everything on this machine: chain, contract, keystore,
 * coordinator, worker.
 *
 *   keystore_idle_mib             the keystore before its first request
 *   keystore_decrypt_p50_us       /decrypt in a session with sealed replies, AllowAll, facts of the
 *                                 block at hand; one client
 *   keystore_decrypts_per_s       the same by four clients, for each second of the keystore's
 *                                 processor time: what one core does
 *   storage_set_guest_p50_us, storage_get_guest_p50_us, vrf_generate_guest_p50_us
 *                                 a host function seen from inside a preview-1 run
 *   https_p1_secret_calls_per_s_32  echo with one secret, 32 clients; floor: without
 *
 * usage: keystore_bench */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "bench/figure.h"
#include "bench/https_calls.h"
#include "bench/process_cpu.h"
#include "lib/base/clock.h"
#include "lib/broker/keystore_link.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_read.h"
#include "lib/near/transaction.h"
#include "lib/secrets/blob.h"
#include "tests/harness/chain.h"
#include "tests/harness/free_port.h"
#include "tests/harness/keystore.h"
#include "tests/harness/stack.h"

enum {
    SAMPLES = 3000,
    WARM = 300,
    ASKERS = 4,
    ASK_MS = 4000,
    CLIENTS = 32,
    STORM_MS = 6000,
    GUEST_CALLS = 400,
    VRF_CALLS = 10, /* of one run (Host interfaces 10) */
    VRF_RUNS = 31,
};
#define ALICE "alice.test.near"
#define DEPOSIT ((ol_u128)100000000000000000u * 1000000u)
#define BALANCE_MICRO_USD UINT64_C(20000000000)
#define DECRYPT                                                                                    \
    OL_STR("{\"accessor\":{\"type\":\"Project\",\"project_id\":\"" ALICE "/echo\"},\"profile\":"   \
           "\"default\",\"owner\":\"" ALICE "\",\"user_account_id\":\"bob.near\"}")

static chain net;
static stack field;
static keystore_process keystore;
static ol_keystore_link *link_to;

static double now_us(void)
{
    return (double)ol_mono_ns(ol_clock_real()) / 1e3;
}

_Noreturn static void die(const char *what, ol_str more)
{
    (void)fprintf(stderr, "keystore_bench: %s %.*s\n", what, OL_FMT(more));
    exit(1);
}

/* ---- the keystore alone ---- */

static void decrypt(ol_http_client *client, ol_buf *answer)
{
    int status = 0;
    ol_err err = {0};
    ol_buf_clear(answer);
    if (ol_keystore_ask(link_to, client, "/decrypt", DECRYPT, answer, &status, &err) != OL_OK)
        die("decrypt", ol_err_text(&err));
    if (status != 200)
        die("decrypt", ol_buf_str(answer));
}

static double decrypt_p50_us(void)
{
    static double sample[SAMPLES];
    ol_buf answer = ol_buf_new(OL_MIB(1));
    ol_http_client *client = ol_http_client_new(&(ol_http_options){0});
    for (int i = 0; i < WARM; i++)
        decrypt(client, &answer);
    for (int i = 0; i < SAMPLES; i++) {
        double start = now_us();
        decrypt(client, &answer);
        sample[i] = now_us() - start;
    }
    ol_http_client_free(client);
    ol_buf_deinit(&answer);
    return figure_quantile(sample, SAMPLES, 0.5);
}

typedef struct asking {
    _Atomic bool stop;
    _Atomic uint64_t done;
} asking;

static void *asker(void *context)
{
    asking *a = context;
    ol_buf answer = ol_buf_new(OL_MIB(1));
    ol_http_client *client = ol_http_client_new(&(ol_http_options){0});
    while (!a->stop) {
        decrypt(client, &answer);
        a->done++;
    }
    ol_http_client_free(client);
    ol_buf_deinit(&answer);
    return NULL;
}

static double cpu_seconds(pid_t pid)
{
    double seconds = 0;
    if (!process_cpu_seconds(pid, &seconds))
        die("the keystore is gone", OL_STR(""));
    return seconds;
}

static double decrypts_per_s(void)
{
    asking a = {0};
    pthread_t thread[ASKERS];
    double cpu = cpu_seconds(keystore.pid);
    double start = now_us();
    for (int i = 0; i < ASKERS; i++) {
        int failed = pthread_create(&thread[i], NULL, asker, &a);
        OL_ASSERT(failed == 0);
    }
    (void)poll(NULL, 0, ASK_MS);
    a.stop = true;
    for (int i = 0; i < ASKERS; i++)
        (void)pthread_join(thread[i], NULL);
    double seconds = (now_us() - start) / 1e6;
    cpu = cpu_seconds(keystore.pid) - cpu;
    (void)fprintf(stderr, "keystore: %.0f decrypts/s, %.0f us of its processor each\n",
                  (double)a.done / seconds, cpu * 1e6 / (double)a.done);
    return (double)a.done / cpu;
}

static double rss_mib(pid_t pid)
{
    char path[64];
    uint8_t storage[8192];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_err err;
    ol_str line;
    (void)snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (ol_file_load(path, &text, &err) != OL_OK)
        return (double)NAN;
    ol_str rest = ol_buf_str(&text);
    while (ol_str_next(&rest, '\n', &line)) {
        uint64_t kib;
        if (ol_str_starts(line, OL_STR("VmRSS:")) &&
            ol_u64_parse(ol_str_trim(ol_str_slice(line, 6, line.len - 3)), &kib))
            return (double)kib / 1024;
    }
    return (double)NAN;
}

/* ---- calls ---- */

static void call_request(ol_buf *request, const char *project, const char *members)
{
    char id[128];
    (void)snprintf(id, sizeof id, ALICE "/%s", project);
    https_call_request(request, field.payment_key, id, members);
}

static double calls_per_s(const char *members)
{
    uint64_t calls;
    ol_buf request = ol_buf_new(OL_KIB(4));
    call_request(&request, "echo", members);
    double seconds = https_storm(field.port, &request, CLIENTS, STORM_MS, &calls);
    ol_buf_deinit(&request);
    return (double)calls / seconds;
}

/* ---- inside of a run ---- */

static double guest_us(const char *op, int calls)
{
    char members[128];
    size_t at;
    uint64_t ns;
    ol_str digits;
    ol_str rest;
    wire_client client = wire_client_new(field.port);
    ol_buf request = ol_buf_new(OL_KIB(4));
    (void)snprintf(members, sizeof members, "\"input\":{\"op\":\"%s\",\"n\":%d}", op, calls);
    call_request(&request, "timing", members);
    wire_answer answer = https_call(&client, &request);
    if (!ol_str_find(answer.body, OL_STR("\"p50_ns\":"), &at))
        die(op, answer.body);
    rest = ol_str_slice(answer.body, at + 9, answer.body.len);
    bool read = ol_str_cut(rest, '}', &digits, &rest) && ol_u64_parse(digits, &ns);
    if (!read)
        die(op, answer.body);
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    return (double)ns / 1e3;
}

static double vrf_us(void)
{
    double sample[VRF_RUNS];
    for (int i = 0; i < VRF_RUNS; i++)
        sample[i] = guest_us("vrf", VRF_CALLS);
    return figure_quantile(sample, VRF_RUNS, 0.5);
}

/* ---- the network ---- */

static void publish(const char *name, const char *file)
{
    ol_sha256_hex hash;
    ol_err err = {0};
    if (stack_upload(&field, file, &hash, &err) != OL_OK)
        die(file, ol_err_text(&err));
    (void)chain_run(
        &net,
        &(chain_call){.signer = ALICE,
                      .receiver = CHAIN_OUTLAYER,
                      .method = "create_project",
                      .args = ol_arena_printf(
                          &net.arena,
                          "{\"name\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":\"https://test/c\","
                          "\"hash\":\"%s\",\"build_target\":\"wasm32-wasip1\"}}}",
                          name, hash.data),
                      .deposit = DEPOSIT});
}

static void store_secret(void)
{
    ol_master master; /* the harness's keystore has this one */
    ol_err err = {0};
    ol_buf blob = ol_buf_new(OL_KIB(4));
    for (size_t i = 0; i < sizeof master.secret; i++)
        master.secret[i] = (uint8_t)i;
    if (ol_blob_seal(&master, OL_STR("project:" ALICE "/echo:" ALICE),
                     ol_str_bytes(OL_STR("{\"API_KEY\":\"abc123\"}")), ol_random_kernel(), &blob,
                     &err) != OL_OK)
        die("seal", ol_err_text(&err));
    ol_str base64 = ol_base64_of(&net.arena, ol_buf_bytes(&blob));
    (void)chain_run(
        &net, &(chain_call){.signer = ALICE,
                            .receiver = CHAIN_OUTLAYER,
                            .method = "store_secrets",
                            .args = ol_arena_printf(
                                &net.arena,
                                "{\"accessor\":{\"Project\":{\"project_id\":\"" ALICE "/echo\"}},"
                                "\"profile\":\"default\",\"encrypted_secrets_base64\":\"%.*s\","
                                "\"access\":\"AllowAll\"}",
                                OL_FMT(base64)),
                            .deposit = DEPOSIT});
    ol_buf_deinit(&blob);
}

static void start(const char *folder, const char *key, uint16_t port)
{
    static char url[64];
    static const char *worker[3];
    static stack_chain about;
    static stack_options options;
    static const char *const CACHED[] = {"FACTS_MS=60000", "LOG_LEVEL=info", NULL};
    ol_err err = {0};
    keystore_process_start(&keystore, port, net.port, folder, CACHED);
    (void)snprintf(url, sizeof url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u", port);
    worker[0] = url;
    worker[1] = "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN;
    about = (stack_chain){net.port, CHAIN_OUTLAYER, CHAIN_OPERATOR, key};
    options = (stack_options){.slots = 4, .chain = &about, .worker_settings = worker};
    if (stack_open(&field, &options, BALANCE_MICRO_USD, &err) != OL_OK)
        die("start", ol_err_text(&err));
    publish("echo", "examples/echo.wasm");
    publish("timing", "guests/guest-timing.wasm");
    store_secret();
}

static void measure(void)
{
    const char *with =
        "\"input\":{\"n\":2},\"secrets_ref\":{\"profile\":\"default\",\"account_id\":\"" ALICE
        "\"}";
    figure_print("keystore_decrypt_p50_us", decrypt_p50_us(), "us", (double)NAN, FIGURE_AT_MOST,
                 400);
    figure_print("keystore_decrypts_per_s", decrypts_per_s(), "1/s", (double)NAN, FIGURE_AT_LEAST,
                 5000);
    (void)guest_us("set", 32);
    figure_print("storage_set_guest_p50_us", guest_us("set", GUEST_CALLS), "us", (double)NAN,
                 FIGURE_AT_MOST, 1200);
    figure_print("storage_get_guest_p50_us", guest_us("get", GUEST_CALLS), "us", (double)NAN,
                 FIGURE_AT_MOST, 600);
    figure_print("vrf_generate_guest_p50_us", vrf_us(), "us", (double)NAN, FIGURE_AT_MOST, 500);
    double without = calls_per_s("\"input\":{\"n\":2}");
    figure_print("https_p1_secret_calls_per_s_32", calls_per_s(with), "1/s", without,
                 FIGURE_AT_LEAST, 0.6 * without);
}

int main(void)
{
    static char folder[] = "/tmp/outlayer-keystore-bench.XXXXXX";
    static char key_text[256];
    static char url[64];
    ol_ed25519_key key;
    ol_err err = {0};
    if (mkdtemp(folder) == NULL)
        die("no folder", OL_STR(""));
    chain_open(&net, folder, NULL);
    chain_deploy_outlayer(&net, key_text, sizeof key_text);
    chain_account(&net, ALICE, "1000", NULL);
    uint16_t port = free_port();
    start(folder, key_text, port);
    figure_print("keystore_idle_mib", rss_mib(keystore.pid), "MiB", (double)NAN, FIGURE_AT_MOST,
                 12);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
    const ol_keystore_plan plan = {ol_str_of(url), OL_STR(KEYSTORE_TOKEN), &key, ol_clock_real()};
    if (ol_near_secret_key_parse(ol_str_of(key_text), &key, &err) != OL_OK ||
        ol_keystore_link_open(&plan, &link_to, &err) != OL_OK)
        die("session", ol_err_text(&err));
    measure();
    ol_keystore_link_close(link_to);
    stack_deinit(&field);
    keystore_process_deinit(&keystore);
    chain_deinit(&net);
    (void)unlink(net.log);
    (void)rmdir(folder);
    return 0;
}
