#include "lib/secrets/update_statement.h"

#include <stdlib.h>

#include "lib/codec/json_print.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/secret.h"

enum { REQUEST_BYTES_MAX = 4 << 20 }; /* above the 2 MiB of a body: numbers may get longer */

static int by_bytes(const void *a, const void *b)
{
    return ol_str_compare(*(const ol_str *)a, *(const ol_str *)b);
}

static void add_names(ol_buf *into, const char *label, ol_update_names names)
{
    if (names.count == 0)
        return;
    qsort(names.name, names.count, sizeof *names.name, by_bytes);
    ol_buf_addf(into, "\n%s:", label);
    for (size_t i = 0; i < names.count; i++)
        ol_buf_addf(into, "%s%.*s", i > 0 ? "," : "", OL_FMT(names.name[i]));
}

void ol_update_statement_v1(ol_str owner, ol_str profile, ol_update_names set,
                            ol_update_names generated, ol_buf *into)
{
    ol_buf_addf(into, "Update Outlayer secrets for %.*s:%.*s", OL_FMT(owner), OL_FMT(profile));
    add_names(into, "keys", set);
    add_names(into, "protected", generated);
}

/* In order of their bytes, as canonical JSON has them. */
static const char *const SIGNED[] = {
    "accessor", "expires_at", "generate_protected", "mode", "new_accessor", "secrets", "vault_id"};

static ol_rc signed_write(const ol_json *request, ol_buf *into, ol_err *err)
{
    ol_json value;
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    OL_EACH (name, SIGNED) {
        if (!ol_json_find(request, ol_str_of(*name), &value)) {
            ol_json_put_null(&w, *name);
            continue;
        }
        ol_json_put_raw(&w, *name, OL_STR("")); /* the value follows */
        OL_TRY(ol_json_print(&value, OL_JSON_KEYS_SORTED, into, err));
    }
    ol_json_object_end(&w);
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "the request is too large");
}

ol_rc ol_update_statement_v2(ol_str owner, ol_str profile, const ol_json *request, ol_buf *into,
                             ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(REQUEST_BYTES_MAX);
    ol_rc rc = signed_write(request, &text, err);
    ol_sha256_hex hash = ol_sha256_hex_of(ol_buf_bytes(&text));
    if (text.data != NULL)
        ol_wipe(text.data, text.size); /* values may have come as they are */
    OL_TRY(rc);
    ol_buf_addf(into, OL_UPDATE_V2 "%.*s:%.*s\nbody:%.*s", OL_FMT(owner), OL_FMT(profile),
                OL_FMT(ol_sha256_hex_str(&hash)));
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "the message is too long");
}
