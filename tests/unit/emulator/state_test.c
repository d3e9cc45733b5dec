/* The persistent map, against a plain list of pairs. */
#include "emulator/state.h"

#include <stdlib.h>
#include <string.h>

#include "lib/crypto/random.h"
#include "tests/harness/test.h"

enum { KEYS = 200, STEPS = 4000 };

static ol_bytes bytes_of(const char *text)
{
    return ol_str_bytes(ol_str_of(text));
}

static void put(ol_state *state, const char *key, const char *value)
{
    ol_state_put(state, bytes_of(key), bytes_of(value));
}

static void check(const ol_state *state, const char *key, const char *want)
{
    ol_bytes value;
    bool found = ol_state_get(state, bytes_of(key), &value);
    CHECK_EQ_ROW(found, want != NULL, key);
    if (found)
        CHECK_STR(ol_bytes_str(value), ol_str_of(want));
}

TEST("a share of a state does not see what is written to the other")
{
    ol_state before = OL_STATE_EMPTY;
    put(&before, "a", "1");
    put(&before, "b", "2");
    ol_state after = ol_state_share(&before);
    put(&after, "a", "changed");
    put(&after, "c", "3");
    CHECK(ol_state_remove(&after, bytes_of("b")));
    CHECK(!ol_state_remove(&after, bytes_of("b")));
    check(&before, "a", "1");
    check(&before, "b", "2");
    check(&before, "c", NULL);
    check(&after, "a", "changed");
    check(&after, "b", NULL);
    CHECK_EQ(ol_state_count(&before), 2);
    CHECK_EQ(ol_state_count(&after), 2);
    ol_state_deinit(&before);
    check(&after, "c", "3");
    ol_state_deinit(&after);
}

TEST("walking a prefix gives its keys in order, and nobody else's")
{
    static const char *const keys[] = {"b,2", "a", "b,1", "b-", "b,", "c", "b,10"};
    static const char *const want[] = {"b,", "b,1", "b,10", "b,2"};
    ol_state state = OL_STATE_EMPTY;
    ol_bytes after = {0};
    OL_EACH (key, keys)
        put(&state, *key, *key);
    OL_EACH (key, want) {
        const ol_entry *entry = ol_state_next(&state, bytes_of("b,"), after);
        CHECK(entry != NULL);
        after = ol_entry_key(entry);
        CHECK_STR(ol_bytes_str(after), ol_str_of(*key));
    }
    CHECK(ol_state_next(&state, bytes_of("b,"), after) == NULL);
    ol_state_deinit(&state);
}

/* A model: the value of each key, 0 for none. */
typedef struct model {
    unsigned value[KEYS];
} model;

static void name(unsigned key, char text[16])
{
    text[0] = (char)('a' + key % 7);
    text[1] = (char)('0' + key / 100);
    text[2] = (char)('0' + key / 10 % 10);
    text[3] = (char)('0' + key % 10);
    text[4] = '\0';
}

static void step(ol_state *state, model *m)
{
    char key[16];
    unsigned at = (unsigned)ol_random_below(ol_random_kernel(), KEYS);
    unsigned value = (unsigned)ol_random_below(ol_random_kernel(), 5);
    name(at, key);
    if (value == 0)
        CHECK_EQ(ol_state_remove(state, bytes_of(key)), m->value[at] != 0);
    else
        ol_state_put(state, bytes_of(key), (ol_bytes){(const uint8_t *)&value, sizeof value});
    m->value[at] = value;
}

static void compare(const ol_state *state, const model *m)
{
    size_t count = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        char key[16];
        ol_bytes value;
        unsigned stored = 0;
        name(i, key);
        if (ol_state_get(state, bytes_of(key), &value))
            memcpy(&stored, value.data, sizeof stored);
        CHECK_EQ_ROW(stored, m->value[i], key);
        count += stored != 0;
    }
    CHECK_EQ(ol_state_count(state), count);
}

typedef struct counted {
    const model *before;
    const model *after;
    size_t count;
    ol_str last;
} counted;

static unsigned value_of(const ol_entry *entry)
{
    unsigned value = 0;
    if (entry != NULL)
        memcpy(&value, ol_entry_value(entry).data, sizeof value);
    return value;
}

static unsigned index_of(const ol_entry *entry)
{
    ol_bytes key = ol_entry_key(entry);
    return (unsigned)(key.data[1] - '0') * 100 + (unsigned)(key.data[2] - '0') * 10 +
           (unsigned)(key.data[3] - '0');
}

static void visit(void *context, const ol_entry *before, const ol_entry *after)
{
    counted *c = context;
    unsigned at = index_of(before != NULL ? before : after);
    ol_str key = ol_bytes_str(ol_entry_key(before != NULL ? before : after));
    CHECK(c->count == 0 || ol_str_compare(c->last, key) < 0);
    CHECK_EQ(value_of(before), c->before->value[at]);
    CHECK_EQ(value_of(after), c->after->value[at]);
    c->last = key;
    c->count++;
}

TEST("random histories agree with a model, in values, differences and roots")
{
    ol_state state = OL_STATE_EMPTY;
    ol_state old = OL_STATE_EMPTY;
    model now = {0};
    model then = {0};
    for (unsigned i = 0; i < STEPS; i++) {
        step(&state, &now);
        if (i % 97 != 0)
            continue;
        counted c = {.before = &then, .after = &now};
        ol_state_diff(&old, &state, visit, &c);
        for (unsigned k = 0; k < KEYS; k++) {
            if (now.value[k] != then.value[k])
                CHECK(c.count-- > 0);
        }
        compare(&state, &now);
        compare(&old, &then);
        ol_state_set(&old, &state);
        then = now;
    }
    /* The same pairs in another order have the same root. */
    ol_state again = OL_STATE_EMPTY;
    for (unsigned k = KEYS; k-- > 0;) {
        char key[16];
        name(k, key);
        if (now.value[k] != 0)
            ol_state_put(&again, bytes_of(key),
                         (ol_bytes){(const uint8_t *)&now.value[k], sizeof now.value[k]});
    }
    ol_sha256 first = ol_state_root(&state);
    ol_sha256 second = ol_state_root(&again);
    CHECK(ol_sha256_eq(&first, &second));
    put(&again, "z", "more");
    second = ol_state_root(&again);
    CHECK(!ol_sha256_eq(&first, &second));
    ol_state_deinit(&again);
    ol_state_deinit(&state);
    ol_state_deinit(&old);
}
