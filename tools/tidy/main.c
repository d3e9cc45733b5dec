/* Checks what the compiler cannot: layers, banned calls, dead files, cited sections, conformance
 * ids. Runs as an ordinary test in the root of the tree; exits 1 on a fault. */
#include <stdio.h>

#include "tools/tidy/rules.h"

int main(void)
{
    tree t;
    ol_err err;
    if (tree_load(&t, &err) != OL_OK) {
        (void)fprintf(stderr, "tidy: %s\n", err.text);
        tree_deinit(&t);
        return 1;
    }
    check_layers(&t);
    check_calls(&t);
    check_files(&t);
    check_citations(&t);
    check_conformance(&t);
    (void)printf("tidy: %zu files, %zu faults, %zu warnings\n", t.count, t.faults, t.warnings);
    int code = t.faults > 0;
    tree_deinit(&t);
    return code;
}
