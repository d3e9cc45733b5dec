/* outlayer-keystore: derives keys, opens secrets for those their conditions name, proves randomness
 * (Keystore 1–9). One process with nothing else in it. */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lib/base/log.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/wiping_heap.h"
#include "services/keystore/program.h"

/* With what main does first, nothing of this process reaches a core file, a swap device, a debugger
 * of the same user, or the next owner of freed memory. */
static ol_rc harden(bool must_lock, ol_err *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    }
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0)
        return OL_OK;
    ol_rc rc = ol_fail_errno(err, OL_ERR_ENVIRONMENT,
                             "memory cannot be locked (raise the limit `memlock`)");
    if (must_lock)
        return rc;
    OL_LOG(OL_WARN, "memory_not_locked",
           KV("note", "but for the masters it may reach a swap device: for development only"));
    return OL_OK;
}

int main(int argc, char **argv)
{
    ol_wiping_heap_start();
    ol_secret_hide_process(); /* before settings are read: one of them is the master */
    (void)umask(077);
    return keystore_main(argc, argv, harden);
}
