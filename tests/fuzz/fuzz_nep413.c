/* Messages signed off the chain: message, recipient and callback, each ended by a line feed. What
 * is hashed is the Borsh form put together here by hand; a signature holds for this message alone.
 */
#include <string.h>

#include "lib/near/nep413.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_u32(ol_buf *into, uint32_t n)
{
    const uint8_t bytes[] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)};
    ol_buf_add(into, (ol_bytes){bytes, sizeof bytes});
}

static void add_text(ol_buf *into, ol_str text)
{
    add_u32(into, (uint32_t)text.len);
    ol_buf_add_str(into, text);
}

static ol_sha256 by_hand(const ol_nep413 *m)
{
    ol_buf bytes = ol_buf_new(OL_MIB(2));
    add_u32(&bytes, UINT32_C(2147484061)); /* 2^31 + 413 */
    add_text(&bytes, m->message);
    ol_buf_add(&bytes, (ol_bytes){m->nonce, sizeof m->nonce});
    add_text(&bytes, m->recipient);
    ol_buf_add_char(&bytes, m->callback_url.data == NULL ? '\0' : '\1');
    if (m->callback_url.data != NULL)
        add_text(&bytes, m->callback_url);
    OL_ASSERT(ol_buf_ok(&bytes));
    ol_sha256 hash = ol_sha256_of(ol_buf_bytes(&bytes));
    ol_buf_deinit(&bytes);
    return hash;
}

static void check_signature(ol_nep413 m, const ol_sha256 *hash)
{
    uint8_t seed[OL_ED25519_SEED_BYTES];
    ol_ed25519_key key;
    memset(seed, 0x11, sizeof seed);
    ol_ed25519_key_of_seed(seed, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_ed25519_signature signature = ol_ed25519_sign(&key, ol_sha256_bytes(hash));
    bool good = ol_nep413_verify(&m, &public, &signature);
    OL_ASSERT(good);
    m.nonce[m.message.len % OL_NEP413_NONCE_BYTES] ^= 1;
    good = ol_nep413_verify(&m, &public, &signature);
    OL_ASSERT(!good);
    m.nonce[m.message.len % OL_NEP413_NONCE_BYTES] ^= 1;
    ol_str message = m.message;
    m.message = m.recipient;
    m.recipient = message;
    good = ol_nep413_verify(&m, &public, &signature);
    OL_ASSERT(good == ol_str_eq(m.message, m.recipient));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_str rest = {(const char *)data, size};
    ol_nep413 m = {0};
    ol_sha256 hash;
    if (size > OL_MIB(1) || !ol_str_cut(rest, '\n', &m.message, &rest) ||
        !ol_str_cut(rest, '\n', &m.recipient, &rest))
        return 0;
    if (rest.len > 0)
        m.callback_url = rest;
    for (size_t i = 0; i < sizeof m.nonce; i++)
        m.nonce[i] = (uint8_t)(i * 7 + size);
    if (ol_nep413_hash(&m, &hash, NULL) != OL_OK) {
        OL_ASSERT(size + 128 > OL_NEP413_BYTES_MAX);
        return 0;
    }
    ol_sha256 want = by_hand(&m);
    OL_ASSERT(ol_sha256_eq(&hash, &want));
    check_signature(m, &hash);
    return 0;
}
