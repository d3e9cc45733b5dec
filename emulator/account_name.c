#include "emulator/account_name.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "lib/crypto/keccak.h"
#include "lib/near/account_id.h"

static bool is_prefixed_hex(ol_str id, char letter)
{
    if (id.len != OL_ACCOUNT_ETH_BYTES || id.data[0] != '0' || id.data[1] != letter)
        return false;
    for (size_t i = 2; i < id.len; i++) {
        char c = id.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

ol_account_kind ol_account_kind_of(ol_str id)
{
    if (ol_account_id_is_implicit(id))
        return OL_ACCOUNT_IMPLICIT;
    if (is_prefixed_hex(id, 'x'))
        return OL_ACCOUNT_ETH;
    if (is_prefixed_hex(id, 's'))
        return OL_ACCOUNT_DETERMINISTIC;
    return OL_ACCOUNT_NAMED;
}

bool ol_account_is_below(ol_str id, ol_str parent)
{
    ol_str label;
    ol_str above;
    return ol_str_cut(id, '.', &label, &above) && ol_str_eq(above, parent);
}

bool ol_account_is_top_level(ol_str id)
{
    ol_str label;
    ol_str above;
    return !ol_str_cut(id, '.', &label, &above);
}

void ol_account_id_of_key(const uint8_t key[32], char ret[OL_ACCOUNT_IMPLICIT_BYTES])
{
    ol_hex_encode((ol_bytes){key, 32}, ret);
}

/* The last 20 bytes of a Keccak hash, as Ethereum names accounts. */
static void name_by_keccak(char letter, ol_bytes bytes, char ret[OL_ACCOUNT_ETH_BYTES])
{
    ol_keccak256 hash = ol_keccak256_of(bytes);
    ret[0] = '0';
    ret[1] = letter;
    ol_hex_encode((ol_bytes){hash.bytes + 12, 20}, ret + 2);
}

void ol_account_id_of_secp256k1(const uint8_t key[64], char ret[OL_ACCOUNT_ETH_BYTES])
{
    name_by_keccak('x', (ol_bytes){key, 64}, ret);
}

void ol_account_id_of_state(const ol_state_init *init, char ret[OL_ACCOUNT_ETH_BYTES])
{
    ol_buf bytes = ol_buf_new(OL_MIB(8));
    ol_state_init_encode(init, &bytes);
    OL_ASSERT(ol_buf_ok(&bytes)); /* it came in a receipt of at most 4 MiB */
    name_by_keccak('s', ol_buf_bytes(&bytes), ret);
    ol_buf_deinit(&bytes);
}

ol_public_key ol_account_key_of_implicit(ol_str id)
{
    ol_public_key key = {.curve = OL_CURVE_ED25519};
    bool decoded = ol_hex_decode_fixed(id, key.bytes, 32);
    OL_ASSERT(decoded);
    return key;
}
