#include "cli/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/home_lock.h"
#include "cli/keychain.h"
#include "cli/prompt.h"
#include "lib/base/fd.h"
#include "lib/base/num.h"
#include "lib/codec/json_read.h"

enum { SECRET_HEX_DIGITS = 64, PATH_BYTES = 4096 };

static ol_rc file_path(const char *home, ol_str network, const char *file, char path[PATH_BYTES],
                       ol_err *err)
{
    int n = snprintf(path, PATH_BYTES, "%s/%.*s/%s", home, OL_FMT(network), file);
    if (n < 0 || n >= PATH_BYTES)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    return OL_OK;
}

static void wipe(ol_buf *content)
{
    if (content->len > 0)
        ol_wipe(content->data, content->len);
}

ol_rc credentials_object_load(const char *path, ol_buf *content, ol_json *ret, ol_err *err)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return ol_fail(err, OL_ERR_NOT_FOUND, "no credentials file");
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "%s can be read by others: chmod 600 it, and rotate the key", path);
    OL_TRY(ol_file_load(path, content, err));
    if (ol_json_parse(ol_buf_str(content), ret, err) != OL_OK ||
        ol_json_kind_of(ret) != OL_JSON_OBJECT)
        return ol_fail(err, OL_ERR_ENVIRONMENT,
                       "%s is damaged: it holds no JSON object; put it right or move it away",
                       path);
    return OL_OK;
}

static ol_rc ours_load(const cli *it, const char *file, ol_buf *content, ol_json *ret, ol_err *err)
{
    char path[PATH_BYTES];
    const char *home = cli_cstr(it, it->home);
    if (home == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(file_path(home, it->network, file, path, err));
    return credentials_object_load(path, content, ret, err);
}

static ol_rc text_save(const char *path, ol_buf *text, ol_err *err)
{
    ol_rc rc = ol_buf_ok(text) ? ol_file_save(path, ol_buf_bytes(text), S_IRUSR | S_IWUSR, err)
                               : ol_fail(err, OL_ERR_LIMIT, "too many credentials for %s", path);
    wipe(text);
    return rc;
}

/* ---- payment keys */

ol_rc credential_read(ol_str what, ol_buf *into, ol_err *err)
{
    char line[PROMPT_LINE_BYTES];
    ol_str typed;
    if (isatty(STDIN_FILENO) == 0)
        return ol_read_all((ol_fd){STDIN_FILENO}, into, err);
    ol_rc rc = prompt_hidden(what, line, &typed, err);
    if (rc == OL_OK)
        ol_buf_add_str(into, typed);
    ol_wipe(line, sizeof line);
    return rc == OL_OK && !ol_buf_ok(into) ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory") : rc;
}

/* owner:nonce:64 hex digits; the server checks the rest. */
ol_rc payment_key_take(ol_str text, ol_secret *ret, ol_err *err)
{
    ol_str owner, rest, nonce, secret;
    uint32_t number;
    text = ol_str_trim(text);
    bool fine = ol_str_cut(text, ':', &owner, &rest) && ol_str_cut(rest, ':', &nonce, &secret) &&
                owner.len > 0 && ol_u32_parse(nonce, &number) && secret.len == SECRET_HEX_DIGITS;
    if (!fine || !ol_secret_of(ol_str_bytes(text), ret))
        return ol_fail(err, OL_ERR_PAYMENT_KEY_FORMAT, "the payment key is malformed");
    return OL_OK;
}

static ol_rc key_of_keychain(const cli *it, const ol_json *public, ol_secret *ret, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_SECRET_BYTES_MAX + 1);
    keychain_item item = {.kind = KEYCHAIN_PAYMENT_KEY};
    OL_TRY(ol_json_text(public, it->arena, &item.owner, err));
    ol_rc rc = keychain_find(it, it->network, &item, &text, err);
    if (rc == OL_OK)
        rc = payment_key_take(ol_buf_str(&text), ret, err);
    wipe(&text);
    return rc == OL_ERR_NOT_FOUND ? (err->rc = OL_ERR_NO_PAYMENT_KEY) : rc;
}

static ol_rc key_of_file(const cli *it, ol_buf *content, ol_secret *ret, ol_err *err)
{
    ol_json root, value;
    ol_str text;
    ol_rc rc = ours_load(it, "credentials.json", content, &root, err);
    if (rc == OL_OK && ol_json_find(&root, OL_STR("payment_key"), &value)) {
        OL_TRY(ol_json_text(&value, it->arena, &text, err));
        return payment_key_take(text, ret, err);
    }
    if (rc == OL_OK && ol_json_find(&root, OL_STR(PAYMENT_KEY_IN_KEYCHAIN), &value))
        return key_of_keychain(it, &value, ret, err);
    return rc != OL_OK && rc != OL_ERR_NOT_FOUND
               ? rc
               : ol_fail(err, OL_ERR_NO_PAYMENT_KEY, "no payment key for network %.*s",
                         OL_FMT(it->network));
}

const char *payment_key_place(const cli *it)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    const char *variable = getenv("PAYMENT_KEY"), *place = NULL;
    ol_json root, value;
    if (variable != NULL && variable[0] != '\0')
        return "environment";
    if (ours_load(it, "credentials.json", &content, &root, NULL) == OL_OK)
        place = ol_json_find(&root, OL_STR("payment_key"), &value)             ? "file"
                : ol_json_find(&root, OL_STR(PAYMENT_KEY_IN_KEYCHAIN), &value) ? "keychain"
                                                                               : NULL;
    wipe(&content);
    return place;
}

ol_rc payment_key_keep(const cli *it, const ol_secret *key, bool in_keychain, ol_err *err)
{
    const char *home = cli_cstr(it, it->home);
    ol_str text = ol_bytes_str(ol_secret_reveal(key));
    ol_str before = credentials_text(it, PAYMENT_KEY_IN_KEYCHAIN);
    const keychain_item item = {KEYCHAIN_PAYMENT_KEY, payment_key_public(it, key)};
    const keychain_item old = {KEYCHAIN_PAYMENT_KEY, before};
    const credential kept[] = {{"payment_key", in_keychain ? (ol_str){0} : text},
                               {PAYMENT_KEY_IN_KEYCHAIN, in_keychain ? item.owner : (ol_str){0}}};
    if (home == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (in_keychain)
        OL_TRY(keychain_store(it, it->network, &item, text, err));
    OL_TRY(credentials_save(home, it->network, kept, OL_COUNT(kept), err));
    if (before.len > 0 && !(in_keychain && ol_str_eq(before, item.owner)))
        return keychain_clear(it, it->network, &old, err);
    return OL_OK;
}

ol_rc payment_key_load(const cli *it, ol_str wish, ol_secret *ret, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    const char *variable = getenv("PAYMENT_KEY");
    ol_rc rc;
    if (wish.len > 0) {
        if (!ol_str_eq(wish, OL_STR("-")))
            return ol_fail(err, OL_ERR_USAGE,
                           "a key on the command line is visible to every process: use "
                           "--payment-key - and standard input");
        rc = credential_read(OL_STR("payment key"), &content, err);
        if (rc == OL_OK)
            rc = payment_key_take(ol_buf_str(&content), ret, err);
    } else if (variable != NULL && variable[0] != '\0') {
        rc = payment_key_take(ol_str_of(variable), ret, err);
    } else {
        rc = key_of_file(it, &content, ret, err);
    }
    wipe(&content);
    return rc;
}

ol_str payment_key_public(const cli *it, const ol_secret *key)
{
    ol_str owner, rest, nonce, secret, copy = OL_STR("");
    ol_str text = ol_bytes_str(ol_secret_reveal(key));
    if (!ol_str_cut(text, ':', &owner, &rest) || !ol_str_cut(rest, ':', &nonce, &secret))
        return copy;
    return ol_arena_printf(it->arena, "%.*s:%.*s", OL_FMT(owner), OL_FMT(nonce));
}

/* ---- the file */

static bool is_set_anew(ol_json *key, const credential *member, size_t members)
{
    for (size_t i = 0; i < members; i++) {
        if (ol_json_text_is(key, ol_str_of(member[i].name)))
            return true;
    }
    return false;
}

ol_rc credentials_save(const char *home, ol_str network, const credential *member, size_t members,
                       ol_err *err)
{
    char path[PATH_BYTES];
    OL_AUTO(ol_fd) lock = OL_FD_NONE;
    OL_AUTO(ol_buf) text = ol_buf_new(CREDENTIALS_BYTES_MAX);
    OL_AUTO(ol_buf) before = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json root, key, value;
    OL_TRY(file_path(home, network, "credentials.json", path, err));
    OL_TRY(home_lock(home, network, HOME_LOCK_CREDENTIALS, &lock, err));
    ol_rc rc = credentials_object_load(path, &before, &root, err);
    if (rc != OL_OK && rc != OL_ERR_NOT_FOUND)
        return rc;
    ol_json_object_begin(&w);
    for (size_t i = 0; i < members; i++) {
        if (member[i].text.data != NULL)
            ol_json_put_str(&w, member[i].name, member[i].text);
    }
    if (rc == OL_OK) {
        for (ol_json_iter i = ol_json_iterate(&root); ol_json_next_member(&i, &key, &value);) {
            if (is_set_anew(&key, member, members))
                continue;
            /* Keys of ours have no escapes: what is between the quotes is the name. */
            ol_json_key_str(&w, ol_str_slice(key.raw, 1, key.raw.len - 1));
            ol_json_add_raw(&w, value.raw);
        }
    }
    ol_json_object_end(&w);
    wipe(&before);
    return text_save(path, &text, err);
}

/* Empty when the object has no such text. */
static ol_str text_member(const cli *it, const ol_json *root, const char *name)
{
    ol_str text, copy;
    ol_json value;
    if (ol_json_find(root, ol_str_of(name), &value) &&
        ol_json_text(&value, it->arena, &text, NULL) == OL_OK &&
        ol_arena_copy(it->arena, text, &copy))
        return copy;
    return OL_STR("");
}

ol_str credentials_text(const cli *it, const char *name)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_str text = OL_STR("");
    ol_json root;
    if (ours_load(it, "credentials.json", &content, &root, NULL) == OL_OK)
        text = text_member(it, &root, name);
    wipe(&content);
    return text;
}

void credentials_addresses_load(const cli *it, credentials_addresses *ret)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_err err = {0};
    ol_json root;
    ol_rc rc = ours_load(it, "credentials.json", &content, &root, &err);
    if (rc != OL_OK && rc != OL_ERR_NOT_FOUND)
        cli_warn(it, "%s; until then nothing in it counts", err.text);
    if (rc == OL_OK)
        *ret = (credentials_addresses){text_member(it, &root, "api"), text_member(it, &root, "rpc"),
                                       text_member(it, &root, "contract")};
    wipe(&content);
}

/* A file that names the keyring; one that is no JSON of ours names nothing. */
static bool names_keychain(const char *path)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    size_t at;
    bool named =
        ol_file_load(path, &content, NULL) == OL_OK &&
        (ol_str_find(ol_buf_str(&content), OL_STR("\"keychain\":true"), &at) ||
         ol_str_find(ol_buf_str(&content), OL_STR("\"" PAYMENT_KEY_IN_KEYCHAIN "\""), &at));
    wipe(&content);
    return named;
}

ol_rc credentials_remove(const cli *it, ol_str network, bool *ret_any, ol_err *err)
{
    static const char *const FILES[] = {"credentials.json", "accounts.json"};
    const char *home = cli_cstr(it, it->home);
    *ret_any = false;
    if (home == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_EACH (file, FILES) {
        char path[PATH_BYTES];
        OL_TRY(file_path(home, network, *file, path, err));
        if (names_keychain(path)) /* what it keeps goes first, while its name is known */
            OL_TRY(keychain_clear(it, network, NULL, err));
        if (unlink(path) == 0)
            *ret_any = true;
        else if (errno != ENOENT)
            return ol_fail_errno(err, OL_ERR_IO, "cannot remove %s", path);
    }
    return OL_OK;
}
