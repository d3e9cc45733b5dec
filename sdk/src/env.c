#include <stdlib.h>
#include <wasi/api.h>

#include "sdk/outlayer.h"

/* The environment never changes during a run: read once, kept. */
static struct {
    bool read;
    size_t count;
    uint8_t **entry; /* NAME=value, NUL-terminated */
} environment;

static bool read_environment(void)
{
    if (environment.read)
        return true;
    __wasi_size_t count, bytes;
    size_t table;
    if (__wasi_environ_sizes_get(&count, &bytes) != __WASI_ERRNO_SUCCESS ||
        !ol_size_mul(count, sizeof *environment.entry, &table))
        return false;
    uint8_t **entry = malloc(table);
    uint8_t *text = malloc(bytes);
    if ((entry == NULL && table > 0) || (text == NULL && bytes > 0) ||
        __wasi_environ_get(entry, text) != __WASI_ERRNO_SUCCESS) {
        free(entry);
        free(text);
        return false;
    }
    environment.count = count;
    environment.entry = entry;
    environment.read = true;
    return true;
}

int32_t ol_var(ol_str name, ol_str *ret)
{
    if (!read_environment())
        return OL_EHOST;
    for (size_t i = 0; i < environment.count; i++) {
        ol_str key, value;
        if (ol_str_cut(ol_str_of((const char *)environment.entry[i]), '=', &key, &value) &&
            ol_str_eq(key, name)) {
            *ret = value;
            return 0;
        }
    }
    return OL_ENOENT;
}

bool ol_has_var(ol_str name)
{
    ol_str value;
    return ol_var(name, &value) == 0;
}

ol_str ol_var_or(ol_str name, ol_str otherwise)
{
    ol_str value = otherwise;
    if (ol_var(name, &value) != 0 || value.len == 0)
        return otherwise;
    return value;
}
