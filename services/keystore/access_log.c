#include "services/keystore/access_log.h"

#include "lib/base/log.h"

void access_record(keystore *ks, const access_entry *entry, ol_rc rc, const ol_err *err)
{
    if (rc == OL_ERR_PENDING)
        return; /* asked again on a thread that may wait */
    const char *verdict = rc == OL_OK ? "granted" : rc == OL_ERR_UNAUTHORIZED ? "denied" : "failed";
    atomic_ulong *count = rc == OL_OK                 ? &ks->granted
                          : rc == OL_ERR_UNAUTHORIZED ? &ks->denied
                                                      : &ks->failed;
    (void)atomic_fetch_add(count, 1);
    OL_LOG(OL_INFO, "access", KV("verdict", verdict), KV("route", entry->route),
           KV("owner", entry->owner), KV("profile", entry->profile), KV("caller", entry->caller),
           KV("task_id", entry->task_id), KV("why", rc == OL_OK ? OL_STR("") : ol_err_text(err)));
}
