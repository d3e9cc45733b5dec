#include "services/keystore/name_rules.h"

#include "lib/secrets/names.h"

void reserved_names_note(reserved_names *all, ol_str name)
{
    ol_buf text = ol_buf_over(all->text, sizeof all->text);
    text.len = all->len;
    if (ol_secret_name_reserved(name))
        ol_buf_addf(&text, "%s%.*s", text.len > 0 ? ", " : "", OL_FMT(name));
    all->len = text.len;
}

ol_rc reserved_names_refuse(const reserved_names *all, ol_err *err)
{
    return all->len == 0 ? OL_OK
                         : ol_fail(err, OL_ERR_INVALID,
                                   "Cannot use reserved system keywords as secret keys: %.*s",
                                   (int)all->len, all->text);
}

ol_rc reserved_names_check(const secret_values *values, ol_err *err)
{
    reserved_names reserved = {.len = 0};
    for (size_t i = 0; i < values->count; i++)
        reserved_names_note(&reserved, values->items[i].name);
    return reserved_names_refuse(&reserved, err);
}

ol_rc protected_name_refuse(ol_str name, ol_err *err)
{
    return ol_secret_name_protected(name)
               ? ol_fail(err, OL_ERR_INVALID,
                         "Keys with prefix PROTECTED_ are generated, not set: %.*s", OL_FMT(name))
               : OL_OK;
}
