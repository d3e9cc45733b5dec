/* Topping a payment key up with NEAR (Contract 6): NEAR is wrapped, sent to a swap, and a request
 * asks its worker to swap it. Each step looks at how the one before ended and gives the money back
 * when it failed; only swaps the owner listed are used (Contract 16, 15).
 *
 *   wrap.near_deposit, then on_near_wrapped (failed: refund)
 *   wrap.ft_transfer, then on_wrapped_sent (failed: wrap.near_withdraw, on_near_unwrapped: refund)
 *   request_execution, then on_swap_asked (failed: refund of the reserve)
 */
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/payment_key.h"
#include "contracts/outlayer/pricing.h"
#include "contracts/outlayer/state.h"

enum { LAYOUT = 1, SWAPS_MAX = 16, SETTINGS_BYTES_MAX = (SWAPS_MAX + 2) * 256 };

#define CENT_OF_NEAR ((ol_u128)10000000000000000u * 1000000u) /* 10^22 yocto */
/* Contract 2: at least that is wrapped; that is kept for the request, all of which pays for it. */
#define WRAP_MIN CENT_OF_NEAR
#define RESERVE CENT_OF_NEAR
/* The reserve also pays the yocto of ft_transfer. */
#define REQUEST_DEPOSIT (RESERVE - 1)

#define DEPOSIT_GAS NEAR_TGAS(10)
#define TRANSFER_GAS NEAR_TGAS(30)
#define STEP_GAS NEAR_TGAS(5)
/* All steps, with the 50 Tgas of the request's yield. */
#define GAS_MIN NEAR_TGAS(120)

/* What the reserve pays for; 120 s as in the reference would cost more than it keeps. */
static const limits SWAP_LIMITS = {10000000000, 80, 256, true, true, true};

/* --- Settings ------------------------------------------------------------------------------------
 */

/* The texts of the settings; SETTING_NAMES says how they are called. */
typedef enum setting {
    SETTING_WRAP,            /* the token contract that wraps NEAR */
    SETTING_PROJECT,         /* whose code swaps */
    SETTING_SECRETS_PROFILE, /* what that code is given */
    SETTING_SECRETS_ACCOUNT,
    SETTINGS,
} setting;

static const char *const SETTING_NAMES[SETTINGS] = {"wrap_contract", "project_id",
                                                    "secrets_profile", "secrets_account"};

typedef struct swap_settings {
    ol_str text[SETTINGS];
    ol_str swaps[SWAPS_MAX];
    size_t count;
} swap_settings;

/* Contract 6; no swap is allowed until the owner lists one. */
static swap_settings settings_load(void)
{
    swap_settings it = {.text = {
                            OL_STR("wrap.near"),
                            OL_STR("publishintent.near/payment-keys-with-intents"),
                            OL_STR("intents-swap"),
                            OL_STR("publishintent.near"),
                        }};
    ol_bytes stored;
    if (!near_storage_read(state_key(RECORD_NEAR_TOPUP), &stored))
        return it;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    for (size_t i = 0; i < SETTINGS; i++)
        it.text[i] = state_text(from);
    while (from->rest.len > 0 && !from->failed && it.count < SWAPS_MAX)
        it.swaps[it.count++] = state_text(from);
    state_close(from);
    return it;
}

static bool swap_allowed(const swap_settings *it, ol_str account)
{
    for (size_t i = 0; i < it->count; i++) {
        if (ol_str_eq(it->swaps[i], account))
            return true;
    }
    return false;
}

typedef struct set_arguments {
    swap_settings to;
    ol_json_texts swaps;
} set_arguments;

static const ol_json_field SET_FIELDS[] = {
    {"wrap_contract", OL_BIND_TEXT, OL_OPTIONAL, offsetof(set_arguments, to.text[SETTING_WRAP]),
     .check = ol_account_id_valid},
    {"project_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(set_arguments, to.text[SETTING_PROJECT])},
    {"secrets_profile", OL_BIND_TEXT, OL_OPTIONAL,
     offsetof(set_arguments, to.text[SETTING_SECRETS_PROFILE])},
    {"secrets_account", OL_BIND_TEXT, OL_OPTIONAL,
     offsetof(set_arguments, to.text[SETTING_SECRETS_ACCOUNT]), .check = ol_account_id_valid},
    {"swap_contracts", OL_BIND_TEXT_LIST, OL_REQUIRED, offsetof(set_arguments, swaps)},
};
static const ol_json_table SET = {"arguments", SET_FIELDS, OL_COUNT(SET_FIELDS)};

void method_set_near_top_up(call *c)
{
    set_arguments in = {.to = settings_load()};
    call_arguments(c, &SET, &in);
    REQUIRE(in.swaps.count <= SWAPS_MAX, "at most 16 swap contracts");
    size_t texts = in.to.text[SETTING_PROJECT].len + in.to.text[SETTING_SECRETS_PROFILE].len;
    ol_buf *into = state_begin(LAYOUT, SETTINGS_BYTES_MAX + texts);
    for (size_t i = 0; i < SETTINGS; i++)
        state_add_text(into, in.to.text[i]);
    for (size_t i = 0; i < in.swaps.count; i++) {
        REQUIRE(ol_account_id_valid(in.swaps.items[i]), "a swap contract is no account");
        state_add_text(into, in.swaps.items[i]);
    }
    (void)near_storage_write(state_key(RECORD_NEAR_TOPUP), state_end(into));
}

void method_get_near_top_up(call *c)
{
    (void)c;
    swap_settings it = settings_load();
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    for (size_t i = 0; i < SETTINGS; i++)
        ol_json_put_str(w, SETTING_NAMES[i], it.text[i]);
    ol_json_key(w, "swap_contracts");
    ol_json_array_begin(w);
    for (size_t i = 0; i < it.count; i++)
        ol_json_add_str(w, it.swaps[i]);
    ol_json_array_end(w);
    ol_json_object_end(w);
    answer_end(w);
}

/* --- The steps -----------------------------------------------------------------------------------
 */

/* What every step is told. */
typedef struct swap_order {
    ol_str owner;
    uint32_t nonce;
    ol_str swap;
    ol_u128 amount; /* wrapped */
} swap_order;

static const ol_json_field ORDER_FIELDS[] = {
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(swap_order, owner)},
    {"nonce", OL_BIND_U32, OL_REQUIRED, offsetof(swap_order, nonce)},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(swap_order, amount)},
    {"swap_contract_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(swap_order, swap)},
};
static const ol_json_table ORDER = {"arguments", ORDER_FIELDS, OL_COUNT(ORDER_FIELDS)};

/* `{"owner","nonce","token_id","amount","swap_contract_id"}`: also what the worker reads. */
static ol_bytes order_json(const swap_order *it, ol_str wrap)
{
    ol_buf text = ol_buf_new(1024);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "owner", it->owner);
    ol_json_put_u64(&w, "nonce", it->nonce);
    ol_json_put_str(&w, "token_id", wrap);
    ol_json_put_dec(&w, "amount", it->amount);
    ol_json_put_str(&w, "swap_contract_id", it->swap);
    ol_json_object_end(&w);
    return state_end(&text);
}

static void next_step(near_promise after, const char *method, const swap_order *it, ol_str wrap,
                      uint64_t gas_weight)
{
    near_promise then = near_promise_then(after, near_self());
    near_promise_call(then, ol_str_of(method), order_json(it, wrap), 0, STEP_GAS, gas_weight);
    near_promise_return(then);
}

static bool last_step_worked(void)
{
    ol_bytes ignored;
    return near_promise_result(0, &ignored) == NEAR_SUCCESS;
}

typedef struct top_up_arguments {
    uint32_t nonce;
    ol_str swap;
} top_up_arguments;

static const ol_json_field TOP_UP_FIELDS[] = {
    {"nonce", OL_BIND_U32, OL_REQUIRED, offsetof(top_up_arguments, nonce)},
    {"swap_contract_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(top_up_arguments, swap),
     .check = ol_account_id_valid},
};
static const ol_json_table TOP_UP = {"arguments", TOP_UP_FIELDS, OL_COUNT(TOP_UP_FIELDS)};

void method_top_up_payment_key_with_near(call *c)
{
    top_up_arguments in;
    call_arguments(c, &TOP_UP, &in);
    REQUIRE(c->deposit >= WRAP_MIN + RESERVE,
            "Minimum deposit is %s yoctoNEAR (0.01 NEAR) + %s yoctoNEAR (execution cost), got %s "
            "yoctoNEAR",
            AMOUNT(WRAP_MIN), AMOUNT(RESERVE), AMOUNT(c->deposit));
    REQUIRE(near_prepaid_gas() >= GAS_MIN, "Attach at least 120 Tgas");
    payment_key_require(c->predecessor, in.nonce);
    REQUIRE(price_estimate(&c->config, &SWAP_LIMITS) <= REQUEST_DEPOSIT,
            "The reserve must cover base_fee and the swap's limits");
    swap_settings to = settings_load();
    REQUIRE(swap_allowed(&to, in.swap), "Swap contract %.*s is not allowed", OL_FMT(in.swap));

    swap_order it = {c->predecessor, in.nonce, in.swap, c->deposit - RESERVE};
    near_promise wrapped = near_promise_create(to.text[SETTING_WRAP]);
    near_promise_call(wrapped, OL_STR("near_deposit"), ol_str_bytes(OL_STR("{}")), it.amount,
                      DEPOSIT_GAS, 0);
    next_step(wrapped, "on_near_wrapped", &it, to.text[SETTING_WRAP], 1);
}

static ol_bytes transfer_json(const swap_order *it)
{
    ol_buf text = ol_buf_new(512);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "receiver_id", it->swap);
    ol_json_put_dec(&w, "amount", it->amount);
    ol_json_object_end(&w);
    return state_end(&text);
}

void method_on_near_wrapped(call *c)
{
    swap_order it;
    call_arguments(c, &ORDER, &it);
    if (!last_step_worked()) {
        near_log(OL_STR("Not wrapped: refunded"));
        pay(it.owner, it.amount + RESERVE);
        return;
    }
    swap_settings to = settings_load();
    near_promise sent = near_promise_create(to.text[SETTING_WRAP]);
    near_promise_call(sent, OL_STR("ft_transfer"), transfer_json(&it), 1, TRANSFER_GAS, 0);
    next_step(sent, "on_wrapped_sent", &it, to.text[SETTING_WRAP], 1);
}

static ol_bytes request_json(const swap_settings *to, const swap_order *it)
{
    ol_buf text = ol_buf_new(4096);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_key(&w, "source");
    ol_json_object_begin(&w);
    ol_json_key(&w, "Project");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", to->text[SETTING_PROJECT]);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    ol_json_key(&w, "resource_limits");
    limits_write(&w, &SWAP_LIMITS);
    ol_json_put_str(&w, "input_data", ol_bytes_str(order_json(it, to->text[SETTING_WRAP])));
    ol_json_key(&w, "secrets_ref");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "profile", to->text[SETTING_SECRETS_PROFILE]);
    ol_json_put_str(&w, "account_id", to->text[SETTING_SECRETS_ACCOUNT]);
    ol_json_object_end(&w);
    ol_json_put_cstr(&w, "response_format", "Json");
    ol_json_put_str(&w, "payer_account_id", it->owner); /* gets back what the run leaves */
    ol_json_object_end(&w);
    return state_end(&text);
}

void method_on_wrapped_sent(call *c)
{
    swap_order it;
    call_arguments(c, &ORDER, &it);
    swap_settings to = settings_load();
    if (!last_step_worked()) {
        ol_buf amount = ol_buf_new(128);
        ol_json_writer w = ol_json_writer_over(&amount);
        ol_json_object_begin(&w);
        ol_json_put_dec(&w, "amount", it.amount);
        ol_json_object_end(&w);
        near_promise unwrapped = near_promise_create(to.text[SETTING_WRAP]);
        near_promise_call(unwrapped, OL_STR("near_withdraw"), ol_buf_bytes(&amount), 1, DEPOSIT_GAS,
                          0);
        next_step(unwrapped, "on_near_unwrapped", &it, to.text[SETTING_WRAP], 1);
        return;
    }
    near_promise request = near_promise_create(near_self());
    near_promise_call(request, OL_STR("request_execution"), request_json(&to, &it), REQUEST_DEPOSIT,
                      0, 1);
    next_step(request, "on_swap_asked", &it, to.text[SETTING_WRAP], 0);
}

/* A request that was refused (paused since, no such project) gave its deposit back to us. */
void method_on_swap_asked(call *c)
{
    swap_order it;
    ol_bytes answer;
    call_arguments(c, &ORDER, &it);
    if (near_promise_result(0, &answer) == NEAR_SUCCESS)
        near_return(answer);
    else
        pay(it.owner, REQUEST_DEPOSIT);
}

void method_on_near_unwrapped(call *c)
{
    swap_order it;
    call_arguments(c, &ORDER, &it);
    bool unwrapped = last_step_worked();
    near_log(unwrapped ? OL_STR("Not sent: refunded") : OL_STR("Wrapped NEAR is stuck"));
    pay(it.owner, (unwrapped ? it.amount : 0) + REQUEST_DEPOSIT);
}

void method_top_up_payment_key_with_token(call *c)
{
    (void)c;
    fail("top_up_payment_key_with_token is disabled");
}
