/* The program contract of core modules and what their ends are called: Host interfaces 1-4. */
#include <string.h>

#include "tests/conformance/runner/lab.h"

#define VARIABLE(n, v)                                                                             \
    {{(const uint8_t *)(n), sizeof(n) - 1}, {(const uint8_t *)(v), sizeof(v) - 1}}

static void check_text(const char *guest, const char *input, ol_run_class class, const char *text)
{
    ol_run_job job = lab_job(lab_guest_of(guest), input);
    ol_run_result r = lab_run(&job, NULL);
    CHECK_EQ_ROW(r.class, class, guest);
    CHECK_STR_ROW(r.text, ol_str_of(text), guest);
    ol_run_result_deinit(&r);
}

static void check_output(const char *guest, const char *input, const char *output)
{
    ol_run_job job = lab_job(lab_guest_of(guest), input);
    ol_run_result r = lab_run(&job, NULL);
    CHECK_STR_ROW(r.text, OL_STR(""), r.note);
    CHECK_EQ_ROW(r.class, OL_RUN_OK, guest);
    CHECK_STR_ROW(lab_output(&r), ol_str_of(output), guest);
    ol_run_result_deinit(&r);
}

TEST("stdin goes in, stdout comes out, byte for byte, cold and from a template")
{
    static const char *const guests[] = {"echo", "echo.p2"};
    OL_EACH (guest, guests) {
        for (int i = 0; i < 4; i++)
            check_output(*guest, "{\"a\":[1,2]} \n", "{\"a\":[1,2]} \n");
        check_output(*guest, "", "");
    }
}

TEST("H3: echo trims its input and names sender and block")
{
    static const ol_frame_pair variables[] = {VARIABLE("NEAR_SENDER_ID", "a.near"),
                                              VARIABLE("NEAR_BLOCK_HEIGHT", "7")};
    static const char *const guests[] = {"guest-says", "guest-says.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), " hi ");
        job.frame.variables = variables;
        job.frame.variables_count = OL_COUNT(variables);
        ol_run_result r = lab_run(&job, NULL);
        CHECK_STR_ROW(lab_output(&r), OL_STR("a.near said \"hi\" at block 7"), *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("H4: a guest sees its variables and nothing of the host's environment")
{
    static const ol_frame_pair variables[] = {VARIABLE("SECRET", "s=1"), VARIABLE("EMPTY", "")};
    static const char *const guests[] = {"guest-env-test", "guest-env-test.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest),
                                 "{\"env_vars\":[\"PATH\",\"HOME\",\"SECRET\",\"EMPTY\"]}");
        job.frame.variables = variables;
        job.frame.variables_count = OL_COUNT(variables);
        ol_run_result r = lab_run(&job, NULL);
        CHECK_STR_ROW(
            lab_output(&r),
            OL_STR("{\"values\":{\"PATH\":null,\"HOME\":null,\"SECRET\":\"s=1\",\"EMPTY\":\"\"}}"),
            *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("a large input and large variables arrive whole")
{
    static uint8_t input[3 << 20], value[200000];
    memset(input, 'i', sizeof input);
    memset(value, 'v', sizeof value);
    const ol_frame_pair variables[] = {{{(const uint8_t *)"BIG", 3}, {value, sizeof value}}};
    static const char *const guests[] = {"echo", "echo.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "");
        job.frame.input = (ol_bytes){input, sizeof input};
        job.frame.variables = variables;
        job.frame.variables_count = 1;
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_OK, *guest);
        CHECK_ROW(ol_bytes_eq(r.output, job.frame.input), *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("an input of a program's limit is read, one byte more refused in words")
{
    enum { LIMIT = 64 * 1024 }; /* of coin-flip's buffer */
    static char input[LIMIT + 2] = "{\"choice\":\"heads\"}";
    static const char *const guests[] = {"coin-flip", "coin-flip.p2"};
    memset(input + strlen(input), ' ', sizeof input - 1 - strlen(input));
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), input);
        job.frame.input.len = LIMIT;
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_OK, *guest);
        ol_run_result_deinit(&r);
        job.frame.input.len = LIMIT + 1;
        r = lab_run(&job, NULL);
        CHECK_STARTS(r.text, OL_STR("the input is longer than this program takes"), *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("H8: a library without _start is refused in words")
{
    static const char text[] = "Failed to find _start function. Make sure you're using [[bin]] "
                               "format with fn main(), not [lib] with cdylib";
    for (int i = 0; i < 3; i++) /* cold, then by a template that cannot be */
        check_text("library", "", OL_RUN_LOAD_ERROR, text);
    check_text("@w_nostart", "", OL_RUN_LOAD_ERROR, text);
    check_text("@w_startparam", "", OL_RUN_LOAD_ERROR, text);
    check_text("@w_startresult", "", OL_RUN_LOAD_ERROR, text);
}

TEST("H9: proc_exit(0) is success with what was written")
{
    check_output("adversarial-exit", "0 warned", "partial");
}

TEST("H10: a non-zero exit fails with stderr, verbatim")
{
    check_text("adversarial-exit", "3 bad", OL_RUN_EXIT, "bad");
    ol_run_job job = lab_job(lab_guest_of("adversarial-exit"), "125 bad");
    ol_run_result r = lab_run(&job, NULL);
    CHECK_EQ(r.exit_code, 125);
    CHECK(r.instructions > 0 && r.instructions_exact);
    CHECK_STR(lab_errors(&r), OL_STR("bad"));
    CHECK_STR(lab_output(&r), OL_STR("partial")); /* for logs; the requester gets none of it */
    ol_run_result_deinit(&r);
}

TEST("H11: without stderr the text shows the first 200 bytes of the input")
{
#define WORDS                                                                                      \
    "WASM program exited with error status. This usually means invalid input_data or panic in "    \
    "code. Input received: "
#define TEN "xxxxxxxxxx"
#define FIFTY TEN TEN TEN TEN TEN
    check_text("adversarial-exit", FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY, OL_RUN_EXIT,
               WORDS FIFTY FIFTY FIFTY FIFTY "... Original error: Exited with i32 exit status 2");
    check_text("adversarial-exit", "7", OL_RUN_EXIT,
               WORDS "7 Original error: Exited with i32 exit status 7");
}

TEST("a code of the library that main returns fails the run with stderr alone")
{
    static const struct {
        const char *guest;
        const char *text;
    } cases[] = {
        {"guest-negative", "no such thing"},
        {"guest-negative.p2", "no such thing\nTrap: Exited with i32 exit status 1"},
    };
    OL_EACH (c, cases) {
        const ol_run_job job = lab_job(lab_guest_of(c->guest), "");
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_EXIT, c->guest);
        CHECK_STR_ROW(r.text, ol_str_of(c->text), c->guest);
        ol_run_result_deinit(&r);
    }
}

TEST("an exit status of 126 or more traps")
{
    static const char *const inputs[] = {"126 ", "200 ", "4294967295 "};
    OL_EACH (input, inputs)
        check_text("adversarial-exit", *input, OL_RUN_TRAP,
                   "WASM execution failed: exit with invalid exit status outside of [0..126)");
    check_text("adversarial-exit", "126 bad", OL_RUN_TRAP,
               "bad\nWASM execution failed: exit with invalid exit status outside of [0..126)");
}

TEST("a trap is named by the engine's innermost message, stderr before it")
{
    check_text("adversarial-trap", "", OL_RUN_TRAP,
               "WASM execution failed: wasm trap: wasm `unreachable` instruction executed");
    check_text("adversarial-trap", "boo", OL_RUN_TRAP,
               "boo\nWASM execution failed: wasm trap: wasm `unreachable` instruction executed");
    check_text("@w_divzero", "", OL_RUN_TRAP,
               "WASM execution failed: wasm trap: integer divide by zero");
    check_text("@w_oob", "", OL_RUN_TRAP,
               "WASM execution failed: wasm trap: out of bounds memory access");
}

TEST("H12: a component's trap, or its exit(err), follows its stderr")
{
    check_text("adversarial-trap.p2", "a", OL_RUN_TRAP,
               "a\nTrap: wasm trap: wasm `unreachable` instruction executed");
    check_text("adversarial-exit.p2", "3 bad", OL_RUN_EXIT,
               "bad\nTrap: Exited with i32 exit status 1");
}

TEST("H13: an import that no host has is refused at instantiation")
{
    static const char *const guests[] = {"adversarial-import", "@w_importfoo", "@w_importwrongtype",
                                         "@w_importunstable", "@w_importunknownwasi"};
    OL_EACH (guest, guests) {
        for (int i = 0; i < 2; i++)
            check_text(*guest, "", OL_RUN_LOAD_ERROR, "Failed to instantiate WASI P1 module");
    }
}

TEST("data that does not fit its memory fails the instantiation")
{
    check_text("@w_datatoobig", "", OL_RUN_LOAD_ERROR, "Failed to instantiate WASI P1 module");
    check_text("@w_elemtoobig", "", OL_RUN_LOAD_ERROR, "Failed to instantiate WASI P1 module");
}

TEST("H14: no folder is open and no path leads anywhere")
{
    ol_run_job job = lab_job(lab_guest_of("adversarial-imports"), "");
    ol_run_result r = lab_run(&job, NULL);
    CHECK_EQ(r.class, OL_RUN_OK);
    ol_str rest = lab_output(&r), line, name, number;
    unsigned lines = 0, bad = 0;
    while (ol_str_next(&rest, '\n', &line)) {
        uint32_t code;
        if (!ol_str_cut(line, ' ', &name, &number) || !ol_u32_parse(number, &code))
            continue;
        lines++;
        bool path = ol_str_starts(name, OL_STR("path_")) ||
                    ol_str_starts(name, OL_STR("fd_prestat")) ||
                    ol_str_starts(name, OL_STR("sock_"));
        if (path && code != 8 && code != 54 && code != 57)
            bad++;
    }
    CHECK(lines > 50);
    CHECK_EQ(bad, 0);
    ol_run_result_deinit(&r);
}

TEST("H16: nothing of one run is there for the next")
{
    ol_run_job job = lab_job(lab_guest_of("@fsdump"), "1");
    ol_run_result first = lab_run(&job, NULL), second = lab_run(&job, NULL);
    CHECK_EQ(first.class, OL_RUN_OK);
    CHECK_STR(lab_output(&second), lab_output(&first));
    ol_run_result_deinit(&first);
    ol_run_result_deinit(&second);
}

TEST("H52: more stdout than allowed fails the run, exactly as much does not")
{
    static const struct {
        const char *input;
        uint64_t max;
        bool good;
    } cases[] = {{"1", 1 << 20, true},
                 {"2", 1 << 20, false},
                 {"64", 64 << 20, true},
                 {"65", 64 << 20, false}};
    static const char *const guests[] = {"adversarial-output", "adversarial-output.p2"};
    OL_EACH (guest, guests) {
        OL_EACH (c, cases) {
            ol_run_job job = lab_job(lab_guest_of(*guest), c->input);
            job.frame.stdout_bytes_max = c->max;
            job.frame.memory_bytes = OL_MIB(128);
            ol_run_result r = lab_run(&job, NULL);
            CHECK_EQ_ROW(r.class, c->good ? OL_RUN_OK : OL_RUN_OUTPUT_LIMIT, c->input);
            if (c->good)
                CHECK_EQ_ROW(r.output.len, c->max, c->input);
            else
                CHECK_STARTS(r.text, OL_STR("Output limit exceeded: "), c->input);
            ol_run_result_deinit(&r);
        }
    }
}

TEST("stderr beyond 1 MiB is dropped and does not fail the run")
{
    static const char *const guests[] = {"adversarial-output", "adversarial-output.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "e3");
        ol_run_result r = lab_run(&job, NULL);
        CHECK_STR_ROW(r.text, OL_STR(""), *guest);
        CHECK_EQ_ROW(r.class, OL_RUN_OK, *guest);
        CHECK_EQ_ROW(r.errors.len, OL_FRAME_TAIL_BYTES_MAX, *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("a core module as a component, and the other way round, is refused by its header")
{
    static const uint8_t module[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    ol_err err = {0};
    int fd = -1;
    CHECK_EQ(lab_compile((ol_bytes){module, sizeof module}, OL_TARGET_P2, &fd, &err), OL_ERR_WASM);
    CHECK_STR(ol_err_text(&err), OL_STR("Not a valid WASI Preview 2 component"));
}
