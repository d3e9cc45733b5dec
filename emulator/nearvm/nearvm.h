/* The NEAR virtual machine: the published near-vm-runner behind a C ABI (libol_nearvm.so).
 *
 * It runs one method of one contract, with the network's own gas, limits and errors, and holds the
 * network's parameter tables. It decides nothing: state, receipts, yields, data ids and what trie
 * accesses cost are asked of the embedder through `nearvm_host`. `emulator/call.h` is the
 * comfortable form; nothing else should include this header.
 *
 * A VM may be used by several threads. The memory pool reserves 131 GB of address space, of which
 * 22–34 MB become resident: `ulimit -v` breaks it (NEAR 8a). A calling thread needs 2 MiB of stack,
 * and SIGSEGV, SIGFPE, SIGILL and SIGBUS belong to the VM: traps arrive by signal. */
#ifndef OL_NEARVM_H
#define OL_NEARVM_H

#include "lib/base/num.h"

/* ── A machine ── */

typedef struct nearvm nearvm;

enum { NEARVM_ERROR_BYTES = 256 };

/* A VM of a protocol version (84 to 88 are known to the crate); NULL with the reason,
 * NUL-terminated, in `error`. `cache_dir` is created when absent and keeps compiled code from one
 * process to the next; several processes may share it. Empty: compiled code lives in a temporary
 * directory that nearvm_free removes. Modules in use stay linked in memory, so that a warm call
 * costs about 20 µs. */
nearvm *nearvm_new(uint32_t protocol_version, ol_str cache_dir, char error[NEARVM_ERROR_BYTES]);
void nearvm_free(nearvm *vm); /* NULL is fine */

/* The runtime configuration as the RPC shows it: `runtime_config` of EXPERIMENTAL_protocol_config.
 * Lives as long as the VM. */
ol_str nearvm_config_json(const nearvm *vm);

/* One number of the parameter tables, by path. False when there is none, or it is no number.
 *
 *   /config/…  as in nearvm_config_json: `/config/storage_amount_per_byte`,
 *              `/config/min_gas_purchase_price`, `/config/account_creation_charge`,
 *              `/config/wasm_config/limit_config/max_actions_per_receipt`;
 *              members of arrays by position: `/config/transaction_costs/burnt_gas_reward/0`
 *   /fees/NAME/{send_sir,send_not_sir,execution}  every action fee, in gas, also those that the
 *              configuration above leaves out. NAME is one of
 *              create_account, delete_account, deploy_contract_base, deploy_contract_byte,
 *              function_call_base, function_call_byte, transfer, stake, add_full_access_key,
 *              add_function_call_key_base, add_function_call_key_byte, delete_key,
 *              new_action_receipt, new_data_receipt_base, new_data_receipt_byte, delegate,
 *              deploy_global_contract_base, deploy_global_contract_byte,
 *              use_global_contract_base, use_global_contract_byte,
 *              deterministic_state_init_base, deterministic_state_init_byte,
 *              deterministic_state_init_entry, gas_key_transfer_base, gas_key_byte,
 *              gas_key_nonce_write_base
 *   /limits/NAME  every limit (NEAR 1.5): max_gas_burnt, max_total_prepaid_gas,
 *              yield_timeout_length_in_blocks, max_yield_payload_size …
 *   /global_contract_storage_amount_per_byte  yocto burnt per byte of a deployed global contract */
bool nearvm_number(const nearvm *vm, ol_str path, ol_u128 *ret);

/* ── What a contract asks for ── */

/* What an access of the state costs besides the fees that the VM itself charges. */
typedef struct nearvm_touch {
    uint64_t trie_nodes;        /* touched for the first time */
    uint64_t cached_trie_nodes; /* touched again */
    uint64_t evicted_bytes;     /* of the value that a write replaced or a removal returned */
} nearvm_touch;

/* Answers of callbacks. Every other one ends the call as NEARVM_FATAL. */
enum {
    NEARVM_NO = 0,              /* not found, not pending, id already pending */
    NEARVM_YES = 1,             /* done */
    NEARVM_NO_SUCH_ACTION = 2,  /* state_init_entry: the contract's mistake */
    NEARVM_DUPLICATE_ENTRY = 3, /* state_init_entry: the contract's mistake */
    NEARVM_BROKEN = -1,         /* the embedder's failure: out of memory, say */
};

/* The embedder. Every member is needed. `at` is what nearvm_run was given. Bytes passed in die when
 * the callback returns; bytes passed out must live until the next callback. Old values are those
 * that the contract sees: its own writes of this call included. */
typedef struct nearvm_host {
    /* YES: *ret_old was replaced (removed); NO: nothing was there. */
    int (*storage_write)(void *at, ol_bytes key, ol_bytes value, ol_bytes *ret_old,
                         nearvm_touch *ret_touch);
    int (*storage_read)(void *at, ol_bytes key, ol_bytes *ret_value, nearvm_touch *ret_touch);
    int (*storage_remove)(void *at, ol_bytes key, ol_bytes *ret_old, nearvm_touch *ret_touch);
    /* Also for the total of all validators: then the account is empty. NO stands for 0. */
    int (*validator_stake)(void *at, ol_str account, ol_u128 *ret);

    /* New receipts. *ret_index numbers all of a call densely from 0, yields included. The new
     * receipt waits for the results of the receipts in `after`. */
    int (*receipt_new)(void *at, const uint64_t *after, size_t after_count, ol_str receiver,
                       uint64_t *ret_index);
    int (*receipt_refund_to)(void *at, uint64_t receipt, ol_str account);
    /* `action` is its Borsh (NEAR 4.1). A call takes its part of the gas that is left over by
     * weight (NEAR 1.2): distributing it is the embedder's. *ret_index is the action's position. */
    int (*receipt_action)(void *at, uint64_t receipt, ol_bytes action, uint64_t gas_weight,
                          uint64_t *ret_index);
    int (*state_init_entry)(void *at, uint64_t receipt, uint64_t action_index, ol_bytes key,
                            ol_bytes value);
    /* A yield to the contract itself (NEAR 3). `yield_id` is NULL or 32 bytes; NO: already
     * pending under this id. `ret_data_id` takes 32 bytes. Its call follows as an action. */
    int (*yield_create)(void *at, const uint8_t *yield_id, uint64_t *ret_index,
                        uint8_t *ret_data_id);
    /* `id` is 32 bytes, a data id or a yield id; NO: not pending. */
    int (*yield_resume)(void *at, const uint8_t *id, bool is_yield_id, ol_bytes payload);

    void (*done)(void *at, ol_bytes outcome); /* once a call, at its end */
} nearvm_host;

/* ── A call ── */

/* Runs `method` of the contract whose code has that SHA-256; `code` is read when no compiled form
 * of it is cached. `seen` is what the contract may see, as Borsh:
 *
 *   string chain_id
 *   string current_account_id, string signer_account_id, vec u8 signer_public_key (itself Borsh),
 *     string predecessor_account_id, string refund_to_account_id
 *   u64 block_height, u64 block_timestamp_ns, u64 epoch_height, vec u8 random_seed
 *   u128 account_balance (without the deposit), u128 account_locked, u128 attached_deposit
 *   u64 storage_usage, u64 prepaid_gas, bool view (prepaid_gas is then the view's limit)
 *   vec option vec u8 promise_results (none: failed or timed out)
 *   vec string output_data_receivers (accounts that wait for the returned value)
 *   enum account_code: 0 none, 1 local ‖ hash[32], 2 global ‖ hash[32], 3 global ‖ string account
 *   vec u8 input
 *
 * nearvm_host.done gets the outcome, as Borsh:
 *
 *   u8 end (nearvm_end)
 *   string error_text   as the network words it: `Exceeded the prepaid gas.`
 *   string error_debug  as a failed view shows it: `HostError(GasExceeded)`
 *   u64 burnt_gas, u64 used_gas (burnt, and what promises took along; weights not yet shared out)
 *   vec string logs     also those of a failed call
 *   u8 return (0 nothing, 1 value, 2 receipt), u64 receipt, vec u8 value
 *   u128 balance (with the deposit, without what promises took along)
 *   u128 subsidized (yocto that appeared by the one-yocto rule, NEAR 1.2)
 *   u64 storage_usage
 *   vec costs: u8 category (0 action, 1 host function, 2 wasm), string name
 *     (`storage_write_base`), u64 gas; they sum up to burnt_gas */
void nearvm_run(const nearvm *vm, ol_bytes code, const uint8_t code_hash[32], ol_str method,
                ol_bytes seen, const nearvm_host *host, void *at);

typedef enum nearvm_end {
    NEARVM_OK = 0,
    NEARVM_FAILED = 1, /* by the contract's fault: error_debug names kind and variant */
    NEARVM_FATAL = 2,  /* a callback broke, a bad account id, a bug: nothing a chain could record */
} nearvm_end;

#endif
