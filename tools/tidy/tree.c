#include "tools/tidy/tree.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/fd.h"

static const ol_str SKIPPED[] = {OL_STR_INIT("build"), OL_STR_INIT("target"),
                                 OL_STR_INIT("tests/data"), OL_STR_INIT("tests/fuzz/corpus")};
static const ol_str ENDINGS[] = {
    OL_STR_INIT(".c"),   OL_STR_INIT(".h"),     OL_STR_INIT(".def"),    OL_STR_INIT(".sql"),
    OL_STR_INIT(".md"),  OL_STR_INIT(".rs"),    OL_STR_INIT(".txt"),    OL_STR_INIT(".toml"),
    OL_STR_INIT(".sh"),  OL_STR_INIT(".py"),    OL_STR_INIT(".cmake"),  OL_STR_INIT(".json"),
    OL_STR_INIT(".wit"), OL_STR_INIT(".html"),  OL_STR_INIT(".js"),     OL_STR_INIT("/run"),
    OL_STR_INIT(".wat"), OL_STR_INIT("/setup"), OL_STR_INIT("Makefile")};

static bool is_skipped(ol_str path)
{
    OL_EACH (skipped, SKIPPED) {
        if (ol_str_eq(path, *skipped))
            return true;
    }
    return false;
}

static bool is_wanted(ol_str path)
{
    OL_EACH (ending, ENDINGS) {
        if (ol_str_ends(path, *ending))
            return true;
    }
    return false;
}

/* Where a literal that begins with `quote` at `at` ends. */
static size_t literal_end(ol_str text, size_t at, char quote)
{
    for (at++; at < text.len && text.data[at] != quote && text.data[at] != '\n'; at++)
        at += text.data[at] == '\\';
    return at < text.len ? at + 1 : text.len;
}

static size_t comment_end(ol_str text, size_t at)
{
    size_t end;
    bool line = text.data[at + 1] == '/';
    ol_str rest = ol_str_slice(text, at + 2, text.len);
    if (!ol_str_find(rest, line ? OL_STR("\n") : OL_STR("*/"), &end))
        return text.len;
    return at + 2 + end + (line ? 0 : 2);
}

static void blank(char *out, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        out[i] = out[i] == '\n' ? '\n' : ' ';
}

/* Splits C into code and strings. Quotes stay in the code, so that `f("x")` still shows its call.
 */
static void split(ol_str text, char *code, char *strings)
{
    memcpy(code, text.data, text.len);
    memcpy(strings, text.data, text.len);
    size_t plain = 0; /* what follows is code and no string */
    for (size_t at = 0; at < text.len;) {
        char c = text.data[at];
        bool comment =
            c == '/' && at + 1 < text.len && (text.data[at + 1] == '/' || text.data[at + 1] == '*');
        if (comment || c == '"' || c == '\'') {
            size_t end = comment ? comment_end(text, at) : literal_end(text, at, c);
            if (comment)
                blank(code, at, end);
            else
                blank(code, at + 1, end - 1);
            blank(strings, plain, c == '"' ? at + 1 : end);
            plain = c == '"' ? end - 1 : end;
            at = end;
        } else {
            at++;
        }
    }
    blank(strings, plain, text.len);
}

static ol_rc add_file(tree *t, const char *path, ol_err *err)
{
    ol_buf body = ol_buf_new(TREE_FILE_BYTES_MAX);
    tree_file file = {0};
    if (t->count == TREE_FILES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d files", TREE_FILES_MAX);
    ol_rc rc = ol_file_load(path, &body, err);
    if (rc == OL_OK && (!ol_arena_copy(&t->arena, ol_str_of(path), &file.path) ||
                        !ol_arena_copy(&t->arena, ol_buf_str(&body), &file.text)))
        rc = ol_fail(err, OL_ERR_NO_MEMORY, "no memory for %s", path);
    ol_buf_deinit(&body);
    if (rc != OL_OK)
        return rc;
    if (tree_is_c(&file)) {
        char *code = ol_arena_alloc(&t->arena, file.text.len + 1);
        char *strings = ol_arena_alloc(&t->arena, file.text.len + 1);
        if (code == NULL || strings == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "no memory for %s", path);
        split(file.text, code, strings);
        file.code = (ol_str){code, file.text.len};
        file.strings = (ol_str){strings, file.text.len};
    }
    t->files[t->count++] = file;
    return OL_OK;
}

static ol_rc walk(tree *t, const char *folder, ol_err *err);

static ol_rc add_entry(tree *t, const char *folder, const char *name, ol_err *err)
{
    char path[1024];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", name);
    if (is_skipped(ol_str_of(path)) || lstat(path, &info) != 0)
        return OL_OK;
    if (S_ISDIR(info.st_mode))
        return strcmp(name, "target") == 0 ? OL_OK : walk(t, path, err);
    bool wanted =
        S_ISREG(info.st_mode) && is_wanted(ol_str_of(path)) && info.st_size <= TREE_FILE_BYTES_MAX;
    return wanted ? add_file(t, path, err) : OL_OK;
}

static ol_rc walk(tree *t, const char *folder, ol_err *err)
{
    DIR *dir = opendir(folder[0] != '\0' ? folder : ".");
    ol_rc rc = OL_OK;
    if (dir == NULL)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot read %s", folder);
    for (struct dirent *e = readdir(dir); e != NULL && rc == OL_OK; e = readdir(dir)) {
        if (e->d_name[0] != '.' || strcmp(e->d_name, ".ci") == 0)
            rc = add_entry(t, folder, e->d_name, err);
    }
    (void)closedir(dir);
    return rc;
}

ol_rc tree_load(tree *ret, ol_err *err)
{
    *ret = (tree){.arena = ol_arena_new(TREE_BYTES_MAX)};
    ret->files = ol_arena_array(&ret->arena, TREE_FILES_MAX, sizeof *ret->files);
    if (ret->files == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "no memory");
    return walk(ret, "", err);
}

void tree_deinit(tree *t)
{
    ol_arena_deinit(&t->arena);
}

const tree_file *tree_find(const tree *t, ol_str path)
{
    for (size_t i = 0; i < t->count; i++) {
        if (ol_str_eq(t->files[i].path, path))
            return &t->files[i];
    }
    return NULL;
}

bool tree_is_c(const tree_file *file)
{
    return ol_str_ends(file->path, OL_STR(".c")) || ol_str_ends(file->path, OL_STR(".h"));
}

static size_t line_of(ol_str text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        line += text.data[i] == '\n';
    return line;
}

void tree_fault(tree *t, const tree_file *file, size_t at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%.*s:%zu: ", OL_FMT(file->path), line_of(file->text, at));
    (void)vprintf(format, arguments);
    (void)printf("\n");
    va_end(arguments);
    t->faults++;
}

void tree_warn(tree *t, const tree_file *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%.*s: warning: ", OL_FMT(file->path));
    (void)vprintf(format, arguments);
    (void)printf("\n");
    va_end(arguments);
    t->warnings++;
}

bool tree_next_line(ol_str text, size_t *next, ol_str *ret_line, size_t *ret_at)
{
    if (*next >= text.len)
        return false;
    ol_str rest = ol_str_slice(text, *next, text.len);
    ol_str line = rest;
    ol_str tail = {0};
    *ret_at = *next;
    *next = ol_str_cut(rest, '\n', &line, &tail) ? *next + line.len + 1 : text.len;
    *ret_line = line;
    return true;
}
