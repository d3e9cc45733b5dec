/* The guest library: what an OutLayer program in C sees of its host (User experience 4.1).
 *
 *   #include <outlayer.h>
 *
 *   int main(void)
 *   {
 *       ol_buf input = ol_buf_new(OL_MIB(1));
 *       if (ol_input(&input) != 0)
 *           return 1;
 *       return ol_output(ol_buf_str(&input)) != 0;
 *   }
 *
 * One source builds a preview-1 core module and, through sdk/componentize, a component: the host
 * functions have the same signatures in both (docs/architecture.md). Returning 0 from main is
 * success; anything else fails the run, and what was written to stderr is its error text.
 *
 * Functions return 0 or a negative OL_E… code; ol_last_error() then holds the host's words. Memory
 * is the C library's: an ol_buf is freed by ol_buf_deinit, other results as they say. */
#ifndef OUTLAYER_H
#define OUTLAYER_H

#include "lib/base/buf.h"
#include "lib/base/str.h"
#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"
#include "outlayer_crypto.h"

enum {
    OL_ENOENT = -1,    /* there is no such thing */
    OL_EINVAL = -2,    /* an argument is refused */
    OL_EDENIED = -3,   /* the policy of project or operator forbids it; a signature does not hold */
    OL_ELIMIT = -4,    /* a budget of the run is used up, or a size is exceeded */
    OL_ENET = -5,      /* the other side could not be reached, or broke off */
    OL_EUNAVAIL = -6,  /* a service of the network does not work now: later, perhaps */
    OL_ECONFLICT = -7, /* it happened already, or somebody else was faster too often */
    OL_ENOMEM = -8,
    OL_EHOST = -9, /* anything else the host reports */
};

/* The words for the newest failure that had any, the host's or ours; empty before the first. Lives
 * until the next one. */
ol_str ol_last_error(void);

/* --- streams ---------------------------------------------------------------------------------- */

/* Appends all of the input. OL_ELIMIT beyond the buffer's maximum. */
int32_t ol_input(ol_buf *into);
/* Appends to the result; all or an error. */
int32_t ol_output(ol_str text);
int32_t ol_output_bytes(ol_bytes bytes);
/* Diagnostics; the error text of a run that fails. Nothing is added to `text`. */
int32_t ol_error_output(ol_str text);

/* Reads and checks a JSON input into `storage`, which the value borrows from. OL_EINVAL: what is
 * wrong with it is in ol_last_error(). Values are read as lib/codec/json_read.h says, output is
 * written as lib/codec/json_write.h says. */
int32_t ol_input_json(ol_buf *storage, ol_json *ret);

/* Ends a program that cannot go on: `text` to stderr. Returns 1, for main to return. */
int ol_fail_with(ol_str text);

typedef enum ol_log_level {
    OL_LOG_DEBUG,
    OL_LOG_INFO,
    OL_LOG_WARN,
    OL_LOG_ERROR,
} ol_log_level;

/* One line on stderr, `level text`; never part of a successful result. */
void ol_log(ol_log_level level, ol_str text);

/* --- environment (Host interfaces 3) ---------------------------------------------------------- */

/* Borrowed for the life of the program. OL_ENOENT leaves *ret alone. A value ends at its first zero
 * byte, if it has one. In a component a single value may have 56 KiB: the adapter that makes it one
 * has no more room, and traps. */
int32_t ol_var(ol_str name, ol_str *ret);
bool ol_has_var(ol_str name);
/* The variable, or `otherwise` when it is not set or empty. */
ol_str ol_var_or(ol_str name, ol_str otherwise);

#define OL_GUEST_VARIABLE(function, name)                                                          \
    static inline ol_str ol_##function(void)                                                       \
    {                                                                                              \
        return ol_var_or(OL_STR(name), OL_STR(""));                                                \
    }

OL_GUEST_VARIABLE(execution_type, "OUTLAYER_EXECUTION_TYPE") /* NEAR or HTTPS */
OL_GUEST_VARIABLE(network, "NEAR_NETWORK_ID")
OL_GUEST_VARIABLE(signer, "NEAR_SENDER_ID")
OL_GUEST_VARIABLE(payer, "NEAR_USER_ACCOUNT_ID")
OL_GUEST_VARIABLE(predecessor, "NEAR_PREDECESSOR_ID")
OL_GUEST_VARIABLE(block_height, "NEAR_BLOCK_HEIGHT")
OL_GUEST_VARIABLE(tx_hash, "NEAR_TRANSACTION_HASH")
OL_GUEST_VARIABLE(request_id, "NEAR_REQUEST_ID")
OL_GUEST_VARIABLE(call_id, "OUTLAYER_CALL_ID")
OL_GUEST_VARIABLE(project_id, "OUTLAYER_PROJECT_ID")
OL_GUEST_VARIABLE(project_uuid, "OUTLAYER_PROJECT_UUID")
OL_GUEST_VARIABLE(wallet_id, "WALLET_ID")
OL_GUEST_VARIABLE(payment_yocto, "NEAR_PAYMENT_YOCTO")
OL_GUEST_VARIABLE(payment_usd, "USD_PAYMENT")   /* 10^-6 USD, HTTPS */
OL_GUEST_VARIABLE(attached_usd, "ATTACHED_USD") /* 10^-6 USD, chain */
OL_GUEST_VARIABLE(instructions_max, "NEAR_MAX_INSTRUCTIONS")
OL_GUEST_VARIABLE(memory_mb_max, "NEAR_MAX_MEMORY_MB")
OL_GUEST_VARIABLE(seconds_max, "NEAR_MAX_EXECUTION_SECONDS")

/* --- what a program declares about itself (Host interfaces 5) -----------------------------------
 */

/* Once, outside functions: OL_MANIFEST("{\"network\":[\"api.example.org\"]}"). With a network list,
 * only those hosts can be reached. */
#define OL_MANIFEST(json) OL_MANIFEST_(#json)
#define OL_MANIFEST_(quoted)                                                                       \
    __asm__(".section .custom_section.outlayer.manifest,\"\",@\n.ascii " quoted "\n")

/* --- randomness, time ------------------------------------------------------------------------- */

int32_t ol_random(void *into, size_t bytes);
int64_t ol_now_ms(void); /* since 1970-01-01 UTC; negative when the host refuses */

/* --- HTTP: outlayer:http/api@0.1.0 (Host interfaces 5) -----------------------------------------
 */

typedef struct ol_http_header {
    ol_str name;
    ol_str value;
} ol_http_header;

typedef struct ol_http_request {
    ol_str method;
    ol_str url;
    const ol_http_header *header;
    size_t headers;
    ol_bytes body;
    uint32_t timeout_ms; /* 0: the host's limit, which it never passes */
    uint32_t bytes_max;  /* of the answer's body; more is an error */
} ol_http_request;

typedef struct ol_http_response {
    uint16_t status;
    ol_http_header *header; /* owned, as are the texts inside */
    size_t headers;
    ol_buf body; /* owned */
} ol_http_response;

/* Any status is success; redirects are not followed. Free with ol_http_response_deinit. */
int32_t ol_http_send(const ol_http_request *request, ol_http_response *ret);
void ol_http_response_deinit(ol_http_response *response);

/* --- NEAR RPC: near:rpc/api@0.1.0 (Host interfaces 7) ------------------------------------------
 */

/* *ret receives the value, owned: ol_buf_deinit. An answer of the node that holds an error is a
 * value, not a failure: read it. `block` is "" or "final", "optimistic", a height or a hash. */
int32_t ol_rpc_view(ol_str contract_id, ol_str method, ol_str args_json, ol_str block, ol_buf *ret);
int32_t ol_rpc_view_account(ol_str account_id, ol_str block, ol_buf *ret);
int32_t ol_rpc_view_access_key(ol_str account_id, ol_str public_key, ol_str block, ol_buf *ret);
int32_t ol_rpc_view_access_key_list(ol_str account_id, ol_str block, ol_buf *ret);
int32_t ol_rpc_view_code(ol_str account_id, ol_str block, ol_buf *ret);
int32_t ol_rpc_view_state(ol_str account_id, ol_str prefix_base64, ol_str block, ol_buf *ret);
int32_t ol_rpc_block(ol_str block, ol_buf *ret);
int32_t ol_rpc_chunk(ol_str chunk_id_or_block_shard, ol_buf *ret);
int32_t ol_rpc_changes(ol_str block, ol_buf *ret);
int32_t ol_rpc_send_tx(ol_str signed_tx_base64, ol_str wait_until, ol_buf *ret);
int32_t ol_rpc_tx_status(ol_str tx_hash, ol_str sender_id, ol_str wait_until, ol_buf *ret);
int32_t ol_rpc_receipt(ol_str receipt_id, ol_buf *ret);
/* The host sees `signer_key`, a private key. Returns the transaction's hash. */
int32_t ol_rpc_call(ol_str signer_id, ol_str signer_key, ol_str receiver_id, ol_str method,
                    ol_str args_json, ol_str deposit_yocto, ol_str gas, ol_str wait_until,
                    ol_buf *ret);
int32_t ol_rpc_transfer(ol_str signer_id, ol_str signer_key, ol_str receiver_id,
                        ol_str amount_yocto, ol_str wait_until, ol_buf *ret);
int32_t ol_rpc_gas_price(ol_str block_id, ol_buf *ret);
int32_t ol_rpc_status(ol_buf *ret);
int32_t ol_rpc_network_info(ol_buf *ret);
int32_t ol_rpc_validators(ol_str epoch_id, ol_buf *ret);
int32_t ol_rpc_raw(ol_str method, ol_str params_json, ol_buf *ret);

/* --- storage: near:storage/api@0.1.0 (Host interfaces 8) ---------------------------------------
 *
 * Encrypted rows of this project and the account that pays, kept between runs. Keys have 1 to 1,024
 * bytes, values at most 2 MiB, a run at most 1,000 calls. */

int32_t ol_storage_set(ol_str key, ol_bytes value);
/* OL_ENOENT where there is no such key. *ret is owned, here and below: ol_buf_deinit. An empty
 * value costs two calls, as an absent one: the second tells them apart. */
int32_t ol_storage_get(ol_str key, ol_buf *ret);
/* The same for text and for JSON: OL_EINVAL for what is not UTF-8, or not one JSON value. *ret
 * lives in *storage, which is owned. */
int32_t ol_storage_set_str(ol_str key, ol_str value);
int32_t ol_storage_get_str(ol_str key, ol_buf *ret);
int32_t ol_storage_set_json(ol_str key, ol_str text);
int32_t ol_storage_get_json(ol_str key, ol_buf *storage, ol_json *ret);
bool ol_storage_has(ol_str key);    /* false on any error too */
bool ol_storage_delete(ol_str key); /* true: it was there; false on any error too */
/* A JSON array of the keys that begin so, in order of creation. */
int32_t ol_storage_list_keys(ol_str prefix, ol_buf *ret_json);

int32_t ol_storage_set_if_absent(ol_str key, ol_bytes value, bool *ret_inserted);
/* Compare and swap, of rows of one's own: those that all callers share have none. *ret_current (may
 * be NULL) is what is there when it differs; empty when the key is absent. */
int32_t ol_storage_set_if_equals(ol_str key, ol_bytes expected, ol_bytes value, bool *ret_swapped,
                                 ol_buf *ret_current);
/* A counter of 8 bytes, little-endian; absent is 0. Safe against runs beside this one. */
int32_t ol_storage_increment(ol_str key, int64_t delta, int64_t *ret);
int32_t ol_storage_decrement(ol_str key, int64_t delta, int64_t *ret);

/* Rows that all callers of the project share. */
typedef enum ol_storage_reach {
    OL_STORAGE_PROJECT, /* encrypted, for this project alone */
    OL_STORAGE_PUBLIC,  /* plain: other projects and anybody over HTTP can read them */
} ol_storage_reach;
int32_t ol_storage_set_worker(ol_str key, ol_bytes value, ol_storage_reach reach);
int32_t ol_storage_get_worker(ol_str key, ol_buf *ret); /* absent gives an empty value */
int32_t ol_storage_get_foreign(ol_str project_uuid, ol_str key, ol_buf *ret); /* public rows */

/* What another version of this program wrote. */
int32_t ol_storage_get_by_version(ol_str key, ol_str wasm_hash, ol_buf *ret);
int32_t ol_storage_clear_all(void); /* of this account in this project */
int32_t ol_storage_clear_version(ol_str wasm_hash);

/* --- randomness that others can verify: near:vrf/api@0.1.0 (Host interfaces 10) ----------------
 *
 * One output for each request, account and seed: nobody can draw again until it suits. At most ten
 * a run. Anyone verifies: `proof` is the Ed25519 signature of `alpha` under the published key, and
 * `output` its SHA-256. */

enum { OL_VRF_BYTES = 32, OL_VRF_PROOF_BYTES = 64 };

typedef struct ol_vrf_result {
    uint8_t output[OL_VRF_BYTES];
    uint8_t proof[OL_VRF_PROOF_BYTES];
    ol_buf alpha; /* owned: `vrf:{request id}:{account}:{seed}` */
} ol_vrf_result;

int32_t ol_vrf_generate(ol_str seed, ol_vrf_result *ret); /* a seed without ':' */
int32_t ol_vrf_pubkey(uint8_t ret[OL_VRF_BYTES]);
/* A number of 0 to bound - 1 that follows from the output, none favoured; bound > 0. */
uint32_t ol_vrf_below(const ol_vrf_result *vrf, uint32_t bound);

/* --- payment: near:payment/api@0.1.0 (Host interfaces 9) ---------------------------------------
 */

/* Gives back a part of the attached deposit, 10^-6 USD, when the run succeeds; once a run. */
int32_t ol_refund_usd(uint64_t amount);

#endif
