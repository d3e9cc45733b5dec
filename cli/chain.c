#include "cli/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/interrupt.h"
#include "cli/network.h"
#include "lib/base/clock.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/near/event_log.h"
#include "lib/near/transaction.h"

enum {
    POST_MS = 30000,      /* longer than a node waits before it answers 408 */
    PAUSE_MS = 200,       /* between two looks at a transaction */
    SIGNED_MAX = 16,      /* another program may use the key at the same time */
    AGAIN_FIRST_MS = 10,  /* before a transaction is signed anew, doubled up to: */
    AGAIN_LAST_MS = 1000, /* about a block of the public networks */
    VIEW_TRIES = 3,
};

/* What was sent is executed before it is final: a view right behind it must see it. */
static const ol_str HEAD = OL_STR_INIT("optimistic");

struct chain_client {
    const cli *cli;
    ol_http_client *client;
    ol_rpc rpc;
    interrupt interrupt;
    ol_buf answer;
    uint32_t post_ms;
    bool network_checked;
    char pinned[OL_HASH_TEXT_BYTES]; /* the block that is read at; empty: the newest */
};

static ol_str read_at(const chain_client *c)
{
    return c->pinned[0] != '\0' ? ol_str_of(c->pinned) : HEAD;
}

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static ol_rc unreached(const chain_client *c, ol_err *err)
{
    char where[OL_ERR_TEXT_BYTES];
    (void)snprintf(where, sizeof where, "the node at %.*s: ", OL_FMT(c->cli->rpc));
    return ol_prefix(err, where);
}

/* Nodes answer refusals with statuses of their own and tell more in the body: what is JSON is an
 * answer. */
static ol_rc post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    chain_client *c = context;
    const ol_http_header header = {OL_STR_INIT("Content-Type"), OL_STR_INIT("application/json")};
    ol_http_answer answer;
    const ol_http_request request = {
        .method = OL_STR("POST"),
        .url = c->cli->rpc,
        .header = &header,
        .headers = 1,
        .body = ol_str_bytes(body),
        .total_ms = c->post_ms,
    };
    size_t before = into->len;
    ol_rc rc = ol_http_exchange(c->client, &request, into, &answer, err);
    if (c->interrupt.came)
        return ol_fail(err, OL_ERR_INTERRUPTED, "interrupted");
    if (rc != OL_OK)
        return unreached(c, err);
    ol_str got = ol_str_slice(ol_buf_str(into), before, into->len);
    if (answer.status != 200 && !ol_json_valid(got))
        return ol_fail(err, OL_ERR_NETWORK, "the node answered %d", answer.status);
    return OL_OK;
}

ol_rc chain_open(const cli *it, chain_client **ret, ol_err *err)
{
    const char *ca_file = getenv("OUTLAYER_CA_FILE");
    ol_http_options options = {.ca_file = ca_file, .user_agent = "outlayer-cli/" OL_VERSION};
    if (it->rpc.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "no node is known for network %.*s: name it with --rpc",
                       OL_FMT(it->network));
    chain_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    c->cli = it;
    c->client = ol_http_client_new(&options);
    c->interrupt.client = c->client;
    c->rpc = (ol_rpc){post, c};
    c->answer = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    c->post_ms = POST_MS;
    if (c->client == NULL) {
        chain_close(c);
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    *ret = c;
    return OL_OK;
}

void chain_close(chain_client *c)
{
    if (c == NULL || c->interrupt.watched)
        return;
    ol_http_client_free(c->client);
    ol_buf_deinit(&c->answer);
    free(c);
}

const ol_rpc *chain_rpc(const chain_client *c)
{
    return &c->rpc;
}

ol_rc chain_catch_interrupts(chain_client *c, ol_err *err)
{
    return interrupt_catch(&c->interrupt, err);
}

static ol_rc no_memory(ol_err *err)
{
    return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

/* ---- views */

/* What the node said, its escapes resolved: in the result of a `query`, or in the error's data. */
static ol_str said(const chain_client *c, const ol_err *err)
{
    ol_json root, outer, inner;
    ol_str text;
    static const char *const PLACES[][2] = {{"result", "error"}, {"error", "data"}};
    if (ol_json_parse(ol_buf_str(&c->answer), &root, NULL) != OL_OK)
        return ol_err_text(err);
    OL_EACH (place, PLACES) {
        if (ol_json_find(&root, ol_str_of((*place)[0]), &outer) &&
            ol_json_find(&outer, ol_str_of((*place)[1]), &inner) &&
            ol_json_text(&inner, c->cli->arena, &text, NULL) == OL_OK)
            return text;
    }
    return ol_err_text(err);
}

/* What a failed view says is a debug form; people want the words inside (NEAR 5.3). */
static ol_rc view_refused(const chain_client *c, ol_str contract, ol_str method, ol_err *err)
{
    static const ol_str PANIC = OL_STR_INIT("panic_msg: \"");
    ol_str text = said(c, err), words;
    size_t at, end;
    if (ol_str_find(text, OL_STR("MethodNotFound"), &at))
        return ol_fail(err, OL_ERR_CONTRACT, "%.*s has no method %.*s", OL_FMT(contract),
                       OL_FMT(method));
    if (ol_str_find(text, OL_STR("CodeDoesNotExist"), &at) ||
        ol_str_find(text, OL_STR("does not exist"), &at))
        return ol_fail(err, OL_ERR_CONTRACT, "there is no contract at %.*s on %.*s",
                       OL_FMT(contract), OL_FMT(c->cli->network));
    if (!ol_str_find(text, PANIC, &at))
        return err->rc;
    words = ol_str_slice(text, at + PANIC.len, text.len);
    if (ol_str_find(words, OL_STR("\" }"), &end))
        words.len = end;
    if (!ol_arena_copy(c->cli->arena, words, &words)) /* the error's text is written anew */
        return err->rc;
    return ol_fail(err, OL_ERR_CONTRACT, "%.*s", OL_FMT(words));
}

static ol_rc query(chain_client *c, const ol_buf *params, ol_rpc_answer *ret, ol_err *err)
{
    ol_rc rc = OL_ERR_INTERNAL;
    c->post_ms = CHAIN_VIEW_MS;
    for (int tries = 0; tries < VIEW_TRIES; tries++) {
        if (tries > 0)
            pause_ms(PAUSE_MS << tries);
        rc = ol_rpc_call(&c->rpc, "query", ol_buf_str(params), &c->answer, ret, err);
        if (rc == OL_OK || c->interrupt.came || !ol_rpc_fault_passes(ret->fault))
            break;
    }
    c->post_ms = POST_MS;
    return rc;
}

ol_rc chain_view_of(chain_client *c, ol_str contract, ol_str method, ol_str args_json,
                    ol_bytes *ret, ol_err *err)
{
    OL_AUTO(ol_buf) params = ol_buf_new(OL_MIB(4));
    ol_rpc_answer answer;
    ol_json list;
    ol_rpc_add_call_function(&params, contract, method, ol_str_bytes(args_json), read_at(c));
    if (!ol_buf_ok(&params))
        return ol_fail(err, OL_ERR_LIMIT, "the arguments are too large");
    if (query(c, &params, &answer, err) != OL_OK)
        return view_refused(c, contract, method, err);
    if (!ol_json_find(&answer.result, OL_STR("result"), &list) ||
        ol_json_byte_array(&list, c->cli->arena, ret, err) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer to %.*s has no result",
                       OL_FMT(method));
    return OL_OK;
}

ol_rc chain_pin_final(chain_client *c, ol_err *err)
{
    ol_block_head head;
    OL_TRY(ol_rpc_block_head(&c->rpc, OL_STR("final"), &head, NULL, err));
    memcpy(c->pinned, head.hash_text, sizeof c->pinned);
    return OL_OK;
}

ol_rc chain_view(chain_client *c, const char *method, const ol_buf *args, ol_json *ret, ol_err *err)
{
    ol_str json = args != NULL && args->len > 0 ? ol_buf_str(args) : OL_STR("{}");
    ol_bytes value;
    if (args != NULL && !ol_buf_ok(args))
        return ol_fail(err, OL_ERR_LIMIT, "the arguments of %s are too large", method);
    OL_TRY(chain_view_of(c, c->cli->contract, ol_str_of(method), json, &value, err));
    if (ol_json_parse(ol_bytes_str(value), ret, err) == OL_OK)
        return OL_OK;
    (void)ol_note(err, "result of %s", method);
    (void)ol_prefix(err, "the contract's answer is not JSON: ");
    return err->rc = OL_ERR_PROTOCOL;
}

ol_rc chain_view_amount(chain_client *c, const char *method, const ol_buf *args, ol_u128 *ret,
                        ol_err *err)
{
    ol_json value;
    OL_TRY(chain_view(c, method, args, &value, err));
    OL_TRY_NOTE(err, ol_json_u128_text(&value, ret, err), "result of %s", method);
    return OL_OK;
}

static ol_rc view_account(chain_client *c, ol_str account_id, ol_rpc_answer *ret, ol_err *err)
{
    OL_AUTO(ol_buf) params = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "request_type", "view_account");
    ol_json_put_str(&w, c->pinned[0] != '\0' ? "block_id" : "finality", read_at(c));
    ol_json_put_str(&w, "account_id", account_id);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&params))
        return ol_fail(err, OL_ERR_USAGE, "an account id has at most 64 bytes");
    ol_rc rc = query(c, &params, ret, err);
    if (ret->fault == OL_RPC_UNKNOWN_ACCOUNT)
        return ol_fail(err, OL_ERR_NOT_FOUND, "account %.*s does not exist on %.*s",
                       OL_FMT(account_id), OL_FMT(c->cli->network));
    return rc;
}

ol_rc chain_balance(chain_client *c, ol_str account_id, ol_yocto *ret, ol_err *err)
{
    ol_rpc_answer answer = {0};
    ol_json amount;
    OL_TRY(view_account(c, account_id, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("amount"), &amount))
        return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer names no balance");
    return ol_json_u128_text(&amount, &ret->yocto, err);
}

ol_rc chain_code_hash(chain_client *c, ol_str account_id, char ret[OL_HASH_TEXT_BYTES], ol_err *err)
{
    ol_rpc_answer answer = {0};
    ol_json hash;
    OL_TRY(view_account(c, account_id, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("code_hash"), &hash) ||
        ol_json_kind_of(&hash) != OL_JSON_STRING || hash.raw.len - 2 >= OL_HASH_TEXT_BYTES)
        return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer names no code");
    ret[ol_json_text_decode(&hash, ret)] = '\0';
    return OL_OK;
}

/* ---- transactions */

/* The answer's buffer is used again: what the outcome points into is copied. */
static ol_rc outcome_keep(chain_client *c, chain_outcome *ret, ol_err *err)
{
    ol_arena *arena = c->cli->arena;
    ol_str whole;
    ol_json root, result;
    ol_bytes value;
    if (!ol_arena_copy(arena, ol_buf_str(&c->answer), &whole))
        return no_memory(err);
    OL_TRY(ol_json_parse_within(whole, (ol_json_limits){OL_RPC_BODY_BYTES_MAX, OL_JSON_DEPTH_MAX},
                                &root, err));
    if (!ol_json_find(&root, OL_STR("result"), &result))
        return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer has no result");
    OL_TRY(ol_tx_outcome_decode(&result, arena, &ret->tx, err));
    if (ret->tx.state == OL_TX_FAILED)
        return chain_failure(ret->tx.failure_json, arena, err);
    if (ret->tx.state == OL_TX_SUCCEEDED) {
        if (!ol_base64_decode(ret->tx.value_base64, arena, &value))
            return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer is not Base64");
        ret->value = ol_bytes_str(value);
    }
    return OL_OK;
}

/* What the node has against a transaction is in the error's data. */
static ol_rc refused(chain_client *c, ol_err *err)
{
    ol_json root, error, data, inner;
    if (ol_json_parse(ol_buf_str(&c->answer), &root, NULL) == OL_OK &&
        ol_json_find(&root, OL_STR("error"), &error) &&
        ol_json_find(&error, OL_STR("data"), &data) &&
        ol_json_find(&data, OL_STR("TxExecutionError"), &inner))
        return chain_failure(inner.raw, c->cli->arena, err);
    return err->rc;
}

typedef struct due {
    int64_t deadline_ns;
} due;

static due due_in(uint64_t seconds)
{
    uint64_t wait = seconds != 0 ? seconds : CHAIN_SECONDS_STANDARD;
    return (due){ol_mono_ns(ol_clock_real()) + (int64_t)wait * 1000000000};
}

/* One exchange gets what is left, so that the user's deadline holds. false: nothing is left. */
static bool time_left(chain_client *c, const due *until)
{
    int64_t left_ms = (until->deadline_ns - ol_mono_ns(ol_clock_real())) / 1000000;
    if (left_ms <= 0)
        return false;
    c->post_ms = left_ms < POST_MS ? (uint32_t)left_ms : POST_MS;
    return true;
}

static ol_rc await(chain_client *c, ol_str sender_id, ol_str wait_until, const due *until,
                   chain_outcome *ret, ol_err *err)
{
    while (time_left(c, until)) {
        ol_rpc_answer answer = {0};
        ol_rc rc = ol_rpc_tx(&c->rpc, ret->hash, sender_id, wait_until, c->cli->arena, &c->answer,
                             &ret->tx, &answer, err);
        if (c->interrupt.came)
            return ol_fail(err, OL_ERR_INTERRUPTED, "interrupted");
        bool settled = rc == OL_OK && (ret->tx.state != OL_TX_UNDER_WAY ||
                                       ol_str_eq(wait_until, OL_STR("INCLUDED")));
        if (settled)
            return outcome_keep(c, ret, err);
        if (rc != OL_OK && !ol_rpc_fault_passes(answer.fault) && answer.fault != OL_RPC_TIMEOUT)
            return rc;
        pause_ms(PAUSE_MS);
    }
    return ol_fail(err, OL_ERR_PENDING, "transaction %s is not executed yet", ret->hash);
}

ol_rc chain_await(chain_client *c, const char *hash, ol_str sender_id, ol_str wait_until,
                  uint64_t seconds, chain_outcome *ret, ol_err *err)
{
    const due until = due_in(seconds);
    chain_outcome outcome = {0};
    uint8_t bytes[32];
    if (!ol_base58_decode_fixed(ol_str_of(hash), bytes, sizeof bytes))
        return ol_fail(err, OL_ERR_USAGE, "%s is no transaction hash", hash);
    memcpy(outcome.hash, hash, strlen(hash) + 1);
    *ret = outcome;
    return await(c, sender_id, wait_until, &until, ret, err);
}

/* Nothing is signed for a network on another one's node. */
static ol_rc network_check(chain_client *c, ol_err *err)
{
    const char *wanted = cli_network_find(c->cli->network)->chain_id;
    ol_rpc_answer answer = {0};
    ol_json chain_id;
    if (wanted == NULL || c->network_checked)
        return OL_OK;
    OL_TRY(ol_rpc_call(&c->rpc, "status", OL_STR("[]"), &c->answer, &answer, err));
    if (!ol_json_find(&answer.result, OL_STR("chain_id"), &chain_id) ||
        ol_json_kind_of(&chain_id) != OL_JSON_STRING ||
        !ol_json_text_is(&chain_id, ol_str_of(wanted)))
        return ol_fail(err, OL_ERR_FORBIDDEN, "the node at %.*s is not one of %s",
                       OL_FMT(c->cli->rpc), wanted);
    c->network_checked = true;
    return OL_OK;
}

/* Signs with the key's next nonce on a recent block. */
static ol_rc sign(chain_client *c, const signer *from, ol_transaction *transaction, ol_buf *into,
                  chain_outcome *ret, ol_err *err)
{
    ol_ed25519_public public = ol_ed25519_public_of(&from->key);
    ol_str text = ol_near_public_key_format(&public, c->cli->arena);
    ol_block_head head;
    ol_rpc_fault fault;
    ol_sha256 hash;
    OL_TRY(network_check(c, err));
    ol_rc rc =
        ol_rpc_key_nonce(&c->rpc, from->account_id, text, HEAD, &transaction->nonce, &fault, err);
    if (fault == OL_RPC_UNKNOWN_KEY || fault == OL_RPC_UNKNOWN_ACCOUNT)
        return ol_fail(err, OL_ERR_NO_ACCOUNT_KEY, "the key %.*s is not one of %.*s on %.*s",
                       OL_FMT(text), OL_FMT(from->account_id), OL_FMT(c->cli->network));
    OL_TRY(rc);
    OL_TRY(ol_rpc_block_head(&c->rpc, OL_STR("final"), &head, NULL, err));
    transaction->nonce++;
    memcpy(transaction->block_hash, head.hash, sizeof transaction->block_hash);
    ol_buf_clear(into);
    ol_transaction_sign(transaction, &from->key, into, &hash);
    if (!ol_buf_ok(into))
        return ol_fail(err, OL_ERR_LIMIT, "the transaction is larger than a block takes");
    ol_buf name = ol_buf_over(ret->hash, sizeof ret->hash);
    ol_base58_add(&name, ol_sha256_bytes(&hash));
    ret->hash[name.len] = '\0';
    return OL_OK;
}

/* The other one's transaction must get into a block before its nonce shows; of several who wait for
 * that, the odd part lets one go first. */
static void pause_again(int tries)
{
    long most = tries < 7 ? (long)AGAIN_FIRST_MS << tries : AGAIN_LAST_MS;
    pause_ms(most / 2 + (long)(ol_mono_ns(ol_clock_real()) / 1000 % most));
}

/* A node may take a transaction whose nonce another one uses before it: what a block finds out is
 * the same refusal, only later. Nothing of it was executed, and nothing ever will be. */
static bool nonce_was_used(const chain_outcome *it)
{
    ol_json failure, inner;
    return it->tx.state == OL_TX_FAILED &&
           ol_json_parse(it->tx.failure_json, &failure, NULL) == OL_OK &&
           ol_json_find(&failure, OL_STR("InvalidTxError"), &inner) &&
           ol_json_find(&inner, OL_STR("InvalidNonce"), &inner);
}

/* Sent, and executed up to `wait_until` unless *ret_waits. The node refuses a nonce that somebody
 * else has used meanwhile: such a transaction is signed anew. */
static ol_rc dispatch(chain_client *c, const signer *from, ol_transaction *transaction,
                      ol_str wait_until, chain_outcome *ret, bool *ret_waits, ol_err *err)
{
    OL_AUTO(ol_buf) bytes = ol_buf_new(OL_TRANSACTION_BYTES_MAX);
    OL_ASSERT(!c->cli->dry_run);
    *ret = (chain_outcome){0};
    *ret_waits = false;
    for (int tries = 0; tries < SIGNED_MAX; tries++) {
        ol_rpc_answer answer = {0};
        OL_TRY(sign(c, from, transaction, &bytes, ret, err));
        ol_rc rc = ol_rpc_send_tx(&c->rpc, ol_buf_bytes(&bytes), wait_until, c->cli->arena,
                                  &c->answer, &ret->tx, &answer, err);
        if (c->interrupt.came)
            return ol_fail(err, OL_ERR_INTERRUPTED, "interrupted");
        if (rc == OL_OK && ret->tx.state != OL_TX_UNDER_WAY) {
            rc = outcome_keep(c, ret, err);
            if (!nonce_was_used(ret) || tries == SIGNED_MAX - 1)
                return rc;
        } else if (rc == OL_OK || answer.fault == OL_RPC_TIMEOUT ||
                   ol_rpc_fault_passes(answer.fault)) {
            *ret_waits = true;
            return OL_OK;
        } else if (answer.fault != OL_RPC_BAD_NONCE) {
            break;
        }
        ret->hash[0] = '\0';
        pause_again(tries);
    }
    ret->hash[0] = '\0';
    return refused(c, err);
}

ol_rc chain_send(chain_client *c, const signer *from, ol_str receiver_id, const ol_action *action,
                 size_t actions, uint64_t seconds, chain_outcome *ret, ol_err *err)
{
    static const ol_str EXECUTED = OL_STR_INIT("EXECUTED_OPTIMISTIC");
    const due until = due_in(seconds);
    bool waits;
    ol_transaction transaction = {.signer_id = from->account_id,
                                  .receiver_id = receiver_id,
                                  .actions = action,
                                  .action_count = actions};
    (void)time_left(c, &until);
    for (int tries = 0;; tries++) {
        OL_TRY(dispatch(c, from, &transaction, EXECUTED, ret, &waits, err));
        ol_rc rc = waits ? await(c, from->account_id, EXECUTED, &until, ret, err) : OL_OK;
        if (!waits || !nonce_was_used(ret) || tries == SIGNED_MAX)
            return rc;
        pause_again(tries);
    }
}

ol_rc chain_submit(chain_client *c, const signer *from, ol_str receiver_id, const ol_action *action,
                   size_t actions, chain_outcome *ret, ol_err *err)
{
    bool waits;
    ol_transaction transaction = {.signer_id = from->account_id,
                                  .receiver_id = receiver_id,
                                  .actions = action,
                                  .action_count = actions};
    return dispatch(c, from, &transaction, OL_STR("NONE"), ret, &waits, err);
}

ol_rc chain_call(chain_client *c, const signer *from, const char *method, const ol_buf *args,
                 uint64_t tgas, ol_yocto deposit, chain_outcome *ret, ol_err *err)
{
    if (!ol_buf_ok(args))
        return ol_fail(err, OL_ERR_LIMIT, "the arguments of %s are too large", method);
    const ol_action action =
        ol_action_call(ol_str_of(method), ol_buf_bytes(args), tgas * CHAIN_TGAS, deposit);
    OL_TRY(chain_send(c, from, c->cli->contract, &action, 1, c->cli->timeout_s, ret, err));
    return OL_OK;
}

bool chain_event(const chain_client *c, const chain_outcome *outcome, const char *name,
                 ol_json *ret)
{
    for (size_t i = 0; i < outcome->tx.logs; i++) {
        ol_event event;
        if (!ol_event_parse(outcome->tx.log[i], c->cli->arena, &event) || !event.has_data ||
            !ol_str_eq(event.event, ol_str_of(name)))
            continue;
        ol_json_iter items = ol_json_iterate(&event.data);
        if (ol_json_next_item(&items, ret))
            return true;
    }
    return false;
}
