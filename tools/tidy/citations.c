#include "tools/tidy/rules.h"

enum { PAGES_MAX = 32, PAGE_NAME_BYTES = 64 };

/* A page of the specification as the code cites it: `Host interfaces 5` is section 5 of
 * docs/spec/host-interfaces.md. */
typedef struct page {
    char name[PAGE_NAME_BYTES];
    ol_str text; /* NULL data: a page that is not in the tree yet */
} page;

typedef struct pages {
    page page[PAGES_MAX];
    size_t count;
} pages;

static void add(pages *all, ol_str stem, ol_str text)
{
    page *one = &all->page[all->count++];
    OL_ASSERT(all->count <= PAGES_MAX && stem.len < sizeof one->name);
    for (size_t i = 0; i < stem.len; i++)
        one->name[i] = stem.data[i] == '-' ? ' ' : stem.data[i];
    one->name[stem.len] = '\0';
    if (one->name[0] >= 'a' && one->name[0] <= 'z')
        one->name[0] = (char)(one->name[0] - 'a' + 'A');
    one->text = text;
}

static void find_pages(const tree *t, pages *all)
{
    /* Pages that have another form of name, or that come with a later part of the project. */
    static const ol_str OTHERS[] = {OL_STR_INIT("NEAR"), OL_STR_INIT("Contract"),
                                    OL_STR_INIT("Attestation"), OL_STR_INIT("Keystore")};
    ol_str folder = OL_STR("docs/spec/");
    for (size_t i = 0; i < t->count; i++) {
        ol_str path = t->files[i].path;
        if (!ol_str_starts(path, folder) || !ol_str_ends(path, OL_STR(".md")))
            continue;
        ol_str stem = ol_str_slice(path, folder.len, path.len - 3);
        add(all, ol_str_eq(stem, OL_STR("near")) ? OL_STR("NEAR") : stem, t->files[i].text);
    }
    OL_EACH (name, OTHERS) {
        bool known = false;
        for (size_t i = 0; i < all->count; i++)
            known = known || ol_str_eq(ol_str_of(all->page[i].name), *name);
        if (!known)
            add(all, *name, (ol_str){NULL, 0});
    }
}

/* `## 7.` or `### 7.2 Words` has the section 7 or 7.2. */
static bool has_section(ol_str text, ol_str section)
{
    size_t next = 0;
    size_t at;
    ol_str line;
    while (tree_next_line(text, &next, &line, &at)) {
        if (!ol_str_starts(line, OL_STR("#")))
            continue;
        while (line.len > 0 && (line.data[0] == '#' || line.data[0] == ' '))
            line = ol_str_slice(line, 1, line.len);
        ol_str rest = ol_str_slice(line, section.len, line.len);
        if (!ol_str_starts(line, section))
            continue;
        if (ol_str_starts(rest, OL_STR(". ")) || ol_str_starts(rest, OL_STR(" ")) || rest.len == 0)
            return true;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `7`, `7.2`; not the full stop behind, and empty where a letter follows (`8a`). */
static ol_str section_at(ol_str text)
{
    size_t len = 0;
    while (len < text.len &&
           (is_digit(text.data[len]) || (text.data[len] == '.' && len + 1 < text.len && len > 0 &&
                                         is_digit(text.data[len + 1]))))
        len++;
    bool letter =
        len < text.len && ((text.data[len] | 0x20) >= 'a' && (text.data[len] | 0x20) <= 'z');
    return letter ? OL_STR("") : (ol_str){text.data, len};
}

static void check_page(tree *t, const tree_file *file, const page *one)
{
    ol_str name = ol_str_of(one->name);
    size_t at = 0;
    size_t hit;
    while (ol_str_find(ol_str_slice(file->text, at, file->text.len), name, &hit)) {
        size_t begin = at + hit;
        size_t end = begin + name.len;
        bool word = begin == 0 || ((file->text.data[begin - 1] | 0x20) < 'a' ||
                                   (file->text.data[begin - 1] | 0x20) > 'z');
        at = end;
        if (!word || end >= file->text.len || file->text.data[end] != ' ')
            continue;
        ol_str section = section_at(ol_str_slice(file->text, end + 1, file->text.len));
        if (section.len == 0)
            continue;
        if (one->text.data == NULL)
            tree_fault(t, file, begin, "cites %s %.*s, a page docs/spec does not have", one->name,
                       OL_FMT(section));
        else if (!has_section(one->text, section))
            tree_fault(t, file, begin, "cites %s %.*s, which does not exist", one->name,
                       OL_FMT(section));
    }
}

void check_citations(tree *t)
{
    static pages all; /* too large for a stack frame; this program runs once */
    find_pages(t, &all);
    for (size_t i = 0; i < t->count; i++) {
        /* The pages themselves cite parts of the specification that are not built yet. */
        if (ol_str_starts(t->files[i].path, OL_STR("docs/spec/")))
            continue;
        for (size_t j = 0; j < all.count; j++)
            check_page(t, &t->files[i], &all.page[j]);
    }
}
