#include "services/worker/variables.h"

#include "lib/secrets/names.h"

typedef struct list {
    ol_arena *arena;
    ol_frame_pair *pair;
    size_t count;
    bool short_of_memory;
} list;

static void put(list *l, const char *name, ol_str value)
{
    l->pair[l->count++] = (ol_frame_pair){ol_str_bytes(ol_str_of(name)), ol_str_bytes(value)};
}

static void put_number(list *l, const char *name, ol_u128 value)
{
    ol_u128_text text = ol_u128_format(value);
    ol_str copy = {NULL, 0};
    l->short_of_memory |= !ol_arena_copy(l->arena, (ol_str){text.data, text.len}, &copy);
    put(l, name, copy);
}

static void put_known(list *l, const char *name, ol_str value)
{
    if (value.data != NULL)
        put(l, name, value);
}

static void put_known_u64(list *l, const char *name, ol_opt_u64 value)
{
    if (value.has)
        put_number(l, name, value.value);
}

ol_opt_u128 task_deposit_usd(const ol_task *task)
{
    if (!task->is_https_call)
        return task->attached_usd;
    return task->usd_payment.has ? task->usd_payment : task->attached_deposit_usd;
}

static void add_https(list *l, const ol_task *task)
{
    static const char *const empty[] = {
        "NEAR_PREDECESSOR_ID", "NEAR_SIGNER_PUBLIC_KEY", "NEAR_CONTRACT_ID",
        "NEAR_BLOCK_HEIGHT",   "NEAR_BLOCK_TIMESTAMP",   "NEAR_RECEIPT_ID",
        "NEAR_GAS_BURNT",      "NEAR_TRANSACTION_HASH",  "NEAR_REQUEST_ID"};
    ol_opt_u128 deposit = task_deposit_usd(task);
    put(l, "OUTLAYER_EXECUTION_TYPE", OL_STR("HTTPS"));
    OL_EACH (name, empty)
        put(l, *name, OL_STR(""));
    put(l, "NEAR_PAYMENT_YOCTO", OL_STR("0"));
    put(l, "ATTACHED_USD", OL_STR("0")); /* the deposit is USD_PAYMENT: guests may add both */
    put_number(l, "USD_PAYMENT", deposit.has ? deposit.value : 0);
    put(l, "OUTLAYER_CALL_ID", task->call_id);
    put(l, "NEAR_USER_ACCOUNT_ID",
        task->payment_key_owner.data != NULL ? task->payment_key_owner : task->user_account_id);
    put_known(l, "WALLET_ID", task->wallet_id);
}

static void add_chain(list *l, const ol_task *task)
{
    const ol_task_context *c = &task->context;
    put(l, "OUTLAYER_EXECUTION_TYPE", OL_STR("NEAR"));
    put_known(l, "NEAR_PREDECESSOR_ID", c->predecessor_id);
    put_known(l, "NEAR_SIGNER_PUBLIC_KEY", c->signer_public_key);
    put_known(l, "NEAR_CONTRACT_ID", c->contract_id);
    put_known_u64(l, "NEAR_BLOCK_HEIGHT", c->block_height);
    put_known_u64(l, "NEAR_BLOCK_TIMESTAMP", c->block_timestamp);
    put_known(l, "NEAR_RECEIPT_ID", c->receipt_id);
    put_known_u64(l, "NEAR_GAS_BURNT", c->gas_burnt);
    put_known(l, "NEAR_TRANSACTION_HASH",
              task->transaction_hash.data != NULL ? task->transaction_hash : c->transaction_hash);
    put_number(l, "NEAR_REQUEST_ID", task->request_id);
    if (task->near_payment_yocto.has)
        put_number(l, "NEAR_PAYMENT_YOCTO", task->near_payment_yocto.value);
    ol_opt_u128 deposit = task_deposit_usd(task);
    put_number(l, "ATTACHED_USD", deposit.has ? deposit.value : 0);
    put(l, "USD_PAYMENT", OL_STR("0"));
    put(l, "OUTLAYER_CALL_ID", OL_STR(""));
    put_known(l, "NEAR_USER_ACCOUNT_ID", task->user_account_id);
}

static void add_project(list *l, const ol_task *task, const run_facts *facts)
{
    ol_str owner;
    ol_str name;
    if (!ol_str_cut(task->project_id, '/', &owner, &name))
        return;
    put(l, "OUTLAYER_PROJECT_ID", task->project_id);
    put(l, "OUTLAYER_PROJECT_OWNER", owner);
    put(l, "OUTLAYER_PROJECT_NAME", name);
    ol_str uuid = facts->project_uuid.len > 0 ? facts->project_uuid : task->project_uuid;
    put(l, "OUTLAYER_PROJECT_UUID", uuid.data != NULL ? uuid : OL_STR(""));
}

/* Of two of one name the last counts, as in the keystore; a guest would find the first. */
static bool replaced(const variable *secrets, size_t count, size_t i)
{
    for (size_t later = i + 1; later < count; later++) {
        if (ol_str_eq(secrets[later].name, secrets[i].name))
            return true;
    }
    return false;
}

static void add_secrets(list *l, const variable *secrets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ol_str name = secrets[i].name;
        if (ol_secret_name_fits(name) && !ol_secret_name_reserved(name) &&
            !replaced(secrets, count, i))
            l->pair[l->count++] =
                (ol_frame_pair){ol_str_bytes(name), ol_str_bytes(secrets[i].value)};
    }
}

ol_rc variables_build(const ol_task *task, const run_facts *facts, const variable *secrets,
                      size_t secrets_count, ol_arena *arena, const ol_frame_pair **ret,
                      size_t *ret_count, ol_err *err)
{
    list l = {.arena = arena};
    if (secrets_count > OL_FRAME_VARIABLES_MAX - OL_SECRET_NAMES_RESERVED)
        return ol_fail(err, OL_ERR_LIMIT, "too many secrets");
    l.pair = ol_arena_array(arena, secrets_count + OL_SECRET_NAMES_RESERVED, sizeof *l.pair);
    if (l.pair == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    add_secrets(&l, secrets, secrets_count);
    put(&l, "NEAR_NETWORK_ID", facts->network_id);
    put_known(&l, "NEAR_SENDER_ID", facts->sender_id);
    if (task->is_https_call)
        add_https(&l, task);
    else
        add_chain(&l, task);
    put_number(&l, "NEAR_MAX_INSTRUCTIONS", facts->limits.instructions_max);
    put_number(&l, "NEAR_MAX_MEMORY_MB", facts->limits.memory_mb_max);
    put_number(&l, "NEAR_MAX_EXECUTION_SECONDS", facts->limits.seconds_max);
    if (task->project_id.data != NULL)
        add_project(&l, task, facts);
    if (facts->rpc_available)
        put(&l, "NEAR_RPC_PROXY_AVAILABLE", OL_STR("1"));
    if (l.short_of_memory)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    *ret = l.pair;
    *ret_count = l.count;
    return OL_OK;
}
