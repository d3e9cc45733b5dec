#include "tools/tidy/rules.h"

#include <ctype.h>

enum { LINES_MAX = 600, NAME_BYTES_MAX = 128, PATH_BYTES_MAX = 1024 };

/* Words of the place where this was written, which mean nothing to anybody else. In two parts, so
 * that this file does not hold them. */
static const ol_str FOREIGN[] = {OL_STR_INIT("/work"
                                             "/"),
                                 OL_STR_INIT("shared"
                                             "/")};

static ol_str file_name(ol_str path)
{
    ol_str folder;
    ol_str name;
    return ol_str_cut_last(path, '/', &folder, &name) ? name : path;
}

static ol_str stem(ol_str path)
{
    ol_str head;
    ol_str ending;
    ol_str name = file_name(path);
    return ol_str_cut_last(name, '.', &head, &ending) ? head : name;
}

static bool is_part(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Does the word stand alone somewhere in the text? */
static bool has_word(ol_str text, ol_str word)
{
    size_t at = 0;
    size_t hit;
    while (ol_str_find(ol_str_slice(text, at, text.len), word, &hit)) {
        size_t begin = at + hit;
        size_t end = begin + word.len;
        if ((begin == 0 || !is_part(text.data[begin - 1])) &&
            (end == text.len || !is_part(text.data[end])))
            return true;
        at = end;
    }
    return false;
}

static bool is_build_file(ol_str path)
{
    return ol_str_eq(file_name(path), OL_STR("CMakeLists.txt")) ||
           ol_str_ends(path, OL_STR(".cmake"));
}

static bool is_built(const tree *t, ol_str name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (is_build_file(t->files[i].path) && has_word(t->files[i].text, name))
            return true;
    }
    return false;
}

/* Loops in the folder's own list name a part: `fuzz_${name}.c`, `${noun}_test.c`,
 * `adversarial-${name}.c`. */
static bool is_built_by_loop(const tree *t, const tree_file *file)
{
    static const ol_str BEFORE[] = {OL_STR_INIT("fuzz_"), OL_STR_INIT("adversarial-")};
    ol_str name = stem(file->path);
    if (ol_str_starts(name, BEFORE[0])) /* listed beside the unit tests of their library */
        return is_built(t, ol_str_slice(name, BEFORE[0].len, name.len));
    if (ol_str_starts(name, BEFORE[1]))
        name = ol_str_slice(name, BEFORE[1].len, name.len);
    else if (ol_str_ends(name, OL_STR("_test")))
        name.len -= 5;
    char path[PATH_BYTES_MAX];
    ol_buf list = ol_buf_over(path, sizeof path);
    ol_str own = file_name(file->path);
    ol_buf_add_str(&list, ol_str_slice(file->path, 0, file->path.len - own.len));
    ol_buf_add_str(&list, OL_STR("CMakeLists.txt"));
    const tree_file *found = tree_find(t, ol_buf_str(&list));
    return found != NULL && has_word(found->text, name);
}

static void check_built(tree *t, const tree_file *file)
{
    if (!is_built(t, stem(file->path)) && !is_built_by_loop(t, file))
        tree_fault(t, file, 0, "no CMakeLists.txt builds it");
}

static void check_included(tree *t, const tree_file *file)
{
    ol_str name = file_name(file->path);
    for (size_t i = 0; i < t->count; i++) {
        const tree_file *other = &t->files[i];
        if (other != file && has_word(other->text, name))
            return;
    }
    tree_fault(t, file, 0, "nobody includes it");
}

/* The guard of a header; empty when its form is not `#ifndef X`, `#define X`. */
static ol_str guard_of(const tree_file *file)
{
    size_t next = 0;
    size_t at;
    ol_str line;
    ol_str guard = {"", 0};
    while (tree_next_line(file->code, &next, &line, &at)) {
        line = ol_str_trim(line);
        if (guard.len > 0)
            return ol_str_starts(line, OL_STR("#define ")) &&
                           ol_str_eq(ol_str_slice(line, 8, line.len), guard)
                       ? guard
                       : OL_STR("");
        if (ol_str_starts(line, OL_STR("#ifndef ")))
            guard = ol_str_slice(line, 8, line.len);
        else if (line.len > 0)
            break;
    }
    return OL_STR("");
}

static void check_guard(tree *t, const tree_file *file)
{
    char want[NAME_BYTES_MAX];
    ol_buf ending = ol_buf_over(want, sizeof want);
    ol_str name = file_name(file->path);
    for (size_t i = 0; i < name.len; i++)
        ol_buf_add_char(&ending, isalnum((unsigned char)name.data[i])
                                     ? (char)toupper((unsigned char)name.data[i])
                                     : '_');
    ol_str guard = guard_of(file);
    if (!ol_str_ends(guard, ol_buf_str(&ending)))
        tree_fault(t, file, 0, "its guard should end with %.*s", OL_FMT(ol_buf_str(&ending)));
    for (const tree_file *other = t->files; other < file; other++) {
        if (guard.len > 0 && ol_str_ends(other->path, OL_STR(".h")) &&
            ol_str_eq(guard_of(other), guard))
            tree_fault(t, file, 0, "its guard is that of %.*s", OL_FMT(other->path));
    }
}

static void check_length(tree *t, const tree_file *file)
{
    size_t lines = 0;
    for (size_t i = 0; i < file->text.len; i++)
        lines += file->text.data[i] == '\n';
    if (lines > LINES_MAX)
        tree_warn(t, file, "%zu lines; more than %d want a reason", lines, LINES_MAX);
}

static void check_words(tree *t, const tree_file *file)
{
    OL_EACH (word, FOREIGN) {
        size_t at;
        if (ol_str_find(file->text, *word, &at))
            tree_fault(t, file, at, "names a place outside of the repository");
    }
}

void check_files(tree *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const tree_file *file = &t->files[i];
        check_words(t, file);
        if (!tree_is_c(file))
            continue;
        check_length(t, file);
        if (ol_str_ends(file->path, OL_STR(".h"))) {
            check_guard(t, file);
            check_included(t, file);
        } else {
            check_built(t, file);
        }
    }
}
