#include "emulator/error.h"

#include <stddef.h>

#include "lib/codec/base58.h"

typedef enum form {
    FORM_NONE,
    FORM_TEXT,
    FORM_KEY,
    FORM_DEC,
    FORM_NUM,
    FORM_GLOBAL,
    FORM_RAW
} form;

typedef struct field {
    const char *name;
    form form;
    size_t at; /* offset of the member */
} field;

enum { FIELDS_MAX = 4 };

typedef struct row {
    ol_failure_group group;
    const char *name;
    field field[FIELDS_MAX];
} row;

#define F(json_name, member, shown) {json_name, FORM_##shown, offsetof(ol_failure, member)}
static const row ROWS[OL_FAILURE_KINDS] = {
#define OL_FAILURE(code, in, json_name, ...)                                                       \
    [OL_FAILURE_##code] = {OL_GROUP_##in, json_name, {__VA_ARGS__}},
#include "emulator/errors.def"
#undef OL_FAILURE
};
#undef F

ol_failure_group ol_failure_group_of(ol_failure_kind kind)
{
    OL_ASSERT(kind > OL_FAILURE_NONE && kind < OL_FAILURE_KINDS);
    return ROWS[kind].group;
}

static void write_key(const ol_public_key *key, ol_json_writer *w)
{
    char storage[256];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_public_key_add_text(&text, key);
    ol_json_add_str(w, ol_buf_str(&text));
}

static void write_global(const ol_global_id *id, ol_json_writer *w)
{
    char storage[128];
    ol_buf hash = ol_buf_over(storage, sizeof storage);
    ol_base58_add(&hash, ol_sha256_bytes(&id->hash));
    ol_json_object_begin(w);
    if (id->by_account)
        ol_json_put_str(w, "AccountId", id->account_id);
    else
        ol_json_put_str(w, "CodeHash", ol_buf_str(&hash));
    ol_json_object_end(w);
}

static void write_field(const ol_failure *failure, const field *f, ol_json_writer *w)
{
    const void *member = (const uint8_t *)failure + f->at;
    switch (f->form) {
    case FORM_TEXT:
        ol_json_add_str(w, *(const ol_str *)member);
        break;
    case FORM_KEY:
        write_key(member, w);
        break;
    case FORM_DEC:
        ol_json_add_dec(w, ((const ol_yocto *)member)->yocto);
        break;
    case FORM_NUM:
        ol_json_add_u64(w, *(const uint64_t *)member);
        break;
    case FORM_GLOBAL:
        write_global(member, w);
        break;
    case FORM_RAW:
        ol_json_add_raw(w, *(const ol_str *)member);
        break;
    case FORM_NONE:
        OL_UNREACHABLE();
    }
}

/* `"Name"`, or `{"Name":{…}}`. */
static void write_variant(const ol_failure *failure, const row *r, ol_json_writer *w)
{
    if (r->field[0].form == FORM_NONE) {
        ol_json_add_cstr(w, r->name);
        return;
    }
    ol_json_object_begin(w);
    ol_json_key(w, r->name);
    if (r->field[0].form == FORM_RAW) {
        write_field(failure, &r->field[0], w);
    } else {
        ol_json_object_begin(w);
        for (size_t i = 0; i < FIELDS_MAX && r->field[i].form != FORM_NONE; i++) {
            ol_json_key(w, r->field[i].name);
            write_field(failure, &r->field[i], w);
        }
        ol_json_object_end(w);
    }
    ol_json_object_end(w);
}

/* Names of the objects between the outermost one and the error itself, outer first. */
static size_t wrappers(const ol_failure *failure, const char *names[2])
{
    bool in_action = failure->in_action;
    switch (ol_failure_group_of(failure->kind)) {
    case OL_GROUP_TRANSACTION:
    case OL_GROUP_ACTION:
        return 0;
    case OL_GROUP_ACCESS_KEY:
        names[0] = in_action ? "DelegateActionAccessKeyError" : "InvalidAccessKeyError";
        return 1;
    case OL_GROUP_RECEIPT:
        names[0] = "NewReceiptValidationError";
        return 1;
    case OL_GROUP_ACTIONS:
        names[0] = in_action ? "NewReceiptValidationError" : "ActionsValidation";
        names[1] = "ActionsValidation";
        return in_action ? 2 : 1;
    }
    OL_UNREACHABLE();
}

static void write_wrapped(const ol_failure *failure, ol_json_writer *w)
{
    const char *names[2] = {0};
    size_t count = wrappers(failure, names);
    for (size_t i = 0; i < count; i++) {
        ol_json_object_begin(w);
        ol_json_key(w, names[i]);
    }
    write_variant(failure, &ROWS[failure->kind], w);
    for (size_t i = 0; i < count; i++)
        ol_json_object_end(w);
}

void ol_failure_write(const ol_failure *failure, ol_json_writer *w)
{
    ol_json_object_begin(w);
    if (failure->in_action) {
        ol_json_key(w, "ActionError");
        ol_json_object_begin(w);
        ol_json_key(w, "index");
        if (failure->has_index)
            ol_json_add_u64(w, failure->index);
        else
            ol_json_add_null(w);
        ol_json_key(w, "kind");
        write_wrapped(failure, w);
        ol_json_object_end(w);
    } else {
        ol_json_key(w, "InvalidTxError");
        write_wrapped(failure, w);
    }
    ol_json_object_end(w);
}

bool ol_failure_keep(ol_failure *failure, ol_arena *arena)
{
    return ol_arena_copy(arena, failure->account, &failure->account) &&
           ol_arena_copy(arena, failure->other, &failure->other) &&
           ol_arena_copy(arena, failure->third, &failure->third) &&
           ol_arena_copy(arena, failure->json, &failure->json) &&
           ol_arena_copy(arena, failure->global.account_id, &failure->global.account_id);
}
