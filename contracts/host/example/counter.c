/* A whole contract: everyone has a counter, raising one costs 0.001 NEAR, and what was paid too
 * much goes back. Arguments and answers are JSON; the state is one record a person.
 *
 *   raise {"by": 3}              payable
 *   value {"account_id": "…"}    view: a number */
#include "contracts/host/near.h"

#include "lib/codec/borsh.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/account_id.h"

#define MILLI_NEAR ((ol_u128)1000000000000000000u * 1000) /* 10^21 yoctoNEAR */

enum { ARENA_BYTES = 1 << 20, ANSWER_BYTES = 64 };

/* Reads the arguments into a struct, or ends the call with the reader's own words. */
static void arguments(const ol_json_table *table, void *into)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ol_err err;
    if (ol_json_bind(ol_bytes_str(near_input()), table, into, &arena, &err) != OL_OK)
        near_panic(ol_err_text(&err));
}

/* A record's key: one letter for what it is, then whose. */
static ol_bytes key_of(ol_str account)
{
    ol_buf key = ol_buf_new(1 + NEAR_ACCOUNT_BYTES_MAX);
    ol_buf_add_char(&key, 'c');
    ol_buf_add_str(&key, account);
    return ol_buf_bytes(&key);
}

static uint64_t counter_read(ol_str account)
{
    ol_bytes stored;
    if (!near_storage_read(key_of(account), &stored))
        return 0;
    ol_borsh cursor = ol_borsh_over(stored);
    return ol_borsh_u64(&cursor);
}

static void counter_write(ol_str account, uint64_t value)
{
    ol_buf record = ol_buf_new(sizeof value);
    ol_borsh_add_u64(&record, value);
    near_storage_write(key_of(account), ol_buf_bytes(&record));
}

static void answer_number(uint64_t value)
{
    ol_buf answer = ol_buf_new(ANSWER_BYTES);
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_add_u64(&w, value);
    near_return(ol_buf_bytes(&answer));
}

NEAR_METHOD(raise)
{
    static const ol_json_field FIELDS[] = {{"by", OL_BIND_U32, OL_DEFAULT, 0}};
    static const ol_json_table ARGUMENTS = {"raise", FIELDS, OL_COUNT(FIELDS)};
    uint32_t by = 1;
    arguments(&ARGUMENTS, &by);

    ol_u128 deposit = near_attached_deposit();
    if (deposit < MILLI_NEAR)
        near_panic(OL_STR("Attach at least 0.001 NEAR"));
    ol_str who = near_predecessor();
    uint64_t value;
    if (!ol_u64_add(counter_read(who), by, &value))
        near_panic(OL_STR("The counter is full"));
    counter_write(who, value);
    if (deposit > MILLI_NEAR)
        near_promise_transfer(near_promise_create(who), deposit - MILLI_NEAR);
    answer_number(value);
}

NEAR_METHOD(value)
{
    static const ol_json_field FIELDS[] = {{"account_id", OL_BIND_TEXT, OL_REQUIRED, 0}};
    static const ol_json_table ARGUMENTS = {"value", FIELDS, OL_COUNT(FIELDS)};
    ol_str who;
    arguments(&ARGUMENTS, &who);
    if (!ol_account_id_valid(who))
        near_panic(OL_STR("account_id is no account"));
    answer_number(counter_read(who));
}
