/* Runs a core module without imports, alone with the engine: what is counted is the guest, no
 * host function beside it. */
#ifndef OL_TESTS_METERING_BARE_RUN_H
#define OL_TESTS_METERING_BARE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "olw.h"

typedef enum bare_end {
    BARE_OK,
    BARE_TRAP, /* `error` */
    BARE_INIT, /* not instantiated: `error` */
    BARE_NO_START,
} bare_end;

typedef struct bare_result {
    bare_end end;
    olw_error error;
    uint64_t instructions; /* of `_start` alone, Engine 2 rule 1 */
    olw_usage usage;
} bare_result;

/* `artifact_fd` comes from outlayer-aot. Call it in a process of its own: limits are per process.
 */
void bare_run(int artifact_fd, uint64_t fuel, bare_result *ret);

#endif
