#include "services/keystore/keyring.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/codec/hex.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/near/account_id.h"
#include "lib/secrets/attest.h"
#include "lib/secrets/vrf.h"

enum { MASTER_DIGITS = 2 * OL_MASTER_BYTES };

/* A mapping of its own: locked, never in a core file, gone in a child. */
struct keyring {
    ol_master master;
    ol_ed25519_key vrf;
    ol_ed25519_key attestor;
};

static ol_rc pages(keyring **ret, ol_err *err)
{
    void *memory =
        mmap(NULL, sizeof(keyring), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return ol_fail_errno(err, OL_ERR_NO_MEMORY, "no memory for the keyring");
    if (mlock(memory, sizeof(keyring)) != 0 ||
        madvise(memory, sizeof(keyring), MADV_DONTDUMP) != 0 ||
        madvise(memory, sizeof(keyring), MADV_WIPEONFORK) != 0) {
        (void)munmap(memory, sizeof(keyring));
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "the keyring's memory cannot be locked");
    }
    *ret = memory;
    return OL_OK;
}

static ol_rc write_new(ol_str path, const char digits[MASTER_DIGITS], ol_err *err)
{
    char line[MASTER_DIGITS + 1];
    int fd = open(path.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return ol_fail_errno(err, OL_ERR_IO, "%.*s cannot be made", OL_FMT(path));
    (void)snprintf(line, sizeof line, "%.*s", MASTER_DIGITS, digits);
    line[MASTER_DIGITS] = '\n';
    ssize_t written = write(fd, line, sizeof line);
    ol_wipe(line, sizeof line);
    bool ok = written == (ssize_t)sizeof line && fsync(fd) == 0;
    (void)close(fd);
    return ok ? OL_OK : ol_fail_errno(err, OL_ERR_IO, "%.*s cannot be written", OL_FMT(path));
}

/* For development: shown once, so that what was encrypted can be opened after a restart. */
static ol_rc draw(keyring *ring, ol_str out_path, ol_err *err)
{
    char digits[MASTER_DIGITS];
    ol_rc rc = OL_OK;
    ol_random_fill(ol_random_kernel(), ring->master.secret, sizeof ring->master.secret);
    ol_hex_encode((ol_bytes){ring->master.secret, sizeof ring->master.secret}, digits);
    if (out_path.len > 0)
        rc = write_new(out_path, digits, err);
    else
        (void)fprintf(stderr, "KEYSTORE_MASTER_SECRET=%.*s\n", MASTER_DIGITS, digits);
    ol_wipe(digits, sizeof digits);
    OL_LOG(OL_WARN, "master_drawn", KV("note", "a random master, for development only"));
    return rc;
}

ol_rc keyring_open(ol_str master_hex, ol_str out_path, keyring **ret, ol_err *err)
{
    keyring *ring;
    OL_TRY(pages(&ring, err));
    ol_rc rc = OL_OK;
    if (master_hex.len == 0)
        rc = draw(ring, out_path, err);
    else if (!ol_hex_decode_fixed(master_hex, ring->master.secret, sizeof ring->master.secret))
        rc = ol_fail(err, OL_ERR_SETTINGS, "KEYSTORE_MASTER_SECRET: 64 hex digits are wanted");
    if (rc != OL_OK) {
        keyring_free(ring);
        return rc;
    }
    ol_master_ed25519(&ring->master, OL_STR(OL_VRF_SEED), &ring->vrf);
    ol_master_ed25519(&ring->master, OL_STR(OL_ATTESTOR_SEED), &ring->attestor);
    *ret = ring;
    return OL_OK;
}

void keyring_free(keyring *ring)
{
    if (ring == NULL)
        return;
    ol_wipe(ring, sizeof *ring);
    (void)munmap(ring, sizeof *ring);
}

ol_rc keyring_scope(ol_str vault, ol_str *ret_vault, ol_err *err)
{
    *ret_vault = ol_str_trim(vault);
    if (ret_vault->len > 0 && !ol_account_id_valid(*ret_vault))
        return ol_fail(err, OL_ERR_INVALID, "Invalid vault id");
    return OL_OK;
}

ol_rc keyring_master(const keyring *ring, ol_str vault, const ol_master **ret, ol_err *err)
{
    if (vault.len > 0)
        return ol_fail(err, OL_ERR_INVALID,
                       "per-customer master not loaded for %.*s; run mpc_ckd::add_customer first",
                       OL_FMT(vault));
    *ret = &ring->master;
    return OL_OK;
}

const ol_ed25519_key *keyring_vrf(const keyring *ring)
{
    return &ring->vrf;
}

const ol_ed25519_key *keyring_attestor(const keyring *ring)
{
    return &ring->attestor;
}
