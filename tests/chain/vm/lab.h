/* One call at a time against an account that holds what a test put there. */
#ifndef OL_TESTS_CHAIN_VM_LAB_H
#define OL_TESTS_CHAIN_VM_LAB_H

#include "emulator/call.h"
#include "tests/chain/vm/wasm_maker.h"
#include "tests/harness/test.h"

enum { LAB_ENTRIES_MAX = 64 };

typedef struct lab {
    ol_arena arena; /* of everything below */
    ol_call call;   /* set up by lab_open; a test changes what it likes */
    ol_call_change entries[LAB_ENTRIES_MAX];
    size_t entry_count;
    ol_call_result result; /* of the last run */
} lab;

/* The VM of protocol version 86, made once a program. */
const ol_vm *lab_vm(void);

/* A call by alice.near of the method `run` of app.near at height 1000, 300 Tgas, 100 NEAR. */
void lab_open(lab *l);
void lab_close(lab *l);
void lab_put(lab *l, const char *key, const char *value);
/* Runs; ends the test when the machine itself fails. */
const ol_call_result *lab_run(lab *l, ol_bytes module);
/* The entries become what a successful run made of them. */
void lab_apply(lab *l);

/* Gas of the profile: all host functions (without loading) and actions, and one row by name. */
uint64_t lab_host_gas(const ol_call_result *result);
uint64_t lab_action_gas(const ol_call_result *result);
uint64_t lab_cost(const ol_call_result *result, const char *name);

#endif
