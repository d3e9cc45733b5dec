#include "contracts/outlayer/pricing.h"

#include <stddef.h>

#include "contracts/outlayer/call.h"

static const ol_json_field LIMITS_FIELDS[] = {
    {"max_instructions", OL_BIND_U64, OL_OPTIONAL, offsetof(limits, instructions),
     .has = offsetof(limits, has_instructions)},
    {"max_memory_mb", OL_BIND_U32, OL_OPTIONAL, offsetof(limits, memory_mb),
     .has = offsetof(limits, has_memory_mb)},
    {"max_execution_seconds", OL_BIND_U64, OL_OPTIONAL, offsetof(limits, seconds),
     .has = offsetof(limits, has_seconds)},
};
const ol_json_table LIMITS_TABLE = {"ResourceLimits", LIMITS_FIELDS, OL_COUNT(LIMITS_FIELDS)};

static const ol_json_field METRICS_FIELDS[] = {
    {"instructions", OL_BIND_U64, OL_REQUIRED, offsetof(metrics, instructions)},
    {"time_ms", OL_BIND_U64, OL_REQUIRED, offsetof(metrics, time_ms)},
    {"compile_time_ms", OL_BIND_U64, OL_OPTIONAL, offsetof(metrics, compile_ms),
     .has = offsetof(metrics, has_compile_ms)},
};
const ol_json_table METRICS_TABLE = {"ResourceMetrics", METRICS_FIELDS, OL_COUNT(METRICS_FIELDS)};

static void put_number_or_null(ol_json_writer *w, const char *key, bool there, uint64_t value)
{
    if (there)
        ol_json_put_u64(w, key, value);
    else
        ol_json_put_null(w, key);
}

void limits_write(ol_json_writer *w, const limits *it)
{
    ol_json_object_begin(w);
    put_number_or_null(w, "max_instructions", it->has_instructions, it->instructions);
    put_number_or_null(w, "max_memory_mb", it->has_memory_mb, it->memory_mb);
    put_number_or_null(w, "max_execution_seconds", it->has_seconds, it->seconds);
    ol_json_object_end(w);
}

void metrics_write(ol_json_writer *w, const metrics *it)
{
    ol_json_object_begin(w);
    ol_json_put_u64(w, "instructions", it->instructions);
    ol_json_put_u64(w, "time_ms", it->time_ms);
    put_number_or_null(w, "compile_time_ms", it->has_compile_ms, it->compile_ms);
    ol_json_object_end(w);
}

static ol_u128 memory_cost(const config *c, const limits *l)
{
    uint32_t megabytes = l->has_memory_mb ? l->memory_mb : LIMITS_DEFAULT.memory_mb;
    return money_mul_most(c->prices.per_mb, megabytes);
}

static ol_u128 sum(const config *c, uint64_t instructions, ol_u128 ms, uint64_t compile_ms,
                   const limits *l)
{
    const prices *p = &c->prices;
    ol_u128 cost = p->base;
    cost =
        money_add_most(cost, money_mul_most(p->per_million_instructions, instructions / 1000000));
    cost = money_add_most(cost, money_mul_most(p->per_ms, ms));
    cost = money_add_most(cost, money_mul_most(p->per_compile_ms, compile_ms));
    return money_add_most(cost, memory_cost(c, l));
}

ol_u128 price_cost(const config *c, const metrics *used, const limits *admitted)
{
    return sum(c, used->instructions, used->time_ms, used->has_compile_ms ? used->compile_ms : 0,
               admitted);
}

ol_u128 price_estimate(const config *c, const limits *l)
{
    uint64_t instructions = l->has_instructions ? l->instructions : LIMITS_DEFAULT.instructions;
    uint64_t seconds = l->has_seconds ? l->seconds : LIMITS_DEFAULT.seconds;
    return sum(c, instructions, (ol_u128)seconds * 1000, c->policy.compile_estimate_ms, l);
}

ol_u128 price_compile_only(const config *c)
{
    return money_add_most(c->prices.base,
                          money_mul_most(c->prices.per_compile_ms, c->policy.compile_estimate_ms));
}
