/* Access conditions as people write and read them (Keystore 5, User experience 2.5). */
#ifndef CLI_ACCESS_H
#define CLI_ACCESS_H

#include "cli/chain.h"
#include "lib/secrets/condition.h"

/* `everyone`, `me`, `accounts a,b`, `pattern P`, `near>=N`, `ft TOKEN>=N`, `nft CONTRACT [ID]`,
 * `dao CONTRACT ROLE`, each with `not ` in front, or the contract's JSON, or @FILE with it. N of
 * near: 1.5near or yocto. The contract's JSON, in the arena. OL_ERR_USAGE. */
ol_rc access_read(const cli *it, ol_str text, ol_str owner, ol_str *ret_json, ol_err *err);
/* The same for a condition that is to be kept: one that nobody can ever pass, because a pattern in
 * it is none, is refused while it is typed (User experience 2.5). */
ol_rc access_to_store(const cli *it, ol_str text, ol_str owner, ol_str *ret_json, ol_err *err);

/* The tree of a JSON text that lives as long as the arena. */
ol_rc access_parse(const cli *it, ol_str json, ol_condition **ret, ol_err *err);

/* One line: `accounts alice.near, bob.near`, `near >= 1 NEAR and not pattern .*\.bad\.near`. */
void access_words(const cli *it, const ol_condition *tree, ol_buf *into);

/* Facts of the chain as it stands now. */
ol_chain_facts access_facts(chain_client *c);

#endif
