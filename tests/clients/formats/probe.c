/* Our side of the comparison in formats_test.py: one command a line, one answer a line, bytes as
 * hex (`-` for none).
 *
 *   keys SEED                     ed25519 public, x25519 public, secret path
 *   seal SEED PLAIN               ECIES v1
 *   open SEED BLOB                ECIES v1 or the form before
 *   row-seal SEED ROLE KEY PLAIN  index, X8 row
 *   row-open SEED ROLE KEY ROW
 *   vrf ALPHA                     public key, proof, output
 *   vrf-check PUBLIC ALPHA PROOF OUTPUT
 *   nep413 MESSAGE NONCE RECIPIENT CALLBACK   hash
 *   nep413-check PUBLIC SIGNATURE MESSAGE NONCE RECIPIENT CALLBACK
 *   attest SEED VAULT             attestor, key, signature over the statement of that key
 *   session SERVER CHALLENGE REPLY            statement
 *   mac SEED NAME VALUE
 *   update OWNER PROFILE REQUEST              message v2 of that JSON
 *
 * What does not open, verify or fit is answered with `no`. The master is the first argument. */
#include <stdio.h>
#include <string.h>

#include "lib/codec/hex.h"
#include "lib/crypto/random.h"
#include "lib/near/nep413.h"
#include "lib/secrets/attest.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/storage_cipher.h"
#include "lib/secrets/tee_challenge.h"
#include "lib/secrets/update_statement.h"
#include "lib/secrets/vrf.h"

enum { ARGS_MAX = 8, LINE_BYTES_MAX = 1 << 20 };

typedef struct probe {
    ol_master master;
    ol_arena arena; /* of one line */
    ol_bytes arg[ARGS_MAX];
    size_t args;
} probe;

static ol_str text_of(const probe *p, size_t i)
{
    return ol_bytes_str(p->arg[i]);
}

static void say(ol_bytes bytes)
{
    OL_AUTO(ol_arena) arena = ol_arena_new(4 * LINE_BYTES_MAX);
    ol_str hex = ol_hex_of(&arena, bytes);
    (void)printf("%.*s ", OL_FMT(hex.len > 0 ? hex : OL_STR("-")));
}

static void say_buf(ol_buf *buf)
{
    say(ol_buf_bytes(buf));
    ol_buf_deinit(buf);
}

static void say_no(void)
{
    (void)printf("no ");
}

#define SAY_ARRAY(array) say((ol_bytes){(array), sizeof(array)})

static bool fixed(const probe *p, size_t i, uint8_t *into, size_t size)
{
    if (i >= p->args || p->arg[i].len != size)
        return false;
    memcpy(into, p->arg[i].data, size);
    return true;
}

static void keys(probe *p)
{
    ol_ed25519_key signing;
    ol_x25519_key opening;
    ol_master_ed25519(&p->master, text_of(p, 0), &signing);
    ol_master_x25519(&p->master, text_of(p, 0), &opening);
    ol_ed25519_public verifying = ol_ed25519_public_of(&signing);
    ol_x25519_public sealing = ol_x25519_public_of(&opening);
    ol_sha256_hex path = ol_master_secret_path(&p->master, text_of(p, 0));
    SAY_ARRAY(verifying.bytes);
    SAY_ARRAY(sealing.bytes);
    (void)printf("%s ", path.data);
}

static void blob_seal(probe *p)
{
    ol_buf blob = ol_buf_new(LINE_BYTES_MAX);
    if (ol_blob_seal(&p->master, text_of(p, 0), p->arg[1], ol_random_kernel(), &blob, NULL) ==
        OL_OK)
        say(ol_buf_bytes(&blob));
    else
        say_no();
    ol_buf_deinit(&blob);
}

static void blob_open(probe *p)
{
    ol_buf plain = ol_buf_new(LINE_BYTES_MAX);
    if (ol_blob_open(&p->master, text_of(p, 0), p->arg[1], OL_BLOB_LEGACY_OPENED, &plain, NULL) ==
        OL_OK)
        say(ol_buf_bytes(&plain));
    else
        say_no();
    ol_buf_deinit(&plain);
}

static ol_storage_role role_of(const probe *p)
{
    return ol_str_eq(text_of(p, 1), OL_STR("k")) ? OL_STORAGE_KEY : OL_STORAGE_VALUE;
}

static void row_seal(probe *p)
{
    ol_buf row = ol_buf_new(LINE_BYTES_MAX);
    ol_sha256 index = ol_storage_index(&p->master, text_of(p, 0), text_of(p, 2));
    bool done = ol_storage_seal(&p->master, text_of(p, 0), role_of(p), &index, p->arg[3],
                                ol_random_kernel(), &row);
    OL_ASSERT(done);
    SAY_ARRAY(index.bytes);
    say_buf(&row);
}

static void row_open(probe *p)
{
    ol_buf plain = ol_buf_new(LINE_BYTES_MAX);
    ol_sha256 index = ol_storage_index(&p->master, text_of(p, 0), text_of(p, 2));
    if (ol_storage_open(&p->master, text_of(p, 0), role_of(p), &index, p->arg[3], &plain))
        say(ol_buf_bytes(&plain));
    else
        say_no();
    ol_buf_deinit(&plain);
}

static void vrf(probe *p)
{
    ol_ed25519_key key;
    ol_master_ed25519(&p->master, OL_STR(OL_VRF_SEED), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_vrf made = ol_vrf_prove(&key, text_of(p, 0));
    SAY_ARRAY(public.bytes);
    SAY_ARRAY(made.proof.bytes);
    SAY_ARRAY(made.output.bytes);
}

static void vrf_check(probe *p)
{
    ol_ed25519_public public;
    ol_vrf given;
    bool well = fixed(p, 0, public.bytes, sizeof public.bytes) &&
                fixed(p, 2, given.proof.bytes, sizeof given.proof.bytes) &&
                fixed(p, 3, given.output.bytes, sizeof given.output.bytes) &&
                ol_vrf_verify(&public, text_of(p, 1), &given);
    (void)printf(well ? "yes " : "no ");
}

/* From argument `from`: message, nonce, recipient, callback. */
static bool message_read(const probe *p, size_t from, ol_nep413 *ret)
{
    *ret = (ol_nep413){.message = text_of(p, from), .recipient = text_of(p, from + 2)};
    if (p->arg[from + 3].len > 0)
        ret->callback_url = text_of(p, from + 3);
    return fixed(p, from + 1, ret->nonce, sizeof ret->nonce);
}

static void nep413(probe *p)
{
    ol_nep413 message;
    ol_sha256 hash;
    if (message_read(p, 0, &message) && ol_nep413_hash(&message, &hash, NULL) == OL_OK)
        SAY_ARRAY(hash.bytes);
    else
        say_no();
}

static void nep413_check(probe *p)
{
    ol_nep413 message;
    ol_ed25519_public public;
    ol_ed25519_signature signature;
    bool well = fixed(p, 0, public.bytes, sizeof public.bytes) &&
                fixed(p, 1, signature.bytes, sizeof signature.bytes) &&
                message_read(p, 2, &message) && ol_nep413_verify(&message, &public, &signature);
    (void)printf(well ? "yes " : "no ");
}

static void attest(probe *p)
{
    ol_ed25519_key attestor;
    ol_x25519_key key;
    ol_master_ed25519(&p->master, OL_STR(OL_ATTESTOR_SEED), &attestor);
    ol_master_x25519(&p->master, text_of(p, 0), &key);
    ol_ed25519_public known = ol_ed25519_public_of(&attestor);
    ol_x25519_public public = ol_x25519_public_of(&key);
    ol_str statement = ol_pubkey_statement(text_of(p, 0), &public, text_of(p, 1), &p->arena);
    ol_ed25519_signature signature = ol_ed25519_sign(&attestor, ol_str_bytes(statement));
    SAY_ARRAY(known.bytes);
    SAY_ARRAY(public.bytes);
    SAY_ARRAY(signature.bytes);
}

static void session(probe *p)
{
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    ol_x25519_public reply;
    ol_buf statement = ol_buf_new(OL_TEE_STATEMENT_BYTES_MAX);
    bool sealed = fixed(p, 2, reply.bytes, sizeof reply.bytes);
    if (fixed(p, 1, challenge, sizeof challenge) &&
        ol_tee_statement(text_of(p, 0), challenge, sealed ? &reply : NULL, &statement, NULL) ==
            OL_OK)
        say(ol_buf_bytes(&statement));
    else
        say_no();
    ol_buf_deinit(&statement);
}

static void mac(probe *p)
{
    ol_sha256 code;
    if (ol_protected_mac(&p->master, text_of(p, 0), text_of(p, 1), text_of(p, 2), &code))
        SAY_ARRAY(code.bytes);
    else
        say_no();
}

static void update(probe *p)
{
    ol_json request;
    ol_buf statement = ol_buf_new(OL_UPDATE_STATEMENT_BYTES_MAX);
    if (ol_json_parse(text_of(p, 2), &request, NULL) == OL_OK &&
        ol_update_statement_v2(text_of(p, 0), text_of(p, 1), &request, &statement, NULL) == OL_OK)
        say(ol_buf_bytes(&statement));
    else
        say_no();
    ol_buf_deinit(&statement);
}

static const struct {
    const char *name;
    size_t args;
    void (*run)(probe *p);
} COMMANDS[] = {
    {"keys", 1, keys},           {"seal", 2, blob_seal},    {"open", 2, blob_open},
    {"row-seal", 4, row_seal},   {"row-open", 4, row_open}, {"vrf", 1, vrf},
    {"vrf-check", 4, vrf_check}, {"nep413", 4, nep413},     {"nep413-check", 6, nep413_check},
    {"attest", 2, attest},       {"session", 3, session},   {"mac", 3, mac},
    {"update", 3, update},
};

static bool line_run(probe *p, ol_str line)
{
    ol_str name;
    ol_str word;
    if (!ol_str_next(&line, ' ', &name))
        return false;
    p->args = 0;
    while (p->args < ARGS_MAX && ol_str_next(&line, ' ', &word)) {
        ol_bytes *arg = &p->arg[p->args++];
        *arg = (ol_bytes){(const uint8_t *)"", 0};
        if (!ol_str_eq(word, OL_STR("-")) && !ol_hex_decode(word, &p->arena, arg))
            return false;
    }
    OL_EACH (command, COMMANDS) {
        if (ol_str_eq(name, ol_str_of(command->name)) && p->args == command->args) {
            command->run(p);
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    static char line[LINE_BYTES_MAX];
    probe p = {.args = 0};
    if (argc != 2 || !ol_hex_decode_fixed(ol_str_of(argv[1]), p.master.secret, OL_MASTER_BYTES)) {
        (void)fprintf(stderr, "usage: formats_probe MASTER_HEX\n");
        return 3;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        p.arena = ol_arena_new(8 * LINE_BYTES_MAX);
        if (!line_run(&p, ol_str_trim(ol_str_of(line)))) {
            (void)fprintf(stderr, "not understood: %.100s\n", line);
            return 1;
        }
        (void)putchar('\n');
        (void)fflush(stdout);
        ol_arena_deinit(&p.arena);
    }
    return 0;
}
