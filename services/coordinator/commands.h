/* What the program does besides serving: tokens and keys of an operator, straight in the database.
 * A running coordinator sees them at once. */
#ifndef COORDINATOR_COMMANDS_H
#define COORDINATOR_COMMANDS_H

#include "services/coordinator/domain.h"

typedef struct command {
    const char *name; /* "token add" */
    const char *arguments;
    const char *help;
    int argument_count;
    ol_rc (*run)(domain *d, char **arguments, ol_err *err);
} command;

/* NULL: no such command. *ret_words: how many arguments its name takes. */
const command *command_find(int argc, char **argv, int *ret_words);
void commands_print(void);

#endif
