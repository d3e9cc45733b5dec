/* Answers of the keystore: JSON, errors as {"error":text}, sealed where the session says so
 * (Keystore 4; 15, X6). */
#ifndef KEYSTORE_ANSWER_H
#define KEYSTORE_ANSWER_H

#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "services/keystore/keystore.h"

enum { ANSWER_BYTES_MAX = 32 * 1024 * 1024 };

typedef struct answer {
    ol_buf buf;
    ol_json_writer w;
} answer;

void answer_begin(answer *it); /* opens an object */
/* Closes it and sends it. Where the request's session wants sealed answers, as
 * {"sealed":"<Base64 of ECIES v1>"}. Wipes what it held. */
void answer_send(answer *it, keystore *ks, ol_web_request *request);
void answer_drop(answer *it); /* wipes */

/* The failure's status and text; 5xx become 500 and are logged with their notes. Returns the rc, so
 * that a work_fn can end with it. */
ol_rc answer_failure(ol_web_request *request, const ol_err *err);

/* Binds the body, or answers 400 or 422 and returns false. */
bool body_bind(ol_web_request *request, const ol_json_table *table, void *into);

#endif
