/* near:rpc, function by function: [["view","a.near","get","{}",""],["status"]*…] → for each call
 * [value, error]. A number in front repeats a call: [101,"status"] (H26–H32). */
#include <outlayer.h>

enum { ARGUMENTS_MAX = 9 };

typedef int32_t call_fn(const ol_str a[ARGUMENTS_MAX], ol_buf *ret);

#define CALL(name, ...)                                                                            \
    static int32_t call_##name(const ol_str a[ARGUMENTS_MAX], ol_buf *ret)                         \
    {                                                                                              \
        (void)a;                                                                                   \
        return ol_rpc_##name(__VA_ARGS__ __VA_OPT__(, ) ret);                                      \
    }

CALL(view, a[0], a[1], a[2], a[3])
CALL(view_account, a[0], a[1])
CALL(view_access_key, a[0], a[1], a[2])
CALL(view_access_key_list, a[0], a[1])
CALL(view_code, a[0], a[1])
CALL(view_state, a[0], a[1], a[2])
CALL(block, a[0])
CALL(chunk, a[0])
CALL(changes, a[0])
CALL(send_tx, a[0], a[1])
CALL(tx_status, a[0], a[1], a[2])
CALL(receipt, a[0])
CALL(call, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])
CALL(transfer, a[0], a[1], a[2], a[3], a[4])
CALL(gas_price, a[0])
CALL(status)
CALL(network_info)
CALL(validators, a[0])
CALL(raw, a[0], a[1])

typedef struct function {
    ol_str name;
    call_fn *call;
} function;

static const function FUNCTIONS[] = {
    {OL_STR_INIT("view"), call_view},
    {OL_STR_INIT("view-account"), call_view_account},
    {OL_STR_INIT("view-access-key"), call_view_access_key},
    {OL_STR_INIT("view-access-key-list"), call_view_access_key_list},
    {OL_STR_INIT("view-code"), call_view_code},
    {OL_STR_INIT("view-state"), call_view_state},
    {OL_STR_INIT("block"), call_block},
    {OL_STR_INIT("chunk"), call_chunk},
    {OL_STR_INIT("changes"), call_changes},
    {OL_STR_INIT("send-tx"), call_send_tx},
    {OL_STR_INIT("tx-status"), call_tx_status},
    {OL_STR_INIT("receipt"), call_receipt},
    {OL_STR_INIT("call"), call_call},
    {OL_STR_INIT("transfer"), call_transfer},
    {OL_STR_INIT("gas-price"), call_gas_price},
    {OL_STR_INIT("status"), call_status},
    {OL_STR_INIT("network-info"), call_network_info},
    {OL_STR_INIT("validators"), call_validators},
    {OL_STR_INIT("raw"), call_raw},
};

static void perform(ol_str name, const ol_str argument[ARGUMENTS_MAX], ol_json_writer *w)
{
    ol_buf value = {0};
    ol_str error = OL_STR("no such function");
    OL_EACH (f, FUNCTIONS) {
        if (ol_str_eq(f->name, name))
            error = f->call(argument, &value) == 0 ? OL_STR("") : ol_last_error();
    }
    ol_json_array_begin(w);
    ol_json_add_str(w, ol_buf_str(&value));
    ol_json_add_str(w, error);
    ol_json_array_end(w);
    ol_buf_deinit(&value);
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_MIB(1));
    ol_buf answer = ol_buf_new(OL_MIB(64));
    ol_arena arena = ol_arena_new(OL_MIB(4));
    ol_json input, call, item;
    if (ol_input_json(&storage, &input) != 0 || ol_json_kind_of(&input) != OL_JSON_ARRAY)
        return ol_fail_with(OL_STR("a list of calls, please"));

    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_array_begin(&w);
    for (ol_json_iter it = ol_json_iterate(&input); ol_json_next_item(&it, &call);) {
        ol_str name = OL_STR(""), argument[ARGUMENTS_MAX] = {0};
        uint64_t repeat = 1;
        size_t count = 0;
        for (ol_json_iter parts = ol_json_iterate(&call); ol_json_next_item(&parts, &item);) {
            if (ol_json_kind_of(&item) == OL_JSON_NUMBER)
                (void)ol_json_u64(&item, &repeat, NULL);
            else if (name.len == 0)
                (void)ol_json_text(&item, &arena, &name, NULL);
            else if (count < ARGUMENTS_MAX)
                (void)ol_json_text(&item, &arena, &argument[count++], NULL);
        }
        for (; repeat > 0; repeat--)
            perform(name, argument, &w);
    }
    ol_json_array_end(&w);
    return !ol_buf_ok(&answer) || ol_output(ol_buf_str(&answer)) != 0;
}
