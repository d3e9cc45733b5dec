/* The whole of it: node, thread, HTTP. In a process of its own (main.c) or inside a test. */
#ifndef LOCALNET_PROGRAM_H
#define LOCALNET_PROGRAM_H

#include <pthread.h>

#include "emulator/server/localnet.h"

typedef struct localnet_program {
    localnet net;
    const localnet_options *set;
    char host[64]; /* NUL-terminated, for the server's life */
    ol_web_server *server;
    pthread_t driver;
    bool driving;
} localnet_program;

/* Fills a zeroed program; afterwards it serves at net.port. `set` must outlive it. On failure stop
 * it, too. */
ol_rc localnet_start(localnet_program *p, const localnet_options *set, const ol_clock *clock,
                     ol_err *err);
/* Answers who waits, ends the thread, and with `save` writes the state file, when there is one. */
ol_rc localnet_stop(localnet_program *p, bool save, ol_err *err);

#endif
