#include "contracts/outlayer/secret_record.h"

#include "contracts/outlayer/nonces.h"
#include "contracts/outlayer/roster.h"

enum {
    LAYOUT = 1,
    NUMBERS_BYTES_MAX = 64,
    TEXT_OVERHEAD = 5,
    TEXTS = 6,
    /* Contract 8: bytes of a record and of an index entry, of what surrounds the texts. */
    RECORD_BYTES = 40,
    INDEX_BYTES = 64,
    LENGTH_BYTES = 4,
    ACCESS_BYTES = 10,
    TIMES_BYTES = 32,
    VAULT_BYTES = 68,
};

static ol_bytes record_key(ol_bytes id)
{
    return state_key_text(RECORD_SECRET, ol_bytes_str(id));
}

static void decode(ol_bytes stored, ol_str owner, secret *ret)
{
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ret->name.accessor.kind = ol_borsh_u8(from);
    ret->name.accessor.text = state_text(from);
    ret->name.accessor.branch = state_text_or_null(from);
    ret->name.profile = state_text(from);
    ret->name.owner = owner;
    ret->encrypted = state_text(from);
    ret->access_json = state_text(from);
    ret->vault = state_text_or_null(from);
    ret->created_at = ol_borsh_u64(from);
    ret->updated_at = ol_borsh_u64(from);
    ret->deposit = state_number(from);
    state_close(from);
}

bool secret_load(ol_bytes id, ol_str owner, secret *ret)
{
    ol_bytes stored;
    if (!near_storage_read(record_key(id), &stored))
        return false;
    decode(stored, owner, ret);
    return true;
}

bool secret_exists(ol_bytes id)
{
    return near_storage_has(record_key(id));
}

void secret_save(ol_bytes id, const secret *it)
{
    const accessor *of = &it->name.accessor;
    size_t texts = of->text.len + of->branch.len + it->name.profile.len + it->encrypted.len +
                   it->access_json.len + it->vault.len;
    ol_buf *into = state_begin(LAYOUT, NUMBERS_BYTES_MAX + texts + TEXTS * TEXT_OVERHEAD);
    ol_borsh_add_u8(into, (uint8_t)of->kind);
    state_add_text(into, of->text);
    state_add_text_or_null(into, of->branch);
    state_add_text(into, it->name.profile);
    state_add_text(into, it->encrypted);
    state_add_text(into, it->access_json);
    state_add_text_or_null(into, it->vault);
    ol_borsh_add_u64(into, it->created_at);
    ol_borsh_add_u64(into, it->updated_at);
    state_add_number(into, it->deposit);
    (void)near_storage_write(record_key(id), state_end(into));
}

ol_u128 secret_price(const secret *it, bool counts_index)
{
    size_t key = accessor_bytes(&it->name.accessor) + LENGTH_BYTES + it->name.profile.len +
                 LENGTH_BYTES + it->name.owner.len;
    size_t value =
        LENGTH_BYTES + it->encrypted.len + it->access_json.len + ACCESS_BYTES + TIMES_BYTES;
    size_t vault = it->vault.data == NULL ? 0 : RECORD_BYTES + key + VAULT_BYTES;
    return storage_price(RECORD_BYTES + key + value + (counts_index ? INDEX_BYTES : 0) + vault);
}

/* --- Lists ---------------------------------------------------------------------------------------
 */

static ol_bytes of_owner(ol_str owner)
{
    return list_named(ROSTER_SECRETS, owner);
}

uint32_t project_secrets(ol_str project_id)
{
    ol_bytes stored;
    if (!near_storage_read(state_key_text(RECORD_PROJECT_SECRETS, project_id), &stored))
        return 0;
    ol_borsh from = ol_borsh_over(stored);
    return (uint32_t)state_number(&from);
}

static void set_project_secrets(ol_str project_id, uint32_t count)
{
    ol_bytes key = state_key_text(RECORD_PROJECT_SECRETS, project_id);
    if (count == 0) {
        (void)near_storage_remove(key);
        return;
    }
    ol_buf value = ol_buf_over(near_alloc(sizeof count + 1), sizeof count + 1);
    state_add_number(&value, count);
    (void)near_storage_write(key, state_end(&value));
}

void secret_enlist(ol_bytes id, const secret_name *name)
{
    uint32_t nonce;
    const accessor *of = &name->accessor;
    roster_add(of_owner(name->owner), id);
    if (of->kind == ACCESSOR_PROJECT)
        set_project_secrets(of->text, project_secrets(of->text) + 1);
    if (of->kind == ACCESSOR_PAYMENT_KEY && profile_nonce(name->profile, &nonce))
        nonces_add(name->owner, nonce);
}

bool secret_take(const secret_name *name, secret *ret)
{
    ol_bytes id = secret_id(name);
    ol_bytes stored;
    uint32_t nonce;
    if (!near_storage_take(record_key(id), &stored))
        return false;
    decode(stored, name->owner, ret);
    roster_remove(of_owner(name->owner), id);
    const accessor *of = &name->accessor;
    if (of->kind == ACCESSOR_PROJECT)
        set_project_secrets(of->text, project_secrets(of->text) - 1);
    if (of->kind == ACCESSOR_PAYMENT_KEY && profile_nonce(name->profile, &nonce))
        nonces_remove(name->owner, nonce);
    return true;
}

uint32_t secret_count(ol_str owner)
{
    return list_count(of_owner(owner));
}

bool secret_at(ol_str owner, uint32_t place, secret *ret)
{
    ol_bytes id;
    return list_item(of_owner(owner), place, &id) && secret_load(id, owner, ret);
}
