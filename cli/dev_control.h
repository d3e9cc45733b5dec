/* What a running dev can be told: over a socket in its state folder, which nobody but its owner can
 * reach, and by keys on its terminal. One order, one answer: JSON both (User experience 6). */
#ifndef CLI_DEV_CONTROL_H
#define CLI_DEV_CONTROL_H

#include "cli/cli.h"
#include "lib/base/fd.h"
#include "lib/base/money.h"

enum {
    DEV_CONTROL_BYTES_MAX = 16 * 1024,
    DEV_ORDER_WORD_BYTES = 65,
    DEV_BLOCKS_MAX = 100000,
    DEV_SECONDS_MAX = 366 * 86400,
};

typedef enum dev_order_kind {
    DEV_FAST_FORWARD,
    DEV_MINE,
    DEV_SNAPSHOT,
    DEV_RESTORE,
    DEV_FUND,
    DEV_FAIL,
} dev_order_kind;

typedef struct dev_order {
    dev_order_kind kind;
    uint64_t blocks;                 /* FAST_FORWARD, MINE */
    uint64_t seconds;                /* FAST_FORWARD: time alone, one block at its end */
    char word[DEV_ORDER_WORD_BYTES]; /* SNAPSHOT, RESTORE: its name; FUND: account; FAIL: what */
    ol_yocto amount;                 /* FUND */
} dev_order;

/* Words of the command line: `mine 3`. OL_ERR_USAGE. */
ol_rc dev_order_read(const ol_str *word, size_t words, dev_order *ret, ol_err *err);

void dev_order_encode(const dev_order *order, ol_buf *into);
ol_rc dev_order_decode(ol_str json, dev_order *ret, ol_err *err);

/* The running dev's end; the socket's file is made anew. */
ol_rc dev_control_listen(ol_str folder, ol_fd *ret, ol_err *err);
/* Takes one order from a connection. false: whoever connected has gone, or said nothing sensible
 * and was told so. Waits a second at most. */
bool dev_control_take(ol_fd listener, ol_fd *ret_peer, dev_order *ret);
/* {"text":…,"height":…}, or {"error","reason"} when `rc` is one. */
void dev_control_answer(ol_fd peer, ol_rc rc, const ol_err *err, ol_str text);

/* The other end. OL_ERR_UNAVAILABLE when no dev runs there; the failure dev told otherwise. */
ol_rc dev_control_ask(const cli *it, ol_str folder, const dev_order *order, ol_buf *answer,
                      ol_err *err);

#endif
