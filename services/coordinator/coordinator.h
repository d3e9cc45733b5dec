/* What the handlers share: one struct, made by the program, handed to each of them. */
#ifndef COORDINATOR_COORDINATOR_H
#define COORDINATOR_COORDINATOR_H

#include <stdatomic.h>

#include "lib/base/rate.h"
#include "services/coordinator/answer.h"
#include "services/coordinator/auth.h"
#include "services/coordinator/chain.h"
#include "services/coordinator/domain.h"
#include "services/coordinator/settings.h"
#include "services/coordinator/waiting.h"

struct coordinator {
    const coordinator_settings *set;
    const ol_clock *clock;
    const ol_random *random;
    domain *domain;
    waits *waits;
    chain *chain;
    token_cache tokens;
    ol_rates key_rates; /* calls of a payment key, by its row; loop thread only */
    ol_web_server *public_server;
    ol_web_server *private_server;
    struct {
        _Atomic uint64_t height; /* of the last final block; 0: the node did not answer */
        _Atomic int64_t read_ms;
    } tip;
    int64_t started_ms;
    atomic_bool stopping; /* no new waits: polls answer at once */
};

#endif
