#include "lib/proto/host_functions.h"

const char *const OL_HOST_INTERFACE_NAME[OL_HOST_INTERFACES] = {
#define OL_HOST_INTERFACE(code, name) name,
#define OL_HOST_FN(code, interface, name, signature)
#include "lib/proto/host_functions.def"
#undef OL_HOST_INTERFACE
#undef OL_HOST_FN
};

const ol_host_function OL_HOST_FUNCTION[OL_HOST_FUNCTIONS] = {
#define OL_HOST_INTERFACE(code, name)
#define OL_HOST_FN(code, interface, name, signature) {OL_HOST_##interface, name, signature},
#include "lib/proto/host_functions.def"
#undef OL_HOST_INTERFACE
#undef OL_HOST_FN
};

ol_str ol_host_arguments(ol_host_fn function)
{
    ol_str both = ol_str_of(OL_HOST_FUNCTION[function].signature), head = {0}, tail = {0};
    (void)ol_str_cut(both, '>', &head, &tail);
    return head;
}

ol_str ol_host_results(ol_host_fn function)
{
    ol_str both = ol_str_of(OL_HOST_FUNCTION[function].signature), head = {0}, tail = {0};
    (void)ol_str_cut(both, '>', &head, &tail);
    return tail;
}

/* ---- encoding ------------------------------------------------------------------------------ */

/* The values not written yet. Running out marks it, as does a value that no letter allows. */
typedef struct value_source {
    const ol_host_value *at;
    size_t left;
    bool failed;
} value_source;

static ol_host_value next_value(value_source *from)
{
    if (from->left == 0) {
        from->failed = true;
        return (ol_host_value){0};
    }
    from->left--;
    return *from->at++;
}

static uint64_t next_number(value_source *from, uint64_t max)
{
    uint64_t number = next_value(from).number;
    from->failed |= number > max;
    return number;
}

static void encode_bytes(value_source *from, ol_buf *into)
{
    ol_borsh_add_bytes(into, next_value(from).bytes);
}

static void encode_pairs(value_source *from, ol_buf *into)
{
    uint64_t pairs = next_number(from, OL_HOST_PAIRS_MAX);
    ol_borsh_add_u32(into, (uint32_t)pairs);
    for (uint64_t i = 0; i < 2 * pairs && !from->failed; i++)
        encode_bytes(from, into);
}

static void encode_response(value_source *from, ol_buf *into)
{
    uint64_t failed = next_number(from, 1);
    ol_borsh_add_u8(into, (uint8_t)failed);
    if (failed == 0) {
        ol_borsh_add_u16(into, (uint16_t)next_number(from, UINT16_MAX));
        encode_pairs(from, into);
    }
    encode_bytes(from, into);
}

static void encode_option(value_source *from, char letter, ol_buf *into)
{
    uint64_t some = next_number(from, 1);
    ol_borsh_add_u8(into, (uint8_t)some);
    if (some == 1 && letter == 'S')
        encode_bytes(from, into);
    else if (some == 1)
        ol_borsh_add_u8(into, (uint8_t)next_number(from, 1));
}

bool ol_host_values_encode(ol_str letters, const ol_host_value *values, size_t count, ol_buf *into)
{
    value_source from = {.at = values, .left = count};
    for (size_t i = 0; i < letters.len && !from.failed; i++) {
        switch (letters.data[i]) {
        case 's':
        case 'b':
            encode_bytes(&from, into);
            break;
        case 't':
            ol_borsh_add_u8(into, (uint8_t)next_number(&from, 1));
            break;
        case 'w':
            ol_borsh_add_u32(into, (uint32_t)next_number(&from, UINT32_MAX));
            break;
        case 'u':
        case 'i':
            ol_borsh_add_u64(into, next_number(&from, UINT64_MAX));
            break;
        case 'S':
        case 'T':
            encode_option(&from, letters.data[i], into);
            break;
        case 'h':
            encode_pairs(&from, into);
            break;
        case 'R':
            encode_response(&from, into);
            break;
        default:
            OL_UNREACHABLE();
        }
    }
    return !from.failed && from.left == 0 && ol_buf_ok(into);
}

/* ---- decoding ------------------------------------------------------------------------------ */

typedef struct value_sink {
    ol_host_value *values;
    size_t count;
    bool failed;
} value_sink;

static void put(value_sink *into, ol_host_value value)
{
    if (into->count == OL_HOST_VALUES_MAX) {
        into->failed = true;
        return;
    }
    into->values[into->count++] = value;
}

static uint64_t put_number(value_sink *into, uint64_t number, uint64_t max)
{
    into->failed |= number > max;
    put(into, (ol_host_value){.number = number});
    return number;
}

static void put_bytes(value_sink *into, ol_borsh *from)
{
    put(into, (ol_host_value){.bytes = ol_borsh_bytes(from)});
}

static void put_pairs(value_sink *into, ol_borsh *from)
{
    uint64_t pairs = put_number(into, ol_borsh_u32(from), OL_HOST_PAIRS_MAX);
    for (uint64_t i = 0; i < 2 * pairs && !into->failed && !from->failed; i++)
        put_bytes(into, from);
}

static void put_response(value_sink *into, ol_borsh *from)
{
    if (put_number(into, ol_borsh_u8(from), 1) == 0) {
        (void)put_number(into, ol_borsh_u16(from), UINT16_MAX);
        put_pairs(into, from);
    }
    put_bytes(into, from);
}

static void put_option(value_sink *into, ol_borsh *from, char letter)
{
    if (put_number(into, ol_borsh_u8(from), 1) == 0)
        return;
    if (letter == 'S')
        put_bytes(into, from);
    else
        (void)put_number(into, ol_borsh_u8(from), 1);
}

bool ol_host_values_decode(ol_str letters, ol_borsh *from, ol_host_value *values, size_t *ret_count)
{
    value_sink into = {.values = values};
    for (size_t i = 0; i < letters.len && !into.failed && !from->failed; i++) {
        switch (letters.data[i]) {
        case 's':
        case 'b':
            put_bytes(&into, from);
            break;
        case 't':
            (void)put_number(&into, ol_borsh_u8(from), 1);
            break;
        case 'w':
            (void)put_number(&into, ol_borsh_u32(from), UINT32_MAX);
            break;
        case 'u':
        case 'i':
            (void)put_number(&into, ol_borsh_u64(from), UINT64_MAX);
            break;
        case 'S':
        case 'T':
            put_option(&into, from, letters.data[i]);
            break;
        case 'h':
            put_pairs(&into, from);
            break;
        case 'R':
            put_response(&into, from);
            break;
        default:
            OL_UNREACHABLE();
        }
    }
    if (into.failed || from->failed)
        return false;
    *ret_count = into.count;
    return true;
}
