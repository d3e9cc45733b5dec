/* The routes of Keystore 4. */
#ifndef KEYSTORE_ROUTES_H
#define KEYSTORE_ROUTES_H

#include "lib/net/http_server.h"

extern const ol_web_route KEYSTORE_ROUTES[];
extern const size_t KEYSTORE_ROUTE_COUNT;

#endif
