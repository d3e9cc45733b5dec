/* Names that users choose: projects, profiles (Contract 7, 8). */
#ifndef OL_CONTRACTS_OUTLAYER_NAMES_H
#define OL_CONTRACTS_OUTLAYER_NAMES_H

#include "lib/base/str.h"

/* Letters, digits, `-` and `_` of ASCII. The reference took letters of any script; Contract 16
 * allows the narrowing. */
static inline bool plain_name(ol_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return true;
}

/* A copy, ASCII letters in lower case. */
ol_str lower_case(ol_str text);

#endif
