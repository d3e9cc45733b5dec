/* Bringing a program to the contract: a project, or a further version of one (Contract 7), and its
 * bytes to the coordinator of the local network. */
#ifndef CLI_PUBLISH_H
#define CLI_PUBLISH_H

#include "cli/chain.h"
#include "cli/source.h"
#include "lib/crypto/hash.h"

enum { PUBLISH_TGAS = 100 };

typedef struct publication {
    ol_str project_id;
    ol_str key;       /* of the version */
    bool created;     /* the project is new */
    bool unchanged;   /* this version was there and active: nothing was sent */
    ol_yocto deposit; /* for storage */
    chain_outcome sent;
} publication;

/* What is needed, from the views: create_project, add_version, set_active_version, or nothing. */
typedef struct publish_step {
    const char *method; /* NULL: nothing is to be done */
    ol_buf args;        /* the caller ends it */
    ol_yocto deposit;
    bool creates;
} publish_step;

void publish_step_deinit(publish_step *step);

ol_rc publish_plan(const cli *it, chain_client *c, ol_str project_id, const code_wish *code,
                   bool activate, publish_step *ret, ol_err *err);

/* Plans and sends. */
ol_rc publish(const cli *it, chain_client *c, const signer *from, ol_str name,
              const code_wish *code, bool activate, publication *ret, ol_err *err);

/* p1 or p2 by the first eight bytes (Host interfaces 1); false: neither. */
bool publish_target_of(ol_bytes wasm, ol_str *ret_target);

/* POST /wasm/upload with a worker's token; bytes that are there already are not sent again. */
ol_rc publish_upload(const cli *it, ol_str worker_token, ol_bytes wasm, ol_str target,
                     ol_sha256_hex *ret_hash, cli_failure *failure);

#endif
