/* General views (Contract 10). */
#include <stddef.h>

#include "contracts/outlayer/book.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/pricing.h"

void method_get_stats(call *c)
{
    const book *b = &c->config.book;
    ol_json_writer *w = answer_begin();
    ol_json_array_begin(w);
    ol_json_add_u64(w, b->executions);
    ol_json_add_dec(w, b->fees);
    ol_json_array_end(w);
    answer_end(w);
}

void method_get_pricing(call *c)
{
    const prices *p = &c->config.prices;
    ol_json_writer *w = answer_begin();
    ol_json_array_begin(w);
    ol_json_add_dec(w, p->base);
    ol_json_add_dec(w, p->per_million_instructions);
    ol_json_add_dec(w, p->per_ms);
    ol_json_add_dec(w, p->per_compile_ms);
    ol_json_array_end(w);
    answer_end(w);
}

void method_get_pricing_full(call *c)
{
    const prices *p = &c->config.prices;
    const usd_prices *usd = &c->config.usd;
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_dec(w, "base_fee", p->base);
    ol_json_put_dec(w, "per_million_instructions_fee", p->per_million_instructions);
    ol_json_put_dec(w, "per_ms_fee", p->per_ms);
    ol_json_put_dec(w, "per_compile_ms_fee", p->per_compile_ms);
    ol_json_put_dec(w, "base_fee_usd", usd->base);
    ol_json_put_dec(w, "per_million_instructions_fee_usd", usd->per_million_instructions);
    ol_json_put_dec(w, "per_sec_fee_usd", usd->per_second);
    ol_json_put_dec(w, "per_compile_ms_fee_usd", usd->per_compile_ms);
    if (p->per_mb != 0) /* Contract 14: additive, and absent while it is not used */
        ol_json_put_dec(w, "per_mb_fee", p->per_mb);
    ol_json_object_end(w);
    answer_end(w);
}

void method_estimate_execution_cost(call *c)
{
    static const ol_json_field FIELDS[] = {
        {"resource_limits", OL_BIND_OBJECT, OL_OPTIONAL, 0, .sub = &LIMITS_TABLE}};
    static const ol_json_table ESTIMATE = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    limits a = {0};
    call_arguments(c, &ESTIMATE, &a);
    answer_dec(price_estimate(&c->config, &a));
}

void method_get_max_limits(call *c)
{
    (void)c;
    near_return_str(OL_STR("[500000000000,180,300]"));
}

/* Ours, with the real window: a yield ends after 200 blocks, whatever the caps allow (16, 20). */
void method_get_policy(call *c)
{
    const policy *p = &c->config.policy;
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_bool(w, "charge_failures", p->charge_failures);
    ol_json_put_u64(w, "compile_estimate_ms", p->compile_estimate_ms);
    ol_json_put_u64(w, "max_execution_seconds", p->execution_seconds_max);
    ol_json_put_u64(w, "yield_blocks", NEAR_YIELD_BLOCKS);
    ol_json_object_end(w);
    answer_end(w);
}

void method_is_paused(call *c)
{
    answer_bool(c->config.paused);
}

static void answer_pair(ol_str first, ol_str second)
{
    ol_json_writer *w = answer_begin();
    ol_json_array_begin(w);
    ol_json_add_str(w, first);
    ol_json_add_str(w, second);
    ol_json_array_end(w);
    answer_end(w);
}

void method_get_config(call *c)
{
    answer_pair(c->config.owner, c->config.operator);
}

void method_get_event_metadata(call *c)
{
    answer_pair(c->config.event_standard, c->config.event_version);
}

void method_get_payment_token_contract(call *c)
{
    if (c->config.token.len == 0)
        answer_null();
    else
        answer_str(c->config.token);
}

/* Of our layouts, which begin at 1: nothing is taken over from elsewhere (Contract 13). */
void method_get_storage_version(call *c)
{
    (void)c;
    near_return_str(OL_STR("\"1\""));
}
