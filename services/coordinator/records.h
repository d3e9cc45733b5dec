/* Attestation rows, on a connection: for the domain's own files. */
#ifndef COORDINATOR_RECORDS_H
#define COORDINATOR_RECORDS_H

#include "services/coordinator/proofs.h"

ol_rc attestation_insert(ol_db *db, const attestation *record, int64_t *ret_id, ol_err *err);

#endif
