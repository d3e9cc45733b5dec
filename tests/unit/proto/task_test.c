#include "lib/proto/job.h"

#include "tests/harness/test.h"

static const char HTTPS_TASK[] =
    "{\"request_id\":100000000001,\"data_id\":\"7f4b\",\"resource_limits\":{\"max_instructions\":5,"
    "\"max_memory_mb\":64,\"max_execution_seconds\":7},\"input_data\":\"{\\\"a\\\":1}\","
    "\"response_format\":\"Json\",\"context\":{\"sender_id\":\"a.near\"},"
    "\"user_account_id\":\"a.near\",\"compile_only\":false,\"force_rebuild\":false,"
    "\"store_on_fastfs\":false,\"project_uuid\":\"p1\",\"project_id\":\"b.near/x\","
    "\"version_key\":\"\",\"is_https_call\":true,\"call_id\":\"7f4b\","
    "\"payment_key_owner\":\"a.near\",\"payment_key_nonce\":3,\"usd_payment\":\"10\","
    "\"compute_limit_usd\":\"20\",\"attached_deposit_usd\":\"10\"}";

static const char CHAIN_TASK[] =
    "{\"request_id\":7,\"data_id\":\"00ff\",\"code_source\":{\"type\":\"GitHub\",\"repo\":\"o/r\","
    "\"commit\":\"c\",\"build_target\":\"wasm32-wasip2\"},\"resource_limits\":{"
    "\"max_instructions\":1000,\"max_memory_mb\":128,\"max_execution_seconds\":60},"
    "\"input_data\":\"\",\"secrets_ref\":{\"profile\":\"p\",\"account_id\":\"a.near\"},"
    "\"response_format\":\"Bytes\",\"context\":{\"sender_id\":\"s.near\",\"block_height\":9,"
    "\"block_timestamp\":18446744073709551615,\"contract_id\":\"c.near\","
    "\"transaction_hash\":\"t\",\"receipt_id\":\"r\",\"predecessor_id\":\"q\","
    "\"signer_public_key\":\"ed25519:k\",\"gas_burnt\":11},\"near_payment_yocto\":"
    "\"340282366920938463463374607431768211455\",\"compile_only\":true,\"force_rebuild\":true,"
    "\"store_on_fastfs\":true,\"use_bound_identity\":true,\"compile_result\":\"x\","
    "\"is_https_call\":false}";

static void round_trip(const char *json)
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf out = ol_buf_new(OL_MIB(1));
    ol_task task;
    ol_err err = {0};
    CHECK_OK(ol_task_decode(ol_str_of(json), &arena, &task, &err));
    ol_json_writer w = ol_json_writer_over(&out);
    ol_task_encode(&task, &w);
    CHECK_STR(ol_buf_str(&out), ol_str_of(json));
    ol_buf_deinit(&out);
    ol_arena_deinit(&arena);
}

TEST("a task survives encoding and decoding, member by member")
{
    round_trip(HTTPS_TASK);
    round_trip(CHAIN_TASK);
}

TEST("W9: null limits take the documented defaults")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_task task;
    ol_err err = {0};
    CHECK_OK(ol_task_decode(
        OL_STR(
            "{\"request_id\":1,\"data_id\":\"d\",\"input_data\":\"\",\"resource_limits\":"
            "{\"max_instructions\":1000,\"max_memory_mb\":null,\"max_execution_seconds\":null}}"),
        &arena, &task, &err));
    CHECK_EQ(task.limits.instructions_max, 1000);
    CHECK_EQ(task.limits.memory_mb_max, 128);
    CHECK_EQ(task.limits.seconds_max, 60);
    CHECK_EQ(task.response_format, OL_FORMAT_TEXT);
    CHECK(task.project_id.data == NULL);
    CHECK_EQ(task.source.kind, OL_SOURCE_NONE);
    ol_arena_deinit(&arena);
}

TEST("a task of another shape is refused")
{
    static const struct {
        const char *json;
        ol_rc rc;
    } cases[] = {
        {"", OL_ERR_SYNTAX},
        {"{", OL_ERR_SYNTAX},
        {"[]", OL_ERR_SHAPE},
        {"{}", OL_ERR_SHAPE},
        {"{\"request_id\":-1,\"data_id\":\"d\",\"input_data\":\"\"}", OL_ERR_SHAPE},
        {"{\"request_id\":1,\"data_id\":5,\"input_data\":\"\"}", OL_ERR_SHAPE},
        {"{\"request_id\":1,\"data_id\":\"d\",\"input_data\":\"\",\"code_source\":{}}",
         OL_ERR_SHAPE},
        {"{\"request_id\":1,\"data_id\":\"d\",\"input_data\":\"\",\"usd_payment\":\"-1\"}",
         OL_ERR_SHAPE},
        {"{\"request_id\":1,\"data_id\":\"d\",\"input_data\":\"\",\"response_format\":\"Xml\"}",
         OL_ERR_SHAPE},
    };
    OL_EACH (c, cases) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        ol_task task;
        ol_err err = {0};
        CHECK_EQ_ROW(ol_task_decode(ol_str_of(c->json), &arena, &task, &err), c->rc, c->json);
        ol_arena_deinit(&arena);
    }
}

TEST("a claiming poll's answer survives encoding and decoding")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf first = ol_buf_new(OL_MIB(1));
    ol_buf second = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    ol_claim_answer answer = {.has_task = true, .has_job = true, .pricing = ol_pricing_fallback()};
    CHECK_OK(ol_task_decode(ol_str_of(HTTPS_TASK), &arena, &answer.task, &err));
    answer.job = (ol_job_info){.job_id = 5,
                               .kind = OL_JOB_EXECUTE,
                               .allowed = true,
                               .project_id = OL_STR("b.near/x"),
                               .created_at_s = 1700000000};
    ol_json_writer w = ol_json_writer_over(&first);
    ol_claim_answer_encode(&answer, &w);
    ol_claim_answer again;
    CHECK_OK(ol_claim_answer_decode(ol_buf_str(&first), &arena, &again, &err));
    CHECK(again.has_task && again.has_job);
    CHECK_EQ(again.job.job_id, 5);
    CHECK_EQ(again.job.kind, OL_JOB_EXECUTE);
    CHECK(again.pricing.base_fee.yocto == answer.pricing.base_fee.yocto);
    w = ol_json_writer_over(&second);
    ol_claim_answer_encode(&again, &w);
    CHECK_STR(ol_buf_str(&second), ol_buf_str(&first));
    CHECK_OK(ol_claim_answer_decode(OL_STR("{\"jobs\":[]}"), &arena, &again, &err));
    CHECK(!again.has_task && !again.has_job);
    ol_buf_deinit(&first);
    ol_buf_deinit(&second);
    ol_arena_deinit(&arena);
}

TEST("a claim survives encoding and decoding")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf out = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    static const char json[] =
        "{\"request_id\":7,\"data_id\":\"d\",\"worker_id\":\"w\",\"code_source\":{\"type\":"
        "\"WasmUrl\",\"url\":\"https://a/b\",\"hash\":\"00\",\"build_target\":\"wasm32-wasip1\"},"
        "\"resource_limits\":{\"max_instructions\":1,\"max_memory_mb\":2,"
        "\"max_execution_seconds\":3},\"near_payment_yocto\":\"5\",\"capabilities\":["
        "\"compilation\",\"execution\"],\"compile_only\":true,\"force_rebuild\":false,"
        "\"has_compile_result\":true,\"project_id\":\"a/b\"}";
    ol_claim claim;
    CHECK_OK(ol_claim_decode(ol_str_of(json), &arena, &claim, &err));
    CHECK_EQ(claim.capabilities, OL_CAP_COMPILATION | OL_CAP_EXECUTION);
    ol_json_writer w = ol_json_writer_over(&out);
    ol_claim_encode(&claim, &w);
    CHECK_STR(ol_buf_str(&out), ol_str_of(json));
    ol_buf_deinit(&out);
    ol_arena_deinit(&arena);
}

TEST("capabilities are words of a list, and an unknown word spoils it")
{
    CHECK_EQ(ol_capabilities_parse(OL_STR("compilation,execution")), 3);
    CHECK_EQ(ol_capabilities_parse(OL_STR("execution")), OL_CAP_EXECUTION);
    CHECK_EQ(ol_capabilities_parse(OL_STR("")), 0);
    CHECK_EQ(ol_capabilities_parse(OL_STR("execution,flight")), 0);
}
