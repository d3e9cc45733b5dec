#include "cli/source.h"

#include "lib/crypto/hash.h"

ol_rc code_target_parse(ol_str text, ol_str *ret, ol_err *err)
{
    static const struct {
        ol_str name;
        ol_str target;
    } NAMES[] = {
        {OL_STR_INIT("p1"), OL_STR_INIT("wasm32-wasip1")},
        {OL_STR_INIT("p2"), OL_STR_INIT("wasm32-wasip2")},
        {OL_STR_INIT("wasm32-wasip1"), OL_STR_INIT("wasm32-wasip1")},
        {OL_STR_INIT("wasm32-wasip2"), OL_STR_INIT("wasm32-wasip2")},
    };
    OL_EACH (row, NAMES) {
        if (ol_str_eq(row->name, text)) {
            *ret = row->target;
            return OL_OK;
        }
    }
    return ol_fail(err, OL_ERR_USAGE, "a target is p1 or p2");
}

ol_rc code_hash_check(ol_str hash, ol_err *err)
{
    ol_sha256 parsed;
    if (!ol_sha256_parse(hash, &parsed))
        return ol_fail(err, OL_ERR_USAGE, "a hash is a SHA-256: 64 hex digits");
    return OL_OK;
}

ol_rc code_wish_read(const cli_args *args, code_wish *ret, ol_err *err)
{
    code_wish wish = {0};
    ol_str target;
    bool repo = cli_value(args, "github", &wish.repo);
    bool commit = cli_value(args, "commit", &wish.commit);
    bool url = cli_value(args, "wasm", &wish.url);
    bool hash = cli_value(args, "hash", &wish.hash);
    if (repo != commit)
        return ol_fail(err, OL_ERR_USAGE, "--github and --commit go together");
    if (url != hash)
        return ol_fail(err, OL_ERR_USAGE, "--wasm and --hash go together");
    if (repo && url)
        return ol_fail(err, OL_ERR_USAGE, "name one source: --github or --wasm");
    if (hash)
        OL_TRY(code_hash_check(wish.hash, err));
    if (cli_value(args, "target", &target))
        OL_TRY(code_target_parse(target, &wish.target, err));
    wish.kind = repo ? CODE_GITHUB : url ? CODE_URL : CODE_NONE;
    *ret = wish;
    return OL_OK;
}

void code_wish_put(ol_json_writer *w, const code_wish *wish)
{
    ol_json_object_begin(w);
    ol_json_key(w, wish->kind == CODE_GITHUB ? "GitHub" : "WasmUrl");
    ol_json_object_begin(w);
    if (wish->kind == CODE_GITHUB) {
        ol_json_put_str(w, "repo", wish->repo);
        ol_json_put_str(w, "commit", wish->commit);
    } else {
        ol_json_put_str(w, "url", wish->url);
        ol_json_put_str(w, "hash", wish->hash);
    }
    if (wish->target.len > 0)
        ol_json_put_str(w, "build_target", wish->target);
    ol_json_object_end(w);
    ol_json_object_end(w);
}

void code_wish_key(const code_wish *wish, ol_buf *into)
{
    if (wish->kind == CODE_GITHUB)
        ol_buf_addf(into, "%.*s@%.*s", OL_FMT(wish->repo), OL_FMT(wish->commit));
    else
        ol_buf_add_str(into, wish->hash);
}

uint64_t code_wish_storage(const code_wish *wish)
{
    enum { RECORD = 150, KEYS = 88 };
    size_t texts = wish->kind == CODE_GITHUB ? wish->repo.len + wish->commit.len
                                             : wish->url.len + wish->hash.len;
    return RECORD + KEYS + texts + wish->target.len;
}
