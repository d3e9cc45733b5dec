/* outlayer status: a call, a request, a transaction; without an id the project of this folder. */
#include <stdio.h>

#include "cli/amount.h"
#include "cli/call.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "lib/base/num.h"
#include "lib/codec/uuid.h"

enum { CALL_MS = 15000 };

/* ---- over HTTPS */

static int status_call(cli *it, const cli_args *args, ol_str id)
{
    cli_failure failure = {0};
    OL_AUTO(ol_secret) key = {0};
    OL_AUTO(ol_buf) answer = ol_buf_new(API_ANSWER_BYTES_MAX);
    call_view call;
    api *a = NULL;
    api_request request = {.method = "GET",
                           .path = ol_arena_printf(it->arena, "/calls/%.*s", OL_FMT(id)),
                           .total_ms = CALL_MS,
                           .repeatable = true};
    ol_str wish = cli_value_or(args, "payment-key", OL_STR(""));
    if (payment_key_load(it, wish, &key, &failure.err) != OL_OK ||
        api_open(it, &a, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    api_header(&request, "X-Payment-Key", ol_bytes_str(ol_secret_reveal(&key)));
    ol_rc rc = api_send(a, &request, &answer, &failure);
    api_close(a);
    if (rc != OL_OK || call_view_parse(it, ol_buf_str(&answer), &call, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (it->json)
        return cli_result(ol_str_trim(ol_buf_str(&answer))) ? CLI_DONE : CLI_FAILED;
    return call_tell(it, &call);
}

/* ---- on the chain */

static ol_str words_of(const cli *it, const ol_json *request, const char *name)
{
    ol_json value;
    ol_str text = OL_STR("?");
    if (ol_json_find(request, ol_str_of(name), &value)) {
        if (ol_json_kind_of(&value) != OL_JSON_STRING)
            return value.raw;
        (void)ol_json_text(&value, it->arena, &text, NULL);
    }
    return text;
}

/* The contract keeps a request only while it is pending. */
static int status_request(cli *it, uint64_t id)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json request;
    chain_client *c = NULL;
    ol_buf_addf(&args, "{\"request_id\":%llu}", (unsigned long long)id);
    if (chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = chain_view(c, "get_request", &args, &request, &err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    bool pending = !ol_json_is_null(&request);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_u64(&w, "request_id", id);
        ol_json_put_cstr(&w, "status", pending ? "pending" : "ended");
        ol_json_put_raw(&w, "request", request.raw);
        ol_json_object_end(&w);
    } else if (pending) {
        ol_yocto payment = OL_YOCTO(0);
        (void)ol_yocto_parse(words_of(it, &request, "payment"), &payment);
        ol_buf_addf(&text, "request %llu: pending · %.*s · %.*s attached · since %.*s",
                    (unsigned long long)id, OL_FMT(words_of(it, &request, "sender_id")),
                    OL_FMT(amount_near_format(it->arena, payment)),
                    OL_FMT(words_of(it, &request, "timestamp")));
    } else {
        ol_buf_addf(&text,
                    "request %llu is not pending: it has ended, and its transaction tells how, or "
                    "there was none",
                    (unsigned long long)id);
    }
    return cli_result_buf(it, &text, pending ? CLI_PENDING : CLI_DONE);
}

static int status_transaction(cli *it, const char *hash)
{
    ol_err err = {0};
    chain_client *c = NULL;
    chain_outcome outcome = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_str account = it->account.len > 0 ? it->account : credentials_text(it, "account_id");
    if (account.len == 0)
        return cli_fail_usage(it, "whose transaction is it? --account ID");
    if (chain_open(it, &c, &err) != OL_OK || chain_catch_interrupts(c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = chain_await(c, hash, account, OL_STR("INCLUDED"), it->timeout_s, &outcome, &err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    bool done = outcome.tx.state != OL_TX_UNDER_WAY;
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "tx", hash);
        ol_json_put_cstr(&w, "status", done ? "completed" : "pending");
        if (outcome.value.len > 0 && ol_json_valid(outcome.value))
            ol_json_put_raw(&w, "output", outcome.value);
        else
            ol_json_put_null(&w, "output");
        ol_json_put_u64(&w, "gas_burnt", outcome.tx.gas_burnt);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "tx %s: %s", hash, done ? "executed" : "pending");
    }
    return cli_result_buf(it, &text, done ? CLI_DONE : CLI_PENDING);
}

int cmd_status(cli *it, const cli_args *args)
{
    enum { HASH_TEXT_MIN = 43 };
    ol_uuid uuid;
    uint64_t number;
    if (args->positionals == 0)
        return cmd_project_show(it, args);
    ol_str id = args->positional[0];
    if (ol_uuid_parse(id, &uuid))
        return status_call(it, args, id);
    if (ol_u64_parse(id, &number))
        return status_request(it, number);
    if (id.len >= HASH_TEXT_MIN && id.len < OL_HASH_TEXT_BYTES)
        return status_transaction(it, cli_cstr(it, id));
    return cli_fail_usage(it, "an id is a call's UUID, a request's number or a transaction's hash");
}
