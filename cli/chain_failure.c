/* Failed transactions in words: the chain's enums, one inside the other, until words come (NEAR
 * 1.8, 5.3). */
#include <stdio.h>

#include "cli/amount.h"
#include "cli/chain.h"

enum { DEPTH_MAX = 8 };

static ol_str text_of(const ol_json *object, const char *name, ol_arena *arena)
{
    ol_json value;
    ol_str text = OL_STR("?");
    if (ol_json_find(object, ol_str_of(name), &value)) {
        if (ol_json_kind_of(&value) != OL_JSON_STRING)
            return value.raw;
        (void)ol_json_text(&value, arena, &text, NULL);
    }
    return text;
}

static ol_str near_of(const ol_json *object, const char *name, ol_arena *arena)
{
    ol_json value;
    ol_yocto amount;
    if (ol_json_find(object, ol_str_of(name), &value) &&
        ol_json_u128_text(&value, &amount.yocto, NULL) == OL_OK)
        return amount_near_format(arena, amount);
    return OL_STR("?");
}

/* Variants with fields that people should read. */
static bool known(ol_str variant, const ol_json *fields, ol_arena *arena, ol_err *err)
{
    if (ol_str_eq(variant, OL_STR("NotEnoughBalance"))) {
        ol_str who = text_of(fields, "signer_id", arena);
        ol_str has = near_of(fields, "balance", arena), cost = near_of(fields, "cost", arena);
        (void)ol_fail(err, OL_ERR_NEAR_BALANCE,
                      "%.*s has %.*s, and the transaction needs %.*s at once (most of the gas "
                      "comes back)",
                      OL_FMT(who), OL_FMT(has), OL_FMT(cost));
        return true;
    }
    if (ol_str_eq(variant, OL_STR("LackBalanceForState"))) {
        ol_str amount = near_of(fields, "amount", arena);
        (void)ol_fail(err, OL_ERR_NEAR_BALANCE, "%.*s more is needed for what the account stores",
                      OL_FMT(amount));
        return true;
    }
    if (ol_str_eq(variant, OL_STR("AccountDoesNotExist"))) {
        (void)ol_fail(err, OL_ERR_NOT_FOUND, "account %.*s does not exist",
                      OL_FMT(text_of(fields, "account_id", arena)));
        return true;
    }
    if (ol_str_eq(variant, OL_STR("CodeDoesNotExist"))) {
        (void)ol_fail(err, OL_ERR_CONTRACT, "there is no contract at %.*s",
                      OL_FMT(text_of(fields, "account_id", arena)));
        return true;
    }
    if (ol_str_eq(variant, OL_STR("InvalidNonce"))) {
        (void)ol_fail(err, OL_ERR_CONFLICT,
                      "others sign with the same key at this moment; nothing was sent, try again");
        return true;
    }
    if (ol_str_eq(variant, OL_STR("InvalidAccessKeyError"))) {
        (void)ol_fail(err, OL_ERR_NO_ACCOUNT_KEY, "the key may not sign this: %.*s",
                      OL_FMT(fields->raw));
        return true;
    }
    return false;
}

/* A text at the bottom: the contract's own words, or the name of what went wrong. */
static ol_rc words(ol_str text, ol_err *err)
{
    static const ol_str PANICKED = OL_STR_INIT("Smart contract panicked: ");
    if (ol_str_starts(text, PANICKED))
        text = ol_str_slice(text, PANICKED.len, text.len);
    if (ol_str_eq(text, OL_STR("MethodNotFound")))
        return ol_fail(err, OL_ERR_CONTRACT, "the contract has no such method");
    return ol_fail(err, OL_ERR_CONTRACT, "%.*s", OL_FMT(text));
}

ol_rc chain_failure(ol_str failure_json, ol_arena *arena, ol_err *err)
{
    ol_json at, key, value, kind;
    ol_str text;
    if (ol_json_parse(failure_json, &at, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_CONTRACT, "the transaction failed");
    for (int depth = 0; depth < DEPTH_MAX; depth++) {
        if (ol_json_kind_of(&at) == OL_JSON_STRING &&
            ol_json_text(&at, arena, &text, NULL) == OL_OK)
            return words(text, err);
        if (ol_json_kind_of(&at) != OL_JSON_OBJECT)
            break;
        if (ol_json_find(&at, OL_STR("kind"), &kind)) { /* beside the failing action's index */
            at = kind;
            continue;
        }
        ol_json_iter members = ol_json_iterate(&at);
        if (!ol_json_next_member(&members, &key, &value))
            break;
        if (known(ol_str_slice(key.raw, 1, key.raw.len - 1), &value, arena, err))
            return err->rc;
        at = value;
    }
    return ol_fail(err, OL_ERR_CONTRACT, "%.*s", OL_FMT(failure_json));
}

int chain_fail(const cli *it, const chain_outcome *outcome, ol_str account, const ol_err *err)
{
    cli_failure failure = {.err = *err};
    bool goes_on =
        outcome->hash[0] != '\0' && (err->rc == OL_ERR_PENDING || err->rc == OL_ERR_INTERRUPTED);
    if (goes_on)
        (void)snprintf(failure.hint, sizeof failure.hint,
                       "it goes on: outlayer wait %s --account %.*s", outcome->hash,
                       OL_FMT(account));
    return cli_fail(it, &failure);
}
