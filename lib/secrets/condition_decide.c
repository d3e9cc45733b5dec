#include "lib/codec/json_write.h"
#include "lib/secrets/account_pattern.h"
#include "lib/secrets/condition.h"

enum { ARGS_BYTES_MAX = 1024 };

typedef struct decision {
    ol_str caller;
    const ol_chain_facts *facts;
    ol_arena *arena;
    const ol_condition_trace *trace;
} decision;

/* --- What denies as a whole, before anything is asked --- */

static bool asks_chain(const ol_condition *c)
{
    return c->kind == OL_CONDITION_NEAR_BALANCE || c->kind == OL_CONDITION_FT_BALANCE ||
           c->kind == OL_CONDITION_NFT_OWNED || c->kind == OL_CONDITION_DAO_MEMBER;
}

typedef struct census {
    unsigned chain_leaves;
    unsigned patterns;
} census;

/* Why the tree may not be asked at all, or NULL. Recursion ends at the depth it checks. */
static const char *refusal(const ol_condition *c, ol_str caller, unsigned depth, census *leaves)
{
    if (depth > OL_CONDITION_DEPTH_MAX)
        return "the condition is nested too deeply";
    if (asks_chain(c) && ++leaves->chain_leaves > OL_CONDITION_CHAIN_LEAVES_MAX)
        return "the condition asks the chain too often";
    if (c->kind == OL_CONDITION_ACCOUNT_PATTERN && ++leaves->patterns > OL_CONDITION_PATTERNS_MAX)
        return "the condition has too many patterns";
    if (c->kind == OL_CONDITION_ACCOUNT_PATTERN &&
        ol_account_pattern_match(c->text, caller) == OL_PATTERN_UNUSABLE)
        return "a pattern cannot be used";
    for (size_t i = 0; i < c->count; i++) {
        const char *why = refusal(&c->parts[i], caller, depth + 1, leaves);
        if (why != NULL)
            return why;
    }
    return NULL;
}

/* --- Leaves --- */

static bool compare(ol_u128 have, ol_comparison comparison, ol_u128 want)
{
    switch (comparison) {
    case OL_GTE:
        return have >= want;
    case OL_LTE:
        return have <= want;
    case OL_GT:
        return have > want;
    case OL_LT:
        return have < want;
    case OL_EQ:
        return have == want;
    case OL_NE:
        return have != want;
    }
    return false;
}

static bool is_listed(const ol_json_texts *accounts, ol_str caller)
{
    for (size_t i = 0; i < accounts->count; i++) {
        if (ol_str_eq(accounts->items[i], caller))
            return true;
    }
    return false;
}

/* The view's answer as checked JSON. */
static ol_rc ask(const decision *d, const ol_condition *c, const char *method, ol_str args,
                 ol_json *ret, ol_err *err)
{
    ol_str answer;
    OL_TRY(d->facts->view(d->facts->context, c->contract, ol_str_of(method), args, d->arena,
                          &answer, err));
    if (ol_json_parse(answer, ret, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "%s of %.*s did not answer JSON", method,
                       OL_FMT(c->contract));
    return OL_OK;
}

static ol_rc near_balance(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    ol_u128 have;
    OL_TRY(d->facts->balance(d->facts->context, d->caller, &have, err));
    *ret = compare(have, c->comparison, c->amount);
    return OL_OK;
}

static ol_rc ft_balance(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    char text[ARGS_BYTES_MAX];
    ol_buf args = ol_buf_over(text, sizeof text);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json answer;
    ol_u128 have;
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account_id", d->caller);
    ol_json_object_end(&w);
    OL_TRY(ask(d, c, "ft_balance_of", ol_buf_str(&args), &answer, err));
    if (ol_json_u128_text(&answer, &have, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "ft_balance_of of %.*s is no amount",
                       OL_FMT(c->contract));
    *ret = compare(have, c->comparison, c->amount);
    return OL_OK;
}

static ol_rc nft_token_owned(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    ol_buf args = ol_buf_new(ARGS_BYTES_MAX + 6 * c->token_id.len);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json answer;
    ol_json owner;
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "token_id", c->token_id);
    ol_json_object_end(&w);
    ol_rc rc = ol_buf_ok(&args) ? ask(d, c, "nft_token", ol_buf_str(&args), &answer, err)
                                : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_buf_deinit(&args);
    OL_TRY(rc);
    *ret = false;
    if (ol_json_is_null(&answer))
        return OL_OK;
    if (!ol_json_find(&answer, OL_STR("owner_id"), &owner) ||
        ol_json_kind_of(&owner) != OL_JSON_STRING)
        return ol_fail(err, OL_ERR_PROTOCOL, "nft_token of %.*s names no owner",
                       OL_FMT(c->contract));
    *ret = ol_json_text_is(&owner, d->caller);
    return OL_OK;
}

static ol_rc nft_any_owned(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    char text[ARGS_BYTES_MAX];
    ol_buf args = ol_buf_over(text, sizeof text);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json answer;
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account_id", d->caller);
    ol_json_put_u64(&w, "limit", 1);
    ol_json_object_end(&w);
    OL_TRY(ask(d, c, "nft_tokens_for_owner", ol_buf_str(&args), &answer, err));
    if (ol_json_kind_of(&answer) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_PROTOCOL, "nft_tokens_for_owner of %.*s is no list",
                       OL_FMT(c->contract));
    *ret = ol_json_count(&answer) > 0;
    return OL_OK;
}

/* A group that is no list of accounts is an error, not an absence, which `Not` would turn around.
 */
static ol_rc group_has(const ol_json *group, ol_str caller, bool *ret, ol_err *err)
{
    ol_json member;
    bool listed = ol_json_kind_of(group) == OL_JSON_ARRAY;
    if (listed) {
        ol_json_iter members = ol_json_iterate(group);
        while (listed && ol_json_next_item(&members, &member)) {
            listed = ol_json_kind_of(&member) == OL_JSON_STRING;
            *ret = *ret || (listed && ol_json_text_is(&member, caller));
        }
    }
    return listed ? OL_OK
                  : ol_fail(err, OL_ERR_PROTOCOL, "the role's group is no list of accounts");
}

/* `"Everyone"`, {"Group":[…]}; {"Member":…} counts tokens, which is not ours to judge: an error. */
static ol_rc role_has(const decision *d, const ol_json *kind, bool *ret, ol_err *err)
{
    ol_json group;
    *ret = false;
    if (ol_json_kind_of(kind) == OL_JSON_STRING) {
        *ret = ol_json_text_is(kind, OL_STR("Everyone"));
        return OL_OK;
    }
    if (ol_json_kind_of(kind) != OL_JSON_OBJECT)
        return ol_fail(err, OL_ERR_PROTOCOL, "the role's kind is none");
    if (ol_json_find(kind, OL_STR("Member"), &group))
        return ol_fail(err, OL_ERR_PROTOCOL, "roles by token weight are not supported");
    if (ol_json_find(kind, OL_STR("Group"), &group))
        return group_has(&group, d->caller, ret, err);
    return OL_OK;
}

static ol_rc dao_member(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    ol_json answer;
    ol_json roles;
    ol_json role;
    ol_json name;
    ol_json kind;
    OL_TRY(ask(d, c, "get_policy", OL_STR("{}"), &answer, err));
    if (!ol_json_find(&answer, OL_STR("roles"), &roles) || ol_json_kind_of(&roles) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_PROTOCOL, "get_policy of %.*s has no roles",
                       OL_FMT(c->contract));
    *ret = false;
    ol_json_iter items = ol_json_iterate(&roles);
    while (ol_json_next_item(&items, &role)) {
        if (!ol_json_find(&role, OL_STR("name"), &name) ||
            ol_json_kind_of(&name) != OL_JSON_STRING || !ol_json_find(&role, OL_STR("kind"), &kind))
            return ol_fail(err, OL_ERR_PROTOCOL,
                           "get_policy of %.*s has a role without name or kind",
                           OL_FMT(c->contract));
        if (ol_json_text_is(&name, c->text))
            return role_has(d, &kind, ret, err);
    }
    return OL_OK;
}

static ol_rc leaf(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    *ret = false;
    switch (c->kind) {
    case OL_CONDITION_ALLOW_ALL:
        *ret = true;
        return OL_OK;
    case OL_CONDITION_WHITELIST:
        *ret = is_listed(&c->accounts, d->caller);
        return OL_OK;
    case OL_CONDITION_ACCOUNT_PATTERN:
        *ret = ol_account_pattern_match(c->text, d->caller) == OL_PATTERN_YES;
        return OL_OK;
    case OL_CONDITION_NEAR_BALANCE:
        return near_balance(d, c, ret, err);
    case OL_CONDITION_FT_BALANCE:
        return ft_balance(d, c, ret, err);
    case OL_CONDITION_NFT_OWNED:
        return c->token_id.data == NULL ? nft_any_owned(d, c, ret, err)
                                        : nft_token_owned(d, c, ret, err);
    case OL_CONDITION_DAO_MEMBER:
        return dao_member(d, c, ret, err);
    case OL_CONDITION_AND:
    case OL_CONDITION_OR:
    case OL_CONDITION_NOT:
        break;
    }
    return ol_fail(err, OL_ERR_INTERNAL, "not a leaf of an access condition");
}

/* --- The tree --- */

static ol_rc holds(const decision *d, const ol_condition *c, bool *ret, ol_err *err);

/* Left to right, ending at the first part that settles it. */
static ol_rc logic_holds(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    bool settles = c->kind == OL_CONDITION_OR;
    *ret = !settles;
    for (size_t i = 0; i < c->count && *ret != settles; i++)
        OL_TRY(holds(d, &c->parts[i], ret, err));
    return OL_OK;
}

static ol_rc holds(const decision *d, const ol_condition *c, bool *ret, ol_err *err)
{
    if (c->kind == OL_CONDITION_AND || c->kind == OL_CONDITION_OR)
        return logic_holds(d, c, ret, err);
    if (c->kind == OL_CONDITION_NOT) {
        OL_TRY(holds(d, &c->parts[0], ret, err));
        *ret = !*ret;
        return OL_OK;
    }
    OL_TRY(leaf(d, c, ret, err));
    if (d->trace != NULL && d->trace->leaf != NULL)
        d->trace->leaf(d->trace->context, c, *ret);
    return OL_OK;
}

ol_rc ol_condition_decide(const ol_condition *tree, ol_str caller, const ol_chain_facts *facts,
                          ol_arena *arena, const ol_condition_trace *trace, ol_access *ret,
                          ol_err *err)
{
    decision d = {caller, facts, arena, trace};
    bool yes = false;
    census leaves = {0, 0};
    const char *why = refusal(tree, caller, 1, &leaves);
    *ret = OL_ACCESS_DENIED;
    if (why != NULL) {
        if (trace != NULL && trace->refused != NULL)
            trace->refused(trace->context, why);
        return OL_OK;
    }
    OL_TRY(holds(&d, tree, &yes, err));
    *ret = yes ? OL_ACCESS_GRANTED : OL_ACCESS_DENIED;
    return OL_OK;
}
