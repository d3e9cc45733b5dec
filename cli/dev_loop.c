#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/dev.h"
#include "lib/base/clock.h"

enum {
    START_MS = 30000,
    CHAIN_STOP_MS = 20000, /* it writes its state */
    WORKER_STOP_MS = 15000,
    KEYSTORE_STOP_MS = 5000,
    COORDINATOR_STOP_MS = 25000, /* its own drain takes up to 20 s */
    COMMAND_STOP_MS = 3000,
};

void dev_fail(dev *d, const ol_err *err)
{
    if (d->exit == CLI_DONE)
        d->exit = cli_fail_err(&d->cli, err);
    d->stopping = true;
}

static int64_t now_ns(void)
{
    return ol_mono_ns(ol_clock_real());
}

/* ---- what children say */

static bool is_told(const dev *d, const dev_event *event)
{
    bool news = d->ready || d->cli.verbose || d->ending || !ol_str_eq(event->level, OL_STR("info"));
    return d->cli.json || (!d->cli.quiet && !d->events_hidden && news);
}

static void on_line(void *context, dev_child *child, ol_str line)
{
    dev *d = context;
    char storage[DEV_LINE_BYTES_MAX];
    dev_event event;
    ol_err err = {0};
    if (!dev_event_parse(line, storage, &event)) {
        if (!d->cli.quiet || d->cli.json)
            dev_text_print(&d->cli, d->out, child->name, line);
        return;
    }
    if (is_told(d, &event))
        dev_event_print(&d->cli, d->out, d->color, &event);
    if (d->stopping || d->ending)
        return;
    if (dev_advance(d, child, &event, &err) != OL_OK)
        dev_fail(d, &err);
}

static int exit_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void service_ended(dev *d, dev_who who, int status)
{
    ol_err err = {0};
    const char *name = d->child[who].name;
    if (WIFSIGNALED(status))
        (void)ol_fail(&err, OL_ERR_ENVIRONMENT, "the %s was killed by signal %d; %s", name,
                      WTERMSIG(status),
                      who == CHAIN ? "it could not keep its state, the next start begins anew"
                                   : "the state is safe, start again");
    else
        (void)ol_fail(&err, OL_ERR_ENVIRONMENT, "the %s ended by itself with status %d", name,
                      WEXITSTATUS(status));
    dev_fail(d, &err);
}

static void on_end(dev *d, dev_who who, int status)
{
    if (ol_fd_is_open(d->child[who].log)) {
        (void)dev_child_read(&d->child[who], on_line, d);
        ol_fd_deinit(&d->child[who].log);
    }
    if (who == CHAIN && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        dev_chain_unmark(&d->state); /* its state is on the disk */
    if (d->ending)
        return;
    if (who != COMMAND) {
        service_ended(d, who, status);
    } else if (d->command != NULL && d->once) {
        d->exit = exit_of(status);
        d->stopping = true;
    } else {
        dev_call_next(d);
    }
}

/* ---- what comes from outside */

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
    if (dev_projects_load(d, false, &err) != OL_OK) {
        const dev_field field = {OL_STR("text"), ol_err_text(&err)};
        dev_tell(d, "warn", "projects_kept", &field, 1);
    }
}

static void on_order(dev *d)
{
    OL_AUTO(ol_fd) peer = OL_FD_NONE;
    OL_AUTO(ol_buf) text = ol_buf_new(DEV_CONTROL_BYTES_MAX);
    dev_order order;
    ol_err err = {0};
    if (!dev_control_take(d->orders, &peer, &order))
        return;
    ol_rc rc = dev_order_run(d, &order, &text, &err);
    dev_control_answer(peer, rc, &err, ol_buf_str(&text));
}

static void on_key(dev *d)
{
    char key;
    if (read(STDIN_FILENO, &key, 1) == 1)
        dev_key_pressed(d, key);
    else
        d->keys = false; /* the terminal has gone */
}

/* One poll. Orders and keys wait while children are ended and started on their behalf. */
static void wait_once(dev *d, int timeout_ms, bool outside)
{
    enum { SIGNALS, CHANGES, ORDERS, KEYS, FIRST_CHILD };
    struct pollfd fds[FIRST_CHILD + 2 * PROGRAMS];
    fds[SIGNALS] = (struct pollfd){.fd = d->signals.n, .events = POLLIN};
    fds[CHANGES] = (struct pollfd){.fd = d->changes.n, .events = POLLIN}; /* < 0 is passed over */
    fds[ORDERS] = (struct pollfd){.fd = outside ? d->orders.n : -1, .events = POLLIN};
    fds[KEYS] = (struct pollfd){.fd = outside && d->keys ? STDIN_FILENO : -1, .events = POLLIN};
    for (int i = 0; i < PROGRAMS; i++) {
        fds[FIRST_CHILD + 2 * i] =
            (struct pollfd){.fd = d->child[i].log_ended ? -1 : d->child[i].log.n, .events = POLLIN};
        fds[FIRST_CHILD + 2 * i + 1] = (struct pollfd){.fd = d->child[i].self.n, .events = POLLIN};
    }
    if (poll(fds, OL_COUNT(fds), timeout_ms) <= 0)
        return;
    if (fds[SIGNALS].revents != 0)
        on_signal(d);
    if (fds[CHANGES].revents != 0)
        on_changes(d);
    for (int i = 0; i < PROGRAMS; i++) {
        int status;
        if (fds[FIRST_CHILD + 2 * i].revents != 0)
            d->child[i].log_ended = !dev_child_read(&d->child[i], on_line, d);
        if (fds[FIRST_CHILD + 2 * i + 1].revents != 0 && dev_child_ended(&d->child[i], &status))
            on_end(d, (dev_who)i, status);
    }
    if (fds[ORDERS].revents != 0 && !d->stopping)
        on_order(d);
    if (fds[KEYS].revents != 0 && !d->stopping)
        on_key(d);
}

void dev_serve(dev *d)
{
    int64_t until_ns = d->started_ns + (int64_t)START_MS * 1000000;
    while (!d->stopping) {
        int64_t left_ms = (until_ns - now_ns()) / 1000000;
        if (!d->ready && left_ms <= 0) {
            ol_err err = {0};
            (void)ol_fail(&err, OL_ERR_TIMEOUT, "not ready within %d s", START_MS / 1000);
            dev_fail(d, &err);
            return;
        }
        wait_once(d, d->ready ? -1 : (int)left_ms, true);
    }
}

/* ---- ends */

/* Asks, goes on telling what the child says, and kills it when it takes too long or the user asks
 * again. */
static void stop(dev *d, dev_who who, int ms)
{
    dev_child *child = &d->child[who];
    int64_t until_ns = now_ns() + (int64_t)ms * 1000000;
    dev_child_signal(child, SIGTERM);
    while (child->pid > 0 && !d->hurry) {
        int64_t left_ms = (until_ns - now_ns()) / 1000000;
        if (left_ms <= 0)
            break;
        wait_once(d, (int)left_ms, false);
    }
    dev_child_stop(child, 0);
    ol_fd_deinit(&child->log);
}

void dev_stop_all(dev *d)
{
    d->ending = true;
    ol_fd_deinit(&d->changes);
    stop(d, COMMAND, COMMAND_STOP_MS);
    stop(d, WORKER, WORKER_STOP_MS);
    stop(d, COORDINATOR, COORDINATOR_STOP_MS);
    stop(d, KEYSTORE, KEYSTORE_STOP_MS);
    stop(d, CHAIN, CHAIN_STOP_MS);
    if (ol_fd_is_open(d->state.lock)) /* else the state is somebody else's, or there is none */
        dev_running_remove(&d->state);
}

/* Until the services are ready again. */
static ol_rc await_ready(dev *d, ol_err *err)
{
    int64_t until_ns = now_ns() + (int64_t)START_MS * 1000000;
    while (!d->stopping && !d->reached.worker_ready) {
        int64_t left_ms = (until_ns - now_ns()) / 1000000;
        if (left_ms <= 0)
            return ol_fail(err, OL_ERR_TIMEOUT, "the services are not ready within %d s",
                           START_MS / 1000);
        wait_once(d, (int)left_ms, false);
    }
    return d->stopping ? ol_fail(err, OL_ERR_INTERRUPTED, "dev ends") : OL_OK;
}

ol_rc dev_services_pause(dev *d, ol_rc (*between)(dev *d, const void *context, ol_err *err),
                         const void *context, ol_err *err)
{
    ol_err again = {0};
    d->ending = true;
    stop(d, WORKER, WORKER_STOP_MS);
    stop(d, COORDINATOR, COORDINATOR_STOP_MS);
    d->ending = false;
    ol_rc rc = between(d, context, err);
    d->reached.coordinator_listens = d->reached.worker_started = d->reached.worker_ready = false;
    if (dev_coordinator_start(&d->services, &d->child[COORDINATOR], &again) != OL_OK ||
        await_ready(d, &again) != OL_OK) {
        dev_fail(d, &again);
        return rc != OL_OK ? rc : (*err = again, again.rc);
    }
    return rc;
}

ol_rc dev_worker_crash(dev *d, ol_err *err)
{
    d->ending = true;
    dev_child_signal(&d->child[WORKER], SIGKILL);
    stop(d, WORKER, WORKER_STOP_MS);
    d->ending = false;
    d->reached.worker_ready = false;
    OL_TRY(dev_worker_start(&d->services, d->private_port, &d->child[WORKER], err));
    return await_ready(d, err);
}

void dev_keystore_down(dev *d)
{
    d->ending = true;
    dev_child_signal(&d->child[KEYSTORE], SIGKILL);
    stop(d, KEYSTORE, KEYSTORE_STOP_MS);
    d->ending = false;
    d->reached.keystore_listens = false;
}

ol_rc dev_keystore_up(dev *d, ol_err *err)
{
    if (d->child[KEYSTORE].pid > 0)
        return ol_fail(err, OL_ERR_CONFLICT, "the keystore runs already");
    return dev_keystore_start(&d->services, &d->child[KEYSTORE], err);
}
