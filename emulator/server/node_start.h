/* From the command line to a node: genesis accounts and their keys, the state file. */
#ifndef LOCALNET_NODE_START_H
#define LOCALNET_NODE_START_H

#include "emulator/node.h"
#include "emulator/server/options.h"

/* Loads the state file when there is one, else makes a genesis: `test.near`, the accounts of the
 * network for development (NODE_ACCOUNTS), and those of the options, which win. */
ol_rc node_start(const localnet_options *set, const ol_clock *clock, ol_node **ret, ol_err *err);
/* To the state file. */
ol_rc node_save(const localnet_options *set, const ol_node *node, ol_err *err);

#endif
