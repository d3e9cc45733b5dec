/* What owners do from the command line on a whole network of this machine: see and remove what
 * their accounts keep, and fill a payment key with NEAR. */
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

/* With programs of the examples, and the one that swaps. */
static cli_result in_dev(const char *lines)
{
    return cli_in_dev("cp examples/counter.wasm $P; cp guests/guest-ballots.wasm $P/ballots.wasm; "
                      "cp examples/near-swap.wasm $P; cp examples/near-swap.sh $P/..",
                      lines);
}

#define COUNTER " dev.test.near/counter"
#define BALLOTS " dev.test.near/ballots"
#define ALICE " --account alice.test.near"
#define HASH "sed 's/.*\"key_hash\":\"//;s/\".*//'"

TEST("an account lists its rows, removes one by its hash, and the program begins anew")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer run -q" COUNTER " '{}'; outlayer run -q" COUNTER " '{}'\n"
               "outlayer storage ls" COUNTER "\n"
               "outlayer storage ls" COUNTER " --json\noutlayer storage usage --json" COUNTER ALICE
               "\noutlayer storage rm" COUNTER " count 2>&1; echo code $?\n"
               "outlayer --dry-run storage rm" COUNTER " count\n"
               "outlayer storage rm" COUNTER " $(outlayer storage ls --json" COUNTER " | " HASH
               ")\n"
               "outlayer run -q" COUNTER " '{}'\n"
               "outlayer storage rm" COUNTER " --all 2>&1 </dev/null; echo code $?\n"
               "outlayer storage rm --all --yes --json" COUNTER "\n"
               "outlayer storage usage dev.test.near/nothing 2>&1; echo code $?\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text,
              OL_STR("{\"count\":2}\ndev.test.near/counter, dev.test.near: 1 row\nencrypted "),
              "ls");
    CHECK_HAS(text, OL_STR("\"key\":null,\"is_encrypted\":true,\"size_bytes\":"), "json");
    CHECK_HAS(text, OL_STR("\"account\":\"alice.test.near\",\"total_bytes\":0,\"key_count\":0}\n"),
              "somebody else's usage");
    CHECK_HAS(text, OL_STR("error: Storage key not found\n hint: the name of an encrypted row"),
              "hidden");
    CHECK_HAS(text, OL_STR("/storage/owner/delete\n"), "dry run");
    CHECK_HAS(text, OL_STR("dev.test.near/counter, dev.test.near: 1 row gone, "), "rm");
    CHECK_HAS(text, OL_STR(" bytes\n{\"count\":1}\n"), "anew");
    CHECK_HAS(text, OL_STR("error: not confirmed: say --yes\ncode 3\n"), "all");
    CHECK_HAS(text, OL_STR("\"removed\":1,\"freed_bytes\":"), "all");
    CHECK_HAS(text, OL_STR("error: Project not found: dev.test.near/nothing\ncode 1"),
              "no project");
    CHECK_EQ(r.exit, 0);
}

TEST("the project's owner sees what callers share and how much each keeps; others do not")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer run -q" BALLOTS " '{\"vote\":\"yes\"}'\n"
               "outlayer run -q --path chain" BALLOTS " '{\"vote\":\"no\"}'" ALICE "\n"
               "outlayer storage ls --worker" BALLOTS "\noutlayer storage usage" BALLOTS "\n"
               "outlayer storage usage --limit 1 --json" BALLOTS "\n"
               "outlayer storage ls --public --prefix ta --json" BALLOTS "\n"
               "outlayer storage ls --public --prefix x" BALLOTS "\n"
               "outlayer storage ls --prefix x" BALLOTS " 2>&1; echo code $?\n"
               "outlayer storage ls --worker" BALLOTS ALICE " 2>&1; echo code $?\n"
               "outlayer storage rm --public" BALLOTS " tally" ALICE " 2>&1; echo code $?\n"
               "outlayer storage rm --public" BALLOTS " tally\n"
               "outlayer storage get" BALLOTS " tally 2>&1\n"
               "outlayer storage ls" BALLOTS ALICE "\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text, OL_STR("ballots, shared by all callers: 1 row\npublic    tally  21 bytes  "),
              "ls");
    CHECK_HAS(text, OL_STR(" bytes in 3 rows\n  @worker: 21 bytes in 1 row\n  alice.test.near: "),
              "usage");
    CHECK_HAS(text,
              OL_STR("\"account\":\"@worker\",\"total_bytes\":21,\"key_count\":1}],\"next\":"
                     "\"@worker\"}"),
              "page");
    CHECK_HAS(text, OL_STR("\"key\":\"tally\",\"is_encrypted\":false,"), "public");
    CHECK_HAS(text, OL_STR("shown to everybody: 0 rows\n"), "prefix");
    CHECK_HAS(text, OL_STR("public rows alone have one: add --public\ncode 3\n"), "prefix");
    CHECK_HAS(text,
              OL_STR("error: Only the owner of dev.test.near/ballots sees and removes what all "
                     "callers share\ncode 4\nerror: Only the owner of"),
              "not hers");
    CHECK_HAS(text, OL_STR("shown to everybody: 1 row gone, 21 bytes\n"), "rm");
    CHECK_HAS(text, OL_STR("error: the project shows no tally\n"), "gone");
    CHECK_HAS(text, OL_STR("ballots, alice.test.near: 1 row\nencrypted "), "her ballot stays");
    CHECK_EQ(r.exit, 0);
}

/* ---- NEAR on a payment key: near-swap's page shows that it works */

#define TOPUP "outlayer keys topup 1"
/* The script looks for contracts beside its folder. */
#define EXCHANGE "mkdir -p x contracts; cp $W/*.wasm contracts; (cd x; sh ../near-swap.sh)\n"
#define SWAPS(list)                                                                                \
    "outlayer contract call -q --account outlayer.test.near outlayer.test.near set_near_top_up "   \
    "'{\"swap_contracts\":" list "}'\n"

TEST("NEAR that cannot be taken is refused before it is sent")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer keys create -q" ALICE "\n" TOPUP " 0.5near 2>&1" ALICE
               "; echo code $?\n" EXCHANGE "outlayer --dry-run keys topup 1 0.5near" ALICE
               "\n" TOPUP " 0.019near 2>&1" ALICE "; echo code $?\n" TOPUP " near 2>&1" ALICE
               "; echo code $?\n" TOPUP " 0.5near --swap bob.test.near 2>&1" ALICE
               "; echo code $?\n" TOPUP " 1000 --swap bob.test.near 2>&1" ALICE "; echo code $?\n"
               "outlayer keys topup 9 0.5near 2>&1" ALICE "; echo code $?\n" TOPUP
               " '0.11 NEAR' --swap swap.test.near --json" ALICE "\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text,
              OL_STR("error: outlayer.test.near takes no NEAR for payment keys: it knows "
                     "nobody who swaps it\n"),
              "none listed");
    CHECK_HAS(text,
              OL_STR("\"method\":\"top_up_payment_key_with_near\",\"args\":{\"nonce\":1,"
                     "\"swap_contract_id\":\"swap.test.near\"},\"deposit_yocto\":"
                     "\"500000000000000000000000\""),
              "dry run");
    CHECK_HAS(text, OL_STR("error: at least 0.02near: 0.01 NEAR pays for the swap"), "too little");
    CHECK_HAS(text, OL_STR("error: an amount of NEAR is written 0.5near\ncode 3\n"), "no number");
    CHECK_HAS(text, OL_STR("error: outlayer.test.near sends no NEAR to bob.test.near\n"), "other");
    CHECK_HAS(text, OL_STR("error: --swap is for amounts of NEAR, as 0.5near\ncode 3\n"), "usd");
    CHECK_HAS(text, OL_STR("error: alice.test.near has no payment key 9 on the chain\n"), "no key");
    CHECK_HAS(text, OL_STR("\"credited\":\"300000\",\"key\":{"), "then it is taken");
    CHECK_EQ(r.exit, 0);
}

TEST("NEAR that was sent and not swapped is told with where it is")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer keys create -q" ALICE "\n" EXCHANGE
                   /* one that wrapped NEAR cannot be sent to */
                   SWAPS("[\"bob.test.near\"]") TOPUP
               " 0.5near 2>&1" ALICE "; echo code $?\n" SWAPS(
                   "[\"swap.test.near\"]") "outlayer secrets delete -q --project "
                                           "dev.test.near/near-swap --profile swap\n" TOPUP
                                           " 0.5near 2>&1" ALICE
                                           "; echo code $?\noutlayer keys show 1" ALICE "\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text,
              OL_STR("error: bob.test.near could not take the NEAR: 0.5 NEAR came back\ncode 1\n"),
              "came back");
    CHECK_HAS(text,
              OL_STR("error: the run that swaps failed: swap.test.near has 0.49 NEAR of yours and "
                     "answers for it; the rest came back\ncode 1\n"),
              "with the swap");
    CHECK_HAS(text, OL_STR("alice.test.near:1  available 0  "), "not credited");
    CHECK_EQ(r.exit, 0);
}
