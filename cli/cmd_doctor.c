/* outlayer doctor: what this machine lacks, each finding with its fix. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/dev_services.h"
#include "cli/sdk_files.h"
#include "lib/base/port.h"
#include "lib/run/aot.h"
#include "lib/run/runner.h"

enum { CHECKS_MAX = 32, TEXT_BYTES = 256, API_PORT = 8080, CHAIN_PORT = 3030 };

typedef enum grade { FINE, WARNING, BROKEN } grade;

typedef struct check {
    const char *name;
    grade verdict;
    char found[TEXT_BYTES];
    const char *fix; /* NULL when there is nothing to do */
} check;

typedef struct report {
    const cli *cli;
    const cli_args *args;
    check check[CHECKS_MAX];
    size_t checks;
} report;

static check *add(report *r, const char *name, grade verdict, const char *fix)
{
    OL_ASSERT(r->checks < CHECKS_MAX);
    check *c = &r->check[r->checks++];
    *c = (check){.name = name, .verdict = verdict, .fix = verdict == FINE ? NULL : fix};
    return c;
}

static void found(check *c, const char *format, ...) OL_PRINTF(2, 3);

static void found(check *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(c->found, sizeof c->found, format, arguments); /* cut is fine */
    va_end(arguments);
}

static void check_kernel(report *r)
{
    struct utsname about;
    unsigned major = 0, minor = 0;
    bool known = uname(&about) == 0 && sscanf(about.release, "%u.%u", &major, &minor) == 2;
    bool fine = known && (major > 5 || (major == 5 && minor >= 10));
    check *c = add(r, "kernel", fine ? FINE : BROKEN, "Linux 5.10 or newer is needed");
    found(c, "%s %s", known ? about.release : "unknown", known ? about.machine : "");
}

static void check_user(report *r)
{
    check *c = add(r, "user", FINE, NULL);
    found(c, geteuid() == 0 ? "root (uid 0)" : "uid %u", geteuid());
}

/* In a child, because a filter cannot be taken off again. */
static bool child_can(bool (*what)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(what() ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool can_filter(void)
{
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool can_unshare(void)
{
    return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static void check_fences(report *r)
{
    bool filter = child_can(can_filter), spaces = child_can(can_unshare);
    check *c = add(r, "seccomp", filter ? FINE : BROKEN,
                   "the kernel needs CONFIG_SECCOMP_FILTER; a container may forbid it: allow "
                   "seccomp in its profile");
    found(c, filter ? "filters can be set" : "filters cannot be set");
    c = add(r, "namespaces", spaces ? FINE : WARNING,
            "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, or "
            "kernel.apparmor_restrict_unprivileged_userns=0");
    found(c, spaces ? "user and network namespaces can be made" : "%s", strerror(errno));
}

static void check_disk(report *r)
{
    static const uint64_t WANTED_BYTES = UINT64_C(1) << 30;
    ol_str folder = cli_value_or(r->args, "state", OL_STR("."));
    const char *path = cli_cstr(r->cli, folder);
    struct statvfs about;
    bool known = path != NULL && statvfs(path, &about) == 0;
    uint64_t free = known ? (uint64_t)about.f_bavail * about.f_frsize : 0;
    check *c = add(r, "disk", !known || free < WANTED_BYTES ? WARNING : FINE,
                   "database and caches want 1 GB: make room, or name another place with --state");
    found(c, "%llu MB free", (unsigned long long)(free >> 20));
}

static const char *check_program(report *r, const char *name)
{
    ol_err err = {0};
    const char *path = NULL;
    bool there = cli_program(r->cli, name, &path, &err) == OL_OK;
    check *c = add(r, name, there ? FINE : BROKEN, "build it, and keep the programs together");
    found(c, "%s", there ? path : err.text);
    return path;
}

static void check_engine(report *r, const char *aot)
{
    char fingerprint[OL_AOT_FINGERPRINT_BYTES] = "";
    ol_err err = {0};
    if (aot == NULL)
        return;
    bool fine = ol_aot_fingerprint(aot, fingerprint, &err) == OL_OK;
    check *c = add(r, "engine", fine ? FINE : BROKEN, "rebuild outlayer-aot");
    found(c, "%s", fine ? fingerprint : err.text);
}

static void check_runner(report *r, const char *program)
{
    char fences[OL_RUNNER_FENCES_TEXT_BYTES] = "";
    ol_err err = {0};
    ol_runner *runner = NULL;
    const char *cgroup = getenv("RUNNER_CGROUP"); /* as the worker is given it */
    const ol_runner_plan plan = {.program = program,
                                 .templates_max = 1,
                                 .replicas_max = 1,
                                 .cgroup = cgroup != NULL && *cgroup != 0 ? cgroup : NULL};
    if (program == NULL)
        return;
    bool fine = ol_runner_open(&plan, &runner, &err) == OL_OK;
    if (fine)
        ol_runner_fences(runner, fences);
    ol_runner_close(runner);
    check *c =
        add(r, "fences", fine ? FINE : BROKEN,
            "see seccomp and namespaces above: programs run behind both; RUNNER_CGROUP, where "
            "set, must be a folder this user may write to");
    found(c, "%s", fine ? fences : err.text);
}

static void check_port(report *r, const char *name, uint16_t standard)
{
    uint16_t port = 0;
    ol_err err = {0};
    bool any = ol_port_take(standard, &port, &err) == OL_OK;
    check *c = add(r, name, any ? FINE : WARNING, "pass --port-base for another range of ports");
    if (any && port == standard)
        found(c, "%u is free", standard);
    else if (any)
        found(c, "%u is taken, %u is free", standard, port);
    else
        found(c, "%s", err.text);
}

/* What `build` and the local chain need beside the programs. */
static void check_sdk(report *r)
{
    ol_err err = {0};
    ol_str folder = OL_STR("");
    bool there = sdk_folder(r->cli, &folder, &err) == OL_OK;
    check *c = add(r, "sdk", there ? FINE : BROKEN, "install share/outlayer beside bin");
    found(c, "%.*s", OL_FMT(there ? folder : ol_err_text(&err)));
}

static void check_contracts(report *r)
{
    static const char *const CONTRACTS[] = {"contracts/outlayer.wasm", "contracts/token.wasm"};
    ol_err err = {0};
    ol_str folder;
    const char *missing = NULL;
    if (sdk_folder(r->cli, &folder, &err) != OL_OK)
        return; /* said already */
    OL_EACH (name, CONTRACTS) {
        ol_str path = sdk_path(r->cli, folder, *name);
        if (path.data == NULL || access(path.data, R_OK) != 0)
            missing = *name;
    }
    check *c = add(r, "contracts", missing == NULL ? FINE : BROKEN,
                   "the local chain needs them: build the target contracts, or dev --no-chain");
    found(c, "%s%s", missing == NULL ? "there" : missing, missing == NULL ? "" : " is missing");
}

static void check_compiler(report *r)
{
    const char *compiler = sdk_compiler(r->cli), *linker = sdk_linker(r->cli);
    check *c = add(r, "compiler", compiler != NULL && linker != NULL ? FINE : WARNING,
                   "outlayer build needs clang-19 and lld-19, or OUTLAYER_CC and OUTLAYER_WASM_LD");
    if (compiler != NULL && linker != NULL)
        found(c, "%s, %s", compiler, linker);
    else
        found(c, "no %s", compiler == NULL ? "clang" : "wasm-ld");
}

/* The VM reserves far more address space than it uses (NEAR 8a). */
static void check_address_space(report *r)
{
    struct rlimit limit = {0};
    bool fine = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
    check *c = add(r, "address space", fine ? FINE : WARNING,
                   "the local chain reserves 131 GB of it: ulimit -v unlimited");
    if (fine)
        found(c, "unlimited");
    else
        found(c, "%llu MB", (unsigned long long)(limit.rlim_cur >> 20));
}

/* Which keys would be used, and whether others can read them. */
static void check_credentials(report *r)
{
    const cli *it = r->cli;
    OL_AUTO(signer) s = {0};
    ol_err err = {0};
    ol_rc rc = signer_load(it, it->account, &s, &err);
    bool open = rc == OL_ERR_FORBIDDEN;
    check *c = add(r, "credentials", open ? BROKEN : FINE,
                   "chmod 600 the file, and rotate the keys in it");
    if (rc == OL_OK)
        found(c, "%.*s on %.*s", OL_FMT(s.account_id), OL_FMT(it->network));
    else
        found(c, "%s", err.text);
}

/* A node that answers is told; one that does not is no fault of this machine. */
static void check_node(report *r)
{
    ol_err err = {0};
    ol_block_head head;
    chain_client *c = NULL;
    bool local = ol_str_eq(r->cli->network, OL_STR("local"));
    if (chain_open(r->cli, &c, &err) != OL_OK)
        return;
    bool there = ol_rpc_block_head(chain_rpc(c), OL_STR("final"), &head, NULL, &err) == OL_OK;
    chain_close(c);
    check *k = add(r, "node", there || local ? FINE : WARNING, "--rpc names another node");
    if (there)
        found(k, "%.*s, block %llu", OL_FMT(r->cli->rpc), (unsigned long long)head.height);
    else
        found(k, "%.*s %s", OL_FMT(r->cli->rpc),
              local ? "does not answer: outlayer dev does not run" : "does not answer");
}

static const char *const VERDICTS[] = {[FINE] = "ok", [WARNING] = "warning", [BROKEN] = "broken"};

static void write_text(const report *r, ol_buf *text)
{
    static const char *const TINTS[] = {
        [FINE] = "\033[32m", [WARNING] = "\033[33m", [BROKEN] = "\033[31m"};
    for (size_t i = 0; i < r->checks; i++) {
        const check *c = &r->check[i];
        ol_buf_addf(text, "%s%2zu  %s%-7s%s  %-20s  %s", i == 0 ? "" : "\n", i + 1,
                    r->cli->color_out ? TINTS[c->verdict] : "", VERDICTS[c->verdict],
                    r->cli->color_out ? "\033[0m" : "", c->name, c->found);
        if (c->fix != NULL)
            ol_buf_addf(text, "\n             fix: %s", c->fix);
    }
}

static void write_json(const report *r, ol_buf *text)
{
    ol_json_writer w = ol_json_writer_over(text);
    ol_json_object_begin(&w);
    ol_json_key(&w, "checks");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < r->checks; i++) {
        const check *c = &r->check[i];
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "name", c->name);
        ol_json_put_cstr(&w, "verdict", VERDICTS[c->verdict]);
        ol_json_put_cstr(&w, "found", c->found);
        if (c->fix != NULL)
            ol_json_put_cstr(&w, "fix", c->fix);
        ol_json_object_end(&w);
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
}

int cmd_doctor(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) text = ol_buf_new(64 * 1024);
    report *r = OL_ARENA_NEW(it->arena, report);
    int exit = CLI_DONE;
    if (r == NULL)
        return cli_fail_memory(it);
    *r = (report){.cli = it, .args = args};
    check_kernel(r);
    check_user(r);
    check_fences(r);
    check_disk(r);
    (void)check_program(r, "outlayer-coordinator");
    (void)check_program(r, "outlayer-worker");
    (void)check_program(r, "outlayer-keystore");
    const char *runner = check_program(r, "outlayer-runner");
    check_engine(r, check_program(r, "outlayer-aot"));
    check_runner(r, runner);
    (void)check_program(r, "outlayer-localnet");
    check_address_space(r);
    check_sdk(r);
    check_contracts(r);
    check_compiler(r);
    check_credentials(r);
    check_node(r);
    check_port(r, "api port", API_PORT);
    check_port(r, "chain port", CHAIN_PORT);
    for (size_t i = 0; i < r->checks; i++) {
        if (r->check[i].verdict == BROKEN)
            exit = ol_reason_of(OL_ERR_ENVIRONMENT)->exit;
    }
    if (it->json)
        write_json(r, &text);
    else
        write_text(r, &text);
    return cli_result_buf(it, &text, exit);
}
