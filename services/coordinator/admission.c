#include "services/coordinator/admission.h"

#include "lib/base/log.h"

static const char WALLET_REFUSAL[] =
    "A wallet API key identifies a wallet and does not pay for calls; send X-Payment-Key";

bool payment_key_require(ol_web_request *request, payment_key *ret)
{
    ol_str header;
    ol_str bearer;
    ol_err err = {0};
    if (!ol_web_header(request, "x-payment-key", &header)) {
        bool wallet = ol_web_bearer(request, &bearer) && ol_str_starts(bearer, OL_STR("wk_"));
        answer_error_json(request, 401,
                          wallet ? ol_str_of(WALLET_REFUSAL)
                                 : OL_STR("Missing X-Payment-Key header"));
        return false;
    }
    if (payment_key_parse(header, ret, &err) == OL_OK)
        return true;
    answer_failure(request, FAILURE_JSON, &err);
    return false;
}

/* Step 3: the form alone; what follows the colon is the wallet's business. */
static bool wallet_id_take(admission *call)
{
    ol_str value;
    if (!ol_web_header(call->request, "x-wallet-id", &value))
        return true;
    if (!ol_str_starts(value, OL_STR("ed25519:")) && !ol_str_starts(value, OL_STR("secp256k1:"))) {
        answer_error_json(
            call->request, 400,
            OL_STR("Invalid X-Wallet-Id format. Expected 'ed25519:<hex>' or 'secp256k1:<hex>'"));
        return false;
    }
    call->op.wallet_id = value;
    return true;
}

/* Trimmed; unparsable counts as absent (Coordinator 2.1). */
static ol_usd amount_header(const ol_web_request *request, const char *name, ol_usd standard)
{
    ol_str value;
    ol_usd amount;
    if (!ol_web_header(request, name, &value))
        return standard;
    value = ol_str_trim(value);
    if (value.len > 1 && value.data[0] == '+')
        value = ol_str_slice(value, 1, value.len);
    return ol_usd_parse(value, &amount) ? amount : standard;
}

static bool price_take(admission *call)
{
    const coordinator_settings *set = call->it->set;
    call_price *price = &call->op.price;
    price->compute_limit =
        amount_header(call->request, "x-compute-limit", OL_USD(set->compute_limit_standard));
    price->deposit = amount_header(call->request, "x-attached-deposit", OL_USD(0));
    ol_usd least = OL_USD(set->compute_limit_min);
    if (!ol_usd_less(price->compute_limit, least))
        return true;
    ol_str text =
        ol_arena_printf(ol_web_arena(call->request), "Compute limit too low: min=%s, provided=%s",
                        USD(least), USD(price->compute_limit));
    answer_error_json(call->request, 400, text);
    return false;
}

bool admission_headers(admission *call)
{
    ol_str value;
    if (!payment_key_require(call->request, &call->op.key) || !wallet_id_take(call) ||
        !price_take(call))
        return false;
    if (ol_web_header(call->request, "x-idempotency-key", &value)) {
        if (value.len == 0 || value.len > IDEMPOTENCY_KEY_BYTES_MAX) {
            answer_error_json(call->request, 400,
                              OL_STR("Invalid X-Idempotency-Key: 1 to 256 bytes"));
            return false;
        }
        call->op.idempotency_key = value;
    }
    return true;
}

bool admission_key(admission *call)
{
    coordinator *it = call->it;
    payment_key_row row;
    ol_usd required;
    ol_err err = {0};
    if (payment_key_authorise(it->domain, &call->op.key, ol_web_arena(call->request), &row, &err) !=
        OL_OK) {
        answer_failure(call->request, FAILURE_JSON, &err);
        return false;
    }
    const ol_rate_key rate = {.part = {(uint64_t)row.id}, .group = 1};
    if (!ol_rate_pass(&it->key_rates, rate, it->set->key_requests_per_minute,
                      ol_wall_ms(it->clock))) {
        answer_error_json(call->request, 429, OL_STR("Rate limit exceeded"));
        return false;
    }
    if (call_price_check(&row, call->op.project_id, &call->op.price, &required, &err) != OL_OK) {
        answer_failure(call->request, FAILURE_JSON, &err);
        return false;
    }
    return true;
}
