#include "services/worker/artifacts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness/test.h"

typedef struct fixture {
    char folder[64];
    artifacts *cache;
    ol_buf body;
} fixture;

static void fixture_init(fixture *f, uint64_t bytes_max)
{
    ol_err err = {0};
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/ol-artifacts-XXXXXX");
    CHECK(mkdtemp(f->folder) != NULL);
    f->body = ol_buf_new(OL_MIB(8));
    CHECK_OK(artifacts_open(f->folder, bytes_max, &f->cache, &err));
}

static void fixture_deinit(fixture *f)
{
    char command[128];
    artifacts_close(f->cache);
    ol_buf_deinit(&f->body);
    static const char *const rooms[] = {"compiled", "raw", ""};
    OL_EACH (room, rooms) {
        (void)snprintf(command, sizeof command, "%s/%s", f->folder, *room);
        DIR *folder = opendir(command);
        if (folder == NULL)
            continue;
        for (struct dirent *one = readdir(folder); one != NULL; one = readdir(folder))
            (void)unlinkat(dirfd(folder), one->d_name, 0);
        (void)closedir(folder);
        (void)rmdir(command);
    }
}

static const ol_sha256 KEY = {{1, 2, 3}};

static artifact_parts parts_of(const char *code, const char *manifest)
{
    return (artifact_parts){.code = ol_str_bytes(ol_str_of(code)),
                            .manifest = manifest != NULL ? ol_str_bytes(ol_str_of(manifest))
                                                         : (ol_bytes){NULL, 0},
                            .content = {{9}}};
}

TEST("what is kept comes back, manifest and content hash included")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, OL_MIB(1));
    artifact_parts kept = parts_of("native code", "{\"network\":[]}");
    artifact_parts got;
    CHECK(!artifacts_load(f.cache, &KEY, &f.body, &got));
    CHECK(artifacts_save(f.cache, &KEY, &kept));
    CHECK(artifacts_load(f.cache, &KEY, &f.body, &got));
    CHECK_STR(ol_bytes_str(got.code), OL_STR("native code"));
    CHECK_STR(ol_bytes_str(got.manifest), OL_STR("{\"network\":[]}"));
    CHECK(ol_sha256_eq(&got.content, &kept.content));
    kept = parts_of("x", NULL);
    CHECK(artifacts_save(f.cache, &KEY, &kept));
    ol_buf_clear(&f.body);
    CHECK(artifacts_load(f.cache, &KEY, &f.body, &got));
    CHECK(got.manifest.data == NULL);
}

static void path_of_entry(const fixture *f, char path[static 256])
{
    ol_sha256_hex name = ol_sha256_format(&KEY);
    (void)snprintf(path, 256, "%s/compiled/%s.compiled", f->folder, name.data);
}

TEST("W31: one byte turned anywhere in an entry deletes it: a miss, never code")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, OL_MIB(1));
    char path[256];
    path_of_entry(&f, path);
    artifact_parts kept = parts_of("native code", "{}");
    artifact_parts got;
    CHECK(artifacts_save(f.cache, &KEY, &kept));
    struct stat about;
    CHECK(stat(path, &about) == 0);
    CHECK_EQ(about.st_mode & 0777, 0600);
    for (off_t at = 0; at < about.st_size; at++) {
        CHECK(artifacts_save(f.cache, &KEY, &kept));
        int fd = open(path, O_RDWR | O_CLOEXEC);
        uint8_t byte;
        CHECK(pread(fd, &byte, 1, at) == 1);
        byte ^= 0x10;
        CHECK(pwrite(fd, &byte, 1, at) == 1);
        (void)close(fd);
        ol_buf_clear(&f.body);
        CHECK(!artifacts_load(f.cache, &KEY, &f.body, &got));
        CHECK(access(path, F_OK) != 0);
    }
    const ol_sha256 other = {{4}};
    CHECK(artifacts_save(f.cache, &KEY, &kept)); /* and no entry stands in for another */
    char target[256];
    ol_sha256_hex name = ol_sha256_format(&other);
    (void)snprintf(target, sizeof target, "%s/compiled/%s.compiled", f.folder, name.data);
    CHECK(rename(path, target) == 0);
    ol_buf_clear(&f.body);
    CHECK(!artifacts_load(f.cache, &other, &f.body, &got));
}

TEST("entries of another worker's key are not trusted")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, OL_MIB(1));
    char path[256];
    ol_err err = {0};
    artifact_parts kept = parts_of("native code", NULL);
    artifact_parts got;
    CHECK(artifacts_save(f.cache, &KEY, &kept));
    artifacts_close(f.cache);
    (void)snprintf(path, sizeof path, "%s/compiled.key", f.folder);
    struct stat about;
    CHECK(stat(path, &about) == 0);
    CHECK_EQ(about.st_mode & 0777, 0600);
    CHECK(stat(f.folder, &about) == 0);
    CHECK_EQ(about.st_mode & 0777, 0700);
    CHECK(unlink(path) == 0);
    CHECK_OK(artifacts_open(f.folder, OL_MIB(1), &f.cache, &err));
    CHECK(!artifacts_load(f.cache, &KEY, &f.body, &got));
}

static void age(const fixture *f, const ol_sha256 *key, time_t seconds)
{
    char path[256];
    ol_sha256_hex name = ol_sha256_format(key);
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    (void)snprintf(path, sizeof path, "%s/compiled/%s.compiled", f->folder, name.data);
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

TEST("the cache stays under its limit, the longest unused entries go first")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 25000);
    char *large = calloc(1, 10001);
    CHECK(large != NULL);
    memset(large, 'x', 10000);
    artifact_parts kept = parts_of(large, NULL);
    artifact_parts got;
    for (uint8_t i = 1; i <= 3; i++) {
        const ol_sha256 key = {{i}};
        CHECK(artifacts_save(f.cache, &key, &kept));
        age(&f, &key, i); /* clocks of file systems are coarse: say which is older */
        if (i == 2) {     /* the first is used again, so the second is the oldest */
            ol_buf_clear(&f.body);
            CHECK(artifacts_load(f.cache, &(const ol_sha256){{1}}, &f.body, &got));
        }
    }
    static const bool stays[] = {true, false, true};
    for (uint8_t i = 1; i <= 3; i++) {
        const ol_sha256 key = {{i}};
        ol_buf_clear(&f.body);
        CHECK_EQ(artifacts_load(f.cache, &key, &f.body, &got), stays[i - 1]);
    }
    free(large);
}

TEST("raw bytes are hashed again when they are read")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, OL_MIB(1));
    ol_sha256_hex name = ol_sha256_hex_of(ol_str_bytes(OL_STR("wasm")));
    CHECK(artifacts_save_wasm(f.cache, ol_sha256_hex_str(&name), ol_str_bytes(OL_STR("wasm"))));
    CHECK(artifacts_load_wasm(f.cache, ol_sha256_hex_str(&name), &f.body));
    CHECK_STR(ol_buf_str(&f.body), OL_STR("wasm"));
    CHECK(artifacts_save_wasm(f.cache, ol_sha256_hex_str(&name), ol_str_bytes(OL_STR("other"))));
    ol_buf_clear(&f.body);
    CHECK(!artifacts_load_wasm(f.cache, ol_sha256_hex_str(&name), &f.body));
    CHECK(!artifacts_save_wasm(f.cache, OL_STR("../../etc/passwd"), ol_str_bytes(OL_STR("x"))));
}

TEST("a limit of nothing keeps nothing and makes no folder")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 0);
    artifact_parts kept = parts_of("x", NULL);
    char path[256];
    CHECK(!artifacts_save(f.cache, &KEY, &kept));
    (void)snprintf(path, sizeof path, "%s/compiled", f.folder);
    CHECK(access(path, F_OK) != 0);
}
