/* Code that is no project: --github REPO --commit C, or --wasm URL --hash H (Contract 3,
 * CodeSource). */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "cli/args.h"
#include "lib/codec/json_write.h"

typedef enum code_kind { CODE_NONE, CODE_GITHUB, CODE_URL } code_kind;

typedef struct code_wish {
    code_kind kind;
    ol_str repo, commit; /* CODE_GITHUB */
    ol_str url, hash;    /* CODE_URL */
    ol_str target;       /* wasm32-wasip1 or wasm32-wasip2; empty: not said */
} code_wish;

/* OL_ERR_USAGE for halves and mixtures. */
ol_rc code_wish_read(const cli_args *args, code_wish *ret, ol_err *err);
/* p1, p2 or the long name; OL_ERR_USAGE. */
ol_rc code_target_parse(ol_str text, ol_str *ret, ol_err *err);
/* 64 hex digits. */
ol_rc code_hash_check(ol_str hash, ol_err *err);

/* The CodeSource as the contract reads it. */
void code_wish_put(ol_json_writer *w, const code_wish *wish);

/* What the contract calls the version: the hash, or repo@commit (Contract 7). */
void code_wish_key(const code_wish *wish, ol_buf *into);
/* Bytes of storage a version takes (Contract 7). */
uint64_t code_wish_storage(const code_wish *wish);

#endif
