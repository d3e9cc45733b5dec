/* What owners do from the command line on a whole network of this machine: see and remove what
 * their accounts keep, and fill a payment key with NEAR. */
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

/* With programs of the examples, and the one that swaps. */
static cli_result in_dev(const char *lines)
{
    return cli_in_dev("cp examples/counter.wasm examples/private-dao.wasm $P; "
                      "cp guests/guest-swapper.wasm $P/swapper.wasm",
                      lines);
}

#define COUNTER " dev.test.near/counter"
#define DAO " dev.test.near/private-dao"
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
    r = in_dev("outlayer run -q" DAO " '{\"vote\":\"yes\"}'\n"
               "outlayer run -q --path chain" DAO " '{\"vote\":\"no\"}'" ALICE "\n"
               "outlayer storage ls --worker" DAO "\noutlayer storage usage" DAO "\n"
               "outlayer storage usage --limit 1 --json" DAO "\n"
               "outlayer storage ls --public --prefix ta --json" DAO "\n"
               "outlayer storage ls --public --prefix x" DAO "\n"
               "outlayer storage ls --prefix x" DAO " 2>&1; echo code $?\n"
               "outlayer storage ls --worker" DAO ALICE " 2>&1; echo code $?\n"
               "outlayer storage rm --public" DAO " tally" ALICE " 2>&1; echo code $?\n"
               "outlayer storage rm --public" DAO " tally\n"
               "outlayer storage get" DAO " tally 2>&1\n"
               "outlayer storage ls" DAO ALICE "\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text,
              OL_STR("private-dao, shared by all callers: 1 row\npublic    tally  21 bytes  "),
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
              OL_STR("error: Only the owner of dev.test.near/private-dao sees and removes what all "
                     "callers share\ncode 4\nerror: Only the owner of"),
              "not hers");
    CHECK_HAS(text, OL_STR("shown to everybody: 1 row gone, 21 bytes\n"), "rm");
    CHECK_HAS(text, OL_STR("error: the project shows no tally\n"), "gone");
    CHECK_HAS(text, OL_STR("private-dao, alice.test.near: 1 row\nencrypted "), "her ballot stays");
    CHECK_EQ(r.exit, 0);
}

/* ---- NEAR on a payment key */

#define EXCHANGE                                                                                   \
    "outlayer keys create -q" ALICE "\n"                                                           \
    "outlayer contract deploy -q --account test.near $W/token.wasm --to wrap.test.near --init "    \
    "new "                                                                                         \
    "--args '{\"owner_id\":\"bob.test.near\",\"name\":\"Wrapped NEAR\",\"symbol\":\"wNEAR\","      \
    "\"decimals\":24,\"wraps_near\":true}'\n"                                                      \
    "outlayer contract deploy -q --account test.near $W/swap.wasm --to swap.test.near --init new " \
    "--args '{\"operator_id\":\"bob.test.near\",\"token_in\":\"wrap.test.near\",\"token_out\":"    \
    "\"usdc.test.near\",\"rate_in\":\"1000000000000000000000000\",\"rate_out\":\"3000000\"}'\n"    \
    "outlayer contract call -q --account usdc.test.near usdc.test.near mint "                      \
    "'{\"account_id\":\"swap.test.near\",\"amount\":\"9000000\"}'\n"                               \
    "outlayer contract call -q --account outlayer.test.near outlayer.test.near set_near_top_up "   \
    "'{\"wrap_contract\":\"wrap.test.near\",\"project_id\":\"dev.test.near/swapper\","             \
    "\"secrets_profile\":\"swap\",\"secrets_account\":\"dev.test.near\",\"swap_contracts\":"       \
    "[\"swap.test.near\"]}'\n"                                                                     \
    "outlayer contract call -q --account bob.test.near --deposit 0.01near wrap.test.near "         \
    "storage_deposit '{\"account_id\":\"outlayer.test.near\"}'\n"
#define REGISTER_SWAP                                                                              \
    "outlayer contract call -q --account bob.test.near --deposit 0.01near wrap.test.near "         \
    "storage_deposit '{\"account_id\":\"swap.test.near\"}'\n"
#define SECRET                                                                                     \
    "KEY=$(sed "                                                                                   \
    "'s/.*\"account_id\":\"bob.test.near\"[^}]*\"private_key\":\"\\([^\"]*\\)\".*/\\1/' "          \
    "$OUTLAYER_HOME/local/accounts.json)\n"                                                        \
    "printf 'SWAP_SIGNER=bob.test.near\\nSWAP_KEY=%s\\nSWAP_FOR=outlayer.test.near\\n' \"$KEY\" "  \
    "| "                                                                                           \
    "outlayer secrets set -q --from - --project dev.test.near/swapper --profile swap --access "    \
    "'accounts alice.test.near'\n"
#define TOPUP "outlayer keys topup 1"

TEST("a key is filled with NEAR: wrapped, swapped by a run, credited, and told")
{
    OL_AUTO(cli_result)
    r = in_dev(EXCHANGE REGISTER_SWAP SECRET "outlayer --dry-run keys topup 1 0.5near" ALICE
                                             "\n" TOPUP " 0.11near 2>&1" ALICE "\n" TOPUP
                                             " '0.21 NEAR' --swap swap.test.near --json" ALICE "\n"
                                             "outlayer keys show 1" ALICE "\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text,
              OL_STR("\"method\":\"top_up_payment_key_with_near\",\"args\":{\"nonce\":1,"
                     "\"swap_contract_id\":\"swap.test.near\"},\"deposit_yocto\":"
                     "\"500000000000000000000000\""),
              "dry run");
    CHECK_HAS(text, OL_STR("credited 300000 µUSD\nalice.test.near:1  available 300000  "), "first");
    CHECK_HAS(text, OL_STR("\"credited\":\"600000\",\"key\":{"), "second");
    CHECK_HAS(text, OL_STR("alice.test.near:1  available 900000  reserved 0  spent 0  "), "show");
    CHECK_EQ(r.exit, 0);
}

TEST("NEAR that cannot be taken is refused before it is sent, or its way back is told")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer keys create -q" ALICE "\n" TOPUP " 0.5near 2>&1" ALICE "; echo code $?\n"
               "outlayer keys delete -q 1" ALICE "\n" EXCHANGE "T='outlayer keys topup 1'\n"
               "$T 0.019near 2>&1" ALICE "; echo code $?\n$T near 2>&1" ALICE "; echo code $?\n"
               "$T 0.5near --swap bob.test.near 2>&1" ALICE "; echo code $?\n"
               "$T 1000 --swap bob.test.near 2>&1" ALICE "; echo code $?\n"
               "outlayer keys topup 9 0.5near 2>&1" ALICE "; echo code $?\n"
               "$T 0.5near 2>&1" ALICE "; echo code $?\n" REGISTER_SWAP "$T 0.5near 2>&1" ALICE
               "; echo code $?\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text,
              OL_STR("error: outlayer.test.near takes no NEAR for payment keys: it knows "
                     "nobody who swaps it\n"),
              "none listed");
    CHECK_HAS(text, OL_STR("error: at least 0.02near: 0.01 NEAR pays for the swap"), "too little");
    CHECK_HAS(text, OL_STR("error: an amount of NEAR is written 0.5near\ncode 3\n"), "no number");
    CHECK_HAS(text, OL_STR("error: outlayer.test.near sends no NEAR to bob.test.near\n"), "other");
    CHECK_HAS(text, OL_STR("error: --swap is for amounts of NEAR, as 0.5near\ncode 3\n"), "usd");
    CHECK_HAS(text, OL_STR("error: alice.test.near has no payment key 9 on the chain\n"), "no key");
    CHECK_HAS(text,
              OL_STR("error: swap.test.near could not take the NEAR: 0.5 NEAR came back\ncode 1\n"),
              "not registered");
    CHECK_HAS(text,
              OL_STR("error: the run that swaps failed: swap.test.near has 0.49 NEAR of yours"),
              "no secret, no swap");
}
