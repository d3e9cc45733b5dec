/* What an account id says about its account by form alone (NEAR 7). */
#ifndef OL_EMULATOR_ACCOUNT_NAME_H
#define OL_EMULATOR_ACCOUNT_NAME_H

#include "lib/near/action.h"

typedef enum ol_account_kind {
    OL_ACCOUNT_NAMED,
    OL_ACCOUNT_IMPLICIT,      /* 64 hex digits: an ed25519 key */
    OL_ACCOUNT_ETH,           /* 0x and 40 hex digits: of a secp256k1 key */
    OL_ACCOUNT_DETERMINISTIC, /* 0s and 40 hex digits: of its initial state */
} ol_account_kind;

ol_account_kind ol_account_kind_of(ol_str id); /* of a valid id */

/* `a.b.near` below `b.near`: exactly one label more. */
bool ol_account_is_below(ol_str id, ol_str parent);
/* Without a dot: created by the registrar alone. */
bool ol_account_is_top_level(ol_str id);

/* Ids that follow from keys and states: 64, 42 and 42 characters, not NUL-terminated. */
enum { OL_ACCOUNT_IMPLICIT_BYTES = 64, OL_ACCOUNT_ETH_BYTES = 42 };
void ol_account_id_of_key(const uint8_t key[32], char ret[OL_ACCOUNT_IMPLICIT_BYTES]);
void ol_account_id_of_secp256k1(const uint8_t key[64], char ret[OL_ACCOUNT_ETH_BYTES]);
void ol_account_id_of_state(const ol_state_init *init, char ret[OL_ACCOUNT_ETH_BYTES]);
/* The key of an implicit id. */
ol_public_key ol_account_key_of_implicit(ol_str id);

#endif
