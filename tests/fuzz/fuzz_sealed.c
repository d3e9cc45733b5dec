/* Ciphertexts: the first byte chooses who opens the rest (a secret's blob, a stored row, a sealed
 * reply); then the rest is plaintext: what was sealed opens to itself, and with any one bit turned,
 * under another seed or in another role not at all. */
#include <string.h>

#include "lib/secrets/blob.h"
#include "lib/secrets/ecies.h"
#include "lib/secrets/storage_cipher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED OL_STR("project:alice.near/app:alice.near")
#define OTHER OL_STR("project:alice.near/app:bob.near")

enum { ROOM = 4 * 1024 * 1024 };

static ol_master master_of(void)
{
    ol_master master;
    for (size_t i = 0; i < sizeof master.secret; i++)
        master.secret[i] = (uint8_t)i;
    return master;
}

static void drop(ol_buf *plain)
{
    ol_buf_deinit(plain);
}

/* ---- any bytes ---- */

static void open_any(uint8_t who, ol_bytes blob)
{
    ol_master master = master_of();
    ol_sha256 index = ol_storage_index(&master, SEED, OL_STR("counter"));
    ol_x25519_key key;
    ol_buf plain = ol_buf_new(ROOM);
    bool opened = false;
    ol_master_x25519(&master, SEED, &key);
    switch (who % 4) {
    case 0:
        opened = ol_blob_open(&master, SEED, blob, OL_BLOB_LEGACY_OPENED, &plain, NULL) == OL_OK;
        OL_ASSERT(!opened || plain.len == blob.len - OL_BLOB_BYTES_MIN ||
                  plain.len == blob.len - OL_ECIES_OVERHEAD_BYTES);
        break;
    case 1:
        opened = ol_blob_open(&master, SEED, blob, OL_BLOB_LEGACY_REFUSED, &plain, NULL) == OL_OK;
        OL_ASSERT(!opened || plain.len == blob.len - OL_ECIES_OVERHEAD_BYTES);
        break;
    case 2:
        opened = ol_storage_open(&master, SEED, OL_STORAGE_VALUE, &index, blob, &plain);
        break;
    default:
        opened = ol_ecies_open(&key, OL_STR(OL_ECIES_REPLY), blob, &plain);
        break;
    }
    OL_ASSERT(opened || plain.len == 0);
    drop(&plain);
}

/* ---- what was sealed ---- */

static void turn(ol_buf *blob, ol_bytes plain)
{
    size_t bits = blob->len * 8;
    size_t at = 0;
    for (size_t i = 0; i < plain.len; i++)
        at = at * 31 + plain.data[i];
    blob->data[at % bits / 8] ^= (uint8_t)(1U << at % 8);
}

static void blob_round(ol_bytes plain)
{
    ol_master master = master_of();
    ol_buf blob = ol_buf_new(ROOM);
    ol_buf back = ol_buf_new(ROOM);
    ol_rc rc = ol_blob_seal(&master, SEED, plain, ol_random_kernel(), &blob, NULL);
    OL_ASSERT(rc == OL_OK && blob.len == plain.len + OL_ECIES_OVERHEAD_BYTES);
    rc = ol_blob_open(&master, SEED, ol_buf_bytes(&blob), OL_BLOB_LEGACY_OPENED, &back, NULL);
    OL_ASSERT(rc == OL_OK && ol_str_eq(ol_buf_str(&back), ol_bytes_str(plain)));
    rc = ol_blob_open(&master, OTHER, ol_buf_bytes(&blob), OL_BLOB_LEGACY_OPENED, &back, NULL);
    OL_ASSERT(rc != OL_OK);
    turn(&blob, plain);
    rc = ol_blob_open(&master, SEED, ol_buf_bytes(&blob), OL_BLOB_LEGACY_OPENED, &back, NULL);
    OL_ASSERT(rc != OL_OK);
    drop(&blob);
    drop(&back);
}

static void row_round(ol_bytes plain)
{
    ol_master master = master_of();
    ol_sha256 index = ol_storage_index(&master, SEED, OL_STR("counter"));
    ol_sha256 other = ol_storage_index(&master, SEED, OL_STR("counter2"));
    ol_buf row = ol_buf_new(ROOM);
    ol_buf back = ol_buf_new(ROOM);
    bool done =
        ol_storage_seal(&master, SEED, OL_STORAGE_VALUE, &index, plain, ol_random_kernel(), &row);
    OL_ASSERT(done && row.len == plain.len + OL_STORAGE_OVERHEAD_BYTES);
    ol_bytes sealed = ol_buf_bytes(&row);
    done = ol_storage_open(&master, SEED, OL_STORAGE_VALUE, &index, sealed, &back);
    OL_ASSERT(done && ol_str_eq(ol_buf_str(&back), ol_bytes_str(plain)));
    done = ol_storage_open(&master, SEED, OL_STORAGE_KEY, &index, sealed, &back) ||
           ol_storage_open(&master, SEED, OL_STORAGE_VALUE, &other, sealed, &back) ||
           ol_storage_open(&master, OTHER, OL_STORAGE_VALUE, &index, sealed, &back);
    OL_ASSERT(!done);
    turn(&row, plain);
    done = ol_storage_open(&master, SEED, OL_STORAGE_VALUE, &index, ol_buf_bytes(&row), &back);
    OL_ASSERT(!done);
    drop(&row);
    drop(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > OL_MIB(1))
        return 0;
    ol_bytes rest = {data + 1, size - 1};
    open_any(data[0], rest);
    if (data[0] % 2 == 0)
        blob_round(rest);
    else
        row_round(rest);
    return 0;
}
