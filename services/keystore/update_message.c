#include "services/keystore/update_message.h"

#include <stdlib.h>

#include "services/keystore/generated.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 };

static int by_bytes(const void *a, const void *b)
{
    const ol_str *one = a;
    const ol_str *two = b;
    return ol_str_compare(*one, *two);
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

static ol_rc expected(const update_body *body, const secret_values *incoming, ol_arena *arena,
                      ol_buf *into, ol_err *err)
{
    const generated_secret *generate = body->generate.items;
    size_t room = incoming->count + body->generate.count + 1;
    ol_str *names = ol_arena_array(arena, room, sizeof *names);
    if (names == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_buf_addf(into, "Update Outlayer secrets for %.*s:%.*s", OL_FMT(body->owner),
                OL_FMT(body->profile));
    for (size_t i = 0; i < incoming->count; i++)
        names[i] = incoming->items[i].name;
    add_names(into, "keys", names, incoming->count);
    for (size_t i = 0; i < body->generate.count; i++)
        names[i] = generate[i].name;
    add_names(into, "protected", names, body->generate.count);
    return OL_OK;
}

ol_rc update_message_check(const update_body *body, const secret_values *incoming, ol_arena *arena,
                           int64_t now_ms, ol_err *err)
{
    ol_buf text = ol_buf_new(MESSAGE_BYTES_MAX);
    (void)now_ms;
    ol_rc rc = expected(body, incoming, arena, &text, err);
    if (rc == OL_OK && !(ol_buf_ok(&text) && ol_str_eq(ol_buf_str(&text), body->signed_message)))
        rc = ol_fail(err, OL_ERR_INVALID,
                     "Invalid message format. The signed message does not name this owner, profile "
                     "and these keys");
    ol_buf_deinit(&text);
    return rc;
}
