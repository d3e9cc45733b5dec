/* What a block held, looked for where the block was: through the kernel, because the program itself
 * may not read what it has freed. */
#include "lib/crypto/wiping_heap.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/fd.h"
#include "tests/harness/test.h"

#define CANARY "a-canary-on-the-heap-5b1e97"

/* Sizes of every kind of block: small, large, mapped for itself, given back by pages. */
static const size_t SIZES[] = {200, 1032, 5000, 70000, 300000, 3000001};

__attribute__((constructor)) static void start(void)
{
    ol_wiping_heap_start();
}

static void fill(char *block, size_t bytes)
{
    const size_t step = sizeof CANARY - 1;
    for (size_t at = 0; at + step <= bytes; at += step)
        memcpy(block + at, CANARY, step);
    __asm__ volatile("" ::"r"(block) : "memory"); /* it is written, whoever reads it */
}

/* Memory that is no longer mapped holds nothing. */
static bool holds(uintptr_t at, size_t bytes)
{
    static char seen[4096 + sizeof CANARY];
    size_t found;
    OL_AUTO(ol_fd) memory = {open("/proc/self/mem", O_RDONLY | O_CLOEXEC)};
    CHECK(memory.n >= 0);
    for (size_t done = 0; done < bytes; done += 4096) {
        size_t want = bytes - done < sizeof seen ? bytes - done : sizeof seen;
        ssize_t n = pread(memory.n, seen, want, (off_t)(at + done));
        if (n > 0 && ol_str_find((ol_str){seen, (size_t)n}, OL_STR(CANARY), &found))
            return true;
    }
    return false;
}

TEST("a block that is freed no longer holds what was in it")
{
    OL_EACH (bytes, SIZES) {
        char row[32];
        (void)snprintf(row, sizeof row, "%zu", *bytes);
        char *block = malloc(*bytes);
        CHECK(block != NULL);
        fill(block, *bytes);
        const uintptr_t at = (uintptr_t)block;
        CHECK_ROW(holds(at, *bytes), row);
        free(block);
        CHECK_ROW(!holds(at, *bytes), row);
    }
}

TEST("a block that grows leaves nothing behind and loses nothing")
{
    OL_EACH (bytes, SIZES) {
        char row[32];
        (void)snprintf(row, sizeof row, "%zu", *bytes);
        char *block = malloc(*bytes);
        char *next = malloc(*bytes); /* in the way */
        CHECK(block != NULL && next != NULL);
        fill(block, *bytes);
        const uintptr_t at = (uintptr_t)block;
        char *grown = realloc(block, 4 * *bytes);
        CHECK(grown != NULL);
        CHECK_ROW(holds((uintptr_t)grown, *bytes), row);
        CHECK_ROW((uintptr_t)grown == at || !holds(at, *bytes), row);
        CHECK(memcmp(grown, CANARY, sizeof CANARY - 1) == 0);
        free(grown);
        free(next);
    }
}

TEST("a block that shrinks keeps its beginning and forgets its end")
{
    const size_t bytes = 70000;
    char *block = malloc(bytes);
    CHECK(block != NULL);
    fill(block, bytes);
    const uintptr_t at = (uintptr_t)block;
    char *shrunk = realloc(block, 100);
    CHECK(shrunk != NULL);
    CHECK(memcmp(shrunk, CANARY, sizeof CANARY - 1) == 0);
    CHECK(!holds(at + 128, bytes - 128));
    free(shrunk);
}

TEST("realloc of nothing is malloc, to nothing is free")
{
    volatile size_t none = 0;
    char *block = realloc(NULL, 300);
    CHECK(block != NULL);
    fill(block, 300);
    const uintptr_t at = (uintptr_t)block;
    CHECK(realloc(block, none) == NULL);
    CHECK(!holds(at, 300));
}

TEST("what the C library grows by itself is wiped, too")
{
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    CHECK(stream != NULL);
    CHECK(fputs(CANARY, stream) >= 0 && fflush(stream) == 0);
    const uintptr_t at = (uintptr_t)text;
    const size_t had = len;
    for (int i = 0; i < 100000; i++)
        CHECK(fputc('.', stream) != EOF);
    CHECK_EQ(fclose(stream), 0);
    CHECK(text != NULL && ((uintptr_t)text == at || !holds(at, had)));
    free(text);
}

TEST("a buffer that grew several times has left nothing behind")
{
    enum { TIMES = 12 };
    uintptr_t at[TIMES];
    size_t size[TIMES];
    ol_buf buf = ol_buf_new(OL_MIB(16));
    for (int i = 0; i < TIMES; i++) {
        CHECK(ol_buf_reserve(&buf, 1) != NULL);
        fill((char *)buf.data, buf.size);
        buf.len = buf.size;
        at[i] = (uintptr_t)buf.data;
        size[i] = buf.size;
    }
    ol_buf_deinit(&buf);
    for (int i = 0; i < TIMES; i++)
        CHECK(!holds(at[i], size[i]));
}
