/* The imports themselves, as the protocol declares them (NEAR 1.2). Every parameter and result is
 * 64 bits; a pair of length and pointer stands for bytes; `reg` names a register. Only near.c calls
 * these. */
#ifndef OL_CONTRACTS_HOST_IMPORTS_H
#define OL_CONTRACTS_HOST_IMPORTS_H

#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name))) extern

IMPORT(read_register) void host_read_register(uint64_t reg, uint64_t ptr);
IMPORT(register_len) uint64_t host_register_len(uint64_t reg);

IMPORT(current_account_id) void host_current_account_id(uint64_t reg);
IMPORT(signer_account_id) void host_signer_account_id(uint64_t reg);
IMPORT(signer_account_pk) void host_signer_account_pk(uint64_t reg);
IMPORT(predecessor_account_id) void host_predecessor_account_id(uint64_t reg);
IMPORT(input) void host_input(uint64_t reg);
IMPORT(block_index) uint64_t host_block_index(void);
IMPORT(block_timestamp) uint64_t host_block_timestamp(void);
IMPORT(epoch_height) uint64_t host_epoch_height(void);
IMPORT(storage_usage) uint64_t host_storage_usage(void);
IMPORT(account_balance) void host_account_balance(uint64_t ptr);
IMPORT(attached_deposit) void host_attached_deposit(uint64_t ptr);
IMPORT(prepaid_gas) uint64_t host_prepaid_gas(void);
IMPORT(used_gas) uint64_t host_used_gas(void);
IMPORT(random_seed) void host_random_seed(uint64_t reg);

IMPORT(sha256) void host_sha256(uint64_t len, uint64_t ptr, uint64_t reg);
IMPORT(keccak256) void host_keccak256(uint64_t len, uint64_t ptr, uint64_t reg);
IMPORT(ed25519_verify)
uint64_t host_ed25519_verify(uint64_t sig_len, uint64_t sig_ptr, uint64_t msg_len, uint64_t msg_ptr,
                             uint64_t key_len, uint64_t key_ptr);
IMPORT(ecrecover)
uint64_t host_ecrecover(uint64_t hash_len, uint64_t hash_ptr, uint64_t sig_len, uint64_t sig_ptr,
                        uint64_t v, uint64_t malleability_flag, uint64_t reg);

IMPORT(value_return) void host_value_return(uint64_t len, uint64_t ptr);
IMPORT(panic_utf8) _Noreturn void host_panic_utf8(uint64_t len, uint64_t ptr);
IMPORT(log_utf8) void host_log_utf8(uint64_t len, uint64_t ptr);

IMPORT(promise_batch_create) uint64_t host_promise_batch_create(uint64_t len, uint64_t ptr);
IMPORT(promise_batch_then)
uint64_t host_promise_batch_then(uint64_t promise, uint64_t len, uint64_t ptr);
IMPORT(promise_and) uint64_t host_promise_and(uint64_t promises_ptr, uint64_t count);
IMPORT(promise_return) void host_promise_return(uint64_t promise);
IMPORT(promise_results_count) uint64_t host_promise_results_count(void);
IMPORT(promise_result) uint64_t host_promise_result(uint64_t index, uint64_t reg);
IMPORT(promise_batch_action_create_account) void host_action_create_account(uint64_t promise);
IMPORT(promise_batch_action_deploy_contract)
void host_action_deploy_contract(uint64_t promise, uint64_t len, uint64_t ptr);
IMPORT(promise_batch_action_function_call_weight)
void host_action_function_call_weight(uint64_t promise, uint64_t method_len, uint64_t method_ptr,
                                      uint64_t args_len, uint64_t args_ptr, uint64_t amount_ptr,
                                      uint64_t gas, uint64_t weight);
IMPORT(promise_batch_action_transfer)
void host_action_transfer(uint64_t promise, uint64_t amount_ptr);
IMPORT(promise_batch_action_add_key_with_full_access)
void host_action_add_key_full(uint64_t promise, uint64_t len, uint64_t ptr, uint64_t nonce);
IMPORT(promise_batch_action_add_key_with_function_call)
void host_action_add_key_call(uint64_t promise, uint64_t len, uint64_t ptr, uint64_t nonce,
                              uint64_t allowance_ptr, uint64_t receiver_len, uint64_t receiver_ptr,
                              uint64_t methods_len, uint64_t methods_ptr);
IMPORT(promise_batch_action_delete_key)
void host_action_delete_key(uint64_t promise, uint64_t len, uint64_t ptr);

IMPORT(promise_yield_create)
uint64_t host_promise_yield_create(uint64_t method_len, uint64_t method_ptr, uint64_t args_len,
                                   uint64_t args_ptr, uint64_t gas, uint64_t weight, uint64_t reg);
IMPORT(promise_yield_resume)
uint32_t host_promise_yield_resume(uint64_t id_len, uint64_t id_ptr, uint64_t payload_len,
                                   uint64_t payload_ptr);

IMPORT(storage_write)
uint64_t host_storage_write(uint64_t key_len, uint64_t key_ptr, uint64_t len, uint64_t ptr,
                            uint64_t reg);
IMPORT(storage_read) uint64_t host_storage_read(uint64_t len, uint64_t ptr, uint64_t reg);
IMPORT(storage_remove) uint64_t host_storage_remove(uint64_t len, uint64_t ptr, uint64_t reg);
IMPORT(storage_has_key) uint64_t host_storage_has_key(uint64_t len, uint64_t ptr);

#undef IMPORT
#endif
