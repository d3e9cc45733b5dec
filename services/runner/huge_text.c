#include "services/runner/huge_text.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/num.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

enum { HUGE_BYTES = 2 << 20, SEGMENTS_MAX = 16 };

typedef struct segment {
    uintptr_t from, to; /* as loaded */
    bool movable;       /* loaded for reading or execution only */
    int protection;
} segment;

typedef struct layout {
    segment segments[SEGMENTS_MAX];
    size_t count;
} layout;

/* dl_iterate_phdr reports the program itself first. */
static int segments_read(struct dl_phdr_info *info, size_t info_bytes, void *env)
{
    layout *l = env;
    (void)info_bytes;
    for (size_t i = 0; i < info->dlpi_phnum && l->count < SEGMENTS_MAX; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD)
            continue;
        uintptr_t from = info->dlpi_addr + p->p_vaddr;
        l->segments[l->count++] = (segment){
            .from = from,
            .to = from + p->p_memsz,
            .movable = (p->p_flags & PF_W) == 0,
            .protection = PROT_READ | ((p->p_flags & PF_X) != 0 ? PROT_EXEC : 0),
        };
    }
    return 1;
}

static uintptr_t huge_down(uintptr_t address)
{
    return address & ~(uintptr_t)(HUGE_BYTES - 1);
}

static uintptr_t huge_up(uintptr_t address)
{
    return huge_down(address + HUGE_BYTES - 1);
}

/* Does the segment share a huge page with nobody? */
static bool alone(const layout *l, const segment *s)
{
    for (size_t i = 0; i < l->count; i++) {
        const segment *other = &l->segments[i];
        if (other != s && other->from < huge_up(s->to) && other->to > huge_down(s->from))
            return false;
    }
    return true;
}

/* Copies a segment to huge pages elsewhere, then slides them under it: the kernel replaces the
 * mapping in one step, and what runs next is the same code at the same address. */
static size_t segment_move(const segment *s)
{
    uintptr_t from = huge_down(s->from);
    size_t bytes = huge_up(s->to) - from;
    uint8_t *area =
        mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return 0;
    uint8_t *copy = area + (huge_up((uintptr_t)area) - (uintptr_t)area);
    bool good = madvise(copy, bytes, MADV_HUGEPAGE) == 0;
    if (good) {
        memcpy(copy + (s->from - from), (const void *)s->from, s->to - s->from);
        good =
            madvise(copy, bytes, MADV_COLLAPSE) == 0 && mprotect(copy, bytes, s->protection) == 0 &&
            mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)from) != MAP_FAILED;
    }
    if (!good)
        (void)munmap(copy, bytes);
    (void)munmap(area, (size_t)(copy - area));
    (void)munmap(copy + bytes, HUGE_BYTES - (size_t)(copy - area));
    return good ? bytes : 0;
}

size_t huge_text_move(void)
{
    layout l = {0};
    size_t moved = 0;
    (void)dl_iterate_phdr(segments_read, &l);
    for (size_t i = 0; i < l.count; i++) {
        if (l.segments[i].movable && alone(&l, &l.segments[i]))
            moved += segment_move(&l.segments[i]);
    }
    return moved;
}
