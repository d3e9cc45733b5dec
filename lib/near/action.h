/* What a transaction or a receipt does to its receiver: the actions of NEAR 4.1, and their Borsh.
 *
 * Decoded values borrow from the bytes they were read from; lists lie in the caller's arena. */
#ifndef OL_NEAR_ACTION_H
#define OL_NEAR_ACTION_H

#include "lib/base/money.h"
#include "lib/crypto/hash.h"
#include "lib/near/public_key.h"

/* The tags of the wire. */
typedef enum ol_action_kind {
    OL_ACTION_CREATE_ACCOUNT = 0,
    OL_ACTION_DEPLOY_CONTRACT = 1,
    OL_ACTION_CALL = 2,
    OL_ACTION_TRANSFER = 3,
    OL_ACTION_STAKE = 4,
    OL_ACTION_ADD_KEY = 5,
    OL_ACTION_DELETE_KEY = 6,
    OL_ACTION_DELETE_ACCOUNT = 7,
    OL_ACTION_DELEGATE = 8,
    OL_ACTION_DEPLOY_GLOBAL = 9,
    OL_ACTION_USE_GLOBAL = 10,
    OL_ACTION_STATE_INIT = 11,
    OL_ACTION_TRANSFER_TO_GAS_KEY = 12,
    OL_ACTION_WITHDRAW_FROM_GAS_KEY = 13,
    OL_ACTION_DELEGATE_V2 = 14,
    OL_ACTION_KINDS
} ol_action_kind;

enum {
    /* More than a valid transaction has (100, NEAR 1.5), so that the error can count them. */
    OL_ACTIONS_DECODED_MAX = 1000,
    OL_KEY_METHODS_DECODED_MAX = 2000, /* names of one function-call key */
    OL_STATE_INIT_ENTRIES_MAX = 10000,
};

/* ── Access keys ── */

/* The tags of the wire. */
typedef enum ol_permission {
    OL_PERMISSION_CALL = 0,
    OL_PERMISSION_FULL = 1,
    OL_PERMISSION_GAS_KEY_CALL = 2,
    OL_PERMISSION_GAS_KEY_FULL = 3,
} ol_permission;

typedef struct ol_access_key {
    uint64_t nonce;
    ol_permission permission;
    /* The two CALL permissions: */
    bool has_allowance; /* false: unlimited */
    ol_yocto allowance;
    ol_str receiver_id;
    const ol_str *methods; /* none: any method */
    size_t method_count;
    /* The two GAS_KEY permissions: */
    ol_yocto gas_balance;
    uint16_t gas_nonces;
} ol_access_key;

void ol_access_key_encode(const ol_access_key *key, ol_buf *into);
/* Marks the cursor for bytes that are no access key, or a full arena. */
void ol_access_key_decode(ol_borsh *from, ol_arena *arena, ol_access_key *ret);

/* ── Global contracts ── */

/* Named by the hash of the code, or by the account that deployed it (and may deploy again). */
typedef struct ol_global_id {
    bool by_account;
    ol_sha256 hash;    /* !by_account */
    ol_str account_id; /* by_account */
} ol_global_id;

void ol_global_id_encode(const ol_global_id *id, ol_buf *into);
void ol_global_id_decode(ol_borsh *from, ol_global_id *ret);

typedef struct ol_init_entry {
    ol_bytes key;
    ol_bytes value;
} ol_init_entry;

/* The state a deterministic account begins with; its Borsh names the account (NEAR 7). */
typedef struct ol_state_init {
    ol_global_id code;
    const ol_init_entry *entries; /* sorted by key, no key twice */
    size_t entry_count;
} ol_state_init;

void ol_state_init_encode(const ol_state_init *init, ol_buf *into);

/* ── Actions ── */

typedef struct ol_delegate ol_delegate;

typedef struct ol_action {
    ol_action_kind kind;
    union {
        struct {
            ol_str method;
            ol_bytes args;
            uint64_t gas;
            ol_yocto deposit;
        } call;
        ol_yocto transfer;
        ol_bytes deploy; /* code */
        struct {
            ol_yocto amount;
            ol_public_key key;
        } stake;
        struct {
            ol_public_key key;
            ol_access_key access;
        } add_key;
        ol_public_key delete_key;
        ol_str beneficiary;          /* DELETE_ACCOUNT */
        const ol_delegate *delegate; /* DELEGATE, DELEGATE_V2 */
        struct {
            ol_bytes code;
            bool by_account;
        } deploy_global;
        ol_global_id use_global;
        struct {
            ol_state_init init;
            ol_yocto deposit;
        } state_init;
        struct {
            ol_public_key key;
            ol_yocto amount;
        } gas_key; /* TRANSFER_TO_, WITHDRAW_FROM_ */
    };
} ol_action;

/* A delegate action and its signature (NEP-366): somebody else pays for it. */
struct ol_delegate {
    ol_str sender_id;
    ol_str receiver_id;
    const ol_action *actions; /* none of them delegates */
    size_t action_count;
    uint64_t nonce;
    bool has_nonce_index; /* V2 with a gas key */
    uint16_t nonce_index;
    uint64_t max_block_height;
    ol_public_key key;
    ol_signature signature;
};

ol_action ol_action_call(ol_str method, ol_bytes args, uint64_t gas, ol_yocto deposit);
ol_action ol_action_transfer(ol_yocto amount);
ol_action ol_action_deploy(ol_bytes code);
ol_action ol_action_create_account(void);
ol_action ol_action_add_full_key(const ol_public_key *key);

void ol_action_encode(const ol_action *action, ol_buf *into);
/* Marks the cursor for bytes that are no action, or a full arena. */
void ol_action_decode(ol_borsh *from, ol_arena *arena, ol_action *ret);
/* With the count before: vec Action. */
void ol_actions_encode(const ol_action *actions, size_t count, ol_buf *into);
void ol_actions_decode(ol_borsh *from, ol_arena *arena, const ol_action **ret, size_t *ret_count);

/* NEAR moved along by the action itself; fees are not part of it. */
ol_yocto ol_action_deposit(const ol_action *action);

/* The hash a delegate action's signature is over; `v2` as its action says. False when it is larger
 * than any transaction. */
OL_MUST_USE bool ol_delegate_hash(const ol_delegate *delegate, bool v2, ol_sha256 *ret);

#endif
