#include "lib/crypto/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void ol_wipe(void *data, size_t size)
{
    explicit_bzero(data, size);
}

bool ol_secret_of(ol_bytes bytes, ol_secret *ret)
{
    *ret = (ol_secret){0};
    if (bytes.len > sizeof ret->bytes)
        return false;
    if (bytes.len > 0)
        memcpy(ret->bytes, bytes.data, bytes.len);
    ret->len = bytes.len;
    return true;
}

void ol_secret_deinit(ol_secret *secret)
{
    ol_wipe(secret, sizeof *secret);
}

ol_bytes ol_secret_reveal(const ol_secret *secret)
{
    return (ol_bytes){secret->bytes, secret->len};
}

bool ol_bytes_eq_secret(ol_bytes a, ol_bytes b)
{
    volatile uint8_t difference = 0;
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        difference = (uint8_t)(difference | (a.data[i] ^ b.data[i]));
    return difference == 0;
}

bool ol_secret_eq(const ol_secret *a, const ol_secret *b)
{
    return ol_bytes_eq_secret(ol_secret_reveal(a), ol_secret_reveal(b));
}

void ol_secret_hide_process(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}
