/* Known figures (NEAR 8), to the unit. */
#include <string.h>

#include "tests/chain/vm/lab.h"

/* Where the guests keep things. */
enum {
    SIGNATURE_AT = 0,
    TEXT_AT = 64,
    ACCOUNT_AT = 256,
    METHOD_AT = 320,
    ARGS_AT = 384,
    AMOUNT_AT = 448,
    OUT = 4096
};
enum { REGISTER = UINT64_MAX }; /* as a length: the pointer names a register */

typedef struct host_call {
    const char *name;
    const char *params;
    char result;
    uint64_t argument[9];
} host_call;

/* The profile of one method that makes the calls in order. */
static uint64_t gas_of(const host_call *calls, size_t count, bool actions_too)
{
    wasm_maker m = wasm_maker_new();
    unsigned index[8];
    uint8_t ones[64];
    lab l;
    uint64_t gas;

    for (size_t i = 0; i < count; i++)
        index[i] = wasm_import(&m, calls[i].name, calls[i].params, calls[i].result);
    wasm_method(&m, "run");
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; calls[i].params[p]; p++)
            wasm_i64(&m, calls[i].argument[p]);
        wasm_call(&m, index[i]);
        if (calls[i].result)
            wasm_op(&m, WASM_DROP);
    }
    wasm_end(&m);
    memset(ones, 1, sizeof ones); /* a p256 signature of zeroes ends the reading early */
    wasm_data(&m, SIGNATURE_AT, (ol_bytes){ones, sizeof ones});
    wasm_data(&m, ACCOUNT_AT, ol_str_bytes(OL_STR("bob.near")));
    wasm_data(&m, METHOD_AT, ol_str_bytes(OL_STR("callback")));
    lab_open(&l);
    l.call.args = ol_str_bytes(OL_STR("ab"));
    const ol_call_result *result = lab_run(&l, wasm_made(&m));
    CHECK_STR(result->failure_text, OL_STR(""));
    gas = lab_host_gas(result) + (actions_too ? lab_action_gas(result) : 0);
    lab_close(&l);
    wasm_maker_deinit(&m);
    return gas;
}

/* What the last call of the row costs: the row without it is run, too. */
typedef struct figure {
    const char *sentence;
    size_t calls;
    host_call call[3];
    uint64_t gas;
} figure;

static const figure FIGURES[] = {
    {"input", 1, {{"input", "i", 0, {0}}}, 3130290597},
    {"register_len", 1, {{"register_len", "i", 'i', {0}}}, 264768111},
    {"read_register, 2",
     2,
     {{"input", "i", 0, {0}}, {"read_register", "ii", 0, {0, OUT}}},
     5591372826},
    {"value_return, 2", 1, {{"value_return", "ii", 0, {2, TEXT_AT}}}, 2882233977},
    {"log_utf8, 5", 1, {{"log_utf8", "ii", 0, {5, ACCOUNT_AT}}}, 11072626437},
    {"sha256, 32", 1, {{"sha256", "iii", 0, {32, TEXT_AT, 0}}}, 11031403872},
    {"ed25519, 32",
     1,
     {{"ed25519_verify", "iiiiii", 'i', {64, TEXT_AT, 32, TEXT_AT, 32, TEXT_AT}}},
     218604160224},
    {"p256, 32",
     1,
     {{"p256_verify", "iiiiii", 'i', {64, SIGNATURE_AT, 32, TEXT_AT, 33, TEXT_AT}}},
     1308735961557},
    {"storage_write, 3 and 5",
     1,
     {{"storage_write", "iiiii", 'i', {3, TEXT_AT, 5, TEXT_AT, 0}}},
     70078182471},
    {"storage_read, 3 and 5",
     2,
     {{"storage_write", "iiiii", 'i', {3, TEXT_AT, 5, TEXT_AT, 0}},
      {"storage_read", "iii", 'i', {3, TEXT_AT, 0}}},
     62248323984},
};

TEST("NF1: host functions cost what is known of them")
{
    for (size_t i = 0; i < sizeof FIGURES / sizeof *FIGURES; i++) {
        const figure *f = &FIGURES[i];
        uint64_t all = gas_of(f->call, f->calls, false);
        uint64_t before = f->calls > 1 ? gas_of(f->call, f->calls - 1, false) : 0;
        CHECK_EQ_ROW(all - before, f->gas, f->sentence);
    }
}

TEST("NF2: three bytes into a register and out of it")
{
    static const host_call calls[] = {
        {"write_register", "iii", 0, {0, 3, TEXT_AT}},
        {"value_return", "ii", 0, {REGISTER, 0}},
    };
    static const host_call plain[] = {
        {"write_register", "iii", 0, {1, 3, TEXT_AT}},
    };
    /* Both calls are base and one reading; what is left is write_register + read_register. */
    uint64_t base = 264768111, read_memory = 2609863200 + 3 * UINT64_C(3801333);

    CHECK_EQ(gas_of(calls, 2, false) - 2 * base - read_memory, UINT64_C(5394388050));
    CHECK_EQ(gas_of(plain, 1, false) - base - read_memory,
             UINT64_C(2865522486) + 3 * UINT64_C(3801564));
}

TEST("NF3: promise_create burns its sending")
{
    static const host_call call = {
        "promise_create", "iiiiiiii", 'i', {8, ACCOUNT_AT, 4, METHOD_AT, 2, ARGS_AT, AMOUNT_AT, 0}};

    CHECK_EQ(gas_of(&call, 1, true), UINT64_C(324873054195));
}

TEST("NF4: an empty method of a 1,000-byte module")
{
    wasm_maker m = wasm_maker_new();
    lab l;

    wasm_method(&m, "run");
    wasm_end(&m);
    lab_open(&l);
    const ol_call_result *result = lab_run(&l, wasm_made_padded(&m, 1000));
    CHECK_EQ(l.call.code.len, 1000);
    CHECK_EQ(result->failure, OL_CALL_OK);
    CHECK_EQ(result->gas_burnt, 1131323011);
    CHECK_EQ(result->gas_used, result->gas_burnt);
    lab_close(&l);
    wasm_maker_deinit(&m);
}

TEST("NF5: what transactions burn and prepay")
{
    const ol_vm *vm = lab_vm();
    ol_fee receipt = ol_vm_fee(vm, "new_action_receipt"), transfer = ol_vm_fee(vm, "transfer");
    ol_fee call = ol_vm_fee(vm, "function_call_base"), byte = ol_vm_fee(vm, "function_call_byte");
    ol_fee create = ol_vm_fee(vm, "create_account"), key = ol_vm_fee(vm, "add_full_access_key");

    CHECK_EQ(receipt.send + transfer.send, UINT64_C(223182562500));
    CHECK_EQ(receipt.execution + transfer.execution, UINT64_C(223182562500));
    CHECK_EQ(receipt.send + call.send + 6 * byte.send, UINT64_C(308345602290));
    CHECK_EQ(receipt.execution + call.execution + 6 * byte.execution, UINT64_C(888072915604));
    CHECK_EQ(receipt.send + create.send + transfer.send + key.send, UINT64_C(824947687500));
    CHECK_EQ(receipt.execution + create.execution + transfer.execution + key.execution,
             UINT64_C(7524947687500));
}

TEST("NF6: yields burn and reserve what NEAR 3 says")
{
    static const host_call create = {
        "promise_yield_create", "iiiiiii", 'i', {8, METHOD_AT, 10, ARGS_AT, 1000, 0, 0}};
    static const host_call with_id = {"promise_yield_create_with_id",
                                      "iiiiiiiii",
                                      'i',
                                      {8, METHOD_AT, 10, ARGS_AT, AMOUNT_AT, 1000, 0, 32, TEXT_AT}};

    CHECK_EQ(gas_of(&create, 1, true), UINT64_C(543306673535));
    CHECK_EQ(gas_of(&with_id, 1, true), UINT64_C(682309912109));
}

TEST("NF7: a resume of 64 bytes, and what a yield reserves")
{
    wasm_maker m = wasm_maker_new();
    unsigned create = wasm_import(&m, "promise_yield_create", "iiiiiii", 'i');
    unsigned resume = wasm_import(&m, "promise_yield_resume", "iiii", 'w');
    static const uint64_t yield[] = {8, METHOD_AT, 10, ARGS_AT, 1000, 0, 0};
    lab l;

    wasm_method(&m, "run");
    for (size_t i = 0; i < 7; i++)
        wasm_i64(&m, yield[i]);
    wasm_call(&m, create);
    wasm_op(&m, WASM_DROP);
    wasm_end(&m);
    wasm_method(&m, "resume");
    wasm_i64(&m, 32);
    wasm_i64(&m, TEXT_AT);
    wasm_i64(&m, 64);
    wasm_i64(&m, TEXT_AT);
    wasm_call(&m, resume);
    wasm_op(&m, WASM_DROP);
    wasm_end(&m);
    lab_open(&l);
    const ol_call_result *result = lab_run(&l, wasm_made(&m));
    CHECK_EQ(result->failure, OL_CALL_OK);
    CHECK_EQ(result->gas_used - result->gas_burnt, UINT64_C(888099746812) + 1000);
    CHECK_EQ(result->receipt_count, 1);
    CHECK_EQ(result->receipts[0].receipt.kind, OL_RECEIPT_YIELD);
    CHECK_EQ(result->receipts[0].receipt.actions[0].call.gas, 1000);
    l.call.method = OL_STR("resume");
    result = lab_run(&l, wasm_made(&m));
    CHECK_EQ(lab_host_gas(result), UINT64_C(1204528465449));
    lab_close(&l);
    wasm_maker_deinit(&m);
}
