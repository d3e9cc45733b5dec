/* One call of the contract: who calls, with what, and how it answers or fails (Contract 1).
 *
 * A method reads like its row of the specification: parse, check, act, answer.
 *
 *   void method_set_paused(call *c)
 *   {
 *       bool paused;
 *       call_arguments(c, &SET_PAUSED, &paused);
 *       c->config.paused = paused;
 *       config_save(&c->config);
 *   }
 *
 * What its row in methods.def says is checked before it runs. Whatever fails ends the call: `fail`
 * does not return, the host discards state and promises. Nothing needs to be freed. */
#ifndef OL_CONTRACTS_OUTLAYER_CALL_H
#define OL_CONTRACTS_OUTLAYER_CALL_H

#include "contracts/host/near.h"
#include "contracts/outlayer/config.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/account_id.h"

typedef struct call {
    ol_str predecessor; /* who calls; empty in views */
    ol_u128 deposit;    /* yoctoNEAR; 0 in views */
    config config;      /* as stored; a method that changes it saves it */
    ol_arena arena;     /* of this call */
} call;

/* Ends the call with this text, which clients match (Contract 1). printf's %s %.*s %u %llu %zu. */
_Noreturn void fail(const char *format, ...) OL_PRINTF(1, 2);
#define REQUIRE(condition, ...) ((condition) ? (void)0 : fail(__VA_ARGS__))

/* The argument object by table; absent input counts as {}. Ends the call with "Failed to
 * deserialize input from JSON." and the reader's words where it does not fit. Accounts:
 * OL_BIND_TEXT with `.check = ol_account_id_valid`; U128: OL_BIND_DEC; unions: OL_BIND_VALUE and a
 * reader of types.h. A struct `into` starts with the defaults. */
void call_arguments(call *c, const ol_json_table *table, void *into);
/* The arguments as a document, for who reads them himself: the same failure. */
ol_json call_document(void);
/* For readers of values: the same failure. */
_Noreturn void fail_argument(const ol_json *value, const char *words);
/* A value by table, with the same failure. */
void call_bind(call *c, const ol_json *value, const ol_json_table *table, void *into);

/* One value of an externally tagged union: "Name" or {"Name": body}; exactly one member. */
typedef struct variant {
    ol_json name; /* a string; compare with ol_json_text_is */
    ol_json body;
    bool has_body;
} variant;
variant call_variant(const ol_json *value);
static inline bool variant_is(const variant *v, const char *name, bool has_body)
{
    return v->has_body == has_body && ol_json_text_is(&v->name, ol_str_of(name));
}

/* --- Answering -----------------------------------------------------------------------------------
 */

/* ol_json_writer *w = answer_begin(); … ; answer_end(w); It may grow up to 4 MiB. */
ol_json_writer *answer_begin(void);
void answer_end(ol_json_writer *w); /* hands what was written to the host */
void answer_null(void);
void answer_bool(bool value);
void answer_u64(uint64_t value);
void answer_dec(ol_u128 value); /* "123" */
void answer_str(ol_str value);  /* a JSON string */

/* --- Money ---------------------------------------------------------------------------------------
 */

/* A transfer of its own; nothing is sent for zero. */
void pay(ol_str to, ol_u128 yocto);
/* 10^19 yocto a byte (Contract 2). */
ol_u128 storage_price(size_t bytes);
/* Checked: overflow ends the call. Not for the callback of a yield, which must never abort. */
ol_u128 money_add(ol_u128 a, ol_u128 b);
ol_u128 money_mul(ol_u128 a, ol_u128 b);
static inline ol_u128 money_sub_floor(ol_u128 a, ol_u128 b)
{
    return a > b ? a - b : 0;
}
static inline ol_u128 money_min(ol_u128 a, ol_u128 b)
{
    return a < b ? a : b;
}
/* Saturating, for settlement. */
static inline ol_u128 money_add_most(ol_u128 a, ol_u128 b)
{
    return a > OL_U128_MAX - b ? OL_U128_MAX : a + b;
}
ol_u128 money_mul_most(ol_u128 a, ol_u128 b);

/* printf argument "%s" for an amount. */
#define AMOUNT(value) (number_text(value).data)
/* Decimal digits; a NUL stands behind them. */
ol_str number_text(ol_u128 value);

/* Where a method takes exactly the caller's consent: deposit >= 1 yocto (Contract 6). */
void require_one_yocto(const call *c);

#endif
