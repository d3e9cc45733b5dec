/* `outlayer dev` for whoever may lock 8 MiB of memory, as ordinary users may. A program of its own:
 * what it gives up stays given up. */
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

TEST("a dev starts, and keeps secrets, where little memory may be locked")
{
    const struct rlimit limit = {OL_MIB(8), OL_MIB(8)};
    (void)prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0); /* root's programs too */
    CHECK_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    OL_AUTO(cli_result)
    r = cli_in_dev("cp examples/echo.wasm $P",
                   "printf v | outlayer secrets set -q A --project dev.test.near/echo\n"
                   "outlayer secrets list\n");
    CHECK_HAS(ol_buf_str(&r.out), OL_STR("project dev.test.near/echo, profile default"), "kept");
    CHECK_EQ(r.exit, 0);
}
