/* The usual words of an HTTP status. */
#ifndef OL_NET_STATUS_TEXT_H
#define OL_NET_STATUS_TEXT_H

/* "Not Found" for 404; "Unknown" for what has no usual words. */
const char *ol_http_status_text(int status);

#endif
