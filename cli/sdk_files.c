#include "cli/sdk_files.h"

#include <stdlib.h>
#include <unistd.h>

ol_str sdk_path(const cli *it, ol_str folder, const char *inside)
{
    return ol_arena_printf(it->arena, "%.*s/%s", OL_FMT(folder), inside);
}

ol_rc sdk_folder(const cli *it, ol_str *ret, ol_err *err)
{
    char self[4096];
    const char *said = getenv("OUTLAYER_SDK");
    ol_str bin, file, folder;
    if (said != NULL && said[0] != '\0') {
        folder = ol_str_of(said);
    } else {
        ssize_t n = readlink("/proc/self/exe", self, sizeof self);
        if (n <= 0 || !ol_str_cut_last((ol_str){self, (size_t)n}, '/', &bin, &file))
            return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot tell where this program lies");
        folder = ol_arena_printf(it->arena, "%.*s/../share/outlayer", OL_FMT(bin));
    }
    ol_str header = sdk_path(it, folder, "include/outlayer.h");
    if (header.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (access(header.data, R_OK) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT,
                             "there is no SDK in %.*s; OUTLAYER_SDK can say where it is",
                             OL_FMT(folder));
    *ret = folder;
    return OL_OK;
}

/* The first of the names that is in PATH. */
static const char *program_find(const cli *it, const char *variable, const char *const names[2])
{
    const char *said = getenv(variable), *path = getenv("PATH");
    if (said != NULL && said[0] != '\0')
        return access(said, X_OK) == 0 ? said : NULL;
    for (int i = 0; i < 2; i++) {
        ol_str rest = ol_str_of(path != NULL ? path : "/usr/bin:/bin"), folder;
        while (ol_str_next(&rest, ':', &folder)) {
            ol_str file = ol_arena_printf(it->arena, "%.*s/%s", OL_FMT(folder), names[i]);
            if (file.data != NULL && access(file.data, X_OK) == 0)
                return file.data;
        }
    }
    return NULL;
}

const char *sdk_compiler(const cli *it)
{
    static const char *const NAMES[2] = {"clang-19", "clang"};
    return program_find(it, "OUTLAYER_CC", NAMES);
}

const char *sdk_linker(const cli *it)
{
    static const char *const NAMES[2] = {"wasm-ld-19", "wasm-ld"};
    return program_find(it, "OUTLAYER_WASM_LD", NAMES);
}
