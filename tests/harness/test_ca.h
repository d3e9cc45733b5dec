/* A certificate authority that lives as long as a test: a key, a root, one server certificate. */
#ifndef OL_TESTS_HARNESS_TEST_CA_H
#define OL_TESTS_HARNESS_TEST_CA_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/* A server context with a certificate for `host` (a name, or an IPv4 address). The root is written
 * as PEM to a new temporary file, whose path goes to ca_path; the caller unlinks it. Aborts when
 * OpenSSL refuses. */
SSL_CTX *test_ca_server(const char *host, char *ca_path, size_t ca_path_bytes);

#endif
