#include "lib/near/signer.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "tests/harness/test.h"

#define KEY                                                                                        \
    "ed25519:"                                                                                     \
    "1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMikjwpAW9DMZzU2Pqakc5it8X3N5vPmqdN7KF4CCUpmKhq"
#define OK "{\"result\":{\"final_execution_status\":\"NONE\"}}"

enum { SENT_MAX = 4096 };

/* A node that knows one key and takes transactions, or refuses the next few. */
typedef struct fake_node {
    pthread_mutex_t lock;
    uint64_t key_nonce;
    unsigned nonce_asked;
    unsigned block_asked;
    const char *refusals[8]; /* of the next transactions, NULL-terminated */
    size_t refused;
    bool lost; /* transactions reach nobody's answer */
    uint64_t sent[SENT_MAX];
    size_t count;
} fake_node;

static uint64_t nonce_of(ol_str body)
{
    ol_json root;
    ol_json value;
    ol_str text;
    ol_bytes bytes;
    ol_err err;
    ol_signed_transaction tx;
    ol_arena arena = ol_arena_new(OL_MIB(1));
    CHECK_OK(ol_json_parse(body, &root, &err));
    CHECK(ol_json_find(&root, OL_STR("params"), &value));
    CHECK(ol_json_find(&value, OL_STR("signed_tx_base64"), &value));
    CHECK_OK(ol_json_text(&value, &arena, &text, &err));
    CHECK(ol_base64_decode(text, &arena, &bytes));
    CHECK_OK(ol_signed_transaction_decode(bytes, &arena, &tx, &err));
    CHECK(ol_signed_transaction_verify(&tx));
    uint64_t nonce = tx.transaction.nonce;
    ol_arena_deinit(&arena);
    return nonce;
}

static ol_rc take_transaction(fake_node *n, ol_str body, ol_buf *into, ol_err *err)
{
    if (n->refusals[n->refused] != NULL) {
        ol_buf_addf(into,
                    "{\"error\":{\"name\":\"HANDLER_ERROR\",\"cause\":{\"name\":"
                    "\"INVALID_TRANSACTION\",\"info\":{}},\"data\":{\"TxExecutionError\":{"
                    "\"InvalidTxError\":%s}}}}",
                    n->refusals[n->refused++]);
        return OL_OK;
    }
    CHECK(n->count < SENT_MAX);
    n->sent[n->count++] = nonce_of(body);
    if (n->lost)
        return ol_fail(err, OL_ERR_NETWORK, "connection lost");
    ol_buf_add_str(into, OL_STR(OK));
    return OL_OK;
}

static ol_rc serve(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    fake_node *n = context;
    size_t at;
    ol_rc rc = OL_OK;
    (void)pthread_mutex_lock(&n->lock);
    if (ol_str_find(body, OL_STR("view_access_key"), &at)) {
        n->nonce_asked++;
        ol_buf_addf(into, "{\"result\":{\"nonce\":%llu,\"permission\":\"FullAccess\"}}",
                    (unsigned long long)n->key_nonce);
    } else if (ol_str_find(body, OL_STR("\"method\":\"block\""), &at)) {
        n->block_asked++;
        ol_buf_add_str(into, OL_STR("{\"result\":{\"author\":\"a\",\"header\":{\"height\":7,"
                                    "\"hash\":\"5wbD6GsVBReHetMUw17QcNne8BjB1xSKRoU4JYpafEx5\","
                                    "\"timestamp\":1},\"chunks\":[]}}"));
    } else {
        rc = take_transaction(n, body, into, err);
    }
    (void)pthread_mutex_unlock(&n->lock);
    return rc;
}

static const ol_call CALL = {.receiver_id = OL_STR_INIT("outlayer.near"),
                             .method = OL_STR_INIT("resolve_execution"),
                             .args = {(const uint8_t *)"{}", 2},
                             .gas = 300000000000000};

typedef struct lab {
    fake_node node;
    ol_rpc rpc;
    ol_signer *signer;
    ol_signed_tx tx;
    ol_rpc_answer answer;
} lab;

static void lab_deinit(lab *l)
{
    ol_signer_close(l->signer);
    ol_buf_deinit(&l->tx.bytes);
}

static void lab_open(lab *l)
{
    ol_err err;
    *l = (lab){.node = {.key_nonce = 41}, .tx.bytes = ol_buf_new(OL_KIB(4))};
    (void)pthread_mutex_init(&l->node.lock, NULL);
    l->rpc = (ol_rpc){serve, &l->node};
    CHECK_OK(ol_signer_open(OL_STR("op.near"), OL_STR(KEY), &l->signer, &err));
}

static ol_rc send(lab *l, ol_err *err)
{
    return ol_signer_send(l->signer, &l->rpc, &CALL, NULL, NULL, &l->tx, &l->answer, err);
}

TEST("nonces count on from the access key's, which is asked once")
{
    OL_AUTO(lab) l;
    ol_err err;
    lab_open(&l);
    CHECK_STR(ol_signer_public_key(l.signer),
              OL_STR("ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"));
    for (uint64_t i = 0; i < 5; i++) {
        CHECK_OK(send(&l, &err));
        CHECK_EQ(l.tx.nonce, 42 + i);
        CHECK_EQ(l.node.sent[i], 42 + i);
        CHECK_EQ(strlen(l.tx.hash_text) > 40, true);
    }
    CHECK_EQ(l.node.nonce_asked, 1);
    CHECK_EQ(l.node.block_asked, 1);
}

TEST("a bad nonce is mended from what the node says, and the call goes out once")
{
    OL_AUTO(lab) l;
    ol_err err;
    lab_open(&l);
    l.node.refusals[0] = "{\"InvalidNonce\":{\"tx_nonce\":42,\"ak_nonce\":99}}";
    CHECK_OK(send(&l, &err));
    CHECK_EQ(l.node.count, 1);
    CHECK_EQ(l.node.sent[0], 100);
    l.node.refusals[1] = "{\"NonceTooLarge\":{\"tx_nonce\":101,\"upper_bound\":50}}";
    CHECK_OK(send(&l, &err)); /* a chain restored to an earlier state */
    CHECK_EQ(l.node.sent[1], 42);
}

TEST("an expired block is read again")
{
    OL_AUTO(lab) l;
    ol_err err;
    lab_open(&l);
    l.node.refusals[0] = "\"Expired\"";
    CHECK_OK(send(&l, &err));
    CHECK_EQ(l.node.block_asked, 2);
    CHECK_EQ(l.node.count, 1);
}

TEST("a transaction without an answer is not signed anew: its hash is handed back")
{
    OL_AUTO(lab) l;
    ol_err err;
    lab_open(&l);
    l.node.lost = true;
    CHECK_EQ(send(&l, &err), OL_ERR_NETWORK);
    CHECK_EQ(l.answer.fault, OL_RPC_LOST);
    CHECK_EQ(l.node.count, 1);
    CHECK_EQ(l.tx.nonce, 42);
    CHECK(l.tx.hash_text[0] != '\0');
    CHECK_EQ(ol_rpc_resend(&l.rpc, &l.tx, &l.answer, &err), OL_ERR_NETWORK);
    CHECK_EQ(l.node.sent[1], 42); /* the same bytes */
}

TEST("what is wrong for good is refused at once, endless trouble after five tries")
{
    static const char bad[] = "{\"InvalidNonce\":{\"tx_nonce\":1,\"ak_nonce\":50}}";
    OL_AUTO(lab) l;
    ol_err err;
    lab_open(&l);
    l.node.refusals[0] = "{\"NotEnoughBalance\":{\"signer_id\":\"a\",\"balance\":\"0\"}}";
    CHECK_EQ(send(&l, &err), OL_ERR_INVALID);
    CHECK_EQ(l.answer.fault, OL_RPC_INVALID_TRANSACTION);
    CHECK_EQ(l.node.count, 0);
    for (size_t i = 1; i < 7; i++)
        l.node.refusals[i] = bad;
    CHECK_EQ(send(&l, &err), OL_ERR_INVALID);
    CHECK_EQ(l.node.refused, 6);
}

static void *send_many(void *context)
{
    lab *l = context;
    ol_err err;
    ol_rpc_answer answer;
    ol_signed_tx tx = {.bytes = ol_buf_new(OL_KIB(4))};
    for (int i = 0; i < 100; i++)
        CHECK_OK(ol_signer_send(l->signer, &l->rpc, &CALL, NULL, NULL, &tx, &answer, &err));
    ol_buf_deinit(&tx.bytes);
    return NULL;
}

TEST("many threads send through one signer in the order of their nonces, none twice")
{
    OL_AUTO(lab) l;
    pthread_t thread[8];
    lab_open(&l);
    OL_EACH (one, thread)
        CHECK_EQ(pthread_create(one, NULL, send_many, &l), 0);
    OL_EACH (one, thread)
        CHECK_EQ(pthread_join(*one, NULL), 0);
    CHECK_EQ(l.node.count, 800);
    for (uint64_t i = 0; i < 800; i++)
        CHECK_EQ(l.node.sent[i], 42 + i);
}

TEST("a signer takes a key of its kind alone")
{
    ol_signer *signer = NULL;
    ol_err err;
    CHECK(ol_signer_open(OL_STR("op.near"), OL_STR("ed25519:abc"), &signer, &err) != OL_OK);
    CHECK(ol_signer_open(OL_STR(""), OL_STR(KEY), &signer, &err) != OL_OK);
    CHECK(ol_signer_open(OL_STR("op.near"), OL_STR("secp256k1:abc"), &signer, &err) != OL_OK);
    CHECK(signer == NULL);
}
