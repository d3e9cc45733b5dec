#include "cli/chain_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/num.h"

enum {
    LOOK_MS = 15000,
    ANSWER_BYTES_MAX = 64 * 1024,
    TOP_UP_TGAS = 100, /* User experience 1 */
    NONCES_TRIED = 64, /* keys that only the coordinator knows */
    CREDIT_SECONDS = 30,
    CREDIT_PAUSE_MS = 50,
    SECRETS_PAGE = 100,
};

/* ---- balances */

static ol_rc text_member(const cli *it, const ol_json *root, const char *name, ol_str *ret,
                         ol_err *err)
{
    ol_json value;
    if (!ol_json_find(root, ol_str_of(name), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's answer has no %s", name);
    if (ol_json_kind_of(&value) == OL_JSON_NUMBER)
        return ol_arena_copy(it->arena, value.raw, ret) ? OL_OK : OL_ERR_NO_MEMORY;
    OL_TRY(ol_json_text(&value, it->arena, ret, err));
    return ol_arena_copy(it->arena, *ret, ret) ? OL_OK : OL_ERR_NO_MEMORY;
}

/* Of a coordinator that knows the question, and was asked with the key. */
static ol_rc terms_read(const cli *it, const ol_json *root, key_balance *ret, ol_err *err)
{
    ol_json value;
    ret->projects_json = ret->max_per_call = (ol_str){0};
    if (!ol_json_find(root, OL_STR("project_ids"), &value) ||
        ol_json_kind_of(&value) != OL_JSON_ARRAY)
        return OL_OK;
    if (!ol_arena_copy(it->arena, value.raw, &ret->projects_json))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (!ol_json_find(root, OL_STR("max_per_call"), &value) || ol_json_is_null(&value))
        return OL_OK;
    return text_member(it, root, "max_per_call", &ret->max_per_call, err);
}

ol_rc key_balance_read(const cli *it, ol_str json, key_balance *ret, ol_err *err)
{
    ol_json root;
    OL_TRY_NOTE(err, api_json(json, &root, err), "balance");
    OL_TRY(text_member(it, &root, "owner", &ret->owner, err));
    OL_TRY(text_member(it, &root, "nonce", &ret->nonce, err));
    OL_TRY(text_member(it, &root, "initial_balance", &ret->initial, err));
    OL_TRY(text_member(it, &root, "spent", &ret->spent, err));
    OL_TRY(text_member(it, &root, "reserved", &ret->reserved, err));
    OL_TRY(text_member(it, &root, "available", &ret->available, err));
    return terms_read(it, &root, ret, err);
}

void key_balance_put(ol_json_writer *w, const key_balance *b)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "owner", b->owner);
    ol_json_put_raw(w, "nonce", b->nonce);
    ol_json_put_str(w, "initial_balance", b->initial);
    ol_json_put_str(w, "spent", b->spent);
    ol_json_put_str(w, "reserved", b->reserved);
    ol_json_put_str(w, "available", b->available);
    if (b->projects_json.len > 0) {
        ol_json_put_raw(w, "project_ids", b->projects_json);
        if (b->max_per_call.len > 0)
            ol_json_put_str(w, "max_per_call", b->max_per_call);
        else
            ol_json_put_null(w, "max_per_call");
    }
    ol_json_object_end(w);
}

void key_terms_line(const cli *it, ol_buf *text, const key_balance *b)
{
    ol_json list, item;
    ol_str id;
    size_t count = 0;
    if (b->projects_json.len == 0 || ol_json_parse(b->projects_json, &list, NULL) != OL_OK)
        return;
    ol_buf_add_str(text, OL_STR("\nfor "));
    for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item); count++) {
        if (ol_json_text(&item, it->arena, &id, NULL) == OL_OK)
            ol_buf_addf(text, "%s%.*s", count > 0 ? ", " : "", OL_FMT(id));
    }
    if (count == 0)
        ol_buf_add_str(text, OL_STR("every project"));
    if (b->max_per_call.len > 0)
        ol_buf_addf(text, "; a call reserves at most %.*s µUSD", OL_FMT(b->max_per_call));
}

void key_balance_line(ol_buf *text, const key_balance *b)
{
    ol_buf_addf(text, "%.*s:%.*s  available %.*s  reserved %.*s  spent %.*s  of %.*s µUSD",
                OL_FMT(b->owner), OL_FMT(b->nonce), OL_FMT(b->available), OL_FMT(b->reserved),
                OL_FMT(b->spent), OL_FMT(b->initial));
}

ol_rc key_balance_fetch(const cli *it, const ol_secret *key, key_balance *ret, cli_failure *failure)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    api *a = NULL;
    api_request request = {.method = "GET",
                           .path = OL_STR("/payment-keys/balance?terms=1"),
                           .total_ms = LOOK_MS,
                           .repeatable = true};
    api_header(&request, "X-Payment-Key", ol_bytes_str(ol_secret_reveal(key)));
    OL_TRY(api_open(it, &a, &failure->err));
    ol_rc rc = api_send(a, &request, &answer, failure);
    api_close(a);
    OL_TRY(rc);
    return key_balance_read(it, ol_buf_str(&answer), ret, &failure->err);
}

ol_rc key_balance_look(const cli *it, ol_str owner, uint32_t nonce, key_balance *ret,
                       cli_failure *failure)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    api *a = NULL;
    const api_request request = {.method = "GET",
                                 .path = ol_arena_printf(it->arena,
                                                         "/public/payment-keys/%.*s/%u/balance",
                                                         OL_FMT(owner), nonce),
                                 .total_ms = LOOK_MS,
                                 .repeatable = true};
    OL_TRY(api_open(it, &a, &failure->err));
    ol_rc rc = api_send(a, &request, &answer, failure);
    api_close(a);
    OL_TRY(rc);
    return key_balance_read(it, ol_buf_str(&answer), ret, &failure->err);
}

/* ---- nonces */

ol_rc chain_key_nonce(const cli *it, chain_client *c, ol_str owner, uint32_t *ret,
                      cli_failure *failure)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    ol_json value;
    uint32_t nonce;
    ol_buf_addf(&args, "{\"account_id\":\"%.*s\"}", OL_FMT(owner));
    OL_TRY(chain_view(c, "get_next_payment_key_nonce", &args, &value, &failure->err));
    OL_TRY(ol_json_u32(&value, &nonce, &failure->err));
    for (uint32_t tried = 0; tried < NONCES_TRIED; tried++, nonce++) {
        key_balance b;
        OL_TRY(key_balance_look(it, owner, nonce, &b, failure));
        if (ol_str_eq(b.initial, OL_STR("0")) && ol_str_eq(b.spent, OL_STR("0"))) {
            *ret = nonce;
            return OL_OK;
        }
    }
    return ol_fail(&failure->err, OL_ERR_LIMIT, "no free nonce of %.*s", OL_FMT(owner));
}

static int by_number(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;
    return (one > two) - (one < two);
}

static void nonces_add(const cli *it, const ol_json *list, uint32_t ret[CHAIN_KEYS_MAX],
                       size_t *count, size_t *ret_items)
{
    ol_json item, value;
    *ret_items = 0;
    for (ol_json_iter i = ol_json_iterate(list); ol_json_next_item(&i, &item); ++*ret_items) {
        ol_accessor accessor;
        ol_str profile;
        bool fine = ol_json_find(&item, OL_STR("accessor"), &value) &&
                    ol_accessor_parse(&value, it->arena, &accessor, NULL) == OL_OK &&
                    accessor.kind == OL_ACCESSOR_PAYMENT_KEY &&
                    ol_json_find(&item, OL_STR("profile"), &value) &&
                    ol_json_text(&value, it->arena, &profile, NULL) == OL_OK;
        if (fine && *count < CHAIN_KEYS_MAX && ol_u32_parse(profile, &ret[*count]))
            ++*count;
    }
}

ol_rc chain_keys_find(const cli *it, chain_client *c, ol_str owner, uint32_t ret[CHAIN_KEYS_MAX],
                      size_t *ret_count, ol_err *err)
{
    size_t items = SECRETS_PAGE;
    *ret_count = 0;
    for (size_t from = 0; items == SECRETS_PAGE; from += items) {
        OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
        ol_json list;
        ol_buf_addf(&args, "{\"account_id\":\"%.*s\",\"from_index\":%zu,\"limit\":%d}",
                    OL_FMT(owner), from, SECRETS_PAGE);
        OL_TRY(chain_view(c, "list_user_secrets", &args, &list, err));
        nonces_add(it, &list, ret, ret_count, &items);
    }
    qsort(ret, *ret_count, sizeof *ret, by_number);
    return OL_OK;
}

/* ---- money */

ol_rc chain_key_amount(ol_str text, ol_usd *ret, ol_err *err)
{
    static const ol_str UNIT = OL_STR_INIT("usd");
    enum { DIGITS = 6 };
    char padded[DIGITS + 1] = "000000";
    ol_u128 whole = 0, fraction = 0;
    ol_str number, after = OL_STR("");
    text = ol_str_trim(text);
    if (text.len <= UNIT.len ||
        !ol_str_eq_nocase(ol_str_slice(text, text.len - UNIT.len, text.len), UNIT))
        return ol_usd_parse(text, ret)
                   ? OL_OK
                   : ol_fail(err, OL_ERR_USAGE, "an amount is 0.25usd, or whole 10^-6 USD");
    number = ol_str_trim(ol_str_slice(text, 0, text.len - UNIT.len));
    if (ol_str_cut(number, '.', &number, &after) && (after.len == 0 || after.len > DIGITS))
        return ol_fail(err, OL_ERR_USAGE, "an amount has at most %d digits behind the point",
                       DIGITS);
    memcpy(padded, after.data != NULL ? after.data : "", after.len);
    if (!ol_u128_parse(number, &whole) || !ol_u128_parse(ol_str_of(padded), &fraction) ||
        !ol_u128_mul(whole, 1000000, &whole) || !ol_u128_add(whole, fraction, &whole))
        return ol_fail(err, OL_ERR_USAGE, "an amount is 0.25usd, or whole 10^-6 USD");
    ret->micro = whole;
    return OL_OK;
}

static ol_rc token_find(const cli *it, chain_client *c, ol_str *ret, ol_err *err)
{
    ol_json value;
    OL_TRY(chain_view(c, "get_payment_token_contract", NULL, &value, err));
    if (ol_json_is_null(&value))
        return ol_fail(err, OL_ERR_CONTRACT, "%.*s takes no token payments", OL_FMT(it->contract));
    OL_TRY(ol_json_text(&value, it->arena, ret, err));
    return ol_arena_copy(it->arena, *ret, ret) ? OL_OK
                                               : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

ol_rc chain_key_afford(const cli *it, chain_client *c, ol_str owner, ol_usd amount,
                       cli_failure *failure)
{
    ol_err *err = &failure->err;
    ol_str token;
    ol_bytes answer;
    ol_json value;
    ol_usd has;
    OL_TRY(token_find(it, c, &token, err));
    ol_str args = ol_arena_printf(it->arena, "{\"account_id\":\"%.*s\"}", OL_FMT(owner));
    OL_TRY(chain_view_of(c, token, OL_STR("ft_balance_of"), args, &answer, err));
    OL_TRY_NOTE(err, ol_json_parse(ol_bytes_str(answer), &value, err), "ft_balance_of");
    OL_TRY_NOTE(err, ol_json_u128_text(&value, &has.micro, err), "ft_balance_of");
    if (!ol_usd_less(has, amount))
        return OL_OK;
    (void)snprintf(failure->hint, sizeof failure->hint,
                   "name a smaller amount, or transfer some of the token to the account");
    return ol_fail(err, OL_ERR_BALANCE,
                   "%.*s has %s µUSD of %.*s, and %s are wanted; nothing was sent", OL_FMT(owner),
                   USD(has), OL_FMT(token), USD(amount));
}

static void transfer_write(const cli *it, ol_str owner, uint32_t nonce, ol_usd amount, ol_buf *args)
{
    ol_json_writer w = ol_json_writer_over(args);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "receiver_id", it->contract);
    ol_json_put_dec(&w, "amount", amount.micro);
    ol_json_key(&w, "msg");
    ol_json_add_str(&w, ol_arena_printf(it->arena,
                                        "{\"action\":\"top_up_payment_key\",\"nonce\":%u,"
                                        "\"owner\":\"%.*s\"}",
                                        nonce, OL_FMT(owner)));
    ol_json_object_end(&w);
}

static ol_action transfer_action(const ol_buf *args)
{
    return ol_action_call(OL_STR("ft_transfer_call"), ol_buf_bytes(args), TOP_UP_TGAS * CHAIN_TGAS,
                          OL_YOCTO(1));
}

int chain_key_top_up_dry_run(const cli *it, chain_client *c, ol_str owner, uint32_t nonce,
                             ol_usd amount)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(4));
    ol_err err = {0};
    ol_str token;
    if (token_find(it, c, &token, &err) != OL_OK)
        return cli_fail_err(it, &err);
    transfer_write(it, owner, nonce, amount, &args);
    const ol_action action = transfer_action(&args);
    return chain_dry_run(it, token, &action, 1);
}

ol_rc chain_key_credited(const cli *it, ol_str owner, uint32_t nonce, ol_u128 *ret,
                         cli_failure *failure)
{
    key_balance b;
    OL_TRY(key_balance_look(it, owner, nonce, &b, failure));
    return ol_u128_parse(b.initial, ret)
               ? OL_OK
               : ol_fail(&failure->err, OL_ERR_PROTOCOL, "the coordinator's balance is no number");
}

ol_rc chain_key_await(const cli *it, ol_str owner, uint32_t nonce, ol_u128 wanted,
                      cli_failure *failure)
{
    int64_t until_ns = ol_mono_ns(ol_clock_real()) + (int64_t)CREDIT_SECONDS * 1000000000;
    do {
        ol_u128 has;
        OL_TRY(chain_key_credited(it, owner, nonce, &has, failure));
        if (has >= wanted)
            return OL_OK;
        (void)nanosleep(&(struct timespec){0, CREDIT_PAUSE_MS * 1000000}, NULL);
    } while (ol_mono_ns(ol_clock_real()) < until_ns);
    (void)snprintf(failure->hint, sizeof failure->hint, "outlayer keys show %u tells when it is",
                   nonce);
    return ol_fail(&failure->err, OL_ERR_PENDING,
                   "the transfer is on the chain, but not credited yet");
}

ol_rc chain_key_top_up(const cli *it, chain_client *c, const signer *from, ol_str owner,
                       uint32_t nonce, ol_usd amount, chain_outcome *ret, cli_failure *failure)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(4));
    ol_err *err = &failure->err;
    ol_str token;
    ol_u128 had, wanted;
    if (amount.micro < CHAIN_KEY_TOP_UP_MIN)
        return ol_fail(err, OL_ERR_USAGE, "a transfer to a key is at least 0.01usd");
    OL_TRY(chain_key_afford(it, c, from->account_id, amount, failure));
    OL_TRY(token_find(it, c, &token, err));
    OL_TRY(chain_key_credited(it, owner, nonce, &had, failure));
    if (!ol_u128_add(had, amount.micro, &wanted))
        return ol_fail(err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    transfer_write(it, owner, nonce, amount, &args);
    const ol_action action = transfer_action(&args);
    OL_TRY(chain_send(c, from, token, &action, 1, it->timeout_s, ret, err));
    /* What the contract kept; the rest has gone back. */
    if (!ol_str_eq(ret->value,
                   ol_arena_printf(it->arena, "\"%s\"", ol_u128_format(amount.micro).data)))
        return ol_fail(err, OL_ERR_CONTRACT,
                       "the key was not credited, and the payment came back (kept: %.*s)",
                       OL_FMT(ret->value));
    return chain_key_await(it, owner, nonce, wanted, failure);
}
