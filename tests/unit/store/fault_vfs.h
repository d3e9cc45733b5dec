/* SQLite's file layer with a watch on it: counts syncs, keeps what a loss of power would leave, and
 * fails a chosen call. One state for the process: a test program is one test at a time. */
#ifndef OL_TESTS_STORE_FAULT_VFS_H
#define OL_TESTS_STORE_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

#define FAULT_VFS "fault"

/* Registers the layer, and SQLite's allocator with the same watch. Before any other use of
 * SQLite. */
void fault_vfs_install(void);

/* Syncs of write-ahead logs since the last reset. */
unsigned fault_log_syncs(void);
unsigned fault_writes(void);
void fault_reset(void); /* counts 0, nothing fails, nothing is kept */

/* Call number `at` from now on (1 is the next write, truncation or sync) fails, and with `for_good`
 * all after it. 0: none. */
void fault_io_fail(unsigned at, bool for_good);
/* The same for SQLite's allocations. */
void fault_memory_fail(unsigned at);
bool fault_happened(void);

/* From now on the bytes of each file at its last sync are kept beside it as PATH.synced. */
void fault_keep_synced(void);

#endif
