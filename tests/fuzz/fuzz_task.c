/* A task that decodes encodes to one that decodes to the same text. */
#include "lib/proto/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(4));
    ol_buf first = ol_buf_new(OL_MIB(4));
    ol_buf second = ol_buf_new(OL_MIB(4));
    ol_task task;
    if (ol_task_decode((ol_str){(const char *)data, size}, &arena, &task, NULL) == OL_OK) {
        ol_json_writer w = ol_json_writer_over(&first);
        ol_task_encode(&task, &w);
        OL_ASSERT(ol_task_decode(ol_buf_str(&first), &arena, &task, NULL) == OL_OK);
        w = ol_json_writer_over(&second);
        ol_task_encode(&task, &w);
        OL_ASSERT(ol_str_eq(ol_buf_str(&first), ol_buf_str(&second)));
    }
    ol_buf_deinit(&first);
    ol_buf_deinit(&second);
    ol_arena_deinit(&arena);
    return 0;
}
