/* Why a transaction was refused or an action failed, as a value: what NEAR 5.3 lists, printable in
 * exactly that JSON. errors.def holds one row an error. */
#ifndef OL_EMULATOR_ERROR_H
#define OL_EMULATOR_ERROR_H

#include "lib/codec/json_write.h"
#include "lib/near/action.h"

/* Groups decide which objects stand around an error when it is printed. */
typedef enum ol_failure_group {
    OL_GROUP_TRANSACTION, /* InvalidTxError */
    OL_GROUP_ACCESS_KEY,  /* InvalidAccessKeyError: of a transaction, or of a delegate action */
    OL_GROUP_ACTIONS,     /* ActionsValidationError: of a transaction, or of a new receipt */
    OL_GROUP_RECEIPT,     /* ReceiptValidationError: of a new receipt */
    OL_GROUP_ACTION,      /* ActionErrorKind */
} ol_failure_group;

typedef enum ol_failure_kind {
    OL_FAILURE_NONE = 0,
#define OL_FAILURE(code, group, name, ...) OL_FAILURE_##code,
#include "emulator/errors.def"
#undef OL_FAILURE
    OL_FAILURE_KINDS
} ol_failure_kind;

/* What of it is filled depends on the kind; texts and lists belong to whoever made it (for an
 * outcome: to its block). */
typedef struct ol_failure {
    ol_failure_kind kind;
    bool in_action; /* happened while a receipt ran; else its transaction was refused */
    bool has_index; /* of the failing action in its receipt */
    uint64_t index;
    ol_str account; /* account_id, signer_id, … */
    ol_str other;   /* a second account, a method name */
    ol_str third;   /* the registrar */
    ol_public_key key;
    ol_yocto amount; /* the first amount of the row, then the second */
    ol_yocto amount2;
    ol_yocto amount3;
    uint64_t number;
    uint64_t number2;
    ol_global_id global;
    ol_str json; /* OL_FAILURE_FUNCTION_CALL: the value of FunctionCallError (NEAR 1.8) */
} ol_failure;

/* `{"InvalidTxError":…}` or `{"ActionError":{"index":…,"kind":…}}`: the value of `Failure`, and of
 * `TxExecutionError` in an RPC error's data. */
void ol_failure_write(const ol_failure *failure, ol_json_writer *w);
ol_failure_group ol_failure_group_of(ol_failure_kind kind);

/* Copies what it borrows into the arena. False when that is full. */
OL_MUST_USE bool ol_failure_keep(ol_failure *failure, ol_arena *arena);

#endif
