#include "cli/dev_control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/amount.h"
#include "lib/base/num.h"
#include "lib/codec/json_bind.h"
#include "lib/near/account_id.h"

#define SOCKET_NAME "control.sock"

enum { TAKE_MS = 1000, ANSWER_MS = 120000, BACKLOG = 8 };

static const char *const KINDS[] = {
    [DEV_FAST_FORWARD] = "fast-forward", [DEV_MINE] = "mine", [DEV_SNAPSHOT] = "snapshot",
    [DEV_RESTORE] = "restore",           [DEV_FUND] = "fund", [DEV_FAIL] = "fail",
};

/* ---- orders */

static bool kind_parse(ol_str text, dev_order_kind *ret)
{
    for (unsigned i = 0; i < OL_COUNT(KINDS); i++) {
        if (ol_str_eq(text, ol_str_of(KINDS[i]))) {
            *ret = (dev_order_kind)i;
            return true;
        }
    }
    return false;
}

static ol_rc word_take(ol_str text, dev_order *ret, ol_err *err)
{
    if (text.len == 0 || text.len >= sizeof ret->word)
        return ol_fail(err, OL_ERR_USAGE, "a name has 1 to %d bytes", DEV_ORDER_WORD_BYTES - 1);
    memcpy(ret->word, text.data, text.len);
    ret->word[text.len] = '\0';
    return OL_OK;
}

static ol_rc check(const dev_order *order, ol_err *err)
{
    switch (order->kind) {
    case DEV_FAST_FORWARD:
    case DEV_MINE:
        if (order->seconds > DEV_SECONDS_MAX)
            return ol_fail(err, OL_ERR_USAGE, "at most a year, %d s", DEV_SECONDS_MAX);
        if (order->seconds == 0 && (order->blocks == 0 || order->blocks > DEV_BLOCKS_MAX))
            return ol_fail(err, OL_ERR_USAGE, "%s takes 1 to %d blocks", KINDS[order->kind],
                           DEV_BLOCKS_MAX);
        return OL_OK;
    case DEV_FUND:
        if (!ol_account_id_valid(ol_str_of(order->word)))
            return ol_fail(err, OL_ERR_USAGE, "%s is no account id", order->word);
        return OL_OK;
    case DEV_SNAPSHOT:
    case DEV_RESTORE:
        for (const char *c = order->word; *c != '\0'; c++) {
            bool fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                        (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
            if (!fine) /* it names a folder */
                return ol_fail(err, OL_ERR_USAGE, "a snapshot's name has letters, digits, - and _");
        }
        return OL_OK;
    case DEV_FAIL:
        return OL_OK;
    }
    return ol_fail(err, OL_ERR_USAGE, "no such order");
}

/* `200` blocks, or, to jump, `600s`. */
static ol_rc span_read(ol_str text, dev_order *ret, ol_err *err)
{
    bool time = ret->kind == DEV_FAST_FORWARD && ol_str_ends(text, OL_STR("s"));
    if (time && ol_u64_parse(ol_str_slice(text, 0, text.len - 1), &ret->seconds) &&
        ret->seconds > 0) {
        ret->blocks = 1;
        return OL_OK;
    }
    if (!ol_u64_parse(text, &ret->blocks))
        return ol_fail(err, OL_ERR_USAGE, "%s takes a number of blocks%s", KINDS[ret->kind],
                       ret->kind == DEV_FAST_FORWARD ? ", or a time: 600s" : "");
    return OL_OK;
}

ol_rc dev_order_read(const ol_str *word, size_t words, dev_order *ret, ol_err *err)
{
    dev_order order = {.blocks = 1, .amount = OL_YOCTO(0)};
    size_t most = 2;
    if (words == 0 || !kind_parse(word[0], &order.kind))
        return ol_fail(err, OL_ERR_USAGE,
                       "fast-forward N, mine N, snapshot [NAME], restore NAME, fund ACCOUNT "
                       "[AMOUNT], or fail KIND");
    if (order.kind == DEV_FAST_FORWARD || order.kind == DEV_MINE) {
        OL_TRY(span_read(words > 1 ? word[1] : OL_STR(""), &order, err));
    } else if (words >= 2) {
        OL_TRY(word_take(word[1], &order, err));
    } else if (order.kind == DEV_SNAPSHOT) {
        OL_TRY(word_take(OL_STR("last"), &order, err));
    } else {
        return ol_fail(err, OL_ERR_USAGE, "%s takes a name", KINDS[order.kind]);
    }
    if (order.kind == DEV_FUND) {
        most = 3;
        ol_str amount = words == 3 ? word[2] : OL_STR("100near");
        if (!amount_near_parse(amount, &order.amount))
            return ol_fail(err, OL_ERR_USAGE, "an amount reads 100near, or whole yocto");
    }
    if (words > most)
        return ol_fail(err, OL_ERR_USAGE, "too many words for %s", KINDS[order.kind]);
    OL_TRY(check(&order, err));
    *ret = order;
    return OL_OK;
}

void dev_order_encode(const dev_order *order, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "do", KINDS[order->kind]);
    ol_json_put_u64(&w, "blocks", order->blocks);
    ol_json_put_u64(&w, "seconds", order->seconds);
    ol_json_put_cstr(&w, "word", order->word);
    ol_json_put_dec(&w, "amount", order->amount.yocto);
    ol_json_object_end(&w);
}

typedef struct wire_order {
    ol_str kind, word;
    uint64_t blocks, seconds;
    ol_u128 amount;
} wire_order;

static const ol_json_field ORDER_FIELDS[] = {
    {"do", OL_BIND_TEXT, OL_REQUIRED, offsetof(wire_order, kind)},
    {"blocks", OL_BIND_U64, OL_OPTIONAL, offsetof(wire_order, blocks)},
    {"seconds", OL_BIND_U64, OL_OPTIONAL, offsetof(wire_order, seconds)},
    {"word", OL_BIND_TEXT, OL_OPTIONAL, offsetof(wire_order, word)},
    {"amount", OL_BIND_DEC, OL_OPTIONAL, offsetof(wire_order, amount)},
};
static const ol_json_table ORDER = {"order", ORDER_FIELDS, OL_COUNT(ORDER_FIELDS)};

ol_rc dev_order_decode(ol_str json, dev_order *ret, ol_err *err)
{
    wire_order wire = {.kind = OL_STR(""), .word = OL_STR("")};
    dev_order order = {.kind = DEV_MINE};
    ol_arena arena = ol_arena_new(DEV_CONTROL_BYTES_MAX);
    ol_rc rc = ol_json_bind(json, &ORDER, &wire, &arena, err);
    if (rc == OL_OK && !kind_parse(wire.kind, &order.kind))
        rc = ol_fail(err, OL_ERR_USAGE, "no such order");
    if (rc == OL_OK && wire.word.len > 0)
        rc = word_take(wire.word, &order, err);
    ol_arena_deinit(&arena);
    OL_TRY(rc);
    order.blocks = wire.blocks;
    order.seconds = wire.seconds;
    order.amount = OL_YOCTO(wire.amount);
    OL_TRY(check(&order, err));
    *ret = order;
    return OL_OK;
}

/* ---- the socket */

/* Names of sockets are short, paths of folders are not: the folder is named by a descriptor. */
static ol_rc address_of(ol_fd folder, struct sockaddr_un *ret, ol_err *err)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n =
        snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/" SOCKET_NAME, folder.n);
    return n > 0 && (size_t)n < sizeof ret->sun_path
               ? OL_OK
               : ol_fail(err, OL_ERR_INTERNAL, "no name for the control socket");
}

static ol_rc folder_open(ol_str folder, ol_fd *ret, ol_err *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%.*s", OL_FMT(folder));
    if (n < 0 || (size_t)n >= sizeof path)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    return ol_open(path, O_PATH | O_DIRECTORY, ret, err);
}

ol_rc dev_control_listen(ol_str folder, ol_fd *ret, ol_err *err)
{
    struct sockaddr_un at;
    OL_AUTO(ol_fd) inside = OL_FD_NONE;
    OL_TRY(folder_open(folder, &inside, err));
    OL_TRY(address_of(inside, &at, err));
    (void)unlinkat(inside.n, SOCKET_NAME, 0);
    OL_AUTO(ol_fd) made = {socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    mode_t before = umask(S_IRWXG | S_IRWXO);
    bool fine = ol_fd_is_open(made) && bind(made.n, (const struct sockaddr *)&at, sizeof at) == 0 &&
                listen(made.n, BACKLOG) == 0;
    (void)umask(before);
    if (!fine)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot make the control socket");
    *ret = ol_fd_take(&made);
    return OL_OK;
}

static bool readable(ol_fd fd, int ms)
{
    struct pollfd p = {.fd = fd.n, .events = POLLIN};
    int n;
    while ((n = poll(&p, 1, ms)) < 0 && errno == EINTR) {
    }
    return n > 0;
}

bool dev_control_take(ol_fd listener, ol_fd *ret_peer, dev_order *ret)
{
    char text[DEV_CONTROL_BYTES_MAX];
    ol_err err = {0};
    OL_AUTO(ol_fd) peer = {accept4(listener.n, NULL, NULL, SOCK_CLOEXEC)};
    if (!ol_fd_is_open(peer) || !readable(peer, TAKE_MS))
        return false;
    ssize_t n = recv(peer.n, text, sizeof text, 0);
    if (n <= 0)
        return false;
    ol_rc rc = dev_order_decode((ol_str){text, (size_t)n}, ret, &err);
    if (rc != OL_OK) {
        dev_control_answer(peer, rc, &err, OL_STR(""));
        return false;
    }
    *ret_peer = ol_fd_take(&peer);
    return true;
}

void dev_control_answer(ol_fd peer, ol_rc rc, const ol_err *err, ol_str text)
{
    OL_AUTO(ol_buf) body = ol_buf_new(DEV_CONTROL_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    if (rc != OL_OK) {
        ol_json_put_str(&w, "error", ol_err_text(err));
        ol_json_put_cstr(&w, "reason", ol_reason_of(rc)->name);
    } else {
        ol_json_put_str(&w, "text", text);
    }
    ol_json_object_end(&w);
    (void)send(peer.n, body.data, body.len, MSG_NOSIGNAL); /* whoever asked may have gone */
}

/* The reason's name leads back to its number. */
static ol_rc refused(const cli *it, const ol_json *root, const ol_json *error, ol_err *err)
{
    ol_json name;
    ol_str text = OL_STR("");
    ol_rc rc = OL_ERR_INTERNAL;
    (void)ol_json_text(error, it->arena, &text, NULL);
    for (int i = 1; ol_json_find(root, OL_STR("reason"), &name) && i < OL_RC_COUNT; i++) {
        if (ol_json_text_is(&name, ol_str_of(ol_reason_of((ol_rc)i)->name)))
            rc = (ol_rc)i;
    }
    return ol_fail(err, rc, "%.*s", OL_FMT(text));
}

ol_rc dev_control_ask(const cli *it, ol_str folder, const dev_order *order, ol_buf *answer,
                      ol_err *err)
{
    struct sockaddr_un at;
    OL_AUTO(ol_buf) text = ol_buf_new(DEV_CONTROL_BYTES_MAX);
    OL_AUTO(ol_fd) inside = OL_FD_NONE;
    OL_AUTO(ol_fd) line = {socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    ol_json root, error;
    if (folder_open(folder, &inside, err) != OL_OK)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "no outlayer dev has its state in %.*s",
                       OL_FMT(folder));
    OL_TRY(address_of(inside, &at, err));
    if (!ol_fd_is_open(line) || connect(line.n, (const struct sockaddr *)&at, sizeof at) != 0)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "outlayer dev does not run on %.*s",
                       OL_FMT(folder));
    dev_order_encode(order, &text);
    uint8_t *into = ol_buf_reserve(answer, DEV_CONTROL_BYTES_MAX);
    if (into == NULL || send(line.n, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len)
        return ol_fail_errno(err, OL_ERR_UNAVAILABLE, "outlayer dev does not listen");
    ssize_t n = readable(line, ANSWER_MS) ? recv(line.n, into, DEV_CONTROL_BYTES_MAX, 0) : -1;
    if (n <= 0)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "outlayer dev did not answer");
    answer->len += (size_t)n;
    OL_TRY(ol_json_parse(ol_buf_str(answer), &root, err));
    if (ol_json_find(&root, OL_STR("error"), &error))
        return refused(it, &root, &error, err);
    return OL_OK;
}
