#include "lib/store/db.h"

ol_arg ol_arg_null(const char *name)
{
    return (ol_arg){.name = name, .kind = OL_ARG_NULL};
}

ol_arg ol_arg_i64(const char *name, int64_t value)
{
    return (ol_arg){.name = name, .kind = OL_ARG_I64, .i = value};
}

ol_arg ol_arg_u64(const char *name, uint64_t value)
{
    if (value > INT64_MAX)
        return (ol_arg){.name = name, .kind = OL_ARG_TOO_LARGE};
    return ol_arg_i64(name, (int64_t)value);
}

ol_arg ol_arg_str(const char *name, ol_str value)
{
    if (value.data == NULL)
        return ol_arg_null(name);
    return (ol_arg){.name = name, .kind = OL_ARG_TEXT, .text = value};
}

ol_arg ol_arg_bytes(const char *name, ol_bytes value)
{
    if (value.data == NULL)
        return ol_arg_null(name);
    return (ol_arg){.name = name, .kind = OL_ARG_BLOB, .blob = value};
}

ol_arg ol_arg_u128(const char *name, ol_u128 value)
{
    return (ol_arg){.name = name, .kind = OL_ARG_U128, .u = value};
}

ol_arg ol_arg_usd(const char *name, ol_usd value)
{
    return ol_arg_u128(name, value.micro);
}

ol_arg ol_arg_yocto(const char *name, ol_yocto value)
{
    return ol_arg_u128(name, value.yocto);
}

ol_arg ol_arg_opt_u64(const char *name, ol_opt_u64 value)
{
    return value.has ? ol_arg_u64(name, value.value) : ol_arg_null(name);
}

ol_arg ol_arg_opt_u128(const char *name, ol_opt_u128 value)
{
    return value.has ? ol_arg_u128(name, value.value) : ol_arg_null(name);
}
