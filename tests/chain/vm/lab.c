#include "tests/chain/vm/lab.h"

#include <string.h>

enum { LAB_BYTES_MAX = 256 * 1024 * 1024 };

const ol_vm *lab_vm(void)
{
    static ol_vm *vm; /* making one takes some ten milliseconds */
    ol_err err = {0};

    if (!vm)
        CHECK_OK(ol_vm_new(86, OL_STR(""), &vm, &err));
    return vm;
}

static bool find(void *at, ol_bytes key, ol_bytes *ret)
{
    const lab *l = at;

    for (size_t i = 0; i < l->entry_count; i++) {
        if (!ol_bytes_eq(l->entries[i].key, key))
            continue;
        *ret = l->entries[i].value;
        return !l->entries[i].removed;
    }
    return false;
}

void lab_open(lab *l)
{
    *l = (lab){.arena = ol_arena_new(LAB_BYTES_MAX)};
    l->call = (ol_call){
        .account_id = OL_STR("app.near"),
        .method = OL_STR("run"),
        .signer_id = OL_STR("alice.near"),
        .gas = 300 * OL_TGAS,
        .balance = OL_YOCTO((ol_u128)100 * 1000000000000 * 1000000000000),
        .storage_usage = 1000,
        .height = 1000,
        .timestamp_ns = 1,
        .at = l,
        .find = find,
    };
}

void lab_close(lab *l)
{
    ol_arena_deinit(&l->arena);
}

void lab_put(lab *l, const char *key, const char *value)
{
    CHECK(l->entry_count < LAB_ENTRIES_MAX);
    l->entries[l->entry_count++] = (ol_call_change){.key = ol_str_bytes(ol_str_of(key)),
                                                    .value = ol_str_bytes(ol_str_of(value))};
}

const ol_call_result *lab_run(lab *l, ol_bytes module)
{
    ol_err err = {0};
    ol_bytes code;

    CHECK(ol_arena_copy_bytes(&l->arena, module, &code));
    l->call.code = code;
    l->call.code_hash = ol_sha256_of(code);
    CHECK_OK(ol_call_run(lab_vm(), &l->call, &l->arena, &l->result, &err));
    return &l->result;
}

void lab_apply(lab *l)
{
    for (size_t i = 0; i < l->result.change_count; i++) {
        size_t at = 0;
        while (at < l->entry_count && !ol_bytes_eq(l->entries[at].key, l->result.changes[i].key))
            at++;
        CHECK(at < LAB_ENTRIES_MAX);
        l->entries[at] = l->result.changes[i];
        l->entry_count += at == l->entry_count;
    }
    l->call.storage_usage = l->result.storage_usage;
}

static uint64_t sum(const ol_call_result *result, ol_call_cost_kind kind)
{
    uint64_t gas = 0;

    for (size_t i = 0; i < result->cost_count; i++) {
        const ol_call_cost *cost = &result->costs[i];
        if (cost->kind == kind && !ol_str_starts(cost->name, OL_STR("contract_loading")))
            gas += cost->gas;
    }
    return gas;
}

uint64_t lab_host_gas(const ol_call_result *result)
{
    return sum(result, OL_CALL_COST_HOST);
}

uint64_t lab_action_gas(const ol_call_result *result)
{
    return sum(result, OL_CALL_COST_ACTION);
}

uint64_t lab_cost(const ol_call_result *result, const char *name)
{
    for (size_t i = 0; i < result->cost_count; i++) {
        if (ol_str_eq(result->costs[i].name, ol_str_of(name)))
            return result->costs[i].gas;
    }
    return 0;
}
