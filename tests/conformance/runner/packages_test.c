/* Host calls of both targets, from the guest's arguments to the supervisor and back (Host
 * interfaces 6-11, Design 4). The services are scripted here; their behaviour is the broker's. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/runner/lab.h"

/* ---- a host that answers with what it was asked -------------------------------------------- */

typedef struct script {
    unsigned calls;
    unsigned answered;
    ol_run_host host;
    /* Held back until the pipe is readable: an answer that comes later. */
    bool slow;
    int ends[2];
    uint32_t pending_id;
    ol_host_fn pending;
} script;

static void add_value(ol_buf *text, char letter, const ol_host_value *value)
{
    if (letter == 's' || letter == 'b')
        ol_buf_add(text, value->bytes);
    else
        ol_buf_addf(text, "%" PRId64, (int64_t)value->number);
}

/* "set-if-equals(k,old,new)" */
static void describe(ol_host_fn function, const ol_host_value *values, ol_buf *text)
{
    ol_str letters = ol_host_arguments(function);
    size_t at = 0;
    ol_buf_addf(text, "%s(", OL_HOST_FUNCTION[function].name);
    for (size_t i = 0; i < letters.len; i++) {
        char letter = letters.data[i];
        if (i > 0)
            ol_buf_add_char(text, ',');
        if (letter == 'S' || letter == 'T') {
            bool some = values[at++].number == 1;
            if (some)
                add_value(text, letter == 'S' ? 's' : 't', &values[at++]);
            else
                ol_buf_add_str(text, OL_STR("none"));
        } else if (letter == 'h') {
            size_t pairs = (size_t)values[at++].number;
            ol_buf_addf(text, "%zu headers", pairs);
            at += 2 * pairs;
        } else {
            add_value(text, letter, &values[at++]);
        }
    }
    ol_buf_add_char(text, ')');
}

/* Results that say what was asked: first text or bytes the description, others fixed. */
static void answer(ol_run *run, uint32_t id, ol_host_fn function, ol_str text)
{
    ol_host_value values[16] = {{0}};
    ol_str letters = ol_host_results(function);
    size_t n = 0;
    bool first = true;
    for (size_t i = 0; i < letters.len; i++) {
        char letter = letters.data[i];
        if (letter == 's' || letter == 'b') {
            values[n++].bytes = ol_str_bytes(first ? text : OL_STR(""));
            first = false;
        } else if (letter == 'R') {
            values[n++].number = 0;
            values[n++].number = 203;
            values[n++].number = 1;
            values[n++].bytes = ol_str_bytes(OL_STR("x-from"));
            values[n++].bytes = ol_str_bytes(OL_STR("host"));
            values[n++].bytes = ol_str_bytes(text);
        } else if (letter == 't') {
            values[n++].number = 1;
        } else {
            values[n++].number = (uint64_t)INT64_C(-7);
        }
    }
    ol_run_answer(run, id, function, values, n);
}

static void on_call(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                    const ol_host_value *values, size_t count)
{
    script *s = env;
    (void)count;
    s->calls++;
    if (s->slow) {
        s->pending_id = id;
        s->pending = function;
        (void)!write(s->ends[1], "x", 1);
        return;
    }
    ol_buf text = ol_buf_new(OL_MIB(1));
    describe(function, values, &text);
    answer(run, id, function, ol_buf_str(&text));
    ol_buf_deinit(&text);
}

static size_t on_poll_add(void *env, struct pollfd *fds, size_t max, int64_t *wake_ns)
{
    const script *s = env;
    (void)max;
    (void)wake_ns;
    fds[0] = (struct pollfd){.fd = s->ends[0], .events = POLLIN};
    return 1;
}

static void on_poll_done(void *env, ol_run *run, const struct pollfd *fds, size_t count)
{
    script *s = env;
    char byte;
    if (count == 0 || (fds[0].revents & POLLIN) == 0 || read(s->ends[0], &byte, 1) != 1)
        return;
    s->answered++;
    answer(run, s->pending_id, s->pending, OL_STR("later"));
}

static script *script_new(bool slow)
{
    static script s;
    s = (script){.slow = slow, .ends = {-1, -1}};
    s.host = (ol_run_host){.env = &s, .call = on_call};
    if (slow) {
        CHECK_EQ(pipe2(s.ends, O_CLOEXEC | O_NONBLOCK), 0);
        s.host.poll_add = on_poll_add;
        s.host.poll_done = on_poll_done;
    }
    return &s;
}

static void check_output(const char *guest, const char *input, script *s, const char *want)
{
    ol_run_job job = lab_job(lab_guest_of(guest), input);
    ol_run_result r = lab_run(&job, &s->host);
    CHECK_STR_ROW(r.text, OL_STR(""), guest);
    CHECK_STR_ROW(lab_output(&r), ol_str_of(want), guest);
    ol_run_result_deinit(&r);
}

/* ---- tests --------------------------------------------------------------------------------- */

static const char ALL_RPC_CALLS[] =
    "[[\"view\",\"a\",\"b\",\"c\",\"d\"],[\"view-account\",\"a\",\"b\"],[\"view-access-key\",\"a\","
    "\"b\",\"c\"],[\"view-access-key-list\",\"a\",\"b\"],[\"view-code\",\"a\",\"b\"],[\"view-"
    "state\","
    "\"a\",\"b\",\"c\"],[\"block\",\"a\"],[\"chunk\",\"a\"],[\"changes\",\"a\"],[\"send-tx\",\"a\","
    "\"b\"],[\"tx-status\",\"a\",\"b\",\"c\"],[\"receipt\",\"a\"],[\"call\",\"a\",\"b\",\"c\","
    "\"d\","
    "\"e\",\"f\",\"g\",\"h\"],[\"transfer\",\"a\",\"b\",\"c\",\"d\",\"e\"],[\"gas-price\",\"\"],["
    "\"status\"],[\"network-info\"],[\"validators\",\"a\"],[\"raw\",\"a\",\"b\"]]";

static const char ALL_RPC_ANSWERS[] =
    "[[\"view(a,b,c,d)\",\"\"],[\"view-account(a,b)\",\"\"],[\"view-access-key(a,b,c)\",\"\"],["
    "\"view-access-key-list(a,b)\",\"\"],[\"view-code(a,b)\",\"\"],[\"view-state(a,b,c)\",\"\"],["
    "\"block(a)\",\"\"],[\"chunk(a)\",\"\"],[\"changes(a)\",\"\"],[\"send-tx(a,b)\",\"\"],["
    "\"tx-status(a,b,c)\",\"\"],[\"receipt(a)\",\"\"],[\"call(a,b,c,d,e,f,g,h)\",\"\"],[\"transfer("
    "a,b,c,d,e)\",\"\"],[\"gas-price()\",\"\"],[\"status()\",\"\"],[\"network-info()\",\"\"],["
    "\"validators(a)\",\"\"],[\"raw(a,b)\",\"\"]]";

TEST("every near:rpc function brings its arguments and its answer, on both targets")
{
    check_output("guest-rpc", ALL_RPC_CALLS, script_new(false), ALL_RPC_ANSWERS);
    check_output("guest-rpc.p2", ALL_RPC_CALLS, script_new(false), ALL_RPC_ANSWERS);
}

TEST("H33: a guest that imports a few functions of an interface links and runs")
{
    check_output("guest-unflushed", "", script_new(false), "before 0 1 2 after 1");
    check_output("guest-unflushed.p2", "", script_new(false), "before 0 1 2 after 1");
}

TEST("every lowered signature gives a core module what it gives a component")
{
    static const char want[] = "has 1 1\n"
                               "set set(k,va)\n"
                               "get get(k) \n"
                               "clear-all clear-all()\n"
                               "set-if-absent 1 set-if-absent(k,v)\n"
                               "set-if-equals 1 set-if-equals(k,old,new) \n"
                               "increment -7 increment(k,-5)\n"
                               "set-worker set-worker(k,v,none)\n"
                               "set-worker set-worker(k,v,1)\n"
                               "get-worker get-worker(k,none)\n"
                               "get-worker get-worker(k,p1)\n"
                               "generate generate(seed)   \n";
    check_output("guest-lowered", "", script_new(false), want);
    check_output("guest-lowered.p2", "", script_new(false), want);
}

/* Texts of others may be anything; both targets show the same of them. */
static void broken_text(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                        const ol_host_value *values, size_t count)
{
    (void)env;
    (void)values;
    (void)count;
    answer(run, id, function, OL_STR("a\xFF\xC3(b"));
}

TEST("an answer that is no UTF-8 is mended for both targets alike, where it is text")
{
#define RAW "a\xFF\xC3(b"
#define MENDED "a\xEF\xBF\xBD\xEF\xBF\xBD(b"
    static const char want[] = "has 1 1\n"
                               "set " MENDED "\n"
                               "get " RAW " \n"
                               "clear-all " MENDED "\n"
                               "set-if-absent 1 " MENDED "\n"
                               "set-if-equals 1 " RAW " \n"
                               "increment -7 " MENDED "\n"
                               "set-worker " MENDED "\n"
                               "set-worker " MENDED "\n"
                               "get-worker " RAW "\n"
                               "get-worker " RAW "\n"
                               "generate " MENDED "   \n";
    static const char *const guests[] = {"guest-lowered", "guest-lowered.p2"};
    OL_EACH (guest, guests) {
        script *s = script_new(false);
        s->host.call = broken_text;
        check_output(*guest, "", s, want);
    }
}

TEST("refund-usd takes an unsigned number of 64 bits")
{
    static const char input[] = "{\"refunds\":[18446744073709551615,0]}";
    static const char want[] = "{\"errors\":[\"refund-usd(-1)\",\"refund-usd(0)\"]}";
    check_output("guest-payment", input, script_new(false), want);
    check_output("guest-payment.p2", input, script_new(false), want);
}

TEST("a call larger than any may be is answered in its own shape, and the guest goes on")
{
    static const char want[] = "-4 Storage value too large: 22020096 bytes (max 2097152)\n"
                               "-4 Storage value too large: 22020096 bytes (max 2097152)\n"
                               "-4 Storage value too large: 22020096 bytes (max 2097152)\n"
                               "0\n"
                               "-4 Arguments too large: 22020097 bytes (max 20905984)\n"
                               "-4 Arguments too large: 22020096 bytes (max 20905984)\n"
                               "-4 Arguments too large: 22020099 bytes (max 20905984)\n"
                               "1\n";
    static const char *const guests[] = {"guest-huge", "guest-huge.p2"};
    OL_EACH (guest, guests) {
        script *s = script_new(false);
        check_output(*guest, "", s, want);
        CHECK_EQ_ROW(s->calls, 1, *guest);
    }
}

static void says(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                 const ol_host_value *values, size_t count)
{
    (void)values;
    (void)count;
    answer(run, id, function, ol_str_of(env));
}

TEST("the guest library finds a code for what the host says")
{
    static const struct {
        const char *text;
        const char *code; /* of outlayer.h */
    } rows[] = {
        {"", "0"},
        {"Storage rate limit exceeded: 1001 calls (max: 1000)", "-4"},
        {"Storage value too large: 2097153 bytes (max 2097152)", "-4"},
        {"VRF rate limit exceeded: 11 calls (max: 10)", "-4"},
        {"user_seed is longer than 1024 bytes", "-4"},
        {"increment: overflow", "-4"},
        {"Storage key must have 1 to 1024 bytes, not 0", "-2"},
        {"user_seed must not contain ':'", "-2"},
        {"Storage key 'k' in project 'p1' is not public (encrypted)", "-3"},
        {"host \"a\" is not in the project's manifest network allowlist", "-3"},
        {"Failed to send storage request: out of memory", "-5"},
        {"Keystore encrypt failed: no answer", "-6"},
        {"Keystore VRF failed (500 Internal Server Error): x", "-6"},
        {"VRF request failed: no answer", "-6"},
        {"Storage set failed: 503 Service Unavailable - x", "-6"},
        {"increment: max retries (5) exceeded for key=k", "-7"},
        {"refund_usd can only be called once per execution", "-7"},
        {"whatever else", "-9"},
    };
    OL_EACH (row, rows) {
        script *s = script_new(false);
        s->host.call = says;
        s->host.env = (void *)(uintptr_t)row->text;
        check_output("guest-codes", "", s, row->code);
    }
}

TEST("outlayer:http brings status, headers and body")
{
    static const char input[] = "[{\"method\":\"PUT\",\"url\":\"http://a/\",\"headers\":[[\"a\","
                                "\"b\"],[\"c\",\"d\"]],\"body\":\"B\",\"timeout_ms\":5,"
                                "\"max_bytes\":99}]";
    static const char want[] = "[{\"status\":203,\"headers\":[[\"x-from\",\"host\"]],\"body\":"
                               "\"request(PUT,http://a/,2 headers,B,5,99)\"}]";
    check_output("guest-http", input, script_new(false), want);
    check_output("guest-http.p2", input, script_new(false), want);
}

TEST("an answer may come later, from an event the host waits for")
{
    static const char *const guests[] = {"guest-rpc", "guest-rpc.p2"};
    OL_EACH (guest, guests) {
        script *s = script_new(true);
        check_output(*guest, "[[3,\"status\"]]", s,
                     "[[\"later\",\"\"],[\"later\",\"\"],[\"later\",\"\"]]");
        CHECK_EQ_ROW(s->answered, 3, *guest);
        (void)close(s->ends[0]);
        (void)close(s->ends[1]);
    }
}

static void never(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                  const ol_host_value *values, size_t count)
{
    (void)env;
    (void)run;
    (void)id;
    (void)function;
    (void)values;
    (void)count;
}

TEST("a host call that is never answered ends with the run's deadline")
{
    static const ol_run_host silent = {.call = never};
    static const char *const guests[] = {"adversarial-blocked", "adversarial-blocked.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "http://a/");
        job.seconds = 1;
        ol_run_result r = lab_run(&job, &silent);
        CHECK_EQ_ROW(r.class, OL_RUN_TIMEOUT, *guest);
        CHECK_EQ_ROW(r.instructions, job.frame.instructions, *guest);
        ol_run_result_deinit(&r);
    }
}

static void penalise(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                     const ol_host_value *values, size_t count)
{
    never(env, run, id, function, values, count);
    ol_run_end(run, OL_RUN_EGRESS_PENALTY, OL_STR("enough"));
}

TEST("a host may end the run in the middle of a call, and all is charged")
{
    static const ol_run_host strict = {.call = penalise};
    ol_run_job job = lab_job(lab_guest_of("adversarial-blocked"), "http://a/");
    ol_run_result r = lab_run(&job, &strict);
    CHECK_EQ(r.class, OL_RUN_EGRESS_PENALTY);
    CHECK_STR(r.text, OL_STR("enough"));
    CHECK_EQ(r.instructions, job.frame.instructions);
    ol_run_result_deinit(&r);
}

TEST("a call without a host is the end of the run, not of the program")
{
    ol_run_job job = lab_job(lab_guest_of("adversarial-blocked"), "http://a/");
    ol_run_result r = lab_run(&job, NULL);
    CHECK_EQ(r.class, OL_RUN_ENGINE_CRASH);
    CHECK_STR(ol_str_of(r.note), OL_STR("a host call that nobody serves"));
    ol_run_result_deinit(&r);
}

TEST("H34: a package the run does not have refuses the guest in its own words, before it runs")
{
    static const struct {
        const char *guest;
        ol_host_interface interface;
        const char *text;
    } cases[] = {
        {"needs-storage", OL_HOST_STORAGE, "no storage"},
        {"needs-vrf", OL_HOST_VRF, "no VRF"},
        {"needs-wallet", OL_HOST_WALLET, "no wallet"},
        {"needs-storage.p2", OL_HOST_STORAGE, "no storage"},
        {"needs-vrf.p2", OL_HOST_VRF, "no VRF"},
        {"needs-wallet.p2", OL_HOST_WALLET, "no wallet"},
        {"guest-rpc", OL_HOST_RPC, "Failed to instantiate component"},
    };
    OL_EACH (c, cases) {
        for (unsigned offered = 0; offered < 2; offered++) {
            script *s = script_new(false);
            ol_run_job job = lab_job(lab_guest_of(c->guest), "[]");
            job.frame.refusals_count = 1;
            /* Refusing another package does not matter. */
            job.frame.refusals[0] = (ol_frame_refusal){
                offered == 0 ? c->interface : OL_HOST_PAYMENT, ol_str_of(c->text)};
            ol_run_result r = lab_run(&job, &s->host);
            CHECK_EQ_ROW(r.class, offered == 0 ? OL_RUN_LOAD_ERROR : OL_RUN_OK, c->guest);
            CHECK_STR_ROW(r.text, offered == 0 ? ol_str_of(c->text) : OL_STR(""), c->guest);
            CHECK_ROW(offered == 1 || s->calls == 0, c->guest);
            ol_run_result_deinit(&r);
        }
    }
}

TEST("a module whose allocator lies hurts itself alone")
{
    static const struct {
        const char *how;
        ol_run_class class;
        const char *text; /* starts so */
    } cases[] = {
        {"honest", OL_RUN_OK, ""},
        {"out", OL_RUN_TRAP, "WASM execution failed: Pointer out of bounds"},
        {"edge", OL_RUN_TRAP, "WASM execution failed: Pointer out of bounds"},
        {"odd", OL_RUN_OK, ""}, /* bytes may lie anywhere */
        {"trap", OL_RUN_TRAP, "WASM execution failed: wasm trap: wasm `unreachable`"},
        {"loop", OL_RUN_OUT_OF_FUEL, "Instruction limit exceeded"},
        {"call", OL_RUN_TRAP, "WASM execution failed: cannot leave component instance"},
    };
    OL_EACH (c, cases) {
        ol_run_job job = lab_job(lab_guest_of("adversarial-realloc"), c->how);
        job.frame.instructions = 10000000;
        ol_run_result r = lab_run(&job, &script_new(false)->host);
        CHECK_EQ_ROW(r.class, c->class, c->how);
        CHECK_STARTS(r.text, ol_str_of(c->text), c->how);
        ol_run_result_deinit(&r);
    }
}

/* ---- wasi:http ----------------------------------------------------------------------------- */

typedef struct web {
    char request[256];
    size_t body_bytes;
    unsigned pulls;
    bool refuse;
} web;

static void on_http_open(void *env, ol_run *run, uint32_t id, const ol_frame_http_open *request)
{
    static const ol_frame_pair headers[] = {{{(const uint8_t *)"server", 6}, {NULL, 0}}};
    const ol_frame_http_head head = {.status = 418, .headers_count = 1, .headers = headers};
    web *w = env;
    (void)snprintf(w->request, sizeof w->request, "%.*s %.*s://%.*s%.*s", OL_FMT(request->method),
                   OL_FMT(request->scheme), OL_FMT(request->authority), OL_FMT(request->path));
    if (w->refuse)
        ol_run_http_error(run, id, 0, OL_STR("request has no host"));
    else
        ol_run_http_head(run, id, &head);
}

static void on_http_send(void *env, ol_run *run, uint32_t id, ol_bytes piece, bool last)
{
    web *w = env;
    (void)run;
    (void)id;
    (void)last;
    w->body_bytes += piece.len;
}

static void on_http_pull(void *env, ol_run *run, uint32_t id)
{
    static uint8_t piece[OL_FRAME_PIECE_BYTES_MAX];
    web *w = env;
    memset(piece, 'p', sizeof piece);
    if (w->pulls++ < 40)
        ol_run_http_piece(run, id, (ol_bytes){piece, sizeof piece});
    else
        ol_run_http_end(run, id);
}

static void on_http_drop(void *env, ol_run *run, uint32_t id)
{
    (void)env;
    (void)run;
    (void)id;
}

static ol_run_result web_run(web *w, bool allowed)
{
    static uint8_t input[20 + 30000];
    const ol_run_host host = {.env = w,
                              .http_open = on_http_open,
                              .http_send = on_http_send,
                              .http_pull = on_http_pull,
                              .http_drop = on_http_drop};
    memset(input, 'b', sizeof input);
    memcpy(input, "POST a.com /path?q=1\n", 20 + 1);
    ol_run_job job = lab_job(lab_guest_of("@httpc.p2"), "");
    job.frame.input = (ol_bytes){input, sizeof input};
    job.frame.http = allowed;
    return lab_run(&job, &host);
}

TEST("wasi:http streams a body out and a larger one in")
{
    for (int i = 0; i < 3; i++) {
        web w = {{0}};
        ol_run_result r = web_run(&w, true);
        CHECK_STR(r.text, OL_STR(""));
        CHECK_STR(ol_str_of(w.request), OL_STR("POST https://a.com/path?q=1"));
        CHECK_EQ(w.body_bytes, 29999);
        CHECK_STARTS(lab_output(&r), OL_STR("status 418\nppp"), "output");
        CHECK_EQ(r.output.len, 11 + 40 * OL_FRAME_PIECE_BYTES_MAX);
        ol_run_result_deinit(&r);
    }
}

TEST("a refused request reaches the guest as an error code")
{
    web w = {.refuse = true};
    ol_run_result r = web_run(&w, true);
    CHECK_EQ(r.class, OL_RUN_EXIT);
    CHECK_HAS(lab_output(&r), OL_STR("error-code"), "output");
    ol_run_result_deinit(&r);
}

TEST("wasi:http in a run that may not send is an error for the guest, and nobody is asked")
{
    web w = {{0}};
    ol_run_result r = web_run(&w, false);
    CHECK_EQ(r.class, OL_RUN_EXIT);
    CHECK_HAS(lab_output(&r), OL_STR("error-code"), "output");
    CHECK_STR(ol_str_of(w.request), OL_STR(""));
    ol_run_result_deinit(&r);
}
