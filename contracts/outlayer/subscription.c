#include "contracts/outlayer/subscription.h"

#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/payment_key.h"
#include "contracts/outlayer/state.h"

enum {
    LAYOUT = 1,
    PLANS_MAX = 16,       /* Contract 11: on the list */
    PLANS_EVER_MAX = 256, /* an index is a byte, and is never given twice */
    NAME_BYTES_MAX = 128, /* ours */
    PLAN_BYTES_MAX = 1 + 5 + NAME_BYTES_MAX + 17 + 1,
};

typedef struct plan {
    uint8_t index;
    ol_str name;
    ol_u128 price_usd;
    bool active;
    bool retired; /* no longer on the list; its index keeps its name (Contract 16, 17) */
} plan;

typedef struct plans {
    plan items[PLANS_EVER_MAX];
    size_t count;
} plans;

static plans *plans_load(void)
{
    plans *it = near_alloc(sizeof *it);
    ol_bytes stored;
    if (!near_storage_read(state_key(RECORD_PLANS), &stored))
        return it;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    while (from->rest.len > 0 && !from->failed && it->count < PLANS_EVER_MAX) {
        plan *next = &it->items[it->count++];
        next->index = ol_borsh_u8(from);
        next->name = state_text(from);
        next->price_usd = state_number(from);
        next->active = ol_borsh_bool(from);
        next->retired = ol_borsh_bool(from);
    }
    state_close(from);
    return it;
}

static void plans_save(const plans *it)
{
    ol_buf *into = state_begin(LAYOUT, it->count * PLAN_BYTES_MAX);
    for (size_t i = 0; i < it->count; i++) {
        const plan *each = &it->items[i];
        ol_borsh_add_u8(into, each->index);
        state_add_text(into, each->name);
        state_add_number(into, each->price_usd);
        ol_borsh_add_bool(into, each->active);
        ol_borsh_add_bool(into, each->retired);
    }
    (void)near_storage_write(state_key(RECORD_PLANS), state_end(into));
}

/* --- set_subscription_plans ----------------------------------------------------------------------
 */

typedef struct set_arguments {
    ol_json_structs plans; /* of plan */
} set_arguments;

static const ol_json_field PLAN_FIELDS[] = {
    {"index", OL_BIND_U8, OL_REQUIRED, offsetof(plan, index)},
    {"name", OL_BIND_TEXT, OL_REQUIRED, offsetof(plan, name)},
    {"price_usd", OL_BIND_DEC, OL_REQUIRED, offsetof(plan, price_usd)},
    {"active", OL_BIND_BOOL, OL_REQUIRED, offsetof(plan, active)},
};
static const ol_json_table PLAN = {"arguments", PLAN_FIELDS, OL_COUNT(PLAN_FIELDS)};
static const ol_json_field SET_FIELDS[] = {
    {"plans", OL_BIND_OBJECT_LIST, OL_REQUIRED, offsetof(set_arguments, plans),
     .size = sizeof(plan), .sub = &PLAN},
};
static const ol_json_table SET = {"arguments", SET_FIELDS, OL_COUNT(SET_FIELDS)};

static plan *find(plans *it, uint8_t index)
{
    for (size_t i = 0; i < it->count; i++) {
        if (it->items[i].index == index)
            return &it->items[i];
    }
    return NULL;
}

static void check_plan(const plan *it, plans *fresh, plans *before)
{
    REQUIRE(find(fresh, it->index) == NULL, "duplicate plan index %u", it->index);
    REQUIRE(ol_str_trim(it->name).len > 0, "a plan needs a name");
    REQUIRE(it->name.len <= NAME_BYTES_MAX, "a plan's name has at most 128 bytes");
    REQUIRE(it->price_usd > 0, "plan %u has no price", it->index);
    const plan *old = find(before, it->index);
    REQUIRE(old == NULL || ol_str_eq(old->name, it->name),
            "plan index %u is '%.*s' and may not be repointed at '%.*s'", it->index,
            OL_FMT(old->name), OL_FMT(it->name));
}

void method_set_subscription_plans(call *c)
{
    set_arguments in;
    call_arguments(c, &SET, &in);
    REQUIRE(in.plans.count <= PLANS_MAX, "at most 16 plans");
    plans *before = plans_load();
    plans *fresh = near_alloc(sizeof *fresh);
    const plan *given = in.plans.items;
    for (size_t i = 0; i < in.plans.count; i++) {
        check_plan(&given[i], fresh, before);
        fresh->items[fresh->count++] = given[i];
    }
    for (size_t i = 0; i < before->count; i++) {
        if (find(fresh, before->items[i].index) != NULL)
            continue;
        fresh->items[fresh->count] = before->items[i];
        fresh->items[fresh->count++].retired = true;
    }
    plans_save(fresh);
}

void method_get_subscription_plans(call *c)
{
    (void)c;
    const plans *it = plans_load();
    ol_json_writer *w = answer_begin();
    ol_json_array_begin(w);
    for (size_t i = 0; i < it->count; i++) {
        if (it->items[i].retired)
            continue;
        ol_json_object_begin(w);
        ol_json_put_u64(w, "index", it->items[i].index);
        ol_json_put_str(w, "name", it->items[i].name);
        ol_json_put_dec(w, "price_usd", it->items[i].price_usd);
        ol_json_put_bool(w, "active", it->items[i].active);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    answer_end(w);
}

/* --- Buying --------------------------------------------------------------------------------------
 */

void subscription_buy(call *c, ol_str owner, uint32_t nonce, uint8_t index, ol_u128 paid,
                      ol_str payer)
{
    const plan *it = find(plans_load(), index);
    REQUIRE(it != NULL && !it->retired && it->active && paid >= it->price_usd,
            "No plan %u on sale that %s covers.", index, AMOUNT(paid));
    REQUIRE(payment_key_exists(owner, nonce), "No payment key %.*s:%u.", OL_FMT(owner), nonce);
    (void)ledger_credit(LEDGER_REVENUE, c->config.token_number, (ol_str){0}, paid);
    event e;
    ol_json_writer *w = system_event_begin(&e, c, "SubscriptionPurchased");
    ol_json_put_str(w, "owner", owner);
    ol_json_put_u64(w, "nonce", nonce);
    ol_json_put_u64(w, "plan", index);
    ol_json_put_dec(w, "paid_usd", paid);
    ol_json_put_str(w, "payer", payer);
    system_event_end(&e);
}
