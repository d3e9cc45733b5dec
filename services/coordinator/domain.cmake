# Money, queue, leases, caches and records over lib/store; knows nothing of HTTP.
ol_library(coordinator_domain
  SOURCES admit.c calls.c claim.c compile_end.c completion.c counters.c domain.c forget.c hidden_logs.c
    job_list.c key_admin.c lease.c ledger.c ledger_check.c metering.c owned_storage.c projects.c proofs.c queue.c requests.c
    settlement.c storage.c sweeper.c system_tasks.c tee.c touch.c usage.c wasm_cache.c wasm_evict.c
    worker_tokens.c workers.c
  DEPS ol_store ol_proto ol_crypto ol_codec ol_base)
