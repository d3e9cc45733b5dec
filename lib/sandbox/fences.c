#include "lib/sandbox/fences.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/sandbox/sanitized.h"

enum {
    NOBODY = 65534,
    DESCRIPTORS_MAX = 512,  /* a template holds one a run under way; runs have fewer */
    OOM_SCORE_FIRST = 1000, /* when memory runs out, runs go before anything else */
};

/* ---- namespaces ---------------------------------------------------------------------------- */

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    (void)close(fd);
    return good;
}

/* An ordinary user may make namespaces inside a user namespace of its own. */
static bool user_namespace_enter(void)
{
    char map[64];
    unsigned uid = geteuid(), gid = getegid();
    if (unshare(CLONE_NEWUSER) != 0)
        return false;
    (void)write_text("/proc/self/setgroups", "deny");
    (void)snprintf(map, sizeof map, "%u %u 1", (unsigned)NOBODY, uid);
    (void)write_text("/proc/self/uid_map", map);
    (void)snprintf(map, sizeof map, "%u %u 1", (unsigned)NOBODY, gid);
    (void)write_text("/proc/self/gid_map", map);
    return true;
}

static void namespaces_enter(ol_fences *f)
{
    f->network = unshare(CLONE_NEWNET) == 0;
    if (!f->network) {
        f->user = user_namespace_enter();
        f->network = unshare(CLONE_NEWNET) == 0;
    }
    f->mount = unshare(CLONE_NEWNS) == 0;
    f->ipc = unshare(CLONE_NEWIPC) == 0;
    f->uts = unshare(CLONE_NEWUTS) == 0;
}

/* Nothing but an empty folder, and /proc for the engine, which opens descriptors by name. */
static bool file_system_empty(void)
{
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("empty", "/tmp", "tmpfs", flags, "size=64k,nr_inodes=4,mode=0555") != 0)
        return false;
    if (mkdir("/tmp/proc", 0555) != 0 ||
        mount("/proc", "/tmp/proc", NULL, MS_BIND | MS_REC, NULL) != 0 || chdir("/tmp") != 0)
        return false;
    /* pivot_root(".", "."): the old root comes to lie over the new one and is taken off. */
    if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0)
        return false;
    return chdir("/") == 0 &&
           mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL) == 0;
}

/* ---- network ------------------------------------------------------------------------------- */

static bool interface_is_up(int socket_fd, const char *name)
{
    struct ifreq request = {0};
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    /* An interface whose state cannot be read counts as up. */
    return ioctl(socket_fd, SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) != 0;
}

ol_rc ol_network_check_unreachable(ol_err *err)
{
    OL_AUTO(ol_fd) any = {socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    struct if_nameindex *all = if_nameindex();
    if (any.n < 0 || all == NULL)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "Cannot read the network interfaces");
    ol_rc rc = OL_OK;
    for (const struct if_nameindex *i = all; i->if_name != NULL && rc == OL_OK; i++) {
        if (interface_is_up(any.n, i->if_name))
            rc =
                ol_fail(err, OL_ERR_SANDBOX,
                        "The network is reachable from the runner: interface %s is up", i->if_name);
    }
    if_freenameindex(all);
    return rc;
}

/* ---- identity ------------------------------------------------------------------------------ */

static bool capabilities_drop(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}};
    return syscall(SYS_capset, &head, none) == 0;
}

static bool identity_drop(const ol_fences *f)
{
    if (!f->user && geteuid() == 0) {
        if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) != 0)
            return false;
    }
    return capabilities_drop();
}

/* ---- landlock ------------------------------------------------------------------------------ */

/* A rule set that handles every access and allows none. Each kernel knows a longer list. */
static bool landlock_deny_all(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return false;
    unsigned bits = abi == 1 ? 13 : abi == 2 ? 14 : abi < 5 ? 15 : 16; /* accesses of that list */
    struct landlock_ruleset_attr rules = {.handled_access_fs = (UINT64_C(1) << bits) - 1};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0);
    if (fd < 0)
        return false;
    bool good = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    (void)close(fd);
    return good;
}

/* ---- limits -------------------------------------------------------------------------------- */

ol_rc ol_rlimit_lower(int resource, uint64_t value, ol_err *err)
{
    __rlimit_resource_t which = (__rlimit_resource_t)resource;
    struct rlimit old = {0}, want = {value, value};
    if (OL_INSTRUMENTED && (resource == RLIMIT_DATA || resource == RLIMIT_FSIZE))
        return OL_OK;
    if (prlimit(0, which, &want, &old) == 0) {
        if (old.rlim_max >= want.rlim_max)
            return OL_OK;
        want = (struct rlimit){old.rlim_max, old.rlim_max}; /* raised, with privileges: back */
    } else if (getrlimit(which, &old) == 0) {
        want = (struct rlimit){old.rlim_max, old.rlim_max}; /* raising was refused */
    }
    if (setrlimit(which, &want) != 0)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "limit %d", resource);
    return OL_OK;
}

static ol_rc limits_lower(ol_err *err)
{
    OL_TRY(ol_rlimit_lower(RLIMIT_CORE, 0, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_FSIZE, 0, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_NOFILE, DESCRIPTORS_MAX, err));
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "dumpable");
    return OL_OK;
}

ol_rc ol_fences_raise(ol_fences *ret, ol_err *err)
{
    ol_fences f = {0};
    char score[8];
    (void)snprintf(score, sizeof score, "%d", OOM_SCORE_FIRST);
    (void)write_text("/proc/self/oom_score_adj", score);
    namespaces_enter(&f);
    if (!f.network)
        return ol_fail(
            err, OL_ERR_SANDBOX,
            "The network is reachable from the runner: no network namespace can be made");
    OL_TRY(ol_network_check_unreachable(err));
    f.mount = f.mount && file_system_empty();
    f.identity = identity_drop(&f);
    if (!f.identity)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "Cannot give up privileges");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "no_new_privs");
    OL_TRY(limits_lower(err));
    f.limits = true;
    f.landlock = landlock_deny_all();
    *ret = f;
    return OL_OK;
}

void ol_fences_format(const ol_fences *fences, ol_buf *into)
{
    const struct {
        bool active;
        const char *name;
    } all[] = {
        {fences->user, "user"},         {fences->identity, "identity"},
        {fences->network, "net"},       {fences->mount, "mount"},
        {fences->ipc, "ipc"},           {fences->uts, "uts"},
        {fences->landlock, "landlock"}, {fences->limits, "limits"},
        {fences->seccomp, "seccomp"},
    };
    bool first = true;
    OL_EACH (fence, all) {
        if (!fence->active)
            continue;
        if (!first)
            ol_buf_add_char(into, ' ');
        ol_buf_add_str(into, ol_str_of(fence->name));
        first = false;
    }
}
