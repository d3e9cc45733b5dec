/* A content-addressed folder: a blob's name is the hex SHA-256 of its bytes, two levels deep
 * (`3f/3fa1…`). A blob is there whole or not at all: written beside, synced, renamed. */
#ifndef OL_STORE_BLOB_DIR_H
#define OL_STORE_BLOB_DIR_H

#include "lib/base/fd.h"
#include "lib/crypto/hash.h"

typedef struct ol_blob_dir {
    ol_fd folder;
} ol_blob_dir;

/* Makes the folder when it is not there, and removes what interrupted writes left. */
ol_rc ol_blob_dir_open(const char *path, ol_blob_dir *ret, ol_err *err);
void ol_blob_dir_deinit(ol_blob_dir *dir);

/* Durable when it returns OL_OK; a blob that is there already is left alone. */
ol_rc ol_blob_put(ol_blob_dir *dir, ol_bytes bytes, ol_sha256 *ret_hash, ol_err *err);
/* The whole blob, its hash checked. A blob whose bytes are not what its name says is removed, and
 * OL_ERR_NOT_FOUND as if it had never been there. More than the buffer's maximum: OL_ERR_LIMIT. */
ol_rc ol_blob_load(ol_blob_dir *dir, const ol_sha256 *hash, ol_buf *into, ol_err *err);
bool ol_blob_exists(const ol_blob_dir *dir, const ol_sha256 *hash);
ol_rc ol_blob_remove(ol_blob_dir *dir, const ol_sha256 *hash, ol_err *err); /* absent is fine */

/* Free and total bytes of the file system. */
ol_rc ol_blob_dir_space(const ol_blob_dir *dir, uint64_t *ret_free, uint64_t *ret_total,
                        ol_err *err);

#endif
