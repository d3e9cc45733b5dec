/* What projects keep, and what it is accounted as (Coordinator 6). */
#include "services/coordinator/storage.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/lab.h"

enum { PROJECTS = 3, ACCOUNTS = 3, KEYS = 6, VERSIONS = 2, VALUE_BYTES_MAX = 40, STEPS = 4000 };

static storage_name name_of(const char *project, const char *account, const char *key)
{
    return (storage_name){ol_str_of(project), ol_str_of(account), ol_str_of(key)};
}

static storage_write write_of(lab *l, storage_name name, const char *value)
{
    return (storage_write){.name = name,
                           .row = {.key = ol_str_bytes(OL_STR("k")),
                                   .value = ol_str_bytes(ol_str_of(value)),
                                   .wasm_hash = OL_STR("v1"),
                                   .is_encrypted = true},
                           .arena = &l->arena};
}

static storage_row row_at(lab *l, storage_name name)
{
    ol_err err;
    storage_row row;
    CHECK_OK(storage_get(l->d, &name, &l->arena, &row, &err));
    return row;
}

static void check_used(lab *l, const char *project, const char *account, uint64_t bytes,
                       uint64_t keys)
{
    ol_err err;
    storage_used used;
    CHECK_OK(storage_usage(l->d, ol_str_of(project), ol_str_of(account), &used, &err));
    CHECK_EQ(used.total_bytes, bytes);
    CHECK_EQ(used.key_count, keys);
    CHECK_OK(storage_check(l->d, &err));
}

static void close_checked(lab *l)
{
    ol_err err;
    CHECK_OK(storage_check(l->d, &err));
    lab_close(l);
}

TEST("C70: what is there is not inserted over")
{
    lab *l = lab_open();
    storage_name name = name_of("p1", "a.near", "h1");
    storage_write set = write_of(l, name, "one");
    storage_write absent = write_of(l, name, "other");
    storage_put(l->d, &set);
    CHECK_EQ(set.op.rc, OL_OK);
    absent.mode = STORAGE_IF_ABSENT;
    storage_put(l->d, &absent);
    CHECK_EQ(absent.op.rc, OL_OK);
    CHECK(!absent.written);
    CHECK_STR(ol_bytes_str(row_at(l, name).value), OL_STR("one"));
    check_used(l, "p1", "a.near", 4, 1);
    close_checked(l);
}

TEST("C71: a stale expectation changes nothing and is told what is there")
{
    lab *l = lab_open();
    storage_name name = name_of("p1", "a.near", "h1");
    storage_write set = write_of(l, name, "one");
    storage_write stale = write_of(l, name, "two");
    storage_put(l->d, &set);
    stale.mode = STORAGE_IF_EQUALS;
    stale.expected = ol_str_bytes(OL_STR("zero"));
    storage_put(l->d, &stale);
    CHECK(!stale.written);
    CHECK_STR(ol_bytes_str(stale.current.value), OL_STR("one"));
    stale.expected = ol_str_bytes(OL_STR("one"));
    storage_put(l->d, &stale);
    CHECK(stale.written);
    CHECK_STR(ol_bytes_str(row_at(l, name).value), OL_STR("two"));
    storage_write nothing = write_of(l, name_of("p1", "a.near", "h2"), "x");
    nothing.mode = STORAGE_IF_EQUALS;
    storage_put(l->d, &nothing);
    CHECK(!nothing.written && !nothing.current.exists);
    close_checked(l);
}

TEST("a plain row stays plain when it is swapped, an encrypted one encrypted")
{
    lab *l = lab_open();
    storage_name name = name_of("p1", "@worker", "h1");
    storage_write set = write_of(l, name, "one");
    storage_write swap = write_of(l, name, "two");
    set.row.is_encrypted = false;
    storage_put(l->d, &set);
    swap.mode = STORAGE_IF_EQUALS;
    swap.expected = ol_str_bytes(OL_STR("one"));
    storage_put(l->d, &swap);
    CHECK(swap.written);
    CHECK(!row_at(l, name).is_encrypted);
    close_checked(l);
}

TEST("C72: an absent row is absent, and would be encrypted")
{
    lab *l = lab_open();
    storage_row row = row_at(l, name_of("p1", "a.near", "h1"));
    CHECK(!row.exists);
    CHECK(row.is_encrypted);
    close_checked(l);
}

TEST("rows survive the program")
{
    lab *l = lab_open();
    storage_name name = name_of("p1", "a.near", "h1");
    storage_write set = write_of(l, name, "one");
    storage_put(l->d, &set);
    lab_reopen(l);
    CHECK_STR(ol_bytes_str(row_at(l, name).value), OL_STR("one"));
    check_used(l, "p1", "a.near", 4, 1);
    close_checked(l);
}

TEST("a version's rows are told and cleared within one project only")
{
    lab *l = lab_open();
    ol_err err;
    storage_row row;
    storage_write mine = write_of(l, name_of("p1", "a.near", "h1"), "mine");
    storage_write theirs = write_of(l, name_of("p2", "a.near", "h1"), "theirs");
    storage_name any = {{NULL, 0}, OL_STR("a.near"), OL_STR("h1")};
    storage_put(l->d, &mine);
    CHECK_OK(storage_get_version(l->d, OL_STR("v1"), &any, &l->arena, &row, &err));
    CHECK_STR(ol_bytes_str(row.value), OL_STR("mine"));
    storage_put(l->d, &theirs);
    CHECK_EQ(storage_get_version(l->d, OL_STR("v1"), &any, &l->arena, &row, &err), OL_ERR_INVALID);
    storage_write other = write_of(l, name_of("p1", "a.near", "h2"), "mine alone");
    storage_name that = {{NULL, 0}, OL_STR("a.near"), OL_STR("h2")};
    storage_put(l->d, &other); /* the other project runs the same code, and must not see it */
    CHECK_EQ(storage_get_version(l->d, OL_STR("v1"), &that, &l->arena, &row, &err), OL_ERR_INVALID);
    CHECK_OK(storage_get_version(l->d, OL_STR("v1"), &other.name, &l->arena, &row, &err));
    CHECK_STR(ol_bytes_str(row.value), OL_STR("mine alone"));
    storage_clearing clear = {.scope = STORAGE_VERSION, .name = any, .wasm_hash = OL_STR("v1")};
    storage_clear(l->d, &clear);
    CHECK_EQ(clear.op.rc, OL_ERR_INVALID);
    clear.name.project_uuid = OL_STR("p1");
    storage_clear(l->d, &clear);
    CHECK_EQ(clear.op.rc, OL_OK);
    CHECK(!row_at(l, mine.name).exists);
    CHECK(row_at(l, theirs.name).exists);
    check_used(l, "p1", "a.near", 0, 0);
    close_checked(l);
}

TEST("parts of a name and values have limits")
{
    static const char LONG[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    lab *l = lab_open();
    storage_write it = write_of(l, name_of(LONG, "a.near", "h1"), "x");
    storage_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_ERR_INVALID);
    it = write_of(l, name_of("p1", "", "h1"), "x");
    storage_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_ERR_INVALID);
    it = write_of(l, name_of("p1", "a.near", "h1"), "x");
    it.row.value.len = (size_t)STORAGE_VALUE_BYTES_MAX + 1; /* refused before it is looked at */
    storage_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_ERR_INVALID);
    close_checked(l);
}

/* ---- A model: what should be there, step by step. */

typedef struct model_row {
    bool exists;
    char value[VALUE_BYTES_MAX];
    int version;
} model_row;

typedef struct model {
    lab *l;
    uint64_t state;
    model_row row[PROJECTS][ACCOUNTS][KEYS];
} model;

static const char *const PROJECT[] = {"p0", "p1", "p2"};
static const char *const ACCOUNT[] = {"a.near", "b.near", "@worker"};
static const char *const KEY[] = {"h0", "h1", "h2", "h3", "h4", "h5"};
static const char *const VERSION[] = {"v0", "v1"};

static unsigned roll(model *m, unsigned below)
{
    m->state = m->state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(m->state >> 33) % below;
}

static void step_write(model *m, unsigned p, unsigned a, unsigned k)
{
    model_row *row = &m->row[p][a][k];
    char value[VALUE_BYTES_MAX];
    int version = (int)roll(m, VERSIONS);
    (void)snprintf(value, sizeof value, "%0*u", 1 + (int)roll(m, 20), roll(m, 3));
    storage_write it = write_of(m->l, name_of(PROJECT[p], ACCOUNT[a], KEY[k]), value);
    it.row.wasm_hash = ol_str_of(VERSION[version]);
    it.mode = (storage_mode)roll(m, 3);
    bool right = roll(m, 2) == 0;
    it.expected = ol_str_bytes(ol_str_of(right ? row->value : "nothing"));
    bool want = it.mode == STORAGE_SET || (it.mode == STORAGE_IF_ABSENT && !row->exists) ||
                (it.mode == STORAGE_IF_EQUALS && row->exists && right);
    storage_put(m->l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK_EQ(it.written, want);
    if (!want)
        return;
    row->exists = true;
    row->version = version;
    memcpy(row->value, value, sizeof value);
}

static void step_remove(model *m, unsigned p, unsigned a, unsigned k)
{
    model_row *row = &m->row[p][a][k];
    storage_removal it = {.name = name_of(PROJECT[p], ACCOUNT[a], KEY[k])};
    storage_remove(m->l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK_EQ(it.removed, row->exists);
    row->exists = false;
}

static void step_clear(model *m, unsigned p, unsigned a)
{
    int version = (int)roll(m, VERSIONS);
    storage_clearing it = {.scope = (storage_scope)roll(m, 3),
                           .name = name_of(PROJECT[p], ACCOUNT[a], ""),
                           .wasm_hash = ol_str_of(VERSION[version])};
    storage_clear(m->l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        for (unsigned k = 0; k < KEYS; k++) {
            model_row *row = &m->row[p][i][k];
            bool reached = it.scope == STORAGE_PROJECT ||
                           (i == a && (it.scope == STORAGE_ACCOUNT || row->version == version));
            row->exists = row->exists && !reached;
        }
    }
}

static void check_model(model *m)
{
    for (unsigned p = 0; p < PROJECTS; p++) {
        for (unsigned a = 0; a < ACCOUNTS; a++) {
            uint64_t bytes = 0;
            uint64_t keys = 0;
            for (unsigned k = 0; k < KEYS; k++) {
                const model_row *row = &m->row[p][a][k];
                storage_row got = row_at(m->l, name_of(PROJECT[p], ACCOUNT[a], KEY[k]));
                CHECK_EQ(got.exists, row->exists);
                if (!row->exists)
                    continue;
                CHECK_STR(ol_bytes_str(got.value), ol_str_of(row->value));
                bytes += 1 + strlen(row->value);
                keys++;
            }
            check_used(m->l, PROJECT[p], ACCOUNT[a], bytes, keys);
        }
    }
}

TEST("a random life keeps rows and accounts as a model has them")
{
    static model m;
    m = (model){.l = lab_open(), .state = 20261121};
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned p = roll(&m, PROJECTS);
        unsigned a = roll(&m, ACCOUNTS);
        unsigned k = roll(&m, KEYS);
        unsigned kind = roll(&m, 20);
        if (kind == 0)
            step_clear(&m, p, a);
        else if (kind < 5)
            step_remove(&m, p, a, k);
        else
            step_write(&m, p, a, k);
        if (step % 100 == 0) {
            check_model(&m);
            ol_arena_deinit(&m.l->arena);
            m.l->arena = ol_arena_new(OL_MIB(64));
        }
    }
    check_model(&m);
    close_checked(m.l);
}
