/* Which branch holds a commit? GitHub is asked (Coordinator 8). */
#ifndef COORDINATOR_GITHUB_H
#define COORDINATOR_GITHUB_H

#include "services/coordinator/chain.h"

enum { GITHUB_BRANCHES_MAX = 5 }; /* looked through one by one; more are refused */

/* In a job of the chain; may take seconds. `repo` is host/owner/name (lib/secrets/accessor.h), on github.com.
 * A head of that commit wins, main and master before others; else the first branch, in the same
 * order, that is ahead of the commit or identical with it. *ret has NULL data when none is, or the
 * commit is unknown. OL_ERR_LIMIT: too many branches to look through. */
ol_rc github_branch(const chain_tools *tools, ol_str repo, ol_str commit, ol_arena *arena,
                    ol_str *ret, ol_err *err);

#endif
