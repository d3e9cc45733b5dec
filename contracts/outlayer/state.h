/* Records: small, one concern each, the first byte a version (Contract 13). Keys are a letter and
 * what tells one record from the other. No stored byte is an interface. */
#ifndef OL_CONTRACTS_OUTLAYER_STATE_H
#define OL_CONTRACTS_OUTLAYER_STATE_H

#include "contracts/host/near.h"
#include "lib/base/buf.h"
#include "lib/codec/borsh.h"

/* The letters. Every record of the contract is found here. */
typedef enum record {
    RECORD_CONFIG = 'c',        /* config.c, with the book */
    RECORD_PENDING_CHUNK = 'k', /* book.c: + u64: older pending requests, 256 a record */
    RECORD_REQUEST = 'r',       /* request_record.c: + u64 id */
    RECORD_INPUT = 'i',  /* + u64 id: arguments whose input is too long for the request's record */
    RECORD_OUTPUT = 'o', /* + u64 id: output that waits for its resume */
    RECORD_RESPONSE = 'm', /* + u64 id: a response too long for a resume */
    /* ledger.h: 'b', 'e' and 'h' + u16 token, account */
    RECORD_TOKEN = 't',           /* ledger.c: + account: number of a token */
    RECORD_TOKEN_NAME = 'T',      /* ledger.c: + u16 number: its account; 0: how many;
                                     alone: the configured one's number,
                                     where that is not 1 */
    RECORD_PROJECTS = 'P',        /* project.c: number of the newest project */
    RECORD_PROJECT = 'p',         /* project_record.c: + project id */
    RECORD_VERSION = 'v',         /* + project number, version key */
    RECORD_VERSION_PLACE = 'V',   /* + project number, u32 place: version key */
    RECORD_PROJECT_PRICING = 'x', /* priced_project.c: + project number */
    RECORD_PROJECT_SECRETS = 'q', /* secret.c: + project id: how many secrets name it */
    RECORD_SECRET = 's',          /* secret_record.c: + hash of accessor, profile, owner */
    RECORD_PLACE = 'z',           /* roster.c: + list, item: its place there */
    RECORD_NONCES = 'n',          /* nonces.c: + owner: payment keys there are */
    RECORD_TOPUP = 'f',           /* payment_key.c: + hash of a payment key: top-up in flight */
    RECORD_TOPUP_RESULT = 'y',    /* payment_key.c: + data id: ciphertext too long for a resume */
    RECORD_NEAR_TOPUP = 'a',      /* near_top_up.c: where NEAR is wrapped and swapped */
    RECORD_WALLET = 'w',          /* wallet.c: + key */
    RECORD_PLANS = 'g',           /* subscription.c */
    RECORD_LIST = 'l',            /* list.c: + name: length; + name, u32: an item */
} record;

/* Builds a key or a value of up to `bytes` bytes, first the letter or version. Like all memory of a
 * call it is never freed (near.h). */
ol_buf *state_begin(uint8_t first, size_t bytes);
/* Ends the call when it did not fit: our bug, never the caller's. */
ol_bytes state_end(const ol_buf *buf);

ol_bytes state_key(record kind);
ol_bytes state_key_u64(record kind, uint64_t number); /* big endian: records sort by number */
ol_bytes state_key_text(record kind, ol_str text);

/* A cursor behind the version, which must be 1..newest; *ret_version may be NULL. */
ol_borsh *state_open(ol_bytes record, uint8_t newest, uint8_t *ret_version);
/* The record must be read to its end. */
void state_close(const ol_borsh *cursor);

/* Numbers in as few bytes as they need: length, then bytes. Amounts are mostly small. */
void state_add_number(ol_buf *into, ol_u128 value);
ol_u128 state_number(ol_borsh *cursor);
/* Text: number of bytes as above (1 byte up to 127), then bytes; not checked for UTF-8 again. */
void state_add_text(ol_buf *into, ol_str text);
ol_str state_text(ol_borsh *cursor);
/* Text that may be absent (data NULL). */
void state_add_text_or_null(ol_buf *into, ol_str text);
ol_str state_text_or_null(ol_borsh *cursor);

#endif
