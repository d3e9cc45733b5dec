#include "services/worker/codes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/run/aot.h"

/* Programs kept in memory; beyond that the longest unused ones go. */
enum { CODES_MAX = 64, PATH_BYTES = 4096 };

typedef enum place_state { PLACE_EMPTY, PLACE_MAKING, PLACE_READY } place_state;

typedef struct place {
    place_state state;
    unsigned holders; /* slots that run it */
    uint64_t used;    /* count of look-ups, for age */
    ol_sha256_hex checksum;
    ol_frame_target target;
    code made;
} place;

struct codes {
    const worker_settings *settings;
    artifacts *disk;
    char aot_program[PATH_BYTES];
    char fingerprint[OL_AOT_FINGERPRINT_BYTES];
    pthread_mutex_t lock;
    pthread_cond_t made; /* a place left PLACE_MAKING, or was let go */
    uint64_t look_ups;
    place place[CODES_MAX];
};

ol_rc codes_open(const worker_settings *settings, codes **ret, ol_err *err)
{
    char folder[PATH_BYTES];
    codes *all = calloc(1, sizeof *all);
    if (all == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    all->settings = settings;
    (void)pthread_mutex_init(&all->lock, NULL);
    (void)pthread_cond_init(&all->made, NULL);
    (void)snprintf(folder, sizeof folder, "%.*s", OL_FMT(settings->cache_dir));
    (void)snprintf(all->aot_program, sizeof all->aot_program, "%.*s",
                   OL_FMT(settings->aot_program));
    ol_rc rc = ol_aot_fingerprint(all->aot_program, all->fingerprint, err);
    if (rc == OL_OK)
        rc = artifacts_open(folder, settings->cache_mb * OL_MIB(1), &all->disk, err);
    if (rc != OL_OK) {
        codes_close(all);
        return rc;
    }
    *ret = all;
    return OL_OK;
}

static void code_deinit(code *one)
{
    ol_fd_deinit(&one->memfd);
    ol_arena_deinit(&one->arena);
    *one = (code){.memfd = OL_FD_NONE};
}

void codes_close(codes *all)
{
    if (all == NULL)
        return;
    for (size_t i = 0; i < CODES_MAX; i++) {
        if (all->place[i].state == PLACE_READY)
            code_deinit(&all->place[i].made);
    }
    artifacts_close(all->disk);
    (void)pthread_cond_destroy(&all->made);
    (void)pthread_mutex_destroy(&all->lock);
    free(all);
}

/* The fingerprint reads engine/profile/target/digest. */
void codes_engine(const codes *all, ol_str *ret_engine, ol_str *ret_metering_profile)
{
    ol_str rest = ol_str_of(all->fingerprint);
    if (!ol_str_next(&rest, '/', ret_engine))
        *ret_engine = OL_STR("");
    if (!ol_str_next(&rest, '/', ret_metering_profile))
        *ret_metering_profile = OL_STR("");
}

/* ---- making ---- */

/* SHA-256 of content ‖ engine ‖ target (Worker 6). */
static ol_sha256 id_of(const codes *all, const ol_sha256 *content, ol_frame_target target)
{
    uint8_t text[OL_SHA256_BYTES + OL_AOT_FINGERPRINT_BYTES + 8];
    ol_buf message = ol_buf_over(text, sizeof text);
    ol_buf_add(&message, ol_sha256_bytes(content));
    ol_buf_addf(&message, "%s/%s", all->fingerprint, target == OL_TARGET_P2 ? "p2" : "p1");
    OL_ASSERT(ol_buf_ok(&message));
    return ol_sha256_of(ol_buf_bytes(&message));
}

static ol_rc take_manifest(code *one, ol_bytes section, ol_err *err)
{
    one->arena = ol_arena_new(4 * (size_t)OL_MANIFEST_BYTES_MAX + OL_KIB(64));
    if (section.data == NULL)
        return OL_OK;
    if (ol_manifest_parse(section, &one->arena, &one->manifest, err) != OL_OK)
        return ol_fail(err, OL_ERR_WASM, "%s", err->text);
    return OL_OK;
}

static bool from_disk(codes *all, const ol_sha256 *content, code *one)
{
    ol_buf body = ol_buf_new((size_t)1 << 30);
    artifact_parts parts;
    ol_err err;
    bool found = artifacts_load(all->disk, &one->id, &body, &parts) &&
                 ol_sha256_eq(&parts.content, content) &&
                 take_manifest(one, parts.manifest, &err) == OL_OK &&
                 ol_aot_seal(parts.code, "outlayer-code", &one->memfd, &err) == OL_OK;
    ol_buf_deinit(&body);
    return found;
}

static void keep_on_disk(codes *all, const code *one, const ol_sha256 *content, ol_bytes manifest,
                         size_t bytes)
{
    ol_buf body = ol_buf_new((size_t)1 << 30);
    uint8_t *at = ol_buf_reserve(&body, bytes);
    size_t have = 0;
    while (at != NULL && have < bytes) {
        ssize_t got = pread(one->memfd.n, at + have, bytes - have, (off_t)have);
        if (got <= 0)
            break;
        have += (size_t)got;
    }
    if (at != NULL && have == bytes) {
        const artifact_parts parts = {{at, bytes}, manifest, *content};
        (void)artifacts_save(all->disk, &one->id, &parts);
    }
    ol_buf_deinit(&body);
}

static ol_rc compile(codes *all, ol_bytes wasm, const ol_sha256 *content, code *one, ol_err *err)
{
    const ol_clock *clock = ol_clock_real();
    ol_aot_artifact artifact = {.memfd = OL_FD_NONE};
    ol_bytes manifest = {NULL, 0};
    const ol_aot_plan plan = {
        .program = all->aot_program,
        .wasm = wasm,
        .target = one->target == OL_TARGET_P2 ? OL_AOT_P2 : OL_AOT_P1,
        .threads = (unsigned)all->settings->compile_threads,
        .deadline_ns =
            ol_mono_ns(clock) + (int64_t)all->settings->compile_seconds * INT64_C(1000000000),
        .clock = clock,
    };
    (void)ol_manifest_find(wasm, &manifest);
    OL_TRY(take_manifest(one, manifest, err));
    OL_TRY(ol_aot_compile(&plan, &artifact, err));
    OL_LOG(OL_INFO, "code_compiled", KV("content", one->content.data), KV("wasm_bytes", wasm.len),
           KV("code_bytes", artifact.bytes), KV("ms", (long)artifact.compile_ms));
    one->memfd = ol_fd_take(&artifact.memfd);
    keep_on_disk(all, one, content, manifest, artifact.bytes);
    ol_aot_artifact_deinit(&artifact);
    return OL_OK;
}

/* The wasm's bytes; from the raw cache when the content's hash is known beforehand. */
static ol_rc get_wasm(codes *all, coordinator *c, ol_http_client *web, const resolved_code *from,
                      ol_buf *wasm, ol_err *err)
{
    ol_str hex = ol_sha256_hex_str(&from->checksum);
    bool cacheable = from->checksum_is_content && from->file.data == NULL;
    if (cacheable && artifacts_load_wasm(all->disk, hex, wasm))
        return OL_OK;
    OL_TRY(download_wasm(c, web, from, wasm, err));
    if (cacheable)
        (void)artifacts_save_wasm(all->disk, hex, ol_buf_bytes(wasm));
    return OL_OK;
}

static ol_rc make(codes *all, coordinator *c, ol_http_client *web, const resolved_code *from,
                  code *one, ol_err *err)
{
    ol_sha256 content;
    if (from->checksum_is_content) {
        bool valid = ol_sha256_parse(ol_sha256_hex_str(&from->checksum), &content);
        OL_ASSERT(valid);
        one->content = from->checksum;
        one->id = id_of(all, &content, one->target);
        if (from_disk(all, &content, one))
            return OL_OK;
        code_deinit(one); /* whatever was half built */
        one->target =
            ol_str_eq(from->target, OL_STR("wasm32-wasip2")) ? OL_TARGET_P2 : OL_TARGET_P1;
    }
    ol_buf wasm = ol_buf_new(OL_WASM_URL_BYTES_MAX);
    ol_rc rc = get_wasm(all, c, web, from, &wasm, err);
    if (rc == OL_OK) {
        content = ol_sha256_of(ol_buf_bytes(&wasm));
        one->content = ol_sha256_format(&content);
        one->id = id_of(all, &content, one->target);
        if (from->checksum_is_content || !from_disk(all, &content, one))
            rc = compile(all, ol_buf_bytes(&wasm), &content, one, err);
    }
    ol_buf_deinit(&wasm);
    return rc;
}

/* ---- looking up ---- */

static place *find_place(codes *all, const resolved_code *from, ol_frame_target target)
{
    for (size_t i = 0; i < CODES_MAX; i++) {
        place *at = &all->place[i];
        if (at->state != PLACE_EMPTY && at->target == target &&
            memcmp(at->checksum.data, from->checksum.data, sizeof at->checksum.data) == 0)
            return at;
    }
    return NULL;
}

/* An empty place, or the longest unused one that nobody holds; NULL when all are held. */
static place *free_place(codes *all)
{
    place *oldest = NULL;
    for (size_t i = 0; i < CODES_MAX; i++) {
        place *at = &all->place[i];
        if (at->state == PLACE_EMPTY)
            return at;
        if (at->state == PLACE_READY && at->holders == 0 &&
            (oldest == NULL || at->used < oldest->used))
            oldest = at;
    }
    if (oldest != NULL) {
        code_deinit(&oldest->made);
        oldest->state = PLACE_EMPTY;
    }
    return oldest;
}

static ol_rc fill(codes *all, coordinator *c, ol_http_client *web, const resolved_code *from,
                  place *at, ol_err *err)
{
    code made = {.memfd = OL_FD_NONE, .target = at->target};
    (void)pthread_mutex_unlock(&all->lock);
    ol_rc rc = make(all, c, web, from, &made, err);
    (void)pthread_mutex_lock(&all->lock);
    if (rc == OL_OK)
        at->made = made;
    else
        code_deinit(&made);
    at->state = rc == OL_OK ? PLACE_READY : PLACE_EMPTY;
    (void)pthread_cond_broadcast(&all->made);
    return rc;
}

ol_rc codes_get(codes *all, coordinator *c, ol_http_client *web, const resolved_code *from,
                const code **ret, ol_err *err)
{
    ol_frame_target target =
        ol_str_eq(from->target, OL_STR("wasm32-wasip2")) ? OL_TARGET_P2 : OL_TARGET_P1;
    ol_rc rc = OL_OK;
    (void)pthread_mutex_lock(&all->lock);
    for (;;) {
        place *at = find_place(all, from, target);
        if (at == NULL) {
            at = free_place(all);
            if (at != NULL) {
                at->state = PLACE_MAKING;
                at->holders = 0;
                at->checksum = from->checksum;
                at->target = target;
                rc = fill(all, c, web, from, at, err);
                if (rc != OL_OK)
                    break;
            }
        }
        if (at != NULL && at->state == PLACE_READY) {
            at->holders++;
            at->used = ++all->look_ups;
            *ret = &at->made;
            break;
        }
        (void)pthread_cond_wait(&all->made, &all->lock);
    }
    (void)pthread_mutex_unlock(&all->lock);
    return rc;
}

void codes_release(codes *all, const code *one)
{
    (void)pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < CODES_MAX; i++) {
        if (&all->place[i].made == one) {
            OL_ASSERT(all->place[i].holders > 0);
            all->place[i].holders--;
        }
    }
    (void)pthread_cond_broadcast(&all->made);
    (void)pthread_mutex_unlock(&all->lock);
}
