/* outlayer:wallet/api (Host interfaces 11): each function is one request to the coordinator, which
 * holds the wallet; its answer is the guest's. */
#include <stdio.h>

#include "lib/broker/internal.h"

enum { PATH_BYTES_MAX = 4096, WALLET_SECONDS = 30, WALLET_CONNECT_SECONDS = 5 };

#define PREFIX "/wallet/v1"

static void answer(ol_broker *broker, ol_str value, ol_str error)
{
    const ol_host_value values[] = {{.bytes = ol_str_bytes(value)}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

static void refuse(ol_broker *broker, const char *error)
{
    answer(broker, OL_STR(""), ol_str_of(error));
}

/* ---- what the coordinator said ---- */

static bool text_of(ol_broker *broker, const ol_json *root, const char *name, ol_str *ret)
{
    ol_json value;
    return ol_json_find(root, ol_str_of(name), &value) &&
           ol_json_text(&value, &broker->service.arena, ret, NULL) == OL_OK;
}

/* ` terminal=true in_flight_request_id=r`, as far as the body has them. */
static ol_str details(ol_broker *broker, const ol_json *root)
{
    ol_arena *arena = &broker->service.arena;
    ol_json terminal;
    ol_str id;
    bool is_terminal = false;
    ol_str out = OL_STR("");
    if (ol_json_find(root, OL_STR("terminal"), &terminal) &&
        ol_json_bool(&terminal, &is_terminal, NULL) == OL_OK)
        out = ol_arena_printf(arena, " terminal=%s", is_terminal ? "true" : "false");
    if (text_of(broker, root, "in_flight_request_id", &id))
        out = ol_arena_printf(arena, "%.*s in_flight_request_id=%.*s", OL_FMT(out), OL_FMT(id));
    return out;
}

static ol_str failure(ol_broker *broker)
{
    ol_arena *arena = &broker->service.arena;
    ol_str body = ol_buf_str(&broker->service.answer);
    ol_json root;
    ol_str error;
    ol_str message;
    if (ol_json_parse(body, &root, NULL) != OL_OK || ol_json_kind_of(&root) != OL_JSON_OBJECT)
        return body;
    bool told = text_of(broker, &root, "message", &message);
    if (!text_of(broker, &root, "error", &error))
        return told ? message : body;
    ol_str more = details(broker, &root);
    return told ? ol_arena_printf(arena, "%.*s: %.*s%.*s", OL_FMT(error), OL_FMT(message),
                                  OL_FMT(more))
                : ol_arena_printf(arena, "%.*s%.*s", OL_FMT(error), OL_FMT(more));
}

static void came(ol_broker *broker)
{
    int status = broker->service.status;
    if (status == 0)
        refuse(broker, "Wallet request failed: no answer");
    else if (status >= 200 && status <= 299)
        answer(broker, ol_buf_str(&broker->service.answer), OL_STR(""));
    else
        answer(broker, OL_STR(""), failure(broker));
}

/* ---- requests ---- */

typedef struct args {
    const ol_host_value *value;
} args;

static ol_str arg(const args *a, size_t i)
{
    return ol_bytes_str(a->value[i].bytes);
}

/* Repeating a mutation within a run never happens twice at the wallet. */
static void headers(ol_broker *broker, bool mutation)
{
    ol__wallet *it = &broker->wallet;
    ol_arena *arena = &broker->service.arena;
    ol__service *service = &broker->service;
    service->extra[0] =
        ol_arena_printf(arena, "X-Wallet-Id: %.*s", OL_FMT(broker->about.wallet_id));
    service->extra[1] =
        ol_arena_printf(arena, "X-Internal-Wallet-Auth: %.*s", OL_FMT(broker->plan.wallet_token));
    if (mutation)
        service->extra[2] =
            ol_arena_printf(arena, "X-Idempotency-Key: %llu:%u",
                            (unsigned long long)broker->about.vrf.request_id, ++it->mutations);
}

static void get(ol_broker *broker, const char *path)
{
    headers(broker, false);
    ol__service_get(broker, OL__TO_COORDINATOR, path, came);
}

static void get_with(ol_broker *broker, const char *path, const char *names[2], ol_str first,
                     ol_str second)
{
    char storage[PATH_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_buf_addf(&text, "%s?%s=", path, names[0]);
    ol_percent_encode(first, &text);
    if (names[1] != NULL && second.len > 0) {
        ol_buf_addf(&text, "&%s=", names[1]);
        ol_percent_encode(second, &text);
    }
    ol_buf_add_char(&text, '\0');
    if (ol_buf_ok(&text))
        get(broker, storage);
    else
        refuse(broker, "Wallet request failed: arguments are too long");
}

static void get_request(ol_broker *broker, ol_str id)
{
    char storage[PATH_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_buf_add_str(&text, OL_STR(PREFIX "/requests/"));
    ol_percent_encode(id, &text);
    ol_buf_add_char(&text, '\0');
    if (ol_buf_ok(&text))
        get(broker, storage);
    else
        refuse(broker, "Wallet request failed: arguments are too long");
}

static void put_or_null(ol_json_writer *w, const char *name, ol_str value)
{
    if (value.len > 0)
        ol_json_put_str(w, name, value);
    else
        ol_json_put_null(w, name);
}

static void withdraw(ol_broker *broker, const args *a, bool dry_run)
{
    if (arg(a, 0).len == 0 || arg(a, 1).len == 0 || arg(a, 2).len == 0) {
        refuse(broker, "chain, to, and amount are required");
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "chain", arg(a, 0));
    ol_json_put_str(&w, "to", arg(a, 1));
    ol_json_put_str(&w, "amount", arg(a, 2));
    put_or_null(&w, "token", arg(a, 3));
    headers(broker, !dry_run);
    ol__service_post(broker, &w, OL__TO_COORDINATOR,
                     dry_run ? PREFIX "/intents/withdraw/dry-run" : PREFIX "/intents/withdraw",
                     came);
}

static void transfer(ol_broker *broker, const args *a)
{
    if (arg(a, 1).len == 0 || arg(a, 2).len == 0) {
        refuse(broker, "to and amount are required");
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "chain", arg(a, 0).len > 0 ? arg(a, 0) : OL_STR("near"));
    ol_json_put_str(&w, "receiver_id", arg(a, 1));
    ol_json_put_str(&w, "amount", arg(a, 2));
    headers(broker, true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, PREFIX "/transfer", came);
}

static void deposit(ol_broker *broker, const args *a)
{
    if (arg(a, 0).len == 0 || arg(a, 1).len == 0) {
        refuse(broker, "token and amount are required");
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "token", arg(a, 0));
    ol_json_put_str(&w, "amount", arg(a, 1));
    headers(broker, true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, PREFIX "/intents/deposit", came);
}

static void swap(ol_broker *broker, const args *a)
{
    if (arg(a, 0).len == 0 || arg(a, 1).len == 0 || arg(a, 2).len == 0) {
        refuse(broker, "token_in, token_out, and amount_in are required");
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "token_in", arg(a, 0));
    ol_json_put_str(&w, "token_out", arg(a, 1));
    ol_json_put_str(&w, "amount_in", arg(a, 2));
    put_or_null(&w, "min_amount_out", arg(a, 3));
    headers(broker, true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, PREFIX "/intents/swap", came);
}

static void address(ol_broker *broker, const args *a)
{
    const char *names[2] = {"chain", NULL};
    if (arg(a, 0).len == 0)
        refuse(broker, "chain parameter is required");
    else
        get_with(broker, PREFIX "/address", names, arg(a, 0), OL_STR(""));
}

static void balance(ol_broker *broker, const args *a)
{
    const char *names[2] = {"chain", "token"};
    get_with(broker, PREFIX "/balance", names, arg(a, 0).len > 0 ? arg(a, 0) : OL_STR("near"),
             arg(a, 1));
}

static void dispatch(ol_broker *broker, ol_host_fn function, const args *a)
{
    switch ((int)function) { /* the rows of outlayer:wallet/api */
    case OL_FN_WALLET_GET_ADDRESS:
        address(broker, a);
        return;
    case OL_FN_WALLET_WITHDRAW:
    case OL_FN_WALLET_WITHDRAW_DRY_RUN:
        withdraw(broker, a, function == OL_FN_WALLET_WITHDRAW_DRY_RUN);
        return;
    case OL_FN_WALLET_GET_REQUEST_STATUS:
        if (arg(a, 0).len == 0)
            refuse(broker, "request_id is required");
        else
            get_request(broker, arg(a, 0));
        return;
    case OL_FN_WALLET_LIST_TOKENS:
        get(broker, PREFIX "/tokens");
        return;
    case OL_FN_WALLET_TRANSFER:
        transfer(broker, a);
        return;
    case OL_FN_WALLET_GET_BALANCE:
        balance(broker, a);
        return;
    case OL_FN_WALLET_INTENTS_DEPOSIT:
        deposit(broker, a);
        return;
    default:
        swap(broker, a);
    }
}

void ol__wallet_call(ol_broker *broker, uint32_t id, ol_host_fn function,
                     const ol_host_value *values)
{
    char text[96];
    const args a = {values};
    if (!ol__service_call(broker, id, function))
        return;
    broker->service.seconds = WALLET_SECONDS;
    broker->service.connect_seconds = WALLET_CONNECT_SECONDS;
    if (function == OL_FN_WALLET_GET_ID) {
        answer(broker, broker->about.wallet_id, OL_STR(""));
        return;
    }
    /* Counted before anything is looked at; beyond the limit the count stays. */
    if (broker->wallet.calls <= OL_WALLET_CALLS_MAX)
        broker->wallet.calls++;
    if (broker->wallet.calls > OL_WALLET_CALLS_MAX) {
        (void)snprintf(text, sizeof text, "Wallet rate limit exceeded: %u calls (max: %d)",
                       broker->wallet.calls, OL_WALLET_CALLS_MAX);
        refuse(broker, text);
        return;
    }
    dispatch(broker, function, &a);
}
