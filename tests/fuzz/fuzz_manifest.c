/* A section that is found lies within the binary; whatever it holds is read or refused. */
#include "lib/proto/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(4));
    ol_bytes section;
    ol_manifest manifest;
    if (ol_manifest_find((ol_bytes){data, size}, &section)) {
        OL_ASSERT(section.data >= data && section.data + section.len <= data + size);
        if (ol_manifest_load((ol_bytes){data, size}, &arena, &manifest, NULL) == OL_OK)
            OL_ASSERT(manifest.present && manifest.hosts <= OL_MANIFEST_HOSTS_MAX);
    }
    (void)ol_manifest_parse((ol_bytes){data, size}, &arena, &manifest, NULL);
    ol_arena_deinit(&arena);
    return 0;
}
