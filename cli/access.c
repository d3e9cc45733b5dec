#include "cli/access.h"

#include <string.h>

#include "cli/amount.h"
#include "lib/near/account_id.h"
#include "lib/secrets/account_pattern.h"

enum { ACCESS_JSON_BYTES_MAX = 64 * 1024, ACCESS_WORDS_BYTES_MAX = 4 * ACCESS_JSON_BYTES_MAX };

/* ---- reading */

static const struct {
    const char *sign;
    const char *name;
    ol_comparison comparison;
} OPERATORS[] = {
    {">=", "Gte", OL_GTE}, {"<=", "Lte", OL_LTE}, {"!=", "Ne", OL_NE},
    {"=", "Eq", OL_EQ},    {">", "Gt", OL_GT},    {"<", "Lt", OL_LT},
};

/* `LEFT OP RIGHT`; the longer sign of two that fit stands first in the table. */
static bool comparison_cut(ol_str text, ol_str *ret_left, const char **ret_name, ol_str *ret_right)
{
    OL_EACH (row, OPERATORS) {
        size_t at;
        if (!ol_str_find(text, ol_str_of(row->sign), &at))
            continue;
        *ret_left = ol_str_trim(ol_str_slice(text, 0, at));
        *ret_right = ol_str_trim(ol_str_slice(text, at + ol_str_of(row->sign).len, text.len));
        *ret_name = row->name;
        return true;
    }
    return false;
}

static bool word_take(ol_str *text, const char *word)
{
    ol_str wanted = ol_str_of(word);
    if (!ol_str_starts(*text, wanted) || (text->len > wanted.len && text->data[wanted.len] != ' '))
        return false;
    *text = ol_str_trim(ol_str_slice(*text, wanted.len, text->len));
    return true;
}

static void put_whitelist(ol_json_writer *w, ol_str list)
{
    ol_str id;
    ol_json_object_begin(w);
    ol_json_key(w, "Whitelist");
    ol_json_object_begin(w);
    ol_json_key(w, "accounts");
    ol_json_array_begin(w);
    while (ol_str_next(&list, ',', &id))
        ol_json_add_str(w, ol_str_trim(id));
    ol_json_array_end(w);
    ol_json_object_end(w);
    ol_json_object_end(w);
}

static ol_rc accounts_check(ol_str list, ol_err *err)
{
    ol_str id;
    if (list.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "accounts: whose? `accounts a.near,b.near`");
    while (ol_str_next(&list, ',', &id)) {
        id = ol_str_trim(id);
        if (!ol_account_id_valid(id))
            return ol_fail(err, OL_ERR_USAGE, "`%.*s` is no account id", OL_FMT(id));
    }
    return OL_OK;
}

/* {"KIND":{…}} of one level. `field` are pairs of name and text. */
static void put_leaf(ol_json_writer *w, const char *kind, const char *const *name,
                     const ol_str *text, size_t count)
{
    ol_json_object_begin(w);
    ol_json_key(w, kind);
    ol_json_object_begin(w);
    for (size_t i = 0; i < count; i++) {
        if (text[i].data != NULL)
            ol_json_put_str(w, name[i], text[i]);
        else
            ol_json_put_null(w, name[i]);
    }
    ol_json_object_end(w);
    ol_json_object_end(w);
}

static ol_rc balance_write(ol_json_writer *w, const cli *it, ol_str rest, bool token, ol_err *err)
{
    static const char *const NAMES[] = {"contract", "operator", "value"};
    ol_str contract, value;
    const char *operator_name;
    ol_yocto near;
    ol_u128 amount;
    if (!comparison_cut(rest, &contract, &operator_name, &value))
        return ol_fail(err, OL_ERR_USAGE, "a comparison is wanted, as near>=1near or ft TOKEN>=1");
    if (token && (!ol_account_id_valid(contract) || !ol_u128_parse(value, &amount)))
        return ol_fail(err, OL_ERR_USAGE,
                       "ft TOKEN>=N: an account, and a whole number of the token's units");
    if (!token && (contract.len > 0 || !amount_near_parse(value, &near)))
        return ol_fail(err, OL_ERR_USAGE, "near>=N: 1.5near, or yocto");
    if (!token)
        value = ol_arena_printf(it->arena, "%s", ol_u128_format(near.yocto).data);
    const ol_str texts[] = {contract, ol_str_of(operator_name), value};
    if (token)
        put_leaf(w, "FtBalance", NAMES, texts, 3);
    else
        put_leaf(w, "NearBalance", NAMES + 1, texts + 1, 2);
    return OL_OK;
}

static ol_rc contract_write(ol_json_writer *w, const char *kind, const char *second, bool needed,
                            ol_str rest, ol_err *err)
{
    const char *const names[] = {strcmp(kind, "NftOwned") == 0 ? "contract" : "dao_contract",
                                 second};
    ol_str texts[2] = {rest, {NULL, 0}};
    if (ol_str_cut(rest, ' ', &texts[0], &texts[1]))
        texts[1] = ol_str_trim(texts[1]);
    if (!ol_account_id_valid(texts[0]) || (needed && texts[1].len == 0))
        return ol_fail(err, OL_ERR_USAGE, "a contract's account%s is wanted",
                       needed ? " and a role" : "");
    put_leaf(w, kind, names, texts, 2);
    return OL_OK;
}

static ol_rc leaf_write(ol_json_writer *w, const cli *it, ol_str text, ol_str owner, ol_err *err)
{
    static const char *const PATTERN[] = {"pattern"};
    ol_str rest = text;
    if (word_take(&rest, "everyone") && rest.len == 0) {
        ol_json_add_cstr(w, "AllowAll");
        return OL_OK;
    }
    rest = text;
    if (word_take(&rest, "me") && rest.len == 0) {
        put_whitelist(w, owner);
        return OL_OK;
    }
    if (word_take(&rest, "accounts")) {
        OL_TRY(accounts_check(rest, err));
        put_whitelist(w, rest);
        return OL_OK;
    }
    if (word_take(&rest, "pattern") && rest.len > 0) {
        put_leaf(w, "AccountPattern", PATTERN, &rest, 1);
        return OL_OK;
    }
    if (word_take(&rest, "ft"))
        return balance_write(w, it, rest, true, err);
    if (word_take(&rest, "nft"))
        return contract_write(w, "NftOwned", "token_id", false, rest, err);
    if (word_take(&rest, "dao"))
        return contract_write(w, "DaoMember", "role", true, rest, err);
    if (ol_str_starts(rest, OL_STR("near")))
        return balance_write(w, it, ol_str_trim(ol_str_slice(rest, 4, rest.len)), false, err);
    return ol_fail(err, OL_ERR_USAGE,
                   "an access condition is everyone, me, accounts A,B, pattern P, near>=N, "
                   "ft TOKEN>=N, nft CONTRACT [ID], dao CONTRACT ROLE, JSON, or @FILE with JSON");
}

static ol_rc simple_write(ol_buf *into, const cli *it, ol_str text, ol_str owner, ol_err *err)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_str rest = text;
    if (!word_take(&rest, "not"))
        return leaf_write(&w, it, text, owner, err);
    ol_json_object_begin(&w);
    ol_json_key(&w, "Not");
    ol_json_object_begin(&w);
    ol_json_key(&w, "condition");
    OL_TRY(leaf_write(&w, it, rest, owner, err));
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    return OL_OK;
}

ol_rc access_parse(const cli *it, ol_str json, ol_condition **ret, ol_err *err)
{
    ol_json root;
    OL_TRY(ol_json_parse(json, &root, err));
    return ol_condition_parse(&root, it->arena, ret, err);
}

ol_rc access_read(const cli *it, ol_str text, ol_str owner, ol_str *ret_json, ol_err *err)
{
    OL_AUTO(ol_buf) written = ol_buf_new(ACCESS_JSON_BYTES_MAX);
    ol_condition *tree;
    ol_str json = ol_str_trim(text);
    if (ol_str_starts(json, OL_STR("@")))
        OL_TRY(cli_load(it, ol_str_slice(json, 1, json.len), ACCESS_JSON_BYTES_MAX, &json, err));
    json = ol_str_trim(json);
    if (json.len == 0 || (json.data[0] != '{' && json.data[0] != '"')) {
        OL_TRY(simple_write(&written, it, json, owner, err));
        json = ol_buf_str(&written);
    }
    if (!ol_buf_ok(&written) || !ol_arena_copy(it->arena, json, &json))
        return ol_fail(err, OL_ERR_USAGE, "the condition is too large");
    if (access_parse(it, json, &tree, err) != OL_OK) {
        (void)ol_prefix(err, "the condition is not understood: ");
        return err->rc = OL_ERR_USAGE;
    }
    *ret_json = json;
    return OL_OK;
}

static ol_rc patterns_check(const ol_condition *tree, ol_err *err)
{
    static const ol_str ANYBODY = OL_STR_INIT("alice.near");
    if (tree->kind == OL_CONDITION_ACCOUNT_PATTERN &&
        ol_account_pattern_match(tree->text, ANYBODY) == OL_PATTERN_UNUSABLE)
        return ol_fail(err, OL_ERR_USAGE,
                       "the pattern %.*s cannot be used: nobody at all would get the secret",
                       OL_FMT(tree->text));
    for (size_t i = 0; i < tree->count; i++)
        OL_TRY(patterns_check(&tree->parts[i], err));
    return OL_OK;
}

ol_rc access_to_store(const cli *it, ol_str text, ol_str owner, ol_str *ret_json, ol_err *err)
{
    ol_condition *tree;
    ol_str json;
    OL_TRY(access_read(it, text, owner, &json, err));
    OL_TRY(access_parse(it, json, &tree, err));
    OL_TRY(patterns_check(tree, err));
    *ret_json = json;
    return OL_OK;
}

/* ---- words */

static const char *sign_of(ol_comparison comparison)
{
    OL_EACH (row, OPERATORS) {
        if (row->comparison == comparison)
            return row->sign;
    }
    return "?";
}

static void tree_words(const cli *it, const ol_condition *tree, ol_buf *into);

static void parts_words(const cli *it, const ol_condition *tree, const char *between, ol_buf *into)
{
    if (tree->count == 0)
        ol_buf_add_str(into,
                       tree->kind == OL_CONDITION_AND ? OL_STR("everyone") : OL_STR("nobody"));
    for (size_t i = 0; i < tree->count; i++) {
        bool nested =
            tree->parts[i].kind == OL_CONDITION_AND || tree->parts[i].kind == OL_CONDITION_OR;
        ol_buf_addf(into, "%s%s", i > 0 ? between : "", nested ? "(" : "");
        tree_words(it, &tree->parts[i], into);
        ol_buf_add_str(into, nested ? OL_STR(")") : OL_STR(""));
    }
}

static void accounts_words(const ol_condition *tree, ol_buf *into)
{
    ol_buf_add_str(into, tree->accounts.count == 1 ? OL_STR("account ") : OL_STR("accounts "));
    for (size_t i = 0; i < tree->accounts.count; i++)
        ol_buf_addf(into, "%s%.*s", i > 0 ? ", " : "", OL_FMT(tree->accounts.items[i]));
}

static void tree_words(const cli *it, const ol_condition *tree, ol_buf *into)
{
    switch (tree->kind) {
    case OL_CONDITION_ALLOW_ALL:
        ol_buf_add_str(into, OL_STR("everyone"));
        return;
    case OL_CONDITION_AND:
        parts_words(it, tree, " and ", into);
        return;
    case OL_CONDITION_OR:
        parts_words(it, tree, " or ", into);
        return;
    case OL_CONDITION_NOT:
        ol_buf_add_str(into, OL_STR("not ("));
        tree_words(it, &tree->parts[0], into);
        ol_buf_add_char(into, ')');
        return;
    case OL_CONDITION_WHITELIST:
        accounts_words(tree, into);
        return;
    case OL_CONDITION_ACCOUNT_PATTERN:
        ol_buf_addf(into, "pattern %.*s", OL_FMT(tree->text));
        return;
    case OL_CONDITION_NEAR_BALANCE:
        ol_buf_addf(into, "near %s %.*s", sign_of(tree->comparison),
                    OL_FMT(amount_near_format(it->arena, (ol_yocto){tree->amount})));
        return;
    case OL_CONDITION_FT_BALANCE:
        ol_buf_addf(into, "ft %.*s %s %s", OL_FMT(tree->contract), sign_of(tree->comparison),
                    ol_u128_format(tree->amount).data);
        return;
    case OL_CONDITION_NFT_OWNED:
        ol_buf_addf(into, "nft %.*s%s%.*s", OL_FMT(tree->contract),
                    tree->token_id.data != NULL ? " " : "", OL_FMT(tree->token_id));
        return;
    case OL_CONDITION_DAO_MEMBER:
        ol_buf_addf(into, "dao %.*s %.*s", OL_FMT(tree->contract), OL_FMT(tree->text));
        return;
    }
}

/* What somebody wrote into a condition is not to move a terminal's cursor. */
void access_words(const cli *it, const ol_condition *tree, ol_buf *into)
{
    OL_AUTO(ol_buf) words = ol_buf_new(ACCESS_WORDS_BYTES_MAX);
    tree_words(it, tree, &words);
    cli_add_clean(into, ol_buf_str(&words));
}

/* ---- facts */

static ol_rc fact_balance(void *context, ol_str account, ol_u128 *ret, ol_err *err)
{
    ol_yocto amount;
    OL_TRY(chain_balance(context, account, &amount, err));
    *ret = amount.yocto;
    return OL_OK;
}

static ol_rc fact_view(void *context, ol_str contract, ol_str method, ol_str args_json,
                       ol_arena *arena, ol_str *ret_json, ol_err *err)
{
    ol_bytes value;
    OL_TRY(chain_view_of(context, contract, method, args_json, &value, err));
    return ol_arena_copy(arena, ol_bytes_str(value), ret_json)
               ? OL_OK
               : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

ol_chain_facts access_facts(chain_client *c)
{
    return (ol_chain_facts){.context = c, .balance = fact_balance, .view = fact_view};
}
