#include "services/keystore/answer.h"

#include "lib/base/log.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/ecies.h"
#include "services/keystore/gates.h"

void answer_begin(answer *it)
{
    it->buf = ol_buf_new(ANSWER_BYTES_MAX);
    it->w = ol_json_writer_over(&it->buf);
    ol_json_object_begin(&it->w);
}

static void buf_wipe(ol_buf *buf)
{
    if (buf->data != NULL)
        ol_wipe(buf->data, buf->size);
    ol_buf_deinit(buf);
}

void answer_drop(answer *it)
{
    buf_wipe(&it->buf);
}

static void send_sealed(answer *it, const session *reader, keystore *ks, ol_web_request *request)
{
    answer outer;
    ol_buf blob = ol_buf_new(ANSWER_BYTES_MAX);
    bool sealed = ol_buf_ok(&it->buf) && ol_ecies_seal(&reader->reply_key, OL_STR(OL_ECIES_REPLY),
                                                       ol_buf_bytes(&it->buf), ks->random, &blob);
    answer_begin(&outer);
    ol_json_put_base64(&outer.w, "sealed", ol_buf_bytes(&blob));
    ol_json_object_end(&outer.w);
    answer_drop(it);
    ol_buf_deinit(&blob);
    if (sealed) {
        ol_web_answer_json(request, 200, &outer.buf);
    } else {
        ol_buf_deinit(&outer.buf);
        ol_web_answer_empty(request, 500);
    }
}

void answer_send(answer *it, keystore *ks, ol_web_request *request)
{
    session reader;
    bool seals;
    ol_err err;
    ol_json_object_end(&it->w);
    if (request_reader(ks, request, &reader, &seals, &err) != OL_OK) {
        answer_drop(it);
        (void)answer_failure(request, &err);
        return;
    }
    if (seals) {
        send_sealed(it, &reader, ks, request);
        return;
    }
    ol_web_answer(request, 200, OL_WEB_TYPE_JSON, ol_buf_bytes(&it->buf));
    answer_drop(it);
}

static void error_send(ol_web_request *request, unsigned status, ol_str text)
{
    answer it;
    answer_begin(&it);
    ol_json_put_str(&it.w, "error", text);
    ol_json_object_end(&it.w);
    ol_web_answer_json(request, status, &it.buf);
}

ol_rc answer_failure(ol_web_request *request, const ol_err *err)
{
    unsigned status = (unsigned)ol_reason_of(err->rc)->http;
    if (status >= 500) {
        OL_LOG_ERR(OL_ERROR, "request_failed", err, KV("path", ol_web_path(request)));
        status = 500;
    }
    ol_rc rc = err->rc;
    error_send(request, status, ol_err_text(err));
    return rc;
}

bool body_bind(ol_web_request *request, const ol_json_table *table, void *into)
{
    ol_err err = {0};
    if (ol_json_bind(ol_bytes_str(ol_web_body_of(request)), table, into, ol_web_arena(request),
                     &err) == OL_OK)
        return true;
    (void)answer_failure(request, &err);
    return false;
}
