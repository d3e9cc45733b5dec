/* WASI interfaces of a component that have no system behind them (Host interfaces 4). */
#ifndef OUTLAYER_RUNNER_P2_ANSWERS_H
#define OUTLAYER_RUNNER_P2_ANSWERS_H

#include "olw.h"

/* One empty read-only directory, preopened as "."; sockets that can be created and never used.
 * The notation is explained at olw_answer. */
extern const olw_answer P2_ANSWERS[];
extern const size_t P2_ANSWERS_LEN;

#endif
