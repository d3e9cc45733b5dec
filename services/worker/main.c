/* outlayer-worker: takes tasks from a coordinator, runs them sealed off, delivers what came out. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/codec/hex.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/wiping_heap.h"
#include "lib/near/transaction.h"
#include "services/worker/heartbeat.h"
#include "services/worker/monitor.h"
#include "services/worker/slot.h"
#include "services/worker/system_tasks.h"

enum { EXIT_SETTINGS = 7, EXIT_FAILED = 1 };
#define WASM_CREATED_FRESH_NS INT64_C(600000000000)

typedef struct program {
    worker_settings settings;
    worker worker;
    char id[OL_WORKER_ID_BYTES_MAX + 1];
    char life[OL_WORKER_LIFE_BYTES_MAX + 1];
    slot *slot;
    size_t slots;
    size_t running; /* slots whose thread has started */
    pthread_t heartbeat;
    bool beating;
    monitor *monitor; /* where it is enabled */
    pthread_t watching;
    bool watches;
    system_tasks *system_tasks; /* where results are delivered on chain */
    pthread_t tending;
    bool tends;
    int signals;
    ol_ed25519_key session_key; /* the operator's, where there is one */
    bool has_session_key;
    char runner_path[4096];
} program;

/* A contract of a local chain is not the main network's. */
static bool is_mainnet(ol_str contract_id)
{
    return contract_id.len > 0 && !ol_str_ends(contract_id, OL_STR(".testnet")) &&
           !ol_str_ends(contract_id, OL_STR(".test.near"));
}

/* Worker 1: {network}-{roles}-{32 hex digits}. */
static void name_worker(program *p)
{
    uint8_t random[OL_WORKER_LIFE_BYTES_MAX / 2];
    char digits[2 * sizeof random + 1] = "";
    ol_random_fill(ol_random_kernel(), random, sizeof random);
    ol_hex_encode((ol_bytes){random, sizeof random}, p->life);
    p->worker.life = ol_str_of(p->life);
    p->worker.network_id = OL_STR("testnet");
    const char *roles = !p->settings.compilation ? "executor"
                        : p->settings.execution  ? "executor-compiler"
                                                 : "compiler";
    if (is_mainnet(p->settings.contract_id))
        p->worker.network_id = OL_STR("mainnet");
    if (p->settings.worker_id.len > 0) {
        p->worker.id = p->settings.worker_id;
        return;
    }
    ol_random_fill(ol_random_kernel(), random, sizeof random);
    ol_hex_encode((ol_bytes){random, sizeof random}, digits);
    (void)snprintf(p->id, sizeof p->id, "%.*s-%s-%s", OL_FMT(p->worker.network_id), roles, digits);
    p->worker.id = ol_str_of(p->id);
}

static ol_rc catch_signals(program *p, ol_err *err)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* before any thread starts: all inherit */
    (void)signal(SIGPIPE, SIG_IGN);
    p->signals = signalfd(-1, &set, SFD_CLOEXEC);
    p->worker.stopping = eventfd(0, EFD_CLOEXEC);
    p->worker.done = eventfd(0, EFD_CLOEXEC);
    if (p->signals < 0 || p->worker.stopping < 0 || p->worker.done < 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "no descriptors for signals");
    return OL_OK;
}

/* With the operator's key sessions are opened; without one the keystore must ask for none. */
static ol_rc start_keystore(program *p, ol_err *err)
{
    const worker_settings *set = &p->settings;
    if (set->keystore_url.len == 0)
        return OL_OK;
    if (set->operator_private_key.len > 0) {
        OL_TRY_NOTE(err, ol_near_secret_key_parse(set->operator_private_key, &p->session_key, err),
                    "OPERATOR_PRIVATE_KEY");
        p->has_session_key = true;
    }
    const ol_keystore_plan plan = {.url = set->keystore_url,
                                   .token = set->keystore_token,
                                   .key = p->has_session_key ? &p->session_key : NULL,
                                   .clock = ol_clock_real()};
    return ol_keystore_link_open(&plan, &p->worker.keystore, err);
}

static ol_rc start_session(program *p, ol_err *err)
{
    const worker_settings *set = &p->settings;
    if (!ol_str_eq(set->tee_mode, OL_STR("outlayer_tee")) || set->operator_private_key.len == 0)
        return OL_OK;
    return tee_session_open(set, &p->worker.session, err);
}

static ol_rc start_deliveries(program *p, ol_err *err)
{
    worker *w = &p->worker;
    if (!p->settings.on_chain)
        return OL_OK;
    OL_TRY_NOTE(err,
                ol_signer_open(p->settings.operator_account_id, p->settings.operator_private_key,
                               &w->signer, err),
                "OPERATOR_PRIVATE_KEY");
    return deliveries_open(&p->settings, w->id, w->signer, &w->draining, &w->deliveries, err);
}

static ol_rc start_monitor(program *p, ol_err *err)
{
    if (!p->settings.event_monitor)
        return OL_OK;
    p->monitor = monitor_open(&p->worker);
    if (p->monitor == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "cannot open the monitor");
    OL_TRY(worker_thread(&p->watching, monitor_run, p->monitor, err));
    p->watches = true;
    return OL_OK;
}

static ol_rc start_system_tasks(program *p, ol_err *err)
{
    if (p->worker.signer == NULL)
        return OL_OK;
    p->system_tasks = system_tasks_open(&p->worker);
    if (p->system_tasks == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(worker_thread(&p->tending, system_tasks_run, p->system_tasks, err));
    p->tends = true;
    return OL_OK;
}

/* In the order of Worker 1: caches, executor, signer, heartbeat, monitor, callbacks, slots. */
static ol_rc start(program *p, ol_err *err)
{
    worker *w = &p->worker;
    w->settings = &p->settings;
    (void)snprintf(p->runner_path, sizeof p->runner_path, "%.*s",
                   OL_FMT(p->settings.runner_program));
    const ol_str cgroup = p->settings.runner_cgroup;
    const ol_runner_plan plan = {.program = p->runner_path,
                                 .cgroup = cgroup.len > 0 ? cgroup.data : NULL};
    OL_TRY(catch_signals(p, err));
    OL_TRY_NOTE(err, projects_open(&p->settings, &w->projects, err), "PROJECTS_FILE");
    OL_TRY_NOTE(err, codes_open(&p->settings, &w->codes, err), "compiler and caches");
    OL_TRY_NOTE(err, ol_runner_open(&plan, &w->runner, err), "runner");
    OL_TRY_NOTE(err, start_keystore(p, err), "keystore");
    OL_TRY_NOTE(err, start_session(p, err), "OPERATOR_PRIVATE_KEY");
    w->wasm_created = view_cache_new(WASM_CREATED_FRESH_NS);
    if (w->wasm_created == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    p->slots = (size_t)p->settings.concurrency;
    p->slot = calloc(p->slots, sizeof *p->slot);
    if (p->slot == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < p->slots; i++)
        OL_TRY(slot_init(&p->slot[i], w, err));
    OL_TRY(start_deliveries(p, err));
    OL_TRY(worker_thread(&p->heartbeat, heartbeat_run, w, err));
    p->beating = true;
    OL_TRY(start_monitor(p, err));
    OL_TRY(start_system_tasks(p, err));
    for (; p->running < p->slots; p->running++)
        OL_TRY(worker_thread(&p->slot[p->running].thread, slot_run, &p->slot[p->running], err));
    return OL_OK;
}

static void event_set(int event)
{
    const uint64_t one = 1;
    if (event >= 0)
        (void)!write(event, &one, sizeof one);
}

static void drain(program *p)
{
    if (atomic_exchange(&p->worker.draining, true))
        return;
    OL_LOG(OL_INFO, "worker_draining", KV("busy", atomic_load(&p->worker.busy)));
    event_set(p->worker.stopping);
    for (size_t i = 0; i < p->running; i++)
        coordinator_interrupt(p->slot[i].coordinator);
    if (p->system_tasks != NULL)
        system_tasks_interrupt(p->system_tasks);
    if (p->monitor != NULL)
        monitor_interrupt(p->monitor);
}

/* A second request to stop does not wait for anybody; runs end with this process. */
static void *watch_second_signal(void *context)
{
    const program *p = context;
    struct signalfd_siginfo info;
    while (read(p->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP) {
            OL_LOG(OL_WARN, "worker_stopped_at_once", KV("signal", info.ssi_signo));
            _exit(EXIT_FAILED);
        }
    }
    return NULL;
}

static void reload(program *p)
{
    ol_err err;
    if (projects_reload(p->worker.projects, &err) == OL_OK)
        OL_LOG(OL_INFO, "projects_reloaded", KV("file", p->settings.projects_file));
    else
        OL_LOG_ERR(OL_ERROR, "projects_unchanged", &err, KV("file", p->settings.projects_file));
}

/* Until asked to stop. */
static void wait_for_signals(program *p)
{
    struct signalfd_siginfo info;
    while (read(p->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP)
            return;
        reload(p);
    }
}

static void stop(program *p)
{
    pthread_t second;
    ol_err err;
    bool watching =
        p->signals >= 0 && worker_thread(&second, watch_second_signal, p, &err) == OL_OK;
    drain(p);
    for (size_t i = 0; i < p->running; i++)
        (void)pthread_join(p->slot[i].thread, NULL);
    if (p->tends)
        (void)pthread_join(p->tending, NULL);
    if (p->watches)
        (void)pthread_join(p->watching, NULL);
    deliveries_close(p->worker.deliveries); /* what the slots handed in is seen through */
    event_set(p->worker.done);
    if (p->beating)
        (void)pthread_join(p->heartbeat, NULL);
    if (watching) {
        (void)pthread_cancel(second);
        (void)pthread_join(second, NULL);
    }
    for (size_t i = 0; i < p->slots && p->slot != NULL; i++)
        slot_deinit(&p->slot[i]);
    free(p->slot);
    system_tasks_close(p->system_tasks);
    monitor_close(p->monitor);
    ol_signer_close(p->worker.signer);
    ol_runner_close(p->worker.runner);
    ol_keystore_link_close(p->worker.keystore);
    tee_session_close(p->worker.session);
    ol_ed25519_key_deinit(&p->session_key);
    codes_close(p->worker.codes);
    projects_close(p->worker.projects);
    view_cache_free(p->worker.wasm_created);
}

static int load_settings(ol_arena *arena, worker_settings *settings)
{
    ol_setting_faults faults;
    if (worker_settings_load(arena, settings, &faults) == OL_OK)
        return 0;
    (void)fprintf(stderr, "outlayer-worker cannot start with these settings:\n%s", faults.text);
    return EXIT_SETTINGS;
}

static int usage(const char *argument)
{
    if (strcmp(argument, "--version") == 0) {
        (void)puts("outlayer-worker " OL_VERSION);
        return 0;
    }
    (void)puts("outlayer-worker: runs programs for a coordinator. Settings, from the environment:");
    worker_settings_print();
    return strcmp(argument, "--help") == 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
    static program p = {.signals = -1, .worker.stopping = -1, .worker.done = -1};
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_err err = {0};
    char fences[OL_RUNNER_FENCES_TEXT_BYTES] = "";
    ol_wiping_heap_start();
    if (argc > 1)
        return usage(argv[1]);
    (void)umask(077); /* caches are the owner's alone */
    ol_secret_hide_process();
    int refused = load_settings(&arena, &p.settings);
    if (refused != 0)
        return refused;
    ol_log_open("worker", p.settings.log_level);
    name_worker(&p);
    ol_rc rc = start(&p, &err);
    if (rc != OL_OK) {
        OL_LOG_ERR(OL_ERROR, "worker_start_failed", &err, KV("worker_id", p.worker.id));
    } else {
        ol_runner_fences(p.worker.runner, fences);
        if (p.settings.allow_loopback)
            OL_LOG(OL_WARN, "loopback_addresses_allowed",
                   KV("setting", "ALLOW_LOOPBACK_ADDRESSES"));
        OL_LOG(OL_INFO, "worker_ready", KV("worker_id", p.worker.id), KV("slots", p.slots),
               KV("fences", fences));
        wait_for_signals(&p);
    }
    stop(&p);
    OL_LOG(OL_INFO, "worker_stopped", KV("worker_id", p.worker.id));
    ol_arena_deinit(&arena);
    return rc == OL_OK ? 0 : ol_reason_of(rc)->exit;
}
