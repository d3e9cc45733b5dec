/* A secret typed at the terminal. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum { PROMPT_LINE_BYTES = 4096 }; /* what a terminal takes in one line */

/* Asks for `what` on standard error and reads one line from the terminal of standard input, which
 * does not show it, and which is as before afterwards, whatever ends the reading. `line` has
 * PROMPT_LINE_BYTES, *ret lies in it without its line end; the caller wipes it. OL_ERR_USAGE when
 * the terminal ends or the line is too long, OL_ERR_INTERRUPTED for Ctrl-C. */
ol_rc prompt_hidden(ol_str what, char *line, ol_str *ret, ol_err *err);

#endif
