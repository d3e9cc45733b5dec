/* tools/tidy on small trees with one fault each: it must find it, and nothing in a clean one. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "tests/harness/test.h"

typedef struct planted {
    const char *path;
    const char *text;
} planted;

/* What tidy needs and finds clean. Banned words are put together here, since tidy reads this too.
 */
static const planted CLEAN[] = {
    {"tools/layers.txt",
     "level lib/base\nlevel lib/codec lib/other\nonly sdk lib/base\nany tests\n"},
    {"tools/conformance_ids.txt", "# ids\nC1-2\nwaiting H9 the keystore\n"},
    {"docs/spec/worker.md", "# Worker specification\n## 7. Execution\n### 7.2 Limits\n"},
    {"lib/base/a.h", "#ifndef OL_BASE_A_H\n#define OL_BASE_A_H\n#endif\n"},
    {"lib/codec/b.c",
     "#include \"lib/base/a.h\"\n/* Worker 7.2, Worker 7. strcpy(a, b) in a comment */\n"
     "const char *text = \"strcpy(\" \"7\";\n"},
    {"lib/codec/CMakeLists.txt", "ol_library(codec SOURCES b.c)\n"},
    {"tests/t_test.c", "TEST(\"C1, C2"
                       ": both\") {}\n"},
    {"tests/CMakeLists.txt", "foreach(x t)\n"},
};

static void put(const char *folder, const char *path, const char *text)
{
    char full[256];
    ol_err err;
    (void)snprintf(full, sizeof full, "%s/%s", folder, path);
    *strrchr(full, '/') = '\0';
    CHECK_OK(ol_dir_make(full, &err));
    full[strlen(full)] = '/';
    CHECK_OK(ol_file_save(full, ol_str_bytes(ol_str_of(text)), 0600, &err));
}

/* tidy's exit code in the folder; what it printed goes into `into`. */
static int run_tidy(const char *folder, ol_buf *into)
{
    char program[512];
    ol_err err;
    int end[2];
    int status = 0;
    (void)snprintf(program, sizeof program, "%s/tidy", getenv("OL_BIN"));
    CHECK_EQ(pipe2(end, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        if (chdir(folder) != 0 || dup2(end[1], STDOUT_FILENO) < 0)
            _exit(126);
        (void)execl(program, program, (char *)NULL);
        _exit(127);
    }
    (void)close(end[1]);
    OL_AUTO(ol_fd) reader = {end[0]};
    CHECK_OK(ol_read_all(reader, into, &err));
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void remove_tree(const char *folder)
{
    pid_t child = fork();
    if (child == 0) {
        (void)execlp("rm", "rm", "-r", folder, (char *)NULL);
        _exit(127);
    }
    int status;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* The clean tree with one file more or another; `says` NULL: no fault. */
static void check_tree(const char *path, const char *text, int code, const char *says)
{
    char folder[] = "/tmp/outlayer-tidy-XXXXXX";
    ol_buf out = ol_buf_new(OL_KIB(64));
    CHECK(mkdtemp(folder) != NULL);
    OL_EACH (file, CLEAN)
        put(folder, file->path, file->text);
    if (path != NULL)
        put(folder, path, text);
    int got = run_tidy(folder, &out);
    remove_tree(folder);
    CHECK_HAS(ol_buf_str(&out), ol_str_of(says), path);
    CHECK_EQ_ROW(got, code, path);
    ol_buf_deinit(&out);
}

TEST("a clean tree has no fault")
{
    check_tree(NULL, NULL, 0, "tidy: 8 files, 0 faults, 0 warnings\n");
}

static const struct {
    const char *path;
    const char *text;
    const char *says;
} FAULTS[] = {
    {"lib/base/a.h",
     "#ifndef OL_BASE_A_H\n#define OL_BASE_A_H\n#include \"lib/codec/b.c\"\n#endif\n",
     "lib/base/a.h:3: lib/base may not include from lib/codec"},
    {"lib/codec/b.c",
     "void f(char *a)\n{\n    strcpy"
     "(a, a);\n}\n",
     "lib/codec/b.c:3: strcpy is banned"},
    {"lib/codec/b.c",
     "const char *q = \"SELECT"
     " a FROM b\";\n",
     "lib/codec/b.c:1: SQL belongs"},
    {"lib/codec/dead.c", "\n", "lib/codec/dead.c:1: no CMakeLists.txt builds it"},
    {"lib/codec/dead.h", "#ifndef OL_CODEC_DEAD_H\n#define OL_CODEC_DEAD_H\n#endif\n",
     "lib/codec/dead.h:1: nobody includes it"},
    {"lib/base/a.h", "#ifndef OL_B_H\n#define OL_B_H\n#endif\n",
     "lib/base/a.h:1: its guard should end with A_H"},
    {"lib/base/a.h", "#ifndef OL_A_H\n#define OL_B_H\n#endif\n",
     "lib/base/a.h:1: its guard should end with A_H"},
    {"lib/codec/b.c",
     "/* Worker"
     " 7.3 */\n",
     "lib/codec/b.c:1: cites Worker 7.3, which does not exist"},
    {"lib/codec/b.c",
     "/* Keystore"
     " 2. */\n",
     "cites Keystore"
     " 2, a page docs/spec does not have"},
    {"tests/t_test.c",
     "TEST(\"C1"
     ": one\") {}\n",
     "C2 has no test: no sentence begins with `C2:`"},
    {"tests/t_test.c",
     "TEST(\"C1 C2 H9"
     ": all\") {}\n",
     "H9 has a test and waits no longer"},
    {"tools/conformance_ids.txt", "C1\nwaiting H9\n", "say what it waits for"},
    {"docs/a.md",
     "see /wo"
     "rk/main\n",
     "docs/a.md:1: names a place outside of the repository"},
    {"engine/x.c", "\n", "engine/x.c:1: its folder is not in tools/layers.txt"},
};

TEST("each kind of fault is found, with its place")
{
    OL_EACH (row, FAULTS)
        check_tree(row->path, row->text, 1, row->says);
}

TEST("a long file is a warning and no fault")
{
    ol_buf text = ol_buf_new(OL_KIB(4));
    ol_buf_add_str(&text, OL_STR("#include \"lib/base/a.h\"\n"));
    for (int i = 0; i < 600; i++)
        ol_buf_add_char(&text, '\n');
    ol_buf_add_char(&text, '\0');
    check_tree("lib/codec/b.c", (const char *)text.data, 0, "warning: 601 lines");
    ol_buf_deinit(&text);
}
