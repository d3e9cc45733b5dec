/* The contract that clients are tested with: state, logs, a panic, money, and a call that waits for
 * somebody else (NEAR 3). Arguments are taken as they are, without JSON. */
#include "contracts/host/near.h"

static const ol_str NOTE = OL_STR_INIT("note");
static const ol_str PENDING = OL_STR_INIT("pending");

/* Keeps the arguments and tells of it. */
NEAR_METHOD(set)
{
    ol_bytes input = near_input();
    near_log(OL_STR("kept"));
    near_log(ol_bytes_str(input));
    (void)near_storage_write(ol_str_bytes(NOTE), input);
}

NEAR_METHOD(get)
{
    ol_bytes note;
    if (near_storage_read(ol_str_bytes(NOTE), &note))
        near_return(note);
    else
        near_return_str(OL_STR("null"));
}

NEAR_METHOD(forget)
{
    (void)near_storage_remove(ol_str_bytes(NOTE));
}

NEAR_METHOD(fail)
{
    near_log(OL_STR("about to fail"));
    near_panic(OL_STR("no such luck"));
}

/* Sends what was attached back to who called. */
NEAR_METHOD(give_back)
{
    near_promise_transfer(near_promise_create(near_predecessor()), near_attached_deposit());
    near_return_str(OL_STR("\"sent\""));
}

/* Answers later: with what `answer` is given, or "timeout" after 200 blocks. */
NEAR_METHOD(wait)
{
    uint8_t id[NEAR_DATA_ID_BYTES];
    near_promise later = near_yield(OL_STR("on_answer"), near_input(), NEAR_TGAS(5), 0, id);
    (void)near_storage_write(ol_str_bytes(PENDING), (ol_bytes){id, sizeof id});
    near_promise_return(later);
}

NEAR_METHOD(answer)
{
    ol_bytes id;
    if (!near_storage_take(ol_str_bytes(PENDING), &id) || id.len != NEAR_DATA_ID_BYTES)
        near_panic(OL_STR("nobody waits"));
    near_return_str(near_resume(id.data, near_input()) ? OL_STR("true") : OL_STR("false"));
}

NEAR_METHOD(on_answer)
{
    ol_bytes payload;
    if (!ol_str_eq(near_predecessor(), near_self()))
        near_panic(OL_STR("private"));
    if (near_promise_result(0, &payload) == NEAR_SUCCESS)
        near_return(payload);
    else
        near_return_str(OL_STR("\"timeout\""));
}

/* As `set`, without telling: for arguments longer than logs may be. */
NEAR_METHOD(keep)
{
    (void)near_storage_write(ol_str_bytes(NOTE), near_input());
}
