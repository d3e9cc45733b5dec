#include "tools/tidy/rules.h"

enum { LETTERS = 26, FAMILIES = LETTERS * (LETTERS + 1), IDS_MAX = 256 };

/* Conformance ids: one or two letters for the page or a group of it (C Coordinator, W Worker, KF
 * the fixes of Contract 16; tools/conformance_ids.txt lists them) and a number. */
typedef struct ids {
    bool tested[FAMILIES][IDS_MAX];
} ids;

static bool take_number(ol_str *text, size_t *ret)
{
    size_t len = 0;
    uint32_t number;
    while (len < text->len && text->data[len] >= '0' && text->data[len] <= '9')
        len++;
    if (!ol_u32_parse(ol_str_slice(*text, 0, len), &number) || number >= IDS_MAX)
        return false;
    *text = ol_str_slice(*text, len, text->len);
    *ret = number;
    return true;
}

/* A letter of a family, 1 to 26; 0 where the text does not begin with a capital. */
static size_t take_letter(ol_str *text)
{
    size_t letter;
    if (text->len == 0 || text->data[0] < 'A' || text->data[0] > 'Z')
        return 0;
    letter = (size_t)(text->data[0] - 'A') + 1;
    *text = ol_str_slice(*text, 1, text->len);
    return letter;
}

/* `H18` or `KF3`, with *text behind it. */
static bool take_id(ol_str *text, size_t *ret_family, size_t *ret_number)
{
    ol_str rest = *text;
    size_t first = take_letter(&rest);
    size_t second = take_letter(&rest);
    if (first == 0 || !take_number(&rest, ret_number))
        return false;
    *ret_family = (first - 1) * (LETTERS + 1) + second;
    *text = rest;
    return true;
}

static void family_name(size_t family, char name[3])
{
    size_t second = family % (LETTERS + 1);
    name[0] = (char)('A' + family / (LETTERS + 1));
    name[1] = second == 0 ? '\0' : (char)('A' + second - 1);
    name[2] = '\0';
}

/* A sentence begins `H18:`, `H18, H19:` or `H18 H19:`. */
static void read_sentence(ids *all, ol_str sentence)
{
    size_t family;
    size_t number;
    while (take_id(&sentence, &family, &number)) {
        all->tested[family][number] = true;
        while (sentence.len > 0 && (sentence.data[0] == ',' || sentence.data[0] == ' '))
            sentence = ol_str_slice(sentence, 1, sentence.len);
    }
}

static void find_tests(const tree *t, ids *all)
{
    ol_str start = OL_STR("TEST(\"");
    for (size_t i = 0; i < t->count; i++) {
        ol_str text = t->files[i].text;
        size_t at;
        if (!ol_str_starts(t->files[i].path, OL_STR("tests/")))
            continue;
        while (ol_str_find(text, start, &at)) {
            text = ol_str_slice(text, at + start.len, text.len);
            read_sentence(all, text);
        }
    }
}

/* `C1`, `C1-69`, or `waiting C70 what it waits for`. */
static void check_line(tree *t, const tree_file *list, size_t at, ol_str line, const ids *all)
{
    ol_str waiting = OL_STR("waiting ");
    bool waits = ol_str_starts(line, waiting);
    size_t family;
    size_t first;
    if (line.len == 0 || line.data[0] == '#')
        return;
    if (waits)
        line = ol_str_slice(line, waiting.len, line.len);
    if (!take_id(&line, &family, &first)) {
        tree_fault(t, list, at, "not an id: %.*s", OL_FMT(line));
        return;
    }
    size_t last = first;
    if (ol_str_starts(line, OL_STR("-"))) {
        line = ol_str_slice(line, 1, line.len);
        if (!take_number(&line, &last))
            tree_fault(t, list, at, "not a range");
    }
    if (waits && ol_str_trim(line).len == 0)
        tree_fault(t, list, at, "say what it waits for");
    for (size_t id = first; id <= last; id++) {
        char name[3];
        family_name(family, name);
        if (!waits && !all->tested[family][id])
            tree_fault(t, list, at, "%s%zu has no test: no sentence begins with `%s%zu:`", name, id,
                       name, id);
        if (waits && all->tested[family][id])
            tree_fault(t, list, at, "%s%zu has a test and waits no longer", name, id);
    }
}

void check_conformance(tree *t)
{
    static ids all; /* too large for a stack frame; this program runs once */
    const tree_file *list = tree_find(t, OL_STR("tools/conformance_ids.txt"));
    size_t next = 0;
    size_t at;
    ol_str line;
    OL_ASSERT(list != NULL);
    find_tests(t, &all);
    while (tree_next_line(list->text, &next, &line, &at))
        check_line(t, list, at, ol_str_trim(line), &all);
}
