#include "emulator/params.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t at;
} FEES[] = {
    {"new_action_receipt", offsetof(ol_params, action_receipt)},
    {"create_account", offsetof(ol_params, create_account)},
    {"delete_account", offsetof(ol_params, delete_account)},
    {"deploy_contract_base", offsetof(ol_params, deploy)},
    {"deploy_contract_byte", offsetof(ol_params, deploy_byte)},
    {"function_call_base", offsetof(ol_params, call)},
    {"function_call_byte", offsetof(ol_params, call_byte)},
    {"transfer", offsetof(ol_params, transfer)},
    {"stake", offsetof(ol_params, stake)},
    {"add_full_access_key", offsetof(ol_params, add_full_key)},
    {"add_function_call_key_base", offsetof(ol_params, add_call_key)},
    {"add_function_call_key_byte", offsetof(ol_params, add_call_key_byte)},
    {"delete_key", offsetof(ol_params, delete_key)},
    {"delegate", offsetof(ol_params, delegate)},
    {"deploy_global_contract_base", offsetof(ol_params, deploy_global)},
    {"deploy_global_contract_byte", offsetof(ol_params, deploy_global_byte)},
    {"use_global_contract_base", offsetof(ol_params, use_global)},
    {"use_global_contract_byte", offsetof(ol_params, use_global_byte)},
    {"deterministic_state_init_base", offsetof(ol_params, state_init)},
    {"deterministic_state_init_entry", offsetof(ol_params, state_init_entry)},
    {"deterministic_state_init_byte", offsetof(ol_params, state_init_byte)},
};

static const struct {
    const char *path;
    size_t at;
} MONEY[] = {
    {"/config/min_gas_purchase_price", offsetof(ol_params, gas_price_bought_min)},
    {"/config/account_creation_charge", offsetof(ol_params, account_charge)},
    {"/config/storage_amount_per_byte", offsetof(ol_params, storage_byte)},
    {"/global_contract_storage_amount_per_byte", offsetof(ol_params, global_code_byte)},
};

#define STORAGE "/config/transaction_costs/storage_usage_config/"
static const struct {
    const char *path;
    size_t at;
} NUMBERS[] = {
    {"/config/transaction_costs/burnt_gas_reward/0", offsetof(ol_params, reward_numerator)},
    {"/config/transaction_costs/burnt_gas_reward/1", offsetof(ol_params, reward_denominator)},
    {STORAGE "num_bytes_account", offsetof(ol_params, account_bytes)},
    {STORAGE "num_extra_bytes_record", offsetof(ol_params, record_bytes)},
    {"/limits/max_actions_per_receipt", offsetof(ol_params, receipt_actions_max)},
    {"/limits/max_deploy_actions_per_receipt", offsetof(ol_params, receipt_deploys_max)},
    {"/limits/max_number_input_data_dependencies", offsetof(ol_params, receipt_inputs_max)},
    {"/limits/max_receipt_size", offsetof(ol_params, receipt_bytes_max)},
    {"/limits/max_transaction_size", offsetof(ol_params, transaction_bytes_max)},
    {"/limits/max_total_prepaid_gas", offsetof(ol_params, prepaid_gas_max)},
    {"/limits/max_contract_size", offsetof(ol_params, contract_bytes_max)},
    {"/limits/max_arguments_length", offsetof(ol_params, args_bytes_max)},
    {"/limits/max_length_returned_data", offsetof(ol_params, value_bytes_max)},
    {"/limits/max_length_method_name", offsetof(ol_params, method_bytes_max)},
    {"/limits/max_number_bytes_method_names", offsetof(ol_params, key_methods_bytes_max)},
    {"/limits/max_length_storage_key", offsetof(ol_params, data_key_bytes_max)},
    {"/limits/max_length_storage_value", offsetof(ol_params, data_value_bytes_max)},
    {"/limits/max_gas_burnt", offsetof(ol_params, view_gas_max)},
    {"/limits/yield_timeout_length_in_blocks", offsetof(ol_params, yield_blocks)},
    {"/config/account_creation_config/min_allowed_top_level_account_length",
     offsetof(ol_params, registrar_length)},
};

void ol_params_load(const ol_vm *vm, uint32_t protocol_version, ol_params *ret)
{
    uint8_t *base = (uint8_t *)ret;
    *ret = (ol_params){.protocol_version = protocol_version};
    OL_EACH (row, FEES)
        *(ol_fee *)(void *)(base + row->at) = ol_vm_fee(vm, row->name);
    OL_EACH (row, MONEY)
        ((ol_yocto *)(void *)(base + row->at))->yocto = ol_vm_number(vm, row->path);
    OL_EACH (row, NUMBERS) {
        bool fits =
            ol_u64_of_u128(ol_vm_number(vm, row->path), (uint64_t *)(void *)(base + row->at));
        OL_ASSERT(fits);
    }
    OL_ASSERT(ret->reward_denominator > 0);
}
