#include <stdio.h>

#include "emulator/call.h"
#include "emulator/nearvm/nearvm.h"

/* What the crate knows, tables and functions alike (NEAR 8a). */
enum { PROTOCOL_VERSION_FIRST = 84, PROTOCOL_VERSION_LAST = 88 };

ol_rc ol_vm_new(uint32_t protocol_version, ol_str cache_dir, ol_vm **ret, ol_err *err)
{
    char text[NEARVM_ERROR_BYTES];
    ol_vm *vm;

    if (protocol_version < PROTOCOL_VERSION_FIRST || protocol_version > PROTOCOL_VERSION_LAST)
        return ol_fail(err, OL_ERR_RANGE, "Protocol version %u is not among %d to %d",
                       protocol_version, PROTOCOL_VERSION_FIRST, PROTOCOL_VERSION_LAST);
    vm = nearvm_new(protocol_version, cache_dir, text);
    if (!vm)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "The NEAR VM does not start: %s", text);
    *ret = vm;
    return OL_OK;
}

void ol_vm_free(ol_vm *vm)
{
    nearvm_free(vm);
}

ol_str ol_vm_config(const ol_vm *vm)
{
    return nearvm_config_json(vm);
}

ol_u128 ol_vm_number(const ol_vm *vm, const char *path)
{
    ol_u128 number = 0;
    bool found = nearvm_number(vm, ol_str_of(path), &number);

    OL_ASSERT(found);
    return number;
}

static uint64_t fee_part(const ol_vm *vm, const char *name, const char *part)
{
    char path[128];
    uint64_t gas = 0;

    (void)snprintf(path, sizeof path, "/fees/%s/%s", name, part);
    OL_ASSERT(ol_u64_of_u128(ol_vm_number(vm, path), &gas));
    return gas;
}

ol_fee ol_vm_fee(const ol_vm *vm, const char *name)
{
    return (ol_fee){
        .send_sir = fee_part(vm, name, "send_sir"),
        .send = fee_part(vm, name, "send_not_sir"),
        .execution = fee_part(vm, name, "execution"),
    };
}
