#include "services/coordinator/repo_name.h"

static bool prefix_cut(ol_str *text, ol_str prefix)
{
    if (!ol_str_starts(*text, prefix))
        return false;
    *text = ol_str_slice(*text, prefix.len, text->len);
    return true;
}

static size_t slashes(ol_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '/';
    return count;
}

ol_rc repo_name_normalise(ol_str repo, ol_arena *arena, ol_str *ret, ol_err *err)
{
    ol_str text = ol_str_trim(repo);
    ol_str host;
    ol_str path;
    if (text.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "Repository URL cannot be empty");
    if (ol_str_ends(text, OL_STR(".git")))
        text = ol_str_slice(text, 0, text.len - 4);
    bool scp = prefix_cut(&text, OL_STR("git@"));
    if (!scp && prefix_cut(&text, OL_STR("ssh://")))
        (void)prefix_cut(&text, OL_STR("git@"));
    else if (!scp && !prefix_cut(&text, OL_STR("https://")))
        (void)prefix_cut(&text, OL_STR("http://"));
    if (scp && ol_str_cut(text, ':', &host, &path))
        *ret = ol_arena_printf(arena, "%.*s/%.*s", OL_FMT(host), OL_FMT(path));
    else if (slashes(text) == 0)
        return ol_fail(err, OL_ERR_INVALID, "Invalid repository format: %.*s", OL_FMT(repo));
    else if (slashes(text) == 1)
        *ret = ol_arena_printf(arena, "github.com/%.*s", OL_FMT(text));
    else
        *ret = text;
    return ret->data == NULL ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory") : OL_OK;
}
