#include "lib/secrets/condition.h"

/* The members of each variant, for json_bind; offsets are into ol_condition. */
static const char *const COMPARISONS[] = {"Gte", "Lte", "Gt", "Lt", "Eq", "Ne", NULL};

typedef struct logic {
    int is_or;
    ol_json conditions;
} logic;

typedef struct amount {
    int comparison;
    ol_u128 value;
    ol_str contract;
} amount;

static const char *const LOGIC_OPERATORS[] = {"And", "Or", NULL};
static const ol_json_field LOGIC_FIELDS[] = {
    {"operator", OL_BIND_ENUM, OL_REQUIRED, offsetof(logic, is_or), .variants = LOGIC_OPERATORS},
    {"conditions", OL_BIND_VALUE, OL_REQUIRED, offsetof(logic, conditions)},
};
static const ol_json_table LOGIC = {"Logic", LOGIC_FIELDS, OL_COUNT(LOGIC_FIELDS)};

static const ol_json_field NOT_FIELDS[] = {
    {"condition", OL_BIND_VALUE, OL_REQUIRED, offsetof(logic, conditions)},
};
static const ol_json_table NOT = {"Not", NOT_FIELDS, OL_COUNT(NOT_FIELDS)};

static const ol_json_field WHITELIST_FIELDS[] = {
    {"accounts", OL_BIND_TEXT_LIST, OL_REQUIRED, offsetof(ol_condition, accounts)},
};
static const ol_json_table WHITELIST = {"Whitelist", WHITELIST_FIELDS, OL_COUNT(WHITELIST_FIELDS)};

static const ol_json_field PATTERN_FIELDS[] = {
    {"pattern", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_condition, text)},
};
static const ol_json_table PATTERN = {"AccountPattern", PATTERN_FIELDS, OL_COUNT(PATTERN_FIELDS)};

static const ol_json_field NEAR_FIELDS[] = {
    {"operator", OL_BIND_ENUM, OL_REQUIRED, offsetof(amount, comparison), .variants = COMPARISONS},
    {"value", OL_BIND_DEC, OL_REQUIRED, offsetof(amount, value)},
};
static const ol_json_table NEAR = {"NearBalance", NEAR_FIELDS, OL_COUNT(NEAR_FIELDS)};

static const ol_json_field FT_FIELDS[] = {
    {"contract", OL_BIND_TEXT, OL_REQUIRED, offsetof(amount, contract)},
    {"operator", OL_BIND_ENUM, OL_REQUIRED, offsetof(amount, comparison), .variants = COMPARISONS},
    {"value", OL_BIND_DEC, OL_REQUIRED, offsetof(amount, value)},
};
static const ol_json_table FT = {"FtBalance", FT_FIELDS, OL_COUNT(FT_FIELDS)};

static const ol_json_field NFT_FIELDS[] = {
    {"contract", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_condition, contract)},
    {"token_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(ol_condition, token_id)},
};
static const ol_json_table NFT = {"NftOwned", NFT_FIELDS, OL_COUNT(NFT_FIELDS)};

static const ol_json_field DAO_FIELDS[] = {
    {"dao_contract", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_condition, contract)},
    {"role", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_condition, text)},
};
static const ol_json_table DAO = {"DaoMember", DAO_FIELDS, OL_COUNT(DAO_FIELDS)};

/* Recursion is bounded by the reader's depth: every level of a tree is at least two of JSON. */
static ol_rc parse(const ol_json *value, ol_arena *arena, ol_condition *ret, ol_err *err);

static ol_rc parse_logic(const ol_json *body, ol_arena *arena, ol_condition *ret, ol_err *err)
{
    logic members = {0};
    ol_json item;
    OL_TRY(ol_json_bind_value(body, &LOGIC, &members, arena, err));
    if (ol_json_kind_of(&members.conditions) != OL_JSON_ARRAY)
        return ol_json_wrong_type(&members.conditions, "a sequence", err);
    ret->kind = members.is_or ? OL_CONDITION_OR : OL_CONDITION_AND;
    ret->count = 0;
    ret->parts = ol_arena_array(arena, ol_json_count(&members.conditions) + 1, sizeof *ret->parts);
    if (ret->parts == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_json_iter items = ol_json_iterate(&members.conditions);
    while (ol_json_next_item(&items, &item))
        OL_TRY(parse(&item, arena, &ret->parts[ret->count++], err));
    return OL_OK;
}

static ol_rc parse_not(const ol_json *body, ol_arena *arena, ol_condition *ret, ol_err *err)
{
    logic members = {0};
    OL_TRY(ol_json_bind_value(body, &NOT, &members, arena, err));
    ret->kind = OL_CONDITION_NOT;
    ret->count = 1;
    ret->parts = OL_ARENA_NEW(arena, ol_condition);
    if (ret->parts == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return parse(&members.conditions, arena, ret->parts, err);
}

static ol_rc parse_amount(const ol_json *body, ol_condition_kind kind, ol_arena *arena,
                          ol_condition *ret, ol_err *err)
{
    amount members = {0};
    const ol_json_table *table = kind == OL_CONDITION_NEAR_BALANCE ? &NEAR : &FT;
    OL_TRY(ol_json_bind_value(body, table, &members, arena, err));
    ret->kind = kind;
    ret->comparison = (ol_comparison)members.comparison;
    ret->amount = members.value;
    ret->contract = members.contract;
    return OL_OK;
}

static ol_rc parse_leaf(const ol_json *body, ol_condition_kind kind, const ol_json_table *table,
                        ol_arena *arena, ol_condition *ret, ol_err *err)
{
    ret->kind = kind;
    return ol_json_bind_value(body, table, ret, arena, err);
}

static ol_rc parse_variant(const ol_json *name, const ol_json *body, ol_arena *arena,
                           ol_condition *ret, ol_err *err)
{
    if (ol_json_text_is(name, OL_STR("Logic")))
        return parse_logic(body, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("Not")))
        return parse_not(body, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("Whitelist")))
        return parse_leaf(body, OL_CONDITION_WHITELIST, &WHITELIST, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("AccountPattern")))
        return parse_leaf(body, OL_CONDITION_ACCOUNT_PATTERN, &PATTERN, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("NearBalance")))
        return parse_amount(body, OL_CONDITION_NEAR_BALANCE, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("FtBalance")))
        return parse_amount(body, OL_CONDITION_FT_BALANCE, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("NftOwned")))
        return parse_leaf(body, OL_CONDITION_NFT_OWNED, &NFT, arena, ret, err);
    if (ol_json_text_is(name, OL_STR("DaoMember")))
        return parse_leaf(body, OL_CONDITION_DAO_MEMBER, &DAO, arena, ret, err);
    return ol_json_wrong_shape(name, err, "unknown access condition");
}

static ol_rc parse(const ol_json *value, ol_arena *arena, ol_condition *ret, ol_err *err)
{
    ol_json name;
    ol_json body;
    *ret = (ol_condition){0};
    if (ol_json_kind_of(value) == OL_JSON_STRING && ol_json_text_is(value, OL_STR("AllowAll"))) {
        ret->kind = OL_CONDITION_ALLOW_ALL;
        return OL_OK;
    }
    if (ol_json_kind_of(value) != OL_JSON_OBJECT || ol_json_count(value) != 1)
        return ol_json_wrong_type(value, "an access condition", err);
    ol_json_iter members = ol_json_iterate(value);
    if (!ol_json_next_member(&members, &name, &body))
        return ol_json_wrong_type(value, "an access condition", err);
    return parse_variant(&name, &body, arena, ret, err);
}

ol_rc ol_condition_parse(const ol_json *value, ol_arena *arena, ol_condition **ret, ol_err *err)
{
    *ret = OL_ARENA_NEW(arena, ol_condition);
    if (*ret == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return parse(value, arena, *ret, err);
}
