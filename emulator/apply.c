#include "emulator/apply.h"

typedef struct noting {
    ol_apply *apply;
    ol_cause cause;
    ol_sha256 hash;
} noting;

/* The block keeps a share of each pair; ol_block_free gives it back. */
static void note(void *context, const ol_entry *before, const ol_entry *after)
{
    noting *n = context;
    const ol_entry *entry = after != NULL ? after : before;
    OL_LIST_ADD(&n->apply->changes, n->apply->arena, ol_change) =
        (ol_change){.cause = n->cause,
                    .hash = n->hash,
                    .removed = after == NULL,
                    .entry = ol_entry_share(entry)};
}

void ol_apply_commit(ol_apply *apply, ol_cause cause, const ol_sha256 *hash)
{
    noting context = {.apply = apply, .cause = cause, .hash = *hash};
    ol_state_diff(&apply->committed, &apply->state, note, &context);
    ol_state_set(&apply->committed, &apply->state);
}

void ol_apply_rollback(ol_apply *apply)
{
    ol_state_set(&apply->state, &apply->committed);
}

void ol_apply_burn(ol_apply *apply, ol_yocto amount)
{
    bool fits = ol_yocto_add(apply->burnt, amount, &apply->burnt);
    OL_ASSERT(fits);
}
