/* Keys of accounts, in accounts.json. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/credentials.h"
#include "cli/home_lock.h"
#include "cli/keychain.h"
#include "lib/base/fd.h"
#include "lib/codec/base58.h"
#include "lib/codec/json_read.h"
#include "lib/near/account_id.h"
#include "lib/near/dev_key.h"
#include "lib/near/transaction.h"

enum { PATH_BYTES = 4096, SECRET_TEXT_BYTES = 128 };

void signer_deinit(signer *s)
{
    ol_ed25519_key_deinit(&s->key);
}

static ol_rc file_load(const char *home, ol_str network, const char *file, ol_buf *into,
                       ol_json *ret, ol_err *err)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/%.*s/%s", home, OL_FMT(network), file);
    if (n < 0 || n >= PATH_BYTES)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    return credentials_object_load(path, into, ret, err);
}

static bool is_account(const ol_json *item, ol_str account)
{
    ol_json value;
    return ol_json_find(item, OL_STR("account_id"), &value) &&
           ol_json_kind_of(&value) == OL_JSON_STRING && ol_json_text_is(&value, account);
}

static ol_rc key_parse(ol_str text, signer *ret, ol_err *err)
{
    if (ol_near_secret_key_parse(text, &ret->key, err) == OL_OK)
        return OL_OK;
    (void)ol_prefix(err, "the stored private key is broken: ");
    return err->rc = OL_ERR_ENVIRONMENT;
}

static bool is_in_keychain(const ol_json *object)
{
    ol_json value;
    bool yes = false;
    return ol_json_find(object, OL_STR("keychain"), &value) &&
           ol_json_bool(&value, &yes, NULL) == OL_OK && yes;
}

static ol_rc key_of_keychain(const cli *it, signer *ret, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(SECRET_TEXT_BYTES);
    const keychain_item item = {KEYCHAIN_ACCOUNT, ret->account_id};
    ol_rc rc = keychain_find(it, it->network, &item, &text, err);
    if (rc == OL_OK)
        rc = key_parse(ol_str_trim(ol_buf_str(&text)), ret, err);
    if (text.data != NULL)
        ol_wipe(text.data, text.size);
    ret->in_keychain = true;
    return rc;
}

/* The key in an object's "private_key", or where it says. OL_ERR_NOT_FOUND when it has none. */
static ol_rc key_take(const cli *it, const ol_json *object, signer *ret, ol_err *err)
{
    ol_json value;
    ol_str text;
    if (is_in_keychain(object))
        return key_of_keychain(it, ret, err);
    if (!ol_json_find(object, OL_STR("private_key"), &value))
        return ol_fail(err, OL_ERR_NOT_FOUND, "no private_key");
    OL_TRY(ol_json_text(&value, it->arena, &text, err));
    return key_parse(text, ret, err);
}

static ol_rc key_find(const cli *it, const char *home, ol_buf *content, signer *ret, ol_err *err)
{
    ol_str account = ret->account_id;
    ol_json root, list, item;
    ol_rc rc = file_load(home, it->network, "accounts.json", content, &root, err);
    if (rc == OL_OK && ol_json_find(&root, OL_STR("accounts"), &list) &&
        ol_json_kind_of(&list) == OL_JSON_ARRAY) {
        for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item);) {
            if (is_account(&item, account))
                return key_take(it, &item, ret, err);
        }
    }
    if (rc != OL_OK && rc != OL_ERR_NOT_FOUND)
        return rc;
    ol_wipe(content->data, content->len);
    ol_buf_clear(content);
    OL_TRY(file_load(home, it->network, "credentials.json", content, &root, err));
    if (!is_account(&root, account))
        return ol_fail(err, OL_ERR_NOT_FOUND, "another account");
    return key_take(it, &root, ret, err);
}

static const char *place_of(const ol_json *object)
{
    ol_json value;
    return is_in_keychain(object)                                ? "keychain"
           : ol_json_find(object, OL_STR("private_key"), &value) ? "file"
                                                                 : NULL;
}

const char *signer_place(const cli *it, ol_str account)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    const char *home = cli_cstr(it, it->home), *place = NULL;
    ol_json root, list, item;
    if (home != NULL &&
        file_load(home, it->network, "accounts.json", &content, &root, NULL) == OL_OK &&
        ol_json_find(&root, OL_STR("accounts"), &list) && ol_json_kind_of(&list) == OL_JSON_ARRAY) {
        for (ol_json_iter i = ol_json_iterate(&list); ol_json_next_item(&i, &item);) {
            if (place == NULL && is_account(&item, account))
                place = place_of(&item);
        }
    }
    if (content.len > 0)
        ol_wipe(content.data, content.len);
    ol_buf_clear(&content);
    if (place == NULL && home != NULL &&
        file_load(home, it->network, "credentials.json", &content, &root, NULL) == OL_OK &&
        is_account(&root, account))
        place = place_of(&root);
    if (content.len > 0)
        ol_wipe(content.data, content.len);
    return place;
}

/* The accounts of `outlayer dev` with its standard seed (lib/near/dev_key.h). */
static const char *const PUBLIC_KEYS_OF[] = {
    "alice.test.near",    "bob.test.near",  "carol.test.near",    "dev.test.near",
    "outlayer.test.near", "usdc.test.near", "operator.test.near", "test.near",
};

static bool is_dev_key(const signer *s, ol_str account_id)
{
    OL_AUTO(ol_ed25519_key) known;
    ol_dev_key(OL_STR("dev"), account_id, &known);
    ol_ed25519_public a = ol_ed25519_public_of(&known), b = ol_ed25519_public_of(&s->key);
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

ol_rc signer_check(const cli *it, const signer *s, ol_err *err)
{
    bool public = is_dev_key(s, s->account_id);
    if (ol_str_eq(it->network, OL_STR("local")))
        return OL_OK;
    OL_EACH (account_id, PUBLIC_KEYS_OF)
    public = public || is_dev_key(s, ol_str_of(*account_id));
    if (public)
        return ol_fail(
            err, OL_ERR_FORBIDDEN,
            "the key of %.*s is one of the local chain's, which everybody has: it is not "
            "used on %.*s",
            OL_FMT(s->account_id), OL_FMT(it->network));
    return OL_OK;
}

ol_rc signer_load(const cli *it, ol_str account, signer *ret, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    const char *home = cli_cstr(it, it->home);
    signer found = {.account_id = account};
    if (account.len == 0)
        found.account_id = credentials_text(it, "account_id");
    if (found.account_id.len == 0)
        return ol_fail(err, OL_ERR_NO_ACCOUNT_KEY, "no account to sign with on %.*s",
                       OL_FMT(it->network));
    if (!ol_account_id_valid(found.account_id))
        return ol_fail(err, OL_ERR_USAGE, "%.*s is no account id", OL_FMT(found.account_id));
    if (home == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_rc rc = key_find(it, home, &content, &found, err);
    if (content.len > 0)
        ol_wipe(content.data, content.len);
    if (rc == OL_ERR_NOT_FOUND)
        return ol_fail(err, OL_ERR_NO_ACCOUNT_KEY, "no key of %.*s on %.*s",
                       OL_FMT(found.account_id), OL_FMT(it->network));
    if (rc == OL_OK)
        rc = signer_check(it, &found, err);
    if (rc == OL_OK)
        *ret = found;
    else
        signer_deinit(&found);
    return rc;
}

/* ---- keeping */

static void secret_write(const signer *s, ol_buf *into)
{
    ol_buf_add_str(into, OL_STR("ed25519:"));
    ol_base58_add(into, (ol_bytes){s->key.secret, sizeof s->key.secret});
}

static ol_rc keychain_put(const cli *it, ol_str network, const signer *s, ol_err *err)
{
    char storage[SECRET_TEXT_BYTES];
    ol_buf secret = ol_buf_over(storage, sizeof storage);
    const keychain_item item = {KEYCHAIN_ACCOUNT, s->account_id};
    secret_write(s, &secret);
    ol_rc rc = keychain_store(it, network, &item, ol_buf_str(&secret), err);
    ol_wipe(storage, sizeof storage);
    return rc;
}

static void put_signer(ol_json_writer *w, const cli *it, const signer *s)
{
    char storage[SECRET_TEXT_BYTES];
    ol_buf secret = ol_buf_over(storage, sizeof storage);
    ol_ed25519_public public = ol_ed25519_public_of(&s->key);
    secret_write(s, &secret);
    ol_json_object_begin(w);
    ol_json_put_str(w, "account_id", s->account_id);
    ol_json_put_str(w, "public_key", ol_near_public_key_format(&public, it->arena));
    if (s->in_keychain)
        ol_json_put_bool(w, "keychain", true);
    else
        ol_json_put_str(w, "private_key", ol_buf_str(&secret));
    ol_json_object_end(w);
    ol_wipe(storage, sizeof storage);
}

static const signer *among(const ol_json *item, const signer *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_account(item, list[i].account_id))
            return &list[i];
    }
    return NULL;
}

/* Into the keyring what is for it; out of it what was there and is kept in the file from now on. */
static ol_rc keychain_change(const cli *it, ol_str network, const signer *list, size_t count,
                             const ol_json *before, ol_err *err)
{
    ol_json item;
    for (size_t i = 0; i < count; i++) {
        if (list[i].in_keychain)
            OL_TRY(keychain_put(it, network, &list[i], err));
    }
    if (before == NULL)
        return OL_OK;
    for (ol_json_iter i = ol_json_iterate(before); ol_json_next_item(&i, &item);) {
        const signer *now = among(&item, list, count);
        if (now == NULL || now->in_keychain || !is_in_keychain(&item))
            continue;
        const keychain_item old = {KEYCHAIN_ACCOUNT, now->account_id};
        OL_TRY(keychain_clear(it, network, &old, err));
    }
    return OL_OK;
}

ol_rc signers_save(const cli *it, const char *home, ol_str network, const signer *list,
                   size_t count, ol_err *err)
{
    char path[PATH_BYTES];
    OL_AUTO(ol_fd) lock = OL_FD_NONE;
    OL_AUTO(ol_buf) text = ol_buf_new(CREDENTIALS_BYTES_MAX);
    OL_AUTO(ol_buf) before = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json root, items, item;
    int n = snprintf(path, sizeof path, "%s/%.*s/accounts.json", home, OL_FMT(network));
    if (n < 0 || n >= PATH_BYTES)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    OL_TRY(home_lock(home, network, HOME_LOCK_CREDENTIALS, &lock, err));
    ol_rc rc = file_load(home, network, "accounts.json", &before, &root, err);
    if (rc != OL_OK && rc != OL_ERR_NOT_FOUND)
        return rc;
    bool has_items = rc == OL_OK && ol_json_find(&root, OL_STR("accounts"), &items);
    rc = keychain_change(it, network, list, count, has_items ? &items : NULL, err);
    if (rc != OL_OK) {
        if (before.len > 0)
            ol_wipe(before.data, before.len);
        return rc;
    }
    ol_json_object_begin(&w);
    ol_json_key(&w, "accounts");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < count; i++)
        put_signer(&w, it, &list[i]);
    if (has_items) {
        for (ol_json_iter i = ol_json_iterate(&items); ol_json_next_item(&i, &item);) {
            if (among(&item, list, count) == NULL)
                ol_json_add_raw(&w, item.raw);
        }
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    rc = ol_buf_ok(&text) ? ol_file_save(path, ol_buf_bytes(&text), S_IRUSR | S_IWUSR, err)
                          : ol_fail(err, OL_ERR_LIMIT, "too many accounts in %s", path);
    if (text.len > 0)
        ol_wipe(text.data, text.len);
    if (before.len > 0)
        ol_wipe(before.data, before.len);
    return rc;
}
