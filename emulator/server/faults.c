#include "emulator/server/faults.h"

#include <string.h>

#include "lib/base/assert.h"

static const char *const NAMES[FAULT_KINDS] = {
    [FAULT_RPC_TIMEOUT] = "rpc-timeout",
    [FAULT_HTTP_500] = "http-500",
    [FAULT_STALE_FINAL] = "stale-final",
    [FAULT_SKIP] = "skip-heights",
    [FAULT_FORK] = "fork",
};

bool fault_kind_parse(ol_str name, fault_kind *ret)
{
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        if (ol_str_eq(name, ol_str_of(NAMES[i]))) {
            *ret = (fault_kind)i;
            return true;
        }
    }
    return false;
}

const char *fault_kind_name(fault_kind kind)
{
    OL_ASSERT(kind < FAULT_KINDS);
    return NAMES[kind];
}

void faults_seed(faults *it, uint64_t seed)
{
    it->random = seed;
}

/* SplitMix64: its constants are the generator's own. Good enough to choose victims, and the same on
 * every machine. */
static uint64_t random_next(faults *it)
{
    it->random += 0x9e3779b97f4a7c15u;
    uint64_t z = it->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void faults_arm(faults *it, fault_kind kind, uint64_t count, uint32_t percent, ol_str method)
{
    OL_ASSERT(kind < FAULT_STALE_FINAL);
    request_fault *fault = &it->request[kind];
    OL_ASSERT(method.len <= FAULT_METHOD_BYTES_MAX);
    *fault = (request_fault){.left = count, .percent = percent};
    memcpy(fault->method, method.data == NULL ? "" : method.data, method.len);
}

bool faults_hit(faults *it, fault_kind kind, ol_str method)
{
    OL_ASSERT(kind < FAULT_STALE_FINAL);
    request_fault *fault = &it->request[kind];
    if (fault->left == 0)
        return false;
    if (fault->method[0] != '\0' && !ol_str_eq(method, ol_str_of(fault->method)))
        return false;
    if (fault->percent < FAULT_PERCENT_ALL && random_next(it) % FAULT_PERCENT_ALL >= fault->percent)
        return false;
    fault->left--;
    it->seen[kind]++;
    return true;
}
