/* Keystore 4, step 3: what keystore and `secrets test-access` know of agents beside a condition. */
#include "lib/secrets/agent_rule.h"

#include "tests/harness/test.h"

#define AGENT "abababababababababababababababababababababababababababababababab"
#define OTHER "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
#define UPPER "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"

TEST("a profile that is an agent's id is from that agent, for that agent")
{
    static const struct {
        const char *profile;
        const char *owner;
        const char *caller;
        const char *refusal; /* NULL: none */
    } ROWS[] = {
        {AGENT, AGENT, AGENT, NULL},
        {AGENT, AGENT, OTHER, "addressed to a different agent"},
        {AGENT, "mallory.near", AGENT, "not left by the agent itself"},
        {AGENT, AGENT, UPPER, "addressed to a different agent"},
        {UPPER, "alice.near", "bob.near", NULL},
        {"default", "alice.near", "bob.near", NULL},
        {AGENT "0", "alice.near", "bob.near", NULL},
    };
    OL_EACH (row, ROWS) {
        ol_err err = {0};
        ol_rc rc = ol_agent_rule(ol_str_of(row->profile), ol_str_of(row->owner),
                                 ol_str_of(row->caller), &err);
        CHECK_EQ_ROW(rc, row->refusal == NULL ? OL_OK : OL_ERR_UNAUTHORIZED, row->profile);
        if (row->refusal != NULL)
            CHECK_HAS(ol_err_text(&err), ol_str_of(row->refusal), row->owner);
    }
}
