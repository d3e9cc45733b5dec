/* What a run costs (Coordinator 3.2). */
#include "services/coordinator/calls.h"

enum { MILLION = 1000000 };

static bool metered(const call_fees *fees, uint64_t instructions, uint64_t time_ms, ol_usd *ret)
{
    ol_usd for_instructions;
    ol_usd for_time;
    ol_usd sum;
    return ol_usd_mul(fees->per_million_instructions, instructions / MILLION, &for_instructions) &&
           ol_usd_mul(fees->per_second, time_ms / 1000, &for_time) &&
           ol_usd_add(for_instructions, for_time, &sum) && ol_usd_add(sum, fees->base, ret);
}

ol_usd compute_cost(const call_fees *fees, uint64_t instructions, uint64_t time_ms, ol_usd limit)
{
    ol_usd cost;
    return metered(fees, instructions, time_ms, &cost) ? ol_usd_min(cost, limit) : limit;
}

uint64_t instructions_affordable(const call_fees *fees, ol_usd limit)
{
    ol_u128 fee = fees->per_million_instructions.micro;
    if (fee == 0)
        return UINT64_MAX;
    ol_u128 millions = ol_usd_sub_floor(limit, fees->base).micro / fee;
    /* A begun million is free, so all but one of the next are paid for. */
    if (millions >= UINT64_MAX / MILLION)
        return UINT64_MAX;
    return (uint64_t)millions * MILLION + (MILLION - 1);
}
