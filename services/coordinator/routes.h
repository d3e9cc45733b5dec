/* The two listeners' tables. */
#ifndef COORDINATOR_ROUTES_H
#define COORDINATOR_ROUTES_H

#include "lib/net/http_server.h"

enum { RATE_NONE = OL_WEB_RATE_NONE, RATE_HTTPS, RATE_PUBLIC, RATE_SECRETS };

extern const ol_web_route PUBLIC_ROUTES[];
extern const size_t PUBLIC_ROUTE_COUNT;
extern const ol_web_route PRIVATE_ROUTES[];
extern const size_t PRIVATE_ROUTE_COUNT;

#endif
