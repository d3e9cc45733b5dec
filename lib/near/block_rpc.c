/* Blocks by a node's JSON-RPC (NEAR 6). A node tells what touched the contract's state, but not
 * which transaction did; that one is found among the latest transactions of the receipt's signer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/block_source.h"
#include "lib/near/rpc_answer.h"

enum {
    SENT_MAX = 8192,     /* transactions remembered */
    LOOK_BACK = 32,      /* blocks read before the first one, to know their transactions */
    RECEIPTS_MAX = 4096, /* touching one contract in one block */
    NAME_BYTES = 65,
    HASH_BYTES = 48,
};
#define ARENA_BYTES OL_MIB(256)

typedef struct sent {
    uint64_t height;
    char hash[HASH_BYTES];
    char signer[NAME_BYTES];
} sent;

typedef struct rpc_source {
    ol_block_source source; /* first */
    const ol_rpc *rpc;
    ol_str contract_id;
    bool optimistic;
    ol_arena arena;
    ol_buf block; /* answers: the block's must outlive the others */
    ol_buf other;
    sent sent[SENT_MAX]; /* a ring */
    size_t count;
    size_t next;
    uint64_t lowest; /* transactions of blocks from here on are known; 0: of none */
} rpc_source;

/* ---- transactions seen ---- */

static void note_sent(rpc_source *s, uint64_t height, ol_str hash, ol_str signer)
{
    sent *at = &s->sent[s->next];
    s->next = (s->next + 1) % SENT_MAX;
    if (s->count < SENT_MAX)
        s->count++;
    at->height = height;
    (void)snprintf(at->hash, sizeof at->hash, "%.*s", OL_FMT(hash));
    (void)snprintf(at->signer, sizeof at->signer, "%.*s", OL_FMT(signer));
}

static ol_rc note_chunk(rpc_source *s, uint64_t height, ol_str chunk_hash, ol_err *err)
{
    char storage[256];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_rpc_answer answer;
    ol_json list;
    ol_json item;
    ol_json member;
    ol_str hash;
    ol_str signer;
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "chunk_id", chunk_hash);
    ol_json_object_end(&w);
    OL_TRY(ol_rpc_call(s->rpc, "chunk", ol_buf_str(&params), &s->other, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("transactions"), &list) ||
        ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "chunk without transactions");
    ol_json_iter each = ol_json_iterate(&list);
    while (ol_json_next_item(&each, &item)) {
        if (ol_json_find(&item, OL_STR("hash"), &member) &&
            ol_json_text(&member, &s->arena, &hash, NULL) == OL_OK &&
            ol_json_find(&item, OL_STR("signer_id"), &member) &&
            ol_json_text(&member, &s->arena, &signer, NULL) == OL_OK)
            note_sent(s, height, hash, signer);
    }
    return OL_OK;
}

typedef struct chunk_header {
    ol_str chunk_hash;
    uint64_t height_included;
} chunk_header;

static const ol_json_field CHUNK_FIELDS[] = {
    {"chunk_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(chunk_header, chunk_hash)},
    {"height_included", OL_BIND_U64, OL_REQUIRED, offsetof(chunk_header, height_included)},
};
static const ol_json_table CHUNK = {"ChunkHeader", CHUNK_FIELDS, OL_COUNT(CHUNK_FIELDS)};

/* A chunk that an earlier block held already is not new. */
static ol_rc note_chunks(rpc_source *s, const ol_json *block, uint64_t height, ol_err *err)
{
    ol_json chunks;
    ol_json item;
    if (!ol_json_find(block, OL_STR("chunks"), &chunks) ||
        ol_json_kind_of(&chunks) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "block without chunks");
    ol_json_iter each = ol_json_iterate(&chunks);
    while (ol_json_next_item(&each, &item)) {
        chunk_header chunk = {0};
        OL_TRY(ol_json_bind_value(&item, &CHUNK, &chunk, &s->arena, err));
        if (chunk.height_included == height)
            OL_TRY(note_chunk(s, height, chunk.chunk_hash, err));
    }
    return OL_OK;
}

/* ---- one block ---- */

static ol_rc ask_block(rpc_source *s, uint64_t height, ol_buf *into, ol_rpc_answer *ret,
                       ol_err *err)
{
    char params[64];
    (void)snprintf(params, sizeof params, "{\"block_id\":%llu}", (unsigned long long)height);
    return ol_rpc_call(s->rpc, "block", ol_str_of(params), into, ret, err);
}

static ol_rc newest(rpc_source *s, uint64_t *ret, ol_err *err)
{
    ol_rpc_answer answer;
    ol_json part;
    OL_TRY(ol_rpc_call(s->rpc, "block",
                       s->optimistic ? OL_STR("{\"finality\":\"optimistic\"}")
                                     : OL_STR("{\"finality\":\"final\"}"),
                       &s->other, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("header"), &part) ||
        !ol_json_find(&part, OL_STR("height"), &part))
        return ol_fail(err, OL_ERR_SHAPE, "block without a height");
    return ol_json_u64(&part, ret, err);
}

/* The transactions of the blocks before the first one asked for. */
static ol_rc look_back(rpc_source *s, uint64_t height, ol_err *err)
{
    uint64_t from = height > LOOK_BACK ? height - LOOK_BACK : 1;
    ol_rpc_answer answer;
    for (uint64_t at = from; at < height; at++) {
        if (ask_block(s, at, &s->block, &answer, err) == OL_OK)
            OL_TRY(note_chunks(s, &answer.result, at, err));
        else if (answer.fault != OL_RPC_UNKNOWN_BLOCK)
            return err->rc;
    }
    s->lowest = from;
    return OL_OK;
}

/* The receipts that wrote to the contract's state, each once. */
static ol_rc list_touched(rpc_source *s, uint64_t height, ol_str *ret, size_t *ret_count,
                          ol_err *err)
{
    char storage[512];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_rpc_answer answer;
    ol_json changes;
    ol_json item;
    ol_json member;
    ol_str id;
    size_t count = 0;
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "changes_type", "data_changes");
    ol_json_key(&w, "account_ids");
    ol_json_array_begin(&w);
    ol_json_add_str(&w, s->contract_id);
    ol_json_array_end(&w);
    ol_json_put_cstr(&w, "key_prefix_base64", "");
    ol_json_put_u64(&w, "block_id", height);
    ol_json_object_end(&w);
    OL_TRY(
        ol_rpc_call(s->rpc, "EXPERIMENTAL_changes", ol_buf_str(&params), &s->other, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("changes"), &changes) ||
        ol_json_kind_of(&changes) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "no changes");
    ol_json_iter each = ol_json_iterate(&changes);
    while (ol_json_next_item(&each, &item)) {
        bool seen = false;
        if (!ol_json_find(&item, OL_STR("cause"), &member) ||
            !ol_json_find(&member, OL_STR("receipt_hash"), &member) ||
            ol_json_text(&member, &s->arena, &id, NULL) != OL_OK)
            continue;
        for (size_t i = 0; i < count && !seen; i++)
            seen = ol_str_eq(ret[i], id);
        if (seen)
            continue;
        if (count == RECEIPTS_MAX)
            return ol_fail(err, OL_ERR_LIMIT, "more than %d receipts in one block", RECEIPTS_MAX);
        if (!ol_arena_copy(&s->arena, id, &ret[count++]))
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    *ret_count = count;
    return OL_OK;
}

/* ---- one receipt ---- */

typedef struct receipt {
    ol_str predecessor_id;
    ol_str signer_id;
    ol_str signer_key;
    bool is_yield;
} receipt;

typedef struct action_view {
    ol_str signer_id;
    ol_str signer_public_key;
    bool is_promise_yield;
} action_view;

static const ol_json_field ACTION_FIELDS[] = {
    {"signer_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(action_view, signer_id)},
    {"signer_public_key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(action_view, signer_public_key)},
    {"is_promise_yield", OL_BIND_BOOL, OL_OPTIONAL, offsetof(action_view, is_promise_yield)},
};
static const ol_json_table ACTION = {"Action", ACTION_FIELDS, OL_COUNT(ACTION_FIELDS)};

static bool copy(ol_arena *arena, ol_str from, ol_str *to)
{
    return from.data == NULL || ol_arena_copy(arena, from, to);
}

static ol_rc ask_receipt(rpc_source *s, ol_str id, receipt *ret, ol_err *err)
{
    char storage[128];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_rpc_answer answer;
    ol_json part;
    ol_json action;
    ol_str predecessor = {NULL, 0};
    action_view view = {0};
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "receipt_id", id);
    ol_json_object_end(&w);
    OL_TRY(
        ol_rpc_call(s->rpc, "EXPERIMENTAL_receipt", ol_buf_str(&params), &s->other, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("predecessor_id"), &part) ||
        ol_json_text(&part, &s->arena, &predecessor, NULL) != OL_OK ||
        !ol_json_find(&answer.result, OL_STR("receipt"), &part) ||
        !ol_json_find(&part, OL_STR("Action"), &action))
        return ol_fail(err, OL_ERR_SHAPE, "receipt without actions");
    OL_TRY(ol_json_bind_value(&action, &ACTION, &view, &s->arena, err));
    *ret = (receipt){.is_yield = view.is_promise_yield};
    return copy(&s->arena, predecessor, &ret->predecessor_id) &&
                   copy(&s->arena, view.signer_id, &ret->signer_id) &&
                   copy(&s->arena, view.signer_public_key, &ret->signer_key)
               ? OL_OK
               : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

typedef struct inner_outcome {
    ol_json_texts logs;
    uint64_t gas_burnt;
    ol_json status;
} inner_outcome;

typedef struct outcome_view {
    ol_str id;
    ol_str block_hash;
    inner_outcome inner;
} outcome_view;

static const ol_json_field INNER_FIELDS[] = {
    {"logs", OL_BIND_TEXT_LIST, OL_OPTIONAL, offsetof(inner_outcome, logs)},
    {"gas_burnt", OL_BIND_U64, OL_OPTIONAL, offsetof(inner_outcome, gas_burnt)},
    {"status", OL_BIND_VALUE, OL_REQUIRED, offsetof(inner_outcome, status)},
};
static const ol_json_table INNER = {"ExecutionOutcome", INNER_FIELDS, OL_COUNT(INNER_FIELDS)};
static const ol_json_field VIEW_FIELDS[] = {
    {"id", OL_BIND_TEXT, OL_REQUIRED, offsetof(outcome_view, id)},
    {"block_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(outcome_view, block_hash)},
    {"outcome", OL_BIND_OBJECT, OL_REQUIRED, offsetof(outcome_view, inner), .sub = &INNER},
};
static const ol_json_table VIEW = {"ExecutionOutcomeWithId", VIEW_FIELDS, OL_COUNT(VIEW_FIELDS)};

/* Texts of an outcome out of the answer's buffer. */
static bool keep(ol_arena *arena, const outcome_view *view, ol_chain_outcome *ret)
{
    ol_str *log = ol_arena_array(arena, view->inner.logs.count + 1, sizeof *log);
    bool fits = log != NULL && copy(arena, view->block_hash, &ret->block_hash);
    for (size_t i = 0; fits && i < view->inner.logs.count; i++)
        fits = ol_arena_copy(arena, view->inner.logs.items[i], &log[i]);
    ret->log = log;
    ret->logs = view->inner.logs.count;
    ret->gas_burnt = view->inner.gas_burnt;
    return fits;
}

/* Is the receipt one of this transaction's? */
static ol_rc try_transaction(rpc_source *s, const sent *tx, ol_str receipt_id,
                             ol_chain_outcome *ret, bool *ret_found, bool *ret_failed, ol_err *err)
{
    char storage[256];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_rpc_answer answer;
    ol_json list;
    ol_json item;
    ol_json member;
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "tx_hash", tx->hash);
    ol_json_put_cstr(&w, "sender_account_id", tx->signer);
    ol_json_put_cstr(&w, "wait_until", "NONE");
    ol_json_object_end(&w);
    *ret_found = false;
    if (ol_rpc_call(s->rpc, "EXPERIMENTAL_tx_status", ol_buf_str(&params), &s->other, &answer,
                    err) != OL_OK)
        return answer.fault == OL_RPC_UNKNOWN_TRANSACTION ? OL_OK : err->rc;
    if (!ol_json_find(&answer.result, OL_STR("receipts_outcome"), &list) ||
        ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return OL_OK;
    ol_json_iter each = ol_json_iterate(&list);
    while (!*ret_found && ol_json_next_item(&each, &item)) {
        outcome_view view = {0};
        if (!ol_json_find(&item, OL_STR("id"), &member) || !ol_json_says(&member, receipt_id))
            continue;
        OL_TRY(ol_json_bind_value(&item, &VIEW, &view, &s->arena, err));
        *ret_failed = ol_json_find(&view.inner.status, OL_STR("Failure"), &member);
        *ret_found = keep(&s->arena, &view, ret) &&
                     ol_arena_copy(&s->arena, ol_str_of(tx->hash), &ret->transaction_hash);
    }
    return OL_OK;
}

/* *ret_take: it succeeded and logged. A yield's callback is long after its transaction, and holds
 * nothing for a worker. */
static ol_rc take_receipt(rpc_source *s, ol_str id, ol_chain_outcome *ret, bool *ret_take,
                          ol_err *err)
{
    receipt about = {0};
    bool found = false;
    bool failed = false;
    *ret_take = false;
    OL_TRY(ask_receipt(s, id, &about, err));
    if (about.is_yield)
        return OL_OK;
    for (size_t back = 1; back <= s->count && !found; back++) {
        const sent *tx = &s->sent[(s->next + SENT_MAX - back) % SENT_MAX];
        if (ol_str_eq(ol_str_of(tx->signer), about.signer_id))
            OL_TRY(try_transaction(s, tx, id, ret, &found, &failed, err));
    }
    if (!found)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "the transaction of receipt %.*s is not known",
                       OL_FMT(id));
    ret->receipt_id = id;
    ret->predecessor_id = about.predecessor_id;
    ret->receiver_id = s->contract_id;
    ret->signer_public_key = about.signer_key;
    *ret_take = !failed && ret->logs > 0;
    return OL_OK;
}

/* ---- the source ---- */

static ol_rc take_touched(rpc_source *s, uint64_t height, ol_chain_block *ret, ol_err *err)
{
    size_t touched = 0;
    size_t taken = 0;
    ol_str *id = ol_arena_array(&s->arena, RECEIPTS_MAX, sizeof *id);
    if (id == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(list_touched(s, height, id, &touched, err));
    ol_chain_outcome *outcome = ol_arena_array(&s->arena, touched + 1, sizeof *outcome);
    if (outcome == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < touched; i++) {
        bool take = false;
        OL_TRY(take_receipt(s, id[i], &outcome[taken], &take, err));
        taken += take ? 1 : 0;
    }
    ret->outcome = outcome;
    ret->outcomes = taken;
    return OL_OK;
}

static ol_rc rpc_get(ol_block_source *source, uint64_t height, ol_fetched *ret_what,
                     ol_chain_block *ret, ol_err *err)
{
    rpc_source *s = (rpc_source *)source;
    ol_rpc_answer answer;
    uint64_t last = 0;
    ol_arena_deinit(&s->arena);
    s->arena = ol_arena_new(ARENA_BYTES);
    OL_TRY(newest(s, &last, err));
    if (height > last) {
        *ret_what = OL_FETCHED_NOT_YET;
        return OL_OK;
    }
    if (s->lowest == 0 || height < s->lowest)
        OL_TRY_NOTE(err, look_back(s, height, err), "blocks before %llu",
                    (unsigned long long)height);
    if (ask_block(s, height, &s->block, &answer, err) != OL_OK) {
        if (answer.fault != OL_RPC_UNKNOWN_BLOCK)
            return err->rc;
        *ret_what = OL_FETCHED_SKIPPED;
        return OL_OK;
    }
    OL_TRY(ol_chain_block_head(&answer.result, &s->arena, ret, err));
    OL_TRY(note_chunks(s, &answer.result, height, err));
    OL_TRY(take_touched(s, height, ret, err));
    *ret_what = OL_FETCHED_BLOCK;
    return OL_OK;
}

static void rpc_close(ol_block_source *source)
{
    rpc_source *s = (rpc_source *)source;
    ol_arena_deinit(&s->arena);
    ol_buf_deinit(&s->block);
    ol_buf_deinit(&s->other);
    free(s);
}

ol_rc ol_block_source_rpc(const ol_rpc *rpc, ol_str contract_id, bool optimistic,
                          ol_block_source **ret, ol_err *err)
{
    rpc_source *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    s->source = (ol_block_source){rpc_get, rpc_close};
    s->rpc = rpc;
    s->contract_id = contract_id;
    s->optimistic = optimistic;
    s->block = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    s->other = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    *ret = &s->source;
    return OL_OK;
}
