/* Credentials in the system's keyring: a real one (gnome-keyring-daemon) on a bus of the test's
 * own, opened by a password on its standard input. What is missing of it on the machine fails the
 * test: tools/setup brings it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

#define ALICE " --account alice.test.near"
#define SECRET "0707070707070707070707070707070707070707070707070707070707070707"

/* On a network of this machine, with a home of its own, what `lines` say is done by sh in a session
 * with an open keyring. KEY is alice's private key; the tool that is found first writes down what
 * it is started with. */
static cli_result in_session(const char *lines)
{
    const char *f = cli_folder();
    return cli_shell(
        "for tool in dbus-run-session gnome-keyring-daemon secret-tool; do command -v $tool "
        ">/dev/null || { echo \"$tool is missing: tools/setup\"; exit 1; }; done\n"
        "rm -rf %s/p %s/s %s/k; mkdir -p %s/p %s/k/bin; cp examples/echo.wasm %s/p/\n"
        "cat > %s/k/bin/secret-tool <<'END'\n#!/bin/sh\necho \"$@\" >> %s/k/argv\n"
        "exec /usr/bin/secret-tool \"$@\"\nEND\nchmod 755 %s/k/bin/secret-tool\n"
        "cat > %s/lines <<'END'\n"
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n%s\nEND\n"
        "cat > %s/session <<'END'\n"
        "KEY=$(sed 's/.*\"account_id\":\"alice.test.near\"[^}]*\"private_key\":\"\\([^\"]*\\)\".*/"
        "\\1/' $OUTLAYER_HOME/local/accounts.json)\nexport KEY OUTLAYER_HOME=%s/k/home HOME=%s/k "
        "XDG_RUNTIME_DIR=%s/k PATH=%s/k/bin:$PATH\ndbus-run-session -- sh %s/lines "
        "2>%s/k/session.log\n"
        "END\noutlayer dev --projects %s/p --state %s/s --once --exec 'cd %s; sh session' 2>%s/log",
        f, f, f, f, f, f, f, f, f, f, lines, f, f, f, f, f, f, f, f, f, f, f);
}

TEST("what login --keychain keeps is in the keyring alone, is used from there, and logout takes it")
{
    OL_AUTO(cli_result)
    r = in_session(
        "printf %s \"$KEY\" | outlayer login --import-key - --keychain" ALICE "\n"
        "printf alice.test.near:1:" SECRET " | outlayer login --payment-key - --keychain --json\n"
        "outlayer whoami\noutlayer whoami --json\n"
        "grep -rl -e \"$KEY\" -e " SECRET " k/home k/argv; echo files $?\n"
        "outlayer contract call -q usdc.test.near storage_balance_bounds '{}'; echo signed $?\n"
        "outlayer run -q dev.test.near/echo 1 2>&1; echo run $?\n"
        "secret-tool search --all service outlayer 2>&1 | grep -c '^secret = '\n"
        "outlayer logout\nsecret-tool search --all service outlayer 2>&1; echo left $?\n"
        "outlayer whoami 2>&1; echo code $?\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_STARTS(text, OL_STR("alice.test.near on local: private key, in the system's keyring\n"),
                 "login");
    CHECK_HAS(text, OL_STR("\"kind\":\"payment key\",\"kept_in\":\"keychain\"}\n"), "payment key");
    CHECK_HAS(text,
              OL_STR("  key          in the system's keyring\n  payment key  "
                     "alice.test.near:1, in the system's keyring\n"),
              "whoami");
    CHECK_HAS(text, OL_STR("\"key_in\":\"keychain\",\"payment_key_in\":\"keychain\"}\n"), "json");
    CHECK_HAS(text, OL_STR("files 1\n"), "no file and no argument has them");
    CHECK_HAS(text, OL_STR("signed 0\n"), "the key signs");
    CHECK_HAS(text, OL_STR("error: Invalid payment key\nrun 4\n2\n"), "both came from the keyring");
    CHECK_HAS(text, OL_STR("local\nleft 0\nerror: no account on local\n"), "logout");
    CHECK_EQ(r.exit, 0);
}

TEST("a key that is kept in a file from now on leaves the keyring, and the other way round")
{
    OL_AUTO(cli_result)
    r = in_session(
        "login() { printf %s \"$KEY\" | outlayer login -q --import-key - $@" ALICE "; }\n"
        "pay() { printf alice.test.near:$1:" SECRET " | outlayer login -q --payment-key - $2; }\n"
        "login --keychain; pay 1 --keychain; login; pay 1\n"
        "secret-tool search --all service outlayer 2>&1; echo nothing\n"
        "outlayer whoami | grep -c 'file of mode 0600'\n"
        "login --keychain; pay 1 --keychain; pay 2 --keychain\n"
        "grep -c " SECRET " k/home/local/credentials.json\n"
        "grep -c private_key k/home/local/accounts.json\n"
        "secret-tool search --all service outlayer 2>&1 | grep -c '^secret = '\n"
        "secret-tool clear service outlayer\n"
        "outlayer run -q dev.test.near/echo 1 2>&1; echo code $?\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_HAS(text, OL_STR("payment key, in a file of mode 0600\nnothing\n2\n"), "to the file");
    CHECK_HAS(text,
              OL_STR("alice.test.near:2 on local: payment key, in the system's keyring\n"
                     "0\n0\n2\n"),
              "to the keyring, which forgets the old key");
    CHECK_HAS(
        text,
        OL_STR("error: the system's keyring has no payment-key of alice.test.near:2 on local\n"),
        "lost");
    CHECK_EQ(r.exit, 0);
}

TEST("without a keyring, or the program that reaches it, nothing is kept and the reason is told")
{
    OL_AUTO(cli_result)
    r = cli_shell("unset DBUS_SESSION_BUS_ADDRESS DISPLAY; "
                  "printf alice.test.near:1:" SECRET
                  " | outlayer login --payment-key - --keychain 2>&1; echo code $?\n"
                  "ls $OUTLAYER_HOME/local/credentials.json 2>&1 | grep -c 'No such file'\n"
                  "printf alice.test.near:1:" SECRET " | PATH=${PATH%%%%:*} outlayer login "
                  "--payment-key - --keychain 2>&1; echo code $?\n");
    ol_str text = ol_buf_str(&r.out);
    CHECK_STARTS(text, OL_STR("error: the system's keyring does not answer (secret-tool: "), "bus");
    CHECK_HAS(text, OL_STR("or log in without --keychain\ncode 7\n1\n"), "way out");
    CHECK_HAS(text, OL_STR("which is not here: install libsecret-tools"), "program");
}
