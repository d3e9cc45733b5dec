/* What the keystore reads of the chain (Keystore 5 and 15, X2). One decision reads at one final
 * block; where three endpoints are configured, two must give the same bytes. Answers of a block are
 * kept while it is the last one known, so that most decisions ask nobody. */
#ifndef KEYSTORE_CHAIN_H
#define KEYSTORE_CHAIN_H

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/net/http_client.h"
#include "lib/secrets/condition.h"

typedef struct chain chain;

enum {
    CHAIN_ENDPOINTS_MAX = 3,
    CHAIN_KEPT_MAX = 1024,
    CHAIN_KEPT_BYTES_MAX = 256 * 1024,       /* a longer answer is not kept */
    CHAIN_KEPT_TOTAL_MAX = 32 * 1024 * 1024, /* nor one that all together would be too much */
};

typedef struct chain_settings {
    ol_str rpc_urls; /* comma-separated; one or three */
    uint64_t facts_ms;
    uint64_t decision_ms; /* all reads of one decision; connecting is bounded by the client */
    uint64_t block_age_seconds;
    const ol_clock *clock;
} chain_settings;

/* OL_ERR_SETTINGS. Without endpoints every read is OL_ERR_UNAVAILABLE. */
ol_rc chain_open(const chain_settings *settings, chain **ret, ol_err *err);
void chain_free(chain *it);

/* The reads of one decision. With `client` NULL nothing is asked: OL_ERR_PENDING where the answer
 * is not there yet, and the caller tries again on a thread that may wait. */
typedef struct chain_read {
    chain *chain;
    ol_http_client *client;
    int64_t deadline_ns;
    char block[48];  /* its hash, once pinned */
    bool known_head; /* pinned to a block that was fetched for an earlier decision */
} chain_read;

chain_read chain_reading(chain *it, ol_http_client *client);

/* Was this decision made at a block fetched before it began? Then a refusal may be out of date;
 * this forgets that block, and begins the reading anew. False: it was fresh, nothing changed. */
bool chain_read_afresh(chain_read *read);

/* A view's answer. Error texts are the nodes' own. Any failure is OL_ERR_NETWORK, OL_ERR_TIMEOUT or
 * OL_ERR_PROTOCOL; never an empty answer. */
ol_rc chain_view(chain_read *read, ol_str contract, ol_str method, ol_str args_json,
                 ol_arena *arena, ol_str *ret_json, ol_err *err);
/* The result of another query: `params_json` without braces and block, such as
 * `"request_type":"view_account","account_id":"a.near"`. *ret_absent tells an account or key that
 * does not exist from a failure. */
ol_rc chain_query(chain_read *read, ol_str params_json, ol_arena *arena, ol_str *ret_json,
                  bool *ret_absent, ol_err *err);

/* The facts of access conditions, from this reading. */
ol_chain_facts chain_facts(chain_read *read);

#endif
