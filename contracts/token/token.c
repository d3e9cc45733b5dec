/* A fungible token: NEP-141 (transfers), NEP-145 (storage), NEP-148 (metadata), events by NEP-297.
 * For tests and local networks: its owner mints. With `wraps_near` it also gives a token for each
 * yoctoNEAR deposited, as wrap.near does.
 *
 *   new {"owner_id", "name", "symbol", "decimals", "wraps_near"?}     once
 *   mint {"account_id", "amount"}                                     owner
 *   ft_transfer, ft_transfer_call, ft_balance_of, ft_total_supply, ft_metadata
 *   storage_deposit, storage_withdraw, storage_unregister, storage_balance_of, …_bounds
 *   near_deposit, near_withdraw                                       with wraps_near */
#include "contracts/token/token.h"

/* Bytes an account occupies, priced at 10^19 yocto each, as the standard library counts them. */
#define ACCOUNT_PRICE ((ol_u128)125 * 10000000000000000000u)

#define RESOLVE_GAS NEAR_TGAS(5)
#define RECEIVER_GAS NEAR_TGAS(5) /* at least; all that is left goes to the receiver */
#define TRANSFER_CALL_GAS NEAR_TGAS(30)

static void require_one_yocto(void)
{
    REQUIRE(near_attached_deposit() == 1, "Requires attached deposit of exactly 1 yoctoNEAR");
}

static void pay(ol_str to, ol_u128 yocto)
{
    if (yocto > 0)
        near_promise_transfer(near_promise_create(to), yocto);
}

/* --- Setup, metadata -----------------------------------------------------------------------------
 */

static const ol_json_field NEW_FIELDS[] = {
    {"owner_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(metadata, owner),
     .check = ol_account_id_valid},
    {"name", OL_BIND_TEXT, OL_REQUIRED, offsetof(metadata, name)},
    {"symbol", OL_BIND_TEXT, OL_REQUIRED, offsetof(metadata, symbol)},
    {"decimals", OL_BIND_U8, OL_REQUIRED, offsetof(metadata, decimals)},
    {"wraps_near", OL_BIND_BOOL, OL_DEFAULT, offsetof(metadata, wraps_near)},
};
static const ol_json_table NEW = {"new", NEW_FIELDS, OL_COUNT(NEW_FIELDS)};

NEAR_METHOD(new)
{
    metadata it = {.wraps_near = false};
    REQUIRE(!metadata_load(&it), "Already initialized");
    arguments(&NEW, &it);
    metadata_save(&it);
}

NEAR_METHOD(ft_metadata)
{
    metadata it = metadata_get();
    ol_buf answer = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "spec", "ft-1.0.0");
    ol_json_put_str(&w, "name", it.name);
    ol_json_put_str(&w, "symbol", it.symbol);
    ol_json_put_null(&w, "icon");
    ol_json_put_null(&w, "reference");
    ol_json_put_null(&w, "reference_hash");
    ol_json_put_u64(&w, "decimals", it.decimals);
    ol_json_object_end(&w);
    near_return(ol_buf_bytes(&answer));
}

/* --- Money ---------------------------------------------------------------------------------------
 */

typedef struct holding {
    ol_str account;
    ol_u128 amount;
} holding;

static const ol_json_field HOLDING_FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(holding, account),
     .check = ol_account_id_valid},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(holding, amount)},
};
static const ol_json_table HOLDING = {"mint", HOLDING_FIELDS, 2};
static const ol_json_table ACCOUNT = {"account", HOLDING_FIELDS, 1};

/* Registers the account where needed: it is the owner who pays for its storage here. */
static void issue(ol_str account, ol_u128 amount, ol_str memo)
{
    ol_u128 balance = 0;
    ol_u128 total = supply_get();
    (void)balance_find(account, &balance);
    REQUIRE(ol_u128_add(balance, amount, &balance) && ol_u128_add(total, amount, &total),
            "Total supply overflow");
    balance_set(account, balance);
    supply_set(total);
    event_log("ft_mint", "owner_id", account, (ol_str){0}, amount, memo);
}

NEAR_METHOD(mint)
{
    holding in;
    arguments(&HOLDING, &in);
    metadata it = metadata_get();
    REQUIRE(ol_str_eq(near_predecessor(), it.owner), "Only the owner mints");
    REQUIRE(near_attached_deposit() == 0, "Method mint doesn't accept deposit");
    issue(in.account, in.amount, (ol_str){0});
}

static void take(ol_str account, ol_u128 amount)
{
    ol_u128 balance = balance_of_registered(account);
    REQUIRE(balance >= amount, "The account doesn't have enough balance");
    balance_set(account, balance - amount);
}

static void give(ol_str account, ol_u128 amount)
{
    ol_u128 balance = balance_of_registered(account);
    REQUIRE(ol_u128_add(balance, amount, &balance), "Balance overflow");
    balance_set(account, balance);
}

static void move(ol_str from, ol_str to, ol_u128 amount, ol_str memo)
{
    REQUIRE(!ol_str_eq(from, to), "Sender and receiver should be different");
    REQUIRE(amount > 0, "The amount should be a positive number");
    take(from, amount);
    give(to, amount);
    event_log("ft_transfer", "old_owner_id", from, to, amount, memo);
}

NEAR_METHOD(ft_total_supply)
{
    answer_dec(supply_get());
}

NEAR_METHOD(ft_balance_of)
{
    holding in;
    ol_u128 balance = 0;
    arguments(&ACCOUNT, &in);
    (void)balance_find(in.account, &balance);
    answer_dec(balance);
}

/* --- Transfers -----------------------------------------------------------------------------------
 */

typedef struct transfer {
    ol_str sender; /* of ft_resolve_transfer */
    ol_str receiver;
    ol_u128 amount;
    ol_str memo;
    ol_str msg;
} transfer;

static const ol_json_field TRANSFER_FIELDS[] = {
    {"receiver_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer, receiver),
     .check = ol_account_id_valid},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(transfer, amount)},
    {"memo", OL_BIND_TEXT, OL_OPTIONAL, offsetof(transfer, memo)},
    {"msg", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer, msg)}, /* of ft_transfer_call */
};
static const ol_json_table TRANSFER = {"ft_transfer", TRANSFER_FIELDS, 3};
static const ol_json_table TRANSFER_CALL = {"ft_transfer_call", TRANSFER_FIELDS, 4};

NEAR_METHOD(ft_transfer)
{
    transfer in = {.amount = 0};
    require_one_yocto();
    arguments(&TRANSFER, &in);
    move(near_predecessor(), in.receiver, in.amount, in.memo);
}

NEAR_METHOD(ft_transfer_call)
{
    transfer in = {.amount = 0};
    require_one_yocto();
    REQUIRE(near_prepaid_gas() > TRANSFER_CALL_GAS, "More gas is required");
    arguments(&TRANSFER_CALL, &in);
    ol_str sender = near_predecessor();
    move(sender, in.receiver, in.amount, in.memo);

    ol_buf told = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&told);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "sender_id", sender);
    ol_json_put_dec(&w, "amount", in.amount);
    ol_json_put_str(&w, "msg", in.msg);
    ol_json_object_end(&w);
    ol_buf resolve = ol_buf_new(ANSWER_BYTES_MAX);
    w = ol_json_writer_over(&resolve);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "sender_id", sender);
    ol_json_put_str(&w, "receiver_id", in.receiver);
    ol_json_put_dec(&w, "amount", in.amount);
    ol_json_object_end(&w);

    near_promise offered = near_promise_create(in.receiver);
    near_promise_call(offered, OL_STR("ft_on_transfer"), ol_buf_bytes(&told), 0, RECEIVER_GAS, 1);
    near_promise settled = near_promise_then(offered, near_self());
    near_promise_call(settled, OL_STR("ft_resolve_transfer"), ol_buf_bytes(&resolve), 0,
                      RESOLVE_GAS, 0);
    near_promise_return(settled);
}

static const ol_json_field RESOLVE_FIELDS[] = {
    {"sender_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer, sender)},
    {"receiver_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer, receiver)},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(transfer, amount)},
};
static const ol_json_table RESOLVE = {"ft_resolve_transfer", RESOLVE_FIELDS,
                                      OL_COUNT(RESOLVE_FIELDS)};

/* What the receiver did not use: all of it when it failed or answered nonsense. */
static ol_u128 unused(ol_u128 amount)
{
    ol_bytes answered;
    ol_json value;
    ol_u128 back;
    if (near_promise_result(0, &answered) != NEAR_SUCCESS ||
        ol_json_parse(ol_bytes_str(answered), &value, NULL) != OL_OK ||
        ol_json_u128_text(&value, &back, NULL) != OL_OK)
        return amount;
    return back < amount ? back : amount;
}

NEAR_METHOD(ft_resolve_transfer)
{
    transfer in;
    REQUIRE(ol_str_eq(near_predecessor(), near_self()), "Method ft_resolve_transfer is private");
    arguments(&RESOLVE, &in);
    ol_u128 back = unused(in.amount);
    ol_u128 held = 0;
    ol_u128 ignored;
    (void)balance_find(in.receiver, &held);
    back = back < held ? back : held; /* it may have spent them already */
    if (back == 0) {
        answer_dec(in.amount);
        return;
    }
    take(in.receiver, back);
    if (balance_find(in.sender, &ignored)) {
        give(in.sender, back);
        event_log("ft_transfer", "old_owner_id", in.receiver, in.sender, back, OL_STR("refund"));
        answer_dec(in.amount - back);
        return;
    }
    supply_set(supply_get() - back); /* the sender is gone */
    event_log("ft_burn", "owner_id", in.receiver, (ol_str){0}, back, OL_STR("refund"));
    answer_dec(in.amount);
}

/* --- Storage -------------------------------------------------------------------------------------
 */

static void answer_two(const char *first, ol_u128 a, const char *second, ol_u128 b)
{
    ol_buf answer = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_dec(&w, first, a);
    ol_json_put_dec(&w, second, b);
    ol_json_object_end(&w);
    near_return(ol_buf_bytes(&answer));
}

static void answer_storage(void)
{
    answer_two("total", ACCOUNT_PRICE, "available", 0);
}

NEAR_METHOD(storage_balance_bounds)
{
    answer_two("min", ACCOUNT_PRICE, "max", ACCOUNT_PRICE);
}

NEAR_METHOD(storage_balance_of)
{
    holding in;
    ol_u128 ignored;
    arguments(&ACCOUNT, &in);
    if (balance_find(in.account, &ignored))
        answer_storage();
    else
        near_return_str(OL_STR("null"));
}

typedef struct storage_arguments {
    ol_str account;
    bool registration_only; /* any deposit only registers here */
    bool force;
    ol_u128 amount;
} storage_arguments;

static const ol_json_field DEPOSIT_FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(storage_arguments, account),
     .check = ol_account_id_valid},
    {"registration_only", OL_BIND_BOOL, OL_OPTIONAL,
     offsetof(storage_arguments, registration_only)},
};
static const ol_json_table DEPOSIT = {"storage_deposit", DEPOSIT_FIELDS, OL_COUNT(DEPOSIT_FIELDS)};

NEAR_METHOD(storage_deposit)
{
    storage_arguments in = {.amount = 0};
    ol_u128 ignored;
    (void)metadata_get();
    arguments(&DEPOSIT, &in);
    ol_u128 deposit = near_attached_deposit();
    ol_str account = in.account.data != NULL ? in.account : near_predecessor();
    if (balance_find(account, &ignored)) {
        near_log(OL_STR("The account is already registered, refunding the deposit"));
        pay(near_predecessor(), deposit);
    } else {
        REQUIRE(deposit >= ACCOUNT_PRICE,
                "The attached deposit is less than the minimum storage balance");
        balance_set(account, 0);
        pay(near_predecessor(), deposit - ACCOUNT_PRICE);
    }
    answer_storage();
}

static const ol_json_field WITHDRAW_FIELDS[] = {
    {"amount", OL_BIND_DEC, OL_OPTIONAL, offsetof(storage_arguments, amount)},
    {"force", OL_BIND_BOOL, OL_OPTIONAL, offsetof(storage_arguments, force)},
};
static const ol_json_table WITHDRAW = {"storage_withdraw", WITHDRAW_FIELDS,
                                       OL_COUNT(WITHDRAW_FIELDS)};

NEAR_METHOD(storage_withdraw)
{
    storage_arguments in = {.amount = 0};
    require_one_yocto();
    arguments(&WITHDRAW, &in);
    (void)balance_of_registered(near_predecessor());
    REQUIRE(in.amount == 0, "The amount is greater than the available storage balance");
    answer_storage();
}

NEAR_METHOD(storage_unregister)
{
    storage_arguments in = {.amount = 0};
    ol_u128 balance;
    require_one_yocto();
    arguments(&WITHDRAW, &in);
    ol_str account = near_predecessor();
    if (!balance_find(account, &balance)) {
        near_log(OL_STR("The account is not registered"));
        near_return_str(OL_STR("false"));
        return;
    }
    REQUIRE(balance == 0 || in.force,
            "Can't unregister the account with the positive balance without force");
    balance_forget(account);
    if (balance > 0) {
        supply_set(supply_get() - balance);
        event_log("ft_burn", "owner_id", account, (ol_str){0}, balance, (ol_str){0});
    }
    pay(account, ACCOUNT_PRICE + 1);
    near_return_str(OL_STR("true"));
}

/* --- Wrapping NEAR -------------------------------------------------------------------------------
 */

NEAR_METHOD(near_deposit)
{
    ol_u128 amount = near_attached_deposit();
    ol_u128 ignored;
    ol_str account = near_predecessor();
    REQUIRE(metadata_get().wraps_near, "This token does not wrap NEAR");
    if (!balance_find(account, &ignored)) { /* registers, from what was attached */
        REQUIRE(amount > ACCOUNT_PRICE, "ERR_DEPOSIT_TOO_SMALL");
        amount -= ACCOUNT_PRICE;
    }
    REQUIRE(amount > 0, "The amount should be a positive number");
    issue(account, amount, (ol_str){0});
}

static const ol_json_field AMOUNT_FIELDS[] = {
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(storage_arguments, amount)},
};
static const ol_json_table AMOUNT_ALONE = {"near_withdraw", AMOUNT_FIELDS, 1};

NEAR_METHOD(near_withdraw)
{
    storage_arguments in;
    require_one_yocto();
    arguments(&AMOUNT_ALONE, &in);
    REQUIRE(metadata_get().wraps_near, "This token does not wrap NEAR");
    ol_str account = near_predecessor();
    take(account, in.amount);
    supply_set(supply_get() - in.amount);
    event_log("ft_burn", "owner_id", account, (ol_str){0}, in.amount, (ol_str){0});
    pay(account, in.amount + 1);
}
