/* Secrets and payment keys from the command line, on a whole network of this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

/* env-probe's place in a network of its own; what `lines` say is done there by sh. */
static cli_result in_dev(const char *lines)
{
    return cli_in_dev("cp examples/echo.wasm $P; cp guests/guest-ballots.wasm $P/ballots.wasm; "
                      "cp guests/guest-env-test.wasm $P/probe.wasm",
                      lines);
}

#define PLACE " --project dev.test.near/probe"
#define PROBE                                                                                      \
    "outlayer run -q dev.test.near/probe '{\"env_vars\":[\"A\",\"B\",\"PROTECTED_P\"]}' "          \
    "--secrets-profile default --secrets-account dev.test.near\n"

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

TEST("a value from standard input is encrypted here, stored, and seen by the run alone")
{
    OL_AUTO(cli_result)
    r = in_dev("printf canary-in-a-coal-mine | outlayer secrets set -q A" PLACE "\n"
               "outlayer secrets list\noutlayer secrets show --json" PLACE "\n"
               "grep -rl canary-in-a-coal-mine s log; echo files $?\n" PROBE);
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("profile default: 1 name, for account dev.test.near; stake "), "set");
    CHECK_HAS(text, OL_STR("project dev.test.near/probe, profile default   for account"), "list");
    CHECK_HAS(text, OL_STR("\"access\":{\"Whitelist\":{\"accounts\":[\"dev.test.near\"]}}"),
              "default access");
    CHECK_HAS(text, OL_STR("}\nfiles 1\n"), "no file of any program has it");
    CHECK_HAS(text, OL_STR("\"A\":\"canary-in-a-coal-mine\""), "run");
    CHECK_EQ(r.exit, 0);
}

TEST("update changes what it names, keeps the rest and who may have it; replace begins anew")
{
    OL_AUTO(cli_result)
    r = in_dev("printf 'A=one\\nB=two\\n' > .env; outlayer secrets import .env -q" PLACE
               " --access everyone\n"
               "printf other | outlayer secrets set -q A" PLACE " 2>&1; echo refused $?\n"
               "outlayer secrets set A=other" PLACE " 2>&1; echo shown $?\n"
               "outlayer secrets set '{\"A\":\"other\"}'" PLACE " 2>&1; echo shown $?\n"
               "printf three | outlayer secrets update -q B --generate PROTECTED_P:hex16" PLACE
               "\n" PROBE "printf 'A=four' | outlayer secrets update -q --from - --replace" PLACE
               "\n" PROBE "outlayer secrets show" PLACE "\n");
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("error: there is a secret already"), "conflict");
    CHECK_HAS(text, OL_STR("refused 1\nerror: a value on the command line is visible"), "first");
    CHECK_HAS(text, OL_STR("standard input\nshown 3\nerror: a value on the command line"), "JSON");
    CHECK_HAS(text, OL_STR("\"A\":\"one\",\"B\":\"three\",\"PROTECTED_P\":\""), "appended");
    CHECK_HAS(text, OL_STR("\"A\":\"four\",\"B\":null,\"PROTECTED_P\":\""), "replaced");
    CHECK_HAS(text, OL_STR("access   everyone"), "kept");
    CHECK_EQ(r.exit, 0);
}

TEST("test-access says of each leaf what the keystore would decide")
{
    OL_AUTO(cli_result)
    r = in_dev(
        "printf v | outlayer secrets set -q A" PLACE "\n"
        "outlayer secrets test-access --as alice.test.near" PLACE "; echo code $?\n"
        "outlayer secrets access 'ft usdc.test.near>=1000000000'" PLACE "\n"
        "outlayer secrets test-access --json --as alice.test.near" PLACE "; echo code $?\n"
        "outlayer secrets test-access --as alice.test.near --access 'near>=5000near'\n"
        "outlayer secrets test-access --as alice.test.near --access 'not pattern [bad'\n"
        "outlayer secrets test-access --as alice.test.near --access 'nonsense' 2>&1\n"
        "outlayer secrets access 'not pattern [bad'" PLACE " 2>&1; echo code $?\n"
        "outlayer secrets access '{\"AccountPattern\":{\"pattern\":\"\\u001b\\\\[2J\"}}'" PLACE
        "; outlayer secrets list; outlayer secrets show" PLACE "\n"
        "outlayer secrets access me" PLACE "\n"
        "outlayer run -q --path chain --account alice.test.near dev.test.near/probe '{}' "
        "--secrets-profile default --secrets-account dev.test.near 2>&1\n"
        "outlayer secrets delete" PLACE "; outlayer secrets show" PLACE " 2>&1\n");
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("  no   account dev.test.near\nalice.test.near would not get"), "no");
    CHECK_HAS(text, OL_STR("code 1"), "no");
    CHECK_HAS(
        text,
        OL_STR("{\"account_id\":\"alice.test.near\",\"leaves\":[{\"condition\":"
               "\"ft usdc.test.near >= 1000000000\",\"holds\":true}],\"allowed\":true}\ncode 0"),
        "yes");
    CHECK_HAS(text, OL_STR("  no   near >= 5000 NEAR\n"), "near");
    CHECK_HAS(text, OL_STR("alice.test.near would not get the secret now: "),
              "a bad pattern denies");
    CHECK_HAS(text, OL_STR("error: an access condition is everyone, me, accounts"), "nonsense");
    CHECK_HAS(text, OL_STR("error: the pattern [bad cannot be used: nobody at all"), "not kept");
    CHECK_HAS(text, OL_STR("would get the secret\ncode 3"), "not kept");
    CHECK_HAS(text, OL_STR("   for pattern \\x1b\\[2J\n"), "no command to a terminal");
    CHECK(memchr(text.data, 0x1B, text.len) == NULL);
    CHECK_HAS(text, OL_STR("error: Access to secrets denied."), "run");
    CHECK_HAS(text, OL_STR("profile default: gone, 0.00"), "delete");
    CHECK_HAS(text, OL_STR("error: dev.test.near has no secret for project"), "gone");
}

TEST("X1: a key that another attestor vouches for is refused, and nothing is sent")
{
    OL_AUTO(cli_result)
    r = in_dev("printf v | outlayer secrets set A --attestor "
               "ff102e11adc9a05af27bce6b5a67da30784c0bbb87161f6f1a7931dfad32d38a" PLACE
               " 2>&1; echo code $?\n"
               "sed -i 's/\"keystore_attestor\":\"[0-9a-f]*\"/\"keystore_attestor\":\"00\"/' "
               "$OUTLAYER_CREDENTIALS; printf v | outlayer secrets set A" PLACE " 2>&1\n"
               "sed -i 's/\"keystore_attestor\":\"00\",//' $OUTLAYER_CREDENTIALS\n"
               "printf v | outlayer secrets set A" PLACE " 2>&1; "
               "grep -c keystore_attestor $OUTLAYER_CREDENTIALS\n"
               "outlayer secrets set EMPTY --profile b" PLACE " 2>&1 </dev/null\n"
               "outlayer secrets set A=v --profile b" PLACE
               " 2>&1; printf v | outlayer secrets set WALLET_ID --profile b" PLACE " 2>&1\n");
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("but --attestor is ff102e11"), "option");
    CHECK_HAS(text, OL_STR("code 4"), "option");
    CHECK_HAS(text, OL_STR("but the one known is 00: somebody else answers"), "pinned");
    CHECK_HAS(text, OL_STR(": met first now, kept from now on"), "first use");
    CHECK_HAS(text, OL_STR("stake 0.00"), "first use");
    CHECK_HAS(text, OL_STR("error: no value for EMPTY"), "nothing on standard input");
    CHECK_HAS(text, OL_STR("error: a value on the command line is visible to every process"), "=");
    CHECK_HAS(text, OL_STR("error: WALLET_ID is set by the system in every run"), "reserved");
}

#define ALICE " --account alice.test.near"

TEST("a key made on the chain is funded by a transfer, spent to zero, topped up and deleted")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer keys create -q --amount 0.012usd --max-per-call 5000" ALICE "\n"
               "stat -c %a $OUTLAYER_HOME/local/keys.json\n"
               "outlayer keys show 1 --secret" ALICE
               " > key; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do "
               "outlayer run -q --payment-key - --compute-limit 1000 dev.test.near/echo $i < key "
               "|| echo failed; done\n"
               "outlayer keys show 1" ALICE "\n"
               "outlayer run -q --payment-key - --compute-limit 1000 dev.test.near/echo 13 < key "
               "2>/dev/null; echo code $?\n"
               "outlayer keys topup 1 20000 --json" ALICE "\n"
               "outlayer keys delete 1" ALICE " 2>&1; echo code $?\n"
               "outlayer keys create --amount 2000usd" ALICE " 2>&1; echo poor $?\n"
               "outlayer keys topup 1 2000usd" ALICE " 2>&1; echo poor $?\n"
               "outlayer keys show 1" ALICE "; outlayer keys create -q" ALICE
               " --project 'dev.test.near/*' --project bob.test.near/b\n"
               "outlayer keys topup 2 0.01usd -q" ALICE "; outlayer keys show 2 --json" ALICE "\n"
               "outlayer keys show 2" ALICE "\n"
               "outlayer keys delete 1 --forfeit --json" ALICE "\n"
               "outlayer keys show 1" ALICE " 2>&1; outlayer keys topup 1 0.001usd" ALICE " 2>&1\n"
               "outlayer contract view usdc.test.near ft_balance_of "
               "'{\"account_id\":\"alice.test.near\"}'\n");
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("alice.test.near:1 holds 12000 µUSD; stake 0.00"), "create");
    CHECK_HAS(text, OL_STR("\n600\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"), "twelve calls");
    CHECK_HAS(text,
              OL_STR("alice.test.near:1  available 0  reserved 0  spent 12000  of 12000 µUSD\n"),
              "zero");
    CHECK_HAS(text, OL_STR("code 5\n"), "refused");
    CHECK_HAS(text, OL_STR("\"credited\":\"20000\""), "topup");
    CHECK_HAS(text, OL_STR("error: the key still holds 20000 µUSD, which nobody gives back"),
              "delete");
    CHECK_HAS(text,
              OL_STR("error: alice.test.near has 999968000 µUSD of usdc.test.near, and 2000000000 "
                     "are wanted; nothing was sent\n"),
              "before anything is made");
    CHECK_HAS(text, OL_STR("poor 5\nerror: alice.test.near has"), "create");
    CHECK_HAS(text, OL_STR("poor 5\nalice.test.near:1  available 20000"), "topup");
    CHECK_HAS(text, OL_STR("\nfor every project; a call reserves at most 5000 µUSD\n"), "terms");
    CHECK_HAS(text,
              OL_STR("\"project_ids\":[\"dev.test.near/*\",\"bob.test.near/b\"],"
                     "\"max_per_call\":null}"),
              "terms");
    CHECK_HAS(text, OL_STR("\nfor dev.test.near/*, bob.test.near/b\n"), "terms");
    CHECK_HAS(text, OL_STR("\"forfeited\":\"20000\"}"), "forfeit");
    CHECK_HAS(text, OL_STR("error: alice.test.near has no payment key 1 on the chain"), "gone");
    CHECK_HAS(text, OL_STR("999958000"), "1000 USDC less 12000, 20000 and 10000 µUSD");
}

TEST("what a project shows is read without a run; a proof that was changed is not believed")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer run -q dev.test.near/ballots '{\"vote\":\"no\"}'\n"
               "outlayer storage get --json dev.test.near/ballots tally\n"
               "outlayer storage get dev.test.near/ballots ballot 2>&1; echo code $?\n"
               "outlayer storage get dev.test.near/nothing x 2>&1\n"
               "echo '{\"alpha\":\"vrf:1:a:b\",\"output\":\"00\",\"proof\":\"00\"}' | outlayer vrf "
               "verify 2>&1\n");
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("\"key\":\"tally\",\"value\":\"AAAAAAAAAAABAAAAAAAAAA==\"}"), "public");
    CHECK_HAS(text, OL_STR("error: the project shows no ballot\ncode 1"), "an account's");
    CHECK_HAS(text, OL_STR("error: Project not found: dev.test.near/nothing"), "no project");
    CHECK_HAS(text, OL_STR("error: a proof has alpha, output and proof"), "vrf");
}

TEST("keys that are made at the same time are all kept here, and no secret is another's")
{
    OL_AUTO(cli_result)
    r = in_dev(
        "for i in 1 2 3 4; do for who in alice bob; do\n"
        "(outlayer keys create -q --amount 0.01usd --account $who.test.near 2>&1 >/dev/null || "
        "echo failed) & done; done; wait\n"
        "for i in 1 2 3 4; do for who in alice bob; do outlayer keys show $i --secret "
        "--account $who.test.near | outlayer keys balance --payment-key -; done; done\n");
    ol_str text = out_of(&r);
    size_t at;
    CHECK_STARTS(text, OL_STR("alice.test.near:1 "), "no error before the balances");
    for (int i = 1; i <= 4; i++) {
        char line[128];
        (void)snprintf(line, sizeof line, ".test.near:%d  available 10000  ", i);
        bool first = ol_str_find(text, ol_str_of(line), &at);
        CHECK(first);
        CHECK(first && ol_str_find(ol_str_slice(text, at + 1, text.len), ol_str_of(line), &at));
    }
    CHECK_EQ(r.exit, 0);
}

TEST("a key that dev gives out is none of those that its account made on the chain")
{
    OL_AUTO(cli_result)
    r = in_dev("outlayer keys create -q >/dev/null; outlayer keys create -q --amount 0.01usd "
               ">/dev/null\n"
               "outlayer keys create --grant --amount 5usd 2>&1 >/dev/null\n"
               "outlayer keys show 3 --secret | outlayer keys balance --payment-key -\n"
               "outlayer keys create --grant --amount 7 --out - -q | outlayer keys balance "
               "--payment-key -\n");
    CHECK_HAS(out_of(&r), OL_STR("key dev.test.near:4 holds 5000000 µUSD"), "the next");
    CHECK_HAS(out_of(&r), OL_STR("\ndev.test.near:3  available 10000  "), "not overwritten");
    CHECK_HAS(out_of(&r), OL_STR("\ndev.test.near:5  available 7  "), "and the one behind it");
}

TEST("a dev limits nobody by his address: a dozen secrets are set in a row")
{
    OL_AUTO(cli_result)
    r = in_dev("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do printf v | outlayer secrets set -q A "
               "--replace" PLACE " > last 2>&1 || cat last; done; cat last\n");
    CHECK_HAS(out_of(&r), OL_STR("1 name, for account dev.test.near; stake"), "the twelfth");
    size_t at;
    CHECK(!ol_str_find(out_of(&r), OL_STR("Rate limit"), &at));
}
