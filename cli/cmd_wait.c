#include <string.h>

#include "cli/call.h"
#include "cli/commands.h"
#include "cli/credentials.h"
#include "cli/run.h"
#include "lib/base/clock.h"
#include "lib/codec/uuid.h"
#include "lib/near/rpc_chain.h"

enum { WAIT_SECONDS_STANDARD = 1260, HASH_TEXT_MIN = 43 };

/* With --json every change of state is an event; the last one carries the result. */
static void told(const cli *it, const call_view *call)
{
    if (call->state != CALL_PENDING)
        return;
    if (!it->json) {
        cli_note(it, "pending");
        return;
    }
    OL_AUTO(ol_buf) line = ol_buf_new(16 * 1024);
    ol_json_writer w = ol_json_writer_over(&line);
    ol_json_object_begin(&w);
    call_members(&w, call);
    ol_json_object_end(&w);
    (void)cli_result(ol_buf_str(&line));
}

int cmd_wait(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    call_view call;
    ol_uuid id;
    api *a = NULL;
    OL_AUTO(ol_secret) key = {0};
    OL_AUTO(ol_buf) answer = ol_buf_new(API_ANSWER_BYTES_MAX);
    if (!ol_uuid_parse(args->positional[0], &id)) {
        const char *hash = cli_cstr(it, args->positional[0]);
        if (hash != NULL && strlen(hash) >= HASH_TEXT_MIN && strlen(hash) < OL_HASH_TEXT_BYTES)
            return run_chain_await(it, hash);
        return cli_fail_usage(it, "an id is a call's UUID or a transaction's hash");
    }
    if (!ol_str_eq(cli_value_or(args, "for", OL_STR("done")), OL_STR("done")))
        return cli_fail_usage(it, "--for is done; proofs are not in this version");
    ol_str wish = cli_value_or(args, "payment-key", OL_STR(""));
    if (payment_key_load(it, wish, &key, &failure.err) != OL_OK ||
        api_open(it, &a, &failure.err) != OL_OK || api_catch_interrupts(a, &failure.err) != OL_OK)
        return cli_fail(it, &failure);

    uint64_t seconds = it->timeout_s != 0 ? it->timeout_s : WAIT_SECONDS_STANDARD;
    int64_t deadline_ns = ol_mono_ns(ol_clock_real()) + (int64_t)seconds * 1000000000;
    ol_uuid_text text = ol_uuid_format(id);
    int exit;
    if (call_await(a, it, &key, ol_uuid_str(&text), deadline_ns, told, &answer, &call, &failure) ==
        OL_OK)
        exit = call_report(it, &call, &(call_origin){0});
    else if (failure.err.rc == OL_ERR_PENDING || failure.err.rc == OL_ERR_INTERRUPTED)
        exit = call_left_behind(it, ol_uuid_str(&text), &failure);
    else
        exit = cli_fail(it, &failure);
    api_close(a);
    return exit;
}
