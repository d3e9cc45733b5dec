#include "contracts/outlayer/access_condition.h"

#include "lib/near/account_id.h"

/* How a member is read and written again. */
typedef enum member_type {
    MEMBER_ACCOUNT,
    MEMBER_ACCOUNTS,
    MEMBER_TEXT,
    MEMBER_TEXT_OR_NULL, /* may be absent */
    MEMBER_AMOUNT,
    MEMBER_COMPARISON,
    MEMBER_CONNECTIVE,
    MEMBER_CONDITION,
    MEMBER_CONDITIONS,
} member_type;

enum { MEMBERS_MAX = 3 };

typedef struct member {
    const char *name;
    member_type type;
} member;

typedef struct condition_kind {
    const char *name;
    member members[MEMBERS_MAX]; /* in the order of the canonical form */
} condition_kind;

static const condition_kind KINDS[] = {
    {"Logic", {{"operator", MEMBER_CONNECTIVE}, {"conditions", MEMBER_CONDITIONS}}},
    {"Not", {{"condition", MEMBER_CONDITION}}},
    {"Whitelist", {{"accounts", MEMBER_ACCOUNTS}}},
    {"AccountPattern", {{"pattern", MEMBER_TEXT}}},
    {"NearBalance", {{"operator", MEMBER_COMPARISON}, {"value", MEMBER_AMOUNT}}},
    {"FtBalance",
     {{"contract", MEMBER_ACCOUNT}, {"operator", MEMBER_COMPARISON}, {"value", MEMBER_AMOUNT}}},
    {"NftOwned", {{"contract", MEMBER_ACCOUNT}, {"token_id", MEMBER_TEXT_OR_NULL}}},
    {"DaoMember", {{"dao_contract", MEMBER_ACCOUNT}, {"role", MEMBER_TEXT}}},
};

static const char *const COMPARISONS[] = {"Gte", "Lte", "Gt", "Lt", "Eq", "Ne"};
static const char *const CONNECTIVES[] = {"And", "Or"};

enum {
    ACCOUNT_BYTES_MAX = 64,
    ESCAPED_BYTES_MAX = 6, /* of one byte: \u00xx */
};

static bool misfit(const ol_json *value, const char *words, access_fault *ret)
{
    *ret = (access_fault){*value, words};
    return false;
}

static bool is_string(const ol_json *value)
{
    return ol_json_kind_of(value) == OL_JSON_STRING;
}

static bool write_text(const ol_json *value, ol_json_writer *w, access_fault *ret)
{
    if (!is_string(value))
        return misfit(value, "expected a string", ret);
    size_t at;
    if (!ol_str_find(value->raw, OL_STR("\\"), &at)) { /* it is canonical as it stands */
        ol_json_add_raw(w, value->raw);
        return true;
    }
    ol_buf decoded = ol_buf_new(value->raw.len);
    uint8_t *room = ol_buf_reserve(&decoded, value->raw.len);
    if (!room)
        return misfit(value, "text is too long", ret);
    decoded.len += ol_json_text_decode(value, (char *)room);
    ol_json_add_str(w, ol_buf_str(&decoded));
    ol_buf_deinit(&decoded);
    return true;
}

static bool write_account(const ol_json *value, ol_json_writer *w, access_fault *ret)
{
    char text[ACCOUNT_BYTES_MAX * ESCAPED_BYTES_MAX];
    if (!is_string(value) || value->raw.len - 2 > sizeof text)
        return misfit(value, "expected an account id", ret);
    ol_str account = {text, ol_json_text_decode(value, text)};
    if (!ol_account_id_valid(account))
        return misfit(value, "expected an account id", ret);
    ol_json_add_str(w, account);
    return true;
}

static bool write_amount(const ol_json *value, ol_json_writer *w, access_fault *ret)
{
    ol_u128 amount;
    if (!is_string(value) || ol_json_u128_text(value, &amount, NULL) != OL_OK)
        return misfit(value, "expected an amount as a decimal string", ret);
    ol_json_add_dec(w, amount);
    return true;
}

static bool write_name(const ol_json *value, const char *const *names, size_t count,
                       ol_json_writer *w, access_fault *ret)
{
    for (size_t i = 0; is_string(value) && i < count; i++) {
        if (ol_json_text_is(value, ol_str_of(names[i]))) {
            ol_json_add_cstr(w, names[i]);
            return true;
        }
    }
    return misfit(value, "unknown operator", ret);
}

static bool write_list(const ol_json *value, ol_json_writer *w, access_fault *ret,
                       bool (*write)(const ol_json *, ol_json_writer *, access_fault *))
{
    if (ol_json_kind_of(value) != OL_JSON_ARRAY)
        return misfit(value, "expected a list", ret);
    ol_json_array_begin(w);
    ol_json item;
    ol_json_iter it = ol_json_iterate(value);
    while (ol_json_next_item(&it, &item)) {
        if (!write(&item, w, ret))
            return false;
    }
    ol_json_array_end(w);
    return true;
}

static bool write_member(member_type type, const ol_json *value, ol_json_writer *w,
                         access_fault *ret)
{
    switch (type) {
    case MEMBER_ACCOUNT:
        return write_account(value, w, ret);
    case MEMBER_ACCOUNTS:
        return write_list(value, w, ret, write_account);
    case MEMBER_TEXT_OR_NULL:
        if (ol_json_is_null(value)) {
            ol_json_add_null(w);
            return true;
        }
        return write_text(value, w, ret);
    case MEMBER_TEXT:
        return write_text(value, w, ret);
    case MEMBER_AMOUNT:
        return write_amount(value, w, ret);
    case MEMBER_COMPARISON:
        return write_name(value, COMPARISONS, OL_COUNT(COMPARISONS), w, ret);
    case MEMBER_CONNECTIVE:
        return write_name(value, CONNECTIVES, OL_COUNT(CONNECTIVES), w, ret);
    case MEMBER_CONDITION:
        return access_condition_write(value, w, ret);
    case MEMBER_CONDITIONS:
        return write_list(value, w, ret, access_condition_write);
    }
    OL_UNREACHABLE();
}

/* Finds the kind's members in any order; repeated ones are refused. */
static bool find_members(const condition_kind *kind, const ol_json *body,
                         ol_json found[MEMBERS_MAX], access_fault *ret)
{
    if (ol_json_kind_of(body) != OL_JSON_OBJECT)
        return misfit(body, "expected an object", ret);
    ol_json key;
    ol_json value;
    ol_json_iter it = ol_json_iterate(body);
    while (ol_json_next_member(&it, &key, &value)) {
        for (size_t i = 0; i < MEMBERS_MAX && kind->members[i].name; i++) {
            if (!ol_json_text_is(&key, ol_str_of(kind->members[i].name)))
                continue;
            if (found[i].doc)
                return misfit(&value, "duplicate field", ret);
            found[i] = value;
        }
    }
    return true;
}

static bool write_body(const condition_kind *kind, const ol_json *body, ol_json_writer *w,
                       access_fault *ret)
{
    ol_json found[MEMBERS_MAX] = {0};
    if (!find_members(kind, body, found, ret))
        return false;
    ol_json_object_begin(w);
    for (size_t i = 0; i < MEMBERS_MAX && kind->members[i].name; i++) {
        const member *it = &kind->members[i];
        ol_json_key(w, it->name);
        if (!found[i].doc && it->type == MEMBER_TEXT_OR_NULL)
            ol_json_add_null(w);
        else if (!found[i].doc)
            return misfit(body, "missing field", ret);
        else if (!write_member(it->type, &found[i], w, ret))
            return false;
    }
    ol_json_object_end(w);
    return true;
}

bool access_condition_write(const ol_json *value, ol_json_writer *w, access_fault *ret)
{
    if (is_string(value) && ol_json_text_is(value, OL_STR("AllowAll"))) {
        ol_json_add_cstr(w, "AllowAll");
        return true;
    }
    ol_json name;
    ol_json body;
    ol_json more;
    if (ol_json_kind_of(value) != OL_JSON_OBJECT)
        return misfit(value, "expected an access condition", ret);
    ol_json_iter it = ol_json_iterate(value);
    if (!ol_json_next_member(&it, &name, &body) || ol_json_next_member(&it, &more, &more))
        return misfit(value, "expected an object with one member", ret);
    for (size_t i = 0; i < OL_COUNT(KINDS); i++) {
        if (!ol_json_text_is(&name, ol_str_of(KINDS[i].name)))
            continue;
        ol_json_object_begin(w);
        ol_json_key(w, KINDS[i].name);
        if (!write_body(&KINDS[i], &body, w, ret))
            return false;
        ol_json_object_end(w);
        return true;
    }
    return misfit(value, "unknown access condition", ret);
}
