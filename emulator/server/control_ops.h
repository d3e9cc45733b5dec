/* What /dev/ and the sandbox methods do to the chain, without HTTP around it. */
#ifndef LOCALNET_CONTROL_OPS_H
#define LOCALNET_CONTROL_OPS_H

#include "emulator/server/localnet.h"

enum {
    MINE_BLOCKS_MAX = 100000,
    SNAPSHOT_NAME_BYTES_MAX = 64,
};

/* OL_ERR_INVALID for what is no account id: nothing below checks again. */
ol_rc control_account_id_check(ol_str account_id, ol_err *err);
/* That many blocks, empty ones too; work on the way is done. */
ol_rc control_mine(localnet *net, uint64_t blocks, ol_err *err);
/* `ns` pass, then that many blocks. */
ol_rc control_forward(localnet *net, uint64_t blocks, uint64_t ns, ol_err *err);
/* Creates the account or changes it: a balance, further full-access keys, code. */
ol_rc control_account(localnet *net, const ol_account_seed *seed, ol_err *err);
ol_rc control_fund(localnet *net, ol_str account_id, ol_yocto amount, ol_err *err);
ol_rc control_snapshot(localnet *net, ol_str name, ol_err *err);
ol_rc control_restore(localnet *net, ol_str name, ol_err *err);
/* `count`: requests to hit, blocks to hold, heights to skip, or depth, by kind. */
ol_rc control_fault(localnet *net, fault_kind kind, uint64_t count, uint32_t percent, ol_str method,
                    ol_err *err);

#endif
