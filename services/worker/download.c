#include "services/worker/download.h"

#include "lib/base/fd.h"
#include "lib/proto/limits.h"

enum { MS_PER_SECOND = 1000, BYTES_PER_MB = 1024 * 1024 };

/* Worker 5.5. */
static ol_rc check_hash(const resolved_code *code, ol_str place, const ol_buf *bytes, ol_err *err)
{
    ol_sha256_hex actual = ol_sha256_hex_of(ol_buf_bytes(bytes));
    if (ol_str_eq(ol_sha256_hex_str(&actual), ol_sha256_hex_str(&code->checksum)))
        return OL_OK;
    return ol_fail(err, OL_ERR_COMPILE, "Hash mismatch!\nExpected: %s\nActual: %s\nURL: %.*s",
                   code->checksum.data, actual.data, OL_FMT(place));
}

static ol_rc too_large(size_t bytes, ol_err *err)
{
    return ol_fail(err, OL_ERR_COMPILE, "File too large: %zu MB (max %zu MB)",
                   (bytes + BYTES_PER_MB - 1) / BYTES_PER_MB, OL_WASM_URL_BYTES_MAX / BYTES_PER_MB);
}

static ol_rc from_url(ol_http_client *web, const resolved_code *code, ol_buf *into, ol_err *err)
{
    const ol_http_request request = {.method = OL_STR("GET"),
                                     .url = code->source.url,
                                     .total_ms = OL_WASM_URL_SECONDS * MS_PER_SECOND,
                                     .redirects_max = OL_REDIRECTS_MAX,
                                     .tls_only = true};
    ol_http_answer answer;
    ol_rc rc = ol_http_exchange(web, &request, into, &answer, err);
    if (rc == OL_ERR_LIMIT)
        return too_large(OL_WASM_URL_BYTES_MAX + 1, err);
    if (rc != OL_OK) {
        (void)ol_prefix(err, "Failed to download WASM: ");
        return rc == OL_ERR_FORBIDDEN || rc == OL_ERR_INVALID ? OL_ERR_COMPILE : rc;
    }
    if (answer.status < 200 || answer.status > 299)
        return ol_fail(err, OL_ERR_COMPILE, "HTTP error: %d - %.*s", answer.status,
                       OL_FMT(code->source.url));
    return check_hash(code, code->source.url, into, err);
}

static ol_rc from_file(const resolved_code *code, ol_buf *into, ol_err *err)
{
    ol_rc rc = ol_file_load(code->file.data, into, err);
    if (rc == OL_ERR_LIMIT)
        return too_large(OL_WASM_URL_BYTES_MAX + 1, err);
    if (rc != OL_OK) {
        /* The path is the operator's business. */
        (void)ol_note(err, "%.150s", err->text);
        return ol_fail(err, rc, "Failed to download WASM: file of the project is not readable");
    }
    return check_hash(code, OL_STR("(projects file)"), into, err);
}

ol_rc download_wasm(coordinator *c, ol_http_client *web, const resolved_code *code, ol_buf *into,
                    ol_err *err)
{
    if (code->file.data != NULL)
        return from_file(code, into, err);
    ol_rc rc = coordinator_wasm(c, ol_sha256_hex_str(&code->checksum), into, err);
    if (rc == OL_OK && (!code->checksum_is_content ||
                        check_hash(code, OL_STR("(coordinator)"), into, err) == OL_OK))
        return OL_OK;
    ol_buf_clear(into);
    if (code->source.kind == OL_SOURCE_WASM_URL)
        return from_url(web, code, into, err);
    if (rc == OL_ERR_NOT_FOUND)
        return ol_fail(err, OL_ERR_COMPILE, "Failed to download WASM: WASM not found");
    (void)ol_prefix(err, "Failed to download WASM: ");
    return rc;
}
