/* Errors in the network's JSON (NEAR 5.3). */
#include "emulator/error.h"

#include "lib/codec/json_read.h"
#include "tests/harness/test.h"

static ol_str text_of(const ol_failure *failure, ol_buf *into)
{
    ol_buf_clear(into);
    ol_json_writer w = ol_json_writer_over(into);
    ol_failure_write(failure, &w);
    CHECK(ol_buf_ok(into));
    return ol_buf_str(into);
}

TEST("every error is JSON, whether a transaction or an action met it")
{
    ol_buf text = ol_buf_new(OL_KIB(16));
    for (int kind = OL_FAILURE_NONE + 1; kind < OL_FAILURE_KINDS; kind++) {
        ol_failure failure = {.kind = (ol_failure_kind)kind,
                              .account = OL_STR("a.near"),
                              .other = OL_STR("b.near"),
                              .third = OL_STR("c.near"),
                              .json = OL_STR("{\"ExecutionError\":\"\"}")};
        CHECK(ol_json_valid(text_of(&failure, &text)));
        failure.in_action = true;
        CHECK(ol_json_valid(text_of(&failure, &text)));
        failure.has_index = true;
        failure.index = 3;
        CHECK_STARTS(text_of(&failure, &text), OL_STR("{\"ActionError\":{\"index\":3,\"kind\":"),
                     "index");
    }
    ol_buf_deinit(&text);
}

TEST("an error stands in the objects of its group and of where it happened")
{
    static const struct {
        ol_failure failure;
        const char *json;
    } cases[] = {
        {{.kind = OL_FAILURE_EXPIRED}, "{\"InvalidTxError\":\"Expired\"}"},
        {{.kind = OL_FAILURE_NOT_ENOUGH_BALANCE,
          .account = OL_STR_INIT("a.near"),
          .amount = {5},
          .amount2 = {7}},
         "{\"InvalidTxError\":{\"NotEnoughBalance\":{\"signer_id\":\"a.near\",\"balance\":\"5\","
         "\"cost\":\"7\"}}}"},
        {{.kind = OL_FAILURE_NONCE_TOO_LARGE, .number = UINT64_MAX, .number2 = 1},
         "{\"InvalidTxError\":{\"NonceTooLarge\":{\"tx_nonce\":18446744073709551615,"
         "\"upper_bound\":1}}}"},
        {{.kind = OL_FAILURE_KEY_NOT_FULL},
         "{\"InvalidTxError\":{\"InvalidAccessKeyError\":\"RequiresFullAccess\"}}"},
        {{.kind = OL_FAILURE_KEY_NOT_FULL, .in_action = true, .has_index = true},
         "{\"ActionError\":{\"index\":0,\"kind\":{\"DelegateActionAccessKeyError\":"
         "\"RequiresFullAccess\"}}}"},
        {{.kind = OL_FAILURE_ZERO_GAS},
         "{\"InvalidTxError\":{\"ActionsValidation\":\"FunctionCallZeroAttachedGas\"}}"},
        {{.kind = OL_FAILURE_ZERO_GAS, .in_action = true, .has_index = true, .index = 1},
         "{\"ActionError\":{\"index\":1,\"kind\":{\"NewReceiptValidationError\":{"
         "\"ActionsValidation\":\"FunctionCallZeroAttachedGas\"}}}}"},
        {{.kind = OL_FAILURE_RECEIPT_SIZE, .in_action = true, .number = 9, .number2 = 8},
         "{\"ActionError\":{\"index\":null,\"kind\":{\"NewReceiptValidationError\":{"
         "\"ReceiptSizeExceeded\":{\"size\":9,\"limit\":8}}}}}"},
        {{.kind = OL_FAILURE_ONLY_REGISTRAR,
          .in_action = true,
          .has_index = true,
          .account = OL_STR_INIT("top"),
          .other = OL_STR_INIT("a.near"),
          .third = OL_STR_INIT("registrar")},
         "{\"ActionError\":{\"index\":0,\"kind\":{\"CreateAccountOnlyByRegistrar\":{"
         "\"account_id\":\"top\",\"registrar_account_id\":\"registrar\",\"predecessor_id\":"
         "\"a.near\"}}}}"},
        {{.kind = OL_FAILURE_FUNCTION_CALL,
          .in_action = true,
          .has_index = true,
          .json = OL_STR_INIT("{\"MethodResolveError\":\"MethodNotFound\"}")},
         "{\"ActionError\":{\"index\":0,\"kind\":{\"FunctionCallError\":{\"MethodResolveError\":"
         "\"MethodNotFound\"}}}}"},
        {{.kind = OL_FAILURE_GLOBAL_MISSING, .in_action = true, .has_index = true},
         "{\"ActionError\":{\"index\":0,\"kind\":{\"GlobalContractDoesNotExist\":{\"identifier\":{"
         "\"CodeHash\":\"11111111111111111111111111111111\"}}}}}"},
    };
    ol_buf text = ol_buf_new(OL_KIB(16));
    OL_EACH (c, cases)
        CHECK_STR(text_of(&c->failure, &text), ol_str_of(c->json));
    ol_buf_deinit(&text);
}

TEST("a kept error outlives what it was made from")
{
    char id[] = "a.near";
    ol_arena arena = ol_arena_new(OL_KIB(4));
    ol_buf text = ol_buf_new(OL_KIB(4));
    ol_failure failure = {.kind = OL_FAILURE_SIGNER_DOES_NOT_EXIST, .account = {id, sizeof id - 1}};
    CHECK(ol_failure_keep(&failure, &arena));
    id[0] = '?';
    CHECK_HAS(text_of(&failure, &text), OL_STR("\"a.near\""), "kept");
    ol_buf_deinit(&text);
    ol_arena_deinit(&arena);
}
