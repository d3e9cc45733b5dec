/* Coordinator 6, owners' side: an account lists and removes its rows in a project and sees what
 * they take; the project's owner also those of all callers. Each request is signed by a full-access
 * key of the account (lib/proto/signed_request.h), which the chain is asked about; whatever stays
 * unknown is refused. */
#include "lib/codec/utf8.h"
#include "lib/crypto/hash.h"
#include "lib/proto/owner_storage.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/owned_storage.h"
#include "services/coordinator/time_text.h"

/* One request on its way over a thread of the chain. */
typedef struct owner_ask {
    chain_job job; /* first */
    coordinator *it;
    ol_web_request *request;
    ol_storage_ask ask;
    ol_owner_storage body;
    ol_str key; /* that signed */
    chain_project project;
    bool owns; /* the project */
} owner_ask;

/* ---- may they? */

static ol_rc key_check(const owner_ask *a, const chain_tools *tools, ol_arena *arena, ol_err *err)
{
    chain_access_key key;
    if (chain_account_key_view(tools, a->body.account_id, a->key, arena, &key, err) != OL_OK)
        return ol_fail(err, OL_ERR_NETWORK, "Key verification failed: the chain does not answer");
    if (!key.found)
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "%.*s is no key of %.*s", OL_FMT(a->key),
                       OL_FMT(a->body.account_id));
    if (!key.full_access)
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "%.*s is no full-access key of %.*s",
                       OL_FMT(a->key), OL_FMT(a->body.account_id));
    return OL_OK;
}

/* The contract names the owner; in the projects file the id does. */
static ol_rc project_check(owner_ask *a, const chain_tools *tools, ol_arena *arena, ol_err *err)
{
    ol_str id = a->body.project_id, owner, name;
    if (chain_file_find(a->it->chain, id, arena, &a->project)) {
        owner = ol_str_cut(id, '/', &owner, &name) ? owner : OL_STR("");
    } else {
        OL_TRY(chain_project_view(tools, id, arena, &a->project, err));
        owner = a->project.owner;
    }
    a->owns = ol_str_eq(owner, a->body.account_id);
    if (a->body.worker && !a->owns)
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "Only the owner of %.*s sees and removes what all callers share",
                       OL_FMT(id));
    return OL_OK;
}

/* ---- what was asked */

static signed_nonce nonce_of(const owner_ask *a)
{
    return (signed_nonce){.account_id = a->body.account_id,
                          .nonce = a->body.proof.nonce,
                          .expires_ms = (int64_t)a->body.expires * 1000};
}

static ol_rc nonce_use(const owner_ask *a, ol_err *err)
{
    signed_nonce_use use = {.nonce = nonce_of(a)};
    signed_nonce_take(a->it->domain, &use); /* waits: this thread may */
    if (use.op.rc != OL_OK)
        *err = use.op.err;
    return use.op.rc;
}

static owned_rows rows_of(const owner_ask *a)
{
    return (owned_rows){
        .name = {.project_uuid = a->project.uuid,
                 .account_id = a->body.worker ? STORAGE_WORKER_ACCOUNT : a->body.account_id},
        .only_public = a->body.only_public};
}

static void put_whose(ol_json_writer *w, const owner_ask *a, ol_str account_id)
{
    ol_json_put_str(w, "project_id", a->body.project_id);
    ol_json_put_str(w, "project_uuid", a->project.uuid);
    ol_json_put_str(w, "account_id", account_id);
}

static void put_next(ol_json_writer *w, bool more, ol_str last)
{
    if (more)
        ol_json_put_str(w, "next_cursor", last);
    else
        ol_json_put_null(w, "next_cursor");
}

static void put_used(ol_json_writer *w, const storage_used *used)
{
    ol_json_put_u64(w, "total_bytes", used->total_bytes);
    ol_json_put_u64(w, "key_count", used->key_count);
}

static void put_row(ol_json_writer *w, const owned_row *row)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "key_hash", row->key_hash);
    if (!row->is_encrypted && ol_utf8_valid(ol_bytes_str(row->key)))
        ol_json_put_str(w, "key", ol_bytes_str(row->key));
    else
        ol_json_put_null(w, "key");
    ol_json_put_bool(w, "is_encrypted", row->is_encrypted);
    ol_json_put_u64(w, "size_bytes", row->size_bytes);
    ol_json_put_str(w, "wasm_hash", row->wasm_hash);
    time_put(w, "updated_at", row->updated_ms);
    ol_json_object_end(w);
}

static ol_rc list(owner_ask *a, ol_arena *arena, ol_json_writer *w, ol_err *err)
{
    owned_rows which = rows_of(a);
    const owned_page page = {
        .after = a->body.cursor, .prefix = ol_str_bytes(a->body.prefix), .limit = a->body.limit};
    owned_row *rows;
    size_t count;
    bool more;
    OL_TRY(nonce_use(a, err));
    OL_TRY(owned_list(a->it->domain, &which, &page, arena, &rows, &count, &more, err));
    put_whose(w, a, which.name.account_id);
    ol_json_key(w, "rows");
    ol_json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        put_row(w, &rows[i]);
    ol_json_array_end(w);
    put_next(w, more, count > 0 ? rows[count - 1].key_hash : OL_STR(""));
    return OL_OK;
}

/* A readable key, and every key of the first form, is found by its plain hash; the others by theirs
 * alone. */
static ol_rc delete(owner_ask *a, ol_arena *arena, ol_json_writer *w, ol_err *err)
{
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(a->body.key));
    owned_removal it = {.nonce = nonce_of(a), .rows = rows_of(a)};
    (void)arena;
    it.rows.name.key_hash = a->body.key.data != NULL ? ol_sha256_hex_str(&hash) : a->body.key_hash;
    owned_remove(a->it->domain, &it); /* waits: this thread may */
    if (it.op.rc != OL_OK) {
        *err = it.op.err;
        return it.op.rc;
    }
    if (it.removed.key_count == 0 && !a->body.all)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Storage key not found");
    put_whose(w, a, it.rows.name.account_id);
    ol_json_key(w, "removed");
    ol_json_object_begin(w);
    put_used(w, &it.removed);
    ol_json_object_end(w);
    return OL_OK;
}

static ol_rc put_accounts(owner_ask *a, ol_arena *arena, ol_json_writer *w, ol_err *err)
{
    const owned_page page = {.after = a->body.cursor, .limit = a->body.limit};
    storage_used total;
    owned_usage *list;
    size_t count;
    bool more;
    OL_TRY(owned_usage_total(a->it->domain, a->project.uuid, &total, err));
    OL_TRY(
        owned_usage_list(a->it->domain, a->project.uuid, &page, arena, &list, &count, &more, err));
    ol_json_key(w, "project");
    ol_json_object_begin(w);
    put_used(w, &total);
    ol_json_object_end(w);
    ol_json_key(w, "accounts");
    ol_json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        ol_json_object_begin(w);
        ol_json_put_str(w, "account_id", list[i].account_id);
        put_used(w, &list[i].used);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    put_next(w, more, count > 0 ? list[count - 1].account_id : OL_STR(""));
    return OL_OK;
}

static ol_rc usage(owner_ask *a, ol_arena *arena, ol_json_writer *w, ol_err *err)
{
    storage_used own;
    OL_TRY(nonce_use(a, err));
    OL_TRY(storage_usage(a->it->domain, a->project.uuid, a->body.account_id, &own, err));
    put_whose(w, a, a->body.account_id);
    put_used(w, &own);
    return a->owns ? put_accounts(a, arena, w, err) : OL_OK;
}

/* ---- on the way */

static ol_rc serve(owner_ask *a, const chain_tools *tools, ol_json_writer *w, ol_err *err)
{
    static ol_rc (*const DO[])(owner_ask *, ol_arena *, ol_json_writer *, ol_err *) = {
        [OL_STORAGE_ASK_LIST] = list,
        [OL_STORAGE_ASK_DELETE] = delete,
        [OL_STORAGE_ASK_USAGE] = usage,
    };
    ol_arena *arena = ol_web_arena(a->request);
    OL_TRY(key_check(a, tools, arena, err));
    OL_TRY(project_check(a, tools, arena, err));
    return DO[a->ask](a, arena, w, err);
}

static void run(chain_job *job, const chain_tools *tools)
{
    owner_ask *a = (owner_ask *)job;
    json_answer answer;
    ol_err err = {0};
    json_answer_begin(&answer);
    if (serve(a, tools, &answer.w, &err) == OL_OK) {
        json_answer_send(&answer, a->request, 200);
        return;
    }
    ol_buf_deinit(&answer.buf);
    answer_failure(a->request, FAILURE_JSON, &err);
}

static ol_rc signature_check(owner_ask *a, ol_err *err)
{
    ol_arena *arena = ol_web_arena(a->request);
    ol_signed_request request;
    OL_TRY(ol_owner_storage_check(&a->body, a->ask, err));
    OL_TRY(
        ol_owner_storage_signed(&a->body, a->ask, a->it->set->contract_id, arena, &request, err));
    OL_TRY(ol_signed_request_check(&request, &a->body.proof, ol_wall_ms(a->it->clock), arena,
                                   &a->key, err));
    if (!chain_has_rpc(a->it->chain))
        return ol_fail(err, OL_ERR_UNAVAILABLE, "Keys cannot be verified: no node is configured");
    return OL_OK;
}

static void start(ol_web_request *request, coordinator *it, ol_storage_ask ask)
{
    ol_err err = {0};
    owner_ask *a = OL_ARENA_NEW(ol_web_arena(request), owner_ask);
    if (a == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    *a = (owner_ask){.job = {.run = run},
                     .it = it,
                     .request = request,
                     .ask = ask,
                     .body = {.limit = OL_OWNER_STORAGE_LIMIT}};
    if (!body_bind(request, ol_owner_storage_table(ask), &a->body))
        return;
    if (signature_check(a, &err) != OL_OK) {
        answer_failure(request, FAILURE_JSON, &err);
        return;
    }
    ol_web_hold(request);
    if (!chain_submit(it->chain, &a->job))
        ol_web_answer_empty(request, 503);
}

void owned_storage_list_post(ol_web_request *request, void *context)
{
    start(request, context, OL_STORAGE_ASK_LIST);
}

void owned_storage_delete_post(ol_web_request *request, void *context)
{
    start(request, context, OL_STORAGE_ASK_DELETE);
}

void owned_storage_usage_post(ol_web_request *request, void *context)
{
    start(request, context, OL_STORAGE_ASK_USAGE);
}
