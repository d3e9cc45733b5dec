/* Commands that sign, publish and ask the chain, on the real programs: outlayer dev with its chain,
 * contracts and worker (User experience 3, 6). A test is a script that one dev runs. */
#include <stdio.h>
#include <string.h>

#include "lib/base/fd.h"
#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

enum { SCRIPT_BYTES_MAX = 16384 };

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

static const char *fresh(void)
{
    static char name[128];
    static int count;
    (void)snprintf(name, sizeof name, "%s/chain%d", cli_folder(), count++);
    OL_AUTO(cli_result) r = cli_shell("mkdir -p %s/p && cp examples/echo.wasm %s/p/", name, name);
    CHECK_EQ(r.exit, 0);
    return name;
}

/* Runs the script in folder `f` beside a dev; both streams of the commands go to the result. */
static cli_result with_dev(const char *f, const char *options, const char *script)
{
    char path[160];
    ol_err err = {0};
    (void)snprintf(path, sizeof path, "%s/script", f);
    CHECK_OK(ol_file_save(path, ol_str_bytes(ol_str_of(script)), 0600, &err));
    return cli_shell("export WASM=$PWD; OUTLAYER_HOME=%s/home outlayer dev -q --projects %s/p "
                     "--state %s/s %s --once --exec 'cd %s && sh script 2>&1'",
                     f, f, f, options, f);
}

#define HAS(r, what) CHECK_HAS(out_of(&(r)), OL_STR(what), NULL)

TEST("a created program is built, deployed, called on both paths, and rolled back")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(f, "",
                 "outlayer create -q hello && cd hello && outlayer build && outlayer deploy && "
                 "outlayer deploy\n"
                 "outlayer run -q dev.test.near/hello '{\"name\":\"a\"}'\n"
                 "outlayer run -q --path chain dev.test.near/hello '{\"name\":\"b\"}'\n"
                 "outlayer build -q --target p2 >built && outlayer deploy --json\n"
                 "outlayer versions | cut -c 1 | tr '\\n' '-'\n"
                 "outlayer versions rollback && outlayer versions | cut -c 1 | tr '\\n' '-'\n"
                 "outlayer versions remove $(head -1 built | cut -d ' ' -f 6)\n"
                 "outlayer project show; outlayer projects --json\n"
                 "outlayer project delete dev.test.near/hello </dev/null; echo sure $?\n"
                 "outlayer project delete --yes dev.test.near/hello; outlayer projects -q | wc -l\n"
                 "cd ..; outlayer create hello; echo again $?\n");
    HAS(r, "  imports  wasi_snapshot_preview1\n  network  none\n");
    HAS(r, " · created, deposit 0.00");
    HAS(r, " was there already\n");
    HAS(r, "{\"greeting\":\"hello\",\"to\":\"a\"}\n{\"greeting\":\"hello\",\"to\":\"b\"}\n");
    HAS(r, "{\"project\":\"dev.test.near/hello\",\"version\":\"");
    HAS(r, "\n -*-dev.test.near/hello: ");
    HAS(r, " is active again · tx ");
    HAS(r, "*- -dev.test.near/hello: ");
    HAS(r, " is removed, its deposit comes back · tx ");
    HAS(r, "\n  versions  1\n");
    HAS(r, "\"project_id\":\"dev.test.near/hello\"");
    HAS(r, "not confirmed: say --yes\nsure 3\n");
    HAS(r, "dev.test.near/hello is deleted · tx ");
    HAS(r, "\n1\n"); /* echo of the watched folder */
    HAS(r, "hello/outlayer.toml is there already; nothing was changed in it\nagain 1\n");
    CHECK(cli_processes_gone());
}

TEST("a call through the chain is charged what it used, and the rest comes back")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "",
        "cp $WASM/examples/coin-flip.wasm p/; outlayer --json run --path chain "
        "dev.test.near/echo '{\"n\":1}'\n"
        "outlayer run --path chain dev.test.near/echo '{\"n\":2}'; echo good $?\n"
        "outlayer --json run --path chain --instructions 0 --seconds 1 "
        "dev.test.near/echo '{\"n\":3}'; echo failed $?\n"
        "outlayer run --path chain dev.test.near/nothing; echo unknown $?\n"
        "outlayer run --path chain --deposit 0.001near dev.test.near/echo; echo little $?\n"
        "outlayer run --path chain --max-cost 0.001near dev.test.near/echo; echo most $?\n"
        "outlayer run --path chain --account nobody.test.near dev.test.near/echo; echo key "
        "$?\n"
        "outlayer run --path chain --deposit 5000near dev.test.near/echo; echo poor $?\n"
        "outlayer run --path chain --compute-limit 5 dev.test.near/echo; echo mixed $?\n"
        "outlayer run --path chain --dry-run dev.test.near/echo '[1]'\n"
        "outlayer cost --path chain; outlayer cost --path chain --json --seconds 1 "
        "--instructions 0 dev.test.near/nothing; outlayer cost\n");
    HAS(r, "\"status\":\"completed\",\"path\":\"chain\",\"project\":\"dev.test.near/"
           "echo\",\"version\":"
           "null,\"output\":{\"n\":1},\"instructions\":740,");
    HAS(r, "\"paid_yocto\":\"7000100000000000000000\",\"cost_yocto\":\"");
    HAS(r, "{\"n\":2}\ncompleted · ");
    HAS(r, " NEAR of 0.0070001 NEAR attached, 0.00");
    HAS(r, "good 0\n");
    HAS(r, "\"status\":\"failed\",\"path\":\"chain\"");
    HAS(r,
        "\"reason\":\"execution_failed\",\"terminal\":true,\"hint\":\"\",\"exit\":1}\nfailed 1\n");
    HAS(r, "error: Project not found\nunknown 1\n");
    HAS(r,
        "error: Insufficient payment: required 7000100000000000000000 yoctoNEAR for compute, got "
        "1000000000000000000000 yoctoNEAR\nlittle 1\n");
    HAS(r, "more than --max-cost 1000000000000000000000; nothing was sent\n");
    HAS(r, "most 5\n");
    HAS(r, "error: no key of nobody.test.near on local\n");
    HAS(r, "key 4\n");
    HAS(r, "error: dev.test.near has 999.");
    HAS(r, "poor 5\n");
    HAS(r, "error: --compute-limit goes with --path https\nmixed 3\n");
    HAS(r, "{\"receiver\":\"outlayer.test.near\",\"method\":\"request_execution\",\"args\":{"
           "\"source\":{"
           "\"Project\":{\"project_id\":\"dev.test.near/echo\"}},\"resource_limits\":{"
           "\"max_instructions\":1000000000,\"max_memory_mb\":128,\"max_execution_seconds\":60},"
           "\"input_data\":\"[1]\",\"response_format\":\"Json\"},\"deposit_yocto\":"
           "\"7000100000000000000000\",\"gas\":300000000000000}\n");
    HAS(r, "at most 0.0070001 NEAR, at least 0.001 NEAR; ");
    HAS(r, "{\"max\":\"1100000000000000000000\",\"typical\":null,\"runs\":0,\"base\":"
           "\"1000000000000000000000\",\"currency\":\"yocto\"}\n");
    HAS(r, "at most 2060 µUSD, at least 1000 µUSD; no run tells yet what is typical\n");
}

TEST("the transaction that answered is named, and what runs did cost is what is typical")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(f, "",
                 "OWN=$(outlayer --json run --path chain dev.test.near/echo 1 | sed "
                 "'s/.*\"tx\":\"//;s/\".*//')\n"
                 "until outlayer --json wait $OWN | grep '\"resolve_tx\":\"' > answer; do :; done\n"
                 "THEIRS=$(sed 's/.*\"resolve_tx\":\"//;s/\".*//' answer)\n"
                 "outlayer status $THEIRS --account operator.test.near; echo answered $?\n"
                 "COST=$(sed 's/.*\"cost_yocto\":\"//;s/\".*//' answer)\n"
                 "outlayer cost --path chain --json dev.test.near/echo | sed \"s/$COST/same/\"\n"
                 "outlayer cost --path chain echo\n"
                 "for i in 1 2 3; do outlayer run -q dev.test.near/echo $i; done\n"
                 "outlayer cost; outlayer cost dev.test.near/other; outlayer cost --json echo\n");
    HAS(r, ": executed\nanswered 0\n");
    HAS(r, "\"typical\":\"same\",\"runs\":1,\"base\":\"1000000000000000000000\"");
    HAS(r, " NEAR for the last run of dev.test.near/echo\n");
    HAS(r, "at most 2060 µUSD, at least 1000 µUSD; typically 1000 µUSD, the median of the last 3 "
           "runs\n");
    HAS(r, "; no run tells yet what is typical of dev.test.near/other\n");
    HAS(r, "{\"max\":\"2060\",\"typical\":\"1000\",\"runs\":3,\"base\":\"1000\"");
}

TEST("a request that is sent and not waited for is found again, and taken back when it is stale")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "--workers 1 --block-ms 0",
        "TX=$(outlayer run -q --path chain --async dev.test.near/echo 7)\n"
        "outlayer wait $TX; outlayer status $TX; outlayer --json wait $TX\n"
        "cp $WASM/guests/adversarial-sleep.wasm p/sleep.wasm\n"
        "until outlayer -q project show dev.test.near/sleep >/dev/null 2>&1; do :; done\n"
        "outlayer --json run --path chain --async --seconds 100 dev.test.near/sleep 6000\n"
        "outlayer status 1; echo pending $?; outlayer cancel 1; echo young $?\n"
        "outlayer cancel 1 --account alice.test.near; echo other $?\n"
        "outlayer dev ctl fast-forward 601s; outlayer cancel 1; outlayer --json status 1\n"
        "outlayer cancel 1; echo gone $?; outlayer status 0; outlayer cancel x; echo no $?\n");
    HAS(r, "7\ncompleted · ");
    HAS(r, ": executed\n");
    HAS(r, "{\"request_id\":0,\"tx\":\"");
    HAS(r, "{\"request_id\":1,\"tx\":\"");
    HAS(r, "request 1: pending · dev.test.near · 0.0110001 NEAR attached · since ");
    HAS(r, "pending 2\n");
    HAS(r, "error: Execution is not yet stale, please wait\nyoung 1\n");
    HAS(r, "error: Only the sender can cancel this execution\nother 1\n");
    HAS(r, "request 1 is cancelled, 0.0110001 NEAR come back · tx ");
    HAS(r, "{\"request_id\":1,\"status\":\"ended\",\"request\":null}\n");
    HAS(r, "error: request 1 is not pending: it has ended\ngone 1\n");
    HAS(r, "error: a request is named by its number\nno 3\n");
}

TEST("accounts: funded, logged in with a key from standard input, forgotten again")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "",
        "outlayer dev ctl fund eve.test.near 3near; outlayer dev ctl fund eve.test.near 1near\n"
        "outlayer --json whoami --account eve.test.near\n"
        "KEY=$(tr '{' '\\n' < $OUTLAYER_HOME/local/accounts.json | sed -n "
        "'/eve/s/.*private_key\":\"\\([^\"]*\\)\".*/\\1/p')\n"
        "export OUTLAYER_HOME=$PWD/other; outlayer whoami; echo nobody $?\n"
        "echo $KEY | outlayer login --account eve.test.near --import-key -\n"
        "stat -c %a other/local/accounts.json other/local/credentials.json; outlayer whoami\n"
        "outlayer run -q --path chain dev.test.near/echo '[\"eve\"]'\n"
        "echo $KEY | outlayer login --account alice.test.near --import-key -; echo not hers $?\n"
        "echo ed25519:abc | outlayer login --account eve.test.near --import-key -; echo bad $?\n"
        "outlayer login --account eve.test.near --import-key $KEY; echo shown $?\n"
        "outlayer logout; outlayer whoami; echo out $?; ls other/local\n");
    HAS(r, "eve.test.near is new, its key is among the credentials\n");
    HAS(r, ": eve.test.near has 1 NEAR more\n");
    HAS(r, "\"near_yocto\":\"4000000000000000000000000\"");
    HAS(r, "error: no account on local\n");
    HAS(r, "nobody 4\n");
    HAS(r, "eve.test.near on local: private key, in a file of mode 0600\n600\n600\neve.test.near "
           "on local\n");
    HAS(r, "[\"eve\"]\n");
    HAS(r, "error: the key is not one of alice.test.near on local\n");
    HAS(r, "not hers 4\n");
    HAS(r, "the private key is malformed");
    HAS(r, "bad 3\n");
    HAS(r, "visible to every process");
    HAS(r, "shown 3\n");
    HAS(r, "local\nerror: no account on local\n");
    HAS(r, "out 4\n");
}

TEST("a snapshot brings chain and ledger back together")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(f, "",
                 "outlayer run -q dev.test.near/echo 1; outlayer dev ctl snapshot one\n"
                 "outlayer run -q dev.test.near/echo 2; outlayer run --json --path chain "
                 "dev.test.near/echo 3; outlayer keys balance\n"
                 "outlayer dev ctl restore one; outlayer keys balance\n"
                 "outlayer run --json --path chain dev.test.near/echo 4\n"
                 "outlayer dev ctl restore nothing; echo none $?\n"
                 "outlayer run -q dev.test.near/echo 5\n");
    HAS(r, "kept as one\n");
    HAS(r, "{\"request_id\":0,");
    HAS(r, "spent 2000  of");
    HAS(r, "everything is as it was at one\n");
    HAS(r, "spent 1000  of");
    HAS(r, "\"output\":4,"); /* the same request id, another output: nothing of before is left */
    HAS(r, "none 1\n");
    HAS(r, "\n5\n");
}

TEST("time is turned, faults are survived, and what waits too long expires")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "--block-ms 0",
        "outlayer dev ctl mine 3; outlayer --json dev ctl fast-forward 200\n"
        "for k in worker-crash rpc-timeout http-500; do outlayer dev ctl fail $k; outlayer run "
        "-q --path chain dev.test.near/echo "
        "\"\\\"$k\\\"\"; done\n"
        "cp $WASM/guests/adversarial-sleep.wasm p/sleep.wasm\n"
        "until outlayer -q project show dev.test.near/sleep >/dev/null 2>&1; do :; done\n"
        "outlayer run --path chain --seconds 100 dev.test.near/sleep 6000 >gone 2>&1 & \n"
        "until outlayer -q status 3 2>&1 | grep -q ': pending'; do :; done\n"
        "outlayer dev ctl fail yield-expired; wait; cat gone\n"
        "outlayer dev ctl fail nonsense; echo kind $?; outlayer dev ctl mine x; echo number $?\n"
        "outlayer dev ctl; echo what $?\n");
    HAS(r, "{\"text\":\"block ");
    HAS(r, "the worker was killed, another one works\n\"worker-crash\"\n");
    HAS(r, "\"rpc-timeout\"\n");
    HAS(r, "\"http-500\"\n");
    HAS(r, ": what waited for a result has expired\n");
    HAS(r, "error: the request expired: no worker answered within its blocks\n");
    HAS(r, "kind 3\n");
    HAS(r, "error: mine takes a number of blocks\nnumber 3\n");
    HAS(r, "what 3\n");
}

TEST("a contract of one's own is deployed to a new account, called and asked")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "",
        "export OUTLAYER_ACCOUNT=alice.test.near; C=counter.alice.test.near\n"
        "outlayer contract deploy $WASM/contracts/example_counter.wasm --to $C\n"
        "outlayer contract call -q $C raise '{\"by\":3}' --deposit 0.5near\n"
        "outlayer contract view $C value '{\"account_id\":\"alice.test.near\"}'\n"
        "outlayer --json contract call $C raise --deposit 0.001near\n"
        "outlayer contract call $C raise; echo refused $?\n"
        "outlayer contract call $C nothing; echo missing $?\n"
        "outlayer contract view $C nothing; echo unseen $?\n"
        "outlayer contract view nobody.test.near value; echo empty $?\n"
        "outlayer contract deploy --json --account $C $WASM/contracts/example_counter.wasm\n"
        "outlayer whoami --account $C | sed -n 2p\n");
    HAS(r, "counter.alice.test.near created · ");
    HAS(r, "\n3\n3\n");
    HAS(r, "\"output\":4,\"logs\":[],\"gas_burnt\":");
    HAS(r, "error: Attach at least 0.001 NEAR\nrefused 1\n");
    HAS(r, "error: the contract has no such method\nmissing 1\n");
    HAS(r, "error: counter.alice.test.near has no method nothing\nunseen 1\n");
    HAS(r, "empty 1\n");
    HAS(r, "{\"account\":\"counter.alice.test.near\",\"created\":false,\"bytes\":");
    HAS(r, "  near         5.0");
}

TEST("with final blocks behind the head calls still come back, and an interrupted one goes on")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "--finality-lag 2 --block-ms 100",
        "cp $WASM/guests/adversarial-sleep.wasm p/sleep.wasm\n"
        "outlayer run -q --path chain dev.test.near/echo 1; outlayer create -q a && cd a && "
        "outlayer build -q >/dev/null && outlayer deploy && outlayer run -q --path chain "
        "dev.test.near/a '{\"name\":1}'; echo one $?\n"
        "until outlayer -q project show dev.test.near/sleep >/dev/null 2>&1; do :; done\n"
        "outlayer --json run --path chain --seconds 100 dev.test.near/sleep 3000 >out & P=$!\n"
        "until outlayer -q status 2 2>&1 | grep -q ': pending'; do :; done\n"
        "kill -INT $P; wait $P; echo interrupted $?; cat out\n"
        "TX=$(sed 's/.*outlayer wait \\([^ ]*\\) .*/\\1/' out); outlayer wait $TX; echo wait $?\n");
    HAS(r, "1\na/\n");
    HAS(r, "\ndev.test.near/a ");
    HAS(r, "error: name must be a text\n");
    HAS(r, "one 1\n");
    HAS(r,
        "interrupted 130\n{\"error\":\"interrupted\",\"reason\":\"interrupted\",\"terminal\":false,"
        "\"hint\":\"it goes on: outlayer wait ");
    HAS(r, "error: Failed to parse output as JSON"); /* the sleeper prints a word */
    HAS(r, "wait 1\n");
}

TEST("USDC is deposited, attached to a run, and earned by the program's owner")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "",
        "export OUTLAYER_ACCOUNT=alice.test.near\n"
        "outlayer run -q --path chain --attached-usd 3000 dev.test.near/echo 1; echo none $?\n"
        "outlayer contract call -q usdc.test.near ft_transfer_call "
        "'{\"receiver_id\":\"outlayer.test.near\",\"amount\":\"5000000\",\"msg\":\"{"
        "\\\"action\\\":\\\"deposit_balance\\\"}\"}' --deposit 1\n"
        "outlayer whoami | sed -n 3p\n"
        "outlayer run -q --path chain --attached-usd 3000 dev.test.near/echo 2\n"
        "outlayer whoami | sed -n 3p; outlayer contract view outlayer.test.near "
        "get_developer_earnings '{\"account_id\":\"dev.test.near\"}'\n");
    HAS(r, "error: Insufficient stablecoin balance. Required: 3000, available: 0\nnone 1\n");
    HAS(r, "\"5000000\"\n  deposited    5000000 µUSD\n2\n  deposited    4997000 µUSD\n\"3000\"\n");
}

TEST("with --dry-run nothing is signed, and what would be is printed")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = with_dev(
        f, "",
        "alias o='outlayer --dry-run'\n"
        "o cancel 7; o contract call a.near m '[1]' --deposit 1near --tgas 5\n"
        "o contract deploy $WASM/contracts/example_counter.wasm --to n.dev.test.near --init "
        "new --args '{\"a\":1}'\n"
        "o project delete dev.test.near/echo; o project transfer dev.test.near/echo bob.near\n"
        "o deploy other --file p/echo.wasm; o versions activate $(sha256sum p/echo.wasm | "
        "cut -c 1-6) --project dev.test.near/echo | cut -c 1-80\n"
        "outlayer whoami --json; outlayer projects --json | grep -c other\n");
    HAS(r, "{\"receiver\":\"outlayer.test.near\",\"method\":\"cancel_stale_execution\",\"args\":{"
           "\"request_id\":7},\"deposit_yocto\":\"0\",\"gas\":100000000000000}\n");
    HAS(r, "{\"receiver\":\"a.near\",\"method\":\"m\",\"args\":[1],\"deposit_yocto\":"
           "\"1000000000000000000000000\",\"gas\":5000000000000}\n");
    HAS(r, "{\"receiver\":\"n.dev.test.near\",\"actions\":[{\"action\":\"create_account\"},{"
           "\"action\":\"transfer\",\"deposit_yocto\":\"5000000000000000000000000\"},{\"action\":"
           "\"add_key\"},{\"action\":\"deploy_contract\",\"bytes\":");
    HAS(r,
        "},{\"method\":\"new\",\"args\":{\"a\":1},\"deposit_yocto\":\"0\",\"gas\":50000000000000}"
        "]}\n");
    HAS(r, "\"method\":\"delete_project\",\"args\":{\"project_name\":\"echo\"}");
    HAS(r, "\"method\":\"transfer_project\"");
    HAS(r, "\"method\":\"create_project\",\"args\":{\"name\":\"other\",\"source\":{\"WasmUrl\":");
    HAS(r, "\"method\":\"set_active_version\"");
    HAS(r, "\"account\":\"dev.test.near\"");
    HAS(r, "\n0\n");
}

TEST("the chain is kept between starts; keys follow from the seed")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    first = with_dev(f, "--seed one",
                     "outlayer contract deploy -q $WASM/contracts/example_counter.wasm --to "
                     "c.dev.test.near; outlayer run -q --path chain dev.test.near/echo 1; "
                     "sha256sum <$OUTLAYER_HOME/local/accounts.json >keys\n");
    CHECK_EQ(first.exit, 0);
    OL_AUTO(cli_result)
    second = with_dev(f, "--seed one",
                      "outlayer whoami --account c.dev.test.near; outlayer --json run --path chain "
                      "dev.test.near/echo 2; outlayer versions dev.test.near/echo | wc -l\n");
    HAS(second, "near         5 NEAR\n");
    HAS(second, "{\"request_id\":1,");
    HAS(second, "\n1\n");
    static const char *const SAME =
        "outlayer contract view outlayer.test.near get_stats; outlayer --json "
        "projects | tr ',' '\\n' | grep created_at\n";
    OL_AUTO(cli_result) steps = with_dev(f, "--reset --clock steps --block-ms 0", SAME);
    OL_AUTO(cli_result) again = with_dev(f, "--reset --clock steps --block-ms 0", SAME);
    HAS(steps, "\"created_at\":17672256"); /* of 2026-01-01 */
    CHECK_STR(out_of(&again), out_of(&steps));
    OL_AUTO(cli_result) reset = with_dev(f, "--seed one --reset", "true\n");
    CHECK_EQ(reset.exit, 0);
    OL_AUTO(cli_result) other = with_dev(f, "--seed two", "true\n");
    CHECK_EQ(other.exit, 1);
    CHECK_HAS(ol_buf_str(&other.err), OL_STR("was made with seed one: --reset begins anew"), NULL);
    OL_AUTO(cli_result)
    anew = with_dev(f, "--seed one --reset",
                    "sha256sum <$OUTLAYER_HOME/local/accounts.json; cat keys; "
                    "outlayer whoami --account c.dev.test.near; echo $?\n");
    ol_str text = out_of(&anew), now = {0}, before = {0};
    CHECK(ol_str_next(&text, '\n', &now) && ol_str_next(&text, '\n', &before));
    (void)now; /* c.dev.test.near was among the keys then */
    HAS(anew, "\n1\n");
    CHECK(cli_processes_gone());
}
