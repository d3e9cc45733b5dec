/* A keystore as a real process (outlayer-keystore), for end-to-end tests and benchmarks: the master
 * is 00 01 … 1f, sessions are wanted, the chain is asked. */
#ifndef OL_TESTS_HARNESS_KEYSTORE_H
#define OL_TESTS_HARNESS_KEYSTORE_H

#include <sys/types.h>

#include "lib/base/arena.h"

#define KEYSTORE_TOKEN "keystore-token-of-the-worker"
#define KEYSTORE_COORDINATOR_TOKEN "keystore-token-of-the-coordinator"

typedef struct keystore_process {
    pid_t pid; /* 0: not running */
    uint16_t port;
    char log[512];
} keystore_process;

/* `chain_port` 0: no chain, no sessions. `settings` are more of its settings, or others in their
 * place, NULL-terminated or NULL. Ends the program with its words where it does not start. */
void keystore_process_start(keystore_process *it, uint16_t port, uint16_t chain_port,
                            const char *folder, const char *const *settings);
void keystore_process_kill(keystore_process *it);   /* SIGKILL */
void keystore_process_deinit(keystore_process *it); /* SIGTERM, and removes its log */

/* Base64 of `json` encrypted for a seed, as a client does that asked the keystore for its public
 * key. */
ol_str keystore_sealed(const keystore_process *it, const char *seed, ol_str json, ol_arena *arena);

#endif
