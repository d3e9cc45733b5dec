/* What a running contract does to the world, gathered: the callbacks behind nearvm.h. One function
 * call has one, filled by the VM and read by call.c. */
#ifndef OL_EMULATOR_EXTERNAL_H
#define OL_EMULATOR_EXTERNAL_H

#include "emulator/call.h"
#include "emulator/nearvm/nearvm.h"

/* A list that grows in the arena. */
typedef struct external_list {
    void *items;
    size_t count;
    size_t size; /* items there is room for */
} external_list;

/* A changed key. */
typedef struct external_write {
    ol_call_change change;
    bool was_there; /* before the call */
} external_write;

/* A receipt in the making. */
typedef struct external_receipt {
    ol_str receiver_id;
    ol_str refund_to;
    bool yields;
    bool has_yield_id;
    ol_sha256 yield_id;
    external_list inputs;  /* ol_sha256 */
    external_list outputs; /* ol_data_receiver */
    external_list actions; /* ol_action */
} external_receipt;

/* A call among the actions that shares in the gas left over. */
typedef struct external_weight {
    size_t receipt;
    size_t action;
    uint64_t weight;
} external_weight;

typedef struct external {
    const ol_call *call;
    ol_arena *arena;
    bool no_memory;
    uint64_t data_ids; /* given out so far */
    external_list writes;
    uint32_t *slots; /* hash table over writes: index + 1; 0 is free */
    size_t slot_count;
    external_list receipts;
    external_list weights;
    external_list resumes; /* ol_call_resume */
    /* Of `done`: */
    ol_call_result *result;
    bool fatal;
    ol_str fatal_text;
} external;

extern const nearvm_host EXTERNAL_HOST; /* its `at` is an external */

/* A zeroed item at the end; NULL when memory is short. Pointers to items die. */
void *external_list_add(external *x, external_list *list, size_t item_bytes);

/* Gives the gas that is left to the calls with a weight: floor(left·weight/sum) each, the last one
 * takes the rest, too (NEAR 1.2). Returns what was given. */
uint64_t external_share_gas(external *x, uint64_t left);

/* What the contract sees, as nearvm_run lists it, with that much gas. In call.c. */
void external_seen(ol_buf *into, const ol_call *call, uint64_t gas);
/* nearvm_host.done: fills x->result. In call.c. */
void external_done(void *at, ol_bytes outcome);

#endif
