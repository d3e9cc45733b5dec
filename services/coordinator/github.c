#include "services/coordinator/github.h"

#include <string.h>

#include "lib/codec/json_read.h"

enum {
    ANSWER_MS = 10000,
    PAGE_MAX = 100, /* branches GitHub lists on one page */
    STATUS_OK = 200,
    STATUS_NOT_FOUND = 404,
    STATUS_NO_COMMIT = 422, /* how GitHub says that it knows no such commit */
};

typedef struct asking {
    const chain_tools *tools;
    ol_str path; /* /repos/OWNER/NAME */
    ol_str commit;
    ol_arena *arena;
    ol_buf text; /* of the last answer */
} asking;

typedef struct branches {
    ol_str name[PAGE_MAX];
    size_t count;
} branches;

/* What may stand in a path as it is (RFC 3986), and the slash of names such as `fix/1`. */
static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '/';
}

static ol_str path_escape(ol_str text, ol_arena *arena)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = ol_arena_alloc(arena, text.len * 3 + 1);
    size_t len = 0;
    if (out == NULL)
        return (ol_str){0};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (plain(text.data[i])) {
            out[len++] = text.data[i];
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[c >> 4];
        out[len++] = digits[c & 15];
    }
    return (ol_str){out, len};
}

static ol_rc ask(asking *it, ol_str question, int *ret_status, ol_json *ret, ol_err *err)
{
    static const ol_http_header headers[] = {
        {OL_STR_INIT("accept"), OL_STR_INIT("application/vnd.github+json")}};
    ol_http_answer answer;
    ol_str url = ol_arena_printf(it->arena, "%.*s%.*s/%.*s",
                                 OL_FMT(chain_settings(it->tools->chain)->github_api_url),
                                 OL_FMT(it->path), OL_FMT(question));
    const ol_http_request request = {
        .method = OL_STR("GET"),
        .url = url,
        .header = headers,
        .headers = OL_COUNT(headers),
        .total_ms = ANSWER_MS,
    };
    if (url.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_buf_clear(&it->text);
    if (ol_http_exchange(it->tools->http, &request, &it->text, &answer, err) != OL_OK)
        return ol_prefix(err, "GitHub API request failed: ");
    *ret_status = answer.status;
    if (answer.status == STATUS_NOT_FOUND || answer.status == STATUS_NO_COMMIT)
        return OL_OK;
    if (answer.status != STATUS_OK)
        return ol_fail(err, OL_ERR_NETWORK, "GitHub API answered %d", answer.status);
    if (ol_json_parse(ol_buf_str(&it->text), ret, err) != OL_OK)
        return ol_prefix(err, "GitHub API answer: ");
    return OL_OK;
}

/* `[{"name":…}, …]`: main and master to the front, else in GitHub's order. */
static ol_rc names_read(asking *it, const ol_json *list, branches *ret, ol_err *err)
{
    ol_json item;
    ol_json name;
    ret->count = 0;
    if (ol_json_kind_of(list) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "GitHub API answer: no list of branches");
    ol_json_iter items = ol_json_iterate(list);
    while (ret->count < PAGE_MAX && ol_json_next_item(&items, &item)) {
        ol_str text;
        ol_str copy;
        if (!ol_json_find(&item, OL_STR("name"), &name))
            return ol_fail(err, OL_ERR_SHAPE, "GitHub API answer: a branch without a name");
        OL_TRY(ol_json_text(&name, it->arena, &text, err));
        if (!ol_arena_copy(it->arena, text, &copy))
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        ret->name[ret->count++] = copy;
    }
    static const char *const first[] = {"master", "main"}; /* main ends up before master */
    OL_EACH (wanted, first) {
        for (size_t i = 1; i < ret->count; i++) {
            if (!ol_str_eq(ret->name[i], ol_str_of(*wanted)))
                continue;
            ol_str found = ret->name[i];
            memmove(&ret->name[1], &ret->name[0], i * sizeof found);
            ret->name[0] = found;
        }
    }
    return OL_OK;
}

/* *ret_known false: GitHub knows no such repository or commit. */
static ol_rc names_ask(asking *it, ol_str question, branches *ret, bool *ret_known, ol_err *err)
{
    int status = 0;
    ol_json list;
    ret->count = 0;
    OL_TRY(ask(it, question, &status, &list, err));
    *ret_known = status == STATUS_OK;
    return *ret_known ? names_read(it, &list, ret, err) : OL_OK;
}

/* Coordinator 8: the branch is ahead of the commit, or ends with it. */
static ol_rc holds(asking *it, ol_str branch, bool *ret, ol_err *err)
{
    int status = 0;
    ol_json root;
    ol_json text;
    ol_str name = path_escape(branch, it->arena);
    ol_str question =
        ol_arena_printf(it->arena, "compare/%.*s...%.*s", OL_FMT(it->commit), OL_FMT(name));
    if (name.data == NULL || question.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ask(it, question, &status, &root, err));
    *ret = status == STATUS_OK && ol_json_find(&root, OL_STR("status"), &text) &&
           (ol_json_text_is(&text, OL_STR("ahead")) || ol_json_text_is(&text, OL_STR("identical")));
    return OL_OK;
}

static ol_rc search(asking *it, ol_str *ret, ol_err *err)
{
    branches found;
    bool known;
    ol_str heads = ol_arena_printf(it->arena, "commits/%.*s/branches-where-head?per_page=%d",
                                   OL_FMT(it->commit), PAGE_MAX);
    ol_str all = ol_arena_printf(it->arena, "branches?per_page=%d", PAGE_MAX);
    if (heads.data == NULL || all.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(names_ask(it, heads, &found, &known, err));
    if (found.count > 0)
        *ret = found.name[0];
    if (found.count > 0 || !known)
        return OL_OK;
    OL_TRY(names_ask(it, all, &found, &known, err));
    if (found.count > GITHUB_BRANCHES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "Repository has %zu%s branches (limit %d)", found.count,
                       found.count == PAGE_MAX ? " or more" : "", GITHUB_BRANCHES_MAX);
    for (size_t i = 0; i < found.count; i++) {
        bool here = false;
        OL_TRY(holds(it, found.name[i], &here, err));
        if (here) {
            *ret = found.name[i];
            return OL_OK;
        }
    }
    return OL_OK;
}

ol_rc github_branch(const chain_tools *tools, ol_str repo, ol_str commit, ol_arena *arena,
                    ol_str *ret, ol_err *err)
{
    static const char host[] = "github.com/";
    asking it = {.tools = tools, .commit = commit, .arena = arena};
    *ret = (ol_str){0};
    if (!ol_str_starts(repo, OL_STR("github.com/")))
        return ol_fail(err, OL_ERR_INVALID, "only repositories of github.com can be asked about");
    ol_str name = path_escape(ol_str_slice(repo, strlen(host), repo.len), arena);
    it.path = ol_arena_printf(arena, "/repos/%.*s", OL_FMT(name));
    if (name.data == NULL || it.path.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    it.text = ol_buf_new(CHAIN_ANSWER_BYTES_MAX);
    ol_rc rc = search(&it, ret, err);
    ol_buf_deinit(&it.text);
    return rc;
}
