#include "contracts/outlayer/ledger.h"

#include "contracts/outlayer/call.h"
#include "contracts/outlayer/state.h"

enum {
    RECORD_VERSION_NEWEST = 1,
    KEY_BYTES_MAX = 1 + sizeof(token_number) + NEAR_ACCOUNT_BYTES_MAX,
    VALUE_BYTES_MAX = 1 + 1 + sizeof(ol_u128),
    TOKENS_MAX = UINT16_MAX,
};

/* --- Tokens: account -> number, number -> account, and how many there are ------------------------
 */

static ol_bytes token_key(token_number number)
{
    ol_buf *key = state_begin(RECORD_TOKEN_NAME, KEY_BYTES_MAX);
    ol_borsh_add_u16(key, number);
    return state_end(key);
}

static uint64_t number_read(ol_bytes key)
{
    ol_bytes stored;
    if (!near_storage_read(key, &stored))
        return 0;
    ol_borsh *cursor = state_open(stored, RECORD_VERSION_NEWEST, NULL);
    return (uint64_t)state_number(cursor);
}

static void number_write(ol_bytes key, ol_u128 number)
{
    ol_buf *value = state_begin(RECORD_VERSION_NEWEST, VALUE_BYTES_MAX);
    state_add_number(value, number);
    (void)near_storage_write(key, state_end(value));
}

/* Written only while it is not the first one: what is absent costs a view less to read. */
token_number token_current(void)
{
    ol_bytes stored;
    if (!near_storage_read(state_key(RECORD_TOKEN_NAME), &stored))
        return 1;
    ol_borsh from = ol_borsh_over(stored);
    return ol_borsh_u16(&from);
}

void token_set_current(token_number token)
{
    if (token == 1)
        (void)near_storage_remove(state_key(RECORD_TOKEN_NAME));
    else
        (void)near_storage_write(state_key(RECORD_TOKEN_NAME),
                                 (ol_bytes){(const uint8_t *)&token, sizeof token});
}

bool token_find(ol_str token, token_number *ret)
{
    uint64_t number = number_read(state_key_text(RECORD_TOKEN, token));
    if (number == 0 || number > TOKENS_MAX)
        return false;
    *ret = (token_number)number;
    return true;
}

token_number token_register(ol_str token)
{
    token_number found;
    if (token_find(token, &found))
        return found;
    uint64_t count = number_read(token_key(0));
    REQUIRE(count < TOKENS_MAX, "Too many payment tokens");
    token_number number = (token_number)(count + 1);
    number_write(token_key(0), number);
    number_write(state_key_text(RECORD_TOKEN, token), number);
    (void)near_storage_write(token_key(number), ol_str_bytes(token));
    return number;
}

ol_str token_name(token_number token)
{
    ol_bytes name = {0};
    if (token != 0)
        (void)near_storage_read(token_key(token), &name);
    return ol_bytes_str(name);
}

/* --- Entries -------------------------------------------------------------------------------------
 */

static ol_bytes entry_key(ledger which, token_number token, ol_str account)
{
    ol_buf *key = state_begin((uint8_t)which, KEY_BYTES_MAX);
    ol_borsh_add_u16(key, token);
    ol_buf_add_str(key, account);
    return state_end(key);
}

static ol_u128 entry_read(ol_bytes key)
{
    ol_bytes stored;
    if (!near_storage_read(key, &stored))
        return 0;
    ol_borsh *cursor = state_open(stored, RECORD_VERSION_NEWEST, NULL);
    return state_number(cursor);
}

ol_u128 ledger_get(ledger which, token_number token, ol_str account)
{
    return token == 0 ? 0 : entry_read(entry_key(which, token, account));
}

ol_u128 ledger_credit(ledger which, token_number token, ol_str account, ol_u128 amount)
{
    ol_bytes key = entry_key(which, token, account);
    ol_u128 before = entry_read(key);
    ol_u128 after = money_add_most(before, amount);
    if (amount > 0)
        number_write(key, after);
    return after;
}

bool ledger_debit(ledger which, token_number token, ol_str account, ol_u128 amount,
                  ol_u128 *ret_before)
{
    ol_bytes key = entry_key(which, token, account);
    ol_u128 before = token == 0 ? 0 : entry_read(key);
    if (ret_before)
        *ret_before = before;
    if (before < amount)
        return false;
    if (before == amount)
        (void)near_storage_remove(key);
    else if (amount > 0)
        number_write(key, before - amount);
    return true;
}
