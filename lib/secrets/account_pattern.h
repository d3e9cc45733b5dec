/* Patterns over account ids (Keystore 5): the part of regular expressions that is matched in time
 * linear in the id, by PCRE2's DFA matcher. Look-around, back-references, recursion, callouts and
 * verbs are refused, as in the engine of the public reference. */
#ifndef OL_SECRETS_ACCOUNT_PATTERN_H
#define OL_SECRETS_ACCOUNT_PATTERN_H

#include "lib/base/str.h"

typedef enum ol_pattern_match {
    OL_PATTERN_NO,
    OL_PATTERN_YES,
    OL_PATTERN_UNUSABLE, /* does not compile, too long, or beyond the matcher's limits */
} ol_pattern_match;

/* Does `\A(?:pattern)\z` match the whole id? An empty id or one of more than 64 bytes never does.
 */
ol_pattern_match ol_account_pattern_match(ol_str pattern, ol_str account);

#endif
