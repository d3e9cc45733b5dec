/* Planted canaries among secrets: the plaintext of one, what a run stores, a payment key's secret
 * and the master itself. Afterwards every place where none may be is searched for them: files,
 * logs, environments, and the memory of processes that have no business with them. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/codec/hex.h"
#include "lib/secrets/master.h"
#include "tests/e2e/chain_lab.h"
#include "tests/harness/free_port.h"
#include "tests/harness/keystore.h"
#include "tests/harness/test.h"

#define MASTER_HEX "c4a9a517e5afe5ec2e7b0a7d0af5bead9c1d3e5f70828a9bacbdcedfe0f1a2b3"
#define VALUE "canary-of-a-secret-8d1f04"
#define STORED "canary-of-a-stored-row-77ce2a"
#define ROW "canary-of-a-rows-name-b9044e"
#define KEY_SECRET "00112233445566778899aabbccddeeffc0ffee33445566778899aabbccddeeff"

enum {
    USD = 10000000,
    CANARIES = 6,
    RUNNERS_MAX = 64,
    MEMORY_CHUNK = 1 << 20,
    PAGE_BYTES = 4096,
    OVERLAP = 64
};
#define RUN_GONE_NS INT64_C(10000000000)

/* A mapping of this size is a sanitizer's book about memory, not memory. */
#define SHADOW_BYTES_MIN (UINT64_C(1) << 40)

/* The master in hex comes by the environment, of which a sanitizer keeps a copy. */
#ifdef OL_SANITIZED
enum { OF_KEYSTORE = 2 };
#else
enum { OF_KEYSTORE = 1 };
#endif

typedef struct scene {
    chain_lab lab;
    keystore_process keystore;
    ol_master master;
    char url[64];
} scene;

static struct {
    ol_str text[CANARIES];
    size_t count; /* the first of them are looked for */
    size_t files;
} search;

static void scene_open(scene *s)
{
    static const char *const OURS[] = {"KEYSTORE_MASTER_SECRET=" MASTER_HEX, NULL};
    uint16_t port = free_port();
    (void)snprintf(s->url, sizeof s->url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u", port);
    const char *worker[] = {s->url, "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN, NULL};
    chain_lab_open(&s->lab, &(chain_lab_options){.worker = worker, .balance = USD});
    keystore_process_start(&s->keystore, port, s->lab.chain.port, s->lab.folder, OURS);
    CHECK(ol_hex_decode_fixed(OL_STR(MASTER_HEX), s->master.secret, sizeof s->master.secret));
    search.count = CANARIES;
    search.text[0] = OL_STR(VALUE);
    search.text[1] = OL_STR(STORED);
    search.text[2] = OL_STR(ROW);
    search.text[3] = OL_STR(KEY_SECRET);
    search.text[4] = OL_STR(MASTER_HEX);
    search.text[5] = (ol_str){(const char *)s->master.secret, sizeof s->master.secret};
}

static void scene_deinit(scene *s)
{
    keystore_process_deinit(&s->keystore);
    chain_lab_deinit(&s->lab);
}

/* ---- what happens ---- */

static void contract(scene *s, const char *method, ol_str args)
{
    const chain_call call = {.signer = ALICE,
                             .receiver = CHAIN_OUTLAYER,
                             .method = method,
                             .args = args,
                             .tgas = 100,
                             .deposit = DEPOSIT};
    CHECK_EQ(chain_run(&s->lab.chain, &call).state, OL_TX_SUCCEEDED);
}

static ol_str sealed(scene *s, const char *seed, const char *json)
{
    return keystore_sealed(&s->keystore, seed, ol_str_of(json), &s->lab.chain.arena);
}

static void store(scene *s, const char *accessor, const char *profile, ol_str blob)
{
    contract(s, "store_secrets",
             ol_arena_printf(&s->lab.chain.arena,
                             "{\"accessor\":%s,\"profile\":\"%s\",\"encrypted_secrets_base64\":"
                             "\"%.*s\",\"access\":\"AllowAll\"}",
                             accessor, profile, OL_FMT(blob)));
}

static void publish(scene *s)
{
    ol_sha256_hex hash;
    ol_err err = {0};
    CHECK_OK(stack_upload(&s->lab.stack, "guests/guest-keeper.wasm", &hash, &err));
    contract(
        s, "create_project",
        ol_arena_printf(&s->lab.chain.arena,
                        "{\"name\":\"keeper\",\"source\":{\"WasmUrl\":{\"url\":\"https://t/c\","
                        "\"hash\":\"%s\",\"build_target\":\"wasm32-wasip1\"}}}",
                        hash.data));
}

static void call(scene *s, unsigned bytes)
{
    wire_answer answer;
    char headers[512];
    char body[256];
    ol_buf request = ol_buf_new(OL_KIB(64));
    wire_client client = wire_client_new(s->lab.stack.port);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n",
                   s->lab.stack.payment_key);
    (void)snprintf(body, sizeof body,
                   "{\"input\":{\"bytes\":%u},\"secrets_ref\":{\"profile\":\"default\","
                   "\"account_id\":\"" ALICE "\"}}",
                   bytes);
    wire_request(&request, "POST", "/call/" ALICE "/keeper", headers, ol_str_of(body));
    CHECK(wire_exchange(&client, ol_buf_str(&request), 60000, &answer));
    CHECK_EQ(answer.status, 200);
    CHECK_HAS(answer.body, OL_STR("\"status\":\"completed\""), body);
    ol_buf_deinit(&request);
    wire_client_deinit(&client);
}

/* ---- places ---- */

/* Which canary these bytes hold, or NULL. */
static const char *held(ol_str text)
{
    static const char *const NAMES[] = {"a secret's value", "a stored value",    "a row's name",
                                        "a key's secret",   "the master in hex", "the master"};
    for (size_t i = 0; i < search.count; i++) {
        ol_str one = search.text[i];
        if (text.len > 0 && memmem(text.data, text.len, one.data, one.len) != NULL)
            return NAMES[i];
    }
    return NULL;
}

static int search_file(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    ol_err err;
    (void)about;
    (void)where;
    if (kind != FTW_F)
        return 0;
    ol_buf text = ol_buf_new(OL_MIB(256));
    CHECK_OK(ol_file_load(path, &text, &err));
    const char *what = held(ol_buf_str(&text));
    if (what != NULL)
        ol_test_fail(__FILE__, __LINE__, "%s holds %s", path, what);
    search.files++;
    ol_buf_deinit(&text);
    return 0;
}

static void check_environment(pid_t pid, const char *name)
{
    char path[64];
    ol_err err;
    ol_buf text = ol_buf_new(OL_MIB(1));
    (void)snprintf(path, sizeof path, "/proc/%d/environ", pid);
    CHECK_OK(ol_file_load(path, &text, &err));
    const char *what = held(ol_buf_str(&text));
    if (what != NULL)
        ol_test_fail(__FILE__, __LINE__, "the environment of %s holds %s", name, what);
    ol_buf_deinit(&text);
}

/* Does any page from here on to the end of the chunk exist, in memory or swapped out? */
static bool chunk_exists(int pagemap, uint64_t at, uint64_t to)
{
    uint64_t entry[MEMORY_CHUNK / PAGE_BYTES];
    size_t pages = to - at < MEMORY_CHUNK ? (size_t)(to - at) / PAGE_BYTES : OL_COUNT(entry);
    ssize_t n = pread(pagemap, entry, pages * sizeof *entry, (off_t)(at / PAGE_BYTES * 8));
    if (n < 0)
        return true;
    for (size_t i = 0; i < (size_t)n / sizeof *entry; i++) {
        if (entry[i] >> 62 != 0)
            return true;
    }
    return false;
}

static const char *region_held(int memory, int pagemap, uint64_t from, uint64_t to)
{
    static char chunk[MEMORY_CHUNK + OVERLAP];
    for (uint64_t at = from; at < to; at += MEMORY_CHUNK) {
        if (!chunk_exists(pagemap, at, to))
            continue;
        size_t want = to - at < sizeof chunk ? (size_t)(to - at) : sizeof chunk;
        ssize_t n = pread(memory, chunk, want, (off_t)at);
        const char *what = n > 0 ? held((ol_str){chunk, (size_t)n}) : NULL;
        if (what != NULL)
            return what;
    }
    return NULL;
}

/* What a process's memory holds, or NULL; *ret_bytes is how much was looked at. */
static const char *memory_held(pid_t pid, uint64_t *ret_bytes)
{
    char path[64];
    char line[1024];
    const char *what = NULL;
    (void)snprintf(path, sizeof path, "/proc/%d/mem", pid);
    OL_AUTO(ol_fd) memory = {open(path, O_RDONLY | O_CLOEXEC)};
    (void)snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
    OL_AUTO(ol_fd) pagemap = {open(path, O_RDONLY | O_CLOEXEC)};
    (void)snprintf(path, sizeof path, "/proc/%d/maps", pid);
    *ret_bytes = 0;
    FILE *maps = memory.n < 0 || pagemap.n < 0 ? NULL : fopen(path, "re");
    if (maps == NULL && (errno == ENOENT || errno == ESRCH))
        return NULL; /* it has ended */
    if (maps == NULL)
        ol_test_skip("the memory of other processes cannot be read here");
    while (what == NULL && fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from;
        unsigned long long to;
        char rights[5];
        if (sscanf(line, "%llx-%llx %4s", &from, &to, rights) != 3 || rights[1] != 'w' ||
            to - from >= SHADOW_BYTES_MIN)
            continue;
        *ret_bytes += to - from;
        what = region_held(memory.n, pagemap.n, from, to);
    }
    (void)fclose(maps);
    return what;
}

/* What runs are forked from outlives them, and has nothing of what they had. A run that has just
 * ended may still be on its way out. */
static void check_runners(void)
{
    pid_t pids[RUNNERS_MAX];
    uint64_t bytes;
    const char *what = NULL;
    int64_t end_ns = ol_mono_ns(ol_clock_real()) + RUN_GONE_NS;
    do {
        size_t count = stack_descendants("outlayer-runner", pids, RUNNERS_MAX);
        CHECK(count > 0);
        what = NULL;
        for (size_t i = 0; i < count && what == NULL; i++)
            what = memory_held(pids[i], &bytes);
    } while (what != NULL && ol_mono_ns(ol_clock_real()) < end_ns);
    if (what != NULL)
        ol_test_fail(__FILE__, __LINE__, "a process runs are forked from holds %s", what);
}

static void check_memory(pid_t pid, const char *name)
{
    uint64_t bytes;
    const char *what = memory_held(pid, &bytes);
    if (what != NULL)
        ol_test_fail(__FILE__, __LINE__, "the memory of %s holds %s", name, what);
    CHECK(bytes > OL_KIB(64));
}

TEST("no secret of the keystore shows in a file, a log, an environment or the wrong memory")
{
    OL_AUTO(scene) s;
    uint64_t bytes;
    scene_open(&s);
    publish(&s);
    store(&s, "{\"Project\":{\"project_id\":\"" ALICE "/keeper\"}}", "default",
          sealed(&s, "project:" ALICE "/keeper:" ALICE,
                 "{\"API_KEY\":\"" VALUE "\",\"STORED\":\"" STORED "\",\"ROW\":\"" ROW "\"}"));
    store(&s, "{\"System\":\"PaymentKey\"}", "1",
          sealed(&s, "system:payment_key:" ALICE ":1",
                 "{\"key\":\"" KEY_SECRET "\",\"project_ids\":[],\"max_per_call\":\"0\","
                 "\"initial_balance\":\"0\"}"));
    CHECK(stack_log_has(&s.lab.stack, STACK_WORKER, " system_task_done task=top_up", 60000));
    call(&s, 100);
    call(&s, 100000);
    call(&s, 900000);
    call(&s, 5000);
    CHECK_ROW(memory_held(s.keystore.pid, &bytes) != NULL, "the search finds what is there");
    search.count = CANARIES - OF_KEYSTORE; /* it keeps its master, as bytes, and no more */
    check_memory(s.keystore.pid, "the keystore");
    search.count = CANARIES;
    check_memory(s.lab.stack.pid[STACK_COORDINATOR], "the coordinator");
    check_memory(s.lab.stack.pid[STACK_WORKER], "the worker after its runs");
    check_memory(s.lab.chain.pid, "the chain");
    check_runners();
    for (int i = 0; i < STACK_PROGRAMS; i++)
        check_environment(s.lab.stack.pid[i], "a service");
    check_environment(s.keystore.pid, "the keystore");
    CHECK_EQ(nftw(s.lab.stack.folder, search_file, 16, FTW_PHYS), 0);
    CHECK_EQ(nftw(s.lab.folder, search_file, 16, FTW_PHYS), 0);
    CHECK(search.files >= 6); /* logs, database, caches */
}
