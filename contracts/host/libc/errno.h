/* No system calls, no errno: lib/base/err.c alone asks, for programs. */
#ifndef OL_CONTRACTS_LIBC_ERRNO_H
#define OL_CONTRACTS_LIBC_ERRNO_H

#define errno 0

#endif
