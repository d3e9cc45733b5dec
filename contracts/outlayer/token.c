/* Payments in the token (Contract 6): what transfers do, and how money leaves again. */
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/payment_key.h"
#include "contracts/outlayer/subscription.h"

/* --- ft_on_transfer ------------------------------------------------------------------------------
 */

typedef struct transfer_arguments {
    ol_str sender_id;
    ol_u128 amount;
    ol_str msg;
} transfer_arguments;

static const ol_json_field TRANSFER_FIELDS[] = {
    {"sender_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer_arguments, sender_id),
     .check = ol_account_id_valid},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(transfer_arguments, amount)},
    {"msg", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer_arguments, msg)},
};
static const ol_json_table TRANSFER = {"arguments", TRANSFER_FIELDS, OL_COUNT(TRANSFER_FIELDS)};

typedef enum transfer_action {
    DEPOSIT_BALANCE,
    TOP_UP_PAYMENT_KEY,
    BUY_SUBSCRIPTION
} transfer_action;

typedef struct message {
    int action; /* transfer_action */
    uint32_t nonce;
    bool has_nonce;
    ol_str owner; /* data NULL: the sender */
    uint8_t plan;
    bool has_plan;
} message;

static const char *const ACTIONS[] = {"deposit_balance", "top_up_payment_key", "buy_subscription",
                                      NULL};
static const ol_json_field MESSAGE_FIELDS[] = {
    {"action", OL_BIND_ENUM, OL_REQUIRED, offsetof(message, action), .variants = ACTIONS},
    {"nonce", OL_BIND_U32, OL_OPTIONAL, offsetof(message, nonce),
     .has = offsetof(message, has_nonce)},
    {"owner", OL_BIND_TEXT, OL_OPTIONAL, offsetof(message, owner), .check = ol_account_id_valid},
    {"plan", OL_BIND_U8, OL_OPTIONAL, offsetof(message, plan), .has = offsetof(message, has_plan)},
};
static const ol_json_table MESSAGE = {"arguments", MESSAGE_FIELDS, OL_COUNT(MESSAGE_FIELDS)};

static message message_of(call *c, const transfer_arguments *in)
{
    message it = {.owner = in->sender_id};
    bool fits = ol_json_bind(in->msg, &MESSAGE, &it, &c->arena, NULL) == OL_OK &&
                (it.action == DEPOSIT_BALANCE || it.has_nonce) &&
                (it.action != BUY_SUBSCRIPTION || it.has_plan);
    REQUIRE(fits, "Invalid msg format. Expected a JSON object with its action");
    return it;
}

void method_ft_on_transfer(call *c)
{
    transfer_arguments in;
    call_arguments(c, &TRANSFER, &in);
    REQUIRE(c->config.token.len > 0, "Payment token contract not configured");
    REQUIRE(ol_str_eq(c->predecessor, c->config.token),
            "Invalid token contract. Expected: %.*s, got: %.*s", OL_FMT(c->config.token),
            OL_FMT(c->predecessor));
    message it = message_of(c, &in);
    switch ((transfer_action)it.action) {
    case DEPOSIT_BALANCE:
        (void)ledger_credit(LEDGER_BALANCE, c->config.token_number, in.sender_id, in.amount);
        answer_dec(0);
        return;
    case TOP_UP_PAYMENT_KEY:
        payment_key_top_up(c, it.owner, it.nonce, in.amount);
        return;
    case BUY_SUBSCRIPTION:
        subscription_buy(c, it.owner, it.nonce, it.plan, in.amount, in.sender_id);
        answer_dec(0);
        return;
    }
    OL_UNREACHABLE();
}

/* --- Withdrawals: take off, transfer, put back if the transfer failed ----------------------------
 */

typedef struct withdrawal {
    ledger from;
    token_number token;
    ol_str account;  /* of the ledger */
    ol_str receiver; /* of the transfer */
    ol_u128 amount;
    const char *memo;
} withdrawal;

typedef struct withdraw_arguments {
    ol_str token;
    ol_u128 amount;
    bool has_amount;
    ol_str receiver;
} withdraw_arguments;

/* All are ours but for a withdrawal of earnings without arguments (Contract 16, 14). */
static const ol_json_field WITHDRAW_FIELDS[] = {
    {"token", OL_BIND_TEXT, OL_OPTIONAL, offsetof(withdraw_arguments, token),
     .check = ol_account_id_valid},
    {"amount", OL_BIND_DEC, OL_OPTIONAL, offsetof(withdraw_arguments, amount),
     .has = offsetof(withdraw_arguments, has_amount)},
    {"receiver_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(withdraw_arguments, receiver),
     .check = ol_account_id_valid},
};
static const ol_json_table WITHDRAW = {"arguments", WITHDRAW_FIELDS, OL_COUNT(WITHDRAW_FIELDS)};

#define TRANSFER_GAS NEAR_TGAS(10)
#define CALLBACK_GAS NEAR_TGAS(5)

/* The named token, else the one configured; 0: none. */
static token_number token_of(ol_str named)
{
    token_number number = 0;
    if (named.data == NULL)
        return token_current();
    return token_find(named, &number) ? number : 0;
}

static void send(const withdrawal *it)
{
    ol_buf transfer = ol_buf_new(512);
    ol_json_writer w = ol_json_writer_over(&transfer);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "receiver_id", it->receiver);
    ol_json_put_dec(&w, "amount", it->amount);
    ol_json_put_cstr(&w, "memo", it->memo);
    ol_json_object_end(&w);
    ol_buf back = ol_buf_new(512);
    w = ol_json_writer_over(&back);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "developer", it->account);
    ol_json_put_dec(&w, "amount", it->amount);
    ol_json_put_u64(&w, "token", it->token);
    ol_json_put_u64(&w, "ledger", it->from);
    ol_json_object_end(&w);

    near_promise sent = near_promise_create(token_name(it->token));
    near_promise_call(sent, OL_STR("ft_transfer"), ol_buf_bytes(&transfer), 1, TRANSFER_GAS, 0);
    near_promise then = near_promise_then(sent, near_self());
    near_promise_call(then, OL_STR("on_withdraw_developer_earnings"), ol_buf_bytes(&back), 0,
                      CALLBACK_GAS, 1);
    near_promise_return(then);
}

/* All of it when no amount is named. */
static void withdraw(call *c, withdrawal it, const char *nothing)
{
    withdraw_arguments in = {0};
    require_one_yocto(c);
    call_arguments(c, &WITHDRAW, &in);
    it.token = token_of(in.token);
    REQUIRE(it.token != 0, "Payment token contract not configured");
    it.amount = in.has_amount ? in.amount : ledger_get(it.from, it.token, it.account);
    it.receiver = in.receiver.data != NULL ? in.receiver : c->predecessor;
    REQUIRE(it.amount > 0 && ledger_debit(it.from, it.token, it.account, it.amount, NULL), "%s",
            nothing);
    pay(c->predecessor, c->deposit - 1);
    send(&it);
}

void method_withdraw_developer_earnings(call *c)
{
    withdraw(c,
             (withdrawal){.from = LEDGER_EARNINGS,
                          .account = c->predecessor,
                          .memo = "Developer earnings withdrawal"},
             "No earnings to withdraw");
}

void method_withdraw_balance(call *c)
{
    withdraw(c,
             (withdrawal){
                 .from = LEDGER_BALANCE, .account = c->predecessor, .memo = "Balance withdrawal"},
             "Insufficient stablecoin balance to withdraw");
}

void method_withdraw_revenue(call *c)
{
    withdraw(c, (withdrawal){.from = LEDGER_REVENUE, .memo = "Revenue withdrawal"},
             "No revenue to withdraw");
}

typedef struct back_arguments {
    ol_str developer;
    ol_u128 amount;
    uint32_t token;
    uint32_t ledger;
} back_arguments;

static const ol_json_field BACK_FIELDS[] = {
    {"developer", OL_BIND_TEXT, OL_REQUIRED, offsetof(back_arguments, developer)},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(back_arguments, amount)},
    {"token", OL_BIND_U32, OL_REQUIRED, offsetof(back_arguments, token)},
    {"ledger", OL_BIND_U32, OL_REQUIRED, offsetof(back_arguments, ledger)},
};
static const ol_json_table BACK = {"arguments", BACK_FIELDS, OL_COUNT(BACK_FIELDS)};

/* Of every withdrawal. */
void method_on_withdraw_developer_earnings(call *c)
{
    back_arguments in;
    ol_bytes ignored;
    call_arguments(c, &BACK, &in);
    if (near_promise_result(0, &ignored) == NEAR_SUCCESS)
        return;
    near_log(OL_STR("Withdrawal failed: booked back"));
    (void)ledger_credit((ledger)in.ledger, (token_number)in.token, in.developer, in.amount);
}

/* --- Views ---------------------------------------------------------------------------------------
 */

typedef struct balance_arguments {
    ol_str account_id;
    ol_str token;
} balance_arguments;

static const ol_json_field BALANCE_FIELDS[] = {
    {"token", OL_BIND_TEXT, OL_OPTIONAL, offsetof(balance_arguments, token),
     .check = ol_account_id_valid},
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(balance_arguments, account_id),
     .check = ol_account_id_valid},
};
static const ol_json_table OF_ACCOUNT = {"arguments", BALANCE_FIELDS, 2};
static const ol_json_table OF_TOKEN = {"arguments", BALANCE_FIELDS, 1};

static void answer_balance(call *c, ledger which, const ol_json_table *arguments)
{
    balance_arguments in = {0};
    call_arguments(c, arguments, &in);
    answer_dec(ledger_get(which, token_of(in.token), in.account_id));
}

void method_get_developer_earnings(call *c)
{
    answer_balance(c, LEDGER_EARNINGS, &OF_ACCOUNT);
}

void method_get_user_stablecoin_balance(call *c)
{
    answer_balance(c, LEDGER_BALANCE, &OF_ACCOUNT);
}

void method_get_revenue(call *c)
{
    answer_balance(c, LEDGER_REVENUE, &OF_TOKEN);
}
