#include "contracts/outlayer/operator_reply.h"

#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/payment_key.h"
#include "contracts/outlayer/state.h"
#include "lib/codec/hex.h"
#include "lib/codec/utf8.h"

/* First byte of a payload; the text follows. */
enum { REPLY_SUCCESS = 'S', REPLY_PARKED = 'P', REPLY_ERROR = 'E' };

enum { TEXT_BYTES_MAX = NEAR_YIELD_PAYLOAD_MAX - 1 };

static ol_bytes parked_key(const uint8_t *data_id)
{
    ol_buf *key = state_begin(RECORD_TOPUP_RESULT, NEAR_DATA_ID_BYTES);
    ol_buf_add(key, (ol_bytes){data_id, NEAR_DATA_ID_BYTES});
    return state_end(key);
}

bool operator_reply_take(const uint8_t *data_id, ol_str *ret)
{
    ol_bytes payload = {0};
    ol_bytes parked = {0};
    bool arrived = near_promise_result(0, &payload) == NEAR_SUCCESS && payload.len > 0;
    bool waits = data_id != NULL && near_storage_take(parked_key(data_id), &parked);
    if (!arrived)
        return false;
    if (payload.data[0] == REPLY_PARKED) {
        *ret = ol_bytes_str(parked);
        return waits;
    }
    *ret = (ol_str){(const char *)payload.data + 1, payload.len - 1};
    return payload.data[0] == REPLY_SUCCESS;
}

/* --- resume_topup, resume_delete_payment_key -----------------------------------------------------
 */

typedef struct resume_arguments {
    ol_str data_id;
    ol_json result;
} resume_arguments;

static const ol_json_field RESUME_FIELDS[] = {
    {"data_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(resume_arguments, data_id)},
    {"result", OL_BIND_VALUE, OL_REQUIRED, offsetof(resume_arguments, result)},
};
static const ol_json_table RESUME = {"arguments", RESUME_FIELDS, OL_COUNT(RESUME_FIELDS)};

static const ol_json_field DATA_FIELD = {"new_encrypted_data", OL_BIND_TEXT, OL_REQUIRED, 0};
static const ol_json_table DATA = {"arguments", &DATA_FIELD, 1};
static const ol_json_field MESSAGE_FIELD = {"message", OL_BIND_TEXT, OL_REQUIRED, 0};
static const ol_json_table MESSAGE = {"arguments", &MESSAGE_FIELD, 1};

/* Contract 16, 3: a resume that reaches nobody must not look like a success, or the worker credits
 * a payment which the token has returned. */
static void resume(ol_str data_id, uint8_t kind, ol_str text, bool may_park)
{
    uint8_t id[NEAR_DATA_ID_BYTES];
    REQUIRE(ol_hex_is_digits(data_id) && data_id.len % 2 == 0, "Invalid data_id hex");
    REQUIRE(ol_hex_decode_fixed(data_id, id, sizeof id), "Invalid data_id length");
    if (kind == REPLY_SUCCESS && text.len > TEXT_BYTES_MAX && may_park) {
        REQUIRE(!near_storage_write(parked_key(id), ol_str_bytes(text)), "Unable to resume");
        kind = REPLY_PARKED;
        text = (ol_str){0};
    }
    ol_buf *payload = state_begin(kind, TEXT_BYTES_MAX);
    ol_buf_add_str(payload, ol_utf8_cut(text, TEXT_BYTES_MAX));
    REQUIRE(near_resume(id, state_end(payload)), "Unable to resume: expired or unknown");
}

static void resume_error(call *c, const resume_arguments *in, const variant *v)
{
    ol_str message;
    if (!variant_is(v, "Error", true))
        fail_argument(&in->result, "unknown variant of a result");
    call_bind(c, &v->body, &MESSAGE, &message);
    resume(in->data_id, REPLY_ERROR, message, false);
}

void method_resume_topup(call *c)
{
    REQUIRE(ol_str_eq(c->predecessor, c->config.operator), "Only operator can resume topup");
    resume_arguments in;
    ol_str data;
    call_arguments(c, &RESUME, &in);
    variant v = call_variant(&in.result);
    if (!variant_is(&v, "Success", true)) {
        resume_error(c, &in, &v);
        return;
    }
    call_bind(c, &v.body, &DATA, &data);
    REQUIRE(data.len > 0 && data.len <= PAYMENT_KEY_BYTES_MAX,
            "new_encrypted_data must have 1 to 12000 bytes");
    resume(in.data_id, REPLY_SUCCESS, data, true);
}

void method_resume_delete_payment_key(call *c)
{
    REQUIRE(ol_str_eq(c->predecessor, c->config.operator),
            "Only operator can resume delete_payment_key");
    resume_arguments in;
    call_arguments(c, &RESUME, &in);
    variant v = call_variant(&in.result);
    if (variant_is(&v, "Success", false))
        resume(in.data_id, REPLY_SUCCESS, (ol_str){0}, false);
    else
        resume_error(c, &in, &v);
}
