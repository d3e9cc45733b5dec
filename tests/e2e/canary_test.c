/* Planted canaries: values that can be recognised stand wherever a secret stands, and afterwards
 * every place where none may be is searched for them (threat model, "Somebody on the machine"). */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/harness/stack.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

#define INPUT_CANARY "canary-input-5f0c1d"
#define WRONG_SECRET "badc0ffee0badc0ffee0badc0ffee0badc0ffee0badc0ffee0badc0ffee0dead"
#define OPERATOR_CANARY "3D4YudUahN1nawWogh8pAKSj92sUNMdbZGjn7kERKzYoTy8tnFQuwoGUC51DowKq"

enum { PROCESSES_MAX = 64, SECRETS = 5, ANSWER_MS = 60000 };
#define BALANCE_MICRO_USD UINT64_C(100000000)

static const char *const PROJECTS[] = {"echo=examples/echo.wasm",
                                       "trap=guests/adversarial-trap.wasm",
                                       "sleep=guests/adversarial-sleep.wasm", NULL};
static const stack_options OPTIONS = {.slots = 2, .projects = PROJECTS};

/* What nothing outside of the memory of its owner may show. */
typedef struct secrets {
    ol_str text[SECRETS];
} secrets;

static secrets secrets_of(const stack *s)
{
    ol_str owner;
    ol_str secret = OL_STR("");
    bool cut = ol_str_cut_last(ol_str_of(s->payment_key), ':', &owner, &secret);
    OL_ASSERT(cut);
    return (secrets){{secret, ol_str_of(s->token), OL_STR(STACK_ADMIN_TOKEN),
                      OL_STR(OPERATOR_CANARY), OL_STR(WRONG_SECRET)}};
}

static void check_free(ol_str text, ol_str canary, const char *where)
{
    size_t at;
    if (ol_str_find(text, canary, &at))
        ol_test_fail(__FILE__, __LINE__, "%s shows %.*s", where, OL_FMT(canary));
}

static void check_free_of_all(ol_str text, const secrets *all, const char *where)
{
    OL_EACH (canary, all->text)
        check_free(text, *canary, where);
}

/* ---- calls --------------------------------------------------------------------------------- */

/* One exchange; the answer's head and body are searched for secrets. */
static int exchange(const stack *s, const char *path, const char *headers, ol_str body,
                    const char *want)
{
    const secrets all = secrets_of(s);
    wire_client client = wire_client_new(s->port);
    wire_answer answer = {0};
    ol_buf request = ol_buf_new(OL_KIB(16));
    wire_request(&request, "POST", path, headers, body);
    bool well = wire_exchange(&client, ol_buf_str(&request), ANSWER_MS, &answer);
    wire_fault_print(&client);
    CHECK_ROW(well, path);
    check_free_of_all(answer.head, &all, path);
    check_free_of_all(answer.body, &all, path);
    if (want != NULL)
        CHECK_HAS(answer.body, ol_str_of(want), path);
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    return answer.status;
}

static const char *key_headers(const stack *s)
{
    static char headers[512];
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n", s->payment_key);
    return headers;
}

/* A run that sleeps until its deadline; the answer is read later. */
static void call_sleep(const stack *s, wire_client *client)
{
    ol_buf request = ol_buf_new(OL_KIB(16));
    *client = wire_client_new(s->port);
    wire_request(&request, "POST", "/call/test.near/sleep", key_headers(s),
                 OL_STR("{\"input\":\"" INPUT_CANARY
                        "\",\"resource_limits\":{\"max_execution_seconds\":5}}"));
    CHECK(wire_begin(client, ol_buf_str(&request)));
    ol_buf_deinit(&request);
}

/* Until a runner process beside the zygote is there. */
static void await_run(void)
{
    pid_t runner[PROCESSES_MAX];
    int64_t until = ol_mono_ns(ol_clock_real()) + INT64_C(20000000000);
    while (stack_descendants("outlayer-runner", runner, PROCESSES_MAX) < 2)
        CHECK(ol_mono_ns(ol_clock_real()) < until);
}

/* Requests that are refused, each with a secret in the wrong place. */
static void refusals(const stack *s)
{
    char headers[1024];
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: test.near:1:" WRONG_SECRET
                   "\r\n");
    CHECK_EQ(exchange(s, "/call/test.near/echo", headers, OL_STR("{\"input\":1}"), NULL), 401);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s%s\r\n", s->payment_key,
                   WRONG_SECRET);
    CHECK_EQ(exchange(s, "/call/test.near/echo", headers, OL_STR("{\"input\":1}"), NULL), 400);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n",
                   strrchr(s->payment_key, ':') + 1);
    CHECK_EQ(exchange(s, "/call/test.near/echo", headers, OL_STR("{\"input\":1}"), NULL), 400);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nAuthorization: Bearer " WRONG_SECRET "\r\n");
    CHECK_EQ(exchange(s, "/jobs/claim", headers, OL_STR("{}"), NULL), 401);
    CHECK_EQ(exchange(s, "/admin/grant-payment-key", headers, OL_STR("{}"), NULL), 403);
    CHECK_EQ(exchange(s, "/call/test.near/none", key_headers(s), OL_STR("{\"input\":1}"), NULL),
             404);
}

/* ---- places -------------------------------------------------------------------------------- */

static ol_str proc_file(pid_t pid, const char *name, ol_buf *into)
{
    char path[64];
    ol_err err;
    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    ol_buf_clear(into);
    CHECK_OK(ol_file_load(path, into, &err));
    return ol_buf_str(into);
}

static void check_process(pid_t pid, const secrets *all, bool sandboxed, ol_buf *text)
{
    char row[32];
    (void)snprintf(row, sizeof row, "process %d", pid);
    ol_str environment = proc_file(pid, "environ", text);
    if (sandboxed)
        CHECK_EQ_ROW(environment.len, 0, row);
    else
        CHECK_HAS(environment, OL_STR("PATH=/usr/bin:/bin"), row); /* it can be read at all */
    check_free_of_all(environment, all, row);
    check_free(environment, OL_STR(INPUT_CANARY), row);
    ol_str line = proc_file(pid, "cmdline", text);
    CHECK_HAS(line, OL_STR("outlayer-"), row);
    check_free_of_all(line, all, row);
    check_free(line, OL_STR(INPUT_CANARY), row);
    ol_str limits = proc_file(pid, "limits", text);
    CHECK_HAS(limits, OL_STR("Max core file size        0                    0"), row);
}

/* Coordinator, worker, zygote, templates and runs, while a run sleeps. */
static void check_processes(const stack *s, const secrets *all)
{
    pid_t runner[PROCESSES_MAX];
    ol_buf text = ol_buf_new(OL_MIB(1));
    for (int i = 0; i < STACK_PROGRAMS; i++)
        check_process(s->pid[i], all, false, &text);
    size_t count = stack_descendants("outlayer-runner", runner, PROCESSES_MAX);
    CHECK(count >= 2); /* zygote and run; templates, where there are any */
    for (size_t i = 0; i < count; i++)
        check_process(runner[i], all, true, &text);
    ol_buf_deinit(&text);
}

/* nftw has no argument for us. */
static struct {
    secrets all;
    size_t logs;
    size_t databases;
} search;

static int search_file(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    ol_err err;
    (void)about;
    if (kind != FTW_F)
        return 0;
    const char *name = path + where->base;
    ol_buf text = ol_buf_new(OL_MIB(256));
    CHECK_OK(ol_file_load(path, &text, &err));
    check_free_of_all(ol_buf_str(&text), &search.all, path);
    CHECK_ROW(strncmp(name, "core", 4) != 0 || strncmp(name, "coordinator", 11) == 0, path);
    if (ol_str_ends(ol_str_of(name), OL_STR(".log"))) {
        search.logs++;
        check_free(ol_buf_str(&text), OL_STR(INPUT_CANARY), path);
    }
    if (strncmp(name, "coordinator.db", 14) == 0)
        search.databases++;
    ol_buf_deinit(&text);
    return 0;
}

/* The database may hold inputs, outputs and proofs of secrets; logs not even inputs. */
static void check_files(const stack *s, const secrets *all)
{
    search.all = *all;
    CHECK_EQ(nftw(s->folder, search_file, 16, FTW_PHYS), 0);
    CHECK(search.logs >= 2 && search.databases >= 1);
}

TEST("no secret shows in a log, an answer, a file, an environment or a command line")
{
    stack s;
    ol_err err;
    CHECK_OK(stack_open(&s, &OPTIONS, BALANCE_MICRO_USD, &err));
    const secrets all = secrets_of(&s);
    const char *body = "{\"input\":\"" INPUT_CANARY "\"}";
    CHECK_EQ(exchange(&s, "/call/test.near/echo", key_headers(&s), ol_str_of(body), INPUT_CANARY),
             200);
    CHECK_EQ(exchange(&s, "/call/test.near/trap", key_headers(&s), ol_str_of(body),
                      "\"status\":\"failed\""),
             200);
    refusals(&s);

    wire_client sleeping;
    call_sleep(&s, &sleeping);
    await_run();
    check_processes(&s, &all);
    wire_answer answer = {0};
    /* The first answer on the connection is the call's. */
    CHECK(wire_exchange(&sleeping, OL_STR("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                        ANSWER_MS, &answer));
    CHECK_EQ(answer.status, 200);
    CHECK_HAS(answer.body, OL_STR("timed out after 5 seconds"), "sleep");
    check_free_of_all(answer.body, &all, "timed out");
    wire_client_deinit(&sleeping);

    stack_stop(&s);
    check_files(&s, &all);
    CHECK_EQ(s.reports, 0);
    stack_deinit(&s);
}
