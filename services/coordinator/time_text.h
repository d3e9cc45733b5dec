/* Times and keys in the members several answers share. */
#ifndef COORDINATOR_TIME_TEXT_H
#define COORDINATOR_TIME_TEXT_H

#include "lib/codec/json_write.h"
#include "services/coordinator/ledger.h"

/* RFC 3339 as the published server writes it, `2026-03-01T09:30:00.123000+00:00`; null for 0. */
void time_put(ol_json_writer *w, const char *key, int64_t wall_ms);

/* owner, nonce, initial_balance, spent, reserved, available, last_used_at: members of an object. */
void payment_key_encode(const payment_key_row *row, ol_json_writer *w);

#endif
