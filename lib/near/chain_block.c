#include "lib/near/chain_block.h"

#include "lib/codec/json_bind.h"

typedef struct header {
    uint64_t height;
    ol_str hash;
    ol_str prev_hash;
    bool has_prev_height;
    uint64_t prev_height;
    uint64_t timestamp;
} header;

static const ol_json_field HEADER_FIELDS[] = {
    {"height", OL_BIND_U64, OL_REQUIRED, offsetof(header, height)},
    {"hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(header, hash)},
    {"prev_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(header, prev_hash)},
    {"prev_height", OL_BIND_U64, OL_OPTIONAL, offsetof(header, prev_height),
     .has = offsetof(header, has_prev_height)},
    {"timestamp", OL_BIND_U64, OL_REQUIRED, offsetof(header, timestamp)},
};
static const ol_json_table HEADER = {"BlockHeader", HEADER_FIELDS, OL_COUNT(HEADER_FIELDS)};

/* One element of receipt_execution_outcomes. */
typedef struct item {
    ol_str tx_hash;
    ol_json receipt;
    ol_json execution;
} item;

static const ol_json_field ITEM_FIELDS[] = {
    {"tx_hash", OL_BIND_TEXT, OL_OPTIONAL, offsetof(item, tx_hash)},
    {"receipt", OL_BIND_VALUE, OL_REQUIRED, offsetof(item, receipt)},
    {"execution_outcome", OL_BIND_VALUE, OL_REQUIRED, offsetof(item, execution)},
};
static const ol_json_table ITEM = {"ReceiptExecutionOutcome", ITEM_FIELDS, OL_COUNT(ITEM_FIELDS)};

typedef struct receipt {
    ol_str receipt_id;
    ol_str predecessor_id;
    ol_str receiver_id;
    ol_json kind;
    bool has_kind;
} receipt;

static const ol_json_field RECEIPT_FIELDS[] = {
    {"receipt_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(receipt, receipt_id)},
    {"predecessor_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(receipt, predecessor_id)},
    {"receiver_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(receipt, receiver_id)},
    {"receipt", OL_BIND_VALUE, OL_OPTIONAL, offsetof(receipt, kind),
     .has = offsetof(receipt, has_kind)},
};
static const ol_json_table RECEIPT = {"Receipt", RECEIPT_FIELDS, OL_COUNT(RECEIPT_FIELDS)};

typedef struct inner_outcome {
    ol_json_texts logs;
    uint64_t gas_burnt;
    ol_json status;
} inner_outcome;

static const ol_json_field INNER_FIELDS[] = {
    {"logs", OL_BIND_TEXT_LIST, OL_REQUIRED, offsetof(inner_outcome, logs)},
    {"gas_burnt", OL_BIND_U64, OL_REQUIRED, offsetof(inner_outcome, gas_burnt)},
    {"status", OL_BIND_VALUE, OL_REQUIRED, offsetof(inner_outcome, status)},
};
static const ol_json_table INNER = {"ExecutionOutcome", INNER_FIELDS, OL_COUNT(INNER_FIELDS)};

typedef struct outcome {
    ol_str block_hash;
    inner_outcome inner;
} outcome;

static const ol_json_field OUTCOME_FIELDS[] = {
    {"block_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(outcome, block_hash)},
    {"outcome", OL_BIND_OBJECT, OL_REQUIRED, offsetof(outcome, inner), .sub = &INNER},
};
static const ol_json_table OUTCOME = {"ExecutionOutcomeWithId", OUTCOME_FIELDS,
                                      OL_COUNT(OUTCOME_FIELDS)};

typedef struct list {
    ol_arena *arena;
    ol_str contract_id;
    ol_chain_outcome *at;
    size_t count;
    size_t size;
} list;

static ol_rc list_add(list *l, const ol_chain_outcome *one, ol_err *err)
{
    if (l->count == l->size) {
        size_t size = l->size == 0 ? 16 : 2 * l->size;
        if (size > OL_CHAIN_OUTCOMES_MAX)
            return ol_fail(err, OL_ERR_LIMIT, "block with more than %d receipts of one contract",
                           OL_CHAIN_OUTCOMES_MAX);
        ol_chain_outcome *wider = ol_arena_array(l->arena, size, sizeof *wider);
        if (wider == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        for (size_t i = 0; i < l->count; i++)
            wider[i] = l->at[i];
        l->at = wider;
        l->size = size;
    }
    l->at[l->count++] = *one;
    return OL_OK;
}

static ol_str signer_key(const receipt *r, ol_arena *arena)
{
    ol_json action;
    ol_json key;
    ol_str text = {NULL, 0};
    if (r->has_kind && ol_json_find(&r->kind, OL_STR("Action"), &action) &&
        ol_json_find(&action, OL_STR("signer_public_key"), &key))
        (void)ol_json_text(&key, arena, &text, NULL);
    return text;
}

static ol_rc take_item(list *l, const ol_json *value, ol_err *err)
{
    item it = {0};
    receipt r = {0};
    outcome o = {0};
    ol_json member;
    OL_TRY(ol_json_bind_value(value, &ITEM, &it, l->arena, err));
    /* Most receipts of a block are somebody else's: one look is enough for these. */
    if (!ol_json_find(&it.receipt, OL_STR("receiver_id"), &member) ||
        !ol_json_says(&member, l->contract_id))
        return OL_OK;
    OL_TRY(ol_json_bind_value(&it.receipt, &RECEIPT, &r, l->arena, err));
    OL_TRY(ol_json_bind_value(&it.execution, &OUTCOME, &o, l->arena, err));
    /* Logs of a failed receipt survive although what it did was rolled back. */
    if (o.inner.logs.count == 0 || ol_json_find(&o.inner.status, OL_STR("Failure"), &member))
        return OL_OK;
    const ol_chain_outcome one = {
        .receipt_id = r.receipt_id,
        .transaction_hash = it.tx_hash,
        .predecessor_id = r.predecessor_id,
        .receiver_id = r.receiver_id,
        .signer_public_key = signer_key(&r, l->arena),
        .block_hash = o.block_hash,
        .gas_burnt = o.inner.gas_burnt,
        .log = o.inner.logs.items,
        .logs = o.inner.logs.count,
    };
    return list_add(l, &one, err);
}

static ol_rc take_shard(list *l, const ol_json *shard, ol_err *err)
{
    ol_json outcomes;
    ol_json value;
    if (!ol_json_find(shard, OL_STR("receipt_execution_outcomes"), &outcomes) ||
        ol_json_is_null(&outcomes))
        return OL_OK;
    if (ol_json_kind_of(&outcomes) != OL_JSON_ARRAY)
        return ol_json_wrong_type(&outcomes, "a sequence", err);
    ol_json_iter each = ol_json_iterate(&outcomes);
    while (ol_json_next_item(&each, &value))
        OL_TRY(take_item(l, &value, err));
    return OL_OK;
}

static ol_rc take_shards(list *l, const ol_json *root, ol_err *err)
{
    ol_json shards;
    ol_json shard;
    if (!ol_json_find(root, OL_STR("shards"), &shards) || ol_json_kind_of(&shards) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "block without shards");
    ol_json_iter each = ol_json_iterate(&shards);
    while (ol_json_next_item(&each, &shard))
        OL_TRY(take_shard(l, &shard, err));
    return OL_OK;
}

ol_rc ol_chain_block_head(const ol_json *block, ol_arena *arena, ol_chain_block *ret, ol_err *err)
{
    ol_json part;
    header head = {0};
    if (!ol_json_find(block, OL_STR("header"), &part))
        return ol_fail(err, OL_ERR_SHAPE, "block without a header");
    OL_TRY(ol_json_bind_value(&part, &HEADER, &head, arena, err));
    *ret = (ol_chain_block){
        .height = head.height,
        .hash = head.hash,
        .prev_hash = head.prev_hash,
        .has_prev_height = head.has_prev_height,
        .prev_height = head.prev_height,
        .timestamp_ns = head.timestamp,
    };
    return OL_OK;
}

ol_rc ol_chain_block_parse(ol_str document, ol_str contract_id, ol_arena *arena,
                           ol_chain_block *ret, ol_err *err)
{
    ol_json root;
    ol_json part;
    list l = {.arena = arena, .contract_id = contract_id};
    OL_TRY(ol_json_parse_within(
        document, (ol_json_limits){OL_CHAIN_BLOCK_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root, err));
    if (!ol_json_find(&root, OL_STR("block"), &part))
        return ol_fail(err, OL_ERR_SHAPE, "no block");
    OL_TRY(ol_chain_block_head(&part, arena, ret, err));
    OL_TRY(take_shards(&l, &root, err));
    ret->outcome = l.at;
    ret->outcomes = l.count;
    return OL_OK;
}
