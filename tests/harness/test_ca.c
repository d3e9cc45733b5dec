#include "tests/harness/test_ca.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/assert.h"

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    OL_ASSERT(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *certificate_new(EVP_PKEY *key, const char *name, long serial)
{
    X509 *certificate = X509_new();
    OL_ASSERT(certificate != NULL && X509_set_version(certificate, 2) == 1);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600);
    X509_NAME *subject = X509_get_subject_name(certificate);
    OL_ASSERT(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
                                         -1, -1, 0) == 1);
    OL_ASSERT(X509_set_pubkey(certificate, key) == 1);
    return certificate;
}

static void write_pem(X509 *certificate, char *path, size_t path_bytes)
{
    int n = snprintf(path, path_bytes, "/tmp/ol-test-ca-XXXXXX");
    OL_ASSERT(n > 0 && (size_t)n < path_bytes);
    int fd = mkstemp(path);
    OL_ASSERT(fd >= 0);
    FILE *file = fdopen(fd, "w");
    OL_ASSERT(file != NULL && PEM_write_X509(file, certificate) == 1);
    OL_ASSERT(fclose(file) == 0);
}

SSL_CTX *test_ca_server(const char *host, char *ca_path, size_t ca_path_bytes)
{
    char names[300];
    bool address = host[0] >= '0' && host[0] <= '9';
    (void)snprintf(names, sizeof names, "%s:%s", address ? "IP" : "DNS", host);
    EVP_PKEY *root_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    OL_ASSERT(root_key != NULL && key != NULL);

    X509 *root = certificate_new(root_key, "test authority", 1);
    (void)X509_set_issuer_name(root, X509_get_subject_name(root));
    add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(root, root, NID_key_usage, "critical,keyCertSign");
    OL_ASSERT(X509_sign(root, root_key, EVP_sha256()) > 0);

    X509 *leaf = certificate_new(key, host, 2);
    (void)X509_set_issuer_name(leaf, X509_get_subject_name(root));
    add_extension(leaf, root, NID_subject_alt_name, names);
    OL_ASSERT(X509_sign(leaf, root_key, EVP_sha256()) > 0);

    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    OL_ASSERT(context != NULL && SSL_CTX_use_certificate(context, leaf) == 1);
    OL_ASSERT(SSL_CTX_use_PrivateKey(context, key) == 1);
    write_pem(root, ca_path, ca_path_bytes);
    X509_free(leaf);
    X509_free(root);
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
    return context;
}
