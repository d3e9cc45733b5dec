#include "cli/key_near.h"

#include <stdio.h>

#include "cli/amount.h"

enum { TOP_UP_TGAS = 300, AWAIT_SECONDS = 180 };

/* Contract 2: so much at least is wrapped, and so much pays for the swap's run; 0.01 NEAR. */
#define CENT ((ol_u128)10000000000000000u * 1000000u)

bool key_near_meant(ol_str amount)
{
    static const ol_str UNIT = OL_STR_INIT("near");
    amount = ol_str_trim(amount);
    return amount.len >= UNIT.len &&
           ol_str_eq_nocase(ol_str_slice(amount, amount.len - UNIT.len, amount.len), UNIT);
}

/* ---- the plan */

ol_rc key_near_amount(ol_str text, ol_yocto *ret, ol_err *err)
{
    ol_yocto amount;
    if (!amount_near_parse(text, &amount))
        return ol_fail(err, OL_ERR_USAGE, "an amount of NEAR is written 0.5near");
    if (amount.yocto < 2 * CENT)
        return ol_fail(err, OL_ERR_USAGE,
                       "at least 0.02near: 0.01 NEAR pays for the swap, and no less is swapped");
    *ret = amount;
    return OL_OK;
}

static ol_rc swap_choose(const cli *it, const ol_json *list, key_near *plan, cli_failure *failure)
{
    ol_json item;
    size_t listed = 0;
    ol_str wanted = plan->swap;
    plan->swap = (ol_str){0};
    for (ol_json_iter i = ol_json_iterate(list); ol_json_next_item(&i, &item); listed++) {
        ol_str account;
        OL_TRY(ol_json_text(&item, it->arena, &account, &failure->err));
        if (plan->swap.data == NULL && (wanted.len == 0 || ol_str_eq(account, wanted)))
            plan->swap = account;
    }
    if (plan->swap.data != NULL)
        return OL_OK;
    (void)snprintf(
        failure->hint, sizeof failure->hint,
        "outlayer contract view %.*s get_near_top_up lists them; USD is transferred with "
        "keys topup %u 0.25usd",
        OL_FMT(it->contract), plan->nonce);
    if (listed > 0)
        return ol_fail(&failure->err, OL_ERR_CONTRACT, "%.*s sends no NEAR to %.*s",
                       OL_FMT(it->contract), OL_FMT(wanted));
    return ol_fail(&failure->err, OL_ERR_CONTRACT,
                   "%.*s takes no NEAR for payment keys: it knows nobody who swaps it",
                   OL_FMT(it->contract));
}

ol_rc key_near_plan(const cli *it, chain_client *c, const cli_args *args, uint32_t nonce,
                    ol_yocto amount, key_near *ret, cli_failure *failure)
{
    key_near plan = {
        .nonce = nonce, .amount = amount, .swap = cli_value_or(args, "swap", OL_STR(""))};
    ol_json settings, list;
    ol_err *err = &failure->err;
    OL_TRY(chain_view(c, "get_near_top_up", NULL, &settings, err));
    if (!ol_json_find(&settings, OL_STR("swap_contracts"), &list) ||
        ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract tells no swaps");
    OL_TRY(swap_choose(it, &list, &plan, failure));
    plan.args_json = ol_arena_printf(it->arena, "{\"nonce\":%u,\"swap_contract_id\":\"%.*s\"}",
                                     nonce, OL_FMT(plan.swap));
    if (plan.args_json.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    *ret = plan;
    return OL_OK;
}

static ol_action action_of(const key_near *plan)
{
    return ol_action_call(OL_STR("top_up_payment_key_with_near"), ol_str_bytes(plan->args_json),
                          TOP_UP_TGAS * CHAIN_TGAS, plan->amount);
}

int key_near_dry_run(const cli *it, const key_near *plan)
{
    const ol_action action = action_of(plan);
    return chain_dry_run(it, it->contract, &action, 1);
}

/* ---- sending */

static bool logged(const chain_outcome *outcome, const char *words)
{
    for (size_t i = 0; i < outcome->tx.logs; i++) {
        if (ol_str_eq(outcome->tx.log[i], ol_str_of(words)))
            return true;
    }
    return false;
}

/* The transaction succeeds also where one of its steps did not, and then returns nothing; a run
 * that failed is `null`. */
static ol_rc swapped_check(const cli *it, const key_near *plan, const chain_outcome *sent,
                           ol_err *err)
{
    ol_str all = amount_near_format(it->arena, plan->amount);
    ol_str most = amount_near_format(it->arena, OL_YOCTO(plan->amount.yocto - CENT));
    if (sent->value.len > 0 && !ol_str_eq(sent->value, OL_STR("null")))
        return OL_OK;
    if (logged(sent, "Not wrapped: refunded") || logged(sent, "Not sent: refunded"))
        return ol_fail(err, OL_ERR_CONTRACT, "%.*s could not take the NEAR: %.*s came back",
                       OL_FMT(plan->swap), OL_FMT(all));
    if (logged(sent, "Wrapped NEAR is stuck"))
        return ol_fail(err, OL_ERR_CONTRACT,
                       "%.*s could not take the NEAR, and it could not be unwrapped: the contract "
                       "holds %.*s of yours",
                       OL_FMT(plan->swap), OL_FMT(most));
    return ol_fail(err, OL_ERR_CONTRACT,
                   "the run that swaps failed: %.*s has %.*s of yours and answers for it; the rest "
                   "came back",
                   OL_FMT(plan->swap), OL_FMT(most));
}

ol_rc key_near_top_up(const cli *it, chain_client *c, const signer *from, const key_near *plan,
                      chain_outcome *ret, ol_u128 *ret_credited, cli_failure *failure)
{
    const ol_action action = action_of(plan);
    uint64_t seconds = it->timeout_s > 0 ? it->timeout_s : AWAIT_SECONDS;
    ol_err *err = &failure->err;
    ol_u128 had, has;
    OL_TRY(chain_key_credited(it, from->account_id, plan->nonce, &had, failure));
    OL_TRY(chain_send(c, from, it->contract, &action, 1, seconds, ret, err));
    OL_TRY(swapped_check(it, plan, ret, err));
    OL_TRY(chain_key_await(it, from->account_id, plan->nonce, had + 1, failure));
    OL_TRY(chain_key_credited(it, from->account_id, plan->nonce, &has, failure));
    *ret_credited = has - had;
    return OL_OK;
}
