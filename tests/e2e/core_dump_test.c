/* What is left of keystore and worker when they crash (threat model, "Somebody on the machine"; the
 * master lies in pages that no dump holds, Keystore 1): no core file, whatever limit and pattern
 * the machine has, and were there one, no master and no secret of the keystore's in it. */
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/codec/hex.h"
#include "lib/secrets/master.h"
#include "tests/e2e/chain_lab.h"
#include "tests/harness/core_image.h"
#include "tests/harness/free_port.h"
#include "tests/harness/keystore.h"
#include "tests/harness/test.h"

#define MASTER_HEX "5be17c0de5afe5ec2e7b0a7d0af5bead9c1d3e5f70828a9bacbdcedfe0f1c04e"
#define VALUE "canary-in-a-core-file-51c9d7"
#define GENERATED "canary-of-what-was-kept-4410ab"

enum { USD = 10000000, RUNS_MAX = 16, RUN_TRIES = 400, RUN_STEP_MS = 50 };
enum { IN_VALUE, IN_KEPT, IN_HEX, IN_MASTER, CANARIES };

typedef struct scene {
    chain_lab lab;
    keystore_process keystore;
    ol_master master;
    ol_str canary[CANARIES];
    uint16_t keystore_port;
    wire_client caller; /* of the call in flight */
    char url[64];
    char was[512]; /* the folder before */
} scene;

static void keystore_start(scene *s)
{
    static const char *const OURS[] = {"KEYSTORE_MASTER_SECRET=" MASTER_HEX, NULL};
    keystore_process_start(&s->keystore, s->keystore_port, s->lab.chain.port, s->lab.folder, OURS);
}

/* Core files are allowed without limit, and a program that forgets to forbid them leaves its one in
 * a folder that is looked into. */
static void scene_open(scene *s)
{
    struct rlimit limit;
    s->keystore_port = free_port();
    CHECK(getcwd(s->was, sizeof s->was) != NULL);
    CHECK(getrlimit(RLIMIT_CORE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_CORE, &limit) == 0);
    (void)snprintf(s->url, sizeof s->url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u",
                   s->keystore_port);
    const char *worker[] = {s->url, "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN, NULL};
    chain_lab_open(&s->lab, &(chain_lab_options){.worker = worker, .balance = USD, .slots = 1});
    keystore_start(s);
    s->caller = wire_client_new(s->lab.stack.port);
    CHECK(ol_hex_decode_fixed(OL_STR(MASTER_HEX), s->master.secret, sizeof s->master.secret));
    s->canary[IN_VALUE] = OL_STR(VALUE);
    s->canary[IN_KEPT] = OL_STR(GENERATED);
    s->canary[IN_HEX] = OL_STR(MASTER_HEX);
    s->canary[IN_MASTER] = (ol_str){(const char *)s->master.secret, sizeof s->master.secret};
}

static void scene_deinit(scene *s)
{
    wire_client_deinit(&s->caller);
    keystore_process_deinit(&s->keystore);
    stack_kill(&s->lab.stack, STACK_WORKER); /* nobody waits for the sleeping call */
    stack_kill(&s->lab.stack, STACK_COORDINATOR);
    chain_lab_deinit(&s->lab);
}

/* ---- what happens ---- */

static ol_str sealed(scene *s, const char *seed, const char *json)
{
    return keystore_sealed(&s->keystore, seed, ol_str_of(json), &s->lab.chain.arena);
}

/* A project that sleeps, with a secret. */
static void publish(scene *s)
{
    ol_sha256_hex hash;
    ol_err err = {0};
    ol_arena *arena = &s->lab.chain.arena;
    CHECK_OK(stack_upload(&s->lab.stack, "guests/adversarial-sleep.wasm", &hash, &err));
    ol_str project =
        ol_arena_printf(arena,
                        "{\"name\":\"sleep\",\"source\":{\"WasmUrl\":{\"url\":\"https://t/c\","
                        "\"hash\":\"%s\",\"build_target\":\"wasm32-wasip1\"}}}",
                        hash.data);
    ol_str secret = ol_arena_printf(
        arena,
        "{\"accessor\":{\"Project\":{\"project_id\":\"" ALICE "/sleep\"}},\"profile\":\"default\","
        "\"encrypted_secrets_base64\":\"%.*s\",\"access\":\"AllowAll\"}",
        OL_FMT(sealed(s, "project:" ALICE "/sleep:" ALICE,
                      "{\"API_KEY\":\"" VALUE "\",\"KEPT\":\"" GENERATED "\"}")));
    (void)chain_lab_call(&s->lab, ALICE, "create_project", project.data, DEPOSIT);
    (void)chain_lab_call(&s->lab, ALICE, "store_secrets", secret.data, DEPOSIT);
}

static void call_begin(scene *s)
{
    char headers[512];
    ol_buf request = ol_buf_new(OL_KIB(64));
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n",
                   s->lab.stack.payment_key);
    wire_request(&request, "POST", "/call/" ALICE "/sleep", headers,
                 OL_STR("{\"input\":100000,\"secrets_ref\":{\"profile\":\"default\","
                        "\"account_id\":\"" ALICE "\"}}"));
    CHECK(wire_begin(&s->caller, ol_buf_str(&request)));
    ol_buf_deinit(&request);
}

static core_found found_in(const scene *s, pid_t pid, core_pages pages)
{
    core_found found;
    if (!core_image_search(pid, pages, s->canary, CANARIES, &found))
        ol_test_skip("the memory of other processes cannot be read here");
    return found;
}

/* The run that holds the secret now; 0 when there is none in time. */
static pid_t run_in_flight(const scene *s)
{
    pid_t runs[RUNS_MAX];
    core_found found;
    for (int i = 0; i < RUN_TRIES; i++) {
        size_t count = stack_descendants("outlayer-runner", runs, RUNS_MAX);
        for (size_t r = 0; r < count && r < RUNS_MAX; r++) {
            if (core_image_search(runs[r], CORE_ALL, s->canary, 1, &found) && found.holds[0])
                return runs[r];
        }
        (void)poll(NULL, 0, RUN_STEP_MS);
    }
    return 0;
}

/* ---- crashes ---- */

/* True when the kernel has written a core, or given one to the program that takes them. */
static bool crash(pid_t pid, int signal_number)
{
    int status = 0;
    CHECK(kill(pid, signal_number) == 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_ROW(WIFSIGNALED(status), "killed by the signal");
    CHECK_EQ(WTERMSIG(status), signal_number);
    return WCOREDUMP(status);
}

/* Does this machine make cores, of a program that does not mind? */
static bool cores_are_made(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        for (;;)
            (void)pause();
    }
    return crash(pid, SIGABRT);
}

static int file_remove(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)where;
    return kind == FTW_F ? unlink(path) : 0;
}

static void check_limit_is_zero(pid_t pid, const char *name)
{
    char path[64];
    ol_err err;
    ol_buf text = ol_buf_new(OL_KIB(64));
    (void)snprintf(path, sizeof path, "/proc/%d/limits", pid);
    CHECK_OK(ol_file_load(path, &text, &err));
    CHECK_HAS(ol_buf_str(&text), OL_STR("Max core file size        0                    0 "), name);
    ol_buf_deinit(&text);
}

static void runs_end(void)
{
    pid_t runs[RUNS_MAX];
    for (int i = 0; i < RUN_TRIES && stack_descendants("outlayer-runner", runs, RUNS_MAX) > 0; i++)
        (void)poll(NULL, 0, RUN_STEP_MS);
}

/* Worker and keystore in the middle of a run; then each ends by that signal. */
static void crash_both(scene *s, int signal_number)
{
    ol_err err = {0};
    pid_t *worker = &s->lab.stack.pid[STACK_WORKER];
    keystore_start(s);
    CHECK_OK(stack_start(&s->lab.stack, STACK_WORKER, &err));
    call_begin(s);
    pid_t run = run_in_flight(s);
    CHECK_ROW(run != 0, "a run holds the secret");
    check_limit_is_zero(s->keystore.pid, "keystore");
    check_limit_is_zero(*worker, "worker");
    check_limit_is_zero(run, "run");
    CHECK_ROW(!crash(*worker, signal_number), "the worker leaves no core");
    *worker = 0;
    CHECK_ROW(!crash(s->keystore.pid, signal_number), "the keystore leaves no core");
    s->keystore.pid = 0;
    wire_client_deinit(&s->caller);
    s->caller = wire_client_new(s->lab.stack.port);
    runs_end();
}

TEST("no core file is left of a keystore that crashes, nor of a worker in the middle of a run")
{
    char folder[] = "/tmp/ol-cores-XXXXXX";
    OL_AUTO(scene) s;
    CHECK(mkdtemp(folder) != NULL);
    scene_open(&s);
    publish(&s);
    stack_kill(&s.lab.stack, STACK_WORKER);
    keystore_process_kill(&s.keystore);
    CHECK(chdir(folder) == 0);
    bool made = cores_are_made();
    CHECK_EQ(nftw(folder, file_remove, 8, FTW_PHYS), 0); /* that one, where the pattern is a name */
    crash_both(&s, SIGABRT);
    crash_both(&s, SIGSEGV);
    CHECK(chdir(s.was) == 0);
    CHECK_ROW(rmdir(folder) == 0, "nothing was left behind");
    if (!made)
        ol_test_skip("this machine makes no core of any program");
}

/* ---- images ---- */

static void generate(const scene *s)
{
    wire_answer answer;
    wire_client client = wire_client_new(s->keystore_port);
    ol_buf request = ol_buf_new(OL_KIB(64));
    wire_request(&request, "POST", "/add_generated_secret",
                 "Content-Type: application/json\r\n"
                 "Authorization: Bearer " KEYSTORE_COORDINATOR_TOKEN "\r\n",
                 OL_STR("{\"seed\":\"project:" ALICE "/sleep:" ALICE "\",\"new_secrets\":["
                        "{\"name\":\"PROTECTED_P\",\"generation_type\":\"hex32\"}]}"));
    CHECK(wire_exchange(&client, ol_buf_str(&request), 20000, &answer));
    CHECK_EQ(answer.status, 200);
    ol_buf_deinit(&request);
    wire_client_deinit(&client);
}

TEST("a core of the keystore would hold neither its master nor a secret it has opened")
{
    static const char *const NAMES[CANARIES] = {"a secret", "another", "the master in hex",
                                                "the master"};
    OL_AUTO(scene) s;
    scene_open(&s);
    publish(&s);
    generate(&s);
    call_begin(&s);
    CHECK_ROW(run_in_flight(&s) != 0, "the search finds what is there, in a run");
    core_found all = found_in(&s, s.keystore.pid, CORE_ALL);
    CHECK_ROW(all.holds[IN_MASTER], "the search finds what is there, in marked pages");
    CHECK(all.left_out > 0);
    core_found dumped = found_in(&s, s.keystore.pid, CORE_DUMPED);
    CHECK(dumped.bytes > OL_MIB(1));
    CHECK(dumped.bytes < all.bytes);
    for (int i = 0; i < CANARIES; i++)
        CHECK_ROW(!dumped.holds[i], NAMES[i]);
}
