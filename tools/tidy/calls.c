#include "tools/tidy/rules.h"

static const ol_str BANNED[] = {
    OL_STR_INIT("strcpy"), OL_STR_INIT("strcat"), OL_STR_INIT("sprintf"), OL_STR_INIT("vsprintf"),
    OL_STR_INIT("atoi"),   OL_STR_INIT("atol"),   OL_STR_INIT("strtok"),  OL_STR_INIT("system"),
    OL_STR_INIT("rand"),   OL_STR_INIT("srand"),  OL_STR_INIT("gets"),    OL_STR_INIT("alloca")};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_call(ol_str code, size_t at, ol_str name)
{
    size_t end = at + name.len;
    bool member = at > 0 && (code.data[at - 1] == '.' || code.data[at - 1] == '>');
    return (at == 0 || !is_word(code.data[at - 1])) && !member && end < code.len &&
           code.data[end] == '(';
}

static void check_banned(tree *t, const tree_file *file)
{
    OL_EACH (name, BANNED) {
        size_t at = 0;
        size_t hit;
        while (ol_str_find(ol_str_slice(file->code, at, file->code.len), *name, &hit)) {
            if (is_call(file->code, at + hit, *name))
                tree_fault(t, file, at + hit, "%.*s is banned", OL_FMT(*name));
            at += hit + name->len;
        }
    }
}

/* Statements about rows and tables; BEGIN, PRAGMA and the like steer the connection. */
static const ol_str SQL[] = {
    OL_STR_INIT("SELECT "),       OL_STR_INIT("INSERT INTO "), OL_STR_INIT("INSERT OR "),
    OL_STR_INIT("UPDATE "),       OL_STR_INIT("DELETE FROM "), OL_STR_INIT("CREATE TABLE "),
    OL_STR_INIT("CREATE INDEX "), OL_STR_INIT("ALTER TABLE "), OL_STR_INIT("DROP TABLE ")};

static void check_sql(tree *t, const tree_file *file)
{
    size_t next = 0;
    size_t at;
    ol_str line;
    while (tree_next_line(file->strings, &next, &line, &at)) {
        OL_EACH (start, SQL) {
            if (ol_str_starts(ol_str_trim(line), *start))
                tree_fault(t, file, at, "SQL belongs into a .sql file of lib/store");
        }
    }
}

/* Tests and benchmarks may look into a database; the catalogue's generator writes about SQL. */
static bool may_hold_sql(ol_str path)
{
    return ol_str_starts(path, OL_STR("tests/")) || ol_str_starts(path, OL_STR("bench/")) ||
           ol_str_starts(path, OL_STR("tools/"));
}

void check_calls(tree *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const tree_file *file = &t->files[i];
        if (!tree_is_c(file))
            continue;
        check_banned(t, file);
        if (!may_hold_sql(file->path))
            check_sql(t, file);
    }
}
