/* Faults on request (POST /dev/fault): what a client must survive, at will and repeatable. */
#ifndef LOCALNET_FAULTS_H
#define LOCALNET_FAULTS_H

#include "lib/base/num.h"

typedef enum fault_kind {
    FAULT_RPC_TIMEOUT, /* a request is carried out, its answer is 408 */
    FAULT_HTTP_500,    /* a request is not carried out, its answer is 500 */
    FAULT_STALE_FINAL, /* final stays where it is while blocks go on */
    FAULT_SKIP,        /* heights without a block */
    FAULT_FORK,        /* the newest blocks are replaced by others */
    FAULT_KINDS
} fault_kind;

enum { FAULT_COUNT_MAX = 1000000, FAULT_METHOD_BYTES_MAX = 64, FAULT_PERCENT_ALL = 100 };

/* Of the two kinds that hit requests. */
typedef struct request_fault {
    uint64_t left;                           /* requests still to hit */
    uint32_t percent;                        /* of the matching requests, chosen by the seed */
    char method[FAULT_METHOD_BYTES_MAX + 1]; /* this method alone; empty: every one */
} request_fault;

typedef struct faults {
    request_fault request[FAULT_STALE_FINAL]; /* by kind */
    uint64_t random;                          /* state of the generator */
    uint64_t stale_blocks;                    /* still to come for which final is held */
    uint64_t seen[FAULT_KINDS];               /* how often each has happened */
} faults;

bool fault_kind_parse(ol_str name, fault_kind *ret);
const char *fault_kind_name(fault_kind kind);

void faults_seed(faults *it, uint64_t seed);
/* Hit the next `count` requests of that kind; 0 switches it off. */
void faults_arm(faults *it, fault_kind kind, uint64_t count, uint32_t percent, ol_str method);
/* Is this request to be hit? Counts it when it is. */
bool faults_hit(faults *it, fault_kind kind, ol_str method);

#endif
