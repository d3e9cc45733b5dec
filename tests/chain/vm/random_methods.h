/* Modules of methods that call the VM's functions at random, mostly with arguments that make sense.
 */
#ifndef OL_TESTS_CHAIN_VM_RANDOM_METHODS_H
#define OL_TESTS_CHAIN_VM_RANDOM_METHODS_H

#include "tests/chain/vm/wasm_maker.h"

enum { RANDOM_METHODS = 40 }; /* of one module */

typedef struct random_state {
    uint64_t seed; /* to be printed; `at` starts there */
    uint64_t at;
} random_state;

uint64_t random_next(random_state *r, uint64_t below); /* 0 to below - 1 */
void random_module(wasm_maker *m, random_state *r);
const char *random_method_name(size_t number);

#endif
