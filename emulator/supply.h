/* All the NEAR there is: on accounts, in receipts that wait in the state, and in receipts under way
 * (NEAR 8: sum money per block). */
#ifndef OL_EMULATOR_SUPPLY_H
#define OL_EMULATOR_SUPPLY_H

#include "emulator/block.h"
#include "emulator/fees.h"

/* In the whole state. */
ol_yocto ol_supply_of_state(const ol_params *params, const ol_state *state);
/* In receipts. */
ol_yocto ol_supply_of_receipts(const ol_params *params, const ol_receipt *const *receipts,
                               size_t count);
/* What a state holds, from what an older one did. */
ol_yocto ol_supply_follow(const ol_params *params, ol_yocto supply, const ol_state *before,
                          const ol_state *after);

#endif
