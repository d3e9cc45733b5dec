#include "services/keystore/update_message.h"

#include "lib/secrets/update_statement.h"
#include "services/keystore/generated.h"

bool update_message_is_v2(const update_body *body)
{
    return ol_str_starts(body->signed_message, OL_STR(OL_UPDATE_V2));
}

static ol_rc expected_v1(const update_body *body, const secret_values *incoming, ol_arena *arena,
                         ol_buf *into, ol_err *err)
{
    const generated_secret *generate = body->generate.items;
    ol_update_names set = {ol_arena_array(arena, incoming->count + 1, sizeof *set.name),
                           incoming->count};
    ol_update_names made = {ol_arena_array(arena, body->generate.count + 1, sizeof *made.name),
                            body->generate.count};
    if (set.name == NULL || made.name == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < set.count; i++)
        set.name[i] = incoming->items[i].name;
    for (size_t i = 0; i < made.count; i++)
        made.name[i] = generate[i].name;
    ol_update_statement_v1(body->owner, body->profile, set, made, into);
    return OL_OK;
}

static ol_rc expected_v2(const update_body *body, ol_buf *into, ol_err *err)
{
    ol_json request;
    if (!body->has_expires_at)
        return ol_fail(err, OL_ERR_INVALID, "expires_at is wanted (Unix milliseconds)");
    OL_TRY(ol_json_parse(body->text, &request, err));
    return ol_update_statement_v2(body->owner, body->profile, &request, into, err);
}

ol_rc update_message_check(const update_body *body, const secret_values *incoming, ol_arena *arena,
                           ol_err *err)
{
    bool v2 = update_message_is_v2(body);
    OL_AUTO(ol_buf) text = ol_buf_new(OL_UPDATE_STATEMENT_BYTES_MAX);
    OL_TRY(v2 ? expected_v2(body, &text, err) : expected_v1(body, incoming, arena, &text, err));
    if (ol_buf_ok(&text) && ol_str_eq(ol_buf_str(&text), body->signed_message))
        return OL_OK;
    return ol_fail(err, OL_ERR_INVALID, "Invalid message format. The signed message does not %s",
                   v2 ? "hold the hash of this request"
                      : "name this owner, profile and these keys");
}
