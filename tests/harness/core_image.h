/* What a core file of a live process would hold, read by root from outside: the kernel leaves out
 * mappings marked MADV_DONTDUMP (`dd` among VmFlags in /proc/PID/smaps), and nothing else counts
 * here, so that at least all it would write is searched. That a process is not dumpable at all
 * (PR_SET_DUMPABLE) is another fence, and shows in a real crash only. */
#ifndef OL_TESTS_HARNESS_CORE_IMAGE_H
#define OL_TESTS_HARNESS_CORE_IMAGE_H

#include <sys/types.h>

#include "lib/base/str.h"

typedef enum core_pages {
    CORE_DUMPED, /* without what is marked */
    CORE_ALL,
} core_pages;

typedef struct core_found {
    uint64_t bytes;    /* that were searched */
    uint64_t left_out; /* marked */
    bool holds[16];    /* by index of the needle */
} core_found;

/* false: the memory of that process, or what is marked in it, cannot be read here. Needles of at
 * most 256 bytes, 16 of them. */
bool core_image_search(pid_t pid, core_pages pages, const ol_str *needle, size_t needles,
                       core_found *ret);

#endif
