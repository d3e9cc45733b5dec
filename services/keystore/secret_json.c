#include "services/keystore/secret_json.h"

#include <stdlib.h>

#include "lib/codec/json_write.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/attest.h"
#include "lib/secrets/names.h"

ol_rc secret_values_init(ol_arena *arena, secret_values *ret, ol_err *err)
{
    ret->count = 0;
    ret->items = ol_arena_array(arena, SECRET_VALUES_MAX, sizeof *ret->items);
    return ret->items == NULL ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory") : OL_OK;
}

ol_rc secret_values_parse(ol_str json, ol_arena *arena, secret_values *ret, ol_err *err)
{
    ol_json root;
    ol_json key;
    ol_json value;
    OL_TRY(secret_values_init(arena, ret, err));
    /* The parser's own words could quote a secret. */
    if (ol_json_parse(json, &root, NULL) != OL_OK || ol_json_kind_of(&root) != OL_JSON_OBJECT)
        return ol_fail(err, OL_ERR_INVALID, "Invalid JSON format: secrets are a JSON object");
    ol_json_iter members = ol_json_iterate(&root);
    while (ol_json_next_member(&members, &key, &value)) {
        ol_str name;
        ol_str text;
        if (ol_json_kind_of(&value) != OL_JSON_STRING)
            return ol_fail(err, OL_ERR_INVALID, "Invalid JSON format: every secret is a string");
        if (ol_json_text(&key, arena, &name, NULL) != OL_OK ||
            ol_json_text(&value, arena, &text, NULL) != OL_OK)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        OL_TRY(secret_values_set(ret, name, text, err));
    }
    return OL_OK;
}

static size_t index_of(const secret_values *all, ol_str name)
{
    size_t i = 0;
    while (i < all->count && !ol_str_eq(all->items[i].name, name))
        i++;
    return i;
}

const secret_value *secret_values_find(const secret_values *all, ol_str name)
{
    size_t at = index_of(all, name);
    return at < all->count ? &all->items[at] : NULL;
}

ol_rc secret_values_set(secret_values *all, ol_str name, ol_str value, ol_err *err)
{
    size_t at = index_of(all, name);
    if (at == SECRET_VALUES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "more than %d secrets", SECRET_VALUES_MAX);
    all->items[at] = (secret_value){name, value};
    if (at == all->count)
        all->count++;
    return OL_OK;
}

void secret_values_remove(secret_values *all, ol_str name)
{
    size_t at = index_of(all, name);
    if (at == all->count)
        return;
    all->count--;
    for (; at < all->count; at++)
        all->items[at] = all->items[at + 1];
}

static int by_name(const void *a, const void *b)
{
    const secret_value *one = a;
    const secret_value *two = b;
    return ol_str_compare(one->name, two->name);
}

void secret_values_sort(secret_values *all)
{
    if (all->count > 1)
        qsort(all->items, all->count, sizeof *all->items, by_name);
}

void secret_values_add_json(const secret_values *all, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    for (size_t i = 0; i < all->count; i++) {
        ol_json_key_str(&w, all->items[i].name);
        ol_json_add_str(&w, all->items[i].value);
    }
    ol_json_object_end(&w);
}

/* PROTECTED_MAC_X of PROTECTED_X; NULL data when the arena is full. */
static ol_str mac_name(ol_str name, ol_arena *arena)
{
    ol_str rest = ol_str_slice(name, sizeof OL_SECRET_PROTECTED_PREFIX - 1, name.len);
    return ol_arena_printf(arena, OL_SECRET_MAC_PREFIX "%.*s", OL_FMT(rest));
}

ol_rc secret_values_prove(secret_values *all, const ol_master *master, ol_str seed, ol_str name,
                          ol_arena *arena, ol_err *err)
{
    ol_sha256 mac;
    ol_str hex;
    const secret_value *value = secret_values_find(all, name);
    OL_ASSERT(value != NULL);
    if (!ol_protected_mac(master, seed, name, value->value, &mac))
        return ol_fail(err, OL_ERR_INVALID, "a protected value is too long");
    ol_sha256_hex digits = ol_sha256_format(&mac);
    ol_str key = mac_name(name, arena);
    if (key.data == NULL || !ol_arena_copy(arena, ol_sha256_hex_str(&digits), &hex))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return secret_values_set(all, key, hex, err);
}

bool secret_values_proved(const secret_values *all, const ol_master *master, ol_str seed,
                          const secret_value *value, ol_arena *arena)
{
    ol_sha256 want;
    ol_sha256 got;
    ol_str key = mac_name(value->name, arena);
    const secret_value *mac = key.data == NULL ? NULL : secret_values_find(all, key);
    return mac != NULL && ol_sha256_parse(mac->value, &got) &&
           ol_protected_mac(master, seed, value->name, value->value, &want) &&
           ol_sha256_eq(&want, &got);
}

ol_rc secret_values_false_codes_drop(secret_values *all, const ol_master *master, ol_str seed,
                                     ol_arena *arena, ol_err *err)
{
    for (size_t i = all->count; i-- > 0;) {
        const secret_value *one = &all->items[i];
        if (!ol_secret_name_protected(one->name) || ol_secret_name_mac(one->name) ||
            secret_values_proved(all, master, seed, one, arena))
            continue;
        ol_str code = mac_name(one->name, arena);
        if (code.data == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        secret_values_remove(all, code); /* what moves down was looked at, or is this one again */
    }
    return OL_OK;
}
