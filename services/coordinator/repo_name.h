/* Repositories as secrets name them: host/owner/repo (Coordinator 8). */
#ifndef COORDINATOR_REPO_NAME_H
#define COORDINATOR_REPO_NAME_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

/* From SSH, http(s), a bare host or owner/repo (then github.com); `.git` is stripped.
 * OL_ERR_INVALID for an empty text or one without a slash. */
ol_rc repo_name_normalise(ol_str repo, ol_arena *arena, ol_str *ret, ol_err *err);

#endif
