/* Secrets of agents (Keystore 4, step 3): a profile that is an implicit account is a message of
 * that agent to itself. Part of every decision about a secret, beside its condition. */
#ifndef OL_SECRETS_AGENT_RULE_H
#define OL_SECRETS_AGENT_RULE_H

#include "lib/base/err.h"

/* OL_ERR_UNAUTHORIZED with the text of Keystore 4. */
ol_rc ol_agent_rule(ol_str profile, ol_str owner, ol_str caller, ol_err *err);

#endif
