/* Keys of wallets and what they sign (Contract 9, 11). */
#ifndef OL_CONTRACTS_OUTLAYER_WALLET_KEY_H
#define OL_CONTRACTS_OUTLAYER_WALLET_KEY_H

#include "contracts/outlayer/call.h"

typedef enum key_curve { KEY_ED25519, KEY_SECP256K1 } key_curve;

enum { KEY_BYTES_MAX = 33 };

typedef struct wallet_key {
    key_curve curve;
    uint8_t bytes[KEY_BYTES_MAX]; /* 32 of ed25519, 33 of secp256k1 (compressed) */
    size_t len;
    ol_str text; /* `ed25519:<64 hex>` or `secp256k1:<66 hex>`, in lower case */
} wallet_key;

/* Ends the call with the texts of Contract 9. */
wallet_key wallet_key_parse(ol_str text);
/* For views: false where that would end the call. */
bool wallet_key_try(ol_str text, wallet_key *ret);

/* Checks the signature, given in hex, over the SHA-256 of the parts joined by `:`. Ends the call
 * when it is not by this key. */
void wallet_key_verify(const wallet_key *key, const ol_str *parts, size_t count,
                       ol_str signature_hex);
#endif
