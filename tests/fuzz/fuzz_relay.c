/* Whatever the contract logs becomes a body the coordinator can read, or is dropped in words. The
 * input is an event's log; input kept by the contract is answered with `null`. */
#include "lib/proto/task.h"
#include "services/worker/relay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ol_rc no_node(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    (void)context;
    (void)body;
    (void)err;
    ol_buf_add_str(into, OL_STR("{\"result\":{\"result\":[110,117,108,108],\"block_height\":9}}"));
    return OL_OK;
}

static void check(const relay *one, const ol_err *err, ol_rc rc, bool some)
{
    ol_arena arena = ol_arena_new(OL_MIB(32));
    ol_task task;
    OL_ASSERT(rc == OL_OK || err->text[0] != '\0');
    if (rc == OL_OK && some) {
        OL_ASSERT(ol_json_valid(ol_buf_str(&one->body)));
        if (one->request_id.has) {
            ol_rc read = ol_task_decode(ol_buf_str(&one->body), &arena, &task, NULL);
            OL_ASSERT(read == OL_OK && task.request_id == one->request_id.value);
            OL_ASSERT(!task.is_https_call && task.data_id.len == 64);
        }
    }
    ol_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const worker_settings settings = {.contract_id = OL_STR("outlayer.near"),
                                      .event_name = OL_STR("execution_requested")};
    const ol_rpc rpc = {no_node, NULL};
    const ol_chain_block block = {.height = 7, .hash = OL_STR("h"), .timestamp_ns = 5};
    const ol_chain_outcome outcome = {.receipt_id = OL_STR("r"), .gas_burnt = 1};
    const relay_place place = {&settings, &rpc, &block, &outcome, OL_STR("final")};
    ol_arena arena = ol_arena_new(OL_MIB(32));
    relay one = {.body = ol_buf_new(RELAY_BODY_BYTES_MAX)};
    ol_event event;
    ol_json item;
    if (ol_event_parse((ol_str){(const char *)data, size}, &arena, &event) && event.has_data) {
        ol_json_iter each = ol_json_iterate(&event.data);
        while (ol_json_next_item(&each, &item)) {
            bool some = false;
            ol_err err = {0};
            ol_rc rc = relay_build(&place, &event, &item, &arena, &one, &some, &err);
            check(&one, &err, rc, some);
        }
    }
    ol_buf_deinit(&one.body);
    ol_arena_deinit(&arena);
    return 0;
}
