#include "lib/secrets/agent_rule.h"

#include "lib/codec/hex.h"

enum { AGENT_DIGITS = 64 };

static bool is_agent(ol_str profile)
{
    if (profile.len != AGENT_DIGITS || !ol_hex_is_digits(profile))
        return false;
    for (size_t i = 0; i < profile.len; i++) {
        if (profile.data[i] >= 'A' && profile.data[i] <= 'F')
            return false;
    }
    return true;
}

ol_rc ol_agent_rule(ol_str profile, ol_str owner, ol_str caller, ol_err *err)
{
    if (!is_agent(profile))
        return OL_OK;
    if (!ol_str_eq(profile, caller))
        return ol_fail(err, OL_ERR_UNAUTHORIZED,
                       "Access denied: this secret is addressed to a different agent");
    if (!ol_str_eq(profile, owner))
        return ol_fail(err, OL_ERR_UNAUTHORIZED,
                       "Access denied: this secret was not left by the agent itself");
    return OL_OK;
}
