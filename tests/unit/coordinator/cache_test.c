/* The cache of built code (Coordinator 5, 15). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/codec/hex.h"
#include "tests/unit/coordinator/lab.h"

static const uint8_t WASM[] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static ol_str hash_of(lab *l, ol_bytes bytes)
{
    ol_sha256 hash = ol_sha256_of(bytes);
    return ol_hex_of(&l->arena, ol_sha256_bytes(&hash));
}

static wasm_upload upload_of(lab *l)
{
    const ol_bytes bytes = {WASM, sizeof WASM};
    return (wasm_upload){
        .checksum = hash_of(l, bytes), .build_target = OL_STR("wasm32-wasip1"), .bytes = bytes};
}

static ol_rc put(lab *l, wasm_upload *it)
{
    wasm_put(l->d, it);
    return it->op.rc;
}

static ol_rc load(lab *l, ol_str checksum, size_t *ret_len)
{
    ol_buf body = ol_buf_new(OL_MIB(1));
    ol_err err;
    ol_rc rc = wasm_load(l->d, checksum, &body, &err);
    *ret_len = body.len;
    ol_buf_deinit(&body);
    return rc;
}

TEST("C68: a checksum is 64 lower-case hex digits, whatever else it asks for")
{
    static const char *const bad[] = {
        "../x",
        "",
        "3fa1",
        "ZZ",
        "../../../../etc/passwd",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
    };
    lab *l = lab_open();
    OL_EACH (checksum, bad) {
        wasm_upload it = upload_of(l);
        wasm_entry entry;
        ol_err err;
        it.checksum = ol_str_of(*checksum);
        CHECK_EQ_ROW(put(l, &it), OL_ERR_INVALID, *checksum);
        CHECK_EQ_ROW(wasm_find(l->d, it.checksum, &l->arena, &entry, &err), OL_ERR_INVALID,
                     *checksum);
    }
    lab_close(l);
}

TEST("C69: bytes fetched from a URL must be what their checksum says")
{
    lab *l = lab_open();
    wasm_upload it = upload_of(l);
    it.checksum = hash_of(l, ol_str_bytes(OL_STR("other")));
    CHECK_EQ(put(l, &it), OL_ERR_HASH_MISMATCH);
    CHECK_EQ(ol_reason_of(it.op.rc)->http, 400);
    it.repo_url = OL_STR("https://github.com/o/r"); /* a built one is named by its source */
    CHECK_EQ(put(l, &it), OL_OK);
    lab_close(l);
}

TEST("what is not WASM is not cached")
{
    lab *l = lab_open();
    wasm_upload it = upload_of(l);
    it.bytes = ol_str_bytes(OL_STR("#!/bin/sh"));
    it.checksum = hash_of(l, it.bytes);
    CHECK_EQ(put(l, &it), OL_ERR_INVALID);
    lab_close(l);
}

TEST("what was uploaded is served, over a restart too, with its size and time")
{
    lab *l = lab_open();
    wasm_upload it = upload_of(l);
    wasm_entry entry;
    size_t len;
    ol_err err;
    CHECK_EQ(load(l, it.checksum, &len), OL_ERR_NOT_FOUND);
    CHECK_EQ(put(l, &it), OL_OK);
    lab_reopen(l);
    CHECK_EQ(load(l, it.checksum, &len), OL_OK);
    CHECK_EQ(len, sizeof WASM);
    CHECK_OK(wasm_find(l->d, it.checksum, &l->arena, &entry, &err));
    CHECK_EQ(entry.bytes, sizeof WASM);
    CHECK_EQ(entry.created_ms, l->clock.now_ms);
    lab_close(l);
}

static void spoil(lab *l, ol_str content)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%.2s/%.*s", l->wasm, content.data, OL_FMT(content));
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK_EQ(pwrite(fd, "X", 1, 4), 1);
    (void)close(fd);
}

TEST("a file that is not what its name says is a miss, and goes")
{
    lab *l = lab_open();
    wasm_upload it = upload_of(l);
    wasm_entry entry;
    size_t len;
    ol_err err;
    CHECK_EQ(put(l, &it), OL_OK);
    spoil(l, it.checksum);
    CHECK_EQ(load(l, it.checksum, &len), OL_ERR_NOT_FOUND);
    CHECK_EQ(wasm_find(l->d, it.checksum, &l->arena, &entry, &err), OL_ERR_NOT_FOUND);
    CHECK_EQ(put(l, &it), OL_OK); /* and can be had again */
    CHECK_EQ(load(l, it.checksum, &len), OL_OK);
    lab_close(l);
}

TEST("a banned checksum is removed, and refused from then on")
{
    lab *l = lab_open();
    wasm_upload it = upload_of(l);
    size_t len;
    CHECK_EQ(put(l, &it), OL_OK);
    wasm_removal gone = {.checksum = it.checksum, .ban = true};
    wasm_remove(l->d, &gone);
    CHECK_EQ(gone.op.rc, OL_OK);
    CHECK(gone.removed);
    CHECK_EQ(load(l, it.checksum, &len), OL_ERR_NOT_FOUND);
    CHECK_EQ(put(l, &it), OL_ERR_FORBIDDEN);
    lab_close(l);
}

/* One entry of its own bytes and repository. */
static ol_str put_number(lab *l, unsigned number)
{
    static uint8_t bytes[1024];
    memcpy(bytes, WASM, sizeof WASM);
    bytes[100] = (uint8_t)number;
    wasm_upload it = {.bytes = {bytes, sizeof bytes}};
    it.checksum = hash_of(l, it.bytes);
    CHECK_EQ(put(l, &it), OL_OK);
    return it.checksum;
}

static bool cached(lab *l, ol_str checksum)
{
    wasm_entry entry;
    ol_err err;
    return wasm_find(l->d, checksum, &l->arena, &entry, &err) == OL_OK;
}

TEST("over its size the cache lets go of what was used longest ago, and not of what is fresh")
{
    lab *l = lab_open();
    l->settings.wasm_bytes_max = 2048;
    lab_reopen(l);
    ol_str old = put_number(l, 1);
    l->clock.now_ms += 60 * 1000;
    ol_str middle = put_number(l, 2);
    l->clock.now_ms += 60 * 1000;
    ol_str fresh = put_number(l, 3);
    lab_pass(l, 0);
    CHECK(cached(l, old)); /* all were used within 10 min */
    l->clock.now_ms += 540 * 1000;
    lab_pass(l, 3600);
    CHECK(!cached(l, old));
    CHECK(cached(l, middle));
    CHECK(cached(l, fresh));
    wasm_figures f;
    ol_err err;
    CHECK_OK(wasm_figures_read(l->d, &f, &err));
    CHECK_EQ(f.entries, 2);
    CHECK_EQ(f.bytes, 2048);
    CHECK_EQ(f.evicted, 1);
    lab_close(l);
}

TEST("what is hardly run goes after 30 idle days")
{
    lab *l = lab_open();
    ol_str one = put_number(l, 1);
    lab_pass(l, 29 * 86400);
    CHECK(cached(l, one));
    lab_pass(l, 86400);
    CHECK(!cached(l, one));
    lab_close(l);
}

TEST("what a waiting request needs is never let go")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    request_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    lab_pass(l, 40 * 86400);
    CHECK(cached(l, lab_checksum(l, &it.task.source)));
    lab_close(l);
}

TEST("two entries with the same bytes share a file until the last is gone")
{
    lab *l = lab_open();
    request_creation one = lab_request(1);
    request_creation two = lab_request(2);
    two.task.source.commit = OL_STR("other");
    lab_upload(l, &one.task.source);
    lab_upload(l, &two.task.source);
    size_t len;
    wasm_removal gone = {.checksum = lab_checksum(l, &one.task.source)};
    wasm_remove(l->d, &gone);
    CHECK(gone.removed);
    CHECK_EQ(load(l, lab_checksum(l, &two.task.source), &len), OL_OK);
    lab_close(l);
}
