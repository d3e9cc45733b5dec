/* Every allocation under the printer fails in turn: it must end with an error and lose nothing. The
 * linker puts these functions in place of the C library's (see CMakeLists.txt). */
#include <stdlib.h>

#include "lib/codec/json_print.h"
#include "tests/harness/test.h"

/* Allocations until one fails; negative: none does. And how many are in use. */
static long countdown = -1;
static long in_use;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void __real_free(void *old);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void __wrap_free(void *old);

static bool fails_now(void)
{
    return countdown >= 0 && countdown-- == 0;
}

static void *counted(void *fresh, const void *old)
{
    in_use += fresh != NULL && old == NULL;
    return fresh;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : counted(__real_malloc(size), NULL);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : counted(__real_calloc(count, size), NULL);
}

void *__wrap_realloc(void *old, size_t size)
{
    bool first = old == NULL;
    if (fails_now())
        return NULL;
    void *fresh = __real_realloc(old, size);
    in_use += first && fresh != NULL;
    return fresh;
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    bool first = old == NULL;
    if (fails_now())
        return NULL;
    void *fresh = __real_reallocarray(old, count, size);
    in_use += first && fresh != NULL;
    return fresh;
}

void __wrap_free(void *old)
{
    in_use -= old != NULL;
    __real_free(old);
}

static const char TEXT[] =
    "{\"a\\n\":[1.5,{\"b\":\"\\u0041\"}],\"k1\":1,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,"
    "\"k7\":7,\"k8\":8,\"k9\":9,\"k1\":{\"x\":null}}";

static ol_rc print(ol_json_order order)
{
    ol_json value;
    ol_err err;
    ol_buf out = ol_buf_new(OL_KIB(4));
    ol_rc rc = ol_json_parse(ol_str_of(TEXT), &value, &err);
    if (rc == OL_OK)
        rc = ol_json_print(&value, order, &out, &err);
    ol_buf_deinit(&out);
    return rc;
}

TEST("printing survives the failure of any allocation")
{
    for (int order = OL_JSON_KEYS_AS_GIVEN; order <= OL_JSON_KEYS_SORTED; order++) {
        long before = in_use;
        long failures = 0;
        for (long n = 0;; n++) {
            countdown = n;
            ol_rc rc = print((ol_json_order)order);
            bool reached = countdown < 0;
            countdown = -1;
            CHECK_EQ(in_use, before);
            if (!reached) {
                CHECK_EQ(rc, OL_OK);
                break;
            }
            failures++;
            /* A buffer that finds no memory fails as one that is full. */
            CHECK(rc == OL_ERR_NO_MEMORY || rc == OL_ERR_LIMIT);
        }
        CHECK(failures >= 5);
    }
}
