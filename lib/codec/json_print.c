#include "lib/codec/json_print.h"

#include <stdlib.h>
#include <string.h>

#include "lib/codec/double.h"
#include "lib/codec/json_error.h"
#include "lib/codec/json_scan.h"
#include "lib/codec/json_write.h"

/* Above this many members an object's keys are sorted to find duplicates; below, compared. */
enum { MEMBERS_COMPARED_MAX = 8, MEMBERS_FIRST = 64 };

typedef struct member {
    ol_str key;      /* escapes resolved */
    uint32_t node;   /* of the key; the value's follows */
    uint32_t value;  /* node that is printed: a later duplicate's takes its place */
    bool superseded; /* a duplicate whose key stands further up */
} member;

/* Members of the objects that are being printed, as a stack; objects know theirs by index, since
 * growing moves them. */
typedef struct printer {
    const char *text;
    const char *doc;
    const ol__json_node *nodes;
    ol_json_order order;
    bool refuse_duplicates; /* print nothing */
    ol_buf *into;
    ol_buf scratch; /* one string without its escapes */
    ol_arena keys;  /* keys without their escapes */
    member *members;
    size_t count;
    size_t size;
    ol_err *err;
} printer;

static uint32_t behind(const printer *p, uint32_t node)
{
    char c = p->text[p->nodes[node].at];
    return c == '{' || c == '[' ? p->nodes[node].end + 1 : node + 1;
}

static ol_str raw(const printer *p, uint32_t node)
{
    const ol__json_node *n = &p->nodes[node];
    return (ol_str){p->text + n->at, n->end - n->at};
}

static ol_rc no_memory(printer *p)
{
    return ol_fail(p->err, OL_ERR_NO_MEMORY, "no memory to print JSON");
}

static ol_rc push_member(printer *p, member one)
{
    if (p->count == p->size) {
        size_t size = p->size == 0 ? MEMBERS_FIRST : p->size * 2;
        member *members = reallocarray(p->members, size, sizeof *members);
        if (members == NULL)
            return no_memory(p);
        p->members = members;
        p->size = size;
    }
    p->members[p->count++] = one;
    return OL_OK;
}

static ol_rc push_members(printer *p, uint32_t node)
{
    uint32_t close = p->nodes[node].end;
    for (uint32_t at = node + 1; at < close; at = behind(p, at + 1)) {
        ol_json key = {raw(p, at), p->doc};
        member one = {.node = at, .value = at + 1};
        OL_TRY(ol_json_text(&key, &p->keys, &one.key, p->err));
        OL_TRY(push_member(p, one));
    }
    return OL_OK;
}

static void supersede(member *earlier, member *later)
{
    earlier->value = later->value;
    later->superseded = true;
}

static void merge_few(member *members, size_t count)
{
    for (size_t later = 1; later < count; later++) {
        for (size_t earlier = 0; earlier < later; earlier++) {
            if (!members[earlier].superseded &&
                ol_str_eq(members[earlier].key, members[later].key)) {
                supersede(&members[earlier], &members[later]);
                break;
            }
        }
    }
}

static int by_key_then_place(const void *a, const void *b, void *context)
{
    const member *members = context;
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    int order = ol_str_compare(members[x].key, members[y].key);
    return order != 0 ? order : (x > y) - (x < y);
}

/* Finds duplicates by sorting; *ret_sorted (the caller's to free) holds the members' indices by
 * key. */
static ol_rc merge_many(printer *p, member *members, size_t count, size_t **ret_sorted)
{
    size_t *sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL)
        return no_memory(p);
    for (size_t i = 0; i < count; i++)
        sorted[i] = i;
    qsort_r(sorted, count, sizeof *sorted, by_key_then_place, members);
    size_t first = 0;
    for (size_t i = 1; i < count; i++) {
        if (ol_str_eq(members[sorted[first]].key, members[sorted[i]].key))
            supersede(&members[sorted[first]], &members[sorted[i]]);
        else
            first = i;
    }
    *ret_sorted = sorted;
    return OL_OK;
}

static void print_string(printer *p, ol_str quoted)
{
    if (memchr(quoted.data, '\\', quoted.len) == NULL) { /* as it stands: nothing to escape */
        ol_buf_add_str(p->into, quoted);
        return;
    }
    ol_json string = {quoted, p->doc};
    ol_buf_clear(&p->scratch);
    uint8_t *room = ol_buf_reserve(&p->scratch, quoted.len);
    if (room == NULL) {
        p->into->failed = true;
        return;
    }
    size_t len = ol_json_text_decode(&string, (char *)room);
    ol_buf_add_char(p->into, '"');
    ol_json_escape(p->into, (ol_str){(const char *)room, len});
    ol_buf_add_char(p->into, '"');
}

/* Integers of 64 bits keep their text, which is canonical already: JSON allows no leading zeros. */
static bool is_exact_integer(ol_str number)
{
    uint64_t unsigned_value;
    int64_t signed_value;
    if (ol_str_eq(number, OL_STR("-0")))
        return false;
    return ol_u64_parse(number, &unsigned_value) || ol_i64_parse(number, &signed_value);
}

static void print_number(printer *p, ol_str number)
{
    double value;
    if (is_exact_integer(number)) {
        ol_buf_add_str(p->into, number);
        return;
    }
    bool finite = ol_double_parse(number, &value);
    OL_ASSERT(finite);
    ol_double_text text = ol_double_format(value);
    ol_buf_add_str(p->into, (ol_str){text.data, text.len});
}

static ol_rc print_value(printer *p, uint32_t node);

static ol_rc print_member(printer *p, const member *one, bool *first)
{
    if (one->superseded)
        return OL_OK;
    if (!p->refuse_duplicates) {
        if (!*first)
            ol_buf_add_char(p->into, ',');
        *first = false;
        print_string(p, raw(p, one->node));
        ol_buf_add_char(p->into, ':');
    }
    return print_value(p, one->value);
}

static ol_rc check_no_duplicate(printer *p, const member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].superseded) {
            ol_str key = raw(p, members[i].node);
            char words[256];
            ol_buf text = ol_buf_over(words, sizeof words);
            ol_buf_addf(&text, "duplicate field `%.*s`", OL_FMT(members[i].key));
            return ol__json_fail(p->err, OL_ERR_SHAPE, p->doc, key.data, key.data + key.len - 1,
                                 key.data + key.len, ol_buf_ok(&text) ? words : "duplicate field");
        }
    }
    return OL_OK;
}

/* Printing a value may move p->members, so each member is copied out before. */
static ol_rc print_members(printer *p, size_t base, size_t count, const size_t *sorted)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        member one = p->members[base + (sorted != NULL ? sorted[i] : i)];
        OL_TRY(print_member(p, &one, &first));
    }
    return OL_OK;
}

static ol_rc print_members_in_order(printer *p, size_t base, size_t count)
{
    member *members = count > 0 ? p->members + base : NULL;
    size_t *sorted = NULL;
    if (count > MEMBERS_COMPARED_MAX || (count > 1 && p->order == OL_JSON_KEYS_SORTED))
        OL_TRY(merge_many(p, members, count, &sorted));
    else
        merge_few(members, count);
    ol_rc rc = p->refuse_duplicates ? check_no_duplicate(p, members, count) : OL_OK;
    if (rc == OL_OK)
        rc = print_members(p, base, count, p->order == OL_JSON_KEYS_SORTED ? sorted : NULL);
    free(sorted);
    return rc;
}

static ol_rc print_object(printer *p, uint32_t node)
{
    size_t base = p->count;
    OL_TRY(push_members(p, node));
    if (!p->refuse_duplicates)
        ol_buf_add_char(p->into, '{');
    OL_TRY(print_members_in_order(p, base, p->count - base));
    if (!p->refuse_duplicates)
        ol_buf_add_char(p->into, '}');
    p->count = base;
    return OL_OK;
}

static ol_rc print_array(printer *p, uint32_t node)
{
    uint32_t close = p->nodes[node].end;
    if (!p->refuse_duplicates)
        ol_buf_add_char(p->into, '[');
    for (uint32_t at = node + 1; at < close; at = behind(p, at)) {
        if (at != node + 1 && !p->refuse_duplicates)
            ol_buf_add_char(p->into, ',');
        OL_TRY(print_value(p, at));
    }
    if (!p->refuse_duplicates)
        ol_buf_add_char(p->into, ']');
    return OL_OK;
}

/* Recursion is bounded by the depth of the document, OL_JSON_DEPTH_CEILING at most. */
static ol_rc print_value(printer *p, uint32_t node)
{
    char c = p->text[p->nodes[node].at];
    if (c == '{')
        return print_object(p, node);
    if (c == '[')
        return print_array(p, node);
    if (p->refuse_duplicates)
        return OL_OK;
    if (c == '"')
        print_string(p, raw(p, node));
    else if (c == '-' || (c >= '0' && c <= '9'))
        print_number(p, raw(p, node));
    else
        ol_buf_add_str(p->into, raw(p, node));
    return OL_OK;
}

static ol_rc run(printer *p, ol_str text)
{
    /* No two nodes begin at the same byte; pages that stay untouched cost nothing. */
    ol__json_node *nodes = reallocarray(NULL, text.len + 1, sizeof *nodes);
    ol__json_fault fault;
    ol_str value;
    size_t count;
    if (nodes == NULL)
        return no_memory(p);
    bool valid = ol__json_scan(text, OL_JSON_DEPTH_CEILING, nodes, &count, &value, &fault);
    OL_ASSERT(valid); /* ol_json values come from checked documents */
    p->text = text.data;
    p->nodes = nodes;
    p->scratch = ol_buf_new(text.len);
    p->keys = ol_arena_new(2 * text.len + OL_KIB(64));
    ol_rc rc = print_value(p, 0);
    ol_arena_deinit(&p->keys);
    ol_buf_deinit(&p->scratch);
    free(p->members);
    free(nodes);
    return rc;
}

ol_rc ol_json_print(const ol_json *value, ol_json_order order, ol_buf *into, ol_err *err)
{
    printer p = {.doc = value->doc, .order = order, .into = into, .err = err};
    OL_TRY(run(&p, value->raw));
    if (!ol_buf_ok(into))
        return ol_fail(err, OL_ERR_LIMIT, "JSON printed is longer than %zu bytes", into->max);
    return OL_OK;
}

ol_rc ol_json_check_unique(const ol_json *value, ol_err *err)
{
    printer p = {.doc = value->doc, .refuse_duplicates = true, .err = err};
    return run(&p, value->raw);
}
