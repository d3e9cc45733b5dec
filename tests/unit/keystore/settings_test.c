/* Keystore 1: settings that must not be guessed around. */
#include <stdlib.h>
#include <unistd.h>

#include "services/keystore/settings.h"
#include "tests/harness/test.h"

/* What is said about a master secret file with this content; empty: it is taken. */
static ol_str faults_of(ol_str content, ol_setting_faults *faults)
{
    char path[] = "/tmp/outlayer-master-XXXXXX";
    keystore_settings set = {0};
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_KIB(64));
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, content.data, content.len), (ssize_t)content.len);
    (void)close(fd);
    CHECK_EQ(setenv("KEYSTORE_MASTER_SECRET_FILE", path, 1), 0);
    (void)keystore_settings_load(&arena, &set, faults);
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(unsetenv("KEYSTORE_MASTER_SECRET_FILE"), 0);
    return ol_str_of(faults->text);
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

TEST("a master secret file is taken or refused; an empty one does not mean a random master")
{
    static const struct {
        ol_str content;
        bool taken;
    } ROWS[] = {
        {OL_STR_INIT(DIGITS), true},
        {OL_STR_INIT(DIGITS "\n"), true},
        {OL_STR_INIT(""), false},
        {OL_STR_INIT("\n"), false},
        {OL_STR_INIT(DIGITS "\n\n"), false},
        {OL_STR_INIT("0x" DIGITS), false},
    };
    OL_EACH (row, ROWS) {
        ol_setting_faults faults;
        ol_str text = faults_of(row->content, &faults);
        if (row->taken)
            CHECK_STR(text, OL_STR(""));
        else
            CHECK_HAS(text, OL_STR("KEYSTORE_MASTER_SECRET: 64 hex digits are wanted"), "refused");
        size_t at;
        CHECK(!ol_str_find(text, OL_STR("0001"), &at));
    }
}
