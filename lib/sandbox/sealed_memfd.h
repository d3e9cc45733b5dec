/* Memory files that nobody can change any more: how artifacts and large jobs reach a run. */
#ifndef OL_SANDBOX_SEALED_MEMFD_H
#define OL_SANDBOX_SEALED_MEMFD_H

#include "lib/base/fd.h"

/* A memfd with `first` and then `last`, write-, shrink-, grow- and seal-sealed. */
ol_rc ol_sealed_memfd(const char *name, ol_bytes first, ol_bytes last, ol_fd *ret, ol_err *err);

/* Does the descriptor carry all four seals? */
bool ol_memfd_is_sealed(int fd);

/* Maps a sealed memfd of exactly `bytes`, private and read-only; unmap with munmap. */
ol_rc ol_memfd_map(int fd, size_t bytes, ol_bytes *ret, ol_err *err);

#endif
