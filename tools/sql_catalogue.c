/* Turns .sql files into the statement catalogue:
 *
 *   sql_catalogue names  OUT.def FILE.sql…   OL_SQL_STATEMENT(CALL_INSERT, "call_insert")
 *   sql_catalogue texts  OUT.c   PREFIX FILE.sql…   texts by number, and the migrations
 *
 * A statement begins with `-- name: call_insert`, a migration with `-- migration: 1`; it goes to
 * the next such line. Other comment lines and empty ones are left out. Names are unique. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 1024, PARTS_MAX = 512, NAME_BYTES_MAX = 64 };

typedef struct part {
    char name[NAME_BYTES_MAX];
    char *text; /* C string literals, one a line */
    size_t len;
    int migration; /* 0: a statement */
} part;

typedef struct catalogue {
    part part[PARTS_MAX];
    size_t count;
} catalogue;

_Noreturn static void die(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

static void part_add(part *p, const char *text)
{
    size_t len = strlen(text);
    char *grown = realloc(p->text, p->len + len + 1);
    if (grown == NULL)
        die("", 0, "out of memory");
    memcpy(grown + p->len, text, len + 1);
    p->text = grown;
    p->len += len;
}

static void part_add_line(part *p, const char *line)
{
    char one[2] = {0};
    part_add(p, "    \"");
    for (; *line != '\0'; line++) {
        if (*line == '"' || *line == '\\')
            part_add(p, "\\");
        one[0] = *line;
        part_add(p, one);
    }
    part_add(p, "\\n\"\n");
}

static part *part_begin(catalogue *all, const char *file, int line, const char *name)
{
    if (all->count == PARTS_MAX)
        die(file, line, "too many statements");
    if (strlen(name) == 0 || strlen(name) >= NAME_BYTES_MAX)
        die(file, line, "a name of 1 to 63 letters is due");
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->part[i].name, name) == 0)
            die(file, line, "this name is taken");
    part *p = &all->part[all->count++];
    memcpy(p->name, name, strlen(name) + 1);
    return p;
}

static void read_file(catalogue *all, const char *path)
{
    FILE *in = fopen(path, "r");
    if (in == NULL)
        die(path, 0, "cannot read");
    char line[LINE_BYTES_MAX];
    part *current = NULL;
    for (int number = 1; fgets(line, sizeof line, in) != NULL; number++) {
        size_t len = strlen(line);
        if (len == sizeof line - 1)
            die(path, number, "line too long");
        while (len > 0 && isspace((unsigned char)line[len - 1]))
            line[--len] = '\0';
        if (strncmp(line, "-- name: ", 9) == 0) {
            current = part_begin(all, path, number, line + 9);
        } else if (strncmp(line, "-- migration: ", 14) == 0) {
            current = part_begin(all, path, number, line + 3);
            current->migration = (int)strtol(line + 14, NULL, 10);
        } else if (len > 0 && strncmp(line, "--", 2) != 0) {
            if (current == NULL)
                die(path, number, "a statement without a name");
            part_add_line(current, line);
        }
    }
    (void)fclose(in);
}

static void write_names(const catalogue *all, FILE *out)
{
    for (size_t i = 0; i < all->count; i++) {
        const part *p = &all->part[i];
        if (p->migration != 0)
            continue;
        (void)fputs("OL_SQL_STATEMENT(", out);
        for (const char *c = p->name; *c != '\0'; c++)
            (void)fputc(toupper((unsigned char)*c), out);
        (void)fprintf(out, ", \"%s\")\n", p->name);
    }
}

static void write_texts(const catalogue *all, const char *prefix, FILE *out)
{
    (void)fprintf(out, "#include \"lib/store/catalogue.h\"\n\n");
    (void)fprintf(out, "const char *const ol__%s_texts[OL_SQL_COUNT] = {\n", prefix);
    for (size_t i = 0; i < all->count; i++)
        if (all->part[i].migration == 0)
            (void)fprintf(out, "%s,\n", all->part[i].text);
    (void)fprintf(out, "};\n\nconst ol_migration ol__%s_migrations[] = {\n", prefix);
    for (size_t i = 0; i < all->count; i++)
        if (all->part[i].migration != 0)
            (void)fprintf(out, "{%d,\n%s},\n", all->part[i].migration, all->part[i].text);
    (void)fprintf(out, "{0, 0},\n};\n");
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        (void)fprintf(stderr, "sql_catalogue names OUT FILE… | texts OUT PREFIX FILE…\n");
        return 2;
    }
    static catalogue all;
    int texts = strcmp(argv[1], "texts") == 0;
    for (int i = texts ? 4 : 3; i < argc; i++)
        read_file(&all, argv[i]);
    FILE *out = fopen(argv[2], "w");
    if (out == NULL)
        die(argv[2], 0, "cannot write");
    if (texts)
        write_texts(&all, argv[3], out);
    else
        write_names(&all, out);
    return fclose(out) == 0 ? 0 : 1;
}
