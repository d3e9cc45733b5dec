/* Money in tokens across contracts, on the chain: deposits and their return, top-ups of payment
 * keys, withdrawals that fail, and a top-up with NEAR through wrapping and a swap. */
#include "lib/codec/hex.h"
#include "lib/codec/json_read.h"
#include "tests/chain/node/lab.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str BOB = OL_STR_INIT("bob.test.near"); /* owner and operator of everything */
static const ol_str OUTLAYER = OL_STR_INIT("outlayer.test.near");
static const ol_str USDC = OL_STR_INIT("usdc.test.near");
static const ol_str WRAP = OL_STR_INIT("wrap.test.near");
static const ol_str SWAP = OL_STR_INIT("swap.test.near");

#define CENTS(n) OL_YOCTO(LAB_NEAR(1).yocto / 100 * (n))
#define STORAGE OL_YOCTO((ol_u128)1250000000000000000u * 1000)
#define MESSAGE(text)                                                                              \
    "{\"receiver_id\":\"outlayer.test.near\",\"amount\":\"%s\",\"msg\":\"" text "\"}"
#define TOP_UP "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1}"
#define TOP_UP_ALICE                                                                               \
    "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1,"                                  \
    "\\\"owner\\\":\\\"alice.test.near\\\"}"
#define KEY                                                                                        \
    "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\",\"owner\":\"alice.test.near\"}"

static ol_trace call(lab *l, ol_str signer, ol_str contract, const char *method, const char *args,
                     ol_yocto deposit)
{
    return lab_call(l, signer, contract, method, ol_str_of(args), LAB_TGAS(300), deposit);
}

/* What the call answered; the test fails when it failed. */
static ol_str must(lab *l, ol_str signer, ol_str contract, const char *method, const char *args,
                   ol_yocto deposit)
{
    ol_trace t = call(l, signer, contract, method, args, deposit);
    if (t.status != OL_STATUS_VALUE)
        ol_test_fail(__FILE__, __LINE__, "%s: %.*s", method,
                     OL_FMT(lab_failure(l, t.status_outcome)));
    return ol_bytes_str(t.status_outcome->value);
}

static ol_str view(lab *l, ol_str contract, const char *method, const char *args)
{
    ol_view_result result;
    ol_err err = {0};
    CHECK_OK(ol_node_view(l->node, ol_node_head(l->node), contract, ol_str_of(method),
                          ol_str_bytes(ol_str_of(args)), &l->arena, &result, &err));
    if (result.failed)
        ol_test_fail(__FILE__, __LINE__, "%s: %.*s", method, OL_FMT(result.error_json));
    return ol_bytes_str(result.value);
}

static void check_tokens(lab *l, const char *account, const char *amount)
{
    ol_str args = ol_arena_printf(&l->arena, "{\"account_id\":\"%s\"}", account);
    CHECK_STR_ROW(view(l, USDC, "ft_balance_of", args.data),
                  ol_arena_printf(&l->arena, "\"%s\"", amount), account);
}

/* Alice has 1,000,000 units of USDC, the contract and the swap are registered. */
static void open_bank(lab *l)
{
    lab_open(l);
    lab_deploy(l, OUTLAYER, "contracts/outlayer.wasm");
    lab_deploy(l, USDC, "contracts/token.wasm");
    must(l, BOB, OUTLAYER, "new", "{\"owner_id\":\"bob.test.near\"}", OL_YOCTO(0));
    must(l, BOB, OUTLAYER, "set_payment_token_contract", "{\"token_contract\":\"usdc.test.near\"}",
         OL_YOCTO(0));
    must(
        l, BOB, USDC, "new",
        "{\"owner_id\":\"bob.test.near\",\"name\":\"USD Coin\",\"symbol\":\"USDC\",\"decimals\":6}",
        OL_YOCTO(0));
    must(l, BOB, USDC, "mint", "{\"account_id\":\"alice.test.near\",\"amount\":\"1000000\"}",
         OL_YOCTO(0));
    must(l, BOB, USDC, "storage_deposit", "{\"account_id\":\"outlayer.test.near\"}", STORAGE);
    must(l, ALICE, OUTLAYER, "store_secrets",
         "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\","
         "\"encrypted_secrets_base64\":\"OLD\",\"access\":\"AllowAll\"}",
         CENTS(10));
}

static ol_trace send(lab *l, const char *format, const char *amount)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    ol_str args = ol_arena_printf(&l->arena, format, amount);
#pragma GCC diagnostic pop
    return call(l, ALICE, USDC, "ft_transfer_call", args.data, OL_YOCTO(1));
}

/* The data id of the newest top-up that this transaction announced, in hex. */
static ol_str announced(lab *l, const ol_trace *t)
{
    ol_str found = {0};
    for (size_t i = 0; i < t->receipt_count; i++) {
        const ol_outcome *o = t->receipts[i].outcome;
        for (size_t log = 0; log < o->log_count; log++) {
            size_t at;
            if (ol_str_find(o->logs[log], OL_STR("TopUpPaymentKey\":{\"data_id\":["), &at))
                found = ol_str_slice(o->logs[log], at + 28, o->logs[log].len);
        }
    }
    CHECK(found.len > 0);
    size_t end;
    ol_json list;
    ol_bytes id;
    ol_err err = {0};
    CHECK(ol_str_find(found, OL_STR("]"), &end));
    CHECK_OK(ol_json_parse(ol_str_slice(found, 0, end + 1), &list, &err));
    CHECK_OK(ol_json_byte_array(&list, &l->arena, &id, &err));
    return ol_hex_of(&l->arena, id);
}

static ol_trace resume(lab *l, ol_str data_id, const char *result)
{
    ol_str args =
        ol_arena_printf(&l->arena, "{\"data_id\":\"%.*s\",\"result\":%s}", OL_FMT(data_id), result);
    return call(l, BOB, OUTLAYER, "resume_topup", args.data, OL_YOCTO(0));
}

#define CONFIRMED "{\"Success\":{\"new_encrypted_data\":\"NEW\"}}"

TEST("a deposit stays, a message that says nothing sends every token back")
{
    lab l;
    open_bank(&l);
    ol_trace t = send(&l, MESSAGE("{\\\"action\\\":\\\"deposit_balance\\\"}"), "300000");
    CHECK_STR(ol_bytes_str(t.status_outcome->value), OL_STR("\"300000\""));
    check_tokens(&l, "alice.test.near", "700000");
    t = send(&l, MESSAGE("hello"), "300000");
    CHECK_STR(ol_bytes_str(t.status_outcome->value), OL_STR("\"0\""));
    check_tokens(&l, "alice.test.near", "700000");
    check_tokens(&l, "outlayer.test.near", "300000");
    must(&l, ALICE, OUTLAYER, "withdraw_balance", "{\"amount\":\"100000\"}", OL_YOCTO(1));
    check_tokens(&l, "alice.test.near", "800000");
    CHECK_STR(
        view(&l, OUTLAYER, "get_user_stablecoin_balance", "{\"account_id\":\"alice.test.near\"}"),
        OL_STR("\"200000\""));
    lab_close(&l);
}

TEST("a withdrawal the token refuses is booked back")
{
    lab l;
    open_bank(&l);
    (void)send(&l, MESSAGE("{\\\"action\\\":\\\"deposit_balance\\\"}"), "300000");
    must(&l, ALICE, OUTLAYER, "withdraw_balance", "{\"receiver_id\":\"carol.test.near\"}",
         OL_YOCTO(1)); /* carol is not registered at the token */
    CHECK_STR(
        view(&l, OUTLAYER, "get_user_stablecoin_balance", "{\"account_id\":\"alice.test.near\"}"),
        OL_STR("\"300000\""));
    check_tokens(&l, "outlayer.test.near", "300000");
    lab_close(&l);
}

TEST("a top-up waits for the worker, and only what it confirms is kept")
{
    static const struct {
        const char *result; /* NULL: nobody answers */
        const char *alice;
        const char *data;
    } cases[] = {
        {CONFIRMED, "980000", "\"encrypted_secrets\":\"NEW\""},
        {"{\"Error\":{\"message\":\"no\"}}", "1000000", "\"encrypted_secrets\":\"OLD\""},
        {NULL, "1000000", "\"encrypted_secrets\":\"OLD\""},
    };
    OL_EACH (it, cases) {
        lab l;
        open_bank(&l);
        ol_trace t = send(&l, MESSAGE(TOP_UP), "20000");
        CHECK_EQ(t.status, OL_STATUS_UNKNOWN);
        check_tokens(&l, "alice.test.near", "980000");
        ol_str id = announced(&l, &t);
        /* A second one at the same time comes back at once. */
        ol_trace second = send(&l, MESSAGE(TOP_UP), "30000");
        CHECK_STR(ol_bytes_str(second.status_outcome->value), OL_STR("\"0\""));
        if (it->result != NULL)
            CHECK_EQ(resume(&l, id, it->result).status, OL_STATUS_VALUE);
        else
            lab_mine(&l, 205);
        check_tokens(&l, "alice.test.near", it->alice);
        CHECK_HAS(view(&l, OUTLAYER, "get_secrets", KEY), ol_str_of(it->data), "key");
        /* Too late: the worker must not believe that it was paid. */
        CHECK_EQ(resume(&l, id, CONFIRMED).status, OL_STATUS_FAILURE);
        lab_close(&l);
    }
}

/* --- With NEAR -----------------------------------------------------------------------------------
 */

static void open_exchange(lab *l)
{
    open_bank(l);
    lab_deploy(l, WRAP, "contracts/token.wasm");
    lab_deploy(l, SWAP, "contracts/swap.wasm");
    must(l, BOB, WRAP, "new",
         "{\"owner_id\":\"bob.test.near\",\"name\":\"Wrapped NEAR\",\"symbol\":\"wNEAR\","
         "\"decimals\":24,\"wraps_near\":true}",
         OL_YOCTO(0));
    /* A whole NEAR is worth 3 USDC. */
    must(l, BOB, SWAP, "new",
         "{\"operator_id\":\"bob.test.near\",\"token_in\":\"wrap.test.near\",\"token_out\":"
         "\"usdc.test.near\",\"rate_in\":\"1000000000000000000000000\",\"rate_out\":\"3000000\"}",
         OL_YOCTO(0));
    must(l, BOB, WRAP, "storage_deposit", "{\"account_id\":\"outlayer.test.near\"}", STORAGE);
    must(l, BOB, USDC, "mint", "{\"account_id\":\"swap.test.near\",\"amount\":\"9000000\"}",
         OL_YOCTO(0));
    must(l, BOB, OUTLAYER, "set_near_top_up",
         "{\"wrap_contract\":\"wrap.test.near\",\"project_id\":\"bob.test.near/swap\","
         "\"swap_contracts\":[\"swap.test.near\"]}",
         OL_YOCTO(0));
    must(l, BOB, OUTLAYER, "create_project",
         "{\"name\":\"swap\",\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"00\"}}}",
         LAB_NEAR(1));
}

static ol_trace with_near(lab *l)
{
    return call(l, ALICE, OUTLAYER, "top_up_payment_key_with_near",
                "{\"nonce\":1,\"swap_contract_id\":\"swap.test.near\"}", CENTS(11));
}

TEST("NEAR becomes tokens on a payment key: wrapped, swapped by the worker, topped up")
{
    lab l;
    open_exchange(&l);
    must(&l, BOB, WRAP, "storage_deposit", "{\"account_id\":\"swap.test.near\"}", STORAGE);
    ol_trace asked = with_near(&l);
    CHECK_EQ(asked.status, OL_STATUS_UNKNOWN); /* the request waits */
    CHECK_STR(view(&l, WRAP, "ft_balance_of", "{\"account_id\":\"swap.test.near\"}"),
              OL_STR("\"100000000000000000000000\""));
    ol_str request = view(&l, OUTLAYER, "get_request", "{\"request_id\":0}");
    CHECK_HAS(request, OL_STR("\\\"amount\\\":\\\"100000000000000000000000\\\""), "input");
    CHECK_HAS(request, OL_STR("\"payer_account_id\":\"alice.test.near\""), "payer");

    ol_trace swapped =
        call(&l, BOB, SWAP, "swap",
             "{\"amount_in\":\"100000000000000000000000\",\"receiver_id\":\"outlayer.test.near\","
             "\"msg\":\"" TOP_UP_ALICE "\"}",
             OL_YOCTO(0));
    CHECK_EQ(resume(&l, announced(&l, &swapped), CONFIRMED).status, OL_STATUS_VALUE);
    check_tokens(&l, "outlayer.test.near", "300000");
    ol_yocto before = lab_balance(&l, ALICE);
    must(&l, BOB, OUTLAYER, "resolve_execution",
         "{\"request_id\":0,\"response\":{\"success\":true,\"output\":{\"Text\":\"swapped\"},"
         "\"resources_used\":{\"instructions\":1000000,\"time_ms\":1000}}}",
         OL_YOCTO(0));
    /* What the run left of the reserve goes to the key's owner. */
    CHECK(lab_balance(&l, ALICE).yocto > before.yocto + CENTS(1).yocto / 2);
    CHECK_HAS(view(&l, OUTLAYER, "get_secrets", KEY), OL_STR("NEW"), "key");
    lab_close(&l);
}

TEST("NEAR that cannot be sent to the swap comes back")
{
    lab l;
    open_exchange(&l); /* the swap is not registered at the wrapped token */
    ol_yocto before = lab_balance(&l, ALICE);
    ol_trace asked = with_near(&l);
    CHECK(asked.complete);
    CHECK(before.yocto - lab_balance(&l, ALICE).yocto < CENTS(1).yocto); /* gas */
    CHECK_STR(view(&l, WRAP, "ft_total_supply", "{}"), OL_STR("\"0\""));
    CHECK_STR(view(&l, OUTLAYER, "get_pending_request_ids", "{}"), OL_STR("[]"));
    lab_close(&l);
}

TEST("NEAR that cannot be wrapped comes back")
{
    lab l;
    open_exchange(&l);
    must(&l, BOB, OUTLAYER, "set_near_top_up",
         "{\"wrap_contract\":\"usdc.test.near\",\"swap_contracts\":[\"swap.test.near\"]}",
         OL_YOCTO(0)); /* which wraps nothing */
    ol_yocto before = lab_balance(&l, ALICE);
    ol_trace asked = with_near(&l);
    CHECK(asked.complete);
    CHECK(before.yocto - lab_balance(&l, ALICE).yocto < CENTS(1).yocto);
    lab_close(&l);
}
