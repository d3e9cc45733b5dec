/* outlayer secrets update: single values change, generated ones stay, and nobody but the keystore
 * sees the whole (Keystore 6). What is new travels sealed; the owner signs which names change. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/secrets.h"
#include "lib/codec/base64.h"
#include "lib/crypto/random.h"
#include "lib/near/nep413.h"
#include "lib/near/transaction.h"

enum { BODY_BYTES_MAX = 2 << 20, MESSAGE_BYTES_MAX = 64 * 1024 };

typedef struct signed_message {
    ol_str text, signature, nonce, public_key; /* Base64 where bytes */
} signed_message;

static int by_bytes(const void *a, const void *b)
{
    return ol_str_compare(*(const ol_str *)a, *(const ol_str *)b);
}

static void add_names(ol_buf *into, const char *label, ol_str *names, size_t count)
{
    if (count == 0)
        return;
    qsort(names, count, sizeof *names, by_bytes);
    ol_buf_addf(into, "\n%s:", label);
    for (size_t i = 0; i < count; i++)
        ol_buf_addf(into, "%s%.*s", i > 0 ? "," : "", OL_FMT(names[i]));
}

/* Keystore 6, step 2. */
static void message_write(const secret_command *s, ol_buf *into)
{
    ol_str names[SECRET_VALUES_MAX];
    ol_buf_addf(into, "Update Outlayer secrets for %.*s:%.*s", OL_FMT(s->place.owner),
                OL_FMT(s->place.profile));
    for (size_t i = 0; i < s->items.count; i++)
        names[i] = s->items.item[i].name;
    add_names(into, "keys", names, s->items.count);
    memcpy(names, s->generate_name, s->generates * sizeof *names);
    add_names(into, "protected", names, s->generates);
}

static ol_rc message_sign(const secret_command *s, signed_message *ret, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(MESSAGE_BYTES_MAX);
    ol_arena *arena = s->it->arena;
    ol_ed25519_public public = ol_ed25519_public_of(&s->from.key);
    ol_nep413 message = {.recipient = s->it->contract};
    ol_sha256 hash;
    message_write(s, &text);
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

static void body_write(const secret_command *s, const signed_message *m, ol_str sealed,
                       ol_json_writer *w)
{
    ol_json_object_begin(w);
    ol_json_key(w, "accessor");
    ol_accessor_add_tagged(w, &s->place.accessor);
    ol_json_put_str(w, "profile", s->place.profile);
    ol_json_put_str(w, "owner", s->place.owner);
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
    ol_json_put_str(w, "signed_message", m->text);
    ol_json_put_str(w, "signature", m->signature);
    ol_json_put_str(w, "public_key", m->public_key);
    ol_json_put_str(w, "nonce", m->nonce);
    ol_json_put_str(w, "recipient", s->it->contract);
    ol_json_object_end(w);
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
    OL_TRY(message_sign(s, &message, &failure->err));
    body_write(s, &message, sealed, &w);
    OL_TRY(secret_command_post(s, "/secrets/update_user_secrets", &body, &answer, failure));
    OL_TRY(ol_json_parse(ol_buf_str(&answer), &root, &failure->err));
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
