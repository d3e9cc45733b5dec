/* A call as the coordinator describes it (Coordinator 2.1, 2.2), and how the user sees it end. */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "cli/api.h"

typedef enum call_state { CALL_PENDING, CALL_COMPLETED, CALL_FAILED } call_state;

/* Texts are slices of the answer or copies in the arena; absent ones have NULL data. */
typedef struct call_view {
    ol_str id;
    call_state state;
    ol_str output_json;
    ol_str error;
    ol_str compute_cost; /* decimal, 10^-6 USD */
    ol_str instructions;
    ol_str time_ms;
    ol_str job_id;
    ol_str attestation_url;
} call_view;

/* What we know of it because we sent it; empty for `wait`. */
typedef struct call_origin {
    ol_str project;
    ol_str version;
    ol_str deposit;
    ol_str reserved;
} call_origin;

/* `answer` must live as long as the view. */
ol_rc call_view_parse(const cli *it, ol_str answer, call_view *ret, ol_err *err);

/* Asks until the call has ended, interrupted, or `deadline_ns` passed (OL_ERR_PENDING). Each change
 * of state goes to `on_change`, which may be NULL. `answer` holds what the view borrows. */
typedef void call_watcher(const cli *it, const call_view *call);
ol_rc call_await(api *a, const cli *it, const ol_secret *key, ol_str id, int64_t deadline_ns,
                 call_watcher *on_change, ol_buf *answer, call_view *ret, cli_failure *failure);

/* Result, summary line and exit code of a call that has ended. */
int call_report(const cli *it, const call_view *call, const call_origin *origin);
/* One line about a call, ended or not, as the result; the exit code goes with it. */
int call_tell(const cli *it, const call_view *call);
/* The members both reports and events carry. */
void call_members(ol_json_writer *w, const call_view *call);

/* A call that goes on without us: prints its id and how to wait. */
int call_left_behind(const cli *it, ol_str id, cli_failure *failure);

#endif
