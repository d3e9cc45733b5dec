#include "services/worker/compile.h"

#include "lib/base/clock.h"
#include "lib/proto/limits.h"
#include "services/worker/chain_job.h"

static ol_rc fetch(const ol_claim_answer *claim, coordinator *c, ol_http_client *web,
                   ol_arena *arena, ol_err *err)
{
    const ol_code_source *source = &claim->task.source;
    ol_buf wasm = ol_buf_new(OL_WASM_URL_BYTES_MAX);
    resolved_code from;
    ol_rc rc = chain_code(&claim->task, &claim->job, arena, &from, err);
    if (rc == OL_OK)
        rc = download_wasm(c, web, &from, &wasm, err);
    if (rc == OL_OK) {
        const wasm_upload upload = {
            .checksum = ol_sha256_hex_str(&from.checksum),
            .repo_url = ol_arena_printf(arena, "url:%.*s", OL_FMT(source->url)),
            .commit_hash = ol_arena_printf(arena, "hash:%.*s", OL_FMT(source->hash)),
            .build_target = source->build_target,
            .wasm = ol_buf_bytes(&wasm),
        };
        rc = coordinator_upload(c, &upload, err);
        if (rc != OL_OK)
            (void)ol_prefix(err, "Failed to store WASM: ");
    }
    ol_buf_deinit(&wasm);
    return rc;
}

void compile_perform(const ol_claim_answer *claim, coordinator *c, ol_http_client *web,
                     ol_arena *arena, outcome *ret, ol_err *err)
{
    const ol_clock *clock = ol_clock_real();
    int64_t began_ns = ol_mono_ns(clock);
    ol_rc rc = fetch(claim, c, web, arena, err);
    ret->time_ms = (uint64_t)((ol_mono_ns(clock) - began_ns) / 1000000);
    ret->success = rc == OL_OK;
    if (rc == OL_OK) {
        if (!ol_arena_copy(arena, claim->job.wasm_checksum, &ret->content))
            ret->content = (ol_str){NULL, 0};
        ret->compile_cost = (ol_opt_u128){true, 0}; /* Worker 5.5 */
        return;
    }
    ret->nothing_ran = true;
    ret->class = rc == OL_ERR_COMPILE ? OL_CLASS_COMPILATION_FAILED : OL_CLASS_FAILED;
    ret->error = ol_err_text(err);
}
