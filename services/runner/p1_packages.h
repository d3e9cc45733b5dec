/* The OutLayer packages for core modules: imports under their component names, with the signatures
 * the canonical ABI lowers them to (Design 4). Lists and strings of results are placed through the
 * module's own cabi_realloc. */
#ifndef OUTLAYER_RUNNER_P1_PACKAGES_H
#define OUTLAYER_RUNNER_P1_PACKAGES_H

#include "services/runner/p1_guest.h"

enum { P1_FLAT_MAX = 24 }; /* 16 flat parameters and a pointer for results, with room */

typedef struct p1_lowered {
    char parameters[P1_FLAT_MAX]; /* i: i32, I: i64; NUL-terminated */
    bool answers;                 /* returns an i32; else results go through the last parameter */
} p1_lowered;

bool p1_package_find(ol_str interface, ol_str name, ol_host_fn *ret);
p1_lowered p1_package_lower(ol_host_fn function);

/* Lifts the arguments, asks the supervisor, lowers the answer. Writes arguments[0] when the
 * function answers directly. */
p1_errno p1_package_call(p1_guest *guest, ol_host_fn function, wasmtime_val_raw_t *arguments);

#endif
