#include "cli/dev_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/credentials.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_read.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

enum { FILE_BYTES_MAX = 256 * 1024, TOKEN_BYTES = DEV_TOKEN_HEX_DIGITS / 2, FUND_MS = 10000 };

static ol_rc no_memory(ol_err *err)
{
    return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

ol_str dev_state_folder(const cli *it, const cli_args *args)
{
    const char *variable = getenv("OUTLAYER_STATE");
    ol_str said, kept;
    if (cli_value(args, "state", &said))
        return said;
    if (variable != NULL && variable[0] != '\0')
        return ol_str_of(variable);
    kept = credentials_text(it, "state");
    bool here = access(DEV_STATE_STANDARD, F_OK) == 0;
    return here || kept.len == 0 ? OL_STR(DEV_STATE_STANDARD) : kept;
}

ol_str dev_path(const dev_state *state, const char *name)
{
    return ol_arena_printf(state->cli->arena, "%.*s/%s", OL_FMT(state->folder), name);
}

static ol_rc random_hex(const cli *it, ol_str *ret, ol_err *err)
{
    uint8_t bytes[TOKEN_BYTES];
    ol_random_fill(ol_random_kernel(), bytes, sizeof bytes);
    *ret = ol_hex_of(it->arena, (ol_bytes){bytes, sizeof bytes});
    return ret->data != NULL ? OL_OK : no_memory(err);
}

/* ---- files: one JSON object each */

static ol_rc object_load(const dev_state *state, const char *name, ol_json *ret, ol_err *err)
{
    ol_str text, path = dev_path(state, name);
    if (path.data == NULL)
        return no_memory(err);
    if (access(path.data, F_OK) != 0)
        return ol_fail(err, OL_ERR_NOT_FOUND, "there is no %s", path.data);
    OL_TRY(cli_load(state->cli, path, FILE_BYTES_MAX, &text, err));
    OL_TRY_NOTE(err, ol_json_parse(text, ret, err), "%s", path.data);
    return OL_OK;
}

static ol_rc object_save(const dev_state *state, const char *name, const ol_buf *text, ol_err *err)
{
    ol_str path = dev_path(state, name);
    if (path.data == NULL || !ol_buf_ok(text))
        return no_memory(err);
    return ol_file_save(path.data, ol_buf_bytes(text), S_IRUSR | S_IWUSR, err);
}

static ol_rc text_member(const dev_state *state, const ol_json *object, const char *name,
                         ol_str *ret, ol_err *err)
{
    ol_json value;
    if (!ol_json_find(object, ol_str_of(name), &value))
        return ol_fail(err, OL_ERR_SHAPE, "%s is missing in the state folder; try --reset", name);
    return ol_json_text(&value, state->cli->arena, ret, err);
}

/* ---- tokens */

static ol_rc tokens_load(dev_state *state, ol_err *err)
{
    ol_json root;
    OL_TRY(object_load(state, "tokens.json", &root, err));
    ol_json seed;
    OL_TRY(text_member(state, &root, "worker_token", &state->worker_token, err));
    OL_TRY(text_member(state, &root, "admin_token", &state->admin_token, err));
    if (!ol_json_find(&root, OL_STR("seed"), &seed)) {
        state->seed = OL_STR(DEV_SEED_STANDARD); /* a state of before there was a chain */
        return OL_OK;
    }
    return ol_json_text(&seed, state->cli->arena, &state->seed, err);
}

ol_rc dev_tokens_save(const dev_state *state, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(4096);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "worker_token", state->worker_token);
    ol_json_put_str(&w, "admin_token", state->admin_token);
    ol_json_put_str(&w, "seed", state->seed);
    ol_json_object_end(&w);
    return object_save(state, "tokens.json", &text, err);
}

/* ---- keys */

static ol_rc key_load(dev_state *state, const ol_json *item, ol_err *err)
{
    ol_json value;
    dev_key key = {0};
    if (state->keys == DEV_KEYS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d development keys", DEV_KEYS_MAX);
    if (!ol_json_find(item, OL_STR("nonce"), &value))
        return ol_fail(err, OL_ERR_SHAPE, "a key without nonce in keys.json; try --reset");
    OL_TRY(ol_json_u32(&value, &key.nonce, err));
    if (ol_json_find(item, OL_STR("funded"), &value))
        OL_TRY(ol_json_bool(&value, &key.funded, err));
    OL_TRY(text_member(state, item, "secret", &key.secret, err));
    OL_TRY(text_member(state, item, "amount", &key.amount, err));
    state->key[state->keys++] = key;
    return OL_OK;
}

static ol_rc keys_load(dev_state *state, ol_err *err)
{
    ol_json root, list, item;
    OL_TRY(object_load(state, "keys.json", &root, err));
    if (!ol_json_find(&root, OL_STR("keys"), &list) || ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "keys.json is not ours; try --reset");
    for (ol_json_iter it = ol_json_iterate(&list); ol_json_next_item(&it, &item);)
        OL_TRY(key_load(state, &item, err));
    return OL_OK;
}

ol_rc dev_keys_save(const dev_state *state, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(FILE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_key(&w, "keys");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < state->keys; i++) {
        const dev_key *key = &state->key[i];
        ol_json_object_begin(&w);
        ol_json_put_u64(&w, "nonce", key->nonce);
        ol_json_put_bool(&w, "funded", key->funded);
        ol_json_put_str(&w, "secret", key->secret);
        ol_json_put_str(&w, "amount", key->amount);
        ol_json_object_end(&w);
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    return object_save(state, "keys.json", &text, err);
}

ol_rc dev_key_new(dev_state *state, ol_str amount, uint32_t nonce_min, dev_key **ret, ol_err *err)
{
    if (state->keys == DEV_KEYS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d development keys", DEV_KEYS_MAX);
    dev_key key = {.nonce = nonce_min, .amount = amount};
    for (size_t i = 0; i < state->keys; i++) {
        if (state->key[i].nonce >= key.nonce)
            key.nonce = state->key[i].nonce + 1;
    }
    ol_str text = ol_arena_printf(state->cli->arena, "outlayer-dev:%.*s:payment-key:%u",
                                  OL_FMT(state->seed), key.nonce);
    ol_sha256 secret = ol_sha256_of(ol_str_bytes(text));
    key.secret = ol_hex_of(state->cli->arena, ol_sha256_bytes(&secret));
    if (text.data == NULL || key.secret.data == NULL)
        return no_memory(err);
    *ret = &state->key[state->keys++];
    **ret = key;
    return OL_OK;
}

bool dev_key_full(const dev_key *key, ol_secret *ret)
{
    char storage[OL_SECRET_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_buf_addf(&text, DEV_OWNER ":%u:%.*s", key->nonce, OL_FMT(key->secret));
    bool fine = ol_buf_ok(&text) && ol_secret_of(ol_buf_bytes(&text), ret);
    explicit_bzero(storage, sizeof storage);
    return fine;
}

/* ---- the folder */

/* Removes what dev made; anything else in the folder is left and reported. */
static ol_rc tree_remove(const char *path, unsigned depth, ol_err *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    ol_rc rc = OL_OK;
    if (folder == NULL)
        return errno == ENOENT ? OL_OK : ol_fail_errno(err, OL_ERR_IO, "open %s", path);
    while (rc == OL_OK && (entry = readdir(folder)) != NULL) {
        char inside[PATH_MAX];
        struct stat about;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int n = snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (n < 0 || (size_t)n >= sizeof inside || lstat(inside, &about) != 0)
            rc = ol_fail(err, OL_ERR_IO, "cannot look at %s", inside);
        else if (S_ISDIR(about.st_mode) && depth > 0)
            rc = tree_remove(inside, depth - 1, err);
        if (rc == OL_OK && remove(inside) != 0)
            rc = ol_fail_errno(err, OL_ERR_IO, "remove %s", inside);
    }
    (void)closedir(folder);
    return rc;
}

static ol_rc files_remove(const dev_state *state, const char *const *name, size_t count,
                          ol_err *err)
{
    for (size_t i = 0; i < count; i++) {
        ol_str path = dev_path(state, name[i]);
        if (path.data == NULL || (unlink(path.data) != 0 && errno != ENOENT))
            return ol_fail_errno(err, OL_ERR_IO, "remove %s", name[i]);
    }
    return OL_OK;
}

static ol_rc folders_remove(const dev_state *state, const char *const *name, size_t count,
                            ol_err *err)
{
    enum { DEPTH_MAX = 4 };
    for (size_t i = 0; i < count; i++) {
        ol_str path = dev_path(state, name[i]);
        if (path.data == NULL)
            return no_memory(err);
        OL_TRY(tree_remove(path.data, DEPTH_MAX, err));
        (void)rmdir(path.data);
    }
    return OL_OK;
}

/* What the services and the chain know; keys and programs are kept. */
static ol_rc ledger_remove(const dev_state *state, ol_err *err)
{
    static const char *const FILES[] = {"coordinator.db", "coordinator.db-wal",
                                        "coordinator.db-shm", "chain.state", "chain.open"};
    static const char *const FOLDERS[] = {"wasm-cache", "worker-cache", "snapshots"};
    OL_TRY(files_remove(state, FILES, OL_COUNT(FILES), err));
    return folders_remove(state, FOLDERS, OL_COUNT(FOLDERS), err);
}

/* Empties the state but for its lock; refuses a folder that is not ours. */
static ol_rc reset_state(const dev_state *state, ol_err *err)
{
    static const char *const FILES[] = {"tokens.json", "keys.json", "running.json", "projects.json",
                                        "control.sock"};
    static const char *const FOLDERS[] = {"home", "wasm"};
    OL_TRY(ledger_remove(state, err));
    OL_TRY(files_remove(state, FILES, OL_COUNT(FILES), err));
    return folders_remove(state, FOLDERS, OL_COUNT(FOLDERS), err);
}

static ol_rc folders_make(const dev_state *state, ol_err *err)
{
    static const char *const FOLDERS[] = {"wasm", "wasm-cache", "worker-cache", "home"};
    OL_EACH (name, FOLDERS) {
        ol_str path = dev_path(state, *name);
        if (path.data == NULL)
            return no_memory(err);
        OL_TRY(ol_dir_make(path.data, err));
    }
    return OL_OK;
}

ol_rc dev_state_forget_ledger(dev_state *state, ol_err *err)
{
    OL_TRY(ledger_remove(state, err));
    OL_TRY(folders_make(state, err));
    state->worker_token = OL_STR(""); /* the ledger knew it */
    for (size_t i = 0; i < state->keys; i++)
        state->key[i].funded = false;
    return dev_keys_save(state, err);
}

static ol_rc folder_take(dev_state *state, ol_str folder, ol_err *err)
{
    char absolute[PATH_MAX];
    const char *path = cli_cstr(state->cli, folder);
    if (path == NULL)
        return no_memory(err);
    OL_TRY(ol_dir_make(path, err));
    if (realpath(path, absolute) == NULL)
        return ol_fail_errno(err, OL_ERR_IO, "find %s", path);
    return ol_arena_copy(state->cli->arena, ol_str_of(absolute), &state->folder) ? OL_OK
                                                                                 : no_memory(err);
}

static ol_rc lock_take(dev_state *state, ol_err *err)
{
    ol_str path = dev_path(state, "lock");
    if (path.data == NULL)
        return no_memory(err);
    OL_TRY(ol_open(path.data, O_RDWR | O_CREAT, &state->lock, err));
    if (flock(state->lock.n, LOCK_EX | LOCK_NB) != 0)
        return ol_fail(err, OL_ERR_CONFLICT, "another outlayer dev runs on %.*s",
                       OL_FMT(state->folder));
    return OL_OK;
}

static ol_rc open_locked(dev_state *state, ol_str folder, bool reset, ol_str seed, ol_err *err)
{
    ol_err absent = {0};
    OL_TRY(folder_take(state, folder, err));
    OL_TRY(lock_take(state, err));
    if (reset)
        OL_TRY(reset_state(state, err));
    OL_TRY(folders_make(state, err));
    ol_rc rc = tokens_load(state, &absent);
    if (rc == OL_ERR_NOT_FOUND) {
        OL_TRY(random_hex(state->cli, &state->admin_token, err));
        state->seed = seed.len > 0 ? seed : OL_STR(DEV_SEED_STANDARD);
    } else if (rc != OL_OK) {
        return *err = absent, rc;
    }
    if (seed.len > 0 && !ol_str_eq(seed, state->seed))
        return ol_fail(err, OL_ERR_CONFLICT,
                       "the state in %.*s was made with seed %.*s: --reset begins anew",
                       OL_FMT(state->folder), OL_FMT(state->seed));
    rc = keys_load(state, &absent);
    if (rc != OL_OK && rc != OL_ERR_NOT_FOUND)
        return *err = absent, rc;
    if (state->keys == 0) {
        dev_key *key;
        ol_str amount = ol_arena_printf(state->cli->arena, "%d", DEV_KEY_MICRO_USD_STANDARD);
        OL_TRY(dev_key_new(state, amount, 1, &key, err));
        OL_TRY(dev_keys_save(state, err));
    }
    return OL_OK;
}

ol_rc dev_state_open(const cli *it, ol_str folder, bool reset, ol_str seed, dev_state *ret,
                     ol_err *err)
{
    *ret = (dev_state){.cli = it, .lock = OL_FD_NONE};
    ol_rc rc = open_locked(ret, folder, reset, seed, err);
    if (rc != OL_OK)
        dev_state_deinit(ret);
    return rc;
}

ol_rc dev_state_read(const cli *it, ol_str folder, dev_state *ret, ol_err *err)
{
    *ret = (dev_state){.cli = it, .folder = folder, .lock = OL_FD_NONE};
    ol_rc rc = tokens_load(ret, err);
    if (rc == OL_ERR_NOT_FOUND)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "no outlayer dev has its state in %.*s",
                       OL_FMT(folder));
    if (rc == OL_OK)
        rc = keys_load(ret, err);
    return rc;
}

void dev_state_deinit(dev_state *state)
{
    ol_fd_deinit(&state->lock);
}

/* ---- where it runs */

ol_rc dev_running_put(const dev_state *state, ol_str api_url, ol_str rpc_url, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(4096);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "api", api_url);
    ol_json_put_str(&w, "rpc", rpc_url);
    ol_json_put_i64(&w, "pid", getpid());
    ol_json_object_end(&w);
    return object_save(state, "running.json", &text, err);
}

void dev_running_remove(const dev_state *state)
{
    ol_str path = dev_path(state, "running.json");
    if (path.data != NULL)
        (void)unlink(path.data);
}

ol_rc dev_running_read(const dev_state *state, ol_str *ret_api, ol_err *err)
{
    ol_json root, value;
    int64_t pid = 0;
    ol_rc rc = object_load(state, "running.json", &root, err);
    if (rc == OL_OK && ol_json_find(&root, OL_STR("pid"), &value))
        (void)ol_json_i64(&value, &pid, NULL);
    if (rc != OL_OK || pid <= 0 || pid > INT32_MAX || (kill((pid_t)pid, 0) != 0 && errno == ESRCH))
        return ol_fail(err, OL_ERR_UNAVAILABLE, "outlayer dev does not run on %.*s",
                       OL_FMT(state->folder));
    return text_member(state, &root, "api", ret_api, err);
}

ol_rc dev_chain_mark(const dev_state *state, ol_err *err)
{
    ol_str path = dev_path(state, "chain.open");
    if (path.data == NULL)
        return no_memory(err);
    return ol_file_save(path.data, ol_str_bytes(OL_STR("")), S_IRUSR | S_IWUSR, err);
}

void dev_chain_unmark(const dev_state *state)
{
    ol_str path = dev_path(state, "chain.open");
    if (path.data != NULL)
        (void)unlink(path.data);
}

bool dev_chain_marked(const dev_state *state)
{
    ol_str path = dev_path(state, "chain.open");
    return path.data != NULL && access(path.data, F_OK) == 0;
}

/* ---- funding (Coordinator 3.4) */

typedef struct funding {
    const dev_key *key;
    const cli_args *scopes; /* may be NULL */
    ol_str max_per_call;
    ol_str data_id;
    ol_sha256_hex proof;
} funding;

static void put_key(ol_json_writer *w, const funding *f)
{
    ol_str project;
    ol_json_put_cstr(w, "owner", DEV_OWNER);
    ol_json_put_u64(w, "nonce", f->key->nonce);
    ol_json_put_str(w, "key_hash", ol_sha256_hex_str(&f->proof));
    ol_json_key(w, "project_ids");
    ol_json_array_begin(w);
    for (size_t i = 0; f->scopes != NULL && cli_list(f->scopes, "project", i, &project); i++)
        ol_json_add_str(w, project);
    ol_json_array_end(w);
    if (f->max_per_call.len > 0)
        ol_json_put_str(w, "max_per_call", f->max_per_call);
}

static void body_init(ol_json_writer *w, const funding *f)
{
    put_key(w, f);
}

static void body_task(ol_json_writer *w, const funding *f)
{
    ol_json_put_str(w, "data_id", f->data_id);
    ol_json_put_cstr(w, "owner", DEV_OWNER);
    ol_json_put_u64(w, "nonce", f->key->nonce);
    ol_json_put_str(w, "amount", f->key->amount);
    ol_json_put_cstr(w, "encrypted_data", "");
}

static void body_credit(ol_json_writer *w, const funding *f)
{
    put_key(w, f);
    ol_json_put_str(w, "new_initial_balance", f->key->amount);
    ol_json_put_str(w, "amount", f->key->amount);
}

/* What a worker on the chain would bring: the key, the top-up, its completion. */
static const struct funding_step {
    const char *path;
    void (*body)(ol_json_writer *w, const funding *f);
} FUNDING[] = {
    {"/payment-keys/init", body_init},
    {"/topup/create", body_task},
    {"/topup/complete", body_credit},
};

static ol_rc fund_step(const dev_state *state, api *a, const struct funding_step *step,
                       const funding *f, cli_failure *failure)
{
    OL_AUTO(ol_buf) body = ol_buf_new(FILE_BYTES_MAX);
    OL_AUTO(ol_buf) answer = ol_buf_new(FILE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    api_request request = {.method = "POST", .path = ol_str_of(step->path), .total_ms = FUND_MS};
    ol_json_object_begin(&w);
    step->body(&w, f);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&body))
        return ol_fail(&failure->err, OL_ERR_LIMIT, "too many projects");
    request.body = ol_buf_str(&body);
    api_header(&request, "Content-Type", OL_STR("application/json"));
    api_header(&request, "Authorization",
               ol_arena_printf(state->cli->arena, "Bearer %.*s", OL_FMT(state->worker_token)));
    return api_send(a, &request, &answer, failure);
}

ol_rc dev_key_fund(dev_state *state, dev_key *key, const cli_args *scopes, ol_str max_per_call,
                   cli_failure *failure)
{
    api *a = NULL;
    ol_uuid_text data_id = ol_uuid_format(ol_random_uuid(ol_random_kernel()));
    const funding f = {
        .key = key,
        .scopes = scopes,
        .max_per_call = max_per_call,
        .data_id = ol_uuid_str(&data_id),
        .proof = ol_sha256_hex_of(ol_str_bytes(key->secret)),
    };
    ol_rc rc = api_open(state->cli, &a, &failure->err);
    for (size_t i = 0; rc == OL_OK && i < OL_COUNT(FUNDING); i++) {
        rc = fund_step(state, a, &FUNDING[i], &f, failure);
        if (rc != OL_OK)
            (void)ol_note(&failure->err, "%s", FUNDING[i].path);
    }
    api_close(a);
    if (rc != OL_OK)
        return rc;
    key->funded = true;
    return dev_keys_save(state, &failure->err);
}
