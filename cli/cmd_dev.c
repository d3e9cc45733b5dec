/* outlayer dev: options, start, end (cli/dev.h). */
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/dev.h"
#include "cli/sdk_files.h"
#include "lib/base/clock.h"
#include "lib/base/port.h"

enum {
    API_PORT_STANDARD = 8080,
    CHAIN_PORT_STANDARD = 3030,
    KEYSTORE_PORT_STANDARD = 8081,
    SLOTS_MAX = 64,
    BLOCK_MS_STANDARD = 1000,
    BLOCK_MS_MAX = 3600000,
    FINALITY_LAG_MAX = 20,
};

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

/* Single keys without Enter, not shown; Ctrl-C stays what it is. */
static void keys_take(dev *d)
{
    struct termios raw;
    bool wanted = !d->once && d->command == NULL && !d->cli.json && !d->cli.quiet;
    if (!wanted || isatty(STDIN_FILENO) == 0 || isatty(d->out) == 0 ||
        tcgetattr(STDIN_FILENO, &d->terminal) != 0)
        return;
    raw = d->terminal;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    d->keys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void keys_give_back(const dev *d)
{
    if (d->keys)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &d->terminal);
}

static ol_rc port_choose(const dev *d, const char *option, uint64_t wanted, uint16_t *ret,
                         ol_err *err)
{
    OL_TRY(cli_number(d->args, option, 0, UINT16_MAX, &wanted, err));
    OL_TRY(ol_port_take((uint16_t)wanted, ret, err));
    if (*ret != wanted && wanted != 0)
        cli_note(&d->cli, "port %llu is taken: using %u", (unsigned long long)wanted, *ret);
    return OL_OK;
}

static ol_rc ports_choose(dev *d, ol_err *err)
{
    uint64_t base = 0;
    OL_TRY(cli_number(d->args, "port-base", 1, UINT16_MAX - 2, &base, err));
    uint64_t api = base != 0 ? base : d->once ? 0 : API_PORT_STANDARD;
    uint64_t chain = base != 0 ? base + 1 : d->once ? 0 : CHAIN_PORT_STANDARD;
    uint64_t keystore = base != 0 ? base + 2 : d->once ? 0 : KEYSTORE_PORT_STANDARD;
    OL_TRY(port_choose(d, "port", api, &d->services.port, err));
    if (d->chain.program != NULL)
        OL_TRY(port_choose(d, "chain-port", chain, &d->chain.port, err));
    OL_TRY(port_choose(d, "keystore-port", keystore, &d->services.keystore_port, err));
    if (d->chain.program == NULL)
        return OL_OK;
    d->cli.rpc = ol_arena_printf(d->cli.arena, "http://127.0.0.1:%u", d->chain.port);
    d->cli.contract = OL_STR(DEV_CONTRACT);
    return OL_OK;
}

static ol_rc options_read(dev *d, ol_err *err)
{
    ol_str command;
    if (d->cli.dry_run)
        return ol_fail(err, OL_ERR_USAGE, "dev has no --dry-run: it spends nothing of yours");
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

static ol_rc chain_read(dev *d, ol_err *err)
{
    d->chain.state = &d->state;
    d->chain.block_ms = BLOCK_MS_STANDARD;
    OL_TRY(cli_number(d->args, "block-ms", 0, BLOCK_MS_MAX, &d->chain.block_ms, err));
    OL_TRY(cli_number(d->args, "finality-lag", 0, FINALITY_LAG_MAX, &d->chain.finality_lag, err));
    d->chain.clock = cli_value_or(d->args, "clock", OL_STR("real"));
    if (!ol_str_eq(d->chain.clock, OL_STR("real")) && !ol_str_eq(d->chain.clock, OL_STR("steps")))
        return ol_fail(err, OL_ERR_USAGE, "--clock is real or steps");
    if (cli_flag(d->args, "no-chain"))
        return OL_OK;
    OL_TRY(sdk_folder(&d->cli, &d->chain.sdk, err));
    return cli_program(&d->cli, "outlayer-localnet", &d->chain.program, err);
}

static ol_rc start(dev *d, ol_err *err)
{
    ol_str folder = cli_value_or(d->args, "state", OL_STR(DEV_STATE_STANDARD));
    OL_TRY(options_read(d, err));
    d->state_is_standard = ol_str_eq(folder, OL_STR(DEV_STATE_STANDARD));
    OL_TRY(dev_state_open(&d->cli, folder, cli_flag(d->args, "reset"),
                          cli_value_or(d->args, "seed", OL_STR("")), &d->state, err));
    if (dev_chain_marked(&d->state)) {
        cli_note(&d->cli, "the last run was cut off: chain and ledger begin anew");
        OL_TRY(dev_state_forget_ledger(&d->state, err));
    }
    OL_TRY(dev_services_find(&d->cli, &d->state, &d->services, err));
    OL_TRY(chain_read(d, err));
    OL_TRY(cli_number(d->args, "workers", 1, SLOTS_MAX, &d->services.slots, err));
    d->services.loopback = cli_flag(d->args, "allow-loopback");
    OL_TRY(signals_take(d, err));
    OL_TRY(watch(d, err)); /* before the first look, so that no change falls in between */
    OL_TRY(dev_projects_load(d, true, err));
    OL_TRY(ports_choose(d, err));
    keys_take(d);
    return dev_begin(d, err);
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
    d->signals = d->changes = d->orders = d->state.lock = OL_FD_NONE;
    for (int i = 0; i < PROGRAMS; i++)
        d->child[i].self = d->child[i].log = OL_FD_NONE;
    if (start(d, &err) == OL_OK)
        dev_serve(d);
    else
        d->exit = cli_fail_err(it, &err);
    dev_stop_all(d);
    keys_give_back(d);
    ol_fd_deinit(&d->orders);
    ol_fd_deinit(&d->signals);
    dev_state_deinit(&d->state);
    return d->exit;
}
