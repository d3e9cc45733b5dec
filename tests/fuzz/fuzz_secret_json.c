/* The plaintext of a secret, which whoever sealed it has chosen: what is taken is an object of
 * strings, and written again it reads the same. */
#include "lib/secrets/attest.h"
#include "services/keystore/secret_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED OL_STR("project:alice.near/app:alice.near")

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static void check_again(const secret_values *all, ol_arena *arena)
{
    secret_values again;
    ol_buf text = ol_buf_new(OL_MIB(8));
    secret_values_add_json(all, &text);
    ol_rc rc = secret_values_parse(ol_buf_str(&text), arena, &again, NULL);
    OL_ASSERT(ol_buf_ok(&text) && rc == OL_OK && again.count == all->count);
    for (size_t i = 0; i < all->count; i++) {
        OL_ASSERT(ol_str_eq(all->items[i].name, again.items[i].name));
        OL_ASSERT(ol_str_eq(all->items[i].value, again.items[i].value));
        OL_ASSERT(i == 0 || ol_str_compare(all->items[i - 1].name, all->items[i].name) < 0);
    }
    ol_buf_deinit(&text);
}

/* A code proves this value under this seed alone; a value without one is not proved. */
static void check_codes(secret_values *all, ol_arena *arena)
{
    ol_master master = {{7}};
    ol_str name = OL_STR("PROTECTED_FUZZ");
    if (all->count > SECRET_VALUES_MAX - 2)
        return;
    ol_str value = all->count > 0 ? all->items[0].value : OL_STR("");
    if (value.len > OL_PROTECTED_BYTES_MAX / 2)
        return;
    secret_values_remove(all, name);
    ol_rc rc = secret_values_set(all, name, value, NULL);
    OL_ASSERT(rc == OL_OK);
    secret_values_remove(all, OL_STR("PROTECTED_MAC_FUZZ"));
    bool proved = secret_values_proved(all, &master, SEED, secret_values_find(all, name), arena);
    OL_ASSERT(!proved);
    rc = secret_values_prove(all, &master, SEED, name, arena, NULL);
    OL_ASSERT(rc == OL_OK);
    const secret_value *one = secret_values_find(all, name);
    proved = secret_values_proved(all, &master, SEED, one, arena);
    OL_ASSERT(proved);
    proved = secret_values_proved(all, &master, OL_STR("project:a/b:c"), one, arena);
    OL_ASSERT(!proved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    secret_values all;
    ol_err err;
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    if (size > OL_MIB(1) ||
        secret_values_parse((ol_str){(const char *)data, size}, &arena, &all, &err) != OL_OK)
        return 0;
    secret_values_sort(&all);
    check_again(&all, &arena);
    check_codes(&all, &arena);
    return 0;
}
