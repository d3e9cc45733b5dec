/* Coordinator 5: the cache of built code. */
#include "lib/net/multipart.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/query.h"
#include "services/coordinator/time_text.h"
#include "services/coordinator/wasm_cache.h"

#define TARGET_STANDARD OL_STR("wasm32-wasip1")
#define WASM_ANSWER_BYTES_MAX OL_MIB(16)

void wasm_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_buf bytes = ol_buf_new(WASM_ANSWER_BYTES_MAX);
    ol_err err = {0};
    ol_rc rc = wasm_load(it->domain, ol_web_param(request, 0), &bytes, &err);
    if (rc == OL_OK) {
        ol_web_answer_buf(request, 200, OL_WEB_TYPE_BYTES, &bytes);
        return;
    }
    ol_buf_deinit(&bytes);
    answer_failure(request, FAILURE_EMPTY, &err);
}

/* A malformed checksum exists as little as an unknown one (Coordinator 19). */
static bool entry_find(coordinator *it, ol_web_request *request, ol_str checksum, bool *ret_found,
                       wasm_entry *ret)
{
    ol_err err = {0};
    ol_rc rc = wasm_find(it->domain, checksum, ol_web_arena(request), ret, &err);
    *ret_found = rc == OL_OK;
    if (rc == OL_OK || rc == OL_ERR_NOT_FOUND || rc == OL_ERR_INVALID)
        return true;
    answer_failure(request, FAILURE_EMPTY, &err);
    return false;
}

void wasm_exists_get(ol_web_request *request, void *context)
{
    wasm_entry entry = {0};
    bool found;
    json_answer answer;
    if (!entry_find(context, request, ol_web_param(request, 0), &found, &entry))
        return;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "exists", found);
    time_put(&answer.w, "created_at", found ? entry.created_ms : 0);
    json_answer_send(&answer, request, 200);
}

/* ---- POST /wasm/upload */

static void uploaded(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        ol_web_answer_empty(op_request(op), 201);
}

static void part_take(const ol_multipart_part *part, wasm_upload *into, bool *file_given)
{
    ol_str text = ol_bytes_str(part->content);
    if (ol_str_eq(part->name, OL_STR("checksum"))) {
        into->checksum = text;
    } else if (ol_str_eq(part->name, OL_STR("repo_url"))) {
        into->repo_url = text;
    } else if (ol_str_eq(part->name, OL_STR("commit_hash"))) {
        into->commit_hash = text;
    } else if (ol_str_eq(part->name, OL_STR("build_target"))) {
        into->build_target = text;
    } else if (ol_str_eq(part->name, OL_STR("wasm_file"))) {
        into->bytes = part->content;
        *file_given = true;
    }
}

/* false: answered. */
static bool upload_read(ol_web_request *request, wasm_upload *into)
{
    ol_str type = {"", 0};
    ol_multipart reader;
    ol_err err = {0};
    bool file_given = false;
    (void)ol_web_header(request, "content-type", &type);
    if (ol_multipart_open(type, ol_web_body_of(request), &reader, &err) != OL_OK) {
        ol_web_answer_text(request, 400, ol_err_text(&err));
        return false;
    }
    for (;;) {
        ol_multipart_part part;
        bool found;
        if (ol_multipart_next(&reader, &part, &found, &err) != OL_OK) {
            ol_web_answer_text(request, 400, ol_err_text(&err));
            return false;
        }
        if (!found)
            break;
        part_take(&part, into, &file_given);
    }
    if (into->checksum.data != NULL && into->repo_url.data != NULL &&
        into->commit_hash.data != NULL && file_given)
        return true;
    ol_web_answer_empty(request, 400);
    return false;
}

/* The disk is written on a thread of the chain: the loop thread never waits for it. */
typedef struct upload_job {
    wasm_upload op; /* first */
    chain_job job;
    coordinator *it;
} upload_job;

static void upload_run(chain_job *job, const chain_tools *tools)
{
    upload_job *upload = (upload_job *)((char *)job - offsetof(upload_job, job));
    (void)tools;
    wasm_put(upload->it->domain, &upload->op);
}

void wasm_upload_post(ol_web_request *request, void *context)
{
    wasm_upload draft = {.build_target = TARGET_STANDARD};
    if (!upload_read(request, &draft))
        return;
    upload_job *upload = OP_NEW(request, upload_job, uploaded);
    if (upload == NULL)
        return;
    draft.op = upload->op.op;
    upload->op = draft;
    upload->it = context;
    upload->job.run = upload_run;
    if (!chain_submit(upload->it->chain, &upload->job))
        ol_web_answer_empty(request, 503);
}

/* ---- GET /public/wasm/info */

typedef struct info_query {
    ol_str repo_url;
    ol_str commit_hash;
    ol_str build_target;
} info_query;

static const query_field INFO_FIELDS[] = {
    {"repo_url", QUERY_TEXT, true, offsetof(info_query, repo_url)},
    {"commit_hash", QUERY_TEXT, true, offsetof(info_query, commit_hash)},
    {"build_target", QUERY_TEXT, false, offsetof(info_query, build_target)},
};

void wasm_info_get(ol_web_request *request, void *context)
{
    info_query query = {.build_target = TARGET_STANDARD};
    wasm_entry entry = {0};
    bool found = false;
    ol_sha256_hex checksum;
    ol_err err = {0};
    json_answer answer;
    if (!query_bind(request, INFO_FIELDS, OL_COUNT(INFO_FIELDS), &query))
        return;
    const ol_code_source source = {.kind = OL_SOURCE_GITHUB,
                                   .repo = query.repo_url,
                                   .commit = query.commit_hash,
                                   .build_target = query.build_target};
    if (ol_code_source_checksum(&source, ol_web_arena(request), &checksum, &err) == OL_OK &&
        !entry_find(context, request, ol_sha256_hex_str(&checksum), &found, &entry))
        return;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "exists", found);
    if (found) {
        ol_json_put_str(&answer.w, "checksum", entry.checksum);
        ol_json_put_u64(&answer.w, "file_size", entry.bytes);
    } else {
        ol_json_put_null(&answer.w, "checksum");
        ol_json_put_null(&answer.w, "file_size");
    }
    time_put(&answer.w, "created_at", found ? entry.created_ms : 0);
    json_answer_send(&answer, request, 200);
}

/* ---- DELETE /admin/wasm/{checksum}?ban= */

static void removed(ol_op *op)
{
    const wasm_removal *it = (wasm_removal *)op;
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), it->removed || it->ban ? 200 : 404);
}

typedef struct remove_query {
    ol_str ban;
} remove_query;

static const query_field REMOVE_FIELDS[] = {
    {"ban", QUERY_TEXT, false, offsetof(remove_query, ban)}};

void wasm_delete(ol_web_request *request, void *context)
{
    coordinator *it = context;
    remove_query query = {0};
    if (!query_bind(request, REMOVE_FIELDS, OL_COUNT(REMOVE_FIELDS), &query))
        return;
    wasm_removal *op = OP_NEW(request, wasm_removal, removed);
    if (op == NULL)
        return;
    op->checksum = ol_web_param(request, 0);
    op->ban = ol_str_eq(query.ban, OL_STR("true")) || ol_str_eq(query.ban, OL_STR("1"));
    wasm_remove(it->domain, op);
}
