#include "emulator/supply.h"

#include "emulator/state_key.h"

static ol_yocto sum(ol_yocto a, ol_yocto b)
{
    ol_yocto total = OL_YOCTO(0);
    bool fits = ol_yocto_add(a, b, &total);
    OL_ASSERT(fits);
    return total;
}

static ol_yocto money_of_receipt(const ol_params *params, ol_bytes stored)
{
    ol_arena arena = ol_arena_new(OL_MIB(16));
    ol_receipt receipt;
    ol_rc rc = ol_receipt_decode(stored, &arena, &receipt, NULL);
    OL_ASSERT(rc == OL_OK);
    ol_yocto money = ol_receipt_money(params, &receipt);
    ol_arena_deinit(&arena);
    return money;
}

static ol_yocto money_of(const ol_params *params, const ol_entry *entry)
{
    ol_account account;
    if (entry == NULL)
        return OL_YOCTO(0);
    uint8_t column = ol_entry_key(entry).data[0];
    if (column == OL_COLUMN_ACCOUNT && ol_account_decode(ol_entry_value(entry), &account))
        return sum(account.amount, account.locked);
    if (column == OL_COLUMN_POSTPONED || column == OL_COLUMN_YIELDED)
        return money_of_receipt(params, ol_entry_value(entry));
    return OL_YOCTO(0);
}

typedef struct difference {
    const ol_params *params;
    ol_yocto gone;
    ol_yocto come;
} difference;

static void count(void *context, const ol_entry *before, const ol_entry *after)
{
    difference *d = context;
    d->gone = sum(d->gone, money_of(d->params, before));
    d->come = sum(d->come, money_of(d->params, after));
}

ol_yocto ol_supply_follow(const ol_params *params, ol_yocto supply, const ol_state *before,
                          const ol_state *after)
{
    difference d = {.params = params};
    ol_yocto left = OL_YOCTO(0);
    ol_state_diff(before, after, count, &d);
    bool enough = ol_yocto_sub(sum(supply, d.come), d.gone, &left);
    OL_ASSERT(enough);
    return left;
}

ol_yocto ol_supply_of_state(const ol_params *params, const ol_state *state)
{
    return ol_supply_follow(params, OL_YOCTO(0), &OL_STATE_EMPTY, state);
}

ol_yocto ol_supply_of_receipts(const ol_params *params, const ol_receipt *const *receipts,
                               size_t count)
{
    ol_yocto total = OL_YOCTO(0);
    for (size_t i = 0; i < count; i++)
        total = sum(total, ol_receipt_money(params, receipts[i]));
    return total;
}
