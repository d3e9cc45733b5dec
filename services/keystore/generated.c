#include "services/keystore/generated.h"

#include "lib/crypto/secret.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/generate.h"
#include "lib/secrets/names.h"

static const ol_json_field FIELDS[] = {
    {"name", OL_BIND_TEXT, OL_REQUIRED, offsetof(generated_secret, name)},
    {"generation_type", OL_BIND_TEXT, OL_REQUIRED, offsetof(generated_secret, type)},
};
const ol_json_table GENERATED_SECRET = {"GeneratedSecret", FIELDS, OL_COUNT(FIELDS)};

ol_rc generated_count_check(const ol_json_structs *wanted, ol_err *err)
{
    return wanted->count <= GENERATED_MAX
               ? OL_OK
               : ol_fail(err, OL_ERR_INVALID,
                         "too many generated secrets in one request: %zu (max %d)", wanted->count,
                         GENERATED_MAX);
}

static ol_rc name_check(const secret_values *all, ol_str name, ol_err *err)
{
    if (!ol_secret_name_protected(name) || ol_secret_name_mac(name))
        return ol_fail(err, OL_ERR_INVALID,
                       "Generated secrets must have the prefix PROTECTED_: %.*s", OL_FMT(name));
    if (secret_values_find(all, name) != NULL)
        return ol_fail(err, OL_ERR_INVALID, "keys already exist: %.*s", OL_FMT(name));
    return OL_OK;
}

static ol_rc add(const keystore *ks, const generated_secret *one, const ol_master *master,
                 ol_str seed, ol_arena *arena, secret_values *all, ol_err *err)
{
    uint8_t storage[OL_GENERATED_BYTES_MAX];
    ol_str value;
    ol_buf text = ol_buf_over(storage, sizeof storage);
    OL_TRY(name_check(all, one->name, err));
    OL_TRY(ol_secret_generate(one->type, ks->random, &text, err));
    bool copied = ol_arena_copy(arena, ol_buf_str(&text), &value);
    ol_wipe(storage, sizeof storage);
    if (!copied)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(secret_values_set(all, one->name, value, err));
    return secret_values_prove(all, master, seed, one->name, arena, err);
}

ol_rc generated_add(const keystore *ks, const ol_json_structs *wanted, const ol_master *master,
                    ol_str seed, ol_arena *arena, secret_values *all, ol_err *err)
{
    const generated_secret *list = wanted->items;
    for (size_t i = 0; i < wanted->count; i++)
        OL_TRY(add(ks, &list[i], master, seed, arena, all, err));
    return OL_OK;
}

ol_rc values_seal(const keystore *ks, secret_values *all, const ol_master *master, ol_str seed,
                  ol_buf *blob, ol_err *err)
{
    ol_buf text = ol_buf_new(OL_BLOB_BYTES_MAX);
    secret_values_sort(all);
    secret_values_add_json(all, &text);
    ol_rc rc = ol_buf_ok(&text)
                   ? ol_blob_seal(master, seed, ol_buf_bytes(&text), ks->random, blob, err)
                   : ol_fail(err, OL_ERR_LIMIT, "secrets are too large");
    if (text.data != NULL)
        ol_wipe(text.data, text.size);
    ol_buf_deinit(&text);
    return rc;
}
