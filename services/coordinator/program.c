#include "services/coordinator/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/base/log.h"
#include "services/coordinator/commands.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/projects.h"
#include "services/coordinator/routes.h"
#include "services/coordinator/session_recheck.h"

enum {
    EXIT_FINE = 0,
    LISTS_MAX = 64, /* origins, proxies */
    DRAIN_STEP_MS = 10,
    PRICING_SECONDS = 600,     /* Coordinator 12 */
    PRICING_RETRY_SECONDS = 5, /* until they were read once: chain and contract may still start */
};

/* ---- Events of the domain, on its writer thread. */

/* One line a call, whoever ended it: what it cost. */
static void settled_log(const call_answer *call)
{
    OL_LOG(OL_INFO, "call_settled", KV("call_id", ol_str_of(call->call_id.data)),
           KV("status", call->status == CALL_COMPLETED ? "completed" : "failed"),
           KV("charged_micro_usd", call->compute_cost.micro),
           KV("instructions", call->instructions));
}

static void on_event(void *context, const domain_event *event)
{
    coordinator *it = context;
    switch (event->kind) {
    case EVENT_QUEUED_COMPILE:
        polls_wake(it, OL_CAP_COMPILATION);
        return;
    case EVENT_QUEUED_EXECUTE:
        polls_wake(it, OL_CAP_EXECUTION);
        return;
    case EVENT_CALL_FINISHED:
        settled_log(event->call);
        calls_finished(it, event->call);
        return;
    case EVENT_SYSTEM_TASK:
        system_wake(it);
        return;
    }
    OL_UNREACHABLE();
}

static void wait_ended(waiter *one, bool stopping)
{
    switch (one->kind) {
    case WAIT_CALL:
    case WAIT_LOOK:
        call_wait_ended(one, stopping);
        return;
    case WAIT_TASK:
        poll_wait_ended(one);
        return;
    case WAIT_SYSTEM:
        system_wait_ended(one);
        return;
    case WAIT_KINDS:
        break;
    }
    OL_UNREACHABLE();
}

static void on_expired(void *context, waiter *late)
{
    (void)context;
    wait_ended(late, false);
}

/* ---- Start. */

typedef struct program {
    coordinator it;
    coordinator_settings set;
    ol_arena memory; /* settings, lists */
    const char *origins[LISTS_MAX];
    size_t origin_count;
    const char *proxies[LISTS_MAX];
    size_t proxy_count;
} program;

static ol_rc list_split(ol_arena *arena, ol_str list, const char **items, size_t *ret_count,
                        ol_err *err)
{
    ol_str item;
    size_t count = 0;
    while (ol_str_next(&list, ',', &item)) {
        ol_str copy;
        item = ol_str_trim(item);
        if (item.len == 0)
            continue;
        if (count == LISTS_MAX || !ol_arena_copy(arena, item, &copy))
            return ol_fail(err, OL_ERR_SETTINGS, "a list has more than %d items", LISTS_MAX);
        items[count++] = copy.data;
    }
    *ret_count = count;
    return OL_OK;
}

static ol_rc domain_start(program *p, bool background, ol_err *err)
{
    const coordinator_settings *set = &p->set;
    ol_str path = ol_str_slice(set->database_url, strlen("sqlite:"), set->database_url.len);
    const domain_settings settings = {
        .database_path = path.data,
        .wasm_folder = set->wasm_cache_dir.data,
        .wasm_bytes_max = set->wasm_cache_gb << 30,
        .compute_limit_standard = OL_USD(set->compute_limit_standard),
        .compute_limit_min = OL_USD(set->compute_limit_min),
        .call_seconds = set->call_seconds,
        .async_extra_seconds = set->async_allowance_seconds,
        .calls_in_flight_max = set->calls_per_key_max,
        .system_lease_seconds = set->system_lease_seconds,
        .clock = p->it.clock,
        .random = ol_random_kernel(),
        .on_event = background ? on_event : NULL,
        .event_context = &p->it,
        .background = background,
    };
    return domain_open(&settings, &p->it.domain, err);
}

static ol_rc servers_start(program *p, ol_err *err)
{
    const coordinator_settings *set = &p->set;
    ol_web_settings web = {
        .host = set->host.data,
        .port = (uint16_t)set->port,
        .routes = PUBLIC_ROUTES,
        .route_count = PUBLIC_ROUTE_COUNT,
        .context = &p->it,
        .origins = p->origins,
        .origin_count = p->origin_count,
        .proxies = p->proxies,
        .proxy_count = p->proxy_count,
        .rate_limits = {[RATE_HTTPS] = (uint32_t)set->https_requests_per_minute,
                        [RATE_PUBLIC] = (uint32_t)set->public_requests_per_minute,
                        [RATE_SECRETS] = (uint32_t)set->secrets_requests_per_minute},
        .connections_max = (unsigned)set->connections_max,
        .connections_per_ip_max = (unsigned)set->connections_per_address_max,
        .head_seconds = (unsigned)set->head_seconds,
        .body_seconds = (unsigned)set->body_seconds,
        .clock = p->it.clock,
    };
    OL_TRY(ol_web_server_start(&web, &p->it.public_server, err));
    web.host = set->private_host.data;
    web.port = (uint16_t)set->private_port;
    web.routes = PRIVATE_ROUTES;
    web.route_count = PRIVATE_ROUTE_COUNT;
    return ol_web_server_start(&web, &p->it.private_server, err);
}

/* A connection is a descriptor: the limit must allow what CONNECTIONS_MAX promises. */
static void descriptors_raise(uint64_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        OL_LOG(OL_WARN, "few_descriptors", KV("limit", (uint64_t)limit.rlim_cur),
               KV("wanted", wanted));
}

static ol_rc start(program *p, ol_err *err)
{
    coordinator *it = &p->it;
    descriptors_raise(p->set.connections_max + 256);
    OL_TRY(list_split(&p->memory, p->set.cors_origins, p->origins, &p->origin_count, err));
    OL_TRY(list_split(&p->memory, p->set.trusted_proxies, p->proxies, &p->proxy_count, err));
    OL_TRY(chain_open(&p->set, &it->chain, err));
    OL_TRY(waits_new(it->clock, on_expired, it, &it->waits, err));
    OL_TRY(domain_start(p, true, err));
    OL_TRY(servers_start(p, err));
    it->started_ms = ol_wall_ms(it->clock);
    OL_LOG(OL_INFO, "listening", KV("host", p->set.host),
           KV("port", (unsigned)ol_web_server_port(it->public_server)),
           KV("private_host", p->set.private_host),
           KV("private_port", (unsigned)ol_web_server_port(it->private_server)),
           KV("version", OL_VERSION));
    return OL_OK;
}

/* ---- Prices: read at start, then every ten minutes. */

typedef struct price_job {
    chain_job job; /* first */
    coordinator *it;
} price_job;

static void prices_read(chain_job *job, const chain_tools *tools)
{
    price_job *price = (price_job *)job;
    ol_arena arena = ol_arena_new(OL_MIB(1));
    pricing_refresh refresh = {0};
    ol_err err = {0};
    if (chain_pricing_view(tools, &arena, &refresh.pricing, &err) == OL_OK)
        pricing_put(price->it->domain, &refresh);
    else
        OL_LOG_ERR(OL_WARN, "pricing_failed", &err);
    ol_arena_deinit(&arena);
    free(price);
}

static void prices_ask(coordinator *it)
{
    price_job *price = malloc(sizeof *price);
    if (price == NULL)
        return;
    *price = (price_job){.job = {.run = prices_read}, .it = it};
    if (!chain_submit(it->chain, &price->job))
        free(price);
}

/* ---- Signals: SIGTERM and SIGINT stop, SIGHUP reads the projects file again. */

static void signals_block(sigset_t *ret)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(ret);
    (void)sigaddset(ret, SIGTERM);
    (void)sigaddset(ret, SIGINT);
    (void)sigaddset(ret, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, ret, NULL); /* every thread inherits it */
}

/* What the chain is asked again and again, each at its own pace; seconds of the monotonic clock. */
typedef struct pace {
    int64_t prices;   /* asked last */
    int64_t sessions; /* likewise */
} pace;

static int64_t now_seconds(const coordinator *it)
{
    return ol_mono_ns(it->clock) / INT64_C(1000000000);
}

/* Does what is due; returns how long nothing will be. */
static int64_t chain_tend(coordinator *it, pace *p)
{
    int64_t now = now_seconds(it);
    bool known = pricing_read_ms(it->domain) >= it->started_ms;
    int64_t prices_due = p->prices + (known ? PRICING_SECONDS : PRICING_RETRY_SECONDS);
    int64_t sessions_due = p->sessions + (int64_t)it->set->session_recheck_seconds;
    if (now >= prices_due) {
        prices_ask(it);
        p->prices = now;
        prices_due = now + PRICING_RETRY_SECONDS; /* to see then whether they were read */
    }
    if (now >= sessions_due && it->set->require_tee_session) {
        sessions_recheck(it);
        p->sessions = now;
        sessions_due = now + (int64_t)it->set->session_recheck_seconds;
    }
    int64_t next =
        it->set->require_tee_session && sessions_due < prices_due ? sessions_due : prices_due;
    return next > now ? next - now : 1;
}

static void serve(coordinator *it, const sigset_t *signals)
{
    bool on_chain = chain_has_rpc(it->chain);
    pace paces = {.prices = INT64_MIN / 2, .sessions = now_seconds(it)};
    for (;;) {
        const struct timespec period = {.tv_sec = on_chain ? chain_tend(it, &paces) : 0};
        int signal_number =
            on_chain ? sigtimedwait(signals, NULL, &period) : sigwaitinfo(signals, NULL);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            OL_LOG(OL_INFO, "stopping");
            return;
        }
        if (signal_number == SIGHUP) {
            ol_err err = {0};
            if (chain_reload(it->chain, &err) != OL_OK)
                OL_LOG_ERR(OL_ERROR, "projects_refused", &err);
        }
    }
}

/* ---- Stop: polls go home at once, calls in flight get DRAIN_SECONDS. */

static void waits_end(coordinator *it, wait_kind kind)
{
    waiter *one = waits_take_all(it->waits, kind, true);
    while (one != NULL) {
        waiter *next = one->next;
        wait_ended(one, true);
        one = next;
    }
}

static unsigned held(const coordinator *it)
{
    return (it->public_server == NULL ? 0 : ol_web_server_held(it->public_server)) +
           (it->private_server == NULL ? 0 : ol_web_server_held(it->private_server));
}

static void drain(program *p)
{
    coordinator *it = &p->it;
    const struct timespec step = {.tv_nsec = (long)DRAIN_STEP_MS * 1000000};
    atomic_store(&it->stopping, true);
    ol_web_server_quiesce(it->public_server);
    ol_web_server_quiesce(it->private_server);
    waits_end(it, WAIT_TASK);
    waits_end(it, WAIT_SYSTEM);
    waits_end(it, WAIT_LOOK);
    for (uint64_t ms = 0; ms < p->set.drain_seconds * 1000; ms += DRAIN_STEP_MS) {
        if (waits_count(it->waits, WAIT_CALL) == 0)
            break;
        (void)nanosleep(&step, NULL);
    }
    waits_end(it, WAIT_CALL);
    /* What operations under way still hold comes back by itself. */
    while (held(it) > 0)
        (void)nanosleep(&step, NULL);
}

static void end(program *p)
{
    coordinator *it = &p->it;
    if (it->public_server != NULL && it->private_server != NULL)
        drain(p);
    ol_web_server_free(it->private_server);
    ol_web_server_free(it->public_server);
    chain_close(it->chain);
    if (it->domain != NULL)
        domain_close(it->domain);
    waits_free(it->waits);
    ol_rates_deinit(&it->key_rates);
    ol_arena_deinit(&p->memory);
}

/* ---- Commands and the way in. */

static int refuse(const ol_err *err)
{
    (void)fprintf(stderr, "outlayer-coordinator: %s\n", err->text);
    for (unsigned i = 0; i < err->notes; i++)
        (void)fprintf(stderr, "  %s\n", err->note[i]);
    return ol_reason_of(err->rc)->exit;
}

static int command_run(program *p, const command *row, int argc, char **argv, int words)
{
    ol_err err = {0};
    if (argc - words != row->argument_count) {
        (void)fprintf(stderr, "usage: outlayer-coordinator %s %s\n", row->name, row->arguments);
        return ol_reason_of(OL_ERR_USAGE)->exit;
    }
    ol_rc rc = domain_start(p, false, &err);
    if (rc == OL_OK)
        rc = row->run(p->it.domain, argv + words, &err);
    if (p->it.domain != NULL)
        domain_close(p->it.domain);
    ol_arena_deinit(&p->memory);
    return rc == OL_OK ? EXIT_FINE : refuse(&err);
}

static void help_print(void)
{
    (void)printf("outlayer-coordinator: takes HTTPS calls, keeps queue and ledger\n\n"
                 "  outlayer-coordinator                                 serve until SIGTERM\n");
    commands_print();
    (void)printf("  outlayer-coordinator --help | --version\n\n"
                 "Settings come from the environment (NAME=value or NAME_FILE=path):\n\n");
    coordinator_settings_print();
}

static int settings_take(program *p, bool serving)
{
    ol_setting_faults faults = {0};
    ol_level level = OL_INFO;
    /* A command needs the database alone, not the credential of the admin routes. */
    bool fine = coordinator_settings_load(&p->memory, &p->set, &faults) == OL_OK;
    if (!fine && (serving || p->set.database_url.len == 0)) {
        (void)fprintf(stderr, "outlayer-coordinator: settings refused\n%s", faults.text);
        return ol_reason_of(OL_ERR_SETTINGS)->exit;
    }
    (void)ol_level_parse(p->set.log_level, &level);
    ol_log_open("coordinator", level);
    return EXIT_FINE;
}

int coordinator_main(int argc, char **argv, const ol_clock *clock)
{
    program p = {.memory = ol_arena_new(OL_MIB(1))};
    sigset_t signals;
    int words = 0;
    ol_err err = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        help_print();
        return EXIT_FINE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("outlayer-coordinator %s\n", OL_VERSION);
        return EXIT_FINE;
    }
    const command *row = command_find(argc, argv, &words);
    if (argc > 1 && row == NULL) {
        (void)fprintf(stderr, "outlayer-coordinator: unknown command; see --help\n");
        return ol_reason_of(OL_ERR_USAGE)->exit;
    }
    int status = settings_take(&p, row == NULL);
    if (status != EXIT_FINE)
        return status;
    p.it.set = &p.set;
    p.it.clock = clock;
    p.it.random = ol_random_kernel();
    if (row != NULL)
        return command_run(&p, row, argc, argv, words);
    signals_block(&signals);
    ol_rc rc = start(&p, &err);
    if (rc == OL_OK)
        serve(&p.it, &signals);
    end(&p);
    return rc == OL_OK ? EXIT_FINE : refuse(&err);
}
