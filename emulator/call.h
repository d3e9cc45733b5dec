/* One function call: a method of a contract run against an account, in the network's own VM.
 *
 * The caller says what the contract may see (ol_call) and reads what came of it (ol_call_result):
 * changes of the account's data, receipts, resumed yields, logs, the value. Nothing is written
 * anywhere: a caller applies what it likes, so that a failed call is undone by not applying it.
 *
 *   ol_vm *vm;
 *   OL_TRY(ol_vm_new(86, OL_STR(""), &vm, err));                     // once
 *   ol_call call = {.code = wasm, .code_hash = ol_sha256_of(wasm), .account_id = OL_STR("a.near"),
 *                   .method = OL_STR("get"), .gas = 10 * OL_TGAS, .find = find, .at = &store};
 *   OL_TRY(ol_call_run(vm, &call, &arena, &result, err));            // result lies in the arena
 *   if (result.failure == OL_CALL_OK) … apply result.changes, send result.receipts …
 *
 * ol_rc tells of our own trouble alone (memory, a bad account id in `call`); a contract's failure
 * is a result. An ol_vm may be shared by threads, which need 2 MiB of stack to make calls. */
#ifndef OL_EMULATOR_CALL_H
#define OL_EMULATOR_CALL_H

#include "emulator/receipt.h"

#define OL_TGAS UINT64_C(1000000000000)

/* ── The VM and its parameters ── */

typedef struct nearvm ol_vm;

/* Protocol version 84 to 88; 86 is the network of today (NEAR 0). `cache_dir` keeps compiled
 * contracts between processes, which may share it; empty: a temporary folder of this VM alone. */
ol_rc ol_vm_new(uint32_t protocol_version, ol_str cache_dir, ol_vm **ret, ol_err *err);
void ol_vm_free(ol_vm *vm); /* NULL is fine */

/* `runtime_config` as the RPC shows it; lives as long as the VM. */
ol_str ol_vm_config(const ol_vm *vm);
/* A number of the parameter tables by its path (nearvm.h: nearvm_number lists them). A path that
 * names none is our bug. */
ol_u128 ol_vm_number(const ol_vm *vm, const char *path);

typedef struct ol_fee {
    uint64_t send_sir; /* burnt by the sender, who is the receiver as well */
    uint64_t send;     /* … who is not */
    uint64_t execution;
} ol_fee;

/* `name` as nearvm.h lists them: "transfer", "function_call_byte", "new_action_receipt" … */
ol_fee ol_vm_fee(const ol_vm *vm, const char *name);

/* ── What the contract sees ── */

typedef struct ol_call_input {
    bool ok; /* false: that promise failed, or the yield timed out */
    ol_bytes value;
} ol_call_input;

typedef enum ol_call_code {
    OL_CALL_CODE_NONE = 0,
    OL_CALL_CODE_LOCAL,
    OL_CALL_CODE_GLOBAL,
    OL_CALL_CODE_GLOBAL_ACCOUNT,
} ol_call_code;

/* All borrowed until ol_call_run returns, but for what `find` lends (below). Zeroes are good
 * defaults unless said otherwise. */
typedef struct ol_call {
    ol_bytes code;       /* empty: CodeDoesNotExist */
    ol_sha256 code_hash; /* of `code`: compiled code is found by it */
    ol_str account_id;   /* whose contract runs; needed */
    ol_str method;
    ol_bytes args;
    uint64_t gas; /* prepaid; for a view its limit, where 0 means the network's */
    bool view;

    ol_str signer_id;         /* empty: the account */
    ol_public_key signer_key; /* zeroes are an ed25519 key */
    ol_str predecessor_id;    /* empty: the signer */
    ol_str refund_to;         /* empty: the predecessor */
    ol_yocto balance;         /* of the account, without the deposit */
    ol_yocto locked;
    ol_yocto deposit;
    uint64_t storage_usage; /* of the account, before the call */

    const ol_call_input *inputs; /* results of the promises this call waited for */
    size_t input_count;
    const ol_str *outputs; /* accounts that wait for what it returns: they cost gas */
    size_t output_count;

    ol_str chain_id; /* empty: "localnet" */
    uint64_t height; /* of the block being applied */
    uint64_t timestamp_ns;
    uint64_t epoch_height;
    ol_sha256 random_seed;
    ol_sha256 action_hash; /* base of the data ids of this call (NEAR 4.4) */

    ol_call_code account_code; /* what current_contract_code tells */
    ol_sha256 account_code_hash;
    ol_str account_code_account;

    /* What the account and the chain hold; `at` is passed through. Every one may be NULL: nothing
     * is found, no yield is pending, nobody stakes. */
    void *at;
    /* Data of the account as before this call. The value must live as long as the result is used:
     * it is not copied. */
    bool (*find)(void *at, ol_bytes key, ol_bytes *ret_value);
    /* Is a yield of this account waiting under this data id (neither delivered nor timed out)?
     * Those of this very call are known without asking. A yield that was resumed and whose callback
     * has not run is still pending (NEAR 3, rule 5). */
    bool (*yield_pending)(void *at, const ol_sha256 *data_id);
    /* The data id of this account's pending yield of that yield id. */
    bool (*yield_find)(void *at, const ol_sha256 *yield_id, ol_sha256 *ret_data_id);
    /* Stake of an account; the total for an empty one. */
    bool (*stake)(void *at, ol_str account_id, ol_yocto *ret);
    /* Instead of the ids of NEAR 4.4 (with `index` 0, 1, 2 … as salt); for recordings. */
    ol_sha256 (*data_id)(void *at, uint64_t index);
} ol_call;

/* ── What came of it ── */

/* The last state of one key; each key once, in the order of their first change. */
typedef struct ol_call_change {
    ol_bytes key;
    bool removed;
    ol_bytes value;
} ol_call_change;

/* Kind (ACTION or YIELD), receiver, actions, refund_to, inputs and outputs are filled; ids,
 * predecessor, signer and price are the runtime's. A receipt with inputs waits for them; those data
 * ids stand among the outputs of the receipts before, or, for a yield, in `inputs[0]`. */
typedef struct ol_call_receipt {
    ol_receipt receipt;
    bool has_yield_id;
    ol_sha256 yield_id;
} ol_call_receipt;

/* Data for a pending yield of this account: a receipt of kind RESUME to itself. */
typedef struct ol_call_resume {
    ol_sha256 data_id;
    ol_bytes payload;
} ol_call_resume;

typedef enum ol_call_failure {
    OL_CALL_OK = 0,
    OL_CALL_FAILED_COMPILATION,
    OL_CALL_FAILED_LINK,
    OL_CALL_FAILED_METHOD,
    OL_CALL_FAILED_TRAP,
    OL_CALL_FAILED_HOST,
    OL_CALL_FAILED_LOADING,
} ol_call_failure;

typedef enum ol_call_return {
    OL_CALL_RETURNS_NOTHING, /* for those who wait: an empty value */
    OL_CALL_RETURNS_VALUE,
    OL_CALL_RETURNS_RECEIPT, /* its receivers become receivers of receipts[return_receipt] */
} ol_call_return;

typedef enum ol_call_cost_kind {
    OL_CALL_COST_ACTION, /* ACTION_COST of the RPC */
    OL_CALL_COST_HOST,   /* WASM_HOST_COST */
    OL_CALL_COST_WASM,   /* WASM_HOST_COST, "WASM_INSTRUCTION" */
} ol_call_cost_kind;

typedef struct ol_call_cost {
    ol_call_cost_kind kind;
    ol_str name; /* lower case, as in the parameter table: storage_write_base */
    uint64_t gas;
} ol_call_cost;

/* Lies in the caller's arena. After a failure changes, receipts and resumes are empty; logs, gas
 * and costs are what they were when it happened. */
typedef struct ol_call_result {
    ol_call_failure failure;
    ol_str failure_name;  /* the innermost name: GuestPanic, MethodNotFound, Deserialization */
    ol_str failure_text;  /* `Smart contract panicked: …`: the text an ExecutionError carries */
    ol_str failure_debug; /* as a failed view shows it: `HostError(GasExceeded)` */

    uint64_t gas_burnt;
    /* Burnt, plus gas and execution fees of the receipts. Gas left over is already given to the
     * calls with a weight, and then gas_used is all that was prepaid. */
    uint64_t gas_used;
    const ol_call_cost *costs; /* the gas profile; sums up to gas_burnt */
    size_t cost_count;

    const ol_str *logs;
    size_t log_count;
    ol_call_return returns;
    ol_bytes value;
    size_t return_receipt; /* index into receipts */

    ol_yocto balance;    /* with the deposit, without what the receipts take along */
    ol_yocto subsidized; /* yocto that came from nowhere, by the one-yocto rule (NEAR 1.2) */
    uint64_t storage_usage;
    const ol_call_change *changes;
    size_t change_count;
    const ol_call_receipt *receipts;
    size_t receipt_count;
    const ol_call_resume *resumes;
    size_t resume_count;
} ol_call_result;

/* Evicted and removed value bytes are charged here, as the network does and the VM's mock does not
 * (NEAR 8a); trie nodes cost nothing, T = 0 (NEAR 8, stages 1 and 2). */
ol_rc ol_call_run(const ol_vm *vm, const ol_call *call, ol_arena *arena, ol_call_result *ret,
                  ol_err *err);

/* The value of `FunctionCallError` (NEAR 1.8): {"ExecutionError":"…"}, {"MethodResolveError":"…"},
 * {"CompilationError":…}. For a failed result alone; text in the arena. */
OL_MUST_USE bool ol_call_failure_json(const ol_call_result *result, ol_str account_id,
                                      ol_arena *arena, ol_str *ret);

#endif
