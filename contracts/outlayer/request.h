/* A pending request: what request_execution was given, until it is settled (Contract 3, 4). */
#ifndef OL_CONTRACTS_OUTLAYER_REQUEST_H
#define OL_CONTRACTS_OUTLAYER_REQUEST_H

#include "contracts/outlayer/ledger.h"
#include "contracts/outlayer/pricing.h"
#include "contracts/outlayer/types.h"

typedef enum response_format { FORMAT_BYTES, FORMAT_TEXT, FORMAT_JSON } response_format;
extern const char *const RESPONSE_FORMATS[]; /* names, NULL behind the last */

/* Absent texts have data NULL. */
typedef struct request {
    uint64_t id;
    uint8_t data_id[NEAR_DATA_ID_BYTES]; /* of the yield */
    ol_str sender;                       /* the predecessor: USD goes back here */
    ol_str
        signer;   /* of the transaction; kept where secrets are asked for, else the sender's name */
    ol_str payer; /* NEAR goes back here */
    ol_str source;     /* ExecutionSource, as JSON */
    ol_str resolved;   /* CodeSource, as JSON; the same text unless a project */
    ol_str project_id; /* absent unless the source is a project */
    ol_str operation;  /* of a priced project; empty else (Contract 11) */
    limits limits;
    bool compile_only;
    ol_str input; /* absent: none was given. Read request_input where input_apart. */
    bool input_apart;
    ol_str secrets_profile;
    ol_str secrets_account;
    response_format format;
    bool detailed_result; /* Contract 14 */
    bool has_max_payment;
    ol_u128 max_payment; /* Contract 14 */
    ol_u128 payment;     /* yoctoNEAR attached */
    ol_u128 attached_usd;
    token_number token; /* of attached_usd */
    uint64_t timestamp; /* ns */
} request;

/* Inputs too long for an event get a record of their own: then resolving need not read them. */
enum { REQUEST_INPUT_INLINE_MAX = 9999 };

/* The record, and the input's own where it is long. It never changes afterwards. */
void request_create(request *it);
bool request_load(uint64_t id, request *ret);
/* Removes it with the input and hands it over; a submitted output stays for output_take. Without a
 * record of that id false. A long input is gone then. */
bool request_take(uint64_t id, request *ret);
ol_str request_input(const request *it);

/* The member secrets_ref. */
void request_put_secrets(ol_json_writer *w, const request *it);

/* `Execution request not found`, else the request. */
request request_find(uint64_t id);

/* The arguments of methods that take a request_id alone. */
uint64_t request_id_argument(call *c);

#endif
