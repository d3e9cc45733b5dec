#include "services/keystore/chain.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "services/keystore/chain_head.h"

#define MS_NS INT64_C(1000000)
#define SECOND_NS (1000 * MS_NS)

enum {
    PARAMS_BYTES_MAX = 64 * 1024,
    ANSWER_BYTES_MAX = 4 * 1024 * 1024,
    UNWELL_SECONDS = 30, /* an endpoint that failed is asked after the others for so long */
};
_Static_assert((int)CHAIN_ENDPOINTS_MAX <= (int)CHAIN_HEADS_MAX, "every endpoint has a head");

/* An answer, by the hash of block and question. */
typedef struct kept {
    ol_sha256 key;
    char *text; /* malloc; NULL: free */
    size_t len;
} kept;

struct chain {
    chain_settings settings;
    ol_arena memory;
    ol_str url[CHAIN_ENDPOINTS_MAX];
    size_t urls;
    pthread_mutex_t lock; /* of all below */
    char head[OL_HASH_TEXT_BYTES];
    int64_t head_until_ns;
    int64_t unwell_until_ns[CHAIN_ENDPOINTS_MAX];
    kept kept[CHAIN_KEPT_MAX];
    size_t kept_bytes;
};

/* --- Opening --- */

ol_rc chain_open(const chain_settings *settings, chain **ret, ol_err *err)
{
    ol_str list = settings->rpc_urls;
    ol_str part;
    chain *it = calloc(1, sizeof *it);
    if (it == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    it->settings = *settings;
    it->memory = ol_arena_new(PARAMS_BYTES_MAX);
    (void)pthread_mutex_init(&it->lock, NULL);
    while (ol_str_next(&list, ',', &part)) {
        if (ol_str_trim(part).len == 0)
            continue;
        if (it->urls == CHAIN_ENDPOINTS_MAX ||
            !ol_arena_copy(&it->memory, ol_str_trim(part), &it->url[it->urls++])) {
            chain_free(it);
            return ol_fail(err, OL_ERR_SETTINGS, "NEAR_RPC_URL: at most %d endpoints",
                           CHAIN_ENDPOINTS_MAX);
        }
    }
    *ret = it;
    return OL_OK;
}

void chain_free(chain *it)
{
    if (it == NULL)
        return;
    OL_EACH (one, it->kept)
        free(one->text);
    (void)pthread_mutex_destroy(&it->lock);
    ol_arena_deinit(&it->memory);
    free(it);
}

chain_read chain_reading(chain *it, ol_http_client *client)
{
    int64_t deadline = ol_mono_ns(it->settings.clock) + (int64_t)it->settings.decision_ms * MS_NS;
    return (chain_read){.chain = it, .client = client, .deadline_ns = deadline, .block = {0}};
}

/* --- Answers kept --- */

static ol_sha256 question_key(const chain_read *read, ol_str question)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    ol_sha256_stream_add(&stream, (ol_bytes){(const uint8_t *)read->block, sizeof read->block});
    ol_sha256_stream_add(&stream, ol_str_bytes(question));
    return ol_sha256_stream_end(&stream);
}

static kept *slot_of(chain *it, const ol_sha256 *key)
{
    return &it->kept[((size_t)key->bytes[0] << 8 | key->bytes[1]) % CHAIN_KEPT_MAX];
}

static bool kept_find(chain *it, const ol_sha256 *key, ol_arena *arena, ol_str *ret)
{
    bool found = false;
    (void)pthread_mutex_lock(&it->lock);
    const kept *slot = slot_of(it, key);
    if (slot->text != NULL && ol_sha256_eq(&slot->key, key))
        found = ol_arena_copy(arena, (ol_str){slot->text, slot->len}, ret);
    (void)pthread_mutex_unlock(&it->lock);
    return found;
}

static void drop(chain *it, kept *slot)
{
    free(slot->text);
    it->kept_bytes -= slot->len;
    *slot = (kept){.text = NULL};
}

static void keep(chain *it, const ol_sha256 *key, ol_str text)
{
    char *copy;
    if (text.len > CHAIN_KEPT_BYTES_MAX || (copy = malloc(text.len + 1)) == NULL)
        return;
    memcpy(copy, text.data, text.len);
    (void)pthread_mutex_lock(&it->lock);
    kept *slot = slot_of(it, key);
    drop(it, slot);
    if (it->kept_bytes + text.len <= CHAIN_KEPT_TOTAL_MAX) {
        *slot = (kept){*key, copy, text.len};
        it->kept_bytes += text.len;
        copy = NULL;
    }
    (void)pthread_mutex_unlock(&it->lock);
    free(copy);
}

/* With the lock held: nobody asks about a block again that is not the newest, but for decisions
 * under way, which ask the nodes then. */
static void forget_kept(chain *it)
{
    OL_EACH (slot, it->kept)
        drop(it, slot);
}

/* --- Asking --- */

typedef struct endpoint {
    const chain_read *read;
    size_t number; /* of its URL */
} endpoint;

/* One endpoint may use up all the time there is; one of several must leave some for the others. */
static uint32_t patience_ms(const chain_read *read)
{
    const chain *it = read->chain;
    int64_t left = (read->deadline_ns - ol_mono_ns(it->settings.clock)) / MS_NS;
    int64_t most = (int64_t)it->settings.decision_ms / (it->urls > 1 ? CHAIN_ENDPOINTS_MAX : 1);
    return left <= 0 ? 0 : (uint32_t)(left < most || most == 0 ? left : most);
}

static void unwell(chain *it, size_t number)
{
    (void)pthread_mutex_lock(&it->lock);
    it->unwell_until_ns[number] = ol_mono_ns(it->settings.clock) + UNWELL_SECONDS * SECOND_NS;
    (void)pthread_mutex_unlock(&it->lock);
}

/* All endpoints, those that failed a moment ago last: one that is stuck does not use up the time of
 * every decision. Agreement is wanted of as many as before. */
static void in_order(const chain_read *read, endpoint ret[CHAIN_ENDPOINTS_MAX])
{
    chain *it = read->chain;
    size_t count = 0;
    int64_t now = ol_mono_ns(it->settings.clock);
    (void)pthread_mutex_lock(&it->lock);
    for (int last = 0; last <= 1; last++) {
        for (size_t i = 0; i < it->urls; i++) {
            if ((it->unwell_until_ns[i] > now) == (last == 1))
                ret[count++] = (endpoint){read, i};
        }
    }
    (void)pthread_mutex_unlock(&it->lock);
}

static ol_rc exchange(const endpoint *one, ol_str body, uint32_t ms, ol_buf *into, ol_err *err)
{
    static const ol_http_header JSON = {OL_STR_INIT("content-type"),
                                        OL_STR_INIT("application/json")};
    ol_http_answer answer;
    ol_http_request request = {
        .method = OL_STR("POST"),
        .url = one->read->chain->url[one->number],
        .header = &JSON,
        .headers = 1,
        .body = ol_str_bytes(body),
        .total_ms = ms,
    };
    OL_TRY(ol_http_exchange(one->read->client, &request, into, &answer, err));
    if (answer.status != 200)
        return ol_fail(err, OL_ERR_NETWORK, "the node answered %d", answer.status);
    return OL_OK;
}

static ol_rc post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    const endpoint *one = context;
    uint32_t ms = patience_ms(one->read);
    if (ms == 0)
        return ol_fail(err, OL_ERR_TIMEOUT, "the chain did not answer in time");
    ol_rc rc = exchange(one, body, ms, into, err);
    if (rc != OL_OK)
        unwell(one->read->chain, one->number);
    return rc;
}

static ol_rpc rpc_over(endpoint *one)
{
    return (ol_rpc){post, one};
}

/* What one endpoint answered: text, or that the thing does not exist. */
typedef struct said {
    ol_rc rc;
    bool absent;
    ol_str text;
} said;

static bool said_same(const said *a, const said *b)
{
    return a->rc == OL_OK && b->rc == OL_OK && a->absent == b->absent &&
           (a->absent || ol_str_eq(a->text, b->text));
}

/* A view's answer is the bytes it returned; of other queries, the result as the node wrote it. */
static ol_rc result_text(const ol_json *result, bool is_view, ol_arena *arena, ol_str *ret,
                         ol_err *err)
{
    ol_json list;
    ol_bytes bytes;
    if (!is_view)
        return ol_arena_copy(arena, result->raw, ret)
                   ? OL_OK
                   : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (!ol_json_find(result, OL_STR("result"), &list))
        return ol_fail(err, OL_ERR_PROTOCOL, "a view without a result");
    OL_TRY(ol_json_byte_array(&list, arena, &bytes, err));
    *ret = ol_bytes_str(bytes);
    return OL_OK;
}

static said ask(endpoint *one, ol_str params, bool is_view, ol_arena *arena, ol_err *err)
{
    ol_rpc rpc = rpc_over(one);
    ol_rpc_answer answer;
    said it = {OL_OK, false, {NULL, 0}};
    ol_buf body = ol_buf_new(ANSWER_BYTES_MAX);
    it.rc = ol_rpc_call(&rpc, "query", params, &body, &answer, err);
    if (it.rc == OL_OK)
        it.rc = result_text(&answer.result, is_view, arena, &it.text, err);
    else if (answer.fault == OL_RPC_UNKNOWN_ACCOUNT || answer.fault == OL_RPC_UNKNOWN_KEY)
        it = (said){OL_OK, true, {NULL, 0}};
    ol_buf_deinit(&body);
    return it;
}

/* Asks until two agree; one endpoint alone is believed where no more are configured. */
static ol_rc ask_all(const chain_read *read, ol_str params, bool is_view, ol_arena *arena,
                     said *ret, ol_err *err)
{
    said heard[CHAIN_ENDPOINTS_MAX];
    endpoint one[CHAIN_ENDPOINTS_MAX];
    const chain *it = read->chain;
    in_order(read, one);
    for (size_t i = 0; i < it->urls; i++) {
        heard[i] = ask(&one[i], params, is_view, arena, err);
        *ret = heard[i];
        if (it->urls == 1)
            return heard[i].rc;
        for (size_t j = 0; j < i; j++) {
            if (said_same(&heard[i], &heard[j]))
                return OL_OK;
        }
    }
    return ol_fail(err, OL_ERR_PROTOCOL, "the configured endpoints do not agree");
}

/* --- The block --- */

static bool head_known(chain_read *read)
{
    chain *it = read->chain;
    bool known;
    (void)pthread_mutex_lock(&it->lock);
    known = it->head_until_ns > ol_mono_ns(it->settings.clock);
    if (known)
        memcpy(read->block, it->head, sizeof it->head);
    (void)pthread_mutex_unlock(&it->lock);
    return known;
}

static ol_rc head_fetch(const chain_read *read, ol_block_head *ret, ol_err *err)
{
    const chain *it = read->chain;
    endpoint one[CHAIN_ENDPOINTS_MAX];
    ol_rpc rpc[CHAIN_ENDPOINTS_MAX];
    in_order(read, one);
    for (size_t i = 0; i < it->urls; i++)
        rpc[i] = rpc_over(&one[i]);
    return chain_head_agree(rpc, it->urls, ret, err);
}

static ol_rc head_check(const chain *it, const ol_block_head *head, ol_err *err)
{
    uint64_t now_ns = (uint64_t)ol_wall_ms(it->settings.clock) * (uint64_t)MS_NS;
    uint64_t age_max = it->settings.block_age_seconds * (uint64_t)SECOND_NS;
    if (age_max > 0 && head->timestamp_ns < now_ns && now_ns - head->timestamp_ns > age_max)
        return ol_fail(err, OL_ERR_PROTOCOL, "the last final block is too old");
    return OL_OK;
}

static ol_rc pin(chain_read *read, ol_err *err)
{
    chain *it = read->chain;
    ol_block_head head;
    if (read->block[0] != '\0')
        return OL_OK;
    read->known_head = head_known(read);
    if (read->known_head)
        return OL_OK;
    if (it->urls == 0)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "NEAR_RPC_URL is not configured");
    if (read->client == NULL)
        return ol_fail(err, OL_ERR_PENDING, "the chain has to be asked");
    OL_TRY(head_fetch(read, &head, err));
    OL_TRY(head_check(it, &head, err));
    memcpy(read->block, head.hash_text, sizeof head.hash_text);
    (void)pthread_mutex_lock(&it->lock);
    if (memcmp(it->head, head.hash_text, sizeof it->head) != 0)
        forget_kept(it);
    memcpy(it->head, head.hash_text, sizeof it->head);
    it->head_until_ns = ol_mono_ns(it->settings.clock) + (int64_t)it->settings.facts_ms * MS_NS;
    (void)pthread_mutex_unlock(&it->lock);
    return OL_OK;
}

bool chain_read_afresh(chain_read *read)
{
    chain *it = read->chain;
    if (!read->known_head)
        return false;
    (void)pthread_mutex_lock(&it->lock);
    if (memcmp(it->head, read->block, sizeof it->head) == 0)
        it->head_until_ns = 0;
    (void)pthread_mutex_unlock(&it->lock);
    int64_t deadline = read->deadline_ns; /* of the decision, which goes on */
    *read = chain_reading(it, read->client);
    read->deadline_ns = deadline;
    return true;
}

/* --- Reading --- */

/* `-` for what does not exist, `+` and the text for what does: so both can be kept. */
static ol_rc read_text(chain_read *read, ol_str params, bool is_view, ol_arena *arena, ol_str *ret,
                       bool *ret_absent, ol_err *err)
{
    said it = {0};
    ol_str text;
    ol_sha256 key = question_key(read, params);
    if (!kept_find(read->chain, &key, arena, &text)) {
        if (read->client == NULL)
            return ol_fail(err, OL_ERR_PENDING, "the chain has to be asked");
        OL_TRY(ask_all(read, params, is_view, arena, &it, err));
        text = it.absent ? OL_STR("-") : ol_arena_printf(arena, "+%.*s", OL_FMT(it.text));
        if (text.data == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        keep(read->chain, &key, text);
    }
    *ret_absent = text.data[0] == '-';
    *ret = ol_str_slice(text, 1, text.len);
    return OL_OK;
}

ol_rc chain_view(chain_read *read, ol_str contract, ol_str method, ol_str args_json,
                 ol_arena *arena, ol_str *ret_json, ol_err *err)
{
    bool absent = false;
    OL_TRY(pin(read, err));
    ol_buf params = ol_buf_new(PARAMS_BYTES_MAX);
    ol_rpc_add_call_function(&params, contract, method, ol_str_bytes(args_json),
                             ol_str_of(read->block));
    ol_rc rc = ol_buf_ok(&params)
                   ? read_text(read, ol_buf_str(&params), true, arena, ret_json, &absent, err)
                   : ol_fail(err, OL_ERR_LIMIT, "a view's arguments are too long");
    ol_buf_deinit(&params);
    OL_TRY(rc);
    return absent ? ol_fail(err, OL_ERR_PROTOCOL, "account %.*s does not exist", OL_FMT(contract))
                  : OL_OK;
}

ol_rc chain_query(chain_read *read, ol_str params_json, ol_arena *arena, ol_str *ret_json,
                  bool *ret_absent, ol_err *err)
{
    OL_TRY(pin(read, err));
    ol_buf params = ol_buf_new(PARAMS_BYTES_MAX);
    ol_buf_addf(&params, "{%.*s,", OL_FMT(params_json));
    ol_rpc_add_block(&params, ol_str_of(read->block));
    ol_buf_add_char(&params, '}');
    ol_rc rc = ol_buf_ok(&params)
                   ? read_text(read, ol_buf_str(&params), false, arena, ret_json, ret_absent, err)
                   : ol_fail(err, OL_ERR_LIMIT, "a query is too long");
    ol_buf_deinit(&params);
    return rc;
}

/* --- Facts --- */

static ol_rc fact_balance(void *context, ol_str account, ol_u128 *ret, ol_err *err)
{
    bool absent;
    ol_str text;
    ol_json root;
    ol_json amount;
    OL_AUTO(ol_arena) arena = ol_arena_new(PARAMS_BYTES_MAX);
    OL_AUTO(ol_buf) params = ol_buf_new(PARAMS_BYTES_MAX);
    ol_buf_add_str(&params, OL_STR("\"request_type\":\"view_account\",\"account_id\":\""));
    ol_json_escape(&params, account);
    ol_buf_add_char(&params, '"');
    OL_TRY(chain_query(context, ol_buf_str(&params), &arena, &text, &absent, err));
    *ret = 0;
    if (absent)
        return ol_fail(err, OL_ERR_PROTOCOL, "account %.*s does not exist", OL_FMT(account));
    OL_TRY(ol_json_parse(text, &root, err));
    if (!ol_json_find(&root, OL_STR("amount"), &amount))
        return ol_fail(err, OL_ERR_PROTOCOL, "an account without an amount");
    return ol_json_u128_text(&amount, ret, err);
}

static ol_rc fact_view(void *context, ol_str contract, ol_str method, ol_str args_json,
                       ol_arena *arena, ol_str *ret_json, ol_err *err)
{
    return chain_view(context, contract, method, args_json, arena, ret_json, err);
}

ol_chain_facts chain_facts(chain_read *read)
{
    return (ol_chain_facts){read, fact_balance, fact_view};
}
