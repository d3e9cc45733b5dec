/* Versions of projects (Contract 7). */
#ifndef OL_CONTRACTS_OUTLAYER_VERSION_H
#define OL_CONTRACTS_OUTLAYER_VERSION_H

#include "contracts/outlayer/types.h"

/* A CodeSource as a version to be. */
typedef struct source_version {
    ol_str key;    /* `hash` of a WasmUrl as given, `repo@commit` of a GitHub source */
    ol_str json;   /* as the views write it */
    ol_u128 price; /* yoctoNEAR of its storage */
} source_version;

source_version source_version_read(call *c, const ol_json *value);

#endif
