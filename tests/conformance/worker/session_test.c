/* The worker's session at the coordinator (Coordinator 7; Keystore 15, X3). */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/codec/json_read.h"
#include "tests/conformance/worker/lab.h"
#include "tests/harness/test.h"

#define CHALLENGE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const lab_project PROJECTS[] = {{.name = "echo", .wasm = "examples/echo.wasm"},
                                       {.name = NULL}};

/* A coordinator that wants sessions. */
typedef struct gatekeeper {
    const char *scheme; /* what it says about its challenge */
    _Atomic unsigned challenges;
    _Atomic unsigned registrations;
    _Atomic unsigned sessions; /* the present one's number; others are refused */
    _Atomic unsigned refused;
    _Atomic bool bare; /* a signature over something else than the text of X3 was sent */
} gatekeeper;

static bool serve_session(void *context, const stub_request *request, stub_conn *conn)
{
    gatekeeper *g = context;
    char text[256];
    size_t at;
    if (ol_str_eq(request->target, OL_STR("/workers/tee-challenge"))) {
        g->challenges++;
        (void)snprintf(text, sizeof text, "{\"challenge\":\"" CHALLENGE "\"%s}", g->scheme);
        stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(text));
        return true;
    }
    if (ol_str_eq(request->target, OL_STR("/workers/register-tee"))) {
        unsigned n = ++g->registrations;
        if (!ol_str_find(request->body, OL_STR("\"scheme\":\"v2\""), &at))
            g->bare = true;
        g->sessions = n;
        (void)snprintf(text, sizeof text, "{\"session_id\":\"aaaaaaaa-aaaa-4aaa-aaaa-%012u\"}", n);
        stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(text));
        return true;
    }
    bool poll = ol_str_starts(request->target, OL_STR("/executions/poll?"));
    if (!poll && !ol_str_eq(request->target, OL_STR("/jobs/complete")))
        return false;
    (void)snprintf(text, sizeof text, "aaaaaaaa-aaaa-4aaa-aaaa-%012u", g->sessions);
    if (g->sessions > 0 && ol_str_eq(stub_header(request, "x-tee-session"), ol_str_of(text)))
        return false;
    g->refused++;
    stub_answer(conn, poll ? 401 : 403, NULL,
                poll ? OL_STR("") : OL_STR("{\"error\":\"TEE session required. Register\"}"));
    return true;
}

TEST("a worker opens a session in the new form, and a new one when it is refused")
{
    static const char *const SETTINGS[] = {"TEE_MODE=outlayer_tee", NULL};
    gatekeeper g = {.scheme = ",\"scheme\":\"v2\""};
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = PROJECTS,
                                .settings = SETTINGS,
                                .extra = serve_session,
                                .extra_context = &g});
    ol_task task = lab_task(&l, "echo", "{}");
    ol_job_report report = lab_run(&l, &task);
    CHECK(report.success);
    CHECK_EQ(g.registrations, 1);
    g.sessions = 99; /* forgotten */
    task = lab_task(&l, "echo", "{}");
    report = lab_run(&l, &task);
    CHECK(report.success);
    CHECK(g.registrations >= 2 && g.refused >= 1 && !g.bare);
}

TEST("S80: a worker refuses to sign a bare challenge")
{
    static const char *const SETTINGS[] = {"TEE_MODE=outlayer_tee", NULL};
    gatekeeper g = {.scheme = ""};
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = PROJECTS,
                                .settings = SETTINGS,
                                .extra = serve_session,
                                .extra_context = &g});
    CHECK(lab_log_has(&l, "wants a bare challenge signed", LAB_WAIT_MS));
    CHECK(g.challenges >= 1);
    CHECK_EQ(g.registrations, 0);
}
