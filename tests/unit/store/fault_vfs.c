#include "tests/unit/store/fault_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/assert.h"

enum { PATH_BYTES = 256 };

static struct {
    atomic_uint log_syncs;
    atomic_uint writes;
    atomic_uint io_left;
    atomic_bool io_for_good;
    atomic_uint memory_left;
    atomic_bool happened;
    atomic_bool keep;
    sqlite3_mem_methods memory;
} watch;

/* True when this is the call that fails. */
static bool due(atomic_uint *left, bool for_good)
{
    unsigned n = atomic_load(left);
    while (n != 0) {
        if (n == 1 && for_good) {
            atomic_store(&watch.happened, true);
            return true;
        }
        if (atomic_compare_exchange_weak(left, &n, n - 1)) {
            if (n == 1)
                atomic_store(&watch.happened, true);
            return n == 1;
        }
    }
    return false;
}

static bool io_due(void)
{
    return due(&watch.io_left, atomic_load(&watch.io_for_good));
}

/* ---- Files. */

typedef struct watched {
    sqlite3_file base; /* first */
    char path[PATH_BYTES];
    bool is_log;
    sqlite3_file *real; /* behind this struct */
} watched;

static watched *of(sqlite3_file *file)
{
    return (watched *)(void *)file;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return of(file)->real;
}

static int f_close(sqlite3_file *f)
{
    return real(f)->pMethods->xClose(real(f));
}

static int f_read(sqlite3_file *f, void *into, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), into, n, at);
}

static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    atomic_fetch_add(&watch.writes, 1);
    if (io_due())
        return SQLITE_IOERR_WRITE;
    return real(f)->pMethods->xWrite(real(f), from, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return io_due() ? SQLITE_IOERR_TRUNCATE : real(f)->pMethods->xTruncate(real(f), size);
}

static void keep_synced(const watched *file)
{
    char kept[PATH_BYTES + 8];
    char bytes[65536];
    ssize_t n;
    (void)snprintf(kept, sizeof kept, "%s.synced", file->path);
    int from = open(file->path, O_RDONLY | O_CLOEXEC);
    int to = open(kept, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    OL_ASSERT(from >= 0 && to >= 0);
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        OL_ASSERT(write(to, bytes, (size_t)n) == n);
    (void)close(from);
    (void)close(to);
}

static int f_sync(sqlite3_file *f, int flags)
{
    if (io_due())
        return SQLITE_IOERR_FSYNC;
    int rc = real(f)->pMethods->xSync(real(f), flags);
    if (of(f)->is_log)
        atomic_fetch_add(&watch.log_syncs, 1);
    if (rc == SQLITE_OK && atomic_load(&watch.keep))
        keep_synced(of(f));
    return rc;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real(f)->pMethods->xFileSize(real(f), size);
}

static int f_lock(sqlite3_file *f, int kind)
{
    return real(f)->pMethods->xLock(real(f), kind);
}

static int f_unlock(sqlite3_file *f, int kind)
{
    return real(f)->pMethods->xUnlock(real(f), kind);
}

static int f_reserved(sqlite3_file *f, int *ret)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), ret);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int f_device(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, ret);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
    return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_device,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    sqlite3_vfs *below = vfs->pAppData;
    watched *it = of(file);
    memset(it, 0, sizeof *it);
    it->real = (sqlite3_file *)(void *)(it + 1);
    if (name != NULL)
        (void)snprintf(it->path, sizeof it->path, "%s", name);
    it->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    int rc = below->xOpen(below, name, it->real, flags, ret_flags);
    if (rc == SQLITE_OK)
        it->base.pMethods = &METHODS;
    return rc;
}

/* ---- Memory. */

static void *m_alloc(int n)
{
    return due(&watch.memory_left, false) ? NULL : watch.memory.xMalloc(n);
}

static void *m_realloc(void *p, int n)
{
    return due(&watch.memory_left, false) ? NULL : watch.memory.xRealloc(p, n);
}

static void memory_install(void)
{
    OL_ASSERT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &watch.memory) == SQLITE_OK);
    sqlite3_mem_methods ours = watch.memory;
    ours.xMalloc = m_alloc;
    ours.xRealloc = m_realloc;
    OL_ASSERT(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK);
}

/* ---- */

void fault_vfs_install(void)
{
    static sqlite3_vfs vfs;
    if (vfs.zName != NULL)
        return;
    memory_install();
    sqlite3_vfs *below = sqlite3_vfs_find(NULL);
    vfs = *below;
    vfs.pNext = NULL;
    vfs.zName = FAULT_VFS;
    vfs.szOsFile = (int)sizeof(watched) + below->szOsFile;
    vfs.pAppData = below;
    vfs.xOpen = vfs_open;
    OL_ASSERT(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

unsigned fault_log_syncs(void)
{
    return atomic_load(&watch.log_syncs);
}

unsigned fault_writes(void)
{
    return atomic_load(&watch.writes);
}

void fault_reset(void)
{
    atomic_store(&watch.log_syncs, 0);
    atomic_store(&watch.writes, 0);
    atomic_store(&watch.io_left, 0);
    atomic_store(&watch.memory_left, 0);
    atomic_store(&watch.happened, false);
    atomic_store(&watch.keep, false);
}

void fault_io_fail(unsigned at, bool for_good)
{
    atomic_store(&watch.happened, false);
    atomic_store(&watch.io_for_good, for_good);
    atomic_store(&watch.io_left, at);
}

void fault_memory_fail(unsigned at)
{
    atomic_store(&watch.happened, false);
    atomic_store(&watch.memory_left, at);
}

bool fault_happened(void)
{
    return atomic_load(&watch.happened);
}

void fault_keep_synced(void)
{
    atomic_store(&watch.keep, true);
}
