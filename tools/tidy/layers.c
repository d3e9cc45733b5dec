#include "tools/tidy/rules.h"

enum { FOLDERS_MAX = 64, ALLOWED_MAX = 8 };

/* One folder of tools/layers.txt. */
typedef struct layer {
    ol_str folder;
    bool anything;               /* may include whatever it likes; nobody else may include it */
    size_t level;                /* 0: only what is in `allowed` */
    ol_str allowed[ALLOWED_MAX]; /* folders, where level is 0 */
    size_t allowed_count;
} layer;

typedef struct layers {
    layer layer[FOLDERS_MAX];
    size_t count;
} layers;

static layer *add(layers *all, ol_str folder)
{
    OL_ASSERT(all->count < FOLDERS_MAX);
    all->layer[all->count] = (layer){.folder = folder};
    return &all->layer[all->count++];
}

static void read_only(layers *all, ol_str words)
{
    ol_str word;
    layer *one = NULL;
    while (ol_str_next(&words, ' ', &word)) {
        if (one == NULL) {
            one = add(all, word);
        } else {
            OL_ASSERT(one->allowed_count < ALLOWED_MAX);
            one->allowed[one->allowed_count++] = word;
        }
    }
}

static void read_line(layers *all, ol_str line, size_t *level)
{
    ol_str verb;
    ol_str words;
    ol_str word;
    if (line.len == 0 || line.data[0] == '#' || !ol_str_cut(line, ' ', &verb, &words))
        return;
    if (ol_str_eq(verb, OL_STR("only"))) {
        read_only(all, words);
        return;
    }
    bool anything = ol_str_eq(verb, OL_STR("any"));
    *level += !anything;
    while (ol_str_next(&words, ' ', &word)) {
        layer *one = add(all, word);
        one->anything = anything;
        one->level = anything ? 0 : *level;
    }
}

static bool is_within(ol_str path, ol_str folder)
{
    return path.len > folder.len && ol_str_starts(path, folder) && path.data[folder.len] == '/';
}

/* The longest folder that holds the path. */
static const layer *layer_of(const layers *all, ol_str path)
{
    const layer *best = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const layer *one = &all->layer[i];
        if (is_within(path, one->folder) && (best == NULL || one->folder.len > best->folder.len))
            best = one;
    }
    return best;
}

static bool may_include(const layer *from, const layer *to)
{
    if (from == to || from->anything)
        return true;
    if (to->anything)
        return false;
    if (from->level > 0)
        return to->level > 0 && to->level < from->level;
    for (size_t i = 0; i < from->allowed_count; i++) {
        if (ol_str_eq(from->allowed[i], to->folder))
            return true;
    }
    return false;
}

/* An include is written from the root; one without a folder names a file beside, or the one header
 * of that name. Generated headers are not in the tree: NULL. */
static const tree_file *resolve(const tree *t, const tree_file *from, ol_str name)
{
    ol_str folder;
    ol_str own;
    const tree_file *hit = tree_find(t, name);
    for (size_t i = 0; hit == NULL && i < t->count; i++) {
        ol_str path = t->files[i].path;
        if (!ol_str_cut_last(path, '/', &folder, &own) || !ol_str_eq(own, name))
            continue;
        if (ol_str_starts(from->path, folder) || ol_str_ends(folder, OL_STR("/include")))
            hit = &t->files[i];
    }
    return hit;
}

static bool included(ol_str line, ol_str *ret_name)
{
    ol_str rest;
    ol_str head;
    return ol_str_starts(line, OL_STR("#include \"")) && ol_str_cut(line, '"', &head, &rest) &&
           ol_str_cut(rest, '"', ret_name, &rest);
}

static void check_file(tree *t, const layers *all, const tree_file *file)
{
    const layer *from = layer_of(all, file->path);
    size_t next = 0;
    size_t at;
    ol_str line;
    ol_str name;
    if (from == NULL) {
        tree_fault(t, file, 0, "its folder is not in tools/layers.txt");
        return;
    }
    while (tree_next_line(file->text, &next, &line, &at)) {
        const tree_file *target = included(line, &name) ? resolve(t, file, name) : NULL;
        const layer *to = target != NULL ? layer_of(all, target->path) : NULL;
        if (to != NULL && !may_include(from, to))
            tree_fault(t, file, at, "%.*s may not include from %.*s (tools/layers.txt)",
                       OL_FMT(from->folder), OL_FMT(to->folder));
    }
}

void check_layers(tree *t)
{
    static layers all; /* too large for a stack frame; this program runs once */
    const tree_file *rules = tree_find(t, OL_STR("tools/layers.txt"));
    size_t next = 0;
    size_t at;
    size_t level = 0;
    ol_str line;
    OL_ASSERT(rules != NULL);
    while (tree_next_line(rules->text, &next, &line, &at))
        read_line(&all, ol_str_trim(line), &level);
    for (size_t i = 0; i < t->count; i++) {
        if (tree_is_c(&t->files[i]))
            check_file(t, &all, &t->files[i]);
    }
}
