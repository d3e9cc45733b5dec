#include "services/coordinator/query.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/codec/utf8.h"

enum { FIELDS_MAX = 16 };

/* What is wrong with an integer, in the words of the published server. */
static const char *number_fault(ol_str text, bool is_signed)
{
    if (text.len == 0)
        return "cannot parse integer from empty string";
    for (size_t i = 0; i < text.len; i++) {
        bool sign =
            i == 0 && text.len > 1 && (text.data[0] == '+' || (is_signed && text.data[0] == '-'));
        if (!sign && (text.data[i] < '0' || text.data[i] > '9'))
            return "invalid digit found in string";
    }
    return text.data[0] == '-' ? "number too small to fit in target type"
                               : "number too large to fit in target type";
}

static bool value_put(const query_field *field, ol_str text, char *into)
{
    ol_str digits = text;
    if (text.len > 1 && text.data[0] == '+')
        digits = ol_str_slice(text, 1, text.len);
    char *at = into + field->offset;
    switch (field->type) {
    case QUERY_TEXT:
        memcpy(at, &text, sizeof text);
        return true;
    case QUERY_U32: {
        uint32_t value;
        if (!ol_u32_parse(digits, &value))
            return false;
        memcpy(at, &value, sizeof value);
        return true;
    }
    case QUERY_U64: {
        uint64_t value;
        if (!ol_u64_parse(digits, &value))
            return false;
        memcpy(at, &value, sizeof value);
        return true;
    }
    case QUERY_I64: {
        int64_t value;
        if (!ol_i64_parse(digits, &value))
            return false;
        memcpy(at, &value, sizeof value);
        return true;
    }
    }
    OL_UNREACHABLE();
}

static ol_rc bind(ol_web_request *request, const query_field *fields, size_t count, void *into,
                  ol_err *err)
{
    const ol_web_field *given;
    size_t given_count;
    bool seen[FIELDS_MAX] = {false};
    OL_ASSERT(count <= FIELDS_MAX);
    OL_TRY(ol_web_query(request, &given, &given_count, err));
    for (size_t g = 0; g < given_count; g++) {
        if (!ol_utf8_valid(given[g].name) || !ol_utf8_valid(given[g].value))
            return ol_fail(err, OL_ERR_INVALID, "invalid utf-8");
        for (size_t i = 0; i < count; i++) {
            if (!ol_str_eq(given[g].name, ol_str_of(fields[i].name)))
                continue;
            if (seen[i])
                return ol_fail(err, OL_ERR_INVALID, "duplicate field `%s`", fields[i].name);
            seen[i] = true;
            if (!value_put(&fields[i], given[g].value, into))
                return ol_fail(err, OL_ERR_INVALID, "%s",
                               number_fault(given[g].value, fields[i].type == QUERY_I64));
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required && !seen[i])
            return ol_fail(err, OL_ERR_INVALID, "missing field `%s`", fields[i].name);
    }
    return OL_OK;
}

bool query_bind(ol_web_request *request, const query_field *fields, size_t count, void *into)
{
    ol_err err;
    if (bind(request, fields, count, into, &err) == OL_OK)
        return true;
    (void)ol_prefix(&err, "Failed to deserialize query string: ");
    ol_web_answer_text(request, 400, ol_err_text(&err));
    return false;
}
