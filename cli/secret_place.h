/* Which secret the options name: what may open it, under which profile, whose it is (Contract 8).
 */
#ifndef CLI_SECRET_PLACE_H
#define CLI_SECRET_PLACE_H

#include "cli/chain.h"
#include "lib/secrets/accessor.h"

#define SECRET_PROFILE_STANDARD "default"

typedef struct secret_place {
    ol_accessor accessor;
    ol_str profile;
    ol_str owner;
    ol_str seed; /* of the key it is sealed to (Keystore 2), rebuilt here and never asked for */
} secret_place;

/* --project ID | --repo URL [--branch B] | --wasm-hash SHA256, --profile; the project of
 * outlayer.toml where none is named. `owner` is the account that signs. OL_ERR_USAGE. */
ol_rc secret_place_read(const cli *it, const cli_args *args, ol_str owner, secret_place *ret,
                        ol_err *err);
/* The payment key of that nonce. */
ol_rc secret_place_of_key(const cli *it, ol_str owner, uint32_t nonce, secret_place *ret,
                          ol_err *err);

/* "accessor", "profile" and "owner" as the contract's views take them, into an open object. */
void secret_place_put(ol_json_writer *w, const secret_place *place);
/* `project dev.test.near/weather, profile default` for people. */
ol_str secret_place_words(const cli *it, const secret_place *place);

/* What lies there. */
typedef struct secret_stored {
    bool found;
    ol_str access_json;
    ol_accessor accessor; /* the one that matched: a branch falls back to all branches */
    ol_yocto deposit;
    uint64_t updated_at; /* block time, ns */
    ol_str blob_base64;  /* the ciphertext */
} secret_stored;
ol_rc secret_stored_fetch(const cli *it, chain_client *c, const secret_place *place,
                          secret_stored *ret, ol_err *err);

/* What store_secrets must be given for this: the arguments, and the deposit by which it exceeds
 * what lies there already (Contract 8). */
typedef struct secret_store {
    ol_buf args;
    ol_yocto deposit; /* attached */
    ol_yocto stake;   /* held by the contract afterwards */
} secret_store;
ol_rc secret_store_plan(chain_client *c, const secret_place *place, ol_str blob_base64,
                        ol_str access_json, const secret_stored *before, secret_store *ret,
                        ol_err *err);
void secret_store_deinit(secret_store *store);

enum { SECRET_STORE_TGAS = 100 };

#endif
