#include "sdk/src/host.h"

#include <stdlib.h>
#include <string.h>

/* A guest is one program with one thread: the newest failure is its state. */
static host_list last_error;

typedef struct meaning {
    ol_str begins;
    int32_t code;
} meaning;

/* Texts of Host interfaces 5, 7, 8 and 10 by their first words. */
static const meaning MEANINGS[] = {
    {OL_STR_INIT("RPC rate limit exceeded"), OL_ELIMIT},
    {OL_STR_INIT("HTTP budget exceeded"), OL_ELIMIT},
    {OL_STR_INIT("Storage rate limit exceeded"), OL_ELIMIT},
    {OL_STR_INIT("Storage value too large"), OL_ELIMIT},
    {OL_STR_INIT("VRF rate limit exceeded"), OL_ELIMIT},
    {OL_STR_INIT("Arguments too large"), OL_ELIMIT},
    {OL_STR_INIT("Storage key '"), OL_EDENIED},
    {OL_STR_INIT("Storage key must"), OL_EINVAL},
    {OL_STR_INIT("user_seed must not"), OL_EINVAL},
    {OL_STR_INIT("user_seed is longer"), OL_ELIMIT},
    {OL_STR_INIT("increment: invalid"), OL_EINVAL},
    {OL_STR_INIT("increment: overflow"), OL_ELIMIT},
    {OL_STR_INIT("increment: max retries"), OL_ECONFLICT},
    {OL_STR_INIT("Transaction method"), OL_EDENIED},
    {OL_STR_INIT("destination blocked"), OL_EDENIED},
    {OL_STR_INIT("host \""), OL_EDENIED},
    {OL_STR_INIT("Invalid"), OL_EINVAL},
    {OL_STR_INIT("Refund amount"), OL_EINVAL},
    {OL_STR_INIT("refund_usd can only"), OL_ECONFLICT},
    {OL_STR_INIT("dns resolution failed"), OL_ENET},
    {OL_STR_INIT("connection"), OL_ENET},
    {OL_STR_INIT("Failed to send"), OL_ENET},
    /* What is left of these services. */
    {OL_STR_INIT("Keystore "), OL_EUNAVAIL},
    {OL_STR_INIT("Storage "), OL_EUNAVAIL},
    {OL_STR_INIT("VRF "), OL_EUNAVAIL},
    {OL_STR_INIT("list_keys timed out"), OL_EUNAVAIL},
};

ol_str ol_last_error(void)
{
    return (ol_str){last_error.len == 0 ? "" : (const char *)last_error.data, last_error.len};
}

int32_t host_failed(host_list text)
{
    if (last_error.len != 0)
        free(last_error.data);
    last_error = text;
    OL_EACH (m, MEANINGS) {
        if (ol_str_starts(ol_last_error(), m->begins))
            return m->code;
    }
    return OL_EHOST;
}

int32_t host_fail(int32_t code, ol_str text)
{
    uint8_t *copy = malloc(text.len);
    if (copy == NULL)
        return OL_ENOMEM;
    memcpy(copy, text.data, text.len);
    (void)host_failed((host_list){copy, text.len});
    return code;
}

ol_buf host_buf(host_list list)
{
    if (list.len == 0)
        return ol_buf_new(SIZE_MAX);
    return (ol_buf){.data = list.data, .len = list.len, .size = list.len, .max = SIZE_MAX};
}

/* How the host asks for memory to return a string or list in. start.c sees to it that the linker
 * does not wrap this export: a wrapper would end the C library inside a host call. Weak, so that a
 * program may bring its own. */
__attribute__((weak, export_name("cabi_realloc"))) void *
cabi_realloc(void *old, size_t old_bytes, size_t alignment, size_t bytes)
{
    if (bytes == 0)
        return (void *)alignment; /* an aligned address that is never read */
    void *memory = realloc(old_bytes == 0 ? NULL : old, bytes);
    if (memory == NULL || alignment > HOST_ALIGNMENT_MAX)
        __builtin_trap();
    return memory;
}
