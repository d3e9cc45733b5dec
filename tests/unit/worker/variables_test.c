#include "services/worker/variables.h"

#include <stdio.h>

#include "lib/secrets/names.h"

#include "tests/harness/test.h"

typedef struct seen {
    const ol_frame_pair *pair;
    size_t count;
} seen;

/* The value a guest reads; NULL data when the variable is not there. The last one counts, as in
 * an environment that is searched from its start it would be the first: so there must be one. */
static ol_str value_of(const seen *s, const char *name)
{
    ol_str found = {NULL, 0};
    for (size_t i = 0; i < s->count; i++) {
        if (ol_str_eq(ol_bytes_str(s->pair[i].name), ol_str_of(name))) {
            CHECK_ROW(found.data == NULL, name);
            found = ol_bytes_str(s->pair[i].value);
        }
    }
    return found;
}

static const ol_task HTTPS_TASK = {
    .request_id = 100000000001,
    .is_https_call = true,
    .call_id = OL_STR_INIT("7f4b"),
    .payment_key_owner = OL_STR_INIT("payer.near"),
    .user_account_id = OL_STR_INIT("payer.near"),
    .project_id = OL_STR_INIT("b.near/x/y"),
    .usd_payment = {true, 25},
    .context = {.sender_id = OL_STR_INIT("payer.near")},
};

static const run_facts FACTS = {
    .network_id = OL_STR_INIT("testnet"),
    .limits = {1000, 64, 7},
    .sender_id = OL_STR_INIT("payer.near"),
    .project_uuid = OL_STR_INIT("p7"),
};

static seen build(const ol_task *task, const run_facts *facts, const variable *secrets,
                  size_t count, ol_arena *arena)
{
    seen s;
    ol_err err = {0};
    CHECK_OK(variables_build(task, facts, secrets, count, arena, &s.pair, &s.count, &err));
    return s;
}

TEST("an HTTPS run sees the table of the specification, empty texts included")
{
    static const struct {
        const char *name;
        const char *value;
    } rows[] = {
        {"OUTLAYER_EXECUTION_TYPE", "HTTPS"},
        {"NEAR_NETWORK_ID", "testnet"},
        {"NEAR_SENDER_ID", "payer.near"},
        {"NEAR_USER_ACCOUNT_ID", "payer.near"},
        {"NEAR_PREDECESSOR_ID", ""},
        {"NEAR_SIGNER_PUBLIC_KEY", ""},
        {"NEAR_CONTRACT_ID", ""},
        {"NEAR_BLOCK_HEIGHT", ""},
        {"NEAR_BLOCK_TIMESTAMP", ""},
        {"NEAR_RECEIPT_ID", ""},
        {"NEAR_GAS_BURNT", ""},
        {"NEAR_TRANSACTION_HASH", ""},
        {"NEAR_REQUEST_ID", ""},
        {"NEAR_PAYMENT_YOCTO", "0"},
        {"ATTACHED_USD", "0"},
        {"USD_PAYMENT", "25"},
        {"OUTLAYER_CALL_ID", "7f4b"},
        {"NEAR_MAX_INSTRUCTIONS", "1000"},
        {"NEAR_MAX_MEMORY_MB", "64"},
        {"NEAR_MAX_EXECUTION_SECONDS", "7"},
        {"OUTLAYER_PROJECT_ID", "b.near/x/y"},
        {"OUTLAYER_PROJECT_OWNER", "b.near"},
        {"OUTLAYER_PROJECT_NAME", "x/y"},
        {"OUTLAYER_PROJECT_UUID", "p7"},
    };
    ol_arena arena = ol_arena_new(65536);
    seen s = build(&HTTPS_TASK, &FACTS, NULL, 0, &arena);
    OL_EACH (row, rows) {
        ol_str value = value_of(&s, row->name);
        CHECK_ROW(value.data != NULL, row->name);
        CHECK_ROW(ol_secret_name_reserved(ol_str_of(row->name)), row->name);
        CHECK_STR_ROW(value, ol_str_of(row->value), row->name);
    }
    CHECK_EQ(s.count, OL_COUNT(rows)); /* and not one name more */
    ol_arena_deinit(&arena);
}

TEST("what a guest is told was attached is what it may give back of")
{
    ol_task task = {.is_https_call = true,
                    .usd_payment = {true, 5},
                    .attached_deposit_usd = {true, 7},
                    .attached_usd = {true, 9}};
    CHECK_EQ(task_deposit_usd(&task).value, 5);
    task.usd_payment.has = false; /* a coordinator that says it the other way */
    CHECK_EQ(task_deposit_usd(&task).value, 7);
    task.attached_deposit_usd.has = false;
    CHECK(!task_deposit_usd(&task).has);
    task.is_https_call = false;
    CHECK_EQ(task_deposit_usd(&task).value, 9);
}

TEST("a chain run leaves unknown values unset")
{
    ol_arena arena = ol_arena_new(65536);
    ol_task task = {.request_id = 7,
                    .user_account_id = OL_STR("u.near"),
                    .attached_usd = {true, 9},
                    .context = {.block_height = {true, 12}, .contract_id = OL_STR("c.near")}};
    run_facts facts = FACTS;
    facts.sender_id = OL_STR("s.near");
    facts.rpc_available = true;
    seen s = build(&task, &facts, NULL, 0, &arena);
    CHECK_STR(value_of(&s, "OUTLAYER_EXECUTION_TYPE"), OL_STR("NEAR"));
    CHECK_STR(value_of(&s, "NEAR_REQUEST_ID"), OL_STR("7"));
    CHECK_STR(value_of(&s, "NEAR_BLOCK_HEIGHT"), OL_STR("12"));
    CHECK_STR(value_of(&s, "ATTACHED_USD"), OL_STR("9"));
    CHECK_STR(value_of(&s, "USD_PAYMENT"), OL_STR("0"));
    CHECK_STR(value_of(&s, "NEAR_RPC_PROXY_AVAILABLE"), OL_STR("1"));
    CHECK(value_of(&s, "NEAR_RECEIPT_ID").data == NULL);
    CHECK(value_of(&s, "NEAR_PAYMENT_YOCTO").data == NULL);
    CHECK(value_of(&s, "OUTLAYER_PROJECT_ID").data == NULL);
    CHECK(value_of(&s, "WALLET_ID").data == NULL);
    ol_arena_deinit(&arena);
}

TEST("H5: a secret cannot stand in for a name of the system")
{
    static const variable secrets[] = {
        {OL_STR_INIT("NEAR_SENDER_ID"), OL_STR_INIT("evil")},
        {OL_STR_INIT("API_KEY"), OL_STR_INIT("k")},
        {OL_STR_INIT("PROTECTED_SEED"), OL_STR_INIT("s")},
    };
    ol_arena arena = ol_arena_new(65536);
    seen s = build(&HTTPS_TASK, &FACTS, secrets, OL_COUNT(secrets), &arena);
    CHECK_STR(value_of(&s, "NEAR_SENDER_ID"), OL_STR("payer.near"));
    CHECK_STR(value_of(&s, "API_KEY"), OL_STR("k"));
    CHECK_STR(value_of(&s, "PROTECTED_SEED"), OL_STR("s"));
    ol_arena_deinit(&arena);
}

TEST("H5: nor by a name that reads as one of the system with its value, or as none")
{
    static const variable secrets[] = {
        {OL_STR_INIT("NEAR_SENDER_ID=evil"), OL_STR_INIT("")},
        {OL_STR_INIT("NEAR_USER_ACCOUNT_ID=evil\0"), OL_STR_INIT("")},
        {OL_STR_INIT("USD_PAYMENT\0=5"), OL_STR_INIT("9")},
        {OL_STR_INIT("="), OL_STR_INIT("x")},
        {OL_STR_INIT(""), OL_STR_INIT("NEAR_SENDER_ID=evil")},
        {OL_STR_INIT("API_KEY"), OL_STR_INIT("a=b\nNEAR_SENDER_ID=evil")},
    };
    ol_arena arena = ol_arena_new(65536);
    seen without = build(&HTTPS_TASK, &FACTS, NULL, 0, &arena);
    seen s = build(&HTTPS_TASK, &FACTS, secrets, OL_COUNT(secrets), &arena);
    CHECK_EQ(s.count, without.count + 1); /* the value of the last is its own affair */
    CHECK_STR(value_of(&s, "API_KEY"), OL_STR("a=b\nNEAR_SENDER_ID=evil"));
    ol_arena_deinit(&arena);
}

TEST("a secret that comes twice is what it was the last time")
{
    static const variable secrets[] = {
        {OL_STR_INIT("API_KEY"), OL_STR_INIT("old")},
        {OL_STR_INIT("OTHER"), OL_STR_INIT("o")},
        {OL_STR_INIT("API_KEY"), OL_STR_INIT("new")},
    };
    ol_arena arena = ol_arena_new(65536);
    seen s = build(&HTTPS_TASK, &FACTS, secrets, OL_COUNT(secrets), &arena);
    CHECK_STR(value_of(&s, "API_KEY"), OL_STR("new")); /* and there is one */
    CHECK_STR(value_of(&s, "OTHER"), OL_STR("o"));
    ol_arena_deinit(&arena);
}

TEST("as many secrets as a run has room for are taken, one more is refused")
{
    enum { MOST = OL_FRAME_VARIABLES_MAX - OL_SECRET_NAMES_RESERVED };
    static char name[MOST + 1][8];
    static variable secrets[MOST + 1];
    seen s;
    ol_err err = {0};
    ol_arena arena = ol_arena_new(1 << 20);
    for (size_t i = 0; i < OL_COUNT(secrets); i++) {
        (void)snprintf(name[i], sizeof name[i], "S%zu", i);
        secrets[i] = (variable){ol_str_of(name[i]), OL_STR("v")};
    }
    s = build(&HTTPS_TASK, &FACTS, secrets, MOST, &arena);
    CHECK(s.count > MOST && s.count <= OL_FRAME_VARIABLES_MAX);
    CHECK_EQ(
        variables_build(&HTTPS_TASK, &FACTS, secrets, MOST + 1, &arena, &s.pair, &s.count, &err),
        OL_ERR_LIMIT);
    CHECK_STR(ol_err_text(&err), OL_STR("too many secrets"));
    ol_arena_deinit(&arena);
}

TEST("H6: nor for one the system does not set in this run")
{
    static const variable secrets[] = {
        {OL_STR_INIT("OUTLAYER_PROJECT_OWNER"), OL_STR_INIT("evil")},
        {OL_STR_INIT("WALLET_ID"), OL_STR_INIT("evil")},
        {OL_STR_INIT("NEAR_RPC_PROXY_AVAILABLE"), OL_STR_INIT("1")},
    };
    ol_arena arena = ol_arena_new(65536);
    ol_task task = {.request_id = 1};
    seen s = build(&task, &FACTS, secrets, OL_COUNT(secrets), &arena);
    OL_EACH (secret, secrets)
        CHECK(value_of(&s, secret->name.data).data == NULL);
    ol_arena_deinit(&arena);
}
