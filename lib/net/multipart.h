/* multipart/form-data: a pull parser over a whole body, without copies (Coordinator 5). */
#ifndef OL_NET_MULTIPART_H
#define OL_NET_MULTIPART_H

#include "lib/base/err.h"

enum {
    OL_MULTIPART_BOUNDARY_BYTES_MAX = 70, /* RFC 2046 5.1.1 */
    OL_MULTIPART_HEAD_BYTES_MAX = 4096,   /* headers of one part */
    OL_MULTIPART_PARTS_MAX = 32,
};

typedef struct ol_multipart {
    ol_str boundary; /* borrowed from the content type */
    ol_bytes body;
    size_t at;
    unsigned parts;
    bool started;
    bool ended;
} ol_multipart;

typedef struct ol_multipart_part {
    ol_str name;     /* of content-disposition; borrowed from the body */
    ol_str filename; /* empty when absent */
    ol_str type;     /* content-type, empty when absent */
    ol_bytes content;
} ol_multipart_part;

/* OL_ERR_INVALID unless `content_type` is multipart/form-data with a boundary of legal length. */
ol_rc ol_multipart_open(ol_str content_type, ol_bytes body, ol_multipart *ret, ol_err *err);
/* The next part; *ret_found false after the last boundary. A body that ends without it, or breaks a
 * limit, is OL_ERR_SYNTAX or OL_ERR_LIMIT. */
ol_rc ol_multipart_next(ol_multipart *reader, ol_multipart_part *ret, bool *ret_found, ol_err *err);

#endif
