/* The steps of near:storage's calls, for the files storage_*.c: each begins a request whose answer
 * begins the next, until one of them answers the guest. */
#ifndef OL_BROKER_STORAGE_STEPS_H
#define OL_BROKER_STORAGE_STEPS_H

#include "lib/broker/internal.h"

#define OL__WORKER_ACCOUNT "@worker" /* of rows that all callers share (Host interfaces 8) */

/* storage_answer.c: the guest is answered, and the call is over. */
void ol__storage_answer_text(ol_broker *broker, ol_str error);
void ol__storage_answer_bool(ol_broker *broker, bool yes);
void ol__storage_answer_bytes(ol_broker *broker, ol_bytes value, ol_str error);
void ol__storage_answer_inserted(ol_broker *broker, bool yes, ol_str error);
void ol__storage_answer_swapped(ol_broker *broker, bool yes, ol_bytes current, ol_str error);
void ol__storage_answer_counter(ol_broker *broker, int64_t value, ol_str error);
/* In the function's own shape of a failure; the second words what the service answered. */
void ol__storage_fail(ol_broker *broker, ol_str error);
void ol__storage_fail_with(ol_broker *broker, const char *what);

/* storage_row.c: what several calls do with a row. Parts of requests: */
void ol__storage_put_space(ol_broker *broker, ol_json_writer *w);
void ol__storage_put_row(ol_broker *broker, ol_json_writer *w);
/* A text member, copied into the call's arena. */
bool ol__storage_row_text(ol_broker *broker, const ol_json *root, const char *member, ol_str *ret);
/* `then` finds the row's name in `hash`. */
void ol__storage_find_hash(ol_broker *broker, ol__service_next *then);
/* The name of what everybody may read: the plain hash of its key (Coordinator 6). */
bool ol__storage_plain_hash(ol_broker *broker);
/* `then` finds the sealed key and value, and the row's name. */
void ol__storage_encrypt(ol_broker *broker, ol_bytes value, ol__service_next *then);
/* Sends them to a path that writes. */
void ol__storage_store(ol_broker *broker, const char *path, ol__service_next *next);
/* `then` finds `found`, `current`, and in `stored_value` the ciphertext. */
void ol__storage_read_row(ol_broker *broker, const char *failure, ol__service_next *then);
/* Goes on to `then` with a row the coordinator answered. */
void ol__storage_row_came(ol_broker *broker);

/* storage_value.c */
void ol__storage_set_store(ol_broker *broker);
void ol__storage_get_answer(ol_broker *broker);
void ol__storage_get_read(ol_broker *broker);
void ol__storage_version_read(ol_broker *broker);
void ol__storage_has_ask(ol_broker *broker);
void ol__storage_delete_ask(ol_broker *broker);
void ol__storage_absent_store(ol_broker *broker);
void ol__storage_equals_read(ol_broker *broker);
void ol__storage_counter_try(ol_broker *broker);

/* storage_list.c */
void ol__storage_list_begin(ol_broker *broker);

/* storage_shared.c: rows of all callers */
void ol__storage_set_worker(ol_broker *broker);
void ol__storage_worker_read(ol_broker *broker);
void ol__storage_get_shown(ol_broker *broker);

#endif
