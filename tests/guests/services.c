/* Storage and randomness as a script: {"calls":[["set","k","v"],["get","k"],…]} answers what each
 * call gave, as the host said it: `value` or `!error text`. */
#include <outlayer.h>

#include <stdlib.h>
#include <string.h>

enum { ARGS_MAX = 4, TEXT_BYTES = 4096 };

typedef struct call {
    ol_str arg[ARGS_MAX];
    size_t count;
    char storage[TEXT_BYTES];
} call;

/* The function itself, which tells an absent key from nothing by nothing. */
typedef struct raw_value {
    uint8_t *data;
    size_t len;
    char *error;
    size_t error_len;
} raw_value;
__attribute__((import_module("near:storage/api@0.1.0"), import_name("get"))) void
raw_get(const char *key, size_t key_len, raw_value *ret);

static bool call_read(const ol_json *list, call *ret)
{
    ol_json item;
    size_t used = 0;
    ret->count = 0;
    ol_json_iter items = ol_json_iterate(list);
    while (ol_json_next_item(&items, &item)) {
        if (ret->count == ARGS_MAX || ol_json_kind_of(&item) != OL_JSON_STRING ||
            item.raw.len > TEXT_BYTES - used)
            return false;
        size_t len = ol_json_text_decode(&item, ret->storage + used);
        ret->arg[ret->count++] = (ol_str){ret->storage + used, len};
        used += len;
    }
    return ret->count > 0;
}

static ol_str arg(const call *c, size_t i)
{
    return i < c->count ? c->arg[i] : OL_STR("");
}

static void add_error(ol_json_writer *w)
{
    ol_buf text = ol_buf_new(TEXT_BYTES);
    ol_buf_add_char(&text, '!');
    ol_buf_add_str(&text, ol_last_error());
    ol_json_add_str(w, ol_buf_str(&text));
    ol_buf_deinit(&text);
}

static void add_result(ol_json_writer *w, int32_t rc, ol_str value)
{
    if (rc == OL_ENOENT)
        ol_json_add_null(w);
    else if (rc != 0)
        add_error(w);
    else
        ol_json_add_str(w, value);
}

static void add_raw_get(ol_json_writer *w, ol_str key)
{
    raw_value value;
    raw_get(key.data, key.len, &value);
    ol_json_array_begin(w);
    ol_json_add_u64(w, value.len);
    ol_json_add_u64(w, value.error_len);
    ol_json_array_end(w);
}

static void add_swap(ol_json_writer *w, const call *c)
{
    bool yes = false;
    ol_buf current = ol_buf_new(TEXT_BYTES);
    int32_t rc = ol_storage_set_if_equals(arg(c, 1), ol_str_bytes(arg(c, 2)),
                                          ol_str_bytes(arg(c, 3)), &yes, &current);
    if (rc != 0) {
        add_error(w);
        return;
    }
    ol_json_array_begin(w);
    ol_json_add_bool(w, yes);
    ol_json_add_str(w, ol_buf_str(&current));
    ol_json_array_end(w);
}

static void add_counter(ol_json_writer *w, const call *c, bool up)
{
    uint64_t delta = 0;
    int64_t value;
    (void)ol_u64_parse(arg(c, 2), &delta);
    int32_t rc = up ? ol_storage_increment(arg(c, 1), (int64_t)delta, &value)
                    : ol_storage_decrement(arg(c, 1), (int64_t)delta, &value);
    if (rc != 0)
        add_error(w);
    else
        ol_json_add_i64(w, value);
}

static void add_many(ol_json_writer *w)
{
    ol_buf keys = ol_buf_new(OL_KIB(64));
    for (char a = '0'; a <= '9'; a++) {
        for (char b = 'a'; b < 'a' + 15; b++) {
            char key[] = {'m', ':', a, b};
            if (ol_storage_set((ol_str){key, sizeof key}, ol_str_bytes(OL_STR("v"))) != 0) {
                add_error(w);
                return;
            }
        }
    }
    if (ol_storage_list_keys(OL_STR("m:"), &keys) != 0)
        add_error(w);
    else
        ol_json_add_raw(w, ol_buf_str(&keys));
}

/* Nine values of the largest size, and their keys. */
static void add_blocks(ol_json_writer *w)
{
    static const size_t BLOCK_BYTES = 2097152;
    ol_buf keys;
    uint8_t *block = calloc(1, BLOCK_BYTES);
    bool good = block != NULL;
    for (char n = '1'; good && n <= '9'; n++) {
        char key[] = {'b', ':', n};
        good = ol_storage_set((ol_str){key, sizeof key}, (ol_bytes){block, BLOCK_BYTES}) == 0;
    }
    free(block);
    if (!good || ol_storage_list_keys(OL_STR("b:"), &keys) != 0)
        add_error(w);
    else
        ol_json_add_raw(w, ol_buf_str(&keys));
}

static void add_vrf(ol_json_writer *w, ol_str seed)
{
    ol_vrf_result vrf;
    if (ol_vrf_generate(seed, &vrf) != 0) {
        add_error(w);
        return;
    }
    ol_json_add_hex(w, (ol_bytes){vrf.output, sizeof vrf.output});
}

static void perform(ol_json_writer *w, const call *c)
{
    ol_buf value = ol_buf_new(0);
    ol_str op = arg(c, 0);
    if (ol_str_eq(op, OL_STR("set")))
        add_result(w, ol_storage_set(arg(c, 1), ol_str_bytes(arg(c, 2))), OL_STR(""));
    else if (ol_str_eq(op, OL_STR("get"))) {
        int32_t rc = ol_storage_get(arg(c, 1), &value);
        add_result(w, rc, ol_buf_str(&value));
    } else if (ol_str_eq(op, OL_STR("raw-get")))
        add_raw_get(w, arg(c, 1));
    else if (ol_str_eq(op, OL_STR("swap")))
        add_swap(w, c);
    else if (ol_str_eq(op, OL_STR("increment")) || ol_str_eq(op, OL_STR("decrement")))
        add_counter(w, c, op.data[0] == 'i');
    else if (ol_str_eq(op, OL_STR("many")))
        add_many(w);
    else if (ol_str_eq(op, OL_STR("blocks")))
        add_blocks(w);
    else if (ol_str_eq(op, OL_STR("share")))
        add_result(w, ol_storage_set_worker(arg(c, 1), ol_str_bytes(arg(c, 2)), OL_STORAGE_PROJECT),
                   OL_STR(""));
    else if (ol_str_eq(op, OL_STR("foreign"))) {
        int32_t rc = ol_storage_get_foreign(arg(c, 1), arg(c, 2), &value);
        add_result(w, rc, ol_buf_str(&value));
    } else if (ol_str_eq(op, OL_STR("uuid")))
        ol_json_add_str(w, ol_project_uuid());
    else if (ol_str_eq(op, OL_STR("vrf")))
        add_vrf(w, arg(c, 1));
    else
        ol_json_add_null(w);
    ol_buf_deinit(&value);
}

int main(void)
{
    static call c;
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_buf answer = ol_buf_new(OL_KIB(256));
    ol_json input;
    ol_json calls;
    ol_json one;
    if (ol_input_json(&storage, &input) != 0 || !ol_json_find(&input, OL_STR("calls"), &calls))
        return ol_fail_with(OL_STR("calls are wanted"));
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_array_begin(&w);
    ol_json_iter items = ol_json_iterate(&calls);
    while (ol_json_next_item(&items, &one)) {
        if (!call_read(&one, &c))
            return ol_fail_with(OL_STR("a call is a list of texts"));
        perform(&w, &c);
    }
    ol_json_array_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
