#include "emulator/making.h"

#include <stdlib.h>

#include "emulator/supply.h"
#include "emulator/verify.h"

/* What a block may hold in memory: a hundred transactions at their largest, and what they cause. */
#define BLOCK_BYTES_MAX ((size_t)8 << 30)

/* ── Hashes ── */

static void add_number(ol_sha256_stream *stream, uint64_t number)
{
    ol_sha256_stream_add(stream, (ol_bytes){(const uint8_t *)&number, sizeof number});
}

static ol_sha256 root_of_transactions(const ol_block *b)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    for (size_t i = 0; i < b->transaction_count; i++)
        ol_sha256_stream_add(&stream, ol_sha256_bytes(&b->transactions[i].hash));
    return ol_sha256_stream_end(&stream);
}

static ol_sha256 root_of_receipts(const ol_block *b)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    for (size_t i = 0; i < b->outgoing_count; i++)
        ol_sha256_stream_add(&stream, ol_sha256_bytes(&b->outgoing[i]->id));
    return ol_sha256_stream_end(&stream);
}

static ol_sha256 root_of_outcomes(const ol_block *b)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    for (size_t i = 0; i < b->outcome_count; i++) {
        ol_sha256_stream_add(&stream, ol_sha256_bytes(&b->outcomes[i].id));
        add_number(&stream, b->outcomes[i].gas_burnt);
        add_number(&stream, b->outcomes[i].status);
    }
    return ol_sha256_stream_end(&stream);
}

static ol_sha256 hash_of(const ol_block *b, const char *what)
{
    ol_sha256_stream stream;
    const ol_sha256 *parts[] = {&b->prev_hash,   &b->random_value,      &b->prev_state_root,
                                &b->state_root,  &b->transactions_root, &b->receipts_root,
                                &b->outcome_root};
    ol_sha256_stream_init(&stream);
    ol_sha256_stream_add(&stream, ol_str_bytes(ol_str_of(what)));
    add_number(&stream, b->height);
    add_number(&stream, b->timestamp_ns);
    OL_EACH (part, parts)
        ol_sha256_stream_add(&stream, ol_sha256_bytes(*part));
    return ol_sha256_stream_end(&stream);
}

static ol_sha256 random_of(const ol_plan *plan, const ol_sha256 *prev_hash)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    ol_sha256_stream_add(&stream, ol_str_bytes(OL_STR("random")));
    ol_sha256_stream_add(&stream, ol_str_bytes(plan->seed));
    ol_sha256_stream_add(&stream, ol_sha256_bytes(prev_hash));
    add_number(&stream, plan->height);
    add_number(&stream, plan->salt);
    return ol_sha256_stream_end(&stream);
}

/* ── Contents ── */

ol_made_block *ol_made_block_new(void)
{
    ol_made_block *made = calloc(1, sizeof *made);
    OL_ASSERT(made != NULL);
    made->arena = ol_arena_new(BLOCK_BYTES_MAX);
    return made;
}

static ol_made_block *begin(const ol_plan *plan, const ol_block *parent)
{
    ol_made_block *made = ol_made_block_new();
    ol_block *b = &made->block;
    b->height = plan->height;
    b->timestamp_ns = plan->timestamp_ns;
    b->gas_price = plan->gas_price;
    b->next_gas_price = plan->gas_price;
    b->ordinal = 1;
    b->epoch_height = 1; /* there is one epoch */
    if (parent != NULL) {
        b->ordinal = parent->ordinal + 1;
        b->prev_hash = parent->hash;
        b->prev_height = parent->height;
        b->prev_state_root = parent->state_root;
        b->next_epoch_id = parent->next_epoch_id;
        b->incoming = parent->outgoing;
        b->incoming_count = parent->outgoing_count;
        b->money.before = parent->money.after;
    }
    b->random_value = random_of(plan, &b->prev_hash);
    return made;
}

static ol_apply apply_of(const ol_plan *plan, const ol_block *parent, ol_made_block *made)
{
    ol_apply apply = {.vm = plan->vm,
                      .params = plan->params,
                      .chain_id = plan->chain_id,
                      .arena = &made->arena,
                      .height = plan->height,
                      .timestamp_ns = plan->timestamp_ns,
                      .epoch_height = made->block.epoch_height,
                      .gas_price = plan->gas_price,
                      .random_value = made->block.random_value};
    if (parent != NULL) {
        OL_ASSERT(parent->has_state);
        apply.state = ol_state_share(&parent->state);
        apply.committed = ol_state_share(&parent->state);
    }
    return apply;
}

/* NEAR that a patch made or took away: the difference. */
static ol_rc patch(const ol_plan *plan, const ol_block *parent, ol_apply *apply, ol_err *err)
{
    if (plan->patch == NULL)
        return OL_OK;
    ol_yocto before = ol_supply_of_state(plan->params, &apply->committed);
    OL_TRY(ol_patch_apply(apply, plan->patch, err));
    ol_yocto after = ol_supply_follow(plan->params, before, &apply->committed, &apply->state);
    apply->minted = ol_yocto_sub_floor(after, before);
    ol_apply_burn(apply, ol_yocto_sub_floor(before, after));
    ol_apply_commit(apply, OL_CAUSE_INITIAL, parent != NULL ? &parent->hash : &(ol_sha256){0});
    return OL_OK;
}

static void take_transactions(const ol_plan *plan, ol_apply *apply, ol_block *b)
{
    ol_signed_transaction *taken = ol_take(apply->arena, plan->transaction_count, sizeof *taken);
    for (size_t i = 0; i < plan->transaction_count; i++) {
        ol_bytes bytes = ol_keep_bytes(apply->arena, plan->transactions[i].bytes);
        ol_rc rc = ol_signed_transaction_decode(bytes, apply->arena, &taken[i], NULL);
        OL_ASSERT(rc == OL_OK); /* ol_node_submit has decoded it before */
        ol_apply_transaction(apply, &taken[i], plan->transactions[i].expired);
    }
    b->transactions = taken;
    b->transaction_count = plan->transaction_count;
    b->transaction_outcomes = apply->outcomes.count;
}

/* In the order of NEAR 4.4: transactions, receipts to oneself, what came from the block before,
 * timeouts. Nothing is ever delayed here: chunks have no gas limit. */
static ol_rc fill(const ol_plan *plan, ol_apply *apply, ol_block *b, ol_err *err)
{
    take_transactions(plan, apply, b);
    for (size_t i = 0; i < apply->local.count; i++)
        OL_TRY(ol_apply_receipt(apply, OL_LIST_ITEMS(&apply->local, const ol_receipt *)[i], err));
    for (size_t i = 0; i < b->incoming_count; i++)
        OL_TRY(ol_apply_receipt(apply, b->incoming[i], err));
    ol_apply_timeouts(apply);
    return OL_OK;
}

/* ── Money ── */

static ol_rc check_money(const ol_plan *plan, const ol_block *parent, ol_block *b, ol_err *err)
{
    ol_block_money *m = &b->money;
    ol_yocto supply = ol_yocto_sub_floor(
        m->before, ol_supply_of_receipts(plan->params, b->incoming, b->incoming_count));
    ol_yocto given = OL_YOCTO(0);
    ol_yocto found = OL_YOCTO(0);
    supply = ol_supply_follow(plan->params, supply,
                              parent != NULL ? &parent->state : &OL_STATE_EMPTY, &b->state);
    bool fits =
        ol_yocto_add(supply, ol_supply_of_receipts(plan->params, b->outgoing, b->outgoing_count),
                     &m->after) &&
        ol_yocto_add(m->before, m->minted, &given) && ol_yocto_add(m->after, m->burnt, &found);
    if (!fits || !ol_yocto_eq(given, found))
        return ol_fail(err, OL_ERR_INTERNAL,
                       "block %llu: %s yocto before and %s minted, but %s after and %s burnt",
                       (unsigned long long)b->height, YOCTO(m->before), YOCTO(m->minted),
                       YOCTO(m->after), YOCTO(m->burnt));
    return OL_OK;
}

static void finish(ol_apply *apply, ol_made_block *made)
{
    ol_block *b = &made->block;
    b->outcomes = apply->outcomes.items;
    b->outcome_count = apply->outcomes.count;
    b->changes = apply->changes.items;
    b->change_count = apply->changes.count;
    b->outgoing = apply->outgoing.items;
    b->outgoing_count = apply->outgoing.count;
    b->local = apply->local.items;
    b->local_count = apply->local.count;
    made->made = apply->made.items;
    made->made_count = apply->made.count;
    b->gas_used = apply->gas_used;
    b->money.minted = apply->minted;
    b->money.burnt = apply->burnt;
    b->has_state = true;
    b->state = ol_state_share(&apply->state);
    b->state_root = ol_state_root(&b->state);
    b->transactions_root = root_of_transactions(b);
    b->receipts_root = root_of_receipts(b);
    b->outcome_root = root_of_outcomes(b);
    b->chunk_hash = hash_of(b, "chunk");
    b->hash = hash_of(b, "block");
    if (b->ordinal == 1)
        b->next_epoch_id = b->hash;
}

ol_rc ol_block_make(const ol_plan *plan, const ol_block *parent, ol_made_block **ret, ol_err *err)
{
    ol_made_block *made = begin(plan, parent);
    ol_apply apply = apply_of(plan, parent, made);
    ol_rc rc = patch(plan, parent, &apply, err);
    if (rc == OL_OK)
        rc = fill(plan, &apply, &made->block, err);
    finish(&apply, made);
    ol_state_deinit(&apply.state);
    ol_state_deinit(&apply.committed);
    if (rc == OL_OK)
        rc = check_money(plan, parent, &made->block, err);
    if (rc != OL_OK) {
        ol_made_block_free(made);
        return rc;
    }
    *ret = made;
    return OL_OK;
}

void ol_made_block_free(ol_made_block *made)
{
    if (made == NULL)
        return;
    for (size_t i = 0; i < made->block.change_count; i++)
        ol_entry_free(made->block.changes[i].entry);
    ol_state_deinit(&made->block.state);
    ol_arena_deinit(&made->arena);
    free(made);
}
