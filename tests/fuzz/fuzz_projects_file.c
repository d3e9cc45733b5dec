/* A projects file is whole or refused with a reason; each of its projects is found again. */
#include "lib/proto/projects_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(8));
    ol_projects projects;
    ol_projects_faults faults;
    ol_str text = {(const char *)data, size};
    if (ol_projects_parse(text, OL_STR("/srv"), &arena, &projects, &faults) == OL_OK) {
        for (size_t i = 0; i < projects.count; i++) {
            OL_ASSERT(ol_projects_find(&projects, projects.project[i].id) == &projects.project[i]);
            OL_ASSERT(ol_project_version_find(&projects.project[i], OL_STR("")) != NULL);
        }
    } else {
        OL_ASSERT(faults.count > 0 && faults.text[0] != '\0');
    }
    ol_arena_deinit(&arena);
    return 0;
}
