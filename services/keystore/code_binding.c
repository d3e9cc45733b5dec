#include "services/keystore/code_binding.h"

enum {
    ARGS_BYTES_MAX = 1024,
    VERSIONS_A_PAGE = 100, /* Contract 10 */
    VERSION_PAGES_MAX = 20,
};

/* WasmHash: the bytes that run are the bytes that are named. */
static ol_rc wasm_check(const release *ask, ol_err *err)
{
    return ol_str_eq_nocase(ask->accessor.name, ask->executed_wasm_sha256)
               ? OL_OK
               : ol_fail(err, OL_ERR_UNAUTHORIZED,
                         "Access denied: the executed code is not the code of this secret");
}

/* A page of a project's versions, as far as they speak about the executed bytes. */
typedef struct page {
    size_t count;
    bool named; /* by their hash */
    bool
        unbound; /* built from a repository: listed by its commit, which says nothing about bytes */
} page;

static ol_rc version_read(const ol_json *version, ol_str executed, page *ret, ol_err *err)
{
    ol_json key;
    ol_json source;
    ol_json url;
    ol_str text;
    OL_AUTO(ol_arena) arena = ol_arena_new(ARGS_BYTES_MAX * 4);
    if (!ol_json_find(version, OL_STR("wasm_hash"), &key) ||
        !ol_json_find(version, OL_STR("source"), &source) ||
        ol_json_text(&key, &arena, &text, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract's answer is not understood");
    ret->count++;
    if (!ol_json_find(&source, OL_STR("WasmUrl"), &url))
        ret->unbound = true;
    else if (ol_str_eq_nocase(text, executed))
        ret->named = true;
    return OL_OK;
}

static ol_rc page_read(const keystore *ks, const release *ask, size_t from, chain_read *read,
                       ol_arena *arena, page *ret, ol_err *err)
{
    char storage[ARGS_BYTES_MAX];
    ol_str text;
    ol_json list;
    ol_json version;
    ol_buf args = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", ask->accessor.name);
    ol_json_put_u64(&w, "from_index", from);
    ol_json_put_u64(&w, "limit", VERSIONS_A_PAGE);
    ol_json_object_end(&w);
    *ret = (page){0};
    if (!ol_buf_ok(&args))
        return ol_fail(err, OL_ERR_INVALID, "project id is too long");
    OL_TRY(chain_view(read, ks->set->contract_id, OL_STR("list_versions"), ol_buf_str(&args), arena,
                      &text, err));
    if (ol_json_parse(text, &list, NULL) != OL_OK || ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract's answer is not understood");
    ol_json_iter items = ol_json_iterate(&list);
    while (ol_json_next_item(&items, &version))
        OL_TRY(version_read(&version, ask->executed_wasm_sha256, ret, err));
    return OL_OK;
}

/* Project: the bytes that run are a version on the chain. A project that also has versions built
 * from a repository may run one of those, whose bytes nobody named: strict refuses it. */
static ol_rc project_check(const keystore *ks, const release *ask, chain_read *read,
                           ol_arena *arena, ol_err *err)
{
    bool unbound = false;
    bool whole = false;
    for (size_t n = 0; n < VERSION_PAGES_MAX && !whole; n++) {
        page one;
        OL_TRY(page_read(ks, ask, n * VERSIONS_A_PAGE, read, arena, &one, err));
        if (one.named)
            return OL_OK;
        unbound = unbound || one.unbound;
        whole = one.count < VERSIONS_A_PAGE;
    }
    if ((unbound || !whole) && !ks->set->strict_code)
        return OL_OK;
    return ol_fail(err, OL_ERR_UNAUTHORIZED,
                   "Access denied: the executed code is no version of this project");
}

ol_rc code_check(const keystore *ks, const release *ask, chain_read *read, ol_arena *arena,
                 ol_err *err)
{
    if (ask->accessor.kind == OL_ACCESSOR_PAYMENT_KEY)
        return OL_OK;
    if (ask->executed_wasm_sha256.len == 0)
        return ks->set->strict_code ? ol_fail(err, OL_ERR_UNAUTHORIZED,
                                              "Access denied: the executed code is not named")
                                    : OL_OK;
    switch (ask->accessor.kind) {
    case OL_ACCESSOR_WASM_HASH:
        return wasm_check(ask, err);
    case OL_ACCESSOR_PROJECT:
        return project_check(ks, ask, read, arena, err);
    case OL_ACCESSOR_REPO:
        return ks->set->strict_code
                   ? ol_fail(err, OL_ERR_UNAUTHORIZED,
                             "Access denied: secrets of repositories are not bound to code")
                   : OL_OK;
    case OL_ACCESSOR_PAYMENT_KEY:
        break;
    }
    return OL_OK;
}
