#include "lib/proto/code_source.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "lib/codec/json_bind.h"
#include "lib/proto/limits.h"

static const ol_str STANDARD_TARGET = OL_STR_INIT("wasm32-wasip1"); /* Worker 3.3 */

bool ol_checksum_valid(ol_str text)
{
    return text.len == OL_SHA256_HEX_DIGITS && ol_hex_is_digits(text);
}

bool ol_build_target_valid(ol_str target)
{
    return ol_str_eq(target, OL_STR("wasm32-wasip1")) || ol_str_eq(target, OL_STR("wasm32-wasi")) ||
           ol_str_eq(target, OL_STR("wasm32-wasip2"));
}

static const ol_json_field GITHUB_FIELDS[] = {
    {"repo", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_code_source, repo)},
    {"commit", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_code_source, commit)},
    {"build_target", OL_BIND_TEXT, OL_OPTIONAL, offsetof(ol_code_source, build_target)},
};
static const ol_json_table GITHUB = {"CodeSource::GitHub", GITHUB_FIELDS, OL_COUNT(GITHUB_FIELDS)};

static const ol_json_field WASM_URL_FIELDS[] = {
    {"url", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_code_source, url)},
    {"hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_code_source, hash)},
    {"build_target", OL_BIND_TEXT, OL_OPTIONAL, offsetof(ol_code_source, build_target)},
};
static const ol_json_table WASM_URL = {"CodeSource::WasmUrl", WASM_URL_FIELDS,
                                       OL_COUNT(WASM_URL_FIELDS)};

/* Which variant it is, and the object that holds its members. */
static bool find_variant(const ol_json *value, ol_source_kind *ret_kind, ol_json *ret_body)
{
    ol_json type;
    if (ol_json_find(value, OL_STR("type"), &type) && ol_json_kind_of(&type) == OL_JSON_STRING) {
        *ret_body = *value;
        *ret_kind = ol_json_text_is(&type, OL_STR("GitHub"))    ? OL_SOURCE_GITHUB
                    : ol_json_text_is(&type, OL_STR("WasmUrl")) ? OL_SOURCE_WASM_URL
                                                                : OL_SOURCE_NONE;
    } else if (ol_json_find(value, OL_STR("GitHub"), ret_body)) {
        *ret_kind = OL_SOURCE_GITHUB;
    } else if (ol_json_find(value, OL_STR("WasmUrl"), ret_body)) {
        *ret_kind = OL_SOURCE_WASM_URL;
    } else {
        *ret_kind = OL_SOURCE_NONE;
    }
    return *ret_kind != OL_SOURCE_NONE;
}

ol_rc ol_code_source_decode(const ol_json *value, ol_arena *arena, ol_code_source *ret, ol_err *err)
{
    ol_code_source source = {.build_target = STANDARD_TARGET};
    ol_json body;
    if (ol_json_kind_of(value) != OL_JSON_OBJECT)
        return ol_json_wrong_type(value, "a code source", err);
    if (!find_variant(value, &source.kind, &body))
        return ol_json_wrong_shape(value, err, "unknown variant, expected `GitHub` or `WasmUrl`");
    OL_TRY(ol_json_bind_value(&body, source.kind == OL_SOURCE_GITHUB ? &GITHUB : &WASM_URL, &source,
                              arena, err));
    *ret = source;
    return OL_OK;
}

void ol_code_source_encode(const ol_code_source *source, ol_json_writer *into)
{
    OL_ASSERT(source->kind != OL_SOURCE_NONE);
    ol_json_object_begin(into);
    if (source->kind == OL_SOURCE_GITHUB) {
        ol_json_put_cstr(into, "type", "GitHub");
        ol_json_put_str(into, "repo", source->repo);
        ol_json_put_str(into, "commit", source->commit);
    } else {
        ol_json_put_cstr(into, "type", "WasmUrl");
        ol_json_put_str(into, "url", source->url);
        ol_json_put_str(into, "hash", source->hash);
    }
    ol_json_put_str(into, "build_target", source->build_target);
    ol_json_object_end(into);
}

static bool cut_prefix(ol_str *text, ol_str prefix)
{
    if (!ol_str_starts(*text, prefix))
        return false;
    *text = ol_str_slice(*text, prefix.len, text->len);
    return true;
}

bool ol_repo_normalise(ol_str repo, ol_arena *arena, ol_str *ret)
{
    size_t at;
    ol_str rest = repo;
    if (ol_str_starts(repo, OL_STR("https://")) || ol_str_starts(repo, OL_STR("http://")) ||
        !ol_str_find(repo, OL_STR("/"), &at))
        return ol_arena_copy(arena, repo, ret);
    if (cut_prefix(&rest, OL_STR("git@github.com:")) ||
        cut_prefix(&rest, OL_STR("ssh://git@github.com/"))) {
        if (ol_str_ends(rest, OL_STR(".git")))
            rest.len -= 4;
    } else {
        (void)cut_prefix(&rest, OL_STR("github.com/"));
    }
    *ret = ol_arena_printf(arena, "https://github.com/%.*s", OL_FMT(rest));
    return ret->data != NULL;
}

static ol_rc github_checksum(const ol_code_source *source, ol_arena *arena, ol_sha256_hex *ret,
                             ol_err *err)
{
    ol_str commit = source->commit.len > 0 ? source->commit : OL_STR("main"); /* Worker 5.1 */
    ol_str repo;
    if (!ol_repo_normalise(source->repo, arena, &repo))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_str text = ol_arena_printf(arena, "%.*s:%.*s:%.*s", OL_FMT(repo), OL_FMT(commit),
                                  OL_FMT(source->build_target));
    if (text.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    *ret = ol_sha256_hex_of(ol_str_bytes(text));
    return OL_OK;
}

ol_rc ol_code_source_checksum(const ol_code_source *source, ol_arena *arena, ol_sha256_hex *ret,
                              ol_err *err)
{
    ol_sha256_hex checksum = {0};
    switch (source->kind) {
    case OL_SOURCE_GITHUB:
        return github_checksum(source, arena, ret, err);
    case OL_SOURCE_WASM_URL:
        if (!ol_checksum_valid(source->hash))
            return ol_fail(err, OL_ERR_INVALID, "WASM hash must be 64 hex digits");
        for (size_t i = 0; i < OL_SHA256_HEX_DIGITS; i++) {
            char c = source->hash.data[i];
            checksum.data[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
        }
        *ret = checksum;
        return OL_OK;
    case OL_SOURCE_NONE:
        return ol_fail(err, OL_ERR_INVALID, "no code source");
    }
    OL_UNREACHABLE();
}
