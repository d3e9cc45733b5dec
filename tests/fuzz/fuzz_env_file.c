/* A .env file, or a JSON object, of `secrets import` and --from: whatever it holds, names are
 * names, none comes twice, and what was read is written as JSON that is read as the same again. */
#include <stdlib.h>
#include <string.h>

#include "cli/secret_values.h"
#include "lib/base/assert.h"
#include "lib/codec/utf8.h"
#include "lib/secrets/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_name(ol_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
              (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return name.len > 0 && !ol_secret_name_reserved(name) && !ol_secret_name_protected(name);
}

static void check(const secret_items *all)
{
    OL_ASSERT(all->count <= SECRET_VALUES_MAX);
    for (size_t i = 0; i < all->count; i++) {
        OL_ASSERT(is_name(all->item[i].name) && ol_utf8_valid(all->item[i].value));
        OL_ASSERT(all->item[i].value.len == 0 ||
                  memchr(all->item[i].value.data, 0, all->item[i].value.len) == NULL);
        for (size_t k = 0; k < i; k++)
            OL_ASSERT(!ol_str_eq(all->item[k].name, all->item[i].name));
    }
}

static void round_trip(const secret_items *all)
{
    ol_buf text = ol_buf_new(16 << 20);
    ol_json_writer w = ol_json_writer_over(&text);
    secret_items *again = malloc(sizeof *again);
    ol_err err;
    OL_ASSERT(again != NULL);
    *again = secret_items_new();
    secret_items_put(all, true, &w);
    OL_ASSERT(ol_buf_ok(&text) && secret_items_parse(ol_buf_str(&text), again, &err) == OL_OK &&
              again->count == all->count);
    for (size_t i = 0; i < all->count; i++)
        OL_ASSERT(ol_str_eq(again->item[i].name, all->item[i].name) &&
                  ol_str_eq(again->item[i].value, all->item[i].value));
    secret_items_deinit(again);
    free(again);
    ol_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    secret_items *all = malloc(sizeof *all);
    char *text = malloc(size + 1);
    ol_err err;
    OL_ASSERT(all != NULL && text != NULL);
    *all = secret_items_new();
    memcpy(text, data, size); /* so that reading beyond it is seen */
    if (secret_items_parse((ol_str){text, size}, all, &err) == OL_OK) {
        check(all);
        round_trip(all);
    }
    secret_items_deinit(all);
    free(all);
    free(text);
    return 0;
}
