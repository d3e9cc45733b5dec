/* outlayer cancel: takes back a request that no worker answered (Contract 4). */
#include "cli/amount.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "lib/base/num.h"

enum { CANCEL_TGAS = 100 };

/* What the request holds, and whose it is: only its sender can take it back. */
static ol_rc payment_find(chain_client *c, uint64_t id, ol_yocto *ret, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    ol_json request, payment;
    ol_buf_addf(&args, "{\"request_id\":%llu}", (unsigned long long)id);
    OL_TRY(chain_view(c, "get_request", &args, &request, err));
    if (ol_json_is_null(&request))
        return ol_fail(err, OL_ERR_NOT_FOUND, "request %llu is not pending: it has ended",
                       (unsigned long long)id);
    if (!ol_json_find(&request, OL_STR("payment"), &payment))
        return ol_fail(err, OL_ERR_PROTOCOL, "the request names no payment");
    return ol_json_u128(&payment, &ret->yocto, err);
}

static ol_rc cancel(const cli *it, chain_client *c, uint64_t id, ol_yocto *ret_payment,
                    chain_outcome *ret, ol_err *err)
{
    OL_AUTO(signer) from = {0};
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    OL_TRY(signer_load(it, it->account, &from, err));
    OL_TRY(payment_find(c, id, ret_payment, err));
    ol_buf_addf(&args, "{\"request_id\":%llu}", (unsigned long long)id);
    return chain_call(c, &from, "cancel_stale_execution", &args, CANCEL_TGAS, OL_YOCTO(0), ret,
                      err);
}

int cmd_cancel(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_yocto payment = OL_YOCTO(0);
    chain_outcome outcome = {0};
    chain_client *c = NULL;
    uint64_t id;
    if (!ol_u64_parse(args->positional[0], &id))
        return cli_fail_usage(it, "a request is named by its number");
    if (it->dry_run) {
        ol_buf_addf(&text, "{\"request_id\":%llu}", (unsigned long long)id);
        return chain_call_dry_run(it, "cancel_stale_execution", &text, CANCEL_TGAS, OL_YOCTO(0));
    }
    if (chain_open(it, &c, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    ol_rc rc = cancel(it, c, id, &payment, &outcome, &failure.err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail(it, &failure);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "tx", outcome.hash);
        ol_json_put_dec(&w, "refunded_yocto", payment.yocto);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "request %llu is cancelled, %.*s come back · tx %s",
                    (unsigned long long)id, OL_FMT(amount_near_format(it->arena, payment)),
                    outcome.hash);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}
