/* A random life of payment keys, against a model: made, funded in the token, spent over HTTPS and
 * on the chain, deleted and made again, while programs are killed. At each stop contract, token,
 * coordinator and model agree to the micro-dollar, and the ledger is the sum of its rows.
 *
 * MONEY_STEPS and MONEY_SEED choose another life; both are printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/coordinator/domain.h"
#include "tests/e2e/money_life.h"
#include "tests/harness/test.h"

enum {
    STEPS = 2500,
    STOP_EVERY = 500,
    COMPUTE_LIMIT = 10000, /* DEFAULT_COMPUTE_LIMIT */
    TOP_UP_MIN = 10000,    /* Contract 2 */
    PRICE = 10,            /* of a word: examples/paid-api.c */
};

/* ---- steps: keys ---- */

static void delete(life *l, int user, int nonce)
{
    life_tempt_fate(l);
    (void)life_send(l, USER[user], CHAIN_OUTLAYER, "delete_payment_key",
                    ol_arena_printf(&l->lab.chain.arena, "{\"nonce\":%d}", nonce + 1), 1);
    life_await_key(l, user, nonce, false, 0);
    l->key[user][nonce].live = false;
    l->key[user][nonce].initial = 0;
    l->key[user][nonce].spent = 0;
}

/* By anybody; too little and keys that are not there go back to the last unit. */
static void fund(life *l, int user, int nonce)
{
    key *k = &l->key[user][nonce];
    int payer = (int)life_draw(l, USERS);
    bool little = life_draw(l, 6) == 0;
    uint64_t amount = little ? 1 + life_draw(l, TOP_UP_MIN - 1) : TOP_UP_MIN + life_draw(l, 60000);
    bool taken = k->live && !little;
    char msg[256];
    (void)snprintf(msg, sizeof msg,
                   "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":%d,\\\"owner\\\":"
                   "\\\"%s\\\"}",
                   nonce + 1, USER[user]);
    life_tempt_fate(l);
    CHECK_EQ(life_transfer(l, payer, amount, msg), taken ? amount : 0);
    if (!taken)
        return;
    k->initial += amount;
    l->revenue += amount;
    if (life_draw(l, 20) == 0) { /* the coordinator is lost while it should be told */
        ol_err err = {0};
        stack_kill(&l->lab.stack, STACK_COORDINATOR);
        CHECK_OK(stack_start(&l->lab.stack, STACK_COORDINATOR, &err));
    }
    life_await_key(l, user, nonce, true, k->initial);
}

/* ---- steps: calls ---- */

typedef struct call {
    const char *project;
    const char *body;
    uint64_t deposit;
    uint64_t price; /* the author's, when it succeeds */
    bool succeeds;
} call;

static void perform(life *l, int user, int nonce, const call *c)
{
    key *k = &l->key[user][nonce];
    char headers[512];
    char path[128];
    ol_str body;
    size_t n;
    size_t at;
    bool funded = k->initial - k->spent >= COMPUTE_LIMIT + c->deposit;
    life_key_header(l, user, nonce, headers, sizeof headers);
    n = strlen(headers);
    if (c->deposit > 0)
        (void)snprintf(headers + n, sizeof headers - n, "X-Attached-Deposit: %llu\r\n",
                       (unsigned long long)c->deposit);
    (void)snprintf(path, sizeof path, "/call/" ALICE "/%s", c->project);
    int status = life_ask(l, "POST", path, headers, c->body, &body);
    CHECK_EQ_ROW(status, !k->live ? 401 : funded ? 200 : 402, c->body);
    if (status != 200)
        return;
    uint64_t cost = life_number(body, "compute_cost");
    bool succeeded = ol_str_find(body, OL_STR("\"status\":\"completed\""), &at);
    CHECK_EQ_ROW(succeeded, c->succeeds, c->body);
    CHECK_ROW(cost >= 1000 && cost <= COMPUTE_LIMIT, c->body);
    k->spent += cost;
    if (c->succeeds) {
        k->spent += c->price;
        l->earned_https += c->price;
    }
}

static void call_plain(life *l, int user, int nonce)
{
    const call c = {.project = "echo", .body = "{\"input\":{\"n\":1}}", .succeeds = true};
    perform(l, user, nonce, &c);
}

static void call_failing(life *l, int user, int nonce)
{
    const call c = {.project = "paid", .body = "{\"input\":{}}", .deposit = life_draw(l, 2) * 500};
    perform(l, user, nonce, &c);
}

/* Some attach too little and fail; the rest get back what is over. */
static void call_paid(life *l, int user, int nonce)
{
    char body[256] = "{\"input\":{\"words\":\"";
    uint64_t words = 1 + life_draw(l, 20);
    for (uint64_t i = 0; i < words; i++)
        (void)strncat(body, "w ", sizeof body - strlen(body) - 1);
    (void)strncat(body, "\"}}", sizeof body - strlen(body) - 1);
    uint64_t deposit = 1 + life_draw(l, 500);
    const call c = {.project = "paid",
                    .body = body,
                    .deposit = deposit,
                    .price = words * PRICE,
                    .succeeds = deposit >= words * PRICE};
    perform(l, user, nonce, &c);
}

static void call_stranger(life *l, int user, int nonce)
{
    char headers[512];
    ol_str body;
    (void)snprintf(headers, sizeof headers,
                   "X-Payment-Key: %s:%d:%064d\r\nContent-Type: application/json\r\n", USER[user],
                   nonce + 1, 7);
    CHECK_EQ(life_ask(l, "POST", "/call/" ALICE "/echo", headers, "{\"input\":1}", &body), 401);
}

/* ---- steps: money at the contract ---- */

static void deposit(life *l, int user)
{
    uint64_t amount = 1 + life_draw(l, 5000);
    CHECK_EQ(life_transfer(l, user, amount, "{\\\"action\\\":\\\"deposit_balance\\\"}"), amount);
    l->deposits[user] += amount;
}

static void chain_paid(life *l, int user)
{
    uint64_t words = 1 + life_draw(l, 20);
    uint64_t attached = 1 + life_draw(l, 300);
    ol_buf text = ol_buf_new(OL_KIB(1));
    if (l->deposits[user] < attached) {
        deposit(l, user);
        ol_buf_deinit(&text);
        return;
    }
    for (uint64_t i = 0; i < words; i++)
        ol_buf_add_str(&text, OL_STR("w "));
    bool succeeds = attached >= words * PRICE;
    chain_result result =
        life_send(l, USER[user], CHAIN_OUTLAYER, "request_execution",
                  ol_arena_printf(&l->lab.chain.arena,
                                  "{\"source\":{\"Project\":{\"project_id\":\"" ALICE
                                  "/paid\"}},\"input_data\":\"{\\\"words\\\":\\\"%.*s\\\"}\","
                                  "\"resource_limits\":{\"max_instructions\":1000000000},"
                                  "\"params\":{\"attached_usd\":\"%llu\"}}",
                                  OL_FMT(ol_buf_str(&text)), (unsigned long long)attached),
                  DEPOSIT);
    ol_buf_deinit(&text);
    CHECK_EQ_ROW(!ol_str_eq(result.value, OL_STR("null")), succeeds,
                 result.logs > 0 ? result.log[result.logs - 1].data : "no log");
    if (!succeeds)
        return; /* it failed, and all of it is given back */
    l->deposits[user] -= words * PRICE;
    l->earned_chain += words * PRICE;
}

static void withdraw(life *l, int user)
{
    bool earnings = user == 0 && life_draw(l, 2) == 0;
    uint64_t *from = earnings ? &l->earned_chain : &l->deposits[user];
    if (*from == 0)
        return;
    (void)life_send(l, USER[user], CHAIN_OUTLAYER,
                    earnings ? "withdraw_developer_earnings" : "withdraw_balance", OL_STR("{}"), 1);
    l->tokens[user] += *from;
    l->held -= *from;
    *from = 0;
}

/* ---- steps: programs die ---- */

static void restart(life *l)
{
    ol_err err = {0};
    switch (life_draw(l, 3)) {
    case 0:
        stack_kill(&l->lab.stack, STACK_WORKER);
        CHECK_OK(stack_start(&l->lab.stack, STACK_WORKER, &err));
        return;
    case 1:
        stack_kill(&l->lab.stack, STACK_COORDINATOR);
        CHECK_OK(stack_start(&l->lab.stack, STACK_COORDINATOR, &err));
        return;
    default:
        life_restart_keystore(l);
    }
}

/* ---- agreement ---- */

static void check_view(life *l, const char *contract, const char *method, const char *args,
                       uint64_t want)
{
    ol_str got = chain_view(&l->lab.chain, contract, method, args);
    ol_str text = ol_arena_printf(&l->lab.chain.arena, "\"%llu\"", (unsigned long long)want);
    CHECK_STR_ROW(got, text, ol_arena_printf(&l->lab.chain.arena, "%s %s", method, args).data);
}

static void check_chain(life *l)
{
    char args[128];
    for (int u = 0; u < USERS; u++) {
        (void)snprintf(args, sizeof args, "{\"account_id\":\"%s\"}", USER[u]);
        check_view(l, TOKEN, "ft_balance_of", args, l->tokens[u]);
        check_view(l, CHAIN_OUTLAYER, "get_user_stablecoin_balance", args, l->deposits[u]);
    }
    check_view(l, TOKEN, "ft_balance_of", "{\"account_id\":\"" CHAIN_OUTLAYER "\"}", l->held);
    check_view(l, TOKEN, "ft_total_supply", "{}", USERS * MINTED);
    check_view(l, CHAIN_OUTLAYER, "get_revenue", "{}", l->revenue);
    check_view(l, CHAIN_OUTLAYER, "get_developer_earnings", "{\"account_id\":\"" ALICE "\"}",
               l->earned_chain);
    uint64_t owed = l->revenue + l->earned_chain;
    for (int u = 0; u < USERS; u++)
        owed += l->deposits[u];
    CHECK_EQ(owed, l->held); /* no unit at the contract is nobody's */
}

static void check_coordinator(life *l)
{
    char path[128];
    ol_str body;
    for (int u = 0; u < USERS; u++) {
        for (int n = 0; n < NONCES; n++) {
            const key *k = &l->key[u][n];
            (void)snprintf(path, sizeof path, "/public/payment-keys/%s/%d/balance", USER[u], n + 1);
            CHECK_EQ_ROW(life_ask(l, "GET", path, "", "", &body), 200, path);
            CHECK_EQ_ROW(life_number(body, "initial_balance"), k->initial, path);
            CHECK_EQ_ROW(life_number(body, "spent"), k->spent, path);
            CHECK_EQ_ROW(life_number(body, "reserved"), 0, path);
            CHECK_EQ_ROW(life_number(body, "available"), k->initial - k->spent, path);
        }
    }
    CHECK_EQ(life_ask(l, "GET", "/public/project-earnings/" ALICE, "", "", &body), 200);
    CHECK_EQ(life_number(body, "total_earned"), l->earned_https);
    CHECK_EQ(life_number(body, "balance"), l->earned_https);
}

/* What `outlayer-coordinator ledger check` does, on the files of one that was killed. */
static void check_ledger(life *l)
{
    char database[2 * STACK_PATH_BYTES];
    char wasm[2 * STACK_PATH_BYTES];
    domain *d = NULL;
    ol_err err = {0};
    stack_kill(&l->lab.stack, STACK_COORDINATOR);
    (void)snprintf(database, sizeof database, "%s/coordinator.db", l->lab.stack.folder);
    (void)snprintf(wasm, sizeof wasm, "%s/wasm", l->lab.stack.folder);
    const domain_settings settings = {.database_path = database,
                                      .wasm_folder = wasm,
                                      .wasm_bytes_max = OL_MIB(1024),
                                      .call_seconds = 300,
                                      .clock = ol_clock_real(),
                                      .random = ol_random_kernel()};
    CHECK_OK(domain_open(&settings, &d, &err));
    CHECK_OK(ledger_check(d, &err));
    domain_close(d);
    CHECK_OK(stack_start(&l->lab.stack, STACK_COORDINATOR, &err));
}

static void check_all(life *l)
{
    check_coordinator(l);
    check_chain(l);
    check_ledger(l);
    check_coordinator(l); /* durable */
}

/* ---- the life ---- */

enum {
    PLAIN,
    PAID,
    FAILING,
    STRANGER,
    FUND,
    MAKE,
    DELETE,
    DEPOSITS,
    CHAIN_PAID,
    WITHDRAW,
    RESTART
};

static const struct {
    const char *name;
    unsigned weight;
} KINDS[] = {
    [PLAIN] = {"calls", 400},          [PAID] = {"paid calls", 300},
    [FAILING] = {"failing calls", 80}, [STRANGER] = {"strangers", 30},
    [FUND] = {"transfers", 80},        [MAKE] = {"keys made", 40},
    [DELETE] = {"keys deleted", 12},   [DEPOSITS] = {"deposits", 15},
    [CHAIN_PAID] = {"chain runs", 25}, [WITHDRAW] = {"withdrawals", 12},
    [RESTART] = {"restarts", 6},
};

static size_t draw_kind(life *l)
{
    unsigned total = 0;
    size_t kind = 0;
    for (size_t i = 0; i < OL_COUNT(KINDS); i++)
        total += KINDS[i].weight;
    uint64_t at = life_draw(l, total);
    while (at >= KINDS[kind].weight)
        at -= KINDS[kind++].weight;
    return kind;
}

static void take_step(life *l)
{
    size_t kind = draw_kind(l);
    int user = (int)life_draw(l, USERS);
    int nonce = (int)life_draw(l, NONCES);
    bool live = l->key[user][nonce].live;
    if (kind == MAKE && live)
        kind = FUND;
    else if (kind == DELETE && !live)
        kind = MAKE;
    l->done[kind]++;
    switch (kind) {
    case PLAIN:
        call_plain(l, user, nonce);
        return;
    case PAID:
        call_paid(l, user, nonce);
        return;
    case FAILING:
        call_failing(l, user, nonce);
        return;
    case STRANGER:
        call_stranger(l, user, nonce);
        return;
    case FUND:
        fund(l, user, nonce);
        return;
    case MAKE:
        life_make_key(l, user, nonce);
        return;
    case DELETE:
        delete (l, user, nonce);
        return;
    case DEPOSITS:
        deposit(l, user);
        return;
    case CHAIN_PAID:
        chain_paid(l, user);
        return;
    case WITHDRAW:
        withdraw(l, user);
        return;
    default:
        restart(l);
    }
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    uint64_t number;
    const char *text = getenv(name);
    return text != NULL && ol_u64_parse(ol_str_of(text), &number) ? number : otherwise;
}

TEST("money: a random life of keys leaves chain, coordinator and model with the same figures")
{
    static life l;
    uint64_t steps = number_from("MONEY_STEPS", STEPS);
    uint64_t seed = number_from("MONEY_SEED", 5);
    l = (life){.random = seed};
    (void)fprintf(stderr, "    MONEY_SEED=%llu MONEY_STEPS=%llu\n", (unsigned long long)seed,
                  (unsigned long long)steps);
    life_open(&l);
    for (l.step = 0; l.step < steps; l.step++) {
        take_step(&l);
        if ((l.step + 1) % STOP_EVERY == 0)
            check_all(&l);
    }
    check_all(&l);
    for (size_t i = 0; i < OL_COUNT(KINDS); i++)
        (void)fprintf(stderr, "    %s %u\n", KINDS[i].name, l.done[i]);
    (void)fprintf(stderr, "    programs lost over a task %u\n", l.deaths);
    life_deinit(&l);
}
