#include "services/worker/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"

/* A transaction in Base64 and an output, as they are. */
#define ENTRY_BYTES_MAX OL_MIB(32)

ol_rc journal_open(ol_str cache_dir, char *folder, ol_err *err)
{
    int n = snprintf(folder, JOURNAL_PATH_BYTES, "%.*s/deliveries", OL_FMT(cache_dir));
    if (n < 0 || n >= JOURNAL_PATH_BYTES - 64)
        return ol_fail(err, OL_ERR_INVALID, "WASM_CACHE_DIR is too long");
    return ol_dir_make(folder, err);
}

/* ---- writing ---- */

static void encode(const journal_entry *entry, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "request_id", entry->request_id);
    ol_json_put_str(&w, "data_id", entry->data_id);
    ol_json_put_str(&w, "hash", entry->hash);
    ol_json_put_base64(&w, "transaction", entry->transaction);
    ol_json_key(&w, "report");
    ol_job_report_encode(&entry->report, &w);
    ol_json_object_end(&w);
}

static ol_rc hold_open(const char *folder, int64_t job_id, journal_hold *hold, ol_err *err)
{
    (void)snprintf(hold->path, sizeof hold->path, "%.*s/%lld.json", JOURNAL_PATH_BYTES - 64, folder,
                   (long long)job_id);
    hold->file.n = open(hold->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (hold->file.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "cannot write the journal of deliveries");
    (void)flock(hold->file.n, LOCK_EX | LOCK_NB);
    return OL_OK;
}

ol_rc journal_write(const char *folder, const journal_entry *entry, journal_hold *hold, ol_err *err)
{
    ol_buf text = ol_buf_new(ENTRY_BYTES_MAX);
    encode(entry, &text);
    ol_rc rc = ol_buf_ok(&text) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "delivery too large to keep");
    if (rc == OL_OK && !ol_fd_is_open(hold->file))
        rc = hold_open(folder, entry->report.job_id, hold, err);
    if (rc == OL_OK && (ftruncate(hold->file.n, 0) != 0 || lseek(hold->file.n, 0, SEEK_SET) != 0))
        rc = ol_fail_errno(err, OL_ERR_IO, "cannot write the journal of deliveries");
    if (rc == OL_OK)
        rc = ol_write_all(hold->file, ol_buf_bytes(&text), err);
    ol_buf_deinit(&text);
    return rc;
}

void journal_drop(journal_hold *hold)
{
    if (!ol_fd_is_open(hold->file))
        return;
    (void)unlink(hold->path);
    ol_fd_deinit(&hold->file);
}

/* ---- after a start ---- */

typedef struct draft {
    journal_entry entry;
    ol_str report;
} draft;

static const ol_json_field FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, offsetof(draft, entry.request_id)},
    {"data_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(draft, entry.data_id)},
    {"hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(draft, entry.hash)},
    {"transaction", OL_BIND_BASE64, OL_REQUIRED, offsetof(draft, entry.transaction)},
    {"report", OL_BIND_RAW, OL_REQUIRED, offsetof(draft, report)},
};
static const ol_json_table TABLE = {"JournalEntry", FIELDS, OL_COUNT(FIELDS)};

static bool decode(ol_str text, ol_arena *arena, journal_entry *ret)
{
    draft it = {0};
    ol_json root;
    if (ol_json_parse_within(text, (ol_json_limits){ENTRY_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root,
                             NULL) != OL_OK ||
        ol_json_bind_value(&root, &TABLE, &it, arena, NULL) != OL_OK ||
        ol_job_report_decode(it.report, arena, &it.entry.report, NULL) != OL_OK)
        return false;
    *ret = it.entry;
    return true;
}

static void recover_one(const char *folder, const char *name, journal_found *found, void *context)
{
    journal_hold hold = JOURNAL_HOLD_NONE;
    journal_entry entry;
    ol_err err;
    ol_buf text = ol_buf_new(ENTRY_BYTES_MAX);
    ol_arena arena = ol_arena_new(2 * ENTRY_BYTES_MAX);
    int n = snprintf(hold.path, sizeof hold.path, "%s/%s", folder, name);
    if (n > 0 && (size_t)n < sizeof hold.path)
        hold.file.n = open(hold.path, O_RDWR | O_CLOEXEC);
    bool ours = ol_fd_is_open(hold.file) && flock(hold.file.n, LOCK_EX | LOCK_NB) == 0;
    if (!ours) {
        ol_fd_deinit(&hold.file);
    } else if (ol_read_all(hold.file, &text, &err) == OL_OK &&
               decode(ol_buf_str(&text), &arena, &entry)) {
        found(context, &entry, hold);
    } else { /* written half: its transaction was not sent */
        OL_LOG(OL_WARN, "journal_entry_broken", KV("path", ol_str_of(hold.path)));
        journal_drop(&hold);
    }
    ol_buf_deinit(&text);
    ol_arena_deinit(&arena);
}

void journal_recover(const char *folder, journal_found *found, void *context)
{
    DIR *files = opendir(folder);
    if (files == NULL)
        return;
    for (struct dirent *one = readdir(files); one != NULL; one = readdir(files)) {
        if (ol_str_ends(ol_str_of(one->d_name), OL_STR(".json")))
            recover_one(folder, one->d_name, found, context);
    }
    (void)closedir(files);
}
