/* http and https URLs, taken apart by one strict reading: what the filter judges is what the
 * client connects to. */
#ifndef OL_NET_URL_H
#define OL_NET_URL_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum { OL_URL_TEXT_BYTES_MAX = 8192, OL_HOST_BYTES_MAX = 253 };

typedef struct ol_url {
    ol_str text;   /* the whole, without a fragment */
    bool tls;      /* https */
    ol_str host;   /* as written; an IPv6 literal without its brackets */
    bool ipv6;     /* the host was in brackets */
    bool has_port; /* the port was written */
    uint16_t port; /* 80 and 443 where none is written */
    ol_str target; /* path and query; a view; begins with `/` or `?`, or is empty */
} ol_url;

/* Views into `text`. OL_ERR_INVALID: another scheme, user information, an empty, too long or
 * malformed host, a port outside 1–65535, control characters or spaces, a text beyond
 * OL_URL_TEXT_BYTES_MAX. */
ol_rc ol_url_parse(ol_str text, ol_url *ret, ol_err *err);

/* Resolves a Location against the URL it came from: absolute, `//host/…`, `/path`, `?query` or a
 * relative path. The text of *ret lives in the arena. */
ol_rc ol_url_follow(const ol_url *from, ol_str location, ol_arena *arena, ol_url *ret, ol_err *err);

/* `host`, or `host:port` where the port is not the scheme's own; brackets kept. Appends. */
void ol_url_authority(const ol_url *url, ol_buf *into);

/* %XX for everything but letters, digits and -._~ */
void ol_percent_encode(ol_str text, ol_buf *into);
/* false: a `%` without two hex digits, or a NUL. `+` stays `+`. */
bool ol_percent_decode(ol_str text, ol_buf *into);

#endif
