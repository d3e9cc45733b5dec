#include "lib/base/err.h"

#include <errno.h>
#include <string.h>

#include "tests/harness/test.h"

TEST("every reason has a name of its own, a status and an exit code")
{
    for (ol_rc rc = OL_OK; rc < OL_RC_COUNT; rc++) {
        const ol_reason *reason = ol_reason_of(rc);
        CHECK(reason->name != NULL && reason->hint != NULL);
        CHECK(reason->http >= 200 && reason->http < 600);
        CHECK((reason->exit >= 0 && reason->exit <= 8) || reason->exit == 130);
        for (ol_rc other = OL_OK; other < rc; other++)
            CHECK_ROW(strcmp(reason->name, ol_reason_of(other)->name) != 0, reason->name);
    }
}

TEST("an error carries its text for the requester and notes for the operator")
{
    ol_err err;
    CHECK_EQ(ol_fail(&err, OL_ERR_INVALID, "no %s", "luck"), OL_ERR_INVALID);
    CHECK_EQ(ol_note(&err, "while %d", 1), OL_ERR_INVALID);
    CHECK_EQ(ol_prefix(&err, "Failed: "), OL_ERR_INVALID);
    CHECK_STR(ol_err_text(&err), OL_STR("Failed: no luck"));
    CHECK_EQ(err.notes, 1);
    CHECK_STR(ol_str_of(err.note[0]), OL_STR("while 1"));
}

TEST("errno becomes a note, never part of the text")
{
    ol_err err;
    errno = EACCES;
    CHECK_EQ(ol_fail_errno(&err, OL_ERR_IO, "Cannot open it"), OL_ERR_IO);
    CHECK_STR(ol_err_text(&err), OL_STR("Cannot open it"));
    CHECK_STR(ol_str_of(err.note[0]), OL_STR("Permission denied"));
}

TEST("notes beyond six are dropped")
{
    ol_err err;
    (void)ol_fail(&err, OL_ERR_INTERNAL, "x");
    for (int i = 0; i < 10; i++)
        (void)ol_note(&err, "%d", i);
    CHECK_EQ(err.notes, OL_ERR_NOTES_MAX);
    CHECK_STR(ol_str_of(err.note[5]), OL_STR("5"));
}

TEST("a text that is too long is cut where a character begins")
{
    /* Characters of 1 to 4 bytes, at every offset towards the end of the room. */
    static const char *const CHARACTERS[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    OL_EACH (character, CHARACTERS) {
        size_t width = strlen(*character);
        for (size_t shift = 0; shift < 4; shift++) {
            char text[OL_ERR_TEXT_BYTES + 64] = {0};
            memset(text, '.', shift);
            for (size_t at = shift; at + width < sizeof text; at += width)
                memcpy(text + at, *character, width);
            ol_err err;
            (void)ol_fail(&err, OL_ERR_INTERNAL, "%s", text);
            size_t len = strlen(err.text);
            CHECK(len < OL_ERR_TEXT_BYTES && len + 2 * 4 >= OL_ERR_TEXT_BYTES);
            CHECK_EQ((len - shift) % width, 0);
            CHECK_EQ(memcmp(err.text, text, len), 0);
        }
    }
}

TEST("an error nobody asked for still has its code")
{
    CHECK_EQ(ol_fail(NULL, OL_ERR_LIMIT, "x"), OL_ERR_LIMIT);
    CHECK_EQ(ol_fail_errno(NULL, OL_ERR_IO, "x"), OL_ERR_IO);
}
