/* A node in a file: the head, its world, and the receipts under way. Borsh, with a checksum. */
#include "emulator/list.h"
#include "emulator/node_parts.h"
#include "emulator/supply.h"
#include "lib/base/fd.h"

enum { FORMAT_VERSION = 1 };
#define FILE_BYTES_MAX ((size_t)4 << 30)
static const uint8_t MAGIC[8] = "ol-chain";

/* ── Saving ── */

static void encode_head(const ol_block *head, const ol_params *params, ol_buf *into)
{
    const ol_sha256 *hashes[] = {
        &head->hash,          &head->prev_hash,        &head->random_value,  &head->epoch_id,
        &head->next_epoch_id, &head->prev_state_root,  &head->receipts_root, &head->outcome_root,
        &head->chunk_hash,    &head->transactions_root};
    ol_borsh_add_u32(into, params->protocol_version);
    ol_borsh_add_u64(into, head->height);
    ol_borsh_add_u64(into, head->prev_height);
    ol_borsh_add_u64(into, head->ordinal);
    ol_borsh_add_u64(into, head->timestamp_ns);
    ol_borsh_add_u64(into, head->epoch_height);
    ol_borsh_add_u128(into, head->gas_price.yocto);
    ol_borsh_add_u128(into, head->money.after.yocto);
    OL_EACH (hash, hashes)
        ol_borsh_add_fixed(into, ol_sha256_bytes(*hash));
}

static void encode_genesis(const ol_block *genesis, ol_buf *into)
{
    ol_borsh_add_u64(into, genesis->height);
    ol_borsh_add_u64(into, genesis->timestamp_ns);
    ol_borsh_add_fixed(into, ol_sha256_bytes(&genesis->hash));
    ol_borsh_add_fixed(into, ol_sha256_bytes(&genesis->chunk_hash));
    ol_borsh_add_fixed(into, ol_sha256_bytes(&genesis->state_root));
}

static void encode_state(const ol_state *state, ol_buf *into)
{
    const ol_entry *entry = NULL;
    ol_bytes after = {0};
    ol_borsh_add_u64(into, ol_state_count(state));
    while ((entry = ol_state_next(state, (ol_bytes){0}, after)) != NULL) {
        after = ol_entry_key(entry);
        ol_borsh_add_bytes(into, after);
        ol_borsh_add_bytes(into, ol_entry_value(entry));
    }
}

static void encode_receipts(const ol_block *head, ol_buf *into)
{
    ol_borsh_add_u32(into, (uint32_t)head->outgoing_count);
    for (size_t i = 0; i < head->outgoing_count; i++) {
        ol_buf one = ol_buf_new(FILE_BYTES_MAX);
        ol_receipt_encode(head->outgoing[i], &one);
        ol_borsh_add_bytes(into, ol_buf_bytes(&one));
        if (!ol_buf_ok(&one))
            into->failed = true;
        ol_buf_deinit(&one);
    }
}

ol_rc ol_node_save(const ol_node *node, const char *path, ol_err *err)
{
    const ol_block *head = ol_node_head(node);
    ol_buf bytes = ol_buf_new(FILE_BYTES_MAX);
    ol_borsh_add_fixed(&bytes, (ol_bytes){MAGIC, sizeof MAGIC});
    ol_borsh_add_u32(&bytes, FORMAT_VERSION);
    encode_head(head, &node->params, &bytes);
    encode_genesis(&node->genesis, &bytes);
    encode_state(&head->state, &bytes);
    encode_receipts(head, &bytes);
    ol_rc rc = OL_OK;
    if (ol_buf_ok(&bytes)) {
        ol_sha256 sum = ol_sha256_of(ol_buf_bytes(&bytes));
        ol_borsh_add_fixed(&bytes, ol_sha256_bytes(&sum));
    }
    if (!ol_buf_ok(&bytes))
        rc = ol_fail(err, OL_ERR_LIMIT, "the state is too large for a file");
    else
        rc = ol_file_save(path, ol_buf_bytes(&bytes), 0600, err);
    ol_buf_deinit(&bytes);
    return rc;
}

/* ── Loading ── */

static void decode_head(ol_borsh *from, ol_node *node, ol_block *b)
{
    ol_sha256 *hashes[] = {
        &b->hash,          &b->prev_hash,        &b->random_value,  &b->epoch_id,
        &b->next_epoch_id, &b->prev_state_root,  &b->receipts_root, &b->outcome_root,
        &b->chunk_hash,    &b->transactions_root};
    if (ol_borsh_u32(from) != node->params.protocol_version)
        from->failed = true;
    b->height = ol_borsh_u64(from);
    b->prev_height = ol_borsh_u64(from);
    b->ordinal = ol_borsh_u64(from);
    b->timestamp_ns = ol_borsh_u64(from);
    b->epoch_height = ol_borsh_u64(from);
    b->gas_price = (ol_yocto){ol_borsh_u128(from)};
    b->next_gas_price = b->gas_price;
    b->money.after = (ol_yocto){ol_borsh_u128(from)};
    b->money.before = b->money.after;
    OL_EACH (hash, hashes)
        ol_borsh_fixed(from, (*hash)->bytes, sizeof(*hash)->bytes);
}

static void decode_genesis(ol_borsh *from, ol_block *genesis)
{
    genesis->height = ol_borsh_u64(from);
    genesis->timestamp_ns = ol_borsh_u64(from);
    ol_borsh_fixed(from, genesis->hash.bytes, sizeof genesis->hash.bytes);
    ol_borsh_fixed(from, genesis->chunk_hash.bytes, sizeof genesis->chunk_hash.bytes);
    ol_borsh_fixed(from, genesis->state_root.bytes, sizeof genesis->state_root.bytes);
    genesis->next_epoch_id = genesis->hash; /* making.c */
    genesis->epoch_height = 1;
}

static void decode_state(ol_borsh *from, ol_block *b)
{
    uint64_t count = ol_borsh_u64(from);
    for (uint64_t i = 0; i < count && !from->failed; i++) {
        ol_bytes key = ol_borsh_bytes(from);
        ol_bytes value = ol_borsh_bytes(from);
        if (!from->failed && key.len > 0)
            ol_state_put(&b->state, key, value);
    }
    b->has_state = true;
    b->state_root = ol_state_root(&b->state);
}

static void decode_receipts(ol_borsh *from, ol_made_block *made)
{
    ol_list receipts = {0};
    uint32_t count = ol_borsh_u32(from);
    for (uint32_t i = 0; i < count && !from->failed; i++) {
        ol_receipt *receipt = OL_TAKE(&made->arena, ol_receipt);
        ol_bytes bytes = ol_keep_bytes(&made->arena, ol_borsh_bytes(from));
        if (from->failed || ol_receipt_decode(bytes, &made->arena, receipt, NULL) != OL_OK)
            from->failed = true;
        OL_LIST_ADD(&receipts, &made->arena, const ol_receipt *) = receipt;
    }
    made->block.outgoing = receipts.items;
    made->block.outgoing_count = receipts.count;
    made->made = receipts.items;
    made->made_count = receipts.count;
}

static ol_rc decode(ol_bytes bytes, ol_node *node, ol_err *err)
{
    uint8_t magic[sizeof MAGIC];
    if (bytes.len < OL_SHA256_BYTES)
        return ol_fail(err, OL_ERR_INVALID, "not a saved chain");
    ol_bytes body = {bytes.data, bytes.len - OL_SHA256_BYTES};
    ol_sha256 sum = ol_sha256_of(body);
    ol_borsh from = ol_borsh_over(body);
    ol_borsh_fixed(&from, magic, sizeof magic);
    if (memcmp(sum.bytes, bytes.data + body.len, sizeof sum.bytes) != 0 ||
        memcmp(magic, MAGIC, sizeof magic) != 0 || ol_borsh_u32(&from) != FORMAT_VERSION)
        return ol_fail(err, OL_ERR_INVALID, "not a saved chain, or a damaged one");
    ol_made_block *made = ol_made_block_new();
    decode_head(&from, node, &made->block);
    ol_block genesis = {.gas_price = made->block.gas_price};
    decode_genesis(&from, &genesis);
    decode_state(&from, &made->block);
    decode_receipts(&from, made);
    if (!ol_borsh_done(&from)) {
        ol_made_block_free(made);
        return ol_fail(err, OL_ERR_INVALID, "a saved chain of another protocol version");
    }
    ol__node_begin(node, made, &genesis);
    return ol_node_audit(node, err);
}

ol_rc ol_node_load(const ol_node_options *options, const char *path, ol_node **ret, ol_err *err)
{
    ol_buf bytes = ol_buf_new(FILE_BYTES_MAX);
    ol_node *node = NULL;
    ol_rc rc = ol_file_load(path, &bytes, err);
    if (rc == OL_OK)
        rc = ol__node_empty(options, &node, err);
    if (rc == OL_OK)
        rc = decode(ol_buf_bytes(&bytes), node, err);
    ol_buf_deinit(&bytes);
    if (rc != OL_OK) {
        ol_node_free(node);
        return rc;
    }
    *ret = node;
    return OL_OK;
}
