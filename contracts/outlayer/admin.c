/* Setup and administration (Contract 10). */
#include <stddef.h>

#include "contracts/outlayer/book.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/pricing.h"

/* Prices of Contract 2. */
#define BASE_FEE ((ol_u128)1000000000000000000u * 1000)
#define PER_MILLION_FEE 100000000000000u
#define PER_MS_FEE 100000000000000000u
#define PER_COMPILE_MS_FEE 100000000000000000u

/* Events name standard and version; workers compare them. */
enum { EVENT_WORD_BYTES_MAX = 64 };

#define ACCOUNT(name, need, type, member)                                                          \
    {name, OL_BIND_TEXT, need, offsetof(type, member), .check = ol_account_id_valid}
#define ARGUMENTS(table, fields)                                                                   \
    static const ol_json_table table = {"arguments", fields, OL_COUNT(fields)}

static void check_event_word(ol_str word)
{
    REQUIRE(word.len > 0 && word.len <= EVENT_WORD_BYTES_MAX,
            "Event standard and version take 1 to 64 bytes");
}

typedef struct new_arguments {
    ol_str owner;
    ol_str operator;
    ol_str standard;
    ol_str version;
} new_arguments;

void method_new(call *c)
{
    static const ol_json_field FIELDS[] = {
        ACCOUNT("owner_id", OL_REQUIRED, new_arguments, owner),
        ACCOUNT("operator_id", OL_OPTIONAL, new_arguments, operator),
        {"event_standard", OL_BIND_TEXT, OL_OPTIONAL, offsetof(new_arguments, standard)},
        {"event_version", OL_BIND_TEXT, OL_OPTIONAL, offsetof(new_arguments, version)},
    };
    ARGUMENTS(NEW, FIELDS);
    new_arguments a = {.standard = OL_STR("near-outlayer"), .version = OL_STR("1.0.0")};
    call_arguments(c, &NEW, &a);
    check_event_word(a.standard);
    check_event_word(a.version);
    const config fresh = {
        .owner = a.owner,
        .operator= a.operator.data != NULL
        ? a.operator: a.owner,
        .prices = {{BASE_FEE, PER_MILLION_FEE, PER_MS_FEE, PER_COMPILE_MS_FEE, 0}},
        .usd = {{1000, 1, 1, 10}},
        .policy = {.execution_seconds_max = SECONDS_MAX},
        .event_standard = a.standard,
        .event_version = a.version, };
    config_save(&fresh);
}

/* Deploy new code, then call this as the contract. Reading the configuration refuses a layout this
 * code does not know; writing it brings it to the newest. Records that are read one by one are
 * brought along when they are next written (Contract 13). */
void method_migrate(call *c)
{
    config_save(&c->config);
}

static ol_str account_argument(call *c, const char *name)
{
    const ol_json_field field = {name, OL_BIND_TEXT, OL_REQUIRED, 0, .check = ol_account_id_valid};
    const ol_json_table table = {"arguments", &field, 1};
    ol_str account;
    call_arguments(c, &table, &account);
    return account;
}

/* Two steps: a mistyped successor cannot take the contract away (Contract 16, 18). Naming the owner
 * itself withdraws an offer. */
void method_set_owner(call *c)
{
    ol_str next = account_argument(c, "new_owner_id");
    c->config.next_owner = ol_str_eq(next, c->config.owner) ? OL_STR("") : next;
    config_save(&c->config);
}

void method_accept_owner(call *c)
{
    REQUIRE(ol_str_eq(c->predecessor, c->config.next_owner),
            "Only the account named by set_owner can accept");
    c->config.owner = c->config.next_owner;
    c->config.next_owner = OL_STR("");
    config_save(&c->config);
}

void method_set_operator(call *c)
{
    c->config.operator= account_argument(c, "new_operator_id");
    config_save(&c->config);
}

void method_set_paused(call *c)
{
    static const ol_json_field FIELDS[] = {{"paused", OL_BIND_BOOL, OL_REQUIRED, 0}};
    ARGUMENTS(SET_PAUSED, FIELDS);
    call_arguments(c, &SET_PAUSED, &c->config.paused);
    config_save(&c->config);
}

void method_set_pricing(call *c)
{
#define PRICE(name, member) {name, OL_BIND_DEC, OL_OPTIONAL, offsetof(config, member)}
    static const ol_json_field FIELDS[] = {
        PRICE("base_fee", prices.base),
        PRICE("per_million_instructions_fee", prices.per_million_instructions),
        PRICE("per_ms_fee", prices.per_ms),
        PRICE("per_compile_ms_fee", prices.per_compile_ms),
        PRICE("per_mb_fee", prices.per_mb), /* Contract 14 */
        PRICE("base_fee_usd", usd.base),
        PRICE("per_million_instructions_fee_usd", usd.per_million_instructions),
        PRICE("per_sec_fee_usd", usd.per_second),
        PRICE("per_compile_ms_fee_usd", usd.per_compile_ms),
    };
#undef PRICE
    ARGUMENTS(SET_PRICING, FIELDS);
    call_arguments(c, &SET_PRICING, &c->config);
    config_save(&c->config);
}

/* Ours: the switches of Contract 16, 10, 11 and 20. */
void method_set_policy(call *c)
{
    static const ol_json_field FIELDS[] = {
        {"charge_failures", OL_BIND_BOOL, OL_OPTIONAL, offsetof(policy, charge_failures)},
        {"compile_estimate_ms", OL_BIND_U32, OL_OPTIONAL, offsetof(policy, compile_estimate_ms)},
        {"max_execution_seconds", OL_BIND_U32, OL_OPTIONAL,
         offsetof(policy, execution_seconds_max)},
    };
    ARGUMENTS(SET_POLICY, FIELDS);
    call_arguments(c, &SET_POLICY, &c->config.policy);
    REQUIRE(c->config.policy.execution_seconds_max <= SECONDS_MAX,
            "max_execution_seconds is at most %u", (unsigned)SECONDS_MAX);
    config_save(&c->config);
}

void method_set_payment_token_contract(call *c)
{
    static const ol_json_field FIELDS[] = {
        {"token_contract", OL_BIND_TEXT, OL_OPTIONAL, 0, .check = ol_account_id_valid}};
    ARGUMENTS(SET_TOKEN, FIELDS);
    ol_str token = OL_STR("");
    call_arguments(c, &SET_TOKEN, &token);
    c->config.token = token;
    c->config.token_number = token.len > 0 ? token_register(token) : 0;
    token_set_current(c->config.token_number);
    config_save(&c->config);
}

void method_set_event_metadata(call *c)
{
    static const ol_json_field FIELDS[] = {
        {"standard", OL_BIND_TEXT, OL_OPTIONAL, offsetof(config, event_standard)},
        {"version", OL_BIND_TEXT, OL_OPTIONAL, offsetof(config, event_version)},
    };
    ARGUMENTS(SET_EVENT_METADATA, FIELDS);
    call_arguments(c, &SET_EVENT_METADATA, &c->config);
    check_event_word(c->config.event_standard);
    check_event_word(c->config.event_version);
    config_save(&c->config);
}

typedef struct withdrawal {
    ol_u128 amount;
    ol_str receiver;
} withdrawal;

/* Ours: the way out for fees that were charged (Contract 16, 14). Deposits of pending requests and
 * of stored data stay, because only what was charged can leave. */
void method_withdraw_fees(call *c)
{
    static const ol_json_field FIELDS[] = {
        {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(withdrawal, amount)},
        ACCOUNT("receiver_id", OL_OPTIONAL, withdrawal, receiver),
    };
    ARGUMENTS(WITHDRAW_FEES, FIELDS);
    withdrawal a = {.receiver = c->config.owner};
    call_arguments(c, &WITHDRAW_FEES, &a);
    book *b = &c->config.book;
    ol_u128 available = money_sub_floor(b->fees, b->fees_withdrawn);
    REQUIRE(a.amount <= available, "Only %s yoctoNEAR of fees can be withdrawn", AMOUNT(available));
    b->fees_withdrawn += a.amount;
    config_save_book(&c->config);
    pay(a.receiver, a.amount);
}
