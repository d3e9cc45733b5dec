/* Ctrl-C while an exchange is under way: it ends the exchange and lets the command say what goes on
 * without it; a second one ends the program. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdatomic.h>

#include "lib/base/err.h"
#include "lib/net/http_client.h"

typedef struct interrupt {
    ol_http_client *client;
    atomic_bool came;
    bool watched; /* a thread holds on to this until the program ends: never free it then */
} interrupt;

/* SIGINT and SIGTERM are taken from now on. `it` and its client must live as long as the program.
 */
ol_rc interrupt_catch(interrupt *it, ol_err *err);

#endif
