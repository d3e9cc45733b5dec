/* What runs have cost, and who answered them: the coordinator's public list (Coordinator 10). */
#ifndef CLI_PUBLIC_JOBS_H
#define CLI_PUBLIC_JOBS_H

#include "cli/cli.h"
#include "lib/base/num.h"

enum { PUBLIC_JOBS_LOOKED_AT = 500 };

/* The median cost of the newest runs that completed, of `project` or, when that is empty, of all:
 * micro-USD over HTTPS, yocto on the chain. *ret_runs says of how many; with 0, *ret stays. A list
 * that is not to be had is one without runs. */
void public_jobs_typical(const cli *it, bool on_chain, ol_str project, ol_u128 *ret,
                         size_t *ret_runs);

/* The transaction by which a worker answered the request of `tx`, as it reported a moment after its
 * delivery. Empty where the coordinator does not say so within two seconds. */
ol_str public_jobs_resolve_tx(const cli *it, ol_str tx);

#endif
