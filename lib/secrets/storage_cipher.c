#include "lib/secrets/storage_cipher.h"

#include <string.h>

#include "lib/crypto/aead.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/ecies.h"

enum { NONCE_AT = 1, CIPHER_AT = NONCE_AT + OL_XCHACHA_NONCE_BYTES };
enum { BOUND_BYTES = 1 + OL_SHA256_BYTES };

_Static_assert(CIPHER_AT + OL_AEAD_TAG_BYTES == OL_STORAGE_OVERHEAD_BYTES, "parts of a row");

static bool part_ok(ol_str part)
{
    ol_str head;
    ol_str tail;
    return part.len > 0 && !ol_str_cut(part, ':', &head, &tail);
}

ol_rc ol_storage_seed(ol_str uuid, ol_str wasm_hash, ol_str account, ol_arena *arena, ol_str *ret,
                      ol_err *err)
{
    bool of_wasm = uuid.data == NULL;
    ol_str space = of_wasm ? wasm_hash : uuid;
    if (!part_ok(space))
        return ol_fail(err, OL_ERR_INVALID, "%s must be set and without ':'",
                       of_wasm ? "wasm_hash" : "project_uuid");
    if (!part_ok(account))
        return ol_fail(err, OL_ERR_INVALID, "account_id must be set and without ':'");
    *ret = ol_arena_printf(arena, "storage:%s%.*s:%.*s", of_wasm ? "wasm:" : "", OL_FMT(space),
                           OL_FMT(account));
    if (ret->data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return ret->len > OL_SEED_BYTES_MAX ? ol_fail(err, OL_ERR_LIMIT, "storage seed is too long")
                                        : OL_OK;
}

ol_sha256 ol_storage_index(const ol_master *master, ol_str seed, ol_str key)
{
    static const char PREFIX[] = "storage-index:";
    uint8_t message[sizeof PREFIX + OL_SEED_BYTES_MAX + OL_STORAGE_KEY_BYTES_MAX];
    ol_buf text = ol_buf_over(message, sizeof message);
    OL_ASSERT(seed.len <= OL_SEED_BYTES_MAX && key.len <= OL_STORAGE_KEY_BYTES_MAX);
    ol_buf_add_str(&text, OL_STR("storage-index:"));
    ol_buf_add_str(&text, seed);
    ol_buf_add_char(&text, ':');
    ol_buf_add_str(&text, key);
    ol_sha256 index =
        ol_hmac_sha256((ol_bytes){master->secret, sizeof master->secret}, ol_buf_bytes(&text));
    ol_wipe(message, text.len); /* names of rows are the project's affair */
    return index;
}

static ol_sha256 row_key(const ol_master *master, ol_str seed)
{
    return ol_master_hmac(master, OL_STR("storage-sym:"), seed);
}

static void bind(ol_storage_role role, const ol_sha256 *index, uint8_t ret[BOUND_BYTES])
{
    ret[0] = role == OL_STORAGE_KEY ? 'k' : 'v';
    memcpy(ret + 1, index->bytes, sizeof index->bytes);
}

bool ol_storage_seal(const ol_master *master, ol_str seed, ol_storage_role role,
                     const ol_sha256 *index, ol_bytes plain, const ol_random *random, ol_buf *into)
{
    uint8_t bound[BOUND_BYTES];
    uint8_t *row = ol_buf_reserve(into, plain.len + OL_STORAGE_OVERHEAD_BYTES);
    if (row == NULL)
        return false;
    ol_sha256 key = row_key(master, seed);
    bind(role, index, bound);
    row[0] = OL_STORAGE_VERSION;
    ol_random_fill(random, row + NONCE_AT, OL_XCHACHA_NONCE_BYTES);
    ol_xchacha_seal(key.bytes, row + NONCE_AT, (ol_bytes){bound, sizeof bound}, plain,
                    row + CIPHER_AT);
    into->len += plain.len + OL_STORAGE_OVERHEAD_BYTES;
    ol_wipe(&key, sizeof key);
    return true;
}

static bool open_v2(const ol_master *master, ol_str seed, ol_storage_role role,
                    const ol_sha256 *index, ol_bytes blob, ol_buf *into)
{
    uint8_t bound[BOUND_BYTES];
    size_t plain_len = blob.len - OL_STORAGE_OVERHEAD_BYTES;
    uint8_t *plain = ol_buf_reserve(into, plain_len + 1);
    if (plain == NULL)
        return false;
    ol_sha256 key = row_key(master, seed);
    bind(role, index, bound);
    bool opened = ol_xchacha_open(key.bytes, blob.data + NONCE_AT, (ol_bytes){bound, sizeof bound},
                                  (ol_bytes){blob.data + CIPHER_AT, blob.len - CIPHER_AT}, plain);
    if (opened)
        into->len += plain_len;
    ol_wipe(&key, sizeof key);
    return opened;
}

bool ol_storage_open(const ol_master *master, ol_str seed, ol_storage_role role,
                     const ol_sha256 *index, ol_bytes blob, ol_buf *into)
{
    OL_AUTO(ol_x25519_key) key;
    ol_master_x25519(master, seed, &key);
    if (blob.len >= OL_STORAGE_OVERHEAD_BYTES && blob.data[0] == OL_STORAGE_VERSION)
        return open_v2(master, seed, role, index, blob, into);
    return ol_ecies_open(&key, OL_STR(OL_ECIES_SECRET), blob, into);
}
