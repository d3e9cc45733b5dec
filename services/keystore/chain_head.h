/* The final block that a decision reads at (Keystore 15, X2). One endpoint alone is believed; of
 * several, a block counts that one calls its last final one, that another has at the same height of
 * its own final chain, and that is not far behind the other's: so no single endpoint makes the
 * keystore look at an old block, at one of a fork, or at one dated anew. */
#ifndef KEYSTORE_CHAIN_HEAD_H
#define KEYSTORE_CHAIN_HEAD_H

#include "lib/near/rpc_chain.h"

enum {
    CHAIN_HEADS_MAX = 3,     /* endpoints */
    CHAIN_HEAD_LAG_MAX = 30, /* blocks between two honest endpoints: about 20 s */
};

/* Asks in the order given, no more than is needed. With `count` of 1 the endpoint's own failure;
 * otherwise OL_ERR_PROTOCOL where no two agree. */
ol_rc chain_head_agree(const ol_rpc *rpc, size_t count, ol_block_head *ret, ol_err *err);

#endif
