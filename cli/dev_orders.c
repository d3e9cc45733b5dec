/* Time, states, money and faults of the running dev (User experience 6). */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/amount.h"
#include "cli/dev.h"
#include "lib/near/dev_key.h"
#include "lib/near/transaction.h"

enum {
    FORWARD_BLOCKS = 200, /* what [f] jumps: a yield's life (Contract 2) */
    YIELD_BLOCKS = 201,
    FILE_BYTES_MAX = 1 << 30,
    STALE_BLOCKS = 50,
};

/* ---- the chain's own */

static ol_rc control(const cli *it, const char *path, const ol_buf *body, ol_buf *text, ol_err *err)
{
    uint64_t height;
    OL_TRY(dev_chain_control(it, path, body, &height, err));
    ol_buf_addf(text, "block %llu", (unsigned long long)height);
    return OL_OK;
}

static ol_rc blocks(const cli *it, const char *path, uint64_t count, ol_buf *text, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(1));
    ol_buf_addf(&body, "{\"blocks\":%llu}", (unsigned long long)count);
    return control(it, path, &body, text, err);
}

/* Time passes, and one block tells it: what counts blocks does not notice. */
static ol_rc forward_time(const cli *it, uint64_t seconds, ol_buf *text, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(1));
    ol_buf_addf(&body, "{\"blocks\":1,\"ns\":%llu000000000}", (unsigned long long)seconds);
    return control(it, "fast-forward", &body, text, err);
}

/* Somebody new gets an account whose key follows from the seed, too. */
static ol_rc account_make(const dev *d, const cli *it, const dev_order *order, ol_buf *text,
                          ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    OL_AUTO(signer) s = {.account_id = ol_str_of(order->word)};
    ol_json_writer w = ol_json_writer_over(&body);
    ol_dev_key(d->state.seed, s.account_id, &s.key);
    ol_ed25519_public public = ol_ed25519_public_of(&s.key);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "account_id", order->word);
    ol_json_put_dec(&w, "balance", order->amount.yocto);
    ol_json_put_str(&w, "public_key", ol_near_public_key_format(&public, it->arena));
    ol_json_object_end(&w);
    OL_TRY(control(it, "account", &body, text, err));
    ol_str inside = dev_path(&d->state, "home");
    OL_TRY(signers_save(it, inside.data, OL_STR("local"), &s, 1, err));
    if (strcmp(d->home, inside.data) != 0)
        OL_TRY(signers_save(it, d->home, OL_STR("local"), &s, 1, err));
    ol_buf_addf(text, ": %s is new, its key is among the credentials", order->word);
    return OL_OK;
}

static ol_rc fund(const dev *d, const cli *it, const dev_order *order, ol_buf *text, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&body);
    ol_yocto before;
    chain_client *c = NULL;
    OL_TRY(chain_open(it, &c, err));
    ol_rc rc = chain_balance(c, ol_str_of(order->word), &before, err);
    chain_close(c);
    if (rc == OL_ERR_NOT_FOUND)
        return account_make(d, it, order, text, err);
    OL_TRY(rc);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "account_id", order->word);
    ol_json_put_dec(&w, "amount", order->amount.yocto);
    ol_json_object_end(&w);
    OL_TRY(control(it, "fund", &body, text, err));
    ol_buf_addf(text, ": %s has %.*s more", order->word,
                OL_FMT(amount_near_format(it->arena, order->amount)));
    return OL_OK;
}

/* ---- snapshots: the chain under a name, and beside it what the services knew */

typedef struct snapshot {
    const char *name;
    bool restore;
    const cli *it;
    uint64_t height;
} snapshot;

static const char *const KEPT[] = {"coordinator.db", "coordinator.db-wal", "coordinator.db-shm"};

static ol_rc copy(const char *from, const char *to, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(FILE_BYTES_MAX);
    if (access(from, F_OK) != 0) {
        (void)unlink(to);
        return OL_OK;
    }
    OL_TRY(ol_file_load(from, &content, err));
    return ol_file_save(to, ol_buf_bytes(&content), S_IRUSR | S_IWUSR, err);
}

/* Deliveries under way belong to the time they are from. */
static void deliveries_drop(const dev *d)
{
    ol_str path = dev_path(&d->state, "worker-cache/deliveries");
    DIR *folder = path.data != NULL ? opendir(path.data) : NULL;
    if (folder == NULL)
        return;
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(folder), e->d_name, 0);
    }
    (void)closedir(folder);
}

static ol_rc files_swap(const dev *d, const snapshot *s, ol_err *err)
{
    const cli *it = s->it;
    ol_str folder =
        ol_arena_printf(it->arena, "%.*s/snapshots/%s", OL_FMT(d->state.folder), s->name);
    if (folder.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (s->restore && access(folder.data, F_OK) != 0)
        return ol_fail(err, OL_ERR_NOT_FOUND, "there is no snapshot %s", s->name);
    OL_TRY(ol_dir_make(folder.data, err));
    OL_EACH (name, KEPT) {
        ol_str kept = ol_arena_printf(it->arena, "%.*s/%s", OL_FMT(folder), *name);
        ol_str live = dev_path(&d->state, *name);
        if (kept.data == NULL || live.data == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        OL_TRY(s->restore ? copy(kept.data, live.data, err) : copy(live.data, kept.data, err));
    }
    return OL_OK;
}

static ol_rc swap(dev *d, const void *context, ol_err *err)
{
    const snapshot *s = context;
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(1));
    uint64_t height;
    ol_buf_addf(&body, "{\"name\":\"%s\"}", s->name);
    /* The chain first: a name it does not know changes nothing. */
    OL_TRY(dev_chain_control(s->it, s->restore ? "restore" : "snapshot", &body, &height, err));
    deliveries_drop(d);
    return files_swap(d, s, err);
}

static ol_rc snapshot_run(dev *d, const cli *it, const dev_order *order, bool restore, ol_buf *text,
                          ol_err *err)
{
    const snapshot s = {.name = order->word, .restore = restore, .it = it};
    OL_TRY(dev_services_pause(d, swap, &s, err));
    ol_buf_addf(text, restore ? "everything is as it was at %s" : "kept as %s", order->word);
    return OL_OK;
}

/* ---- faults */

static ol_rc fault(const cli *it, const char *kind, uint64_t count, ol_buf *text, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(1));
    ol_buf_addf(&body, "{\"kind\":\"%s\",\"count\":%llu}", kind, (unsigned long long)count);
    OL_TRY(control(it, "fault", &body, text, err));
    return OL_OK;
}

static ol_rc fail_run(dev *d, const cli *it, const dev_order *order, ol_buf *text, ol_err *err)
{
    static const struct {
        const char *kind;
        uint64_t count;
    } OF_CHAIN[] = {
        {"rpc-timeout", 1},  {"http-500", 1}, {"stale-final", STALE_BLOCKS},
        {"skip-heights", 3}, {"fork", 1},
    };
    OL_EACH (row, OF_CHAIN) {
        if (strcmp(row->kind, order->word) == 0) {
            OL_TRY(fault(it, row->kind, row->count, text, err));
            ol_buf_addf(text, ": %s", row->kind);
            return OL_OK;
        }
    }
    if (strcmp(order->word, "worker-crash") == 0) {
        OL_TRY(dev_worker_crash(d, err));
        ol_buf_addf(text, "the worker was killed, another one works");
        return OL_OK;
    }
    if (strcmp(order->word, "keystore-down") == 0) {
        dev_keystore_down(d);
        ol_buf_addf(text, "the keystore is gone; fail keystore-up brings it back");
        return OL_OK;
    }
    if (strcmp(order->word, "keystore-up") == 0) {
        OL_TRY(dev_keystore_up(d, err));
        ol_buf_addf(text, "the keystore is back");
        return OL_OK;
    }
    if (strcmp(order->word, "yield-expired") == 0) {
        OL_TRY(blocks(it, "fast-forward", YIELD_BLOCKS, text, err));
        ol_buf_addf(text, ": what waited for a result has expired");
        return OL_OK;
    }
    return ol_fail(err, OL_ERR_USAGE,
                   "a fault is rpc-timeout, http-500, stale-final, skip-heights, fork, "
                   "worker-crash, keystore-down, keystore-up or yield-expired");
}

/* ---- orders */

static ol_rc run(dev *d, const cli *it, const dev_order *order, ol_buf *text, ol_err *err)
{
    switch (order->kind) {
    case DEV_FAST_FORWARD:
        return order->seconds > 0 ? forward_time(it, order->seconds, text, err)
                                  : blocks(it, "fast-forward", order->blocks, text, err);
    case DEV_MINE:
        return blocks(it, "mine", order->blocks, text, err);
    case DEV_SNAPSHOT:
        return snapshot_run(d, it, order, false, text, err);
    case DEV_RESTORE:
        return snapshot_run(d, it, order, true, text, err);
    case DEV_FUND:
        return fund(d, it, order, text, err);
    case DEV_FAIL:
        return fail_run(d, it, order, text, err);
    }
    return ol_fail(err, OL_ERR_INTERNAL, "no such order");
}

ol_rc dev_order_run(dev *d, const dev_order *order, ol_buf *text, ol_err *err)
{
    ol_arena arena = ol_arena_new(CLI_ARENA_BYTES_MAX);
    cli it = d->cli;
    it.arena = &arena;
    ol_rc rc = d->chain.program != NULL
                   ? run(d, &it, order, text, err)
                   : ol_fail(err, OL_ERR_USAGE, "this dev runs without a chain");
    ol_arena_deinit(&arena);
    return rc;
}

void dev_key_pressed(dev *d, char key)
{
    OL_AUTO(ol_buf) text = ol_buf_new(DEV_CONTROL_BYTES_MAX);
    dev_order order = {.amount = OL_YOCTO(0)};
    ol_err err = {0};
    switch (key) {
    case 'q':
        d->stopping = true;
        return;
    case 'c':
        dev_call_begin(d);
        return;
    case 'l':
        d->events_hidden = !d->events_hidden;
        cli_note(&d->cli, d->events_hidden ? "events are hidden" : "events are shown");
        return;
    case 'f':
        order.kind = DEV_FAST_FORWARD;
        order.blocks = FORWARD_BLOCKS;
        break;
    case 'm':
        order.kind = DEV_MINE;
        order.blocks = 1;
        break;
    case 's':
        order.kind = DEV_SNAPSHOT;
        (void)snprintf(order.word, sizeof order.word, "last");
        break;
    default:
        return;
    }
    if (dev_order_run(d, &order, &text, &err) == OL_OK)
        cli_note(&d->cli, "%.*s", OL_FMT(ol_buf_str(&text)));
    else
        (void)cli_fail_err(&d->cli, &err);
}
