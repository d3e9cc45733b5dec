/* The host functions of host_functions.def as tables, and their values in flat form. */
#ifndef OL_PROTO_HOST_FUNCTIONS_H
#define OL_PROTO_HOST_FUNCTIONS_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/codec/borsh.h"

typedef enum ol_host_interface {
#define OL_HOST_INTERFACE(code, name) OL_HOST_##code,
#define OL_HOST_FN(code, interface, name, signature)
#include "lib/proto/host_functions.def"
#undef OL_HOST_INTERFACE
#undef OL_HOST_FN
    OL_HOST_INTERFACES
} ol_host_interface;

typedef enum ol_host_fn {
#define OL_HOST_INTERFACE(code, name)
#define OL_HOST_FN(code, interface, name, signature) OL_FN_##code,
#include "lib/proto/host_functions.def"
#undef OL_HOST_INTERFACE
#undef OL_HOST_FN
    OL_HOST_FUNCTIONS
} ol_host_fn;

typedef struct ol_host_function {
    ol_host_interface interface;
    const char *name;
    const char *signature;
} ol_host_function;

extern const ol_host_function OL_HOST_FUNCTION[OL_HOST_FUNCTIONS];
extern const char *const OL_HOST_INTERFACE_NAME[OL_HOST_INTERFACES]; /* "near:rpc/api@0.1.0" */

/* One value of a call, flattened: `s b` use `bytes`; `t w u i` use `number` (s64 as its bits); an
 * option is a number (0 none, 1 some) followed, when some, by its value; `h` is a number (count of
 * pairs) followed by 2 * count strings; `R` is a number 0 (ok), a number (status), `h`, a body; or
 * a number 1 (error) and a string. Same layout as the engine's. */
typedef struct ol_host_value {
    uint64_t number;
    ol_bytes bytes; /* borrowed */
} ol_host_value;

enum {
    OL_HOST_PAIRS_MAX = 256,                         /* headers of one request or response */
    OL_HOST_VALUES_MAX = 2 * OL_HOST_PAIRS_MAX + 16, /* of one call, flattened */
};

/* The argument and result halves of a signature. */
ol_str ol_host_arguments(ol_host_fn function);
ol_str ol_host_results(ol_host_fn function);

/* Writes values as their letters say. false: they are not of that shape, or no room. */
OL_MUST_USE bool ol_host_values_encode(ol_str letters, const ol_host_value *values, size_t count,
                                       ol_buf *into);
/* Reads exactly those values and nothing more from the cursor; bytes are borrowed from it.
 * `values` has room for OL_HOST_VALUES_MAX. Text is not checked to be UTF-8. */
OL_MUST_USE bool ol_host_values_decode(ol_str letters, ol_borsh *from, ol_host_value *values,
                                       size_t *ret_count);

#endif
