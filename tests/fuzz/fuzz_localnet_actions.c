/* Any bytes as the actions of a transaction that is signed properly: everything a user can ask of
 * the runtime. Whatever comes of it, the money agrees (ol_node_audit). The first byte chooses who
 * is asked, the second with which account it is signed. */
#include <string.h>

#include "emulator/server/node_start.h"
#include "lib/near/dev_key.h"
#include "lib/near/transaction.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEIGHT_MAX = 2000, BLOCKS_MAX = 8 };
#define ARENA_BYTES OL_MIB(32)
#define BYTES_MAX OL_MIB(2)

static localnet_options set;
static ol_node *node;

static const ol_str SIGNERS[] = {OL_STR_INIT("alice.test.near"), OL_STR_INIT("bob.test.near"),
                                 OL_STR_INIT("test.near")};
static const ol_str RECEIVERS[] = {
    OL_STR_INIT("alice.test.near"),
    OL_STR_INIT("bob.test.near"),
    OL_STR_INIT("test.near"),
    OL_STR_INIT("new.test.near"),
    OL_STR_INIT("sub.alice.test.near"),
    OL_STR_INIT("top"),
    OL_STR_INIT("system"),
    OL_STR_INIT("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"),
    OL_STR_INIT("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
    OL_STR_INIT("0s2da1ff2f6fd6170ac3094be0405cdcc5552e1a78"),
};

static void chain_restart(void)
{
    char *argv[] = {(char[]){"localnet"}, (char[]){"--clock"}, (char[]){"steps"}};
    ol_err err;
    ol_node_free(node);
    node = NULL;
    ol_rc rc = options_parse(OL_COUNT(argv), argv, &set, &err);
    OL_ASSERT(rc == OL_OK);
    rc = node_start(&set, ol_clock_real(), &node, &err);
    OL_ASSERT(rc == OL_OK);
}

static void send(const ol_transaction *transaction, const ol_ed25519_key *key)
{
    ol_sha256 hash;
    ol_failure failure;
    ol_err err;
    ol_buf bytes = ol_buf_new(BYTES_MAX);
    ol_transaction_sign(transaction, key, &bytes, &hash);
    if (ol_buf_ok(&bytes) &&
        ol_node_submit(node, ol_buf_bytes(&bytes), &hash, &failure, &err) == OL_OK) {
        ol_rc rc = ol_node_run(node, BLOCKS_MAX, &err);
        OL_ASSERT(rc == OL_OK);
        rc = ol_node_audit(node, &err);
        OL_ASSERT(rc == OL_OK);
    }
    ol_buf_deinit(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (node == NULL || ol_node_head(node)->height > HEIGHT_MAX)
        chain_restart();
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ol_borsh cursor = ol_borsh_over((ol_bytes){data + 2, size - 2});
    ol_ed25519_key key;
    ol_access_key access;
    const ol_block *head = ol_node_head(node);
    ol_transaction transaction = {.receiver_id = RECEIVERS[data[0] % OL_COUNT(RECEIVERS)],
                                  .signer_id = SIGNERS[data[1] % OL_COUNT(SIGNERS)]};
    ol_dev_key(set.seed, transaction.signer_id, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_public_key public_key = ol_public_key_of_ed25519(&public);
    ol_actions_decode(&cursor, &arena, &transaction.actions, &transaction.action_count);
    bool there =
        ol_access_key_find(&head->state, transaction.signer_id, &public_key, &arena, &access);
    if (!there) /* it deleted its account or its key */
        chain_restart();
    else if (!cursor.failed) {
        transaction.nonce = access.nonce + 1;
        memcpy(transaction.block_hash, head->hash.bytes, sizeof head->hash.bytes);
        send(&transaction, &key);
    }
    ol_arena_deinit(&arena);
    return 0;
}
