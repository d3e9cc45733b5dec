/* From nothing to ready. Chain and coordinator start side by side; what each step needs is the
 * event of another program, so that nothing waits longer than it must. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/credentials.h"
#include "cli/dev.h"
#include "cli/sealing.h"

static ol_rc no_memory(ol_err *err)
{
    return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

/* ---- programs */

/* Work on the chain allocates; the arena of a dev that stays up for weeks must not grow with it. */
static ol_rc publish(dev *d, ol_err *err)
{
    ol_arena arena = ol_arena_new(CLI_ARENA_BYTES_MAX);
    cli it = d->cli;
    it.arena = &arena;
    ol_rc rc = dev_chain_publish(&it, &d->chain, &d->projects, err);
    ol_arena_deinit(&arena);
    return rc;
}

/* The services read the file again; one that is starting would die of the signal, and is told when
 * it is ready. */
static ol_rc projects_serve(dev *d, ol_err *err)
{
    OL_TRY(dev_projects_save(&d->state, &d->projects, err));
    if (d->reached.coordinator_listens)
        dev_child_signal(&d->child[COORDINATOR], SIGHUP);
    if (d->reached.worker_ready)
        dev_child_signal(&d->child[WORKER], SIGHUP);
    else
        d->reached.worker_stale = true;
    return OL_OK;
}

static void on_change(void *context, dev_change change, const dev_project *project)
{
    dev *d = context;
    ol_err err = {0};
    dev_tell_change(d, change, project);
    if (change != DEV_REMOVED || d->chain.program == NULL || !d->reached.published)
        return;
    ol_arena arena = ol_arena_new(CLI_ARENA_BYTES_MAX);
    cli it = d->cli;
    it.arena = &arena;
    if (dev_chain_withdraw(&it, &d->chain, project->name, &err) != OL_OK) {
        const dev_field field = {OL_STR("text"), ol_err_text(&err)};
        dev_tell(d, "warn", "project_stays_on_chain", &field, 1);
    }
    ol_arena_deinit(&arena);
}

ol_rc dev_projects_load(dev *d, bool always, ol_err *err)
{
    bool any = false, chain = d->reached.published && d->chain.program != NULL;
    OL_TRY(dev_projects_scan(&d->state, d->folder, &d->projects, on_change, d, &any, err));
    if (!any && !always)
        return OL_OK;
    OL_TRY(projects_serve(d, err)); /* at once: the chain takes a moment */
    if (!chain)
        return OL_OK;
    OL_TRY_NOTE(err, publish(d, err), "publish on the chain");
    dev_tell(d, "info", "projects_published", NULL, 0);
    return dev_projects_save(&d->state, &d->projects, err);
}

/* ---- commands of the user */

/* The command sees the API, a home with keys in it, and where both are written down. */
static void command_environment(dev *d, dev_spawn *spawn)
{
    const cli *it = &d->cli;
    dev_variable(it, spawn, "OUTLAYER_API", it->api);
    dev_variable(it, spawn, "OUTLAYER_NETWORK", OL_STR("local"));
    dev_variable(it, spawn, "OUTLAYER_HOME", dev_path(&d->state, "home"));
    dev_variable(it, spawn, "OUTLAYER_CREDENTIALS",
                 dev_path(&d->state, "home/local/credentials.json"));
    dev_variable(it, spawn, "OUTLAYER_STATE", d->state.folder);
    if (d->chain.program == NULL)
        return;
    dev_variable(it, spawn, "OUTLAYER_RPC", it->rpc);
    dev_variable(it, spawn, "OUTLAYER_CONTRACT", OL_STR(DEV_CONTRACT));
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

/* What the first screen suggests, done: over HTTPS, then through the chain. */
static ol_rc call_start(dev *d, ol_str name, bool chain, ol_err *err)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot tell where this program lies");
    self[n] = '\0';
    ol_str project = ol_arena_printf(d->cli.arena, DEV_OWNER "/%.*s", OL_FMT(name));
    const char *path = chain ? "--path=chain" : "--path=https";
    char *const argv[] = {self,
                          (char *)(uintptr_t)"run",
                          (char *)(uintptr_t)path,
                          (char *)(uintptr_t)project.data,
                          (char *)(uintptr_t)"{\"hello\":\"world\"}",
                          NULL};
    dev_spawn spawn = {.name = "first call", .program = self, .argv = argv, .inherit = true};
    command_environment(d, &spawn);
    if (project.data == NULL)
        return no_memory(err);
    if (!d->cli.json)
        cli_note(&d->cli, "$ outlayer run %s%.*s '{\"hello\":\"world\"}'",
                 chain ? "--path chain " : "", OL_FMT(project));
    return dev_child_start(&spawn, &d->child[COMMAND], err);
}

void dev_call_begin(dev *d)
{
    if (d->child[COMMAND].pid > 0)
        return; /* one at a time */
    d->first_call = 1;
    dev_call_next(d);
}

void dev_call_next(dev *d)
{
    ol_str name;
    ol_err err = {0};
    const char *suggested = dev_suggestion(d);
    bool chain = d->first_call == 2;
    if (d->first_call == 0 || d->first_call > 2 || (chain && d->chain.program == NULL)) {
        d->first_call = 0;
        return;
    }
    d->first_call++;
    if (!cli_value(d->args, "first-call", &name)) {
        if (suggested == NULL)
            return;
        name = ol_str_of(suggested);
    }
    if (call_start(d, name, chain, &err) != OL_OK)
        dev_fail(d, &err);
}

/* ---- ready */

static ol_rc credentials_write(dev *d, const char *home, const ol_secret *key, ol_err *err)
{
    bool chain = d->chain.program != NULL;
    const credential kept[] = {
        {"api", d->cli.api},
        {"state", d->state.folder},
        {"payment_key", ol_bytes_str(ol_secret_reveal(key))},
        {"rpc", chain ? d->cli.rpc : (ol_str){0}},
        {"contract", chain ? OL_STR(DEV_CONTRACT) : (ol_str){0}},
        {SEALING_ATTESTOR, dev_keystore_attestor(&d->services)},
        {"account_id", chain ? OL_STR(DEV_OWNER) : (ol_str){0}},
    };
    OL_TRY(credentials_save(home, OL_STR("local"), kept, OL_COUNT(kept), err));
    return chain ? dev_chain_keys_save(&d->cli, &d->chain, home, err) : OL_OK;
}

static ol_rc become_ready(dev *d, ol_err *err)
{
    OL_AUTO(ol_secret) key = {0};
    ol_str name, inside = dev_path(&d->state, "home");
    if (!dev_key_full(&d->state.key[0], &key))
        return ol_fail(err, OL_ERR_INTERNAL, "the development key is too long");
    OL_TRY(credentials_write(d, inside.data, &key, err));
    d->home = inside.data;
    /* So that another terminal needs no options; a state of one's own, though, is a dev beside the
     * usual one and leaves the user's file alone. */
    if (!d->once && d->state_is_standard) {
        d->home = cli_cstr(&d->cli, d->cli.home);
        if (d->home == NULL)
            return no_memory(err);
        OL_TRY(credentials_write(d, d->home, &key, err));
    }
    OL_TRY(dev_running_put(&d->state, d->cli.api, d->cli.rpc, err));
    OL_TRY(dev_control_listen(d->state.folder, &d->orders, err));
    d->ready = true;
    dev_screen(d, ol_bytes_str(ol_secret_reveal(&key)));
    if (d->command != NULL)
        return command_start(d, err);
    if (cli_value(d->args, "first-call", &name))
        dev_call_begin(d);
    return OL_OK;
}

/* ---- one step after the other */

static ol_rc chain_set_up(dev *d, ol_err *err)
{
    ol_arena arena = ol_arena_new(CLI_ARENA_BYTES_MAX);
    cli it = d->cli;
    it.arena = &arena;
    ol_rc rc = dev_chain_set_up(&it, &d->chain, err);
    ol_arena_deinit(&arena);
    d->reached.chain_set_up = rc == OL_OK;
    return rc;
}

static ol_rc fund(dev *d, ol_err *err)
{
    cli_failure failure = {0};
    d->reached.funded = true;
    if (d->state.key[0].funded)
        return OL_OK;
    if (dev_key_fund(&d->state, &d->state.key[0], NULL, OL_STR(""), &failure) == OL_OK)
        return OL_OK;
    *err = failure.err;
    return ol_note(err, "fund the development key");
}

/* The worker is started as early as it can live, and the rest happens while it boots. */
static ol_rc go_on(dev *d, ol_err *err)
{
    dev_reached *r = &d->reached;
    bool chain = d->chain.program != NULL;
    if (chain && r->chain_listens && !r->chain_set_up)
        OL_TRY(chain_set_up(d, err));
    if (!r->coordinator_listens || (chain && !r->chain_set_up))
        return OL_OK;
    if (!r->worker_started) {
        OL_TRY(dev_worker_start(&d->services, d->private_port, &d->child[WORKER], err));
        r->worker_started = true;
    }
    if (!r->funded)
        OL_TRY(fund(d, err));
    if (!r->published) {
        if (chain) {
            OL_TRY_NOTE(err, publish(d, err), "publish on the chain");
            OL_TRY(projects_serve(d, err));
        }
        r->published = true;
    }
    return r->worker_ready && r->keystore_listens && !d->ready ? become_ready(d, err) : OL_OK;
}

static ol_rc coordinator_listens(dev *d, const dev_event *event, ol_err *err)
{
    ol_str port = dev_event_value(event, "port");
    d->cli.api = ol_arena_printf(d->cli.arena, "http://127.0.0.1:%.*s", OL_FMT(port));
    if (d->cli.api.data == NULL ||
        !ol_arena_copy(d->cli.arena, dev_event_value(event, "private_port"), &d->private_port))
        return no_memory(err);
    d->reached.coordinator_listens = true;
    return OL_OK;
}

static void worker_ready(dev *d)
{
    d->reached.worker_ready = true;
    if (d->reached.worker_stale)
        dev_child_signal(&d->child[WORKER], SIGHUP);
    d->reached.worker_stale = false;
}

ol_rc dev_advance(dev *d, const dev_child *child, const dev_event *event, ol_err *err)
{
    if (ol_str_eq(event->name, OL_STR("listening")) && child == &d->child[CHAIN])
        d->reached.chain_listens = true;
    else if (ol_str_eq(event->name, OL_STR("listening")) && child == &d->child[COORDINATOR])
        OL_TRY(coordinator_listens(d, event, err));
    else if (ol_str_eq(event->name, OL_STR("listening")) && child == &d->child[KEYSTORE])
        d->reached.keystore_listens = true;
    else if (ol_str_eq(event->name, OL_STR("worker_ready")) && child == &d->child[WORKER])
        worker_ready(d);
    else
        return OL_OK;
    return go_on(d, err);
}

ol_rc dev_begin(dev *d, ol_err *err)
{
    if (d->chain.program != NULL) {
        OL_TRY(dev_chain_mark(&d->state, err));
        OL_TRY(dev_chain_start(&d->cli, &d->chain, &d->child[CHAIN], err));
        d->services.rpc = d->cli.rpc;
        d->services.operator_key = dev_chain_operator_key(&d->cli, &d->chain);
    }
    OL_TRY(dev_keystore_start(&d->services, &d->child[KEYSTORE], err));
    OL_TRY(dev_token_ensure(&d->services, err));
    return dev_coordinator_start(&d->services, &d->child[COORDINATOR], err);
}
