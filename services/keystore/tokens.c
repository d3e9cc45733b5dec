#include "services/keystore/tokens.h"

static ol_rc read_list(ol_str list, const char *name, ol_sha256 *into, size_t *ret_count,
                       ol_err *err)
{
    ol_str part;
    *ret_count = 0;
    while (ol_str_next(&list, ',', &part)) {
        part = ol_str_trim(part);
        if (part.len == 0)
            continue;
        if (*ret_count == TOKENS_MAX)
            return ol_fail(err, OL_ERR_SETTINGS, "%s: more than %d hashes", name, TOKENS_MAX);
        if (!ol_sha256_parse(part, &into[*ret_count]))
            return ol_fail(err, OL_ERR_SETTINGS, "%s: a hash has 64 hex digits", name);
        ++*ret_count;
    }
    return OL_OK;
}

ol_rc tokens_read(ol_str worker_hashes, ol_str coordinator_hashes, tokens *ret, ol_err *err)
{
    OL_TRY(
        read_list(worker_hashes, "ALLOWED_WORKER_TOKEN_HASHES", ret->worker, &ret->workers, err));
    return read_list(coordinator_hashes, "ALLOWED_COORDINATOR_TOKEN_HASHES", ret->coordinator,
                     &ret->coordinators, err);
}

static bool listed(const ol_sha256 *list, size_t count, const ol_sha256 *hash)
{
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found = ol_sha256_eq(&list[i], hash) || found;
    return found;
}

unsigned tokens_kind(const tokens *all, ol_str token)
{
    ol_sha256 hash = ol_sha256_of(ol_str_bytes(token));
    bool worker = listed(all->worker, all->workers, &hash);
    bool coordinator = listed(all->coordinator, all->coordinators, &hash);
    return (worker ? (unsigned)TOKEN_WORKER : 0) | (coordinator ? (unsigned)TOKEN_COORDINATOR : 0);
}
