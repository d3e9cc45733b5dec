/* The command line about itself: cases of a program, help, completion, version, doctor (User
 * experience 3). */
#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

TEST("cases in a folder are run, told by name, and counted")
{
    const char *f = cli_folder();
    OL_AUTO(cli_result)
    r = cli_shell(
        "mkdir -p %s/cases && cd %s/cases && printf '{\"choice\":\"edge\"}' >bad.in && "
        "printf 'choice must be' >bad.err && printf '{\"n\": 1}' >n.in && printf no >n.out; cd "
        "$OLDPWD; outlayer test examples/coin-flip.wasm --fixtures %s/cases --filter bad; "
        "echo $?; outlayer test examples/echo.wasm --fixtures %s/cases --filter n; echo $?; "
        "printf '{\"n\": 1}' >%s/cases/n.out; outlayer test --json examples/echo.wasm "
        "--fixtures %s/cases --filter n; outlayer test examples/echo.wasm --fixtures %s/cases "
        "--filter none; echo $?; rm %s/cases/n.out; outlayer test examples/echo.wasm "
        "--fixtures %s/cases; echo $?",
        f, f, f, f, f, f, f, f, f);
    CHECK_HAS(out_of(&r), OL_STR("ok    bad · "), NULL);
    CHECK_HAS(out_of(&r), OL_STR("1 passed, 0 failed\n0\n"), NULL);
    CHECK_HAS(out_of(&r),
              OL_STR("      wanted: no\n      got:    {\"n\": 1}\n0 passed, 1 failed\n1\n"), NULL);
    CHECK_HAS(out_of(&r), OL_STR("],\"passed\":1,\"failed\":0}\n"), NULL);
    CHECK_HAS(ol_buf_str(&r.err), OL_STR("no case in "), NULL);
    CHECK_HAS(ol_buf_str(&r.err), OL_STR("n.in has neither n.out nor n.err"), NULL);
    CHECK_ENDS(out_of(&r), OL_STR("3\n3\n"), NULL);
}

TEST("help lists every command, exit codes and the completion scripts name them")
{
    OL_AUTO(cli_result) help = cli_shell("outlayer help");
    CHECK_EQ(help.exit, 0);
    static const char *const NAMES[] = {"dev",         "run",          "wait",      "test",
                                        "keys create", "keys list",    "doctor",    "version",
                                        "completion",  "keys balance", "keys show", "help"};
    OL_AUTO(cli_result)
    bash = cli_shell("outlayer completion bash > %s/c && bash -n %s/c && cat "
                     "%s/c",
                     cli_folder(), cli_folder(), cli_folder());
    CHECK_EQ(bash.exit, 0);
    OL_EACH (name, NAMES) {
        ol_str first = ol_str_of(*name), rest;
        CHECK_HAS(out_of(&help), first, *name);
        (void)ol_str_cut(first, ' ', &first, &rest);
        CHECK_HAS(out_of(&bash), first, *name);
    }
    CHECK_HAS(out_of(&bash), OL_STR("words=\" dev create build "), "each first word once");
    OL_AUTO(cli_result) fish = cli_shell("outlayer completion fish");
    CHECK_HAS(out_of(&fish), OL_STR("_from secrets' -a 'test-access'\n"), "second words");
    OL_AUTO(cli_result) codes = cli_shell("outlayer help exit-codes");
    CHECK_HAS(out_of(&codes), OL_STR("130  interrupted"), NULL);
    OL_AUTO(cli_result) one = cli_shell("outlayer help keys create");
    CHECK_HAS(out_of(&one), OL_STR("--max-per-call"), NULL);
    OL_AUTO(cli_result) none = cli_shell("outlayer");
    CHECK_EQ(none.exit, 3);
    OL_AUTO(cli_result) object = cli_shell("outlayer --json");
    CHECK_EQ(object.exit, 3);
    CHECK_HAS(out_of(&object), OL_STR("\"reason\":\"usage\""), NULL);
    OL_AUTO(cli_result) version = cli_shell("outlayer --version");
    CHECK_EQ(version.exit, 0);
    CHECK_HAS(out_of(&version), OL_STR("outlayer " OL_VERSION "\n"), NULL);
}

TEST("version names program and engine, doctor finds this machine fit")
{
    OL_AUTO(cli_result) version = cli_shell("outlayer version --json");
    CHECK_HAS(out_of(&version), OL_STR("\"version\":\"" OL_VERSION "\""), NULL);
    CHECK_HAS(out_of(&version), OL_STR("ol-fuel-1"), NULL);
    OL_AUTO(cli_result) doctor = cli_shell("outlayer doctor --json");
    CHECK_EQ(doctor.exit, 0);
    CHECK_HAS(out_of(&doctor), OL_STR("{\"name\":\"seccomp\",\"verdict\":\"ok\""), NULL);
    CHECK_HAS(out_of(&doctor), OL_STR("{\"name\":\"outlayer-keystore\",\"verdict\":\"ok\""), NULL);
    CHECK_HAS(out_of(&doctor), OL_STR("{\"name\":\"fences\",\"verdict\":\"ok\""), NULL);
}
