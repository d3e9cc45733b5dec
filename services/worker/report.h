/* What became of a task, and how it is told (Worker 7.3, 8.3, 8.4). */
#ifndef WORKER_REPORT_H
#define WORKER_REPORT_H

#include "lib/broker/broker.h"
#include "services/worker/codes.h"
#include "services/worker/coordinator.h"

typedef struct outcome {
    bool success;
    ol_str output_json; /* success */
    ol_error_class class;
    ol_str error; /* failure, for the requester */
    uint64_t instructions;
    uint64_t time_ms;
    bool refunded;
    ol_usd refund;
    ol_str content;   /* hex SHA-256 of the wasm that ran; empty when none did */
    bool nothing_ran; /* failed before a program started */
    ol_str engine;    /* NULL data when nothing ran */
    ol_str metering_profile;
    ol_opt_u128 compile_cost; /* yocto; of a compile job */
} outcome;

/* The report of an outcome without its delivery. Texts stay borrowed. */
ol_job_report report_of(const ol_claim_answer *claim, const outcome *result);

/* Delivery and report in one request, repeated until it is accepted or refused. */
ol_rc report_outcome(coordinator *c, const ol_claim_answer *claim, const outcome *result,
                     const _Atomic bool *stop, ol_err *err);

/* Hidden log and egress audit, where they are asked for: one try each, failure is nobody's. */
void report_extras(coordinator *c, const worker_settings *settings, const ol_claim_answer *claim,
                   const outcome *result, const ol_run_result *run, const code *ran,
                   const ol_broker *broker);

#endif
