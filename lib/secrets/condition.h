/* Access conditions: who may have a secret (Keystore 5). Parsing gives a typed tree; deciding is a
 * pure function of the tree, the caller and the chain's facts, which come through an interface:
 * recorded in tests, from RPC in the keystore.
 *
 *   ol_condition *tree;
 *   ol_access access;
 *   OL_TRY(ol_condition_parse(&value, arena, &tree, err));
 *   OL_TRY(ol_condition_decide(tree, caller, facts, arena, NULL, &access, err));
 *   if (access == OL_ACCESS_GRANTED) …
 *
 * Whatever is not understood denies: an error of the chain aborts with an error and is never read
 * as "false", which `Not` would turn around; a pattern that does not compile, a tree too deep or
 * with too many questions to the chain denies as a whole. */
#ifndef OL_SECRETS_CONDITION_H
#define OL_SECRETS_CONDITION_H

#include "lib/codec/json_bind.h"

enum {
    OL_CONDITION_DEPTH_MAX = 32,
    OL_CONDITION_CHAIN_LEAVES_MAX = 16, /* questions to the chain */
    OL_CONDITION_PATTERN_BYTES_MAX = 512,
    OL_CONDITION_PATTERNS_MAX = 32, /* the worst take milliseconds each */
};

typedef enum ol_condition_kind {
    OL_CONDITION_ALLOW_ALL,
    OL_CONDITION_AND,
    OL_CONDITION_OR,
    OL_CONDITION_NOT,
    OL_CONDITION_WHITELIST,
    OL_CONDITION_ACCOUNT_PATTERN,
    OL_CONDITION_NEAR_BALANCE,
    OL_CONDITION_FT_BALANCE,
    OL_CONDITION_NFT_OWNED,
    OL_CONDITION_DAO_MEMBER,
} ol_condition_kind;

typedef enum ol_comparison { OL_GTE, OL_LTE, OL_GT, OL_LT, OL_EQ, OL_NE } ol_comparison;

typedef struct ol_condition {
    ol_condition_kind kind;
    struct ol_condition *parts; /* AND, OR, NOT: `count` of them */
    size_t count;
    ol_json_texts accounts;   /* WHITELIST */
    ol_str text;              /* ACCOUNT_PATTERN: the pattern; DAO_MEMBER: the role */
    ol_str contract;          /* FT_BALANCE, NFT_OWNED, DAO_MEMBER */
    ol_str token_id;          /* NFT_OWNED; NULL data: any token */
    ol_comparison comparison; /* NEAR_BALANCE, FT_BALANCE */
    ol_u128 amount;           /* NEAR_BALANCE: yocto; FT_BALANCE: the token's units */
} ol_condition;

/* In the arena, text borrowed from the document or in the arena. OL_ERR_SHAPE, OL_ERR_NO_MEMORY. */
ol_rc ol_condition_parse(const ol_json *value, ol_arena *arena, ol_condition **ret, ol_err *err);

/* What the chain says, all of one block. An implementation answers or fails; it never guesses. */
typedef struct ol_chain_facts {
    void *context;
    /* The liquid balance of an account, in yocto. */
    ol_rc (*balance)(void *context, ol_str account, ol_u128 *ret, ol_err *err);
    /* A view's answer: JSON, in the arena. */
    ol_rc (*view)(void *context, ol_str contract, ol_str method, ol_str args_json, ol_arena *arena,
                  ol_str *ret_json, ol_err *err);
} ol_chain_facts;

typedef enum ol_access { OL_ACCESS_DENIED, OL_ACCESS_GRANTED } ol_access;

/* Told of each leaf that was asked, in order: for a dry run. May be NULL. */
typedef struct ol_condition_trace {
    void *context;
    void (*leaf)(void *context, const ol_condition *leaf, bool holds);
    void (*refused)(void *context, const char *why); /* denied as a whole */
} ol_condition_trace;

/* Errors are the facts' own, or OL_ERR_PROTOCOL for an answer that is not what the standard says;
 * then *ret is OL_ACCESS_DENIED. */
ol_rc ol_condition_decide(const ol_condition *tree, ol_str caller, const ol_chain_facts *facts,
                          ol_arena *arena, const ol_condition_trace *trace, ol_access *ret,
                          ol_err *err);

#endif
