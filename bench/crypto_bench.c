/* What the guest library's crypto module costs in the metered engine, beside the host's libraries
 * in the same process: microseconds and instructions a call. */
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <string.h>
#include <wasm.h>
#include <wasmtime.h>

#include "bench/figure.h"
#include "bench/kernels/crypto.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/keccak.h"
#include "lib/crypto/x25519.h"
#include "olw.h"

enum { ROUNDS = 9, KERNEL_BYTES_MAX = 1 << 20 };

static const struct {
    const char *name;
    uint32_t calls; /* a round: some milliseconds */
} OPERATIONS[CRYPTO_OPERATIONS] = {
    [CRYPTO_SHA256] = {"guest_sha256_kib", 1000},
    [CRYPTO_KECCAK256] = {"guest_keccak256_kib", 1000},
    [CRYPTO_CHACHA_SEAL] = {"guest_chacha_seal_kib", 1000},
    [CRYPTO_ED25519_SIGN] = {"guest_ed25519_sign", 50},
    [CRYPTO_ED25519_VERIFY] = {"guest_ed25519_verify", 50},
    [CRYPTO_SECP256K1_RECOVER] = {"guest_secp256k1_recover", 50},
    [CRYPTO_X25519] = {"guest_x25519", 50},
};

/* ---- the host's */

static void native_recover(void)
{
    const secp256k1_context *context = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_pubkey key;
    int rc = secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature,
                                                                 CRYPTO_SECP256K1_SIGNATURE, 1);
    OL_ASSERT(rc == 1);
    rc = secp256k1_ecdsa_recover(context, &key, &signature, CRYPTO_SECP256K1_HASH);
    OL_ASSERT(rc == 1);
}

static void native_ed25519_verify(ol_bytes message)
{
    ol_ed25519_public key;
    ol_ed25519_signature signature;
    memcpy(key.bytes, CRYPTO_ED25519_KEY, sizeof key.bytes);
    memcpy(signature.bytes, CRYPTO_ED25519_SIGNATURE, sizeof signature.bytes);
    bool holds = ol_ed25519_verify(&key, message, &signature);
    OL_ASSERT(holds);
}

static void native_x25519(const uint8_t secret[static 32])
{
    ol_x25519_key key;
    ol_x25519_public peer;
    uint8_t shared[OL_X25519_BYTES];
    ol_x25519_key_of(secret, &key);
    memcpy(peer.bytes, secret, sizeof peer.bytes);
    bool agreed = ol_x25519_agree(&key, &peer, shared);
    OL_ASSERT(agreed);
}

/* As once() of kernels/crypto.c. A byte of the result, which the libraries cannot leave out. */
static uint8_t native_once(crypto_operation operation)
{
    static const uint8_t text[CRYPTO_TEXT_BYTES], secret[32] = {9};
    uint8_t sealed[CRYPTO_TEXT_BYTES + OL_AEAD_TAG_BYTES];
    const ol_bytes data = {text, sizeof text}, message = {text, 32};
    ol_ed25519_key key;
    switch (operation) {
    case CRYPTO_SHA256:
        return ol_sha256_of(data).bytes[0];
    case CRYPTO_KECCAK256:
        return ol_keccak256_of(data).bytes[0];
    case CRYPTO_CHACHA_SEAL:
        ol_chacha_seal(secret, text, message, data, sealed);
        return sealed[0];
    case CRYPTO_ED25519_SIGN:
        ol_ed25519_key_of_seed(secret, &key);
        return ol_ed25519_sign(&key, message).bytes[0];
    case CRYPTO_ED25519_VERIFY:
        native_ed25519_verify(message);
        return 0;
    case CRYPTO_SECP256K1_RECOVER:
        native_recover();
        return 0;
    case CRYPTO_X25519:
        native_x25519(secret);
        return 0;
    case CRYPTO_OPERATIONS:
        break;
    }
    OL_UNREACHABLE();
}

static double native_us(crypto_operation operation)
{
    uint32_t calls = OPERATIONS[operation].calls;
    int64_t start = ol_mono_ns(ol_clock_real());
    for (uint32_t i = 0; i < calls; i++)
        (void)native_once(operation);
    return (double)(ol_mono_ns(ol_clock_real()) - start) / 1e3 / calls;
}

/* ---- the guest's */

typedef struct kernel {
    wasmtime_store_t *store;
    wasmtime_func_t run;
} kernel;

static void kernel_open(wasm_engine_t *engine, ol_bytes wasm, kernel *ret)
{
    wasmtime_module_t *module = NULL;
    wasmtime_instance_t instance;
    wasmtime_extern_t item;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_module_new(engine, wasm.data, wasm.len, &module);
    OL_ASSERT(error == NULL);
    ret->store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(ret->store);
    error = wasmtime_context_set_fuel(context, UINT64_MAX);
    OL_ASSERT(error == NULL);
    error = wasmtime_instance_new(context, module, NULL, 0, &instance, &trap);
    OL_ASSERT(error == NULL && trap == NULL);
    bool found = wasmtime_instance_export_get(context, &instance, "run", 3, &item);
    OL_ASSERT(found);
    ret->run = item.of.func;
    wasmtime_module_delete(module);
}

static double guest_us(kernel *k, crypto_operation operation, double *ret_instructions)
{
    uint32_t calls = OPERATIONS[operation].calls;
    wasmtime_context_t *context = wasmtime_store_context(k->store);
    wasmtime_val_t args[2] = {{.kind = WASMTIME_I32, .of.i32 = (int32_t)operation},
                              {.kind = WASMTIME_I32, .of.i32 = (int32_t)calls}};
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    uint64_t left = 0;
    wasmtime_error_t *error = wasmtime_context_set_fuel(context, UINT64_MAX);
    OL_ASSERT(error == NULL);
    int64_t start = ol_mono_ns(ol_clock_real());
    error = wasmtime_func_call(context, &k->run, args, 2, &result, 1, &trap);
    int64_t end = ol_mono_ns(ol_clock_real());
    OL_ASSERT(error == NULL && trap == NULL);
    error = wasmtime_context_get_fuel(context, &left);
    OL_ASSERT(error == NULL);
    *ret_instructions = (double)(UINT64_MAX - left) / calls;
    return (double)(end - start) / 1e3 / calls;
}

static void measure(kernel *k, crypto_operation operation)
{
    double guest[ROUNDS], native[ROUNDS], instructions = 0;
    char name[64];
    for (int i = 0; i < ROUNDS; i++) { /* in turn, so that the machine's mood strikes both */
        native[i] = native_us(operation);
        guest[i] = guest_us(k, operation, &instructions);
    }
    (void)snprintf(name, sizeof name, "%s_us", OPERATIONS[operation].name);
    figure_print(name, figure_quantile(guest, ROUNDS, 0.5), "us",
                 figure_quantile(native, ROUNDS, 0.5), FIGURE_AT_MOST, (double)NAN);
    (void)snprintf(name, sizeof name, "%s_kinstructions", OPERATIONS[operation].name);
    figure_print(name, instructions / 1e3, "1000", (double)NAN, FIGURE_AT_MOST, (double)NAN);
}

int main(int argc, char **argv)
{
    OL_AUTO(ol_buf) wasm = ol_buf_new(KERNEL_BYTES_MAX);
    ol_err err = {0};
    olw_error error;
    kernel k;
    if (argc != 2 || ol_file_load(argv[1], &wasm, &err) != OL_OK) {
        (void)fprintf(stderr, "usage: crypto_bench KERNEL.wasm %s\n", err.text);
        return 3;
    }
    wasm_engine_t *engine = olw_engine_new(1, &error);
    OL_ASSERT(engine != NULL);
    kernel_open(engine, ol_buf_bytes(&wasm), &k);
    for (crypto_operation operation = 0; operation < CRYPTO_OPERATIONS; operation++)
        measure(&k, operation);
    wasmtime_store_delete(k.store);
    wasm_engine_delete(engine);
    return 0;
}
