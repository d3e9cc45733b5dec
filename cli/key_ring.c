#include "cli/key_ring.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/home_lock.h"
#include "lib/codec/json_read.h"

enum { RING_BYTES_MAX = 128 * 1024 };

ol_str key_ring_path(const cli *it)
{
    return ol_arena_printf(it->arena, "%.*s/%.*s/keys.json", OL_FMT(it->home), OL_FMT(it->network));
}

/* OL_ERR_NOT_FOUND without a file. `list` lives in `content`, which the caller wipes. */
static ol_rc load(const cli *it, ol_buf *content, ol_json *ret_list, ol_err *err)
{
    ol_json root;
    ol_str path = key_ring_path(it);
    if (path.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_rc rc = credentials_object_load(path.data, content, &root, err);
    if (rc == OL_ERR_NOT_FOUND)
        return ol_fail(err, rc, "no payment keys are kept here");
    OL_TRY(rc);
    if (!ol_json_find(&root, OL_STR("keys"), ret_list) ||
        ol_json_kind_of(ret_list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "%s is damaged: it names no keys", path.data);
    return OL_OK;
}

static bool is_key(const ol_json *item, ol_str owner, uint32_t nonce)
{
    ol_json value;
    uint32_t number;
    return ol_json_find(item, OL_STR("owner"), &value) && ol_json_says(&value, owner) &&
           ol_json_find(item, OL_STR("nonce"), &value) &&
           ol_json_u32(&value, &number, NULL) == OL_OK && number == nonce;
}

static void wipe(ol_buf *content)
{
    if (content->data != NULL)
        ol_wipe(content->data, content->size);
}

static void put_key(ol_json_writer *w, ol_str owner, uint32_t nonce, const ol_secret *secret)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "owner", owner);
    ol_json_put_u64(w, "nonce", nonce);
    ol_json_put_str(w, "key", ol_bytes_str(ol_secret_reveal(secret)));
    ol_json_object_end(w);
}

ol_rc key_ring_lock(const cli *it, ol_fd *ret, ol_err *err)
{
    const char *home = cli_cstr(it, it->home);
    return home != NULL ? home_lock(home, it->network, HOME_LOCK_KEYS, ret, err)
                        : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

ol_rc key_ring_put(const cli *it, ol_str owner, uint32_t nonce, const ol_secret *secret,
                   ol_err *err)
{
    OL_AUTO(ol_buf) before = ol_buf_new(RING_BYTES_MAX);
    OL_AUTO(ol_buf) text = ol_buf_new(RING_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json list, item;
    ol_rc rc = load(it, &before, &list, err);
    if (rc != OL_OK && rc != OL_ERR_NOT_FOUND)
        return rc;
    ol_json_object_begin(&w);
    ol_json_key(&w, "keys");
    ol_json_array_begin(&w);
    if (rc == OL_OK) {
        for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item);) {
            if (!is_key(&item, owner, nonce))
                ol_json_add_raw(&w, item.raw);
        }
    }
    if (secret != NULL)
        put_key(&w, owner, nonce, secret);
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    rc = ol_buf_ok(&text)
             ? ol_file_save(key_ring_path(it).data, ol_buf_bytes(&text), S_IRUSR | S_IWUSR, err)
             : ol_fail(err, OL_ERR_LIMIT, "too many payment keys are kept");
    wipe(&before);
    wipe(&text);
    return rc;
}

static ol_rc full(const ol_json *item, ol_str owner, uint32_t nonce, ol_secret *ret, ol_err *err)
{
    char storage[OL_SECRET_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_json value;
    bool fine = ol_json_find(item, OL_STR("key"), &value) &&
                ol_json_kind_of(&value) == OL_JSON_STRING &&
                value.raw.len == KEY_SECRET_HEX_DIGITS + 2;
    if (fine) {
        ol_buf_addf(&text, "%.*s:%u:%.*s", OL_FMT(owner), nonce,
                    OL_FMT(ol_str_slice(value.raw, 1, value.raw.len - 1)));
        fine = ol_buf_ok(&text) && ol_secret_of(ol_buf_bytes(&text), ret);
    }
    ol_wipe(storage, sizeof storage);
    return fine ? OL_OK : ol_fail(err, OL_ERR_ENVIRONMENT, "keys.json is damaged: no key is in it");
}

ol_rc key_ring_find(const cli *it, ol_str owner, uint32_t nonce, ol_secret *ret_full, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(RING_BYTES_MAX);
    ol_json list, item;
    ol_rc rc = load(it, &content, &list, err);
    if (rc == OL_OK) {
        rc = ol_fail(err, OL_ERR_NOT_FOUND, "the secret of %.*s:%u is not kept here", OL_FMT(owner),
                     nonce);
        for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item);) {
            if (is_key(&item, owner, nonce)) {
                rc = full(&item, owner, nonce, ret_full, err);
                break;
            }
        }
    }
    wipe(&content);
    return rc;
}
