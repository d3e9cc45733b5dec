/* Deliveries whose transaction may be on its way, on disk: a worker that is killed between
 * delivering and reporting finds them when it starts again, and reports instead of running the
 * guest a second time. One file each, held under a lock while its worker lives. A crash of the
 * whole machine may lose them: then the lease ends, and the coordinator decides. */
#ifndef WORKER_JOURNAL_H
#define WORKER_JOURNAL_H

#include "lib/base/arena.h"
#include "lib/base/fd.h"
#include "lib/near/signer.h"
#include "lib/proto/job.h"

enum { JOURNAL_PATH_BYTES = 4096 };

typedef struct journal_entry {
    uint64_t request_id;
    ol_str data_id; /* hex */
    ol_str hash;    /* of the transaction */
    ol_bytes transaction;
    ol_job_report report; /* what to tell once it is delivered */
} journal_entry;

/* The lock and the name of one entry. */
typedef struct journal_hold {
    ol_fd file;
    char path[JOURNAL_PATH_BYTES];
} journal_hold;

#define JOURNAL_HOLD_NONE ((journal_hold){.file = OL_FD_NONE})

/* Makes `{cache_dir}/deliveries`. The path goes to `folder` (JOURNAL_PATH_BYTES). */
ol_rc journal_open(ol_str cache_dir, char *folder, ol_err *err);

/* Writes or overwrites the entry of a job. The hold is opened by the first call. */
ol_rc journal_write(const char *folder, const journal_entry *entry, journal_hold *hold,
                    ol_err *err);
/* The delivery is over: the file goes. */
void journal_drop(journal_hold *hold);

/* Calls `found` for every entry whose worker is gone; it takes the hold over. Broken entries are
 * removed. */
typedef void journal_found(void *context, const journal_entry *entry, journal_hold hold);
void journal_recover(const char *folder, journal_found *found, void *context);

#endif
