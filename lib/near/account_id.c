#include "lib/near/account_id.h"

enum { ACCOUNT_BYTES_MIN = 2, ACCOUNT_BYTES_MAX = 64, PROJECT_NAME_BYTES_MAX = 64 };

static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool separates(char c)
{
    return c == '-' || c == '_' || c == '.';
}

bool ol_account_id_valid(ol_str text)
{
    if (text.len < ACCOUNT_BYTES_MIN || text.len > ACCOUNT_BYTES_MAX)
        return false;
    bool after_separator = true; /* none at the start, at the end, or next to another */
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!plain(c) && !(separates(c) && !after_separator))
            return false;
        after_separator = separates(c);
    }
    return !after_separator;
}

bool ol_account_id_is_implicit(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return text.len == 64;
}

bool ol_project_name_valid(ol_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!plain(c) && !separates(c) && !(c >= 'A' && c <= 'Z'))
            return false;
    }
    return name.len > 0 && name.len <= PROJECT_NAME_BYTES_MAX;
}

bool ol_project_id_valid(ol_str text)
{
    ol_str owner;
    ol_str name;
    return ol_str_cut(text, '/', &owner, &name) && ol_account_id_valid(owner) &&
           ol_project_name_valid(name);
}
