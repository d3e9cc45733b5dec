#include "contracts/outlayer/config.h"

#include "contracts/outlayer/state.h"

enum { LAYOUT = 1, RECORD_BYTES_MAX = 2048 };

bool config_exists(void)
{
    return near_storage_has(state_key(RECORD_CONFIG));
}

static void add_prices(ol_buf *into, const config *it)
{
    OL_EACH (price, it->prices.all)
        state_add_number(into, *price);
    OL_EACH (price, it->usd.all)
        state_add_number(into, *price);
}

static void read_prices(ol_borsh *from, config *ret)
{
    OL_EACH (price, ret->prices.all)
        *price = state_number(from);
    OL_EACH (price, ret->usd.all)
        *price = state_number(from);
}

static void add_settings(ol_buf *into, const config *it)
{
    state_add_text(into, it->owner);
    state_add_text(into, it->operator);
    state_add_text(into, it->next_owner);
    ol_borsh_add_bool(into, it->paused);
    add_prices(into, it);
    ol_borsh_add_bool(into, it->policy.charge_failures);
    ol_borsh_add_u32(into, it->policy.compile_estimate_ms);
    ol_borsh_add_u32(into, it->policy.execution_seconds_max);
    state_add_text(into, it->token);
    ol_borsh_add_u16(into, it->token_number);
    state_add_text(into, it->event_standard);
    state_add_text(into, it->event_version);
}

static void save(ol_buf *into, const book *b)
{
    book_add(into, b);
    near_storage_write(state_key(RECORD_CONFIG), state_end(into));
}

void config_save(const config *it)
{
    ol_buf *into = state_begin(LAYOUT, RECORD_BYTES_MAX);
    add_settings(into, it);
    save(into, &it->book);
}

void config_save_book(const config *it)
{
    ol_buf *into = state_begin(LAYOUT, RECORD_BYTES_MAX);
    ol_buf_add(into, it->settings);
    save(into, &it->book);
}

bool config_load(config *ret)
{
    ol_bytes stored;
    if (!near_storage_read(state_key(RECORD_CONFIG), &stored))
        return false;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ret->owner = state_text(from);
    ret->operator= state_text(from);
    ret->next_owner = state_text(from);
    ret->paused = ol_borsh_bool(from);
    read_prices(from, ret);
    ret->policy.charge_failures = ol_borsh_bool(from);
    ret->policy.compile_estimate_ms = ol_borsh_u32(from);
    ret->policy.execution_seconds_max = ol_borsh_u32(from);
    ret->token = state_text(from);
    ret->token_number = ol_borsh_u16(from);
    ret->event_standard = state_text(from);
    ret->event_version = state_text(from);
    ret->settings = (ol_bytes){stored.data + 1, (size_t)(from->rest.data - stored.data) - 1};
    ret->book = book_read(from);
    state_close(from);
    return true;
}
