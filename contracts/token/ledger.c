#include <stdio.h>

#include "contracts/token/token.h"
#include "lib/codec/borsh.h"

enum { FAIL_BYTES_MAX = 512, ARENA_BYTES_MAX = 8 << 20, RECORD_BYTES_MAX = 1024 };

_Noreturn void fail(const char *format, ...)
{
    char *text = near_alloc(FAIL_BYTES_MAX);
    va_list given;
    va_start(given, format);
    int len = vsnprintf(text, FAIL_BYTES_MAX, format, given);
    va_end(given);
    near_panic((ol_str){text, len < FAIL_BYTES_MAX ? (size_t)len : FAIL_BYTES_MAX - 1});
}

void arguments(const ol_json_table *table, void *into)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_err err;
    ol_str text = ol_bytes_str(near_input());
    if (text.len == 0)
        text = OL_STR("{}");
    if (ol_json_bind(text, table, into, &arena, &err) != OL_OK)
        fail("Failed to deserialize input from JSON. Error: `%s`", err.text);
}

void answer_dec(ol_u128 value)
{
    ol_buf answer = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_add_dec(&w, value);
    near_return(ol_buf_bytes(&answer));
}

/* --- Metadata ------------------------------------------------------------------------------------
 */

static const uint8_t METADATA_KEY = 'm';
static const uint8_t SUPPLY_KEY = 's';

bool metadata_load(metadata *ret)
{
    ol_bytes stored;
    if (!near_storage_read((ol_bytes){&METADATA_KEY, 1}, &stored))
        return false;
    ol_borsh from = ol_borsh_over(stored);
    ret->owner = ol_borsh_str(&from);
    ret->name = ol_borsh_str(&from);
    ret->symbol = ol_borsh_str(&from);
    ret->decimals = ol_borsh_u8(&from);
    ret->wraps_near = ol_borsh_bool(&from);
    return ol_borsh_done(&from);
}

metadata metadata_get(void)
{
    metadata it;
    REQUIRE(metadata_load(&it), "The contract is not initialized");
    return it;
}

void metadata_save(const metadata *it)
{
    ol_buf into = ol_buf_new(RECORD_BYTES_MAX);
    ol_borsh_add_str(&into, it->owner);
    ol_borsh_add_str(&into, it->name);
    ol_borsh_add_str(&into, it->symbol);
    ol_borsh_add_u8(&into, it->decimals);
    ol_borsh_add_bool(&into, it->wraps_near);
    REQUIRE(ol_buf_ok(&into), "Metadata too long");
    (void)near_storage_write((ol_bytes){&METADATA_KEY, 1}, ol_buf_bytes(&into));
}

/* --- Amounts: 16 bytes, little endian, as this machine has them ----------------------------------
 */

static bool amount_read(ol_bytes key, ol_u128 *ret)
{
    ol_bytes stored;
    if (!near_storage_read(key, &stored))
        return false;
    ol_borsh from = ol_borsh_over(stored);
    *ret = ol_borsh_u128(&from);
    return true;
}

static void amount_write(ol_bytes key, ol_u128 amount)
{
    (void)near_storage_write(key, (ol_bytes){(const uint8_t *)&amount, sizeof amount});
}

ol_u128 supply_get(void)
{
    ol_u128 total = 0;
    (void)amount_read((ol_bytes){&SUPPLY_KEY, 1}, &total);
    return total;
}

void supply_set(ol_u128 total)
{
    amount_write((ol_bytes){&SUPPLY_KEY, 1}, total);
}

static ol_bytes balance_key(ol_str account)
{
    ol_buf key = ol_buf_new(1 + NEAR_ACCOUNT_BYTES_MAX);
    ol_buf_add_char(&key, 'a');
    ol_buf_add_str(&key, account);
    return ol_buf_bytes(&key);
}

bool balance_find(ol_str account, ol_u128 *ret)
{
    return amount_read(balance_key(account), ret);
}

ol_u128 balance_of_registered(ol_str account)
{
    ol_u128 balance;
    REQUIRE(balance_find(account, &balance), "The account %.*s is not registered", OL_FMT(account));
    return balance;
}

void balance_set(ol_str account, ol_u128 amount)
{
    amount_write(balance_key(account), amount);
}

void balance_forget(ol_str account)
{
    (void)near_storage_remove(balance_key(account));
}

/* --- Events --------------------------------------------------------------------------------------
 */

void event_log(const char *name, const char *who_key, ol_str who, ol_str to, ol_u128 amount,
               ol_str memo)
{
    ol_buf text = ol_buf_new(NEAR_LOG_BYTES_MAX);
    ol_buf_add_str(&text, OL_STR("EVENT_JSON:"));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "standard", "nep141");
    ol_json_put_cstr(&w, "version", "1.0.0");
    ol_json_put_cstr(&w, "event", name);
    ol_json_key(&w, "data");
    ol_json_array_begin(&w);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, who_key, who);
    if (to.data != NULL)
        ol_json_put_str(&w, "new_owner_id", to);
    ol_json_put_dec(&w, "amount", amount);
    if (memo.data != NULL)
        ol_json_put_str(&w, "memo", memo);
    ol_json_object_end(&w);
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    REQUIRE(ol_buf_ok(&text), "The memo is too long");
    near_log(ol_buf_str(&text));
}
