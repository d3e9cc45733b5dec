#include "tests/chain/fuzz/file.h"

#include <fcntl.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/fd.h"
#include "tests/harness/test.h"

ol_bytes contract_file_read(const char *name, ol_arena *arena)
{
    const char *folder = getenv("OL_WASM");
    ol_str path =
        ol_arena_printf(arena, "%s/contracts/%s", folder ? folder : "build/dev/wasm", name);
    OL_AUTO(ol_fd) file = OL_FD_NONE;
    ol_buf text = ol_buf_new(OL_MIB(4));
    ol_err err = {0};
    ol_bytes ret;

    CHECK_OK(ol_open(path.data, O_RDONLY, &file, &err));
    CHECK_OK(ol_read_all(file, &text, &err));
    CHECK(ol_arena_copy_bytes(arena, ol_buf_bytes(&text), &ret));
    ol_buf_deinit(&text);
    return ret;
}
