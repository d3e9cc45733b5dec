/* The rules, one function each. They print what they find and count it in the tree. */
#ifndef OL_TOOLS_TIDY_RULES_H
#define OL_TOOLS_TIDY_RULES_H

#include "tools/tidy/tree.h"

void check_layers(tree *t);      /* tools/layers.txt: who may include whom */
void check_calls(tree *t);       /* functions nobody calls here, and SQL outside of .sql files */
void check_files(tree *t);       /* every file is built or included; guards; length; words */
void check_citations(tree *t);   /* a cited section exists in docs/spec */
void check_conformance(tree *t); /* tools/conformance_ids.txt: every id has a test */

#endif
