/* Time as a parameter: programs pass the real clock, tests one they turn by hand. */
#ifndef OL_BASE_CLOCK_H
#define OL_BASE_CLOCK_H

#include <stdint.h>

typedef struct ol_clock {
    int64_t (*wall_ms)(const struct ol_clock *clock); /* since 1970-01-01 UTC */
    int64_t (*mono_ns)(const struct ol_clock *clock); /* never runs backwards; for deadlines */
} ol_clock;

const ol_clock *ol_clock_real(void);

static inline int64_t ol_wall_ms(const ol_clock *clock)
{
    return clock->wall_ms(clock);
}

static inline int64_t ol_mono_ns(const ol_clock *clock)
{
    return clock->mono_ns(clock);
}

/* A clock for tests: both faces stand still until moved. Put it first in a struct of its own and
 * pass &fake.clock. */
typedef struct ol_fake_clock {
    ol_clock clock;
    int64_t now_ms;
} ol_fake_clock;

ol_fake_clock ol_fake_clock_at(int64_t wall_ms);

/* RFC 3339 with milliseconds, `2026-03-01T09:30:00.000Z`: 24 characters and a NUL. */
enum { OL_TIME_TEXT_BYTES = 25 };
void ol_time_format(int64_t wall_ms, char text[OL_TIME_TEXT_BYTES]);

#endif
