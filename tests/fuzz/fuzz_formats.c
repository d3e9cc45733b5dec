/* Any bytes as hex, Base58, Base64, UUID and UTF-8, and encoded: what decodes encodes to the same
 * text, what was encoded decodes to the same bytes. The first byte chooses the format. */
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/borsh.h"
#include "lib/codec/double.h"
#include "lib/codec/hex.h"
#include "lib/codec/utf8.h"
#include "lib/codec/uuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hex(ol_bytes bytes, ol_arena *arena)
{
    ol_bytes back;
    OL_ASSERT(ol_hex_decode(ol_hex_of(arena, bytes), arena, &back) && ol_bytes_eq(bytes, back));
    if (ol_hex_decode(ol_bytes_str(bytes), arena, &back))
        OL_ASSERT(ol_str_eq_nocase(ol_hex_of(arena, back), ol_bytes_str(bytes)));
}

static void check_base58(ol_bytes bytes, ol_arena *arena)
{
    uint8_t back[OL_BASE58_BYTES_MAX];
    size_t len;
    if (bytes.len <= OL_BASE58_BYTES_MAX) {
        OL_ASSERT(ol_base58_decode(ol_base58_of(arena, bytes), back, sizeof back, &len));
        OL_ASSERT(ol_bytes_eq(bytes, (ol_bytes){back, len}));
    }
    if (ol_base58_decode(ol_bytes_str(bytes), back, sizeof back, &len))
        OL_ASSERT(ol_str_eq(ol_base58_of(arena, (ol_bytes){back, len}), ol_bytes_str(bytes)));
}

static void check_base64(ol_bytes bytes, ol_arena *arena)
{
    ol_bytes back;
    OL_ASSERT(ol_base64_decode(ol_base64_of(arena, bytes), arena, &back));
    OL_ASSERT(ol_bytes_eq(bytes, back));
    if (ol_base64_decode(ol_bytes_str(bytes), arena, &back))
        OL_ASSERT(ol_str_eq(ol_base64_of(arena, back), ol_bytes_str(bytes)));
}

static void check_utf8(ol_bytes bytes)
{
    ol_buf repaired = ol_buf_new(3 * bytes.len + 1);
    ol_str text = ol_bytes_str(bytes);
    ol_utf8_add_lossy(&repaired, bytes);
    OL_ASSERT(ol_buf_ok(&repaired) && ol_utf8_valid(ol_buf_str(&repaired)));
    OL_ASSERT(!ol_utf8_valid(text) || ol_str_eq(ol_buf_str(&repaired), text));
    for (size_t max = 0; max < bytes.len && max < 64; max++) {
        ol_str cut = ol_utf8_cut(ol_buf_str(&repaired), max);
        OL_ASSERT(cut.len <= max && ol_utf8_valid(cut));
    }
    ol_buf_deinit(&repaired);
}

static void check_uuid(ol_bytes bytes)
{
    ol_uuid uuid;
    if (ol_uuid_parse(ol_bytes_str(bytes), &uuid)) {
        ol_uuid_text text = ol_uuid_format(uuid);
        OL_ASSERT(ol_str_eq_nocase(ol_uuid_str(&text), ol_bytes_str(bytes)));
    }
}

static void check_borsh(ol_bytes bytes)
{
    ol_borsh cursor = ol_borsh_over(bytes);
    ol_str text = ol_borsh_str(&cursor);
    ol_bytes rest = ol_borsh_bytes(&cursor);
    (void)ol_borsh_bool(&cursor);
    (void)ol_borsh_u128(&cursor);
    if (ol_borsh_done(&cursor))
        OL_ASSERT(bytes.len == 4 + text.len + 4 + rest.len + 1 + 16);
}

static void check_double(ol_bytes bytes)
{
    double value;
    double back;
    if (bytes.len < sizeof value)
        return;
    memcpy(&value, bytes.data, sizeof value);
    if (value - value != 0) /* not finite */
        return;
    ol_double_text text = ol_double_format(value);
    OL_ASSERT(ol_double_parse((ol_str){text.data, text.len}, &back));
    OL_ASSERT(memcmp(&value, &back, sizeof value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > OL_KIB(64))
        return 0;
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_bytes rest = {data + 1, size - 1};
    switch (data[0] % 7) {
    case 0:
        check_hex(rest, &arena);
        break;
    case 1:
        check_base58(rest, &arena);
        break;
    case 2:
        check_base64(rest, &arena);
        break;
    case 3:
        check_utf8(rest);
        break;
    case 4:
        check_uuid(rest);
        break;
    case 5:
        check_borsh(rest);
        break;
    default:
        check_double(rest);
    }
    ol_arena_deinit(&arena);
    return 0;
}
