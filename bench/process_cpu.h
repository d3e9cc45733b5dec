/* Processor time of another process, as the kernel counts it. */
#ifndef OL_BENCH_PROCESS_CPU_H
#define OL_BENCH_PROCESS_CPU_H

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/fd.h"

/* User and system time of the process and of the children it has reaped; false: it is gone. */
static inline bool process_cpu_seconds(pid_t pid, double *ret)
{
    char path[64];
    char storage[1024];
    ol_buf text = ol_buf_over(storage, sizeof storage - 1);
    ol_err err;
    unsigned long long user;
    unsigned long long system;
    long long reaped_user;
    long long reaped_system;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (ol_file_load(path, &text, &err) != OL_OK)
        return false;
    storage[text.len] = '\0';
    const char *after_name = strrchr(storage, ')');
    if (after_name == NULL ||
        sscanf(after_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
               &user, &system, &reaped_user, &reaped_system) != 4)
        return false;
    double ticks = (double)user + (double)system + (double)reaped_user + (double)reaped_system;
    *ret = ticks / (double)sysconf(_SC_CLK_TCK);
    return true;
}

#endif
