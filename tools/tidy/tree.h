/* The source tree in memory, and the list of faults found in it. */
#ifndef OL_TOOLS_TIDY_TREE_H
#define OL_TOOLS_TIDY_TREE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum { TREE_FILES_MAX = 8192, TREE_BYTES_MAX = 256 << 20, TREE_FILE_BYTES_MAX = 1 << 20 };

typedef struct tree_file {
    ol_str path; /* from the root of the tree */
    ol_str text;
    /* C only, each as long as the text with everything else blank: code without comments and
     * literals, and what stands inside of string literals. */
    ol_str code;
    ol_str strings;
} tree_file;

typedef struct tree {
    ol_arena arena;
    tree_file *files;
    size_t count;
    size_t faults;
    size_t warnings;
} tree;

/* Loads the text files below the working directory, without build folders, recorded data and
 * corpora. */
ol_rc tree_load(tree *ret, ol_err *err);
void tree_deinit(tree *t);

const tree_file *tree_find(const tree *t, ol_str path); /* NULL when there is none */
bool tree_is_c(const tree_file *file);                  /* .c or .h */

/* A fault at an offset of the file's text. Warnings do not fail the run. */
void tree_fault(tree *t, const tree_file *file, size_t at, const char *format, ...) OL_PRINTF(4, 5);
void tree_warn(tree *t, const tree_file *file, const char *format, ...) OL_PRINTF(3, 4);

/* Lines, one after the other; false at the end. *ret_at is the line's offset. */
bool tree_next_line(ol_str text, size_t *next, ol_str *ret_line, size_t *ret_at);

#endif
