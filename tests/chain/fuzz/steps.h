/* Random calls of every method: who, with what, how often. */
#ifndef OL_TESTS_CHAIN_FUZZ_STEPS_H
#define OL_TESTS_CHAIN_FUZZ_STEPS_H

#include "tests/chain/fuzz/world.h"

typedef struct step {
    const char *method;
    char who;     /* u: a user, o: the owner, p: the operator, t: a token, s: the contract itself */
    char deposit; /* 0: none, 1: a yocto, e: enough, r: random */
    unsigned weight;
    bool view;
    const char *args; /* a template: steps.c */
} step;

extern const step STEPS[];
extern const size_t STEP_COUNT;

/* The users among the callers. */
extern const char *const USERS[];
enum { USER_COUNT = 3 };

/* A call of that row; its texts lie in w->text, until the next one. */
world_call step_call(world *w, const step *s);
/* One of the rows, by weight. */
const step *step_pick(world *w);

#endif
