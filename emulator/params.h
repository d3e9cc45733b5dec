/* The network's parameters at one protocol version, taken from the VM's tables once (NEAR 1.4,
 * 1.5, 4.3): no number of them stands in our code. */
#ifndef OL_EMULATOR_PARAMS_H
#define OL_EMULATOR_PARAMS_H

#include "emulator/call.h"

typedef struct ol_params {
    uint32_t protocol_version;

    /* Gas. */
    ol_fee action_receipt;
    ol_fee create_account;
    ol_fee delete_account;
    ol_fee deploy;
    ol_fee deploy_byte;
    ol_fee call;
    ol_fee call_byte; /* of method name and arguments */
    ol_fee transfer;
    ol_fee stake;
    ol_fee add_full_key;
    ol_fee add_call_key;
    ol_fee add_call_key_byte; /* of method names, each with one more */
    ol_fee delete_key;
    ol_fee delegate;
    ol_fee deploy_global;
    ol_fee deploy_global_byte;
    ol_fee use_global;
    ol_fee use_global_byte; /* of the identifier */
    ol_fee state_init;
    ol_fee state_init_entry;
    ol_fee state_init_byte;

    /* Money. */
    ol_yocto gas_price_bought_min; /* gas is bought at no less */
    ol_yocto account_charge;       /* what creating an account costs, gas included */
    ol_yocto storage_byte;         /* to be held per byte of storage */
    ol_yocto global_code_byte;     /* burnt per byte of a global contract */
    uint64_t reward_numerator;     /* the contract's share of the gas it burns */
    uint64_t reward_denominator;

    /* Bytes of storage usage. */
    uint64_t account_bytes;
    uint64_t record_bytes;

    /* Limits. */
    uint64_t receipt_actions_max;
    uint64_t receipt_deploys_max;
    uint64_t receipt_inputs_max;
    uint64_t receipt_bytes_max;
    uint64_t transaction_bytes_max;
    uint64_t prepaid_gas_max;
    uint64_t contract_bytes_max;
    uint64_t args_bytes_max;
    uint64_t value_bytes_max; /* returned */
    uint64_t method_bytes_max;
    uint64_t key_methods_bytes_max;
    uint64_t data_key_bytes_max;
    uint64_t data_value_bytes_max;
    uint64_t view_gas_max;
    uint64_t yield_blocks;
    uint64_t registrar_length; /* top-level names shorter than this are the registrar's */
} ol_params;

void ol_params_load(const ol_vm *vm, uint32_t protocol_version, ol_params *ret);

#endif
