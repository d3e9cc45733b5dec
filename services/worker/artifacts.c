#include "services/worker/artifacts.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/codec/borsh.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"

enum { KEY_BYTES = 32, PATH_BYTES = 4096, ENTRIES_MAX = 65536 };

struct artifacts {
    char folder[PATH_BYTES - 128];
    uint64_t bytes_max;
    ol_secret key;
    pthread_mutex_t trimming;
};

static ol_rc load_key(const char *path, ol_secret *ret, ol_err *err)
{
    uint8_t storage[KEY_BYTES + 1];
    ol_buf bytes = ol_buf_over(storage, sizeof storage);
    if (access(path, F_OK) != 0) {
        uint8_t fresh[KEY_BYTES];
        ol_random_fill(ol_random_kernel(), fresh, sizeof fresh);
        ol_rc rc = ol_file_save(path, (ol_bytes){fresh, sizeof fresh}, 0600, err);
        ol_wipe(fresh, sizeof fresh);
        OL_TRY(rc);
    }
    OL_TRY(ol_file_load(path, &bytes, err));
    bool fits = bytes.len == KEY_BYTES && ol_secret_of(ol_buf_bytes(&bytes), ret);
    ol_wipe(storage, sizeof storage);
    if (!fits)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "%s is not a key of %d bytes", path, KEY_BYTES);
    return OL_OK;
}

ol_rc artifacts_open(const char *folder, uint64_t bytes_max, artifacts **ret, ol_err *err)
{
    char path[PATH_BYTES];
    artifacts *a = calloc(1, sizeof *a);
    if (a == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    (void)pthread_mutex_init(&a->trimming, NULL);
    a->bytes_max = bytes_max;
    int n = snprintf(a->folder, sizeof a->folder, "%s", folder);
    ol_rc rc = n < 0 || (size_t)n >= sizeof a->folder
                   ? ol_fail(err, OL_ERR_ENVIRONMENT, "WASM_CACHE_DIR is too long")
                   : OL_OK;
    static const char *const rooms[] = {"compiled", "raw"};
    for (size_t i = 0; i < OL_COUNT(rooms) && rc == OL_OK && bytes_max > 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", a->folder, rooms[i]);
        rc = ol_dir_make(path, err);
    }
    if (rc == OL_OK && bytes_max > 0) {
        (void)snprintf(path, sizeof path, "%s/compiled.key", a->folder);
        rc = load_key(path, &a->key, err);
    }
    if (rc != OL_OK) {
        artifacts_close(a);
        return rc;
    }
    *ret = a;
    return OL_OK;
}

void artifacts_close(artifacts *a)
{
    if (a == NULL)
        return;
    ol_secret_deinit(&a->key);
    (void)pthread_mutex_destroy(&a->trimming);
    free(a);
}

/* ---- keeping under the limit ---- */

typedef struct entry {
    char name[256];
    uint64_t bytes;
    struct timespec used;
} entry;

static int by_age(const void *a, const void *b)
{
    const struct timespec *x = &((const entry *)a)->used;
    const struct timespec *y = &((const entry *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static size_t list_room(int room, entry *entries, uint64_t *ret_bytes)
{
    size_t count = 0;
    DIR *folder = fdopendir(dup(room));
    *ret_bytes = 0;
    if (folder == NULL)
        return 0;
    rewinddir(folder);
    for (struct dirent *one = readdir(folder); one != NULL && count < ENTRIES_MAX;
         one = readdir(folder)) {
        struct stat about;
        if (one->d_name[0] == '.' || fstatat(room, one->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(about.st_mode))
            continue;
        entry *e = &entries[count++];
        (void)snprintf(e->name, sizeof e->name, "%s", one->d_name);
        e->bytes = (uint64_t)about.st_size;
        e->used = about.st_mtim; /* set anew at every use */
        *ret_bytes += e->bytes;
    }
    (void)closedir(folder);
    return count;
}

/* Least recently used entries go until the room is at or below its limit. */
static void trim(artifacts *a, const char *name)
{
    char path[PATH_BYTES];
    uint64_t bytes = 0;
    (void)snprintf(path, sizeof path, "%s/%s", a->folder, name);
    (void)pthread_mutex_lock(&a->trimming);
    int room = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    entry *entries = calloc(ENTRIES_MAX, sizeof *entries);
    if (room >= 0 && entries != NULL) {
        size_t count = list_room(room, entries, &bytes);
        if (bytes > a->bytes_max)
            qsort(entries, count, sizeof *entries, by_age);
        for (size_t i = 0; i < count && bytes > a->bytes_max; i++) {
            if (unlinkat(room, entries[i].name, 0) == 0)
                bytes -= entries[i].bytes;
        }
    }
    free(entries);
    if (room >= 0)
        (void)close(room);
    (void)pthread_mutex_unlock(&a->trimming);
}

static void touch(const char *path)
{
    const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    (void)utimensat(AT_FDCWD, path, now, 0);
}

/* ---- compiled code: mark ‖ content hash ‖ option of manifest ‖ code ---- */

static void path_of(const artifacts *a, const ol_sha256 *key, char path[static PATH_BYTES])
{
    ol_sha256_hex name = ol_sha256_format(key);
    (void)snprintf(path, PATH_BYTES, "%s/compiled/%s.compiled", a->folder, name.data);
}

static ol_sha256 mark_of(const artifacts *a, const ol_sha256 *key, ol_bytes body)
{
    uint8_t message[2 * OL_SHA256_BYTES];
    ol_sha256 hash = ol_sha256_of(body);
    memcpy(message, key->bytes, OL_SHA256_BYTES);
    memcpy(message + OL_SHA256_BYTES, hash.bytes, OL_SHA256_BYTES);
    return ol_hmac_sha256(ol_secret_reveal(&a->key), (ol_bytes){message, sizeof message});
}

static bool read_parts(ol_bytes body, artifact_parts *ret)
{
    ol_borsh cursor = ol_borsh_over(body);
    artifact_parts parts = {0};
    ol_borsh_fixed(&cursor, parts.content.bytes, sizeof parts.content.bytes);
    if (ol_borsh_bool(&cursor))
        parts.manifest = ol_borsh_bytes(&cursor);
    parts.code = ol_borsh_bytes(&cursor);
    if (!ol_borsh_done(&cursor))
        return false;
    *ret = parts;
    return true;
}

bool artifacts_load(artifacts *a, const ol_sha256 *key, ol_buf *into, artifact_parts *ret)
{
    char path[PATH_BYTES];
    ol_sha256 mark;
    if (a->bytes_max == 0)
        return false;
    path_of(a, key, path);
    if (ol_file_load(path, into, NULL) != OL_OK)
        return false;
    bool good = false;
    if (into->len > sizeof mark.bytes) {
        ol_bytes body = {into->data + sizeof mark.bytes, into->len - sizeof mark.bytes};
        memcpy(mark.bytes, into->data, sizeof mark.bytes);
        ol_sha256 wanted = mark_of(a, key, body);
        good = ol_sha256_eq(&mark, &wanted) && read_parts(body, ret);
    }
    if (good)
        touch(path);
    else
        (void)unlink(path);
    return good;
}

bool artifacts_save(artifacts *a, const ol_sha256 *key, const artifact_parts *parts)
{
    char path[PATH_BYTES];
    if (a->bytes_max == 0)
        return false;
    ol_buf body = ol_buf_new((size_t)1 << 30);
    ol_borsh_add_fixed(&body, ol_sha256_bytes(&parts->content)); /* room for the mark */
    ol_borsh_add_fixed(&body, ol_sha256_bytes(&parts->content));
    ol_borsh_add_bool(&body, parts->manifest.data != NULL);
    if (parts->manifest.data != NULL)
        ol_borsh_add_bytes(&body, parts->manifest);
    ol_borsh_add_bytes(&body, parts->code);
    bool saved = false;
    if (ol_buf_ok(&body)) {
        ol_sha256 mark =
            mark_of(a, key, (ol_bytes){body.data + OL_SHA256_BYTES, body.len - OL_SHA256_BYTES});
        memcpy(body.data, mark.bytes, sizeof mark.bytes);
        path_of(a, key, path);
        saved = ol_file_save(path, ol_buf_bytes(&body), 0600, NULL) == OL_OK;
    }
    ol_buf_deinit(&body);
    if (saved)
        trim(a, "compiled");
    return saved;
}

/* ---- raw bytes ---- */

static bool raw_path(const artifacts *a, ol_str content_hex, char path[static PATH_BYTES])
{
    ol_sha256 checked; /* a name that is a hash leads nowhere else */
    if (a->bytes_max == 0 || !ol_sha256_parse(content_hex, &checked))
        return false;
    (void)snprintf(path, PATH_BYTES, "%s/raw/%.*s.wasm", a->folder, OL_FMT(content_hex));
    return true;
}

bool artifacts_load_wasm(artifacts *a, ol_str content_hex, ol_buf *into)
{
    char path[PATH_BYTES];
    if (!raw_path(a, content_hex, path) || ol_file_load(path, into, NULL) != OL_OK)
        return false;
    ol_sha256_hex actual = ol_sha256_hex_of(ol_buf_bytes(into));
    bool good = ol_str_eq(ol_sha256_hex_str(&actual), content_hex);
    if (good) {
        touch(path);
    } else {
        (void)unlink(path);
        ol_buf_clear(into);
    }
    return good;
}

bool artifacts_save_wasm(artifacts *a, ol_str content_hex, ol_bytes wasm)
{
    char path[PATH_BYTES];
    if (!raw_path(a, content_hex, path) || ol_file_save(path, wasm, 0600, NULL) != OL_OK)
        return false;
    trim(a, "raw");
    return true;
}
