/* The files `outlayer create` writes, part of this program so that it needs nothing beside it. */
#ifndef CLI_TEMPLATES_H
#define CLI_TEMPLATES_H

#include <stddef.h>

#include "lib/base/str.h"

typedef struct template_file {
    const char *path;  /* inside the new folder */
    const char *begin; /* `@NAME@` in it stands for the project's name */
    const char *end;
} template_file;

typedef struct template
{
    const char *name;
    const template_file *file;
    size_t files;
    const char *const *next; /* commands to go on with, NULL behind the last */
}
template;

/* NULL when there is none of that name. */
const template *template_find(ol_str name);

#endif
