#include "emulator/server/rpc_params.h"

#include "emulator/server/rpc_error.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/near/account_id.h"

bool rpc_is(const ol_json *value, const char *text)
{
    return ol_json_kind_of(value) == OL_JSON_STRING && ol_json_text_is(value, ol_str_of(text));
}

static bool item_at(const ol_json *list, size_t position, ol_json *ret)
{
    ol_json_iter it = ol_json_iterate(list);
    for (size_t i = 0; ol_json_next_item(&it, ret); i++) {
        if (i == position)
            return true;
    }
    return false;
}

bool rpc_param(const rpc_call *call, const char *name, size_t position, ol_json *ret)
{
    ol_json found;
    bool there = false;
    if (call->params.raw.len == 0)
        return false;
    if (ol_json_kind_of(&call->params) == OL_JSON_OBJECT)
        there = ol_json_find(&call->params, ol_str_of(name), &found);
    else if (ol_json_kind_of(&call->params) == OL_JSON_ARRAY && position != RPC_BY_NAME)
        there = item_at(&call->params, position, &found);
    if (!there || ol_json_is_null(&found))
        return false;
    *ret = found;
    return true;
}

bool rpc_need_text(rpc_call *call, const char *name, size_t position, ol_str *ret)
{
    ol_json value;
    ol_err err;
    if (!rpc_param(call, name, position, &value)) {
        (void)rpc_fail_parse(call, "Failed parsing args: missing field `%s`", name);
        return false;
    }
    if (ol_json_text(&value, call->arena, ret, &err) != OL_OK) {
        (void)rpc_fail_parse_err(call, &err);
        return false;
    }
    return true;
}

bool rpc_need_account(rpc_call *call, const char *name, size_t position, ol_str *ret)
{
    ol_str text;
    if (!rpc_need_text(call, name, position, &text))
        return false;
    if (!ol_account_id_valid(text)) {
        (void)rpc_fail_parse(call, "Failed parsing args: %s: \"%.*s\" is not a valid account ID",
                             name, OL_FMT(text));
        return false;
    }
    *ret = text;
    return true;
}

bool rpc_hash_parse(ol_str text, ol_sha256 *ret)
{
    return ol_base58_decode_fixed(text, ret->bytes, sizeof ret->bytes);
}

bool rpc_need_hash(rpc_call *call, const char *name, size_t position, ol_sha256 *ret)
{
    ol_str text;
    if (!rpc_need_text(call, name, position, &text))
        return false;
    if (!rpc_hash_parse(text, ret)) {
        (void)rpc_fail_parse(call, "Failed parsing args: %s: not base58 of 32 bytes", name);
        return false;
    }
    return true;
}

bool rpc_need_base64(rpc_call *call, const char *name, size_t position, ol_bytes *ret)
{
    ol_str text;
    if (!rpc_need_text(call, name, position, &text))
        return false;
    if (!ol_base64_decode(text, call->arena, ret)) {
        (void)rpc_fail_parse(call, "Failed parsing args: %s: not base64", name);
        return false;
    }
    return true;
}

bool rpc_need_key(rpc_call *call, const char *name, size_t position, ol_public_key *ret)
{
    ol_str text;
    if (!rpc_need_text(call, name, position, &text))
        return false;
    if (!ol_public_key_parse(text, ret)) {
        (void)rpc_fail_parse(call, "Failed parsing args: %s: not a public key", name);
        return false;
    }
    return true;
}

/* ---- Block references */

/* What was asked for, in the node's own words: for the data of UNKNOWN_BLOCK. */
typedef struct reference {
    const ol_block *block; /* NULL: unknown */
    ol_json value;
    const char *member; /* block_id, finality, sync_checkpoint; NULL: nothing was named */
    bool is_height;
} reference;

static bool by_id(rpc_call *call, const ol_json *id, reference *ret)
{
    uint64_t height;
    ol_str text;
    ol_sha256 hash;
    ol_err err;
    ret->value = *id;
    ret->member = "block_id";
    if (ol_json_kind_of(id) == OL_JSON_NUMBER) {
        if (ol_json_u64(id, &height, &err) != OL_OK) {
            (void)rpc_fail_parse_err(call, &err);
            return false;
        }
        ret->is_height = true;
        ret->block = ol_node_block_at(call->net->node, height);
        return true;
    }
    if (ol_json_text(id, call->arena, &text, &err) != OL_OK || !rpc_hash_parse(text, &hash)) {
        (void)rpc_fail_parse(call, "Failed parsing args: block_id: neither a height nor a hash");
        return false;
    }
    ret->block = ol_node_block_of(call->net->node, &hash);
    return true;
}

static bool by_finality(rpc_call *call, const ol_json *finality, reference *ret)
{
    ol_node *node = call->net->node;
    ret->value = *finality;
    ret->member = "finality";
    if (rpc_is(finality, "optimistic"))
        ret->block = ol_node_head(node);
    else if (rpc_is(finality, "near-final"))
        ret->block = ol_node_near_final(node);
    else if (rpc_is(finality, "final"))
        ret->block = ol_node_final(call->net->node);
    else {
        (void)rpc_fail_parse(call, "Failed parsing args: finality: expected `optimistic`, "
                                   "`near-final` or `final`");
        return false;
    }
    return true;
}

static bool by_checkpoint(rpc_call *call, const ol_json *checkpoint, reference *ret)
{
    ret->value = *checkpoint;
    ret->member = "sync_checkpoint";
    if (rpc_is(checkpoint, "genesis"))
        ret->block = ol_node_genesis(call->net->node);
    else if (rpc_is(checkpoint, "earliest_available"))
        ret->block = ol_node_earliest(call->net->node);
    else {
        (void)rpc_fail_parse(call, "Failed parsing args: sync_checkpoint: expected `genesis` or "
                                   "`earliest_available`");
        return false;
    }
    return true;
}

static bool reference_read(rpc_call *call, size_t position, reference *ret)
{
    ol_json value;
    *ret = (reference){0};
    if (rpc_param(call, "block_id", position, &value))
        return by_id(call, &value, ret);
    if (rpc_param(call, "finality", RPC_BY_NAME, &value))
        return by_finality(call, &value, ret);
    if (rpc_param(call, "sync_checkpoint", RPC_BY_NAME, &value))
        return by_checkpoint(call, &value, ret);
    return true;
}

static bool missing(rpc_call *call)
{
    (void)rpc_fail_parse(call, "Failed parsing args: missing `block_id`, `finality` or "
                               "`sync_checkpoint`");
    return false;
}

static bool unknown_block(rpc_call *call, const reference *ref)
{
    ol_str raw = ref->value.raw;
    if (!ref->is_height)
        raw = ol_str_slice(raw, 1, raw.len - 1);
    (void)rpc_fail_block(call,
                         ol_arena_printf(call->arena, "%s: %.*s",
                                         ref->is_height ? "BLOCK HEIGHT" : "BLOCK", OL_FMT(raw)));
    return false;
}

bool rpc_take_block(rpc_call *call, size_t position, const ol_block **ret)
{
    reference ref;
    if (!reference_read(call, position, &ref))
        return false;
    if (ref.member == NULL)
        ref.block = ol_node_head(call->net->node);
    if (ref.block == NULL)
        return unknown_block(call, &ref);
    *ret = ref.block;
    return true;
}

bool rpc_need_block(rpc_call *call, size_t position, const ol_block **ret)
{
    reference ref;
    if (!reference_read(call, position, &ref))
        return false;
    if (ref.member == NULL)
        return missing(call);
    if (ref.block == NULL)
        return unknown_block(call, &ref);
    *ret = ref.block;
    return true;
}

bool rpc_need_query_block(rpc_call *call, const ol_block **ret)
{
    reference ref;
    if (!reference_read(call, RPC_BY_NAME, &ref))
        return false;
    /* The legacy pair of texts names no block (NEAR 5.1). */
    if (ref.member == NULL && ol_json_kind_of(&call->params) == OL_JSON_ARRAY) {
        *ret = ol_node_final(call->net->node);
        return true;
    }
    if (ref.member == NULL)
        return missing(call);
    if (ref.block != NULL) {
        *ret = ref.block;
        return true;
    }
    ol_json_writer info = rpc_fail_begin(call);
    ol_json_key(&info, "block_reference");
    ol_json_object_begin(&info);
    ol_json_put_raw(&info, ref.member, ref.value.raw);
    ol_json_object_end(&info);
    (void)rpc_fail_end(call, &info, "UNKNOWN_BLOCK",
                       "Block either has never been observed on the node or has been garbage "
                       "collected: BlockId(%s(%.*s))",
                       ref.is_height ? "Height" : "Hash", OL_FMT(ref.value.raw));
    call->error.http = 422;
    return false;
}
