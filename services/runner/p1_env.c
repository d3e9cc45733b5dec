/* Arguments, environment, exit, randomness (Host interfaces 2-4). */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "services/runner/p1_guest.h"

enum { EXIT_CODE_LAST = 125 };

p1_errno p1_args_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    (void)g;
    (void)a; /* there are none: nothing to write */
    return P1_SUCCESS;
}

p1_errno p1_args_sizes_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return p1_put_u32(g, p1_arg(a, 0), 0) && p1_put_u32(g, p1_arg(a, 1), 0) ? P1_SUCCESS : P1_STOP;
}

/* NAME=value and a NUL. */
static size_t entry_bytes(const ol_frame_pair *variable)
{
    return variable->name.len + variable->value.len + 2;
}

p1_errno p1_environ_sizes_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    size_t bytes = 0;
    for (size_t i = 0; i < g->job->variables_count; i++)
        bytes += entry_bytes(&g->job->variables[i]);
    uint32_t count = (uint32_t)g->job->variables_count;
    bool put = p1_put_u32(g, p1_arg(a, 0), count) && p1_put_u32(g, p1_arg(a, 1), (uint32_t)bytes);
    return put ? P1_SUCCESS : P1_STOP;
}

static void entry_write(const ol_frame_pair *variable, uint8_t *to)
{
    if (variable->name.len > 0)
        memcpy(to, variable->name.data, variable->name.len);
    to += variable->name.len;
    *to++ = '=';
    if (variable->value.len > 0)
        memcpy(to, variable->value.data, variable->value.len);
    to[variable->value.len] = '\0';
}

p1_errno p1_environ_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    uint32_t pointers = p1_arg(a, 0), text = p1_arg(a, 1);
    for (size_t i = 0; i < g->job->variables_count; i++) {
        const ol_frame_pair *variable = &g->job->variables[i];
        uint32_t bytes = (uint32_t)entry_bytes(variable);
        uint8_t *to;
        if (!p1_put_u32(g, pointers, text) || !p1_span(g, text, bytes, 1, &to))
            return P1_STOP;
        entry_write(variable, to);
        pointers += 4; /* a wrap to 0 is an address like any other, and checked */
        text += bytes;
    }
    return P1_SUCCESS;
}

p1_errno p1_proc_exit(p1_guest *g, const wasmtime_val_raw_t *a)
{
    uint32_t code = p1_arg(a, 0);
    if (code > EXIT_CODE_LAST)
        return p1_trap(g, "exit with invalid exit status outside of [0..126)");
    g->end = P1_EXITED;
    g->exit_code = code;
    return P1_STOP;
}

p1_errno p1_proc_raise(p1_guest *g, const wasmtime_val_raw_t *a)
{
    (void)g;
    (void)a;
    return P1_NOTSUP;
}

p1_errno p1_random_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    uint8_t *to;
    size_t left = p1_arg(a, 1);
    if (!p1_span(g, p1_arg(a, 0), p1_arg(a, 1), 1, &to))
        return P1_STOP;
    while (left > 0) {
        ssize_t got = getrandom(to, left, 0); /* the kernel's: not copied by a fork */
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return P1_IO;
        to += got;
        left -= (size_t)got;
    }
    return P1_SUCCESS;
}
