#include "services/coordinator/time_text.h"

#include <string.h>

void time_put(ol_json_writer *w, const char *key, int64_t wall_ms)
{
    char text[OL_TIME_TEXT_BYTES];
    char whole[48];
    if (wall_ms == 0) {
        ol_json_put_null(w, key);
        return;
    }
    ol_time_format(wall_ms, text);
    ol_buf buf = ol_buf_over(whole, sizeof whole);
    /* Microseconds, of which we keep three digits; a numeric offset in place of Z. */
    ol_buf_addf(&buf, "%.*s000+00:00", (int)(strlen(text) - 1), text);
    ol_json_put_str(w, key, ol_buf_str(&buf));
}

void payment_key_encode(const payment_key_row *row, ol_json_writer *w)
{
    ol_json_put_str(w, "owner", row->owner);
    ol_json_put_u64(w, "nonce", row->nonce);
    ol_json_put_dec(w, "initial_balance", row->initial_balance.micro);
    ol_json_put_dec(w, "spent", row->spent.micro);
    ol_json_put_dec(w, "reserved", row->reserved.micro);
    ol_json_put_dec(w, "available", payment_key_available(row).micro);
    time_put(w, "last_used_at", row->last_used_ms);
}
