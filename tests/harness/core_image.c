#include "tests/harness/core_image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/assert.h"
#include "lib/base/fd.h"

enum { CHUNK_BYTES = 1 << 20, NEEDLE_BYTES_MAX = 256, PAGE_BYTES = 4096 };

typedef struct region {
    uint64_t from;
    uint64_t to;
    unsigned long long kib; /* in memory or swapped out: reserved space is not worth a look */
    bool marked;            /* `dd`: MADV_DONTDUMP, `io`: devices */
} region;

/* The next mapping with its flags; false at the end. */
static bool region_next(FILE *smaps, region *ret)
{
    char line[1024];
    unsigned long long from;
    unsigned long long to;
    unsigned long long kib;
    bool begun = false;
    while (fgets(line, sizeof line, smaps) != NULL) {
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
            *ret = (region){.from = from, .to = to};
            begun = true;
        } else if (sscanf(line, "Rss: %llu kB", &kib) == 1 ||
                   sscanf(line, "Swap: %llu kB", &kib) == 1) {
            ret->kib += kib;
        } else if (begun && strncmp(line, "VmFlags:", 8) == 0) {
            ret->marked = strstr(line, " dd") != NULL || strstr(line, " io") != NULL;
            return true;
        }
    }
    return false;
}

static void look(ol_str text, const ol_str *needle, size_t needles, core_found *found)
{
    size_t at;
    for (size_t i = 0; i < needles; i++)
        found->holds[i] = found->holds[i] || ol_str_find(text, needle[i], &at);
}

/* Chunks overlap, so that nothing hides at their edges; pages nobody can read are stepped over. */
static void region_search(int memory, const region *where, const ol_str *needle, size_t needles,
                          core_found *found)
{
    static char chunk[CHUNK_BYTES + NEEDLE_BYTES_MAX];
    for (uint64_t at = where->from; at < where->to;) {
        uint64_t left = where->to - at;
        ssize_t n =
            pread(memory, chunk, left < sizeof chunk ? (size_t)left : sizeof chunk, (off_t)at);
        if (n > 0) {
            look((ol_str){chunk, (size_t)n}, needle, needles, found);
            found->bytes += (uint64_t)n < CHUNK_BYTES ? (uint64_t)n : CHUNK_BYTES;
        }
        at += n <= 0 ? PAGE_BYTES : (uint64_t)n < CHUNK_BYTES ? (uint64_t)n : CHUNK_BYTES;
    }
}

bool core_image_search(pid_t pid, core_pages pages, const ol_str *needle, size_t needles,
                       core_found *ret)
{
    char path[64];
    region one;
    *ret = (core_found){0};
    OL_ASSERT(needles <= OL_COUNT(ret->holds));
    (void)snprintf(path, sizeof path, "/proc/%d/mem", pid);
    OL_AUTO(ol_fd) memory = {open(path, O_RDONLY | O_CLOEXEC)};
    (void)snprintf(path, sizeof path, "/proc/%d/smaps", pid);
    FILE *smaps = fopen(path, "re");
    while (memory.n >= 0 && smaps != NULL && region_next(smaps, &one)) {
        if (one.marked)
            ret->left_out += one.to - one.from;
        if (one.kib > 0 && (!one.marked || pages == CORE_ALL))
            region_search(memory.n, &one, needle, needles, ret);
    }
    if (smaps != NULL)
        (void)fclose(smaps);
    return ret->bytes > 0;
}
