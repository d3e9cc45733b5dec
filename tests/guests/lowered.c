/* Calls one function of every lowered signature that the guest library does not use, and prints
 * what came back: as a core module and as a component the output must be the same. */
#include <outlayer.h>
#include <stdio.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define STORAGE(name) IMPORT("near:storage/api@0.1.0", name)

typedef struct list {
    char *data;
    size_t len;
} list;

typedef struct flag_text { /* tuple<bool, string> */
    bool flag;
    list text;
} flag_text;

typedef struct flag_bytes_text { /* tuple<bool, list<u8>, string> */
    bool flag;
    list bytes, text;
} flag_bytes_text;

typedef struct number_text { /* tuple<s64, string> */
    int64_t number;
    list text;
} number_text;

typedef struct two { /* tuple<list<u8>, string> */
    list bytes, text;
} two;

typedef struct four {
    list a, b, c, d;
} four;

STORAGE("has") bool host_has(const char *key, size_t key_len);
STORAGE("set")
void host_set(const char *key, size_t len, const char *value, size_t value_len, list *ret);
STORAGE("get") void host_get(const char *key, size_t key_len, two *ret);
STORAGE("clear-all") void host_clear_all(list *ret);
STORAGE("set-if-absent")
void host_set_if_absent(const char *key, size_t key_len, const char *value, size_t value_len,
                        flag_text *ret);
STORAGE("set-if-equals")
void host_set_if_equals(const char *key, size_t key_len, const char *expected, size_t expected_len,
                        const char *value, size_t value_len, flag_bytes_text *ret);
STORAGE("increment")
void host_increment(const char *key, size_t key_len, int64_t delta, number_text *ret);
STORAGE("set-worker")
void host_set_worker(const char *key, size_t key_len, const char *value, size_t value_len,
                     int32_t some, int32_t encrypted, list *ret);
STORAGE("get-worker")
void host_get_worker(const char *key, size_t key_len, int32_t some, const char *project,
                     size_t project_len, two *ret);
IMPORT("near:vrf/api@0.1.0", "generate")
void host_generate(const char *seed, size_t seed_len, four *ret);

void *cabi_realloc(void *old, size_t old_bytes, size_t alignment, size_t bytes);
void *(*volatile allocate)(void *, size_t, size_t, size_t) = cabi_realloc;

#define SHOW(l) (int)(l).len, (l).data

int main(void)
{
    list text;
    two pair;
    flag_text ft;
    flag_bytes_text fbt;
    number_text nt;
    four all;
    (void)printf("has %d %d\n", host_has("k", 1), host_has("", 0));
    host_set("k", 1, "va", 2, &text);
    (void)printf("set %.*s\n", SHOW(text));
    host_get("k", 1, &pair);
    (void)printf("get %.*s %.*s\n", SHOW(pair.bytes), SHOW(pair.text));
    host_clear_all(&text);
    (void)printf("clear-all %.*s\n", SHOW(text));
    host_set_if_absent("k", 1, "v", 1, &ft);
    (void)printf("set-if-absent %d %.*s\n", ft.flag, SHOW(ft.text));
    host_set_if_equals("k", 1, "old", 3, "new", 3, &fbt);
    (void)printf("set-if-equals %d %.*s %.*s\n", fbt.flag, SHOW(fbt.bytes), SHOW(fbt.text));
    host_increment("k", 1, -5, &nt);
    (void)printf("increment %lld %.*s\n", (long long)nt.number, SHOW(nt.text));
    host_set_worker("k", 1, "v", 1, 0, 0, &text);
    (void)printf("set-worker %.*s\n", SHOW(text));
    host_set_worker("k", 1, "v", 1, 1, 1, &text);
    (void)printf("set-worker %.*s\n", SHOW(text));
    host_get_worker("k", 1, 0, NULL, 0, &pair);
    (void)printf("get-worker %.*s\n", SHOW(pair.bytes));
    host_get_worker("k", 1, 1, "p1", 2, &pair);
    (void)printf("get-worker %.*s\n", SHOW(pair.bytes));
    host_generate("seed", 4, &all);
    (void)printf("generate %.*s %.*s %.*s %.*s\n", SHOW(all.a), SHOW(all.b), SHOW(all.c),
                 SHOW(all.d));
    return 0;
}
