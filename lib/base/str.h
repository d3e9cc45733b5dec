/* Borrowed text and bytes: pointer and length, never owned, not NUL-terminated.
 * NUL-terminated text exists at system calls only. */
#ifndef OL_BASE_STR_H
#define OL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ol_str {
    const char *data;
    size_t len;
} ol_str;

typedef struct ol_bytes {
    const uint8_t *data;
    size_t len;
} ol_bytes;

/* For literals, in expressions and in initialisers of constants. */
#define OL_STR(literal) ((ol_str){"" literal, sizeof(literal) - 1})
#define OL_STR_INIT(literal) {"" literal, sizeof(literal) - 1}

/* printf("%.*s", OL_FMT(s)) */
#define OL_FMT(s) (int)(s).len, (s).data

ol_str ol_str_of(const char *nul_terminated); /* NULL gives the empty string */

static inline ol_bytes ol_str_bytes(ol_str s)
{
    return (ol_bytes){(const uint8_t *)s.data, s.len};
}

static inline ol_str ol_bytes_str(ol_bytes b)
{
    return (ol_str){(const char *)b.data, b.len};
}

bool ol_str_eq(ol_str a, ol_str b);
bool ol_str_eq_nocase(ol_str a, ol_str b); /* ASCII letters only */
bool ol_bytes_eq(ol_bytes a, ol_bytes b);  /* not constant time: never for secrets */
int ol_str_compare(ol_str a, ol_str b);    /* by bytes, shorter first: <0, 0, >0 */
bool ol_str_starts(ol_str s, ol_str prefix);
bool ol_str_ends(ol_str s, ol_str suffix);

/* Index of the first occurrence; false leaves *ret_at alone. An empty needle is found at 0. */
bool ol_str_find(ol_str s, ol_str needle, size_t *ret_at);

/* Splits at the first (last) occurrence of `at`; false, and nothing changed, where there is none.
 */
bool ol_str_cut(ol_str s, char at, ol_str *ret_head, ol_str *ret_tail);
bool ol_str_cut_last(ol_str s, char at, ol_str *ret_head, ol_str *ret_tail);

/* Takes the next part of a list off *rest; false when nothing is left. "a,,b" has three parts,
 * "a," one, an empty list none. */
bool ol_str_next(ol_str *rest, char separator, ol_str *ret_part);

ol_str ol_str_trim(ol_str s);                          /* ASCII white space at both ends */
ol_str ol_str_slice(ol_str s, size_t from, size_t to); /* clamped to the text */

#endif
