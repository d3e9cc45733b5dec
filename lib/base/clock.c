#include "lib/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t real_wall_ms(const ol_clock *clock)
{
    (void)clock;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t real_mono_ns(const ol_clock *clock)
{
    (void)clock;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const ol_clock *ol_clock_real(void)
{
    static const ol_clock real = {real_wall_ms, real_mono_ns};
    return &real;
}

static int64_t fake_wall_ms(const ol_clock *clock)
{
    return ((const ol_fake_clock *)(const void *)clock)->now_ms;
}

static int64_t fake_mono_ns(const ol_clock *clock)
{
    return fake_wall_ms(clock) * 1000000;
}

ol_fake_clock ol_fake_clock_at(int64_t wall_ms)
{
    return (ol_fake_clock){.clock = {fake_wall_ms, fake_mono_ns}, .now_ms = wall_ms};
}

void ol_time_format(int64_t wall_ms, char text[OL_TIME_TEXT_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    (void)gmtime_r(&seconds, &utc);
    (void)snprintf(text, OL_TIME_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
                   (unsigned)(utc.tm_year + 1900) % 10000, ((unsigned)utc.tm_mon + 1) % 100,
                   (unsigned)utc.tm_mday % 100, (unsigned)utc.tm_hour % 100,
                   (unsigned)utc.tm_min % 100, (unsigned)utc.tm_sec % 100,
                   (unsigned)(wall_ms % 1000) % 1000);
}
