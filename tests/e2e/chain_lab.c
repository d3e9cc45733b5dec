#include "tests/e2e/chain_lab.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/codec/json_write.h"
#include "tests/harness/test.h"

/* A failed test jumps over its lab's end: what is left goes before the next one, or with the
 * program. */
static void end_left_over(void)
{
    static pid_t pids[1024];
    size_t count = stack_descendants(NULL, pids, OL_COUNT(pids));
    for (size_t i = 0; i < count; i++)
        (void)kill(pids[i], SIGKILL);
}

void chain_lab_open(chain_lab *l, const chain_lab_options *options)
{
    static bool armed;
    ol_err err = {0};
    if (!armed)
        armed = atexit(end_left_over) == 0;
    end_left_over();
    *l = (chain_lab){0};
    (void)snprintf(l->folder, sizeof l->folder, "/tmp/outlayer-chain.XXXXXX");
    CHECK(mkdtemp(l->folder) != NULL);
    chain_open(&l->chain, l->folder, options->chain);
    chain_deploy_outlayer(&l->chain, l->key, sizeof l->key);
    chain_account(&l->chain, ALICE, "1000", NULL);
    l->about = (stack_chain){.port = l->chain.port,
                             .contract = CHAIN_OUTLAYER,
                             .operator= CHAIN_OPERATOR,
                             .key = l->key};
    l->worker[0] = "LOG_LEVEL=debug";
    for (size_t i = 0; options->worker != NULL && options->worker[i] != NULL; i++) {
        CHECK(i + 2 < OL_COUNT(l->worker));
        l->worker[i + 1] = options->worker[i];
    }
    l->options = (stack_options){.slots = options->slots > 0 ? options->slots : 2,
                                 .worker_settings = l->worker,
                                 .coordinator_settings = options->coordinator,
                                 .chain = &l->about};
    CHECK_OK(stack_open(&l->stack, &l->options, options->balance, &err));
    CHECK_OK(stack_upload(&l->stack, "examples/echo.wasm", &l->echo, &err));
    CHECK(stack_log_has(&l->stack, STACK_WORKER, " monitor_started", 20000));
}

/* In a sanitized build a program that broke a rule says so in its log, and nowhere else. */
static void check_sanitizers(const chain_lab *l)
{
    for (int i = 0; i < STACK_PROGRAMS; i++) {
        if (stack_log_has(&l->stack, (stack_program)i, "Sanitizer: ", 0)) {
            (void)fprintf(stderr, "a sanitizer's words are in a log of %s\n", l->stack.folder);
            exit(1);
        }
    }
}

void chain_lab_deinit(chain_lab *l)
{
    char path[128];
    stack_stop(&l->stack);
    check_sanitizers(l);
    stack_deinit(&l->stack);
    chain_deinit(&l->chain);
    (void)snprintf(path, sizeof path, "%s/outlayer-localnet.log", l->folder);
    (void)unlink(path);
    (void)rmdir(l->folder);
}

ol_str chain_lab_args(chain_lab *l, const ol_sha256_hex *code, const char *format, ol_str input,
                      const char *more)
{
    ol_buf text = ol_buf_new(OL_MIB(4));
    ol_str copy;
    ol_buf_addf(&text,
                "{\"source\":{\"WasmUrl\":{\"url\":\"https://test/code.wasm\",\"hash\":\"%s\","
                "\"build_target\":\"wasm32-wasip1\"}},\"resource_limits\":{\"max_instructions\":"
                "10000000000,\"max_memory_mb\":64,\"max_execution_seconds\":20},"
                "\"response_format\":\"%s\",\"input_data\":",
                code->data, format);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_add_str(&w, input);
    ol_buf_add_str(&text, ol_str_of(more));
    ol_buf_add_char(&text, '}');
    CHECK(ol_buf_ok(&text) && ol_arena_copy(&l->chain.arena, ol_buf_str(&text), &copy));
    ol_buf_deinit(&text);
    return copy;
}

static chain_call request(ol_str args)
{
    return (chain_call){.signer = ALICE,
                        .receiver = CHAIN_OUTLAYER,
                        .method = "request_execution",
                        .args = args,
                        .tgas = 150,
                        .deposit = DEPOSIT};
}

void chain_lab_begin(chain_lab *l, ol_str args, char hash[OL_HASH_TEXT_BYTES])
{
    const chain_call call = request(args);
    chain_begin(&l->chain, &call, hash);
}

chain_result chain_lab_call(chain_lab *l, const char *signer, const char *method, const char *args,
                            ol_u128 deposit)
{
    return chain_run(&l->chain, &(chain_call){.signer = signer,
                                              .receiver = CHAIN_OUTLAYER,
                                              .method = method,
                                              .args = ol_str_of(args),
                                              .tgas = 200,
                                              .deposit = deposit});
}

chain_result chain_lab_run(chain_lab *l, ol_str args)
{
    char hash[OL_HASH_TEXT_BYTES];
    chain_lab_begin(l, args, hash);
    return chain_end(&l->chain, ALICE, hash);
}

chain_result chain_lab_echo(chain_lab *l, ol_str input)
{
    return chain_lab_run(l, chain_lab_args(l, &l->echo, "Text", input, ""));
}

bool chain_lab_claimed(chain_lab *l)
{
    return stack_log_has(&l->stack, STACK_WORKER, " job_started", 20000);
}

static unsigned count_of(ol_str stats, const char *name)
{
    ol_json root;
    ol_json value;
    uint32_t count = 0;
    ol_err err = {0};
    CHECK_OK(ol_json_parse(stats, &root, &err));
    CHECK_ROW(ol_json_find(&root, ol_str_of(name), &value), name);
    CHECK_OK(ol_json_u32(&value, &count, &err));
    return count;
}

void chain_lab_settle(chain_lab *l, unsigned done, unsigned failed)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)CHAIN_WAIT_MS * 1000000;
    ol_err err = {0};
    CHECK(chain_view_becomes(&l->chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
    for (;;) {
        ol_buf body = ol_buf_new(OL_KIB(64));
        CHECK_OK(stack_get(&l->stack, "/public/stats", &body, &err));
        unsigned total = count_of(ol_buf_str(&body), "total_executions");
        unsigned good = count_of(ol_buf_str(&body), "successful_executions");
        ol_buf_deinit(&body);
        if (total == done) {
            CHECK_EQ(total - good, failed);
            return;
        }
        CHECK(total < done);
        CHECK(ol_mono_ns(ol_clock_real()) < until);
        (void)poll(NULL, 0, 10);
    }
}
