/* outlayer build: the C sources of a program or a contract to WebAssembly, as outlayer.toml says.
 * The same sources, compiler and SDK give the same bytes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/project_file.h"
#include "cli/sdk_files.h"
#include "cli/source.h"
#include "cli/wasm_file.h"
#include "lib/base/fd.h"
#include "lib/crypto/hash.h"
#include "lib/proto/limits.h"

enum { ARGUMENTS_MAX = 160 };

#define WASM_BYTES_MAX OL_WASM_URL_BYTES_MAX

typedef struct work {
    const cli *cli;
    project_file what;
    ol_str sdk;
    const char *compiler;
    const char *linker; /* contracts alone */
    ol_str module;      /* path of the core module */
    ol_str result;      /* path of what is made */
    char *argument[ARGUMENTS_MAX + 1];
    size_t arguments;
} work;

/* ---- commands */

static void begin(work *w, const char *program)
{
    w->arguments = 0;
    w->argument[w->arguments++] = (char *)(uintptr_t)program;
}

static void add(work *w, const char *text)
{
    OL_ASSERT(w->arguments < ARGUMENTS_MAX);
    w->argument[w->arguments++] = (char *)(uintptr_t)text;
}

static void add_all(work *w, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(w, texts[i]);
}

static void add_path(work *w, const char *before, ol_str path)
{
    ol_str text = ol_arena_printf(w->cli->arena, "%s%.*s", before, OL_FMT(path));
    add(w, text.data != NULL ? text.data : "");
}

/* Runs what was added; the tool's words go to standard error. */
static ol_rc run(work *w, const char *doing, ol_err *err)
{
    int status = 0;
    w->argument[w->arguments] = NULL;
    if (w->cli->verbose) {
        for (size_t i = 0; i < w->arguments; i++)
            (void)fprintf(stderr, "%s%s", w->argument[i], i + 1 < w->arguments ? " " : "\n");
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is the result's */
        (void)execv(w->argument[0], w->argument);
        _exit(127);
    }
    if (pid < 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot start %s", w->argument[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return ol_fail(err, OL_ERR_COMPILE, "%s failed", doing);
    return OL_OK;
}

/* ---- a program */

static ol_rc program_link(work *w, ol_err *err)
{
    static const char *const FLAGS[] = {
        "--target=wasm32-wasi",
        "--sysroot=/usr",
        "-std=gnu17",
        "-Os",
        "-ffunction-sections",
        "-fdata-sections",
        "-fvisibility=hidden",
        "-Wall",
        "-Wextra",
        "-Wno-missing-field-initializers", /* tables leave trailing members zero */
        "-D_GNU_SOURCE",
        "-Dstrerrordesc_np=strerror",
        "-ffile-prefix-map=./=",
        "-nostartfiles",
        "-s",
        "-Wl,--gc-sections",
        "-Wl,--stack-first",
    };
    begin(w, w->compiler);
    add_all(w, FLAGS, OL_COUNT(FLAGS));
    add_path(w, "-I", sdk_path(w->cli, w->sdk, "include"));
    add(w, "-o");
    add_path(w, "", w->module);
    for (size_t i = 0; i < w->what.sources; i++)
        add_path(w, "", w->what.source[i]);
    add_path(w, "", sdk_path(w->cli, w->sdk, "lib/liboutlayer_guest.a"));
    add_path(w, "", sdk_path(w->cli, w->sdk, "lib/liboutlayer_crypto.a"));
    return run(w, "compiling", err);
}

static ol_rc component_make(work *w, ol_err *err)
{
    ol_str tool = sdk_path(w->cli, w->sdk, "bin/componentize");
    begin(w, tool.data != NULL ? tool.data : "");
    add_path(w, "", sdk_path(w->cli, w->sdk, "wit"));
    add_path(w, "", w->module);
    add_path(w, "", w->result);
    return run(w, "making the component", err);
}

/* `[network] hosts` becomes the manifest (Host interfaces 5). */
static ol_rc manifest_embed(work *w, ol_err *err)
{
    OL_AUTO(ol_buf) json = ol_buf_new(OL_KIB(64));
    OL_AUTO(ol_buf) before = ol_buf_new(WASM_BYTES_MAX);
    OL_AUTO(ol_buf) after = ol_buf_new(WASM_BYTES_MAX + OL_KIB(64));
    ol_json_writer j = ol_json_writer_over(&json);
    if (!w->what.says_hosts)
        return OL_OK;
    ol_json_object_begin(&j);
    ol_json_key(&j, "network");
    ol_json_array_begin(&j);
    for (size_t i = 0; i < w->what.hosts; i++)
        ol_json_add_str(&j, w->what.host[i]);
    ol_json_array_end(&j);
    ol_json_object_end(&j);
    OL_TRY(ol_file_load(w->result.data, &before, err));
    wasm_with_section(ol_buf_bytes(&before), OL_STR("outlayer.manifest"), ol_buf_bytes(&json),
                      &after);
    if (!ol_buf_ok(&after) || !ol_buf_ok(&json))
        return ol_fail(err, OL_ERR_LIMIT, "the program is too large");
    return ol_file_save(w->result.data, ol_buf_bytes(&after), 0644, err);
}

/* ---- a contract */

static ol_rc object_make(work *w, ol_str source, ol_str object, ol_err *err)
{
    static const char *const FLAGS[] = {
        "--target=wasm32-unknown-unknown",
        "-std=gnu17",
        "-Os",
        "-ffreestanding",
        "-fvisibility=hidden",
        /* The compiler's standard set grows with its version; the network's does not (NEAR 2). */
        "-mcpu=mvp",
        "-msign-ext",
        "-mmutable-globals",
        "-mnontrapping-fptoint",
        "-nostdlibinc",
        "-DOL_CONTRACT",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Wno-missing-field-initializers", /* tables leave trailing members zero */
        "-ffile-prefix-map=./=",
        "-fno-ident",
        "-flto",
    };
    begin(w, w->compiler);
    add_all(w, FLAGS, OL_COUNT(FLAGS));
    add(w, "-isystem");
    add_path(w, "", sdk_path(w->cli, w->sdk, "include-contract"));
    add_path(w, "-I", sdk_path(w->cli, w->sdk, "include"));
    add(w, "-c");
    add_path(w, "", source);
    add(w, "-o");
    add_path(w, "", object);
    return run(w, "compiling", err);
}

static ol_rc contract_link(work *w, ol_err *err)
{
    static const char *const FLAGS[] = {
        "--no-entry", "--gc-sections",     "--strip-all", "--stack-first",
        "-z",         "stack-size=131072", "--lto-O2",
    };
    ol_str object[PROJECT_SOURCES_MAX];
    for (size_t i = 0; i < w->what.sources; i++) {
        object[i] = ol_arena_printf(w->cli->arena, "build/%zu.o", i);
        OL_TRY(object_make(w, w->what.source[i], object[i], err));
    }
    begin(w, w->linker);
    add_all(w, FLAGS, OL_COUNT(FLAGS));
    add(w, "-o");
    add_path(w, "", w->result);
    for (size_t i = 0; i < w->what.sources; i++)
        add_path(w, "", object[i]);
    add_path(w, "", sdk_path(w->cli, w->sdk, "lib/libnear_host.a"));
    return run(w, "linking", err);
}

/* ---- all of it */

static ol_rc prepare(work *w, const cli_args *args, ol_err *err)
{
    ol_str target;
    OL_TRY(project_file_load(w->cli, NULL, &w->what, err));
    if (!w->what.found)
        return ol_fail(err, OL_ERR_USAGE, "there is no outlayer.toml here: outlayer create NAME");
    if (w->what.name.len == 0 || w->what.sources == 0 || w->what.sources > PROJECT_SOURCES_MAX)
        return ol_fail(err, OL_ERR_USAGE, "outlayer.toml needs a name and 1 to %d sources",
                       PROJECT_SOURCES_MAX);
    if (cli_value(args, "target", &target))
        OL_TRY(code_target_parse(target, &w->what.target, err));
    OL_TRY(sdk_folder(w->cli, &w->sdk, err));
    w->compiler = sdk_compiler(w->cli);
    w->linker = w->what.contract ? sdk_linker(w->cli) : NULL;
    if (w->compiler == NULL || (w->what.contract && w->linker == NULL))
        return ol_fail(err, OL_ERR_ENVIRONMENT,
                       "no C compiler for WebAssembly: install clang-19 and lld-19, or set "
                       "OUTLAYER_CC and OUTLAYER_WASM_LD");
    w->result = ol_arena_printf(w->cli->arena, "build/%.*s.wasm", OL_FMT(w->what.name));
    w->module = w->result;
    if (!w->what.contract && ol_str_eq(w->what.target, OL_STR("wasm32-wasip2")))
        w->module = ol_arena_printf(w->cli->arena, "build/%.*s.core.wasm", OL_FMT(w->what.name));
    if (w->module.data == NULL || w->result.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return ol_dir_make("build", err);
}

static ol_rc make(work *w, ol_err *err)
{
    if (w->what.contract)
        return contract_link(w, err);
    OL_TRY(program_link(w, err));
    if (w->module.data != w->result.data)
        OL_TRY(component_make(w, err));
    return manifest_embed(w, err);
}

static void list_imports(const work *w, const wasm_imports *imports, ol_buf *text)
{
    for (size_t i = 0; i < imports->modules; i++)
        ol_buf_addf(text, "\n  imports  %.*s", OL_FMT(imports->module[i]));
    if (w->what.says_hosts && w->what.hosts == 0)
        ol_buf_add_str(text, OL_STR("\n  network  none"));
    for (size_t i = 0; i < w->what.hosts; i++)
        ol_buf_addf(text, "\n  network  %.*s", OL_FMT(w->what.host[i]));
}

static int built(const work *w)
{
    const cli *it = w->cli;
    OL_AUTO(ol_buf) wasm = ol_buf_new(WASM_BYTES_MAX);
    OL_AUTO(ol_buf) core = ol_buf_new(WASM_BYTES_MAX);
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(64));
    ol_json_writer j = ol_json_writer_over(&text);
    wasm_imports imports;
    ol_err err = {0};
    if (ol_file_load(w->result.data, &wasm, &err) != OL_OK ||
        ol_file_load(w->module.data, &core, &err) != OL_OK ||
        wasm_imports_read(ol_buf_bytes(&core), &imports, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_sha256_hex hash = ol_sha256_hex_of(ol_buf_bytes(&wasm));
    if (!it->json) {
        ol_buf_addf(&text, "%.*s  %zu bytes  %s", OL_FMT(w->result), wasm.len, hash.data);
        list_imports(w, &imports, &text);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&j);
    ol_json_put_str(&j, "path", w->result);
    ol_json_put_u64(&j, "size", wasm.len);
    ol_json_put_cstr(&j, "sha256", hash.data);
    ol_json_put_cstr(&j, "kind", w->what.contract ? "contract" : "program");
    ol_json_key(&j, "imports");
    ol_json_array_begin(&j);
    for (size_t i = 0; i < imports.modules; i++)
        ol_json_add_str(&j, imports.module[i]);
    ol_json_array_end(&j);
    ol_json_object_end(&j);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_build(cli *it, const cli_args *args)
{
    ol_err err = {0};
    work *w = OL_ARENA_NEW(it->arena, work);
    if (w == NULL)
        return cli_fail_memory(it);
    w->cli = it;
    if (prepare(w, args, &err) != OL_OK || make(w, &err) != OL_OK)
        return cli_fail_err(it, &err);
    return built(w);
}
