/* What a run costs in NEAR (Contract 6). Everything saturates: a price the owner set too high makes
 * admission ask for more than exists, and never strands a request at settlement. */
#ifndef OL_CONTRACTS_OUTLAYER_PRICING_H
#define OL_CONTRACTS_OUTLAYER_PRICING_H

#include "contracts/outlayer/config.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"

/* ResourceLimits: each may be absent. An explicit 0 stays 0. */
typedef struct limits {
    uint64_t instructions;
    uint64_t seconds;
    uint32_t memory_mb;
    bool has_instructions;
    bool has_seconds;
    bool has_memory_mb;
} limits;

/* Contract 2. */
#define LIMITS_DEFAULT ((limits){1000000000, 60, 128, true, true, true})
#define INSTRUCTIONS_MAX 500000000000u
enum { SECONDS_MAX = 180, COMPILE_SECONDS_MAX = 300 };

/* ResourceMetrics. */
typedef struct metrics {
    uint64_t instructions;
    uint64_t time_ms;
    bool has_compile_ms;
    uint64_t compile_ms;
} metrics;

extern const ol_json_table LIMITS_TABLE;  /* into limits */
extern const ol_json_table METRICS_TABLE; /* into metrics */
void limits_write(ol_json_writer *w, const limits *it);
void metrics_write(ol_json_writer *w, const metrics *it);

/* What a run with these metrics, admitted with these limits, costs. */
ol_u128 price_cost(const config *prices, const metrics *used, const limits *admitted);
/* What admission asks for: of an execution, and of a compilation alone. */
ol_u128 price_estimate(const config *prices, const limits *wanted);
ol_u128 price_compile_only(const config *prices);

#endif
