/* Runs a fuzz target over its corpus where libFuzzer is not linked: the corpus is a test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *folder, const char *name)
{
    char path[4096];
    ol_err err;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    ol_buf body = ol_buf_new(OL_MIB(4));
    bool loaded = ol_file_load(path, &body, &err) == OL_OK;
    if (loaded) {
        /* A copy of exact size, so that AddressSanitizer sees a read past the end. */
        uint8_t *exact = malloc(body.len + 1);
        OL_ASSERT(exact != NULL);
        if (body.len > 0)
            memcpy(exact, body.data, body.len);
        exact = realloc(exact, body.len > 0 ? body.len : 1);
        (void)LLVMFuzzerTestOneInput(exact, body.len);
        free(exact);
    }
    ol_buf_deinit(&body);
    return loaded;
}

int main(int argc, char **argv)
{
    size_t played = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            (void)fprintf(stderr, "no corpus: %s\n", argv[i]);
            return 1;
        }
        for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
            if (entry->d_name[0] != '.')
                played += replay(argv[i], entry->d_name);
        }
        (void)closedir(folder);
    }
    (void)fprintf(stderr, "%zu inputs replayed\n", played);
    return played == 0;
}
