#include "cli/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/num.h"
#include "lib/codec/json_read.h"

enum { SECRET_HEX_DIGITS = 64, PATH_BYTES = 4096 };

/* owner:nonce:64 hex digits; the server checks the rest. */
static ol_rc key_take(ol_str text, ol_secret *ret, ol_err *err)
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

static bool file_path(const char *home, ol_str network, char path[PATH_BYTES])
{
    int n = snprintf(path, PATH_BYTES, "%s/%.*s/credentials.json", home, OL_FMT(network));
    return n > 0 && n < PATH_BYTES;
}

/* The member of the credentials file; OL_ERR_NOT_FOUND without file or member. The text lives in
 * `content`, which the caller wipes. */
static ol_rc member_load(const cli *it, const char *name, ol_buf *content, ol_str *ret, ol_err *err)
{
    char path[PATH_BYTES];
    struct stat about;
    ol_json root, value;
    const char *home = cli_cstr(it, it->home);
    if (home == NULL || !file_path(home, it->network, path) || stat(path, &about) != 0)
        return ol_fail(err, OL_ERR_NOT_FOUND, "no credentials file");
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "%s can be read by others: chmod 600 it, and rotate the key", path);
    OL_TRY(ol_file_load(path, content, err));
    if (ol_json_parse(ol_buf_str(content), &root, err) != OL_OK)
        return ol_note(err, "%s", path);
    if (!ol_json_find(&root, ol_str_of(name), &value))
        return ol_fail(err, OL_ERR_NOT_FOUND, "no %s in %s", name, path);
    return ol_json_text(&value, it->arena, ret, err);
}

ol_rc payment_key_load(const cli *it, ol_str wish, ol_secret *ret, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_str text = OL_STR("");
    const char *variable = getenv("PAYMENT_KEY");
    ol_rc rc;
    if (wish.len > 0) {
        if (!ol_str_eq(wish, OL_STR("-")))
            return ol_fail(err, OL_ERR_USAGE,
                           "a key on the command line is visible to every process: use "
                           "--payment-key - and standard input");
        OL_TRY(ol_read_all((ol_fd){STDIN_FILENO}, &content, err));
        rc = key_take(ol_buf_str(&content), ret, err);
    } else if (variable != NULL && variable[0] != '\0') {
        rc = key_take(ol_str_of(variable), ret, err);
    } else {
        rc = member_load(it, "payment_key", &content, &text, err);
        if (rc == OL_OK)
            rc = key_take(text, ret, err);
        else if (rc == OL_ERR_NOT_FOUND)
            rc = ol_fail(err, OL_ERR_NO_PAYMENT_KEY, "no payment key for network %.*s",
                         OL_FMT(it->network));
    }
    if (content.len > 0)
        explicit_bzero(content.data, content.len);
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

ol_rc credentials_save(const char *home, ol_str network, ol_str api, const ol_secret *key,
                       ol_err *err)
{
    char path[PATH_BYTES], folder[PATH_BYTES];
    OL_AUTO(ol_buf) text = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    int n = snprintf(folder, sizeof folder, "%s/%.*s", home, OL_FMT(network));
    if (n < 0 || n >= PATH_BYTES || !file_path(home, network, path))
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "api", api);
    ol_json_put_str(&w, "payment_key", ol_bytes_str(ol_secret_reveal(key)));
    ol_json_object_end(&w);
    OL_TRY(ol_dir_make(folder, err));
    ol_rc rc = ol_file_save(path, ol_buf_bytes(&text), S_IRUSR | S_IWUSR, err);
    explicit_bzero(text.data, text.len);
    return rc;
}

ol_str credentials_api(const cli *it)
{
    OL_AUTO(ol_buf) content = ol_buf_new(CREDENTIALS_BYTES_MAX);
    ol_str api = OL_STR(""), copy;
    ol_err err = {0};
    if (member_load(it, "api", &content, &api, &err) != OL_OK)
        return OL_STR("");
    copy = ol_arena_copy(it->arena, api, &copy) ? copy : OL_STR("");
    if (content.len > 0)
        explicit_bzero(content.data, content.len);
    return copy;
}
