/* What every call reads: one record with what the owner decides (Contract 2, 10) and the book of
 * requests. Two records would cost each request and each settlement 56 Ggas more. */
#ifndef OL_CONTRACTS_OUTLAYER_CONFIG_H
#define OL_CONTRACTS_OUTLAYER_CONFIG_H

#include "contracts/outlayer/book.h"
#include "contracts/outlayer/ledger.h"
#include "lib/base/num.h"

/* yoctoNEAR; the last one is our addition (Contract 14). */
typedef union prices {
    struct {
        ol_u128 base;
        ol_u128 per_million_instructions;
        ol_u128 per_ms;
        ol_u128 per_compile_ms;
        ol_u128 per_mb; /* of max_memory_mb; 0: memory is free */
    };
    ol_u128 all[5];
} prices;

/* Units of the payment token; published, never charged here. */
typedef union usd_prices {
    struct {
        ol_u128 base;
        ol_u128 per_million_instructions;
        ol_u128 per_second;
        ol_u128 per_compile_ms;
    };
    ol_u128 all[4];
} usd_prices;

/* Switches for weak spots that would otherwise change what clients see (Contract 16, 10, 11, 20).
 */
typedef struct policy {
    bool charge_failures;         /* a failed run costs what it used, at most its payment */
    uint32_t compile_estimate_ms; /* compile time that admission asks payment for */
    uint32_t execution_seconds_max;
} policy;

typedef struct config {
    ol_str owner;
    ol_str operator;
    ol_str next_owner; /* named by set_owner, until it accepts; empty: nobody */
    bool paused;
    prices prices;
    usd_prices usd;
    policy policy;
    ol_str token;              /* payment token; empty: none is set */
    token_number token_number; /* of the ledgers, given by token_register; 0: none */
    ol_str event_standard;
    ol_str event_version;
    book book;
    ol_bytes settings; /* everything but the book, as it was read */
} config;

bool config_exists(void);
bool config_load(config *ret);           /* false: the contract is not initialised */
void config_save(const config *it);      /* all of it */
void config_save_book(const config *it); /* the book alone has changed */

#endif
