#include "contracts/host/near.h"

#include "contracts/host/src/imports.h"

/* Answers in bytes come through a register; one is enough, and it is read at once. */
enum { REG = 0 };

static uint64_t at(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer; /* a signed cast would extend the sign */
}

#define BYTES(b) (uint64_t)(b).len, at((b).data)

static ol_bytes register_bytes(void)
{
    size_t len = (size_t)host_register_len(REG);
    uint8_t *data = near_alloc(len);
    host_read_register(REG, at(data));
    return (ol_bytes){data, len};
}

ol_bytes near_input(void)
{
    host_input(REG);
    return register_bytes();
}

/* At most 64 bytes by the rules of the protocol. */
static ol_str account(void)
{
    size_t len = (size_t)host_register_len(REG);
    char *data = near_alloc(NEAR_ACCOUNT_BYTES_MAX);
    OL_ASSERT(len <= NEAR_ACCOUNT_BYTES_MAX);
    host_read_register(REG, at(data));
    return (ol_str){data, len};
}

ol_str near_self(void)
{
    host_current_account_id(REG);
    return account();
}

ol_str near_predecessor(void)
{
    host_predecessor_account_id(REG);
    return account();
}

ol_str near_signer(void)
{
    host_signer_account_id(REG);
    return account();
}

ol_bytes near_signer_key(void)
{
    host_signer_account_pk(REG);
    return register_bytes();
}

ol_u128 near_attached_deposit(void)
{
    ol_u128 amount = 0;
    host_attached_deposit(at(&amount));
    return amount;
}

ol_u128 near_account_balance(void)
{
    ol_u128 amount = 0;
    host_account_balance(at(&amount));
    return amount;
}

uint64_t near_prepaid_gas(void)
{
    return host_prepaid_gas();
}

uint64_t near_used_gas(void)
{
    return host_used_gas();
}

uint64_t near_storage_usage(void)
{
    return host_storage_usage();
}

uint64_t near_block_height(void)
{
    return host_block_index();
}

uint64_t near_block_timestamp(void)
{
    return host_block_timestamp();
}

uint64_t near_epoch_height(void)
{
    return host_epoch_height();
}

void near_random_seed(uint8_t ret[32])
{
    host_random_seed(REG);
    host_read_register(REG, at(ret));
}

void near_return(ol_bytes value)
{
    host_value_return(BYTES(value));
}

void near_log(ol_str text)
{
    host_log_utf8(BYTES(text));
}

_Noreturn void near_panic(ol_str text)
{
    host_panic_utf8(BYTES(text));
}

/* Beside the heap the one writable object: a call has one thread, and dies with it. */
static bool *found(void)
{
    static bool it;
    return &it;
}

bool near_storage_found(void)
{
    return *found();
}

static bool note(uint64_t is_there)
{
    if (is_there != 0)
        *found() = true;
    return is_there != 0;
}

bool near_storage_read(ol_bytes key, ol_bytes *ret)
{
    if (!note(host_storage_read(BYTES(key), REG)))
        return false;
    *ret = register_bytes();
    return true;
}

bool near_storage_has(ol_bytes key)
{
    return note(host_storage_has_key(BYTES(key)));
}

bool near_storage_write(ol_bytes key, ol_bytes value)
{
    return host_storage_write(BYTES(key), BYTES(value), REG) != 0;
}

bool near_storage_write_input(ol_bytes key)
{
    const uint64_t from_register = UINT64_MAX; /* in place of a length (NEAR 1.1) */
    host_input(REG);
    return host_storage_write(BYTES(key), from_register, REG, REG) != 0;
}

bool near_storage_remove(ol_bytes key)
{
    return host_storage_remove(BYTES(key), REG) != 0;
}

bool near_storage_take(ol_bytes key, ol_bytes *ret)
{
    if (host_storage_remove(BYTES(key), REG) == 0)
        return false;
    *ret = register_bytes();
    return true;
}

void near_sha256(ol_bytes message, uint8_t ret[32])
{
    host_sha256(BYTES(message), REG);
    host_read_register(REG, at(ret));
}

void near_keccak256(ol_bytes message, uint8_t ret[32])
{
    host_keccak256(BYTES(message), REG);
    host_read_register(REG, at(ret));
}

bool near_ed25519_verify(const uint8_t signature[64], ol_bytes message, const uint8_t key[32])
{
    return host_ed25519_verify(64, at(signature), BYTES(message), 32, at(key)) != 0;
}

bool near_ecrecover(const uint8_t hash[32], const uint8_t signature[64], uint8_t v,
                    uint8_t ret_key[64])
{
    if (host_ecrecover(32, at(hash), 64, at(signature), v, 1, REG) == 0)
        return false;
    host_read_register(REG, at(ret_key));
    return true;
}

near_promise near_promise_create(ol_str to)
{
    return host_promise_batch_create(BYTES(to));
}

near_promise near_promise_then(near_promise after, ol_str to)
{
    return host_promise_batch_then(after, BYTES(to));
}

near_promise near_promise_and(const near_promise *promises, size_t count)
{
    return host_promise_and(at(promises), count);
}

void near_promise_transfer(near_promise to, ol_u128 yocto)
{
    host_action_transfer(to, at(&yocto));
}

void near_promise_call(near_promise to, ol_str method, ol_bytes arguments, ol_u128 deposit,
                       uint64_t gas, uint64_t weight)
{
    host_action_function_call_weight(to, BYTES(method), BYTES(arguments), at(&deposit), gas,
                                     weight);
}

void near_promise_create_account(near_promise to)
{
    host_action_create_account(to);
}

void near_promise_deploy(near_promise to, ol_bytes code)
{
    host_action_deploy_contract(to, BYTES(code));
}

void near_promise_add_full_key(near_promise to, ol_bytes key)
{
    host_action_add_key_full(to, BYTES(key), 0);
}

void near_promise_add_call_key(near_promise to, ol_bytes key, ol_u128 allowance, ol_str receiver,
                               ol_str methods)
{
    host_action_add_key_call(to, BYTES(key), 0, at(&allowance), BYTES(receiver), BYTES(methods));
}

void near_promise_delete_key(near_promise to, ol_bytes key)
{
    host_action_delete_key(to, BYTES(key));
}

void near_promise_return(near_promise promise)
{
    host_promise_return(promise);
}

uint64_t near_promise_results(void)
{
    return host_promise_results_count();
}

near_result near_promise_result(uint64_t index, ol_bytes *ret)
{
    near_result result = (near_result)host_promise_result(index, REG);
    if (result == NEAR_SUCCESS)
        *ret = register_bytes();
    return result;
}

near_promise near_yield(ol_str method, ol_bytes arguments, uint64_t gas, uint64_t weight,
                        uint8_t ret_data_id[NEAR_DATA_ID_BYTES])
{
    near_promise promise =
        host_promise_yield_create(BYTES(method), BYTES(arguments), gas, weight, REG);
    host_read_register(REG, at(ret_data_id));
    return promise;
}

bool near_resume(const uint8_t data_id[NEAR_DATA_ID_BYTES], ol_bytes payload)
{
    return host_promise_yield_resume(NEAR_DATA_ID_BYTES, at(data_id), BYTES(payload)) != 0;
}
