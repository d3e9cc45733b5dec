/* Imports one interface that a run may not have, picked when it is compiled: the run must be
 * refused in words before it starts (Host interfaces 6, H34). */
#include <outlayer.h>

typedef struct answer {
    uint8_t *value;
    size_t value_len;
    uint8_t *error;
    size_t error_len;
    uint32_t more[4]; /* near:vrf returns four texts */
} answer;

#if defined(NEEDS_STORAGE)
__attribute__((import_module("near:storage/api@0.1.0"), import_name("get"))) void
host_get(const char *key, size_t key_len, answer *ret);
#define ASK(ret) host_get("k", 1, ret)
#elif defined(NEEDS_VRF)
__attribute__((import_module("near:vrf/api@0.1.0"), import_name("generate"))) void
host_generate(const char *seed, size_t seed_len, answer *ret);
#define ASK(ret) host_generate("s", 1, ret)
#elif defined(NEEDS_WALLET)
__attribute__((import_module("outlayer:wallet/api@0.1.0"), import_name("get-id"))) void
host_get_id(answer *ret);
#define ASK(ret) host_get_id(ret)
#endif

/* Components of these need the allocation function although nothing else of the library. */
void *cabi_realloc(void *old, size_t old_bytes, size_t alignment, size_t bytes);
void *(*volatile allocate)(void *, size_t, size_t, size_t) = cabi_realloc;

int main(void)
{
    answer got = {0};
    ASK(&got);
    return ol_output(OL_STR("asked")) != 0;
}
