#include "lib/crypto/wiping_heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) /* GCC */
#define HEAP_OF_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define HEAP_OF_TSAN 1
#elif defined(__has_feature) /* Clang */
#if __has_feature(address_sanitizer)
#define HEAP_OF_ASAN 1
#elif __has_feature(thread_sanitizer)
#define HEAP_OF_TSAN 1
#endif
#endif

#if defined(HEAP_OF_TSAN)

/* Its hook comes before realloc has copied: nothing is wiped there. */
void ol_wiping_heap_start(void)
{
}

#elif defined(HEAP_OF_ASAN)

#include "lib/base/assert.h"

/* Of the sanitizer's runtime; GCC brings no header for them. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));
int __sanitizer_get_ownership(const volatile void *block);
size_t __sanitizer_get_allocated_size(const volatile void *block);

static void on_malloc(const volatile void *block, size_t bytes)
{
    (void)block, (void)bytes;
}

/* Before the block is poisoned. One that is no block of the heap is left to the sanitizer. */
__attribute__((no_sanitize("address"))) static void on_free(const volatile void *block)
{
    if (__sanitizer_get_ownership(block) != 0)
        explicit_bzero((void *)(uintptr_t)block, __sanitizer_get_allocated_size(block));
}

void ol_wiping_heap_start(void)
{
    int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
    OL_ASSERT(installed != 0);
}

#else

/* glibc's own, under the names it keeps for whoever replaces malloc. */
void __libc_free(void *block);
void *__libc_realloc(void *block, size_t bytes);

/* From here on it is cheaper to give the pages back than to fill them; much of such a block may
 * never have been touched. */
enum { PAGES_BYTES_MIN = 1 << 20 };

static void wipe_pages(uint8_t *block, size_t bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uint8_t *first = (uint8_t *)(((uintptr_t)block + page - 1) & ~(page - 1));
    uint8_t *last = (uint8_t *)(((uintptr_t)block + bytes) & ~(page - 1));
    if (madvise(first, (size_t)(last - first), MADV_DONTNEED) != 0) { /* locked pages */
        explicit_bzero(block, bytes);
        return;
    }
    explicit_bzero(block, (size_t)(first - block));
    explicit_bzero(last, (size_t)(block + bytes - last));
}

static void wipe(void *block, size_t bytes)
{
    const int saved = errno; /* free keeps it */
    if (bytes < PAGES_BYTES_MIN)
        explicit_bzero(block, bytes);
    else
        wipe_pages(block, bytes);
    errno = saved;
}

void free(void *block)
{
    if (block == NULL)
        return;
    wipe(block, malloc_usable_size(block));
    __libc_free(block);
}

/* Where a block cannot stay, it is copied and wiped here; the C library would leave it behind. */
void *realloc(void *block, size_t bytes)
{
    if (block == NULL || bytes == 0) {
        free(block);
        return bytes == 0 && block != NULL ? NULL : malloc(bytes);
    }
    const size_t has = malloc_usable_size(block);
    if (bytes <= has) { /* shrinks in place */
        wipe((uint8_t *)block + bytes, has - bytes);
        return __libc_realloc(block, bytes);
    }
    void *grown = malloc(bytes);
    if (grown == NULL)
        return NULL;
    memcpy(grown, block, has);
    free(block);
    return grown;
}

void ol_wiping_heap_start(void)
{
}

#endif
