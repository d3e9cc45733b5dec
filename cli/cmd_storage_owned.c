/* outlayer storage ls, rm, usage: what an account keeps in a project, by the names of its rows, and
 * what that takes; for the project's owner also what all callers share. The coordinator is asked
 * with a signature of the account (lib/proto/owner_storage.h). Values are read by runs alone. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/credentials.h"
#include "cli/project_file.h"
#include "lib/base/clock.h"
#include "lib/proto/owner_storage.h"

enum {
    ASK_MS = 30000,
    ANSWER_BYTES_MAX = 8 << 20,
    BODY_BYTES_MAX = 32 * 1024,
    GOOD_SECONDS = 300, /* of the signature: clocks may differ by so much */
    HASH_HEX_DIGITS = 64,
    VERSION_CHARS = 12, /* of a version's hash in tables */
};

/* ---- asking */

static ol_rc ask_sign(const cli *it, ol_owner_storage *body, ol_storage_ask ask, ol_err *err)
{
    OL_AUTO(signer) who = {0};
    ol_signed_request request;
    OL_TRY(signer_load(it, it->account, &who, err));
    body->account_id = who.account_id;
    body->expires = (uint64_t)ol_wall_ms(ol_clock_real()) / 1000 + GOOD_SECONDS;
    OL_TRY(ol_owner_storage_check(body, ask, err));
    OL_TRY(ol_owner_storage_signed(body, ask, it->contract, it->arena, &request, err));
    return ol_signed_request_sign(&request, &who.key, ol_random_kernel(), it->arena, &body->proof,
                                  err);
}

/* What would be sent, without the proof, which would be good for a while. */
static int ask_dry_run(const cli *it, const ol_owner_storage *body, ol_storage_ask ask)
{
    OL_AUTO(ol_buf) text = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_owner_storage_encode(body, ask, &w);
    const api_request request = {
        .method = "POST", .path = ol_str_of(ol_owner_storage_path(ask)), .body = ol_buf_str(&text)};
    return api_dry_run(it, &request, NULL);
}

/* OL_OK: the answer's JSON is in `answer`, read by `table` into `into`. */
static ol_rc ask_send(const cli *it, const ol_owner_storage *body, ol_storage_ask ask,
                      const ol_json_table *table, void *into, ol_buf *answer, cli_failure *failure)
{
    OL_AUTO(ol_buf) text = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json root;
    ol_owner_storage_encode_proved(body, ask, &w);
    /* Not sent again: a nonce works once. */
    OL_TRY(api_post(it, ol_owner_storage_path(ask), &text, ASK_MS, false, answer, failure));
    OL_TRY(ol_json_parse_within(ol_buf_str(answer),
                                (ol_json_limits){ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root,
                                &failure->err));
    return ol_json_bind_value(&root, table, into, it->arena, &failure->err);
}

static ol_rc page_read(const cli_args *args, ol_owner_storage *body, ol_err *err)
{
    uint64_t limit = OL_OWNER_STORAGE_LIMIT;
    OL_TRY(cli_number(args, "limit", 1, OL_OWNER_STORAGE_LIMIT_MAX, &limit, err));
    body->limit = (uint32_t)limit;
    body->cursor = cli_value_or(args, "cursor", OL_STR(""));
    return OL_OK;
}

static void whose_read(const cli_args *args, ol_owner_storage *body)
{
    body->only_public = cli_flag(args, "public");
    body->worker = body->only_public || cli_flag(args, "worker");
}

/* What stands behind the project in what people read. */
static ol_str whose(const ol_owner_storage *body)
{
    return body->only_public ? OL_STR("shown to everybody")
           : body->worker    ? OL_STR("shared by all callers")
                             : body->account_id;
}

static void put_next(ol_json_writer *w, ol_str next)
{
    if (next.len > 0)
        ol_json_put_str(w, "next", next);
    else
        ol_json_put_null(w, "next");
}

static void note_next(const cli *it, ol_str next)
{
    if (next.len > 0 && !it->json)
        cli_note(it, "there is more: --cursor %.*s", OL_FMT(next));
}

/* ---- ls */

typedef struct row {
    ol_str key_hash;
    ol_str key; /* empty: hidden */
    bool is_encrypted;
    uint64_t size_bytes;
    ol_str wasm_hash;
    ol_str updated_at;
} row;

typedef struct listing {
    ol_json_structs rows; /* row */
    ol_str next;
} listing;

static const ol_json_field ROW_FIELDS[] = {
    {"key_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(row, key_hash)},
    {"key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(row, key)},
    {"is_encrypted", OL_BIND_BOOL, OL_REQUIRED, offsetof(row, is_encrypted)},
    {"size_bytes", OL_BIND_U64, OL_REQUIRED, offsetof(row, size_bytes)},
    {"wasm_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(row, wasm_hash)},
    {"updated_at", OL_BIND_TEXT, OL_OPTIONAL, offsetof(row, updated_at)},
};
static const ol_json_table ROW = {"StorageRow", ROW_FIELDS, OL_COUNT(ROW_FIELDS)};

static const ol_json_field LISTING_FIELDS[] = {
    {.name = "rows",
     .type = OL_BIND_OBJECT_LIST,
     .need = OL_REQUIRED,
     .offset = offsetof(listing, rows),
     .size = sizeof(row),
     .sub = &ROW},
    {"next_cursor", OL_BIND_TEXT, OL_OPTIONAL, offsetof(listing, next)},
};
static const ol_json_table LISTING = {"StorageList", LISTING_FIELDS, OL_COUNT(LISTING_FIELDS)};

static void row_json(ol_json_writer *w, const row *r)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "key_hash", r->key_hash);
    if (r->is_encrypted)
        ol_json_put_null(w, "key");
    else
        ol_json_put_str(w, "key", r->key);
    ol_json_put_bool(w, "is_encrypted", r->is_encrypted);
    ol_json_put_u64(w, "size_bytes", r->size_bytes);
    ol_json_put_str(w, "wasm_hash", r->wasm_hash);
    ol_json_put_str(w, "updated_at", r->updated_at);
    ol_json_object_end(w);
}

/* 2026-03-01T09:30:00.123000+00:00 to the second. */
static ol_str seconds(ol_str time)
{
    return ol_str_slice(time, 0, 19);
}

/* Names and hashes come from programs: nothing in them is a terminal's command. */
static void row_line(ol_buf *text, const row *r)
{
    ol_buf_addf(text, "\n%-9s ", r->is_encrypted ? "encrypted" : "public");
    cli_add_clean(text, r->is_encrypted ? r->key_hash : r->key);
    ol_buf_addf(text, "  %" PRIu64 " bytes  ", r->size_bytes);
    cli_add_clean(text, seconds(r->updated_at));
    ol_buf_addf(text, "  by ");
    cli_add_clean(text, ol_str_slice(r->wasm_hash, 0, VERSION_CHARS));
}

static int listed(const cli *it, const ol_owner_storage *body, const listing *found)
{
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    const row *rows = found->rows.items;
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "project", body->project_id);
        ol_json_put_str(&w, "account", body->worker ? OL_STR("@worker") : body->account_id);
        ol_json_key(&w, "keys");
        ol_json_array_begin(&w);
        for (size_t i = 0; i < found->rows.count; i++)
            row_json(&w, &rows[i]);
        ol_json_array_end(&w);
        put_next(&w, found->next);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s, %.*s: %zu row%s", OL_FMT(body->project_id), OL_FMT(whose(body)),
                    found->rows.count, found->rows.count == 1 ? "" : "s");
        for (size_t i = 0; i < found->rows.count; i++)
            row_line(&text, &rows[i]);
        note_next(it, found->next);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

static ol_rc ls_read(const cli *it, const cli_args *args, ol_owner_storage *body, ol_err *err)
{
    OL_TRY(project_id_find(it, args->positional[0], &body->project_id, err));
    whose_read(args, body);
    body->prefix = cli_value_or(args, "prefix", OL_STR(""));
    if (body->prefix.len > 0 && !body->only_public)
        return ol_fail(err, OL_ERR_USAGE,
                       "--prefix looks at names, and public rows alone have one: add --public");
    OL_TRY(page_read(args, body, err));
    return ask_sign(it, body, OL_STORAGE_ASK_LIST, err);
}

int cmd_storage_ls(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    cli_failure failure = {0};
    ol_owner_storage body = {0};
    listing found = {0};
    if (ls_read(it, args, &body, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (it->dry_run)
        return ask_dry_run(it, &body, OL_STORAGE_ASK_LIST);
    if (ask_send(it, &body, OL_STORAGE_ASK_LIST, &LISTING, &found, &answer, &failure) != OL_OK)
        return cli_fail(it, &failure);
    return listed(it, &body, &found);
}

/* ---- usage */

typedef struct used {
    ol_str account_id; /* in lists */
    uint64_t total_bytes;
    uint64_t key_count;
} used;

typedef struct usage {
    used own;
    used project;
    bool has_project;         /* its owner asks */
    ol_json_structs accounts; /* used */
    ol_str next;
} usage;

#define USED(at)                                                                                   \
    {"total_bytes", OL_BIND_U64, OL_REQUIRED, (at) + offsetof(used, total_bytes)},                 \
    {                                                                                              \
        "key_count", OL_BIND_U64, OL_REQUIRED, (at) + offsetof(used, key_count)                    \
    }
static const ol_json_field USED_FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(used, account_id)}, USED(0)};
static const ol_json_table USED_TABLE = {"StorageUsed", USED_FIELDS, OL_COUNT(USED_FIELDS)};

static const ol_json_field USAGE_FIELDS[] = {
    USED(offsetof(usage, own)),
    {.name = "project",
     .type = OL_BIND_OBJECT,
     .need = OL_OPTIONAL,
     .offset = offsetof(usage, project),
     .has = offsetof(usage, has_project),
     .sub = &USED_TABLE},
    {.name = "accounts",
     .type = OL_BIND_OBJECT_LIST,
     .need = OL_OPTIONAL,
     .offset = offsetof(usage, accounts),
     .size = sizeof(used),
     .sub = &USED_TABLE},
    {"next_cursor", OL_BIND_TEXT, OL_OPTIONAL, offsetof(usage, next)},
};
static const ol_json_table USAGE = {"StorageUsage", USAGE_FIELDS, OL_COUNT(USAGE_FIELDS)};

static void put_used(ol_json_writer *w, const used *u)
{
    ol_json_put_u64(w, "total_bytes", u->total_bytes);
    ol_json_put_u64(w, "key_count", u->key_count);
}

static void usage_json(ol_json_writer *w, const ol_owner_storage *body, const usage *found)
{
    const used *list = found->accounts.items;
    ol_json_object_begin(w);
    ol_json_put_str(w, "project", body->project_id);
    ol_json_put_str(w, "account", body->account_id);
    put_used(w, &found->own);
    if (found->has_project) {
        ol_json_key(w, "all");
        ol_json_object_begin(w);
        put_used(w, &found->project);
        ol_json_object_end(w);
        ol_json_key(w, "accounts");
        ol_json_array_begin(w);
        for (size_t i = 0; i < found->accounts.count; i++) {
            ol_json_object_begin(w);
            ol_json_put_str(w, "account", list[i].account_id);
            put_used(w, &list[i]);
            ol_json_object_end(w);
        }
        ol_json_array_end(w);
        put_next(w, found->next);
    }
    ol_json_object_end(w);
}

static void used_line(ol_buf *text, ol_str name, const used *u)
{
    cli_add_clean(text, name);
    ol_buf_addf(text, ": %" PRIu64 " bytes in %" PRIu64 " row%s", u->total_bytes, u->key_count,
                u->key_count == 1 ? "" : "s");
}

static int usage_tell(const cli *it, const ol_owner_storage *body, const usage *found)
{
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    const used *list = found->accounts.items;
    if (it->json) {
        usage_json(&w, body, found);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    if (!found->has_project) {
        used_line(&text, body->account_id, &found->own);
    } else {
        used_line(&text, body->project_id, &found->project);
        for (size_t i = 0; i < found->accounts.count; i++) {
            ol_buf_addf(&text, "\n  ");
            used_line(&text, list[i].account_id, &list[i]);
        }
        note_next(it, found->next);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_storage_usage(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    cli_failure failure = {0};
    ol_owner_storage body = {0};
    usage found = {0};
    if (project_id_find(it, args->positional[0], &body.project_id, &failure.err) != OL_OK ||
        page_read(args, &body, &failure.err) != OL_OK ||
        ask_sign(it, &body, OL_STORAGE_ASK_USAGE, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (it->dry_run)
        return ask_dry_run(it, &body, OL_STORAGE_ASK_USAGE);
    if (ask_send(it, &body, OL_STORAGE_ASK_USAGE, &USAGE, &found, &answer, &failure) != OL_OK)
        return cli_fail(it, &failure);
    return usage_tell(it, &body, &found);
}

/* ---- rm */

static bool is_hash(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return text.len == HASH_HEX_DIGITS;
}

static ol_rc rm_read(const cli *it, const cli_args *args, ol_owner_storage *body, ol_err *err)
{
    bool named = args->positionals == 2;
    OL_TRY(project_id_find(it, args->positional[0], &body->project_id, err));
    whose_read(args, body);
    body->all = cli_flag(args, "all");
    if (named == body->all)
        return ol_fail(err, OL_ERR_USAGE, "which rows? a key or a hash of `storage ls`, or --all");
    if (named && is_hash(args->positional[1]))
        body->key_hash = args->positional[1];
    else if (named)
        body->key = args->positional[1];
    return ask_sign(it, body, OL_STORAGE_ASK_DELETE, err);
}

static bool is_sure(const cli *it, const cli_args *args, const ol_owner_storage *body)
{
    if (!body->all || it->dry_run || cli_flag(args, "yes"))
        return true;
    ol_str consequence =
        ol_arena_printf(it->arena, "every row of %.*s, %.*s, is gone then: nobody has a copy",
                        OL_FMT(body->project_id), OL_FMT(whose(body)));
    return consequence.data != NULL &&
           cli_confirm(it, consequence.data, project_name_of(body->project_id));
}

static const ol_json_field REMOVED_FIELDS[] = {
    {.name = "removed",
     .type = OL_BIND_OBJECT,
     .need = OL_REQUIRED,
     .offset = 0,
     .sub = &USED_TABLE},
};
static const ol_json_table REMOVED = {"StorageRemoved", REMOVED_FIELDS, OL_COUNT(REMOVED_FIELDS)};

static int removed(const cli *it, const ol_owner_storage *body, const used *gone)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "project", body->project_id);
        ol_json_put_str(&w, "account", body->worker ? OL_STR("@worker") : body->account_id);
        ol_json_put_u64(&w, "removed", gone->key_count);
        ol_json_put_u64(&w, "freed_bytes", gone->total_bytes);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s, %.*s: %" PRIu64 " row%s gone, %" PRIu64 " bytes",
                    OL_FMT(body->project_id), OL_FMT(whose(body)), gone->key_count,
                    gone->key_count == 1 ? "" : "s", gone->total_bytes);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_storage_rm(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    cli_failure failure = {0};
    ol_owner_storage body = {0};
    used gone = {0};
    if (rm_read(it, args, &body, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (!is_sure(it, args, &body))
        return cli_fail_usage(it, "not confirmed: say --yes");
    if (it->dry_run)
        return ask_dry_run(it, &body, OL_STORAGE_ASK_DELETE);
    if (ask_send(it, &body, OL_STORAGE_ASK_DELETE, &REMOVED, &gone, &answer, &failure) != OL_OK) {
        if (failure.err.rc == OL_ERR_NOT_FOUND && body.key.data != NULL)
            (void)snprintf(
                failure.hint, sizeof failure.hint,
                "the name of an encrypted row is hidden: `outlayer storage ls` tells its "
                "hash; rows of all callers want --worker");
        return cli_fail(it, &failure);
    }
    return removed(it, &body, &gone);
}
