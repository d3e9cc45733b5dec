/* A contract that does on demand what the chain's tests look at. */
#include "contracts/host/near.h"

#include "lib/base/buf.h"

/* Newer than what near.h offers contracts that must run everywhere (NEAR 1.2). */
#define IMPORT(name) __attribute__((import_module("env"), import_name(#name))) extern
IMPORT(promise_set_refund_to)
void host_set_refund_to(uint64_t promise, uint64_t account_len, uint64_t account_ptr);
IMPORT(promise_yield_create_with_id)
uint64_t host_yield_with_id(uint64_t method_len, uint64_t method_ptr, uint64_t args_len,
                            uint64_t args_ptr, uint64_t amount_ptr, uint64_t gas, uint64_t weight,
                            uint64_t id_len, uint64_t id_ptr);
IMPORT(promise_yield_resume_with_yield_id)
uint32_t host_resume_with_id(uint64_t id_len, uint64_t id_ptr, uint64_t payload_len,
                             uint64_t payload_ptr);

static uint64_t at(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

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

/* Sleeps under a name of one's own; "0" when that name is taken. */
NEAR_METHOD(sleep_named)
{
    static const char method[] = "woken";
    const ol_u128 amount = 0;
    uint8_t id[32];
    ol_bytes name = near_input();
    near_sha256(name, id);
    uint64_t promise = host_yield_with_id(sizeof method - 1, at(method), name.len, at(name.data),
                                          at(&amount), NEAR_TGAS(10), 0, sizeof id, at(id));
    if (promise == UINT64_MAX)
        near_return_str(OL_STR("0"));
    else
        near_promise_return(promise);
}

/* "name=payload" */
NEAR_METHOD(resume_named)
{
    ol_str name;
    ol_str payload;
    uint8_t id[32];
    if (!ol_str_cut(ol_bytes_str(near_input()), '=', &name, &payload))
        near_panic(OL_STR("expected name=payload"));
    near_sha256(ol_str_bytes(name), id);
    bool ok = host_resume_with_id(sizeof id, at(id), payload.len, at(payload.data)) == 1;
    near_return_str(ok ? OL_STR("1") : OL_STR("0"));
}

/* NEAR to nobody, with whoever called as the one to get it back. */
NEAR_METHOD(pay_for_caller)
{
    near_promise promise = near_promise_create(OL_STR("nobody.near"));
    ol_str caller = near_predecessor();
    host_set_refund_to(promise, caller.len, at(caller.data));
    near_promise_transfer(promise, near_attached_deposit());
}
