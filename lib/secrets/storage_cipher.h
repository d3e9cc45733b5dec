/* A project's stored rows, encrypted for a project and an account (Keystore 8 and 15, X8). */
#ifndef OL_SECRETS_STORAGE_CIPHER_H
#define OL_SECRETS_STORAGE_CIPHER_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/random.h"
#include "lib/secrets/master.h"

/* `storage:{uuid}:{account}`, or `storage:wasm:{hash}:{account}` where `uuid` has NULL data. In the
 * arena; OL_ERR_INVALID where a part is empty or holds ':', OL_ERR_LIMIT. */
ol_rc ol_storage_seed(ol_str uuid, ol_str wasm_hash, ol_str account, ol_arena *arena, ol_str *ret,
                      ol_err *err);

/* What a row is: the role is bound into the ciphertext, so that a key cannot be served as a value.
 */
typedef enum ol_storage_role { OL_STORAGE_KEY, OL_STORAGE_VALUE } ol_storage_role;

enum { OL_STORAGE_VERSION = 0x02, OL_STORAGE_OVERHEAD_BYTES = 1 + 24 + 16 };

/* The name a row has in the database: HMAC(K, "storage-index:" ‖ seed ‖ ":" ‖ key). Keys are at
 * most OL_STORAGE_KEY_BYTES_MAX bytes (Host interfaces 8). */
enum { OL_STORAGE_KEY_BYTES_MAX = 1024 };
ol_sha256 ol_storage_index(const ol_master *master, ol_str seed, ol_str key);

/* 0x02 ‖ nonce(24) ‖ ciphertext ‖ tag, XChaCha20-Poly1305 under HMAC(K, "storage-sym:" ‖ seed),
 * bound to role and index. False when `into` has no room. */
OL_MUST_USE bool ol_storage_seal(const ol_master *master, ol_str seed, ol_storage_role role,
                                 const ol_sha256 *index, ol_bytes plain, const ol_random *random,
                                 ol_buf *into);
/* Also opens rows of the form before (ECIES v1), which are bound to nothing: the caller compares
 * the key it opens with the key it asked for. */
OL_MUST_USE bool ol_storage_open(const ol_master *master, ol_str seed, ol_storage_role role,
                                 const ol_sha256 *index, ol_bytes blob, ol_buf *into);

#endif
