/* What an owner asks about stored rows: whatever is bound has one canonical body, and that body
 * says the same again, so that both sides of a signature mean one thing. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/assert.h"
#include "lib/proto/owner_storage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ol_buf canonical(const ol_owner_storage *it, ol_storage_ask ask, bool proved)
{
    ol_buf text = ol_buf_new(1 << 20);
    ol_json_writer w = ol_json_writer_over(&text);
    if (proved)
        ol_owner_storage_encode_proved(it, ask, &w);
    else
        ol_owner_storage_encode(it, ask, &w);
    return text;
}

static void round_trip(const ol_owner_storage *it, ol_storage_ask ask, ol_arena *arena)
{
    ol_owner_storage again = {0};
    ol_signed_request request;
    ol_str key;
    ol_err err;
    ol_buf sent = canonical(it, ask, true), meant = canonical(it, ask, false);
    OL_ASSERT(ol_buf_ok(&sent) && ol_buf_ok(&meant));
    OL_ASSERT(ol_json_bind(ol_buf_str(&sent), ol_owner_storage_table(ask), &again, arena, &err) ==
              OL_OK);
    OL_ASSERT(ol_owner_storage_check(&again, ask, &err) == OL_OK);
    ol_buf same = canonical(&again, ask, false);
    OL_ASSERT(ol_str_eq(ol_buf_str(&meant), ol_buf_str(&same)));
    /* A second before its end, where clocks reach that far. */
    int64_t now_ms =
        it->expires > 0 && it->expires < INT64_MAX / 1000 ? ((int64_t)it->expires - 1) * 1000 : 0;
    if (ol_owner_storage_signed(it, ask, OL_STR("outlayer.near"), arena, &request, &err) == OL_OK)
        (void)ol_signed_request_check(&request, &it->proof, now_ms, arena, &key, &err);
    ol_buf_deinit(&sent);
    ol_buf_deinit(&meant);
    ol_buf_deinit(&same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    ol_storage_ask ask = data[0] == 'l'   ? OL_STORAGE_ASK_LIST
                         : data[0] == 'd' ? OL_STORAGE_ASK_DELETE
                                          : OL_STORAGE_ASK_USAGE;
    ol_arena arena = ol_arena_new(16 << 20);
    ol_owner_storage it = {.limit = OL_OWNER_STORAGE_LIMIT};
    ol_err err;
    char *text = malloc(size);
    OL_ASSERT(text != NULL);
    memcpy(text, data + 1, size - 1); /* so that reading beyond it is seen */
    if (ol_json_bind((ol_str){text, size - 1}, ol_owner_storage_table(ask), &it, &arena, &err) ==
            OL_OK &&
        ol_owner_storage_check(&it, ask, &err) == OL_OK)
        round_trip(&it, ask, &arena);
    ol_arena_deinit(&arena);
    free(text);
    return 0;
}
