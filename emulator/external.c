#include "emulator/external.h"

#include <string.h>

#include "emulator/external_store.h"

void *external_list_add(external *x, external_list *list, size_t item_bytes)
{
    if (list->count == list->size) {
        size_t size = list->size ? 2 * list->size : 4;
        void *items = ol_arena_array(x->arena, size, item_bytes);

        if (!items) {
            x->no_memory = true;
            return NULL;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * item_bytes);
        list->items = items;
        list->size = size;
    }
    return (char *)list->items + list->count++ * item_bytes;
}

static external_receipt *receipt_at(external *x, uint64_t index)
{
    OL_ASSERT(index < x->receipts.count); /* the VM knows those it was given alone */
    return (external_receipt *)x->receipts.items + index;
}

static int no_memory(external *x)
{
    x->no_memory = true;
    return NEARVM_BROKEN;
}

static bool keep_str(external *x, ol_str text, ol_str *ret)
{
    if (ol_arena_copy(x->arena, text, ret))
        return true;
    x->no_memory = true;
    return false;
}

static ol_sha256 next_data_id(external *x)
{
    uint64_t index = x->data_ids++;

    if (x->call->data_id)
        return x->call->data_id(x->call->at, index);
    return ol_id_of(&x->call->action_hash, x->call->height, index);
}

static int validator_stake(void *at, ol_str account, ol_u128 *ret)
{
    external *x = at;
    ol_yocto stake;

    if (!x->call->stake || !x->call->stake(x->call->at, account, &stake))
        return NEARVM_NO;
    *ret = stake.yocto;
    return NEARVM_YES;
}

/* ── Receipts ── */

static external_receipt *receipt_add(external *x, ol_str receiver, uint64_t *ret_index)
{
    external_receipt *made;

    *ret_index = x->receipts.count;
    made = external_list_add(x, &x->receipts, sizeof *made);
    if (!made || !keep_str(x, receiver, &made->receiver_id))
        return NULL;
    return made;
}

/* The new receipt waits for one datum of each receipt before it (NEAR 4.4). */
static bool receipt_after(external *x, uint64_t before, uint64_t after)
{
    ol_sha256 id = next_data_id(x);
    ol_str receiver = receipt_at(x, after)->receiver_id;
    ol_data_receiver *output =
        external_list_add(x, &receipt_at(x, before)->outputs, sizeof *output);
    ol_sha256 *input = external_list_add(x, &receipt_at(x, after)->inputs, sizeof *input);

    if (!output || !input)
        return false;
    *output = (ol_data_receiver){.data_id = id, .receiver_id = receiver};
    *input = id;
    return true;
}

static int receipt_new(void *at, const uint64_t *after, size_t after_count, ol_str receiver,
                       uint64_t *ret_index)
{
    external *x = at;

    if (!receipt_add(x, receiver, ret_index))
        return NEARVM_BROKEN;
    for (size_t i = 0; i < after_count; i++) {
        if (!receipt_after(x, after[i], *ret_index))
            return NEARVM_BROKEN;
    }
    return NEARVM_YES;
}

static int receipt_refund_to(void *at, uint64_t receipt, ol_str account)
{
    external *x = at;

    return keep_str(x, account, &receipt_at(x, receipt)->refund_to) ? NEARVM_YES : NEARVM_BROKEN;
}

/* A function-call key with more names than action.h reads. All of them together are then longer
 * than the network allows (NEAR 1.5), which the receipt's validation will say: one name of that
 * length stands for them. False for anything else. */
static bool key_with_too_many_names(ol_bytes action, ol_arena *arena, ol_action *ret)
{
    ol_borsh from = ol_borsh_over(action);
    ol_access_key *access = &ret->add_key.access;
    ol_str *name = OL_ARENA_NEW(arena, ol_str);
    uint32_t count;

    *ret = (ol_action){.kind = (ol_action_kind)ol_borsh_u8(&from)};
    if (ret->kind != OL_ACTION_ADD_KEY || !name)
        return false;
    ol_public_key_decode(&from, &ret->add_key.key);
    access->nonce = ol_borsh_u64(&from);
    access->permission = (ol_permission)ol_borsh_u8(&from);
    if (access->permission == OL_PERMISSION_GAS_KEY_CALL) {
        access->gas_balance = OL_YOCTO(ol_borsh_u128(&from));
        access->gas_nonces = ol_borsh_u16(&from);
    }
    access->has_allowance = ol_borsh_bool(&from);
    access->allowance = OL_YOCTO(access->has_allowance ? ol_borsh_u128(&from) : 0);
    access->receiver_id = ol_borsh_str(&from);
    count = ol_borsh_u32(&from);
    name->data = (const char *)from.rest.data;
    for (uint32_t i = 0; i < count && !from.failed; i++)
        name->len += ol_borsh_bytes(&from).len + 1; /* as the limit counts */
    name->len--;
    access->methods = name;
    access->method_count = 1;
    return ol_borsh_done(&from) && count > OL_KEY_METHODS_DECODED_MAX;
}

static int receipt_action(void *at, uint64_t receipt, ol_bytes action, uint64_t gas_weight,
                          uint64_t *ret_index)
{
    external *x = at;
    external_receipt *to = receipt_at(x, receipt);
    ol_action *made = external_list_add(x, &to->actions, sizeof *made);
    ol_bytes kept;
    ol_borsh from;

    if (!made || !ol_arena_copy_bytes(x->arena, action, &kept))
        return no_memory(x);
    from = ol_borsh_over(kept);
    ol_action_decode(&from, x->arena, made); /* borrows from the copy */
    if (!ol_borsh_done(&from) && !key_with_too_many_names(kept, x->arena, made))
        return NEARVM_BROKEN;
    *ret_index = to->actions.count - 1;
    if (gas_weight > 0) {
        external_weight *weight = external_list_add(x, &x->weights, sizeof *weight);
        if (!weight)
            return NEARVM_BROKEN;
        *weight = (external_weight){receipt, *ret_index, gas_weight};
    }
    return NEARVM_YES;
}

/* ── Entries of a state init ── */

/* Where `key` is, or belongs. */
static size_t entry_place(const ol_state_init *init, ol_bytes key, bool *ret_there)
{
    size_t low = 0, high = init->entry_count;

    *ret_there = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = ol_str_compare(ol_bytes_str(init->entries[middle].key), ol_bytes_str(key));

        *ret_there |= order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Room doubles whenever the count is a power of two, so that entries stay in one array. */
static bool entry_room(external *x, const ol_state_init *init, ol_init_entry **ret)
{
    size_t count = init->entry_count;

    if (count > 0 && (count & (count - 1)) != 0) {
        *ret = (ol_init_entry *)(uintptr_t)init->entries; /* made here, hence writable */
        return true;
    }
    *ret = ol_arena_array(x->arena, count ? 2 * count : 1, sizeof **ret);
    if (!*ret)
        return false;
    if (count > 0)
        memcpy(*ret, init->entries, count * sizeof **ret);
    return true;
}

static int state_init_entry(void *at, uint64_t receipt, uint64_t action_index, ol_bytes key,
                            ol_bytes value)
{
    external *x = at;
    const external_list *actions = &receipt_at(x, receipt)->actions;
    ol_state_init *init;
    ol_init_entry *entries, entry;
    size_t place;
    bool there;

    if (action_index >= actions->count)
        return NEARVM_NO_SUCH_ACTION;
    ol_action *action = (ol_action *)actions->items + action_index;
    if (action->kind != OL_ACTION_STATE_INIT)
        return NEARVM_NO_SUCH_ACTION;
    init = &action->state_init.init;
    place = entry_place(init, key, &there);
    if (there)
        return NEARVM_DUPLICATE_ENTRY;
    if (!ol_arena_copy_bytes(x->arena, key, &entry.key) ||
        !ol_arena_copy_bytes(x->arena, value, &entry.value) || !entry_room(x, init, &entries))
        return no_memory(x);
    memmove(entries + place + 1, entries + place, (init->entry_count - place) * sizeof *entries);
    entries[place] = entry;
    init->entries = entries;
    init->entry_count++;
    return NEARVM_YES;
}

/* ── Yields ── */

/* A yield made in this call. */
static const external_receipt *own_yield(external *x, const ol_sha256 *id, bool is_yield_id)
{
    for (size_t i = 0; i < x->receipts.count; i++) {
        const external_receipt *r = receipt_at(x, i);
        if (!r->yields || (is_yield_id && !r->has_yield_id))
            continue;
        if (memcmp(is_yield_id ? &r->yield_id : r->inputs.items, id, sizeof *id) == 0)
            return r;
    }
    return NULL;
}

/* The data id under which the yield waits. */
static bool yield_pending(external *x, const ol_sha256 *id, bool is_yield_id, ol_sha256 *ret)
{
    const external_receipt *own = own_yield(x, id, is_yield_id);
    const ol_call *call = x->call;

    if (own)
        *ret = *(const ol_sha256 *)own->inputs.items;
    else if (is_yield_id)
        return call->yield_find && call->yield_find(call->at, id, ret);
    else if (call->yield_pending && call->yield_pending(call->at, id))
        *ret = *id;
    else
        return false;
    return true;
}

static int yield_create(void *at, const uint8_t *yield_id, uint64_t *ret_index,
                        uint8_t *ret_data_id)
{
    external *x = at;
    ol_sha256 id = {0}, data_id;
    external_receipt *made;
    ol_sha256 *input;

    if (yield_id) {
        memcpy(id.bytes, yield_id, sizeof id.bytes);
        if (yield_pending(x, &id, true, &data_id))
            return NEARVM_NO;
    }
    made = receipt_add(x, x->call->account_id, ret_index);
    input = made ? external_list_add(x, &made->inputs, sizeof *input) : NULL;
    if (!input)
        return NEARVM_BROKEN;
    made->yields = true;
    made->has_yield_id = yield_id != NULL;
    made->yield_id = id;
    *input = next_data_id(x);
    memcpy(ret_data_id, input->bytes, sizeof input->bytes);
    return NEARVM_YES;
}

static int yield_resume(void *at, const uint8_t *id, bool is_yield_id, ol_bytes payload)
{
    external *x = at;
    ol_sha256 wanted, data_id;
    ol_call_resume *resume;

    memcpy(wanted.bytes, id, sizeof wanted.bytes);
    if (!yield_pending(x, &wanted, is_yield_id, &data_id))
        return NEARVM_NO;
    resume = external_list_add(x, &x->resumes, sizeof *resume);
    if (!resume || !ol_arena_copy_bytes(x->arena, payload, &resume->payload))
        return no_memory(x);
    resume->data_id = data_id;
    return NEARVM_YES;
}

/* ── The end ── */

uint64_t external_share_gas(external *x, uint64_t left)
{
    const external_weight *weights = x->weights.items;
    ol_u128 sum = 0;
    uint64_t given = 0;

    for (size_t i = 0; i < x->weights.count; i++)
        sum += weights[i].weight;
    for (size_t i = 0; i < x->weights.count; i++) {
        external_receipt *receipt = receipt_at(x, weights[i].receipt);
        ol_action *action = (ol_action *)receipt->actions.items + weights[i].action;
        uint64_t share = (uint64_t)((ol_u128)left * weights[i].weight / sum);

        if (i + 1 == x->weights.count)
            share = left - given;
        given += share;
        action->call.gas += share;
    }
    return given;
}

const nearvm_host EXTERNAL_HOST = {
    .storage_write = external_storage_write,
    .storage_read = external_storage_read,
    .storage_remove = external_storage_remove,
    .validator_stake = validator_stake,
    .receipt_new = receipt_new,
    .receipt_refund_to = receipt_refund_to,
    .receipt_action = receipt_action,
    .state_init_entry = state_init_entry,
    .yield_create = yield_create,
    .yield_resume = yield_resume,
    .done = external_done,
};
