#include "cli/keychain.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/crypto/secret.h"
#include "lib/sandbox/pidfd.h"

enum {
    TOOL_SECONDS = 120, /* somebody may have to type the keyring's password */
    TOOL_WORDS_MAX = 20,
    ANSWER_BYTES_MAX = 16 * 1024,
};

#define TOOL "secret-tool"

/* What the tool is given and what it says: memory with a descriptor, so that nobody waits for the
 * other's reading. */
typedef struct tool {
    const char *word[TOOL_WORDS_MAX + 1];
    size_t words;
    ol_fd in, out, err;
    int exit;
} tool;

static void word_add(tool *t, const char *word)
{
    OL_ASSERT(t->words < TOOL_WORDS_MAX);
    t->word[t->words++] = word;
    t->word[t->words] = NULL;
}

static ol_rc attribute_add(const cli *it, tool *t, const char *name, ol_str value, ol_err *err)
{
    const char *text = cli_cstr(it, value);
    if (text == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    word_add(t, name);
    word_add(t, text);
    return OL_OK;
}

/* Two homes of one person are two sets of credentials. */
static ol_rc home_find(const cli *it, ol_str *ret, ol_err *err)
{
    char folder[4096];
    *ret = it->home;
    if (ol_str_starts(it->home, OL_STR("/")))
        return OL_OK;
    if (getcwd(folder, sizeof folder) == NULL)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "the working folder");
    *ret = ol_arena_printf(it->arena, "%s/%.*s", folder, OL_FMT(it->home));
    return ret->data != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static ol_rc attributes_add(const cli *it, tool *t, ol_str network, const keychain_item *item,
                            ol_err *err)
{
    ol_str home;
    OL_TRY(home_find(it, &home, err));
    OL_TRY(attribute_add(it, t, "service", OL_STR("outlayer"), err));
    OL_TRY(attribute_add(it, t, "home", home, err));
    OL_TRY(attribute_add(it, t, "network", network, err));
    if (item == NULL)
        return OL_OK;
    OL_TRY(attribute_add(it, t, "kind", ol_str_of(item->kind), err));
    return attribute_add(it, t, "owner", item->owner, err);
}

/* ---- running it */

static void tool_deinit(tool *t)
{
    ol_fd_deinit(&t->in);
    ol_fd_deinit(&t->out);
    ol_fd_deinit(&t->err);
}

static ol_rc memory_open(ol_fd *ret, ol_err *err)
{
    *ret = (ol_fd){memfd_create("outlayer-keychain", MFD_CLOEXEC)};
    return ret->n >= 0 ? OL_OK : ol_fail_errno(err, OL_ERR_ENVIRONMENT, "no memory for a program");
}

static ol_rc tool_wait(pid_t pid, tool *t, ol_err *err)
{
    OL_AUTO(ol_fd) self = OL_FD_NONE;
    int status = 0;
    int64_t until_ns = ol_mono_ns(ol_clock_real()) + (int64_t)TOOL_SECONDS * 1000000000;
    bool ended = ol_pidfd_open(pid, &self, err) == OL_OK && ol_pidfd_ended(self, until_ns);
    if (!ended && ol_fd_is_open(self))
        ol_pidfd_kill(self);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended)
        return ol_fail(err, OL_ERR_ENVIRONMENT,
                       "the system's keyring did not answer within %d s: is it locked?",
                       TOOL_SECONDS);
    t->exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return OL_OK;
}

static ol_rc tool_start(tool *t, pid_t *ret, ol_err *err)
{
    posix_spawn_file_actions_t files;
    char *argv[TOOL_WORDS_MAX + 1] = {NULL};
    for (size_t i = 0; i < t->words; i++)
        argv[i] = (char *)(uintptr_t)t->word[i];
    if (posix_spawn_file_actions_init(&files) != 0)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    bool fine = posix_spawn_file_actions_adddup2(&files, t->in.n, STDIN_FILENO) == 0 &&
                posix_spawn_file_actions_adddup2(&files, t->out.n, STDOUT_FILENO) == 0 &&
                posix_spawn_file_actions_adddup2(&files, t->err.n, STDERR_FILENO) == 0;
    int failed = fine ? posix_spawnp(ret, TOOL, &files, NULL, argv, environ) : ENOMEM;
    (void)posix_spawn_file_actions_destroy(&files);
    if (failed == ENOENT)
        return ol_fail(err, OL_ERR_ENVIRONMENT,
                       "the system's keyring is reached by " TOOL
                       ", which is not here: install libsecret-tools, or log in without "
                       "--keychain");
    return failed == 0 ? OL_OK : ol_fail(err, OL_ERR_ENVIRONMENT, TOOL " does not start");
}

/* `secret` may be empty; it is not kept. */
static ol_rc tool_run(tool *t, ol_str secret, ol_err *err)
{
    pid_t pid;
    OL_TRY(memory_open(&t->in, err));
    OL_TRY(memory_open(&t->out, err));
    OL_TRY(memory_open(&t->err, err));
    OL_TRY(ol_write_all(t->in, ol_str_bytes(secret), err));
    if (lseek(t->in.n, 0, SEEK_SET) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "no memory for a program");
    OL_TRY(tool_start(t, &pid, err));
    return tool_wait(pid, t, err);
}

static ol_rc said(ol_fd from, ol_buf *into, ol_err *err)
{
    if (lseek(from.n, 0, SEEK_SET) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "what " TOOL " said");
    return ol_read_all(from, into, err);
}

/* The tool's first line, which says what is wrong with the keyring. */
static ol_rc tool_failed(const tool *t, ol_err *err)
{
    OL_AUTO(ol_buf) words = ol_buf_new(ANSWER_BYTES_MAX);
    ol_str line = OL_STR(""), rest;
    if (said(t->err, &words, err) == OL_OK) {
        rest = ol_str_trim(ol_buf_str(&words));
        (void)ol_str_next(&rest, '\n', &line);
    }
    return ol_fail(err, OL_ERR_ENVIRONMENT,
                   "the system's keyring does not answer (%.*s): start one and unlock it, as a "
                   "desktop's session does, or log in without --keychain",
                   OL_FMT(line));
}

static bool is_silent(const tool *t)
{
    return lseek(t->err.n, 0, SEEK_END) == 0;
}

/* ---- items */

ol_rc keychain_store(const cli *it, ol_str network, const keychain_item *item, ol_str secret,
                     ol_err *err)
{
    OL_AUTO(tool) t = {.in = OL_FD_NONE, .out = OL_FD_NONE, .err = OL_FD_NONE};
    ol_str label = ol_arena_printf(it->arena, "--label=OutLayer: %s %.*s on %.*s", item->kind,
                                   OL_FMT(item->owner), OL_FMT(network));
    if (label.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    word_add(&t, TOOL);
    word_add(&t, "store");
    word_add(&t, label.data);
    OL_TRY(attributes_add(it, &t, network, item, err));
    OL_TRY(tool_run(&t, secret, err));
    return t.exit == 0 ? OL_OK : tool_failed(&t, err);
}

ol_rc keychain_find(const cli *it, ol_str network, const keychain_item *item, ol_buf *into,
                    ol_err *err)
{
    OL_AUTO(tool) t = {.in = OL_FD_NONE, .out = OL_FD_NONE, .err = OL_FD_NONE};
    word_add(&t, TOOL);
    word_add(&t, "lookup");
    OL_TRY(attributes_add(it, &t, network, item, err));
    OL_TRY(tool_run(&t, OL_STR(""), err));
    if (t.exit != 0 && !is_silent(&t))
        return tool_failed(&t, err);
    if (t.exit != 0)
        return ol_fail(err, OL_ERR_NOT_FOUND, "the system's keyring has no %s of %.*s on %.*s",
                       item->kind, OL_FMT(item->owner), OL_FMT(network));
    return said(t.out, into, err);
}

ol_rc keychain_clear(const cli *it, ol_str network, const keychain_item *item, ol_err *err)
{
    OL_AUTO(tool) t = {.in = OL_FD_NONE, .out = OL_FD_NONE, .err = OL_FD_NONE};
    word_add(&t, TOOL);
    word_add(&t, "clear");
    OL_TRY(attributes_add(it, &t, network, item, err));
    OL_TRY(tool_run(&t, OL_STR(""), err));
    return t.exit == 0 || is_silent(&t) ? OL_OK : tool_failed(&t, err);
}
