/* outlayer dev: a supervisor of the real programs on one machine. One thread, one poll: signals,
 * the children's ends and log lines, changes in the folder of programs. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/credentials.h"
#include "cli/dev_event.h"
#include "cli/dev_projects.h"
#include "cli/dev_services.h"
#include "lib/base/clock.h"

enum {
    PORT_STANDARD = 8080,
    SLOTS_MAX = 64,
    START_MS = 20000,
    WORKER_STOP_MS = 15000,
    COORDINATOR_STOP_MS = 25000, /* its own drain takes up to 20 s */
    COMMAND_STOP_MS = 3000,
};

/* The order in which they are started; the last one is stopped first. */
typedef enum dev_who { COORDINATOR, WORKER, COMMAND, PROGRAMS } dev_who;

typedef struct dev {
    cli cli; /* ours, with the API we serve */
    const cli_args *args;
    dev_state state;
    dev_services services;
    dev_projects projects;
    const char *folder;  /* of programs */
    const char *command; /* --exec; may be NULL */
    bool once;
    bool state_is_standard;
    const char *home; /* whose credentials file names this dev: the user's, or one in the state */
    bool ready;
    bool stopping; /* the loop ends */
    bool ending;   /* children are being stopped: their ends are no news */
    bool hurry;    /* the user asked again */
    int out;       /* where events go */
    bool color;
    int64_t started_ns;
    ol_fd signals;
    ol_fd changes; /* inotify; none with --no-watch */
    dev_child child[PROGRAMS];
    int exit;
} dev;

/* ---- telling */

static const char *const CHANGES[] = {
    [DEV_ADDED] = "project_added",
    [DEV_CHANGED] = "project_changed",
    [DEV_REMOVED] = "project_removed",
    [DEV_REFUSED] = "project_refused",
};

/* An event of dev's own. */
static void tell(const dev *d, const char *level, const char *name, const dev_field *field,
                 size_t fields)
{
    char time[OL_TIME_TEXT_BYTES];
    dev_event event = {.level = ol_str_of(level), .program = OL_STR("dev"), .fields = fields};
    ol_time_format(ol_wall_ms(ol_clock_real()), time);
    event.time = ol_str_of(time);
    event.name = ol_str_of(name);
    OL_ASSERT(fields <= DEV_FIELDS_MAX);
    if (fields > 0)
        memcpy(event.field, field, fields * sizeof *field);
    if (!d->cli.quiet || d->cli.json)
        dev_event_print(&d->cli, d->out, d->color, &event);
}

static void on_change(void *context, dev_change change, const dev_project *project)
{
    const dev *d = context;
    char size[32];
    (void)snprintf(size, sizeof size, "%zu", project->bytes);
    const dev_field fields[] = {
        {OL_STR("project"), ol_arena_printf(d->cli.arena, DEV_OWNER "/%s", project->name)},
        {OL_STR("wasm"), ol_str_of(project->hash.data)},
        {OL_STR("bytes"), ol_str_of(size)},
        {OL_STR("target"), project->component ? OL_STR("p2") : OL_STR("p1")},
    };
    if (!d->ready && change != DEV_REFUSED)
        return; /* the first screen lists them */
    if (change == DEV_REFUSED) {
        const dev_field why[] = {fields[0],
                                 {OL_STR("reason"), ol_str_of(project->refusal)},
                                 {OL_STR("text"), ol_str_of(project->refusal_text)}};
        tell(d, "warn", CHANGES[change], why, OL_COUNT(why));
        return;
    }
    tell(d, "info", CHANGES[change], fields, change == DEV_REMOVED ? 1 : OL_COUNT(fields));
}

static void screen_projects(const dev *d, ol_buf *text)
{
    for (size_t i = 0; i < d->projects.count; i++) {
        const dev_project *p = &d->projects.project[i];
        ol_buf_addf(text, "  %-12s " DEV_OWNER "/%-18s wasm %.8s…  %6.1f kB  %s\n",
                    i == 0 ? "projects" : "", p->name, p->hash.data, (double)p->bytes / 1000,
                    p->component ? "p2" : "p1");
    }
    if (d->projects.count == 0)
        ol_buf_addf(text, "  projects     none yet: put a .wasm file into %s\n", d->folder);
}

/* What to try first: `echo` where there is one. */
static const char *suggestion(const dev *d)
{
    for (size_t i = 0; i < d->projects.count; i++) {
        if (strcmp(d->projects.project[i].name, "echo") == 0)
            return "echo";
    }
    return d->projects.project[0].name;
}

static bool is_users_home(const dev *d)
{
    return ol_str_eq(ol_str_of(d->home), d->cli.home);
}

/* The first screen holds everything one copies next. */
static void screen(const dev *d, ol_str key)
{
    OL_AUTO(ol_buf) text = ol_buf_new(256 * 1024);
    const char *bold = d->color ? "\033[1m" : "", *plain = d->color ? "\033[0m" : "";
    int64_t ms = (ol_mono_ns(ol_clock_real()) - d->started_ns) / 1000000;
    ol_err err;
    ol_buf_addf(&text, "%soutlayer dev %s%s    state: %.*s\n", bold, OL_VERSION, plain,
                OL_FMT(d->state.folder));
    ol_buf_addf(&text, "  api          %s%.*s%s\n", bold, OL_FMT(d->cli.api), plain);
    ol_buf_addf(&text, "  payment key  %.*s   %.*s µUSD\n", OL_FMT(key),
                OL_FMT(d->state.key[0].amount));
    ol_buf_addf(&text, "  credentials  %s/local/credentials.json\n", d->home);
    if (!is_users_home(d) && !d->once)
        ol_buf_addf(&text, "               elsewhere: export OUTLAYER_HOME=%s\n", d->home);
    screen_projects(d, &text);
    if (d->projects.count > 0 && !d->once)
        ol_buf_addf(&text, "  try          outlayer run " DEV_OWNER "/%s '{\"n\":1}'\n",
                    suggestion(d));
    ol_buf_addf(&text, "ready after %lld ms%s%s; Ctrl-C stops everything\n", (long long)ms,
                ol_fd_is_open(d->changes) ? ", watching " : "",
                ol_fd_is_open(d->changes) ? d->folder : "");
    if (!d->cli.quiet)
        (void)ol_write_all((ol_fd){d->out}, ol_buf_bytes(&text), &err);
}

static void screen_json(const dev *d, ol_str key)
{
    OL_AUTO(ol_buf) line = ol_buf_new(256 * 1024);
    ol_json_writer w = ol_json_writer_over(&line);
    ol_err err;
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "event", "ready");
    ol_json_put_cstr(&w, "program", "dev");
    ol_json_put_cstr(&w, "version", OL_VERSION);
    ol_json_put_str(&w, "api", d->cli.api);
    ol_json_put_str(&w, "state", d->state.folder);
    ol_json_put_str(&w, "payment_key", key);
    ol_json_key(&w, "credentials");
    ol_json_add_str(&w, ol_arena_printf(d->cli.arena, "%s/local/credentials.json", d->home));
    ol_json_put_i64(&w, "ms", (ol_mono_ns(ol_clock_real()) - d->started_ns) / 1000000);
    ol_json_key(&w, "projects");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < d->projects.count; i++) {
        const dev_project *p = &d->projects.project[i];
        ol_json_object_begin(&w);
        ol_json_key(&w, "id");
        ol_json_add_str(&w, ol_arena_printf(d->cli.arena, DEV_OWNER "/%s", p->name));
        ol_json_put_cstr(&w, "sha256", p->hash.data);
        ol_json_put_u64(&w, "bytes", p->bytes);
        ol_json_put_cstr(&w, "target", p->component ? "p2" : "p1");
        ol_json_object_end(&w);
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    ol_buf_add_char(&line, '\n');
    if (ol_buf_ok(&line))
        (void)ol_write_all((ol_fd){d->out}, ol_buf_bytes(&line), &err);
}

/* ---- programs */

static ol_rc projects_load(dev *d, bool always, ol_err *err)
{
    bool any = false;
    OL_TRY(dev_projects_scan(&d->state, d->folder, &d->projects, on_change, d, &any, err));
    if (!any && !always)
        return OL_OK;
    OL_TRY(dev_projects_save(&d->state, &d->projects, err));
    dev_child_signal(&d->child[COORDINATOR], SIGHUP);
    dev_child_signal(&d->child[WORKER], SIGHUP);
    return OL_OK;
}

/* The command sees the API, a home with the key in it, and where both are written down. */
static void command_environment(dev *d, dev_spawn *spawn)
{
    const cli *it = &d->cli;
    dev_variable(it, spawn, "OUTLAYER_API", it->api);
    dev_variable(it, spawn, "OUTLAYER_NETWORK", OL_STR("local"));
    dev_variable(it, spawn, "OUTLAYER_HOME", dev_path(&d->state, "home"));
    dev_variable(it, spawn, "OUTLAYER_CREDENTIALS",
                 dev_path(&d->state, "home/local/credentials.json"));
    dev_variable(it, spawn, "OUTLAYER_STATE", d->state.folder);
}

static ol_rc command_start(dev *d, ol_err *err)
{
    dev_spawn spawn = {.name = "command", .program = "/bin/sh", .inherit = true};
    char *const argv[] = {(char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
                          (char *)(uintptr_t)d->command, NULL};
    spawn.argv = argv;
    command_environment(d, &spawn);
    return dev_child_start(&spawn, &d->child[COMMAND], err);
}

/* --first-call NAME: what the first screen suggests, done. */
static ol_rc first_call_start(dev *d, ol_str name, ol_err *err)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot tell where this program lies");
    self[n] = '\0';
    ol_str project = ol_arena_printf(d->cli.arena, DEV_OWNER "/%.*s", OL_FMT(name));
    char *const argv[] = {self, (char *)(uintptr_t)"run", (char *)(uintptr_t)project.data,
                          (char *)(uintptr_t)"{\"hello\":\"world\"}", NULL};
    dev_spawn spawn = {.name = "first call", .program = self, .argv = argv, .inherit = true};
    command_environment(d, &spawn);
    if (!d->cli.json)
        cli_note(&d->cli, "$ outlayer run %.*s '{\"hello\":\"world\"}'", OL_FMT(project));
    return dev_child_start(&spawn, &d->child[COMMAND], err);
}

static ol_rc become_ready(dev *d, ol_err *err)
{
    OL_AUTO(ol_secret) key = {0};
    ol_str name;
    if (!dev_key_full(&d->state.key[0], &key))
        return ol_fail(err, OL_ERR_INTERNAL, "the development key is too long");
    ol_str inside = dev_path(&d->state, "home");
    const credential kept[] = {{"api", d->cli.api},
                               {"payment_key", ol_bytes_str(ol_secret_reveal(&key))}};
    OL_TRY(credentials_save(inside.data, OL_STR("local"), kept, OL_COUNT(kept), err));
    d->home = inside.data;
    /* So that another terminal needs no options; a state of one's own, though, is a dev beside the
     * usual one and leaves the user's file alone. */
    if (!d->once && d->state_is_standard) {
        d->home = cli_cstr(&d->cli, d->cli.home);
        if (d->home == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        OL_TRY(credentials_save(d->home, OL_STR("local"), kept, OL_COUNT(kept), err));
    }
    OL_TRY(dev_running_put(&d->state, d->cli.api, err));
    d->ready = true;
    if (d->cli.json)
        screen_json(d, ol_bytes_str(ol_secret_reveal(&key)));
    else
        screen(d, ol_bytes_str(ol_secret_reveal(&key)));
    if (d->command != NULL)
        return command_start(d, err);
    if (cli_value(d->args, "first-call", &name))
        return first_call_start(d, name, err);
    return OL_OK;
}

/* ---- events of the children */

/* The coordinator answers: fund the key, start the worker. */
static ol_rc coordinator_listens(dev *d, const dev_event *event, ol_err *err)
{
    cli_failure failure = {0};
    ol_str port = dev_event_value(event, "port"), private_port;
    d->cli.api = ol_arena_printf(d->cli.arena, "http://127.0.0.1:%.*s", OL_FMT(port));
    if (!ol_arena_copy(d->cli.arena, dev_event_value(event, "private_port"), &private_port))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(dev_worker_start(&d->services, private_port, &d->child[WORKER], err));
    if (!d->state.key[0].funded &&
        dev_key_fund(&d->state, &d->state.key[0], NULL, OL_STR(""), &failure) != OL_OK) {
        *err = failure.err;
        return ol_note(err, "fund the development key");
    }
    return OL_OK;
}

static void fail(dev *d, const ol_err *err)
{
    if (d->exit == CLI_DONE)
        d->exit = cli_fail_err(&d->cli, err);
    d->stopping = true;
}

static void on_line(void *context, dev_child *child, ol_str line)
{
    dev *d = context;
    char storage[DEV_LINE_BYTES_MAX];
    dev_event event;
    ol_err err = {0};
    ol_rc rc = OL_OK;
    if (!dev_event_parse(line, storage, &event)) {
        if (!d->cli.quiet || d->cli.json)
            dev_text_print(&d->cli, d->out, child->name, line);
        return;
    }
    if (d->cli.json || (!d->cli.quiet && (d->ready || d->cli.verbose || d->ending ||
                                          !ol_str_eq(event.level, OL_STR("info")))))
        dev_event_print(&d->cli, d->out, d->color, &event);
    if (d->ready || d->stopping || d->ending)
        return;
    if (child == &d->child[COORDINATOR] && ol_str_eq(event.name, OL_STR("listening")))
        rc = coordinator_listens(d, &event, &err);
    else if (child == &d->child[WORKER] && ol_str_eq(event.name, OL_STR("worker_ready")))
        rc = become_ready(d, &err);
    if (rc != OL_OK)
        fail(d, &err);
}

static int exit_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void on_end(dev *d, dev_who who, int status)
{
    ol_err err = {0};
    if (ol_fd_is_open(d->child[who].log)) {
        (void)dev_child_read(&d->child[who], on_line, d);
        ol_fd_deinit(&d->child[who].log);
    }
    if (d->ending)
        return;
    if (who == COMMAND) {
        if (d->command != NULL && d->once) {
            d->exit = exit_of(status);
            d->stopping = true;
        }
        return;
    }
    if (WIFSIGNALED(status))
        (void)ol_fail(&err, OL_ERR_ENVIRONMENT,
                      "the %s was killed by signal %d; the state is safe, start again",
                      d->child[who].name, WTERMSIG(status));
    else
        (void)ol_fail(&err, OL_ERR_ENVIRONMENT, "the %s ended by itself with status %d",
                      d->child[who].name, WEXITSTATUS(status));
    fail(d, &err);
}

/* ---- the loop */

static void on_signal(dev *d)
{
    struct signalfd_siginfo info;
    if (read(d->signals.n, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (d->ending)
        d->hurry = true;
    else if (d->once)
        d->exit = CLI_INTERRUPTED;
    d->stopping = true;
}

static void on_changes(dev *d)
{
    char events[16 * 1024] __attribute__((aligned(8)));
    ol_err err = {0};
    while (read(d->changes.n, events, sizeof events) > 0) {
    }
    /* A folder that cannot be read just now keeps what is served. */
    if (projects_load(d, false, &err) != OL_OK) {
        const dev_field field = {OL_STR("text"), ol_err_text(&err)};
        tell(d, "warn", "projects_kept", &field, 1);
    }
}

static void wait_once(dev *d, int timeout_ms)
{
    struct pollfd fds[2 + 2 * PROGRAMS];
    nfds_t count = 0;
    fds[count++] = (struct pollfd){.fd = d->signals.n, .events = POLLIN};
    fds[count++] = (struct pollfd){.fd = d->changes.n, .events = POLLIN}; /* < 0 is passed over */
    for (int i = 0; i < PROGRAMS; i++) {
        fds[count++] =
            (struct pollfd){.fd = d->child[i].log_ended ? -1 : d->child[i].log.n, .events = POLLIN};
        fds[count++] = (struct pollfd){.fd = d->child[i].self.n, .events = POLLIN};
    }
    if (poll(fds, count, timeout_ms) <= 0)
        return;
    if (fds[0].revents != 0)
        on_signal(d);
    if (fds[1].revents != 0)
        on_changes(d);
    for (int i = 0; i < PROGRAMS; i++) {
        int status;
        if (fds[2 + 2 * i].revents != 0)
            d->child[i].log_ended = !dev_child_read(&d->child[i], on_line, d);
        if (fds[3 + 2 * i].revents != 0 && dev_child_ended(&d->child[i], &status))
            on_end(d, (dev_who)i, status);
    }
}

static void serve(dev *d)
{
    int64_t until_ns = d->started_ns + (int64_t)START_MS * 1000000;
    while (!d->stopping) {
        int64_t left_ms = (until_ns - ol_mono_ns(ol_clock_real())) / 1000000;
        if (!d->ready && left_ms <= 0) {
            ol_err err = {0};
            (void)ol_fail(&err, OL_ERR_TIMEOUT, "not ready within %d s", START_MS / 1000);
            fail(d, &err);
            return;
        }
        wait_once(d, d->ready ? -1 : (int)left_ms);
    }
}

/* Asks, goes on telling what the child says, and kills it when it takes too long or the user asks
 * again. */
static void stop(dev *d, dev_who who, int ms)
{
    dev_child *child = &d->child[who];
    int64_t until_ns = ol_mono_ns(ol_clock_real()) + (int64_t)ms * 1000000;
    dev_child_signal(child, SIGTERM);
    while (child->pid > 0 && !d->hurry) {
        int64_t left_ms = (until_ns - ol_mono_ns(ol_clock_real())) / 1000000;
        if (left_ms <= 0)
            break;
        wait_once(d, (int)left_ms);
    }
    dev_child_stop(child, 0);
    ol_fd_deinit(&child->log);
}

static void stop_all(dev *d)
{
    d->ending = true;
    ol_fd_deinit(&d->changes);
    stop(d, COMMAND, COMMAND_STOP_MS);
    stop(d, WORKER, WORKER_STOP_MS);
    stop(d, COORDINATOR, COORDINATOR_STOP_MS);
    if (ol_fd_is_open(d->state.lock)) /* else the state is somebody else's, or there is none */
        dev_running_remove(&d->state);
}

/* ---- set-up */

static ol_rc signals_take(dev *d, ol_err *err)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot take signals");
    d->signals = (ol_fd){signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!ol_fd_is_open(d->signals))
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot take signals");
    return OL_OK;
}

static ol_rc watch(dev *d, ol_err *err)
{
    if (cli_flag(d->args, "no-watch"))
        return OL_OK;
    d->changes = (ol_fd){inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    uint32_t what = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
    if (!ol_fd_is_open(d->changes) || inotify_add_watch(d->changes.n, d->folder, what) < 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot watch %s", d->folder);
    return OL_OK;
}

static ol_rc port_choose(dev *d, ol_err *err)
{
    uint64_t wanted = d->once ? 0 : PORT_STANDARD;
    OL_TRY(cli_number(d->args, "port", 0, UINT16_MAX, &wanted, err));
    OL_TRY(dev_port_find((uint16_t)wanted, &d->services.port, err));
    if (d->services.port != wanted)
        cli_note(&d->cli, "port %llu is taken: using %u", (unsigned long long)wanted,
                 d->services.port);
    return OL_OK;
}

static ol_rc options_read(dev *d, ol_err *err)
{
    ol_str command;
    d->once = cli_flag(d->args, "once");
    if (cli_value(d->args, "exec", &command))
        d->command = cli_cstr(&d->cli, command);
    if (d->once && d->command == NULL)
        return ol_fail(err, OL_ERR_USAGE, "--once needs --exec: what should be done once?");
    d->out = d->command != NULL ? STDERR_FILENO : STDOUT_FILENO;
    d->color = d->command != NULL ? d->cli.color : d->cli.color_out;
    d->folder = cli_cstr(&d->cli, cli_value_or(d->args, "projects", OL_STR(".")));
    return OL_OK;
}

static ol_rc start(dev *d, ol_err *err)
{
    ol_str folder = cli_value_or(d->args, "state", OL_STR(DEV_STATE_STANDARD));
    OL_TRY(options_read(d, err));
    d->state_is_standard = ol_str_eq(folder, OL_STR(DEV_STATE_STANDARD));
    OL_TRY(dev_state_open(&d->cli, folder, cli_flag(d->args, "reset"), &d->state, err));
    OL_TRY(dev_services_find(&d->cli, &d->state, &d->services, err));
    OL_TRY(cli_number(d->args, "workers", 1, SLOTS_MAX, &d->services.slots, err));
    d->services.loopback = cli_flag(d->args, "allow-loopback");
    OL_TRY(signals_take(d, err));
    OL_TRY(watch(d, err)); /* before the first look, so that no change falls in between */
    OL_TRY(projects_load(d, true, err));
    OL_TRY(port_choose(d, err));
    OL_TRY(dev_token_ensure(&d->services, err));
    return dev_coordinator_start(&d->services, &d->child[COORDINATOR], err);
}

int cmd_dev(cli *it, const cli_args *args)
{
    ol_err err = {0};
    dev *d = OL_ARENA_NEW(it->arena, dev);
    if (d == NULL)
        return cli_fail_memory(it);
    d->cli = *it;
    d->args = args;
    d->started_ns = ol_mono_ns(ol_clock_real());
    d->signals = d->changes = d->state.lock = OL_FD_NONE;
    for (int i = 0; i < PROGRAMS; i++)
        d->child[i].self = d->child[i].log = OL_FD_NONE;
    if (start(d, &err) == OL_OK)
        serve(d);
    else
        d->exit = cli_fail_err(it, &err);
    stop_all(d);
    ol_fd_deinit(&d->signals);
    dev_state_deinit(&d->state);
    return d->exit;
}
