/* A contract that does on demand what the chain's tests look at. */
#include "contracts/host/near.h"

#include "lib/base/buf.h"

static const ol_bytes DATA_ID_KEY = {(const uint8_t *)"data_id", 7};

NEAR_METHOD(nothing)
{
}

NEAR_METHOD(echo)
{
    near_return(near_input());
}

/* "key=value" */
NEAR_METHOD(set)
{
    ol_str key;
    ol_str value;
    if (!ol_str_cut(ol_bytes_str(near_input()), '=', &key, &value))
        near_panic(OL_STR("expected key=value"));
    near_storage_write(ol_str_bytes(key), ol_str_bytes(value));
}

NEAR_METHOD(get)
{
    ol_bytes value;
    if (near_storage_read(near_input(), &value))
        near_return(value);
}

NEAR_METHOD(log)
{
    near_log(ol_bytes_str(near_input()));
}

/* Writes, logs, and fails: of these only the log stays. */
NEAR_METHOD(fail)
{
    near_storage_write(ol_str_bytes(OL_STR("k")), ol_str_bytes(OL_STR("written by fail")));
    near_log(OL_STR("before failing"));
    near_panic(OL_STR("no"));
}

NEAR_METHOD(spin)
{
    for (volatile int i = 0;; i++)
        ;
}

/* How the promises waited for have ended: "1:value,2,". */
NEAR_METHOD(collect)
{
    ol_buf text = ol_buf_new(4096);
    for (uint64_t i = 0; i < near_promise_results(); i++) {
        ol_bytes value;
        near_result result = near_promise_result(i, &value);
        ol_buf_add_char(&text, (char)('0' + result));
        if (result == NEAR_SUCCESS) {
            ol_buf_add_char(&text, ':');
            ol_buf_add(&text, value);
        }
        ol_buf_add_char(&text, ',');
    }
    near_return(ol_buf_bytes(&text));
}

static near_promise ask(ol_str account, const char *method, ol_str args)
{
    near_promise promise = near_promise_create(account);
    near_promise_call(promise, ol_str_of(method), ol_str_bytes(args), 0, NEAR_TGAS(5), 0);
    return promise;
}

static near_promise then_collect(near_promise after)
{
    near_promise promise = near_promise_then(after, near_self());
    near_promise_call(promise, OL_STR("collect"), (ol_bytes){0}, 0, NEAR_TGAS(5), 0);
    return promise;
}

/* Input: the other contract. Its echo, then our callback, whose answer is ours. */
NEAR_METHOD(ask_one)
{
    near_promise_return(then_collect(ask(ol_bytes_str(near_input()), "echo", OL_STR("one"))));
}

NEAR_METHOD(ask_failing)
{
    near_promise_return(then_collect(ask(ol_bytes_str(near_input()), "fail", OL_STR(""))));
}

/* Two at once, one of which fails. */
NEAR_METHOD(ask_two)
{
    ol_str other = ol_bytes_str(near_input());
    const near_promise both[] = {ask(other, "echo", OL_STR("left")),
                                 ask(other, "fail", OL_STR(""))};
    near_promise_return(then_collect(near_promise_and(both, 2)));
}

/* The callback gets what a call that itself returns a promise finally returns. */
NEAR_METHOD(ask_asker)
{
    ol_str other = ol_bytes_str(near_input());
    near_promise promise = near_promise_create(other);
    near_promise_call(promise, OL_STR("ask_one"), ol_str_bytes(other), 0, NEAR_TGAS(30), 0);
    near_promise_return(then_collect(promise));
}

/* All the gas that is left, in shares of one to three. */
NEAR_METHOD(share_gas)
{
    near_promise promise = near_promise_create(ol_bytes_str(near_input()));
    near_promise_call(promise, OL_STR("nothing"), (ol_bytes){0}, 0, 0, 1);
    near_promise_call(promise, OL_STR("nothing"), (ol_bytes){0}, 0, 0, 3);
}

/* NEAR to an account that is not there: comes back to us. */
NEAR_METHOD(pay)
{
    near_promise_transfer(near_promise_create(ol_bytes_str(near_input())), near_attached_deposit());
}

NEAR_METHOD(overspend)
{
    near_promise_transfer(near_promise_create(near_predecessor()), near_account_balance() + 1);
}

/* Input: a name below ours. */
NEAR_METHOD(create)
{
    near_promise promise = near_promise_create(ol_bytes_str(near_input()));
    near_promise_create_account(promise);
    near_promise_transfer(promise, near_attached_deposit());
    near_promise_return(promise);
}

static near_promise yield(void)
{
    uint8_t data_id[NEAR_DATA_ID_BYTES];
    near_promise promise = near_yield(OL_STR("woken"), near_input(), NEAR_TGAS(10), 0, data_id);
    near_storage_write(DATA_ID_KEY, (ol_bytes){data_id, sizeof data_id});
    return promise;
}

NEAR_METHOD(sleep)
{
    near_promise_return(yield());
}

static void wake(ol_bytes payload)
{
    ol_bytes data_id;
    if (!near_storage_read(DATA_ID_KEY, &data_id))
        near_panic(OL_STR("nobody sleeps"));
    near_return_str(near_resume(data_id.data, payload) ? OL_STR("1") : OL_STR("0"));
}

NEAR_METHOD(resume)
{
    wake(near_input());
}

/* Both in one call. */
NEAR_METHOD(nap)
{
    (void)yield();
    wake(ol_str_bytes(OL_STR("at once")));
}

/* "result:payload:arguments", after a sleep. */
NEAR_METHOD(woken)
{
    ol_buf text = ol_buf_new(4096);
    ol_bytes payload = {0};
    near_result result = near_promise_result(0, &payload);
    ol_buf_add_char(&text, (char)('0' + result));
    ol_buf_add_char(&text, ':');
    ol_buf_add(&text, payload);
    ol_buf_add_char(&text, ':');
    ol_buf_add(&text, near_input());
    near_log(ol_buf_str(&text));
    near_return(ol_buf_bytes(&text));
}
