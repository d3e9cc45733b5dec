/* outlayer secrets update: single values change, generated ones stay, and nobody but the keystore
 * sees the whole (Keystore 6). What is new travels sealed; the owner signs the whole change with
 * an expiry, once (Keystore 15, X4), or names alone where the keystore knows no better. */
#include <string.h>

#include "cli/commands.h"
#include "cli/secrets.h"
#include "lib/base/clock.h"
#include "lib/codec/base64.h"
#include "lib/crypto/random.h"
#include "lib/near/nep413.h"
#include "lib/near/transaction.h"
#include "lib/secrets/update_statement.h"

enum {
    BODY_BYTES_MAX = 2 << 20,
    CLOCKS_APART_MS_MAX = 300 * 1000, /* what the keystore's clock and ours may differ */
};

typedef struct signed_message {
    ol_str text, signature, nonce, public_key; /* Base64 where bytes */
    int64_t expires_at_ms;                     /* 0: form 1, for a keystore that knows no other */
} signed_message;

/* ---- what is asked for */

/* The members of the body that a message of form 2 binds, into an open object. */
static void change_write(const secret_command *s, ol_str sealed, int64_t expires_at_ms,
                         ol_json_writer *w)
{
    ol_json_key(w, "accessor");
    ol_accessor_add_tagged(w, &s->place.accessor);
    ol_json_put_cstr(w, "mode", cli_flag(s->args, "replace") ? "reset" : "append");
    ol_json_put_str(w, "secrets", sealed); /* Keystore 15, X4: the coordinator sees no value */
    ol_json_key(w, "generate_protected");
    ol_json_array_begin(w);
    for (size_t i = 0; i < s->generates; i++) {
        ol_json_object_begin(w);
        ol_json_put_str(w, "name", s->generate_name[i]);
        ol_json_put_str(w, "generation_type", s->generate_type[i]);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    if (expires_at_ms > 0)
        ol_json_put_i64(w, "expires_at", expires_at_ms);
}

static void body_write(const secret_command *s, const signed_message *m, ol_str sealed,
                       ol_json_writer *w)
{
    ol_json_object_begin(w);
    change_write(s, sealed, m->expires_at_ms, w);
    ol_json_put_str(w, "profile", s->place.profile);
    ol_json_put_str(w, "owner", s->place.owner);
    ol_json_put_str(w, "signed_message", m->text);
    ol_json_put_str(w, "signature", m->signature);
    ol_json_put_str(w, "public_key", m->public_key);
    ol_json_put_str(w, "nonce", m->nonce);
    ol_json_put_str(w, "recipient", s->it->contract);
    ol_json_object_end(w);
}

/* ---- what is signed */

/* The keystore's own latest moment, so that nothing hangs on this machine's clock, as long as it is
 * near what this clock says: a message must not live for years because somebody asks for it. */
static int64_t expiry_choose(const secret_command *s)
{
    int64_t ours = ol_wall_ms(ol_clock_real()) + OL_UPDATE_AHEAD_MS_MAX;
    int64_t theirs = s->key.update_expiry_ms;
    if (theirs == 0)
        return 0;
    if (theirs > ours + CLOCKS_APART_MS_MAX)
        return ours + CLOCKS_APART_MS_MAX;
    return theirs > ours - CLOCKS_APART_MS_MAX ? theirs : ours - CLOCKS_APART_MS_MAX;
}

static void text_v1(const secret_command *s, ol_buf *into)
{
    ol_str set[SECRET_VALUES_MAX];
    ol_str generated[SECRET_GENERATED_MAX];
    for (size_t i = 0; i < s->items.count; i++)
        set[i] = s->items.item[i].name;
    memcpy(generated, s->generate_name, s->generates * sizeof *generated);
    ol_update_statement_v1(s->place.owner, s->place.profile, (ol_update_names){set, s->items.count},
                           (ol_update_names){generated, s->generates}, into);
}

static ol_rc text_v2(const secret_command *s, ol_str sealed, int64_t expires_at_ms, ol_buf *into,
                     ol_err *err)
{
    OL_AUTO(ol_buf) change = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&change);
    ol_json root;
    ol_json_object_begin(&w);
    change_write(s, sealed, expires_at_ms, &w);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&change))
        return ol_fail(err, OL_ERR_LIMIT, "the values are too large");
    OL_TRY(ol_json_parse(ol_buf_str(&change), &root, err));
    return ol_update_statement_v2(s->place.owner, s->place.profile, &root, into, err);
}

static ol_rc message_sign(const secret_command *s, ol_str sealed, signed_message *ret, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_UPDATE_STATEMENT_BYTES_MAX);
    ol_arena *arena = s->it->arena;
    ol_ed25519_public public = ol_ed25519_public_of(&s->from.key);
    ol_nep413 message = {.recipient = s->it->contract};
    ol_sha256 hash;
    ret->expires_at_ms = expiry_choose(s);
    if (ret->expires_at_ms > 0)
        OL_TRY(text_v2(s, sealed, ret->expires_at_ms, &text, err));
    else
        text_v1(s, &text);
    message.message = ol_buf_str(&text);
    ol_random_fill(ol_random_kernel(), message.nonce, sizeof message.nonce);
    if (!ol_buf_ok(&text) || !ol_arena_copy(arena, message.message, &ret->text))
        return ol_fail(err, OL_ERR_LIMIT, "too many names");
    OL_TRY(ol_nep413_hash(&message, &hash, err));
    ol_ed25519_signature signature = ol_ed25519_sign(&s->from.key, ol_sha256_bytes(&hash));
    ret->signature = ol_base64_of(arena, (ol_bytes){signature.bytes, sizeof signature.bytes});
    ret->nonce = ol_base64_of(arena, (ol_bytes){message.nonce, sizeof message.nonce});
    ret->public_key = ol_near_public_key_format(&public, arena);
    return ret->signature.data != NULL && ret->nonce.data != NULL && ret->public_key.data != NULL
               ? OL_OK
               : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static ol_rc merge(secret_command *s, ol_str *ret_blob, cli_failure *failure)
{
    OL_AUTO(ol_buf) body = ol_buf_new(BODY_BYTES_MAX);
    OL_AUTO(ol_buf) answer = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_str sealed;
    ol_json root, value;
    signed_message message;
    OL_TRY(secret_command_seal(s, &sealed, &failure->err));
    OL_TRY(message_sign(s, sealed, &message, &failure->err));
    body_write(s, &message, sealed, &w);
    OL_TRY(secret_command_post(s, "/secrets/update_user_secrets", &body, &answer, failure));
    OL_TRY(api_json(ol_buf_str(&answer), &root, &failure->err));
    if (!ol_json_find(&root, OL_STR("encrypted_secrets_base64"), &value) ||
        ol_json_text(&value, s->it->arena, ret_blob, NULL) != OL_OK ||
        !ol_arena_copy(s->it->arena, *ret_blob, ret_blob))
        return ol_fail(&failure->err, OL_ERR_PROTOCOL, "the keystore gave no encrypted data");
    return OL_OK;
}

static ol_rc update(secret_command *s, ol_str *ret_blob, cli_failure *failure)
{
    ol_str source = cli_value_or(s->args, "from", OL_STR(""));
    ol_err *err = &failure->err;
    if (source.len > 0 && s->args->positionals > 0)
        return ol_fail(err, OL_ERR_USAGE,
                       "names come from --from or from the command line, not from both");
    OL_TRY(secret_command_names(s, source, err));
    OL_TRY(secrets_find(s, err));
    OL_TRY(secret_command_values(s, source, err));
    OL_TRY(secret_command_key(s, failure));
    return merge(s, ret_blob, failure);
}

int cmd_secrets_update(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    ol_str blob;
    int exit;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    if (secret_command_open(it, args, true, s, &failure.err) != OL_OK ||
        update(s, &blob, &failure) != OL_OK)
        exit = cli_fail(it, &failure);
    else
        exit = secrets_store(s, blob, s->before.access_json); /* who may have it stays */
    secret_command_deinit(s);
    return exit;
}
