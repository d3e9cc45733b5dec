/* From a contract call to its callback, on the real programs: what comes back, and whose money it
 * costs, whatever happens in between. */
#include <stdio.h>
#include <string.h>

#include "tests/e2e/chain_lab.h"
#include "tests/harness/test.h"

TEST("a request comes back through its callback, is paid, counted and over")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    ol_u128 before = chain_balance(&l.chain, ALICE);
    chain_result result = chain_lab_echo(&l, OL_STR("hello"));
    CHECK_EQ(result.state, OL_TX_SUCCEEDED);
    CHECK_STR(result.value, OL_STR("\"hello\""));
    chain_lab_settle(&l, 1, 0);
    ol_u128 after = chain_balance(&l.chain, ALICE);
    CHECK(after < before);
    CHECK(before - after < DEPOSIT); /* the rest of the deposit came back */
}
