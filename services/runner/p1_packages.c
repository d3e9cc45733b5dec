#include "services/runner/p1_packages.h"

#include <string.h>

#include "lib/codec/utf8.h"

enum { PAIR_BYTES = 16, LIST_BYTES = 8, RESPONSE_BYTES = 24 };

bool p1_package_find(ol_str interface, ol_str name, ol_host_fn *ret)
{
    for (unsigned i = 0; i < OL_HOST_FUNCTIONS; i++) {
        const ol_host_function *f = &OL_HOST_FUNCTION[i];
        if (ol_str_eq(name, ol_str_of(f->name)) &&
            ol_str_eq(interface, ol_str_of(OL_HOST_INTERFACE_NAME[f->interface]))) {
            *ret = (ol_host_fn)i;
            return true;
        }
    }
    return false;
}

static const char *flat(char letter)
{
    switch (letter) {
    case 's':
    case 'b':
    case 'h':
    case 'T':
        return "ii";
    case 't':
    case 'w':
        return "i";
    case 'u':
    case 'i':
        return "I";
    case 'S':
        return "iii";
    default:
        OL_UNREACHABLE();
    }
    return "";
}

p1_lowered p1_package_lower(ol_host_fn function)
{
    p1_lowered lowered = {0};
    ol_str arguments = ol_host_arguments(function), results = ol_host_results(function);
    ol_buf into = ol_buf_over(lowered.parameters, sizeof lowered.parameters - 1);
    for (size_t i = 0; i < arguments.len; i++)
        ol_buf_add_str(&into, ol_str_of(flat(arguments.data[i])));
    lowered.answers = ol_str_eq(results, OL_STR("t"));
    if (!lowered.answers)
        ol_buf_add_char(&into, 'i');
    OL_ASSERT(ol_buf_ok(&into));
    return lowered;
}

/* ---- lifting arguments --------------------------------------------------------------------- */

typedef struct lift {
    p1_guest *guest;
    const wasmtime_val_raw_t *next;
    ol_host_value *values;
    size_t count;
} lift;

static void put(lift *l, ol_host_value value)
{
    OL_ASSERT(l->count < OL_HOST_VALUES_MAX);
    l->values[l->count++] = value;
}

static uint32_t take_u32(lift *l)
{
    return (uint32_t)(l->next++)->i32;
}

static bool put_bytes(lift *l, uint32_t at, uint32_t len, bool text)
{
    uint8_t *data;
    if (!p1_span(l->guest, at, len, 1, &data))
        return false;
    if (text && !ol_utf8_valid((ol_str){(const char *)data, len})) {
        (void)p1_trap(l->guest, "invalid utf-8");
        return false;
    }
    put(l, (ol_host_value){.bytes = {data, len}});
    return true;
}

static bool lift_list(lift *l, bool text)
{
    uint32_t at = take_u32(l), len = take_u32(l);
    return put_bytes(l, at, len, text);
}

static bool lift_pairs(lift *l)
{
    uint32_t at = take_u32(l), count = take_u32(l);
    uint8_t *entries;
    if (count > OL_HOST_PAIRS_MAX) {
        (void)p1_trap(l->guest, "too many headers: %u (max %d)", count, OL_HOST_PAIRS_MAX);
        return false;
    }
    if (!p1_span(l->guest, at, count * PAIR_BYTES, 4, &entries))
        return false;
    put(l, (ol_host_value){.number = count});
    for (uint32_t i = 0; i < 2 * count; i++) {
        const uint8_t *entry = entries + (size_t)i * LIST_BYTES;
        if (!put_bytes(l, p1_load_u32(entry), p1_load_u32(entry + 4), true))
            return false;
    }
    return true;
}

static bool discriminant_good(lift *l, uint32_t value)
{
    if (value <= 1)
        return true;
    (void)p1_trap(l->guest, "invalid variant discriminant");
    return false;
}

static bool lift_option(lift *l, bool text)
{
    uint32_t some = take_u32(l);
    if (!discriminant_good(l, some))
        return false;
    put(l, (ol_host_value){.number = some});
    if (some == 0) {
        l->next += text ? 2 : 1;
        return true;
    }
    if (text)
        return lift_list(l, true);
    put(l, (ol_host_value){.number = take_u32(l) != 0});
    return true;
}

static bool lift_one(lift *l, char letter)
{
    switch (letter) {
    case 's':
    case 'b':
        return lift_list(l, letter == 's');
    case 'h':
        return lift_pairs(l);
    case 'S':
    case 'T':
        return lift_option(l, letter == 'S');
    case 't':
        put(l, (ol_host_value){.number = take_u32(l) != 0});
        return true;
    case 'w':
        put(l, (ol_host_value){.number = take_u32(l)});
        return true;
    case 'u':
    case 'i':
        put(l, (ol_host_value){.number = (uint64_t)(l->next++)->i64});
        return true;
    default:
        OL_UNREACHABLE();
    }
    return false;
}

/* ---- lowering results ---------------------------------------------------------------------- */

/* Room in guest memory for `len` bytes, through the guest's allocator. It runs guest code, so every
 * borrowed view of guest memory is stale afterwards. */
static bool guest_allocate(p1_guest *guest, uint32_t align, uint32_t len, uint32_t *ret)
{
    wasmtime_extern_t found;
    wasm_trap_t *trap = NULL;
    wasmtime_val_t result;
    wasmtime_val_t arguments[4] = {
        {.kind = WASMTIME_I32, .of.i32 = 0},
        {.kind = WASMTIME_I32, .of.i32 = 0},
        {.kind = WASMTIME_I32, .of.i32 = (int32_t)align},
        {.kind = WASMTIME_I32, .of.i32 = (int32_t)len},
    };
    if (len == 0) {
        *ret = align; /* dangling, aligned, never read */
        return true;
    }
    if (!wasmtime_caller_export_get(guest->caller, "cabi_realloc", 12, &found) ||
        found.kind != WASMTIME_EXTERN_FUNC) {
        (void)p1_trap(guest, "missing required cabi_realloc export");
        return false;
    }
    guest->allocating = true;
    wasmtime_error_t *error = wasmtime_func_call(wasmtime_caller_context(guest->caller),
                                                 &found.of.func, arguments, 4, &result, 1, &trap);
    guest->allocating = false;
    if (trap != NULL) {
        guest->nested = trap;
        return false;
    }
    if (error != NULL && guest->end != P1_RUNNING) /* a host function stopped it, and said why */
        return false;
    if (error != NULL || result.kind != WASMTIME_I32) {
        (void)p1_trap(guest, "cabi_realloc has another type");
        return false;
    }
    *ret = (uint32_t)result.of.i32;
    return true;
}

/* Places bytes and stores where they are at `at`: a list's pointer and length. */
static bool lower_bytes(p1_guest *guest, ol_bytes bytes, uint32_t at)
{
    uint32_t place, len;
    uint8_t *to;
    if (!ol_u32_of(bytes.len, &len)) {
        (void)p1_trap(guest, "result too large");
        return false;
    }
    if (!guest_allocate(guest, 1, len, &place))
        return false;
    if (len > 0) {
        if (!p1_span(guest, place, len, 1, &to))
            return false;
        memcpy(to, bytes.data, len);
    }
    return p1_put_u32(guest, at, place) && p1_put_u32(guest, at + 4, len);
}

/* Text reaches a guest as text, whoever said it: as the engine does it for components. */
static bool lower_text(p1_guest *guest, ol_bytes text, uint32_t at)
{
    if (ol_utf8_valid(ol_bytes_str(text)))
        return lower_bytes(guest, text, at);
    ol_buf mended = ol_buf_new(3 * text.len); /* U+FFFD has three bytes */
    ol_utf8_add_lossy(&mended, text);
    bool good = ol_buf_ok(&mended) ? lower_bytes(guest, ol_buf_bytes(&mended), at)
                                   : p1_trap(guest, "out of memory") == P1_SUCCESS;
    ol_buf_deinit(&mended);
    return good;
}

static bool lower_pairs(p1_guest *guest, const ol_host_value *values, uint32_t count, uint32_t at)
{
    uint32_t place;
    if (!guest_allocate(guest, 4, count * PAIR_BYTES, &place))
        return false;
    for (uint32_t i = 0; i < 2 * count; i++) {
        if (!lower_text(guest, values[i].bytes, place + i * LIST_BYTES))
            return false;
    }
    return p1_put_u32(guest, at, place) && p1_put_u32(guest, at + 4, count);
}

static bool lower_byte(p1_guest *guest, uint32_t at, uint8_t value)
{
    uint8_t *to;
    if (!p1_span(guest, at, 1, 1, &to))
        return false;
    *to = value;
    return true;
}

/* result<record {status, headers, body}, string>: discriminant at 0, payload from 4 on. */
static bool lower_response(p1_guest *guest, const ol_host_value *values, uint32_t at)
{
    uint8_t *to;
    if (!p1_span(guest, at, RESPONSE_BYTES, 4, &to))
        return false;
    memset(to, 0, RESPONSE_BYTES);
    if (values[0].number == 1)
        return lower_byte(guest, at, 1) && lower_text(guest, values[1].bytes, at + 4);
    uint16_t status = (uint16_t)values[1].number;
    memcpy(to + 4, &status, sizeof status);
    uint32_t pairs = (uint32_t)values[2].number;
    return lower_pairs(guest, values + 3, pairs, at + 8) &&
           lower_bytes(guest, values[3 + 2 * (size_t)pairs].bytes, at + 16);
}

static uint32_t aligned(uint32_t at, uint32_t align)
{
    return (at + align - 1) & ~(align - 1);
}

/* A tuple, or a single value, at the pointer the guest gave. */
static bool lower_tuple(p1_guest *guest, ol_str letters, const ol_host_value *values, uint32_t at)
{
    uint32_t offset = 0;
    for (size_t i = 0; i < letters.len; i++) {
        bool good;
        switch (letters.data[i]) {
        case 't':
            good = lower_byte(guest, at + offset, values[i].number != 0);
            offset += 1;
            break;
        case 'u':
        case 'i':
            offset = aligned(offset, 8);
            good = p1_put_u64(guest, at + offset, values[i].number);
            offset += 8;
            break;
        case 's':
        case 'b':
            offset = aligned(offset, 4);
            good = letters.data[i] == 's' ? lower_text(guest, values[i].bytes, at + offset)
                                          : lower_bytes(guest, values[i].bytes, at + offset);
            offset += LIST_BYTES;
            break;
        default:
            OL_UNREACHABLE();
        }
        if (!good)
            return false;
    }
    return true;
}

p1_errno p1_package_call(p1_guest *guest, ol_host_fn function, wasmtime_val_raw_t *arguments)
{
    ol_host_value values[OL_HOST_VALUES_MAX];
    lift l = {.guest = guest, .next = arguments, .values = values};
    ol_str letters = ol_host_arguments(function), results = ol_host_results(function);
    const ol_host_value *answer;
    size_t count;

    if (guest->allocating) /* in the words of the component model, which forbids it as well */
        return p1_trap(guest, "cannot leave component instance");
    for (size_t i = 0; i < letters.len; i++) {
        if (!lift_one(&l, letters.data[i]))
            return P1_STOP;
    }
    if (!job_link_call(guest->link, function, values, l.count, &answer, &count))
        return p1_trap(guest, "host call failed");
    if (ol_str_eq(results, OL_STR("t"))) {
        arguments[0].i32 = answer[0].number != 0;
        return P1_SUCCESS;
    }
    uint32_t at = (uint32_t)l.next->i32;
    bool good = ol_str_eq(results, OL_STR("R")) ? lower_response(guest, answer, at)
                                                : lower_tuple(guest, results, answer, at);
    return good ? P1_SUCCESS : P1_STOP;
}
