#include "lib/base/settings.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/fd.h"
#include "tests/harness/test.h"

typedef struct settings {
    ol_str host;
    uint64_t port;
    bool strict;
    ol_str token;
    ol_str optional;
} settings;

static const ol_setting TABLE[] = {
    {"OL_T_HOST", OL_SETTING_TEXT, offsetof(settings, host), "0.0.0.0", false, 0, 0, "address"},
    {"OL_T_PORT", OL_SETTING_U64, offsetof(settings, port), "8080", false, 1, 65535, "port"},
    {"OL_T_STRICT", OL_SETTING_BOOL, offsetof(settings, strict), "true", false, 0, 0, "strict"},
    {"OL_T_TOKEN", OL_SETTING_SECRET, offsetof(settings, token), NULL, true, 0, 0, "a token"},
    {"OL_T_OPTIONAL", OL_SETTING_TEXT, offsetof(settings, optional), NULL, false, 0, 0, "more"},
};

static void set(const char *name, const char *value)
{
    if (value == NULL)
        CHECK_EQ(unsetenv(name), 0);
    else
        CHECK_EQ(setenv(name, value, 1), 0);
}

static void clear_all(void)
{
    OL_EACH (row, TABLE) {
        char file[64];
        (void)snprintf(file, sizeof file, "%s_FILE", row->name);
        set(row->name, NULL);
        set(file, NULL);
    }
}

static ol_rc load(settings *ret, ol_arena *arena, ol_setting_faults *faults)
{
    *ret = (settings){0};
    return ol_settings_load(TABLE, OL_COUNT(TABLE), ret, arena, faults);
}

TEST("settings take the environment, else their standard value")
{
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_setting_faults faults;
    settings got;
    clear_all();
    set("OL_T_TOKEN", "t");
    set("OL_T_PORT", "65535");
    set("OL_T_STRICT", "OFF");
    CHECK_EQ(load(&got, &arena, &faults), OL_OK);
    CHECK_STR(got.host, OL_STR("0.0.0.0"));
    CHECK_EQ(got.port, 65535);
    CHECK(!got.strict);
    CHECK_STR(got.token, OL_STR("t"));
    CHECK_EQ(got.optional.len, 0);
    ol_arena_deinit(&arena);
}

TEST("all faults are told together, and a secret's value in none")
{
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_setting_faults faults;
    settings got;
    clear_all();
    set("OL_T_PORT", "65536");
    set("OL_T_STRICT", "perhaps");
    set("OL_T_TOKEN", "hunter2");
    set("OL_T_TOKEN_FILE", "/dev/null");
    CHECK_EQ(load(&got, &arena, &faults), OL_ERR_SETTINGS);
    CHECK_EQ(faults.count, 3);
    CHECK_HAS(ol_str_of(faults.text),
              OL_STR("OL_T_PORT: \"65536\" is not a number from 1 to 65535\n"), NULL);
    CHECK_HAS(ol_str_of(faults.text), OL_STR("OL_T_STRICT: \"perhaps\" is not true or false\n"),
              NULL);
    CHECK_HAS(ol_str_of(faults.text), OL_STR("OL_T_TOKEN and OL_T_TOKEN_FILE are both set\n"),
              NULL);
    size_t at;
    CHECK(!ol_str_find(ol_str_of(faults.text), OL_STR("hunter2"), &at));
    clear_all();
    CHECK_EQ(load(&got, &arena, &faults), OL_ERR_SETTINGS);
    CHECK_STR(ol_str_of(faults.text), OL_STR("OL_T_TOKEN is required: a token\n"));
    ol_arena_deinit(&arena);
}

TEST("a secret may come from a file, without the file's last newline")
{
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_setting_faults faults;
    settings got;
    ol_err err;
    char path[] = "/tmp/outlayer-setting-XXXXXX";
    ol_fd file = {mkstemp(path)};
    CHECK(ol_fd_is_open(file));
    CHECK_OK(ol_write_all(file, ol_str_bytes(OL_STR("from file\n\n")), &err));
    ol_fd_deinit(&file);
    clear_all();
    set("OL_T_TOKEN_FILE", path);
    CHECK_EQ(load(&got, &arena, &faults), OL_OK);
    CHECK_STR(got.token, OL_STR("from file\n"));
    (void)unlink(path);
    CHECK_EQ(load(&got, &arena, &faults), OL_ERR_SETTINGS);
    CHECK_HAS(ol_str_of(faults.text), OL_STR("OL_T_TOKEN_FILE: "), NULL);
    clear_all();
    ol_arena_deinit(&arena);
}

/* In a process of its own, since only what stood in the environment at exec is in its environ. */
static int see_secret(void)
{
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_buf environ_bytes = ol_buf_new(OL_MIB(1));
    ol_setting_faults faults;
    settings got;
    size_t at;
    if (load(&got, &arena, &faults) != OL_OK || !ol_str_eq(got.token, OL_STR("canary-5e1f")))
        return 2;
    if (getenv("OL_T_TOKEN") != NULL)
        return 3;
    if (ol_file_load("/proc/self/environ", &environ_bytes, NULL) != OL_OK)
        return 4;
    if (!ol_str_find(ol_buf_str(&environ_bytes), OL_STR("OL_T_HOST=example"), &at))
        return 5; /* the search would find what is there */
    return ol_str_find(ol_buf_str(&environ_bytes), OL_STR("canary-5e1f"), &at) ? 6 : 0;
}

__attribute__((constructor)) static void run_as_child(void)
{
    if (getenv("OL_T_CHILD") != NULL)
        _exit(see_secret());
}

TEST("a secret given by the environment is gone from /proc/self/environ")
{
    char program[4096] = {0};
    CHECK(readlink("/proc/self/exe", program, sizeof program - 1) > 0);
    char command[8192];
    (void)snprintf(command, sizeof command,
                   "OL_T_CHILD=1 OL_T_HOST=example OL_T_TOKEN=canary-5e1f exec '%s'", program);
    FILE *child = popen(command, "r"); /* NOLINT: a path of our own */
    CHECK(child != NULL);
    CHECK_EQ(pclose(child), 0);
}
