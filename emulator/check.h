/* Whether actions may be asked for at all, before anything runs (NEAR 1.5, 4.2): the same rules for
 * transactions and for receipts made by contracts. */
#ifndef OL_EMULATOR_CHECK_H
#define OL_EMULATOR_CHECK_H

#include "emulator/account.h"
#include "emulator/error.h"
#include "emulator/params.h"
#include "emulator/receipt.h"

/* OL_FAILURE_NONE, or what is wrong: of group ACTIONS. Texts are borrowed from the actions, but
 * for `other`, which lies in the arena. */
ol_failure ol_actions_check(const ol_params *params, const ol_action *actions, size_t count,
                            ol_str receiver_id, ol_arena *arena);
/* The same for a new receipt, with its own limits: of group ACTIONS or RECEIPT, in an action. */
ol_failure ol_receipt_check(const ol_params *params, const ol_receipt *receipt, ol_arena *arena);

/* NEAR that must stay on an account for its storage and does not; zero: all is well (NEAR 4.3). */
ol_yocto ol_storage_stake_lack(const ol_params *params, const ol_account *account, ol_yocto amount);

#endif
