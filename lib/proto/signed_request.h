/* A request that an account signs off the chain (NEP-413, NEAR 7): what it asks for is its body;
 * the signature covers a text that a wallet can show,
 *
 *   OutLayer: storage list
 *   account: alice.near
 *   subject: bob.near/counter
 *   body: hex SHA-256 of the canonical body
 *   expires: unix seconds
 *
 * for the network's contract as recipient, with a nonce that works once. Whether the key is one of
 * the account's is for the verifier to ask the chain, and the nonce for it to remember. */
#ifndef OL_PROTO_SIGNED_REQUEST_H
#define OL_PROTO_SIGNED_REQUEST_H

#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/random.h"

enum {
    OL_SIGNED_SECONDS_MAX = 600, /* Coordinator 6: no signature is good for longer */
    OL_SIGNED_NONCE_BYTES = 32,
};

typedef struct ol_signed_request {
    ol_str operation; /* "storage list" */
    ol_str account_id;
    ol_str subject;   /* what it is about, for people: it stands in the body, too */
    ol_str body;      /* as both sides write it: every member, in one order, compact */
    ol_str recipient; /* the network's contract */
    uint64_t expires; /* unix seconds */
} ol_signed_request;

/* A member `proof` of the body on the wire; bytes as Base64. */
typedef struct ol_signed_proof {
    ol_str public_key; /* ed25519:… */
    ol_bytes nonce;
    ol_bytes signature;
} ol_signed_proof;

extern const ol_json_table OL_SIGNED_PROOF; /* ol_signed_proof */
void ol_signed_proof_put(ol_json_writer *w, const ol_signed_proof *proof);

/* Bytes and text in the arena. */
ol_rc ol_signed_request_sign(const ol_signed_request *it, const ol_ed25519_key *key,
                             const ol_random *random, ol_arena *arena, ol_signed_proof *ret,
                             ol_err *err);

/* OL_ERR_UNAUTHORIZED `The signature has expired` or `Invalid signature: …`; OL_ERR_INVALID for an
 * end more than OL_SIGNED_SECONDS_MAX ahead. *ret_key: the key as nodes know it, in the arena. */
ol_rc ol_signed_request_check(const ol_signed_request *it, const ol_signed_proof *proof,
                              int64_t now_ms, ol_arena *arena, ol_str *ret_key, ol_err *err);

#endif
