/* Parts of `outlayer dev` without processes: log lines taken apart, the folder of programs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/dev_event.h"
#include "cli/dev_projects.h"
#include "lib/base/log.h"
#include "lib/proto/limits.h"
#include "lib/proto/projects_file.h"
#include "tests/harness/test.h"

TEST("a log line comes apart into time, level, program, event and fields")
{
    dev_event event;
    char storage[512];
    ol_str line = OL_STR("2026-03-01T09:30:00.000Z info worker job_done call_id=3fa1 "
                         "text=\"a \\\"b\\\" \\\\ \\x1b[31m\" empty=\"\" n=501");
    CHECK(dev_event_parse(line, storage, &event));
    CHECK_STR(event.level, OL_STR("info"));
    CHECK_STR(event.program, OL_STR("worker"));
    CHECK_STR(event.name, OL_STR("job_done"));
    CHECK_EQ(event.fields, 4);
    CHECK_STR(dev_event_value(&event, "call_id"), OL_STR("3fa1"));
    CHECK_STR(dev_event_value(&event, "text"), OL_STR("a \"b\" \\ \033[31m"));
    CHECK_STR(dev_event_value(&event, "empty"), OL_STR(""));
    CHECK_STR(dev_event_value(&event, "n"), OL_STR("501"));
    CHECK(dev_event_value(&event, "none").data == NULL);
}

/* What the library writes is what dev reads. */
TEST("every line of the log library is read back")
{
    static const char *const VALUES[] = {"",     "plain", "two words", "quo\"te",   "back\\slash",
                                         "\x01", "a=b",   "ü…",        "line\nend", "\xff\xfe"};
    int ends[2], keep = dup(STDERR_FILENO);
    CHECK(pipe(ends) == 0 && keep >= 0);
    ol_log_open("unit", OL_INFO);
    OL_EACH (value, VALUES) {
        char line[OL_LOG_LINE_BYTES_MAX], storage[OL_LOG_LINE_BYTES_MAX];
        dev_event event;
        CHECK(dup2(ends[1], STDERR_FILENO) >= 0);
        OL_LOG(OL_INFO, "some_event", KV("value", ol_str_of(*value)), KV("n", 7));
        CHECK(dup2(keep, STDERR_FILENO) >= 0);
        ssize_t n = read(ends[0], line, sizeof line);
        CHECK(n > 1 && line[n - 1] == '\n');
        CHECK_ROW(dev_event_parse((ol_str){line, (size_t)n - 1}, storage, &event), line);
        CHECK_STR_ROW(dev_event_value(&event, "value"), ol_str_of(*value), line);
        CHECK_STR_ROW(dev_event_value(&event, "n"), OL_STR("7"), line);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(keep);
}

TEST("a line that is no event is told from one")
{
    static const char *const LINES[] = {
        "",
        "x",
        "Segmentation fault",
        "2026-03-01T09:30:00.000Z info worker",
        "2026-03-01 09:30:00 info worker event a=b extra words here",
        "2026-03-01T09:30:00.000Z info worker event no fields but words",
        "2026-03-01T09:30:00.000Z info worker event a=\"never closed",
        "2026-03-01T09:30:00.000Z info worker event a=\"\\xzz\"",
    };
    OL_EACH (line, LINES) {
        dev_event event;
        char storage[512];
        CHECK_ROW(!dev_event_parse(ol_str_of(*line), storage, &event), *line);
    }
}

/* ---- programs */

typedef struct seen {
    unsigned count[4];
    char refused[512]; /* "name reason;" of each, in turn */
} seen;

static void on_change(void *context, dev_change change, const dev_project *project)
{
    seen *s = context;
    CHECK(project->name[0] != '\0');
    s->count[change]++;
    if (change == DEV_REFUSED) {
        size_t at = strlen(s->refused);
        CHECK(project->refusal_text[0] != '\0');
        (void)snprintf(s->refused + at, sizeof s->refused - at, "%s %s;", project->name,
                       project->refusal);
    }
}

static void put(const char *folder, const char *name, const char *bytes, size_t len)
{
    char path[256];
    ol_err err = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK_OK(ol_file_save(path, (ol_bytes){(const uint8_t *)bytes, len}, 0600, &err));
}

#define MODULE "\0asm\1\0\0\0"
#define COMPONENT "\0asm\15\0\1\0"

TEST("each program of the folder is a project, and the projects file says so")
{
    char folder[] = "/tmp/outlayer-unit.XXXXXX";
    ol_arena arena = ol_arena_new(64 << 20);
    const cli it = {.arena = &arena};
    dev_state state;
    dev_projects projects = {0};
    seen s = {0};
    bool any;
    ol_err err = {0};
    CHECK(mkdtemp(folder) != NULL);
    ol_str where = ol_arena_printf(&arena, "%s/state", folder);
    CHECK_OK(dev_state_open(&it, where, false, OL_STR(""), &state, &err));
    put(folder, "Hello World.wasm", MODULE, 8);
    put(folder, "b.p2.wasm", COMPONENT, 8);
    put(folder, "broken.wasm", "text", 4);
    put(folder, "notes.txt", MODULE, 8);
    CHECK_OK(dev_projects_scan(&state, folder, &projects, on_change, &s, &any, &err));
    CHECK(any);
    CHECK_EQ(projects.count, 2);
    CHECK_STR(ol_str_of(projects.project[0].name), OL_STR("b-p2"));
    CHECK(projects.project[0].component && !projects.project[1].component);
    CHECK_STR(ol_str_of(projects.project[1].name), OL_STR("hello-world"));
    CHECK_EQ(s.count[DEV_ADDED], 2);
    CHECK_EQ(s.count[DEV_REFUSED], 1);
    CHECK_OK(dev_projects_save(&state, &projects, &err));

    ol_projects file;
    ol_projects_faults faults = {0};
    CHECK_OK(
        ol_projects_load(dev_path(&state, "projects.json").data, &arena, &file, &faults, &err));
    CHECK_EQ(file.count, 2);
    const ol_project *p = ol_projects_find(&file, OL_STR(DEV_OWNER "/b-p2"));
    CHECK(p != NULL && p->versions == 1 && p->uuid.len == 17);
    CHECK_STR(p->version[0].target, OL_STR("wasm32-wasip2"));
    CHECK(access(p->version[0].file.data, R_OK) == 0);

    CHECK_OK(dev_projects_scan(&state, folder, &projects, on_change, &s, &any, &err));
    CHECK(!any); /* nothing new */
    put(folder, "b.p2.wasm", COMPONENT "x", 9);
    put(folder, "Hello World.wasm", "half a fi", 9);
    CHECK_OK(dev_projects_scan(&state, folder, &projects, on_change, &s, &any, &err));
    CHECK(any);
    CHECK_EQ(s.count[DEV_CHANGED], 1);
    CHECK_EQ(projects.count, 2); /* the broken one stays as it was */
    CHECK_EQ(projects.project[0].bytes, 9);
    char path[256];
    (void)snprintf(path, sizeof path, "%s/b.p2.wasm", folder);
    CHECK(unlink(path) == 0);
    CHECK_OK(dev_projects_scan(&state, folder, &projects, on_change, &s, &any, &err));
    CHECK_EQ(s.count[DEV_REMOVED], 1);
    CHECK_EQ(projects.count, 1);
    dev_state_deinit(&state);
    ol_arena_deinit(&arena);
}

TEST("a file that cannot be served is refused with the reason")
{
    char folder[] = "/tmp/outlayer-unit.XXXXXX", path[256];
    ol_arena arena = ol_arena_new(64 << 20);
    const cli it = {.arena = &arena};
    dev_state state;
    dev_projects projects = {0};
    seen s = {0};
    bool any;
    ol_err err = {0};
    CHECK(mkdtemp(folder) != NULL);
    CHECK_OK(dev_state_open(&it, ol_arena_printf(&arena, "%s/state", folder), false, OL_STR(""),
                            &state, &err));
    put(folder, "a.wasm", "text", 4);
    put(folder, "b.wasm", MODULE, 8);
    (void)snprintf(path, sizeof path, "%s/b.wasm", folder);
    CHECK(truncate(path, OL_WASM_URL_BYTES_MAX + 1) == 0);
    (void)snprintf(path, sizeof path, "%s/c.wasm", folder);
    CHECK(symlink("nowhere", path) == 0);
    CHECK_OK(dev_projects_scan(&state, folder, &projects, on_change, &s, &any, &err));
    CHECK_EQ(projects.count, 0);
    CHECK_STR(ol_str_of(s.refused), OL_STR("a not_wasm;b too_large;c unreadable;"));
    dev_state_deinit(&state);
    ol_arena_deinit(&arena);
}
