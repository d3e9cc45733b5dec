/* The contract's data during a call: what it wrote lies over what was there before. */
#ifndef OL_EMULATOR_EXTERNAL_STORE_H
#define OL_EMULATOR_EXTERNAL_STORE_H

#include "emulator/external.h"

/* Callbacks of nearvm_host. */
int external_storage_write(void *at, ol_bytes key, ol_bytes value, ol_bytes *ret_old,
                           nearvm_touch *ret_touch);
int external_storage_read(void *at, ol_bytes key, ol_bytes *ret_value, nearvm_touch *ret_touch);
int external_storage_remove(void *at, ol_bytes key, ol_bytes *ret_old, nearvm_touch *ret_touch);

#endif
