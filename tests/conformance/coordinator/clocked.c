/* The coordinator under a clock that a test can put forward: milliseconds of offset in a shared
 * file, named by LAB_CLOCK. Everything else is the shipped program. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "services/coordinator/program.h"

typedef struct shifted_clock {
    ol_clock clock; /* first */
    const _Atomic int64_t *offset_ms;
} shifted_clock;

static int64_t offset_ms(const ol_clock *clock)
{
    return atomic_load(((const shifted_clock *)clock)->offset_ms);
}

static int64_t wall_ms(const ol_clock *clock)
{
    return ol_wall_ms(ol_clock_real()) + offset_ms(clock);
}

static int64_t mono_ns(const ol_clock *clock)
{
    return ol_mono_ns(ol_clock_real()) + offset_ms(clock) * 1000000;
}

int main(int argc, char **argv)
{
    const char *path = getenv("LAB_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *shared = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (fd < 0 || shared == MAP_FAILED) {
        (void)fprintf(stderr, "LAB_CLOCK names no clock\n");
        return 7;
    }
    const shifted_clock clock = {.clock = {.wall_ms = wall_ms, .mono_ns = mono_ns},
                                 .offset_ms = shared};
    return coordinator_main(argc, argv, &clock.clock);
}
