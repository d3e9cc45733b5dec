/* NEAR host functions for contracts in C: the one place that knows them (NEAR 1).
 *
 * A contract is a wasm module whose exports are its methods. A method is `void name(void)`; what it
 * is given comes from near_input, what it answers goes to near_return:
 *
 *   NEAR_METHOD(greet)
 *   {
 *       ol_str name = ol_bytes_str(near_input());
 *       near_log(name);
 *       near_return_str(OL_STR("\"hello\""));
 *   }
 *
 * Memory: everything below that returns bytes allocates them with near_alloc. Nothing is ever
 * freed: a call's memory begins zeroed, holds 64 MiB and dies with the call (NEAR 2). Failing: a
 * host function that fails aborts the call, and so does near_panic; state and promises of an
 * aborted call are discarded. So most functions have no error to return.
 *
 * Costs are named where they decide how one writes a contract; gas is 10^-12 Tgas (NEAR 1.3). Any
 * wasm instruction costs 0.82 Mgas, a byte of code 1.09 Mgas per call, a host call with an answer
 * in bytes about 9 Ggas. */
#ifndef OL_CONTRACTS_HOST_NEAR_H
#define OL_CONTRACTS_HOST_NEAR_H

#include "lib/base/assert.h"
#include "lib/base/num.h"
#include "lib/base/str.h"

/* A public method of the contract. Every export can be called by anyone: a private one compares
 * near_predecessor with near_self first. */
#define NEAR_METHOD(name)                                                                          \
    __attribute__((export_name(#name))) void near_export_##name(void);                             \
    void near_export_##name(void)

/* Limits of the protocol (NEAR 1.5). */
enum {
    NEAR_LOG_BYTES_MAX = 16384, /* all logs of a call together, with the text of a panic */
    NEAR_LOGS_MAX = 100,
    NEAR_KEY_BYTES_MAX = 2048,
    NEAR_VALUE_BYTES_MAX = 4 << 20, /* of storage, of arguments, of an answer */
    NEAR_ACCOUNT_BYTES_MAX = 64,
    NEAR_YIELD_PAYLOAD_MAX = 1024,
    NEAR_DATA_ID_BYTES = 32,
    NEAR_YIELD_BLOCKS = 200, /* a yield that is not resumed by then fails */
};

#define NEAR_TGAS(n) ((uint64_t)(n) * 1000000000000u)

/* --- Memory ------------------------------------------------------------------------------------
 */

/* Zeroed, aligned to 16; aborts the call when the 64 MiB are used up. */
void *near_alloc(size_t bytes);

/* --- Who calls, with what ------------------------------------------------------------------------
 */

ol_bytes near_input(void);           /* the arguments; empty when there are none */
ol_str near_self(void);              /* account of this contract */
ol_str near_predecessor(void);       /* who called: an account or a contract. Not in views */
ol_str near_signer(void);            /* who signed the transaction. Not in views */
ol_bytes near_signer_key(void);      /* borsh: one byte of curve, then the key. Not in views */
ol_u128 near_attached_deposit(void); /* yoctoNEAR; 0 in views */
ol_u128 near_account_balance(void);  /* of this contract, deposit included */
uint64_t near_prepaid_gas(void);     /* not in views */
uint64_t near_used_gas(void);        /* not in views */
uint64_t near_storage_usage(void);   /* bytes this account holds */

/* --- The block -----------------------------------------------------------------------------------
 */

uint64_t near_block_height(void);
uint64_t near_block_timestamp(void); /* nanoseconds since 1970 */
uint64_t near_epoch_height(void);
void near_random_seed(uint8_t ret[32]); /* known to the block producer: no secret */

/* --- Answering -----------------------------------------------------------------------------------
 */

void near_return(ol_bytes value); /* the last one counts */
static inline void near_return_str(ol_str value)
{
    near_return(ol_str_bytes(value));
}

/* Valid UTF-8, which is checked at 291 Mgas a byte: short logs are cheap logs. */
void near_log(ol_str text);
_Noreturn void near_panic(ol_str text); /* "Smart contract panicked: TEXT" */

/* --- State ---------------------------------------------------------------------------------------
 */

/* Reading costs 56 Ggas, writing 64, removing 53, asking 54, whatever the size; a stored byte costs
 * 31 Mgas and 10^19 yoctoNEAR, plus 40 bytes a record. Fewer, compact records win. */
bool near_storage_read(ol_bytes key, ol_bytes *ret); /* false: no such key, *ret untouched */
bool near_storage_has(ol_bytes key);
bool near_storage_write(ol_bytes key, ol_bytes value); /* true when it replaced a value */
/* The arguments of this call as a value: they need not come back from memory, which saves 3.8 Mgas
 * a byte. */
bool near_storage_write_input(ol_bytes key);
bool near_storage_remove(ol_bytes key); /* true when there was one */
/* Removes and hands over what was there: cheaper than reading first. */
bool near_storage_take(ol_bytes key, ol_bytes *ret);
/* Has this call found any record yet? Free of gas: it tells a contract with state from an empty one
 * where something was read anyway. */
bool near_storage_found(void);

/* --- Cryptography --------------------------------------------------------------------------------
 */

void near_sha256(ol_bytes message, uint8_t ret[32]);
void near_keccak256(ol_bytes message, uint8_t ret[32]);
/* 210 Ggas. Accepts keys of small order, as the protocol does. */
bool near_ed25519_verify(const uint8_t signature[64], ol_bytes message, const uint8_t key[32]);
/* The key (x then y) that made `signature` (r then s) over `hash`; v is 0 or 1. High s is refused.
 */
bool near_ecrecover(const uint8_t hash[32], const uint8_t signature[64], uint8_t v,
                    uint8_t ret_key[64]);

/* --- Promises: calls of other contracts, transfers
 * ------------------------------------------------ */

/* A receipt in the making; what is added to it happens in order, all or nothing. */
typedef uint64_t near_promise;

near_promise near_promise_create(ol_str account);
near_promise near_promise_then(near_promise after,
                               ol_str account); /* runs when `after` has ended */
near_promise near_promise_and(const near_promise *promises, size_t count);

void near_promise_transfer(near_promise to, ol_u128 yocto);
/* `weight`: share of the gas that is left when this call ends, on top of `gas`. */
void near_promise_call(near_promise to, ol_str method, ol_bytes arguments, ol_u128 deposit,
                       uint64_t gas, uint64_t weight);
void near_promise_create_account(near_promise to);
void near_promise_deploy(near_promise to, ol_bytes code);
void near_promise_add_full_key(near_promise to, ol_bytes key); /* borsh key */
/* allowance 0: unlimited; `methods` separated by commas. */
void near_promise_add_call_key(near_promise to, ol_bytes key, ol_u128 allowance, ol_str receiver,
                               ol_str methods);
void near_promise_delete_key(near_promise to, ol_bytes key);

/* This call's answer is that promise's answer. */
void near_promise_return(near_promise promise);

/* In a callback: how the promises it waited for ended. */
typedef enum near_result { NEAR_NOT_READY, NEAR_SUCCESS, NEAR_FAILURE } near_result;
uint64_t near_promise_results(void);
near_result near_promise_result(uint64_t index, ol_bytes *ret); /* *ret set on success */

/* --- Yield and resume (NEAR 3)
 * -------------------------------------------------------------------- */

/* Calls `method` of this contract later: when resumed with a payload, or after 200 blocks with a
 * failed promise result. Returns the promise of that call. */
near_promise near_yield(ol_str method, ol_bytes arguments, uint64_t gas, uint64_t weight,
                        uint8_t ret_data_id[NEAR_DATA_ID_BYTES]);
/* false: unknown, expired or used. `payload` at most NEAR_YIELD_PAYLOAD_MAX bytes. */
bool near_resume(const uint8_t data_id[NEAR_DATA_ID_BYTES], ol_bytes payload);

#endif
