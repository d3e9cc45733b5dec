#include "contracts/outlayer/request.h"

enum { LAYOUT = 1, FIXED_BYTES_MAX = 320 };

typedef enum flag {
    FLAG_SAME_PAYER = 1 << 0,
    FLAG_SAME_SOURCE = 1 << 1,
    FLAG_PROJECT = 1 << 2,
    FLAG_COMPILE_ONLY = 1 << 3,
    FLAG_INPUT_APART = 1 << 4,
    FLAG_DETAILED = 1 << 5,
    FLAG_MAX_PAYMENT = 1 << 6,
    FLAG_INSTRUCTIONS = 1 << 7,
    FLAG_SECONDS = 1 << 8,
    FLAG_MEMORY = 1 << 9,
    FLAG_SECRETS = 1 << 10,
    FLAG_SIGNER = 1 << 11, /* with FLAG_SECRETS: another than the sender signed */
} flag;

static unsigned flags_of(const request *it)
{
    unsigned flags = 0;
    flags |= ol_str_eq(it->payer, it->sender) ? FLAG_SAME_PAYER : 0;
    flags |= ol_str_eq(it->source, it->resolved) ? FLAG_SAME_SOURCE : 0;
    flags |= it->project_id.data != NULL ? FLAG_PROJECT : 0;
    flags |= it->compile_only ? FLAG_COMPILE_ONLY : 0;
    flags |= it->input_apart ? FLAG_INPUT_APART : 0;
    flags |= it->detailed_result ? FLAG_DETAILED : 0;
    flags |= it->has_max_payment ? FLAG_MAX_PAYMENT : 0;
    flags |= it->limits.has_instructions ? FLAG_INSTRUCTIONS : 0;
    flags |= it->limits.has_seconds ? FLAG_SECONDS : 0;
    flags |= it->limits.has_memory_mb ? FLAG_MEMORY : 0;
    if (it->secrets_profile.data != NULL)
        flags |= ol_str_eq(it->signer, it->sender) ? FLAG_SECRETS : FLAG_SECRETS | FLAG_SIGNER;
    return flags;
}

static void save(const request *it)
{
    unsigned flags = flags_of(it);
    ol_str input = it->input_apart ? (ol_str){NULL, 0} : it->input;
    ol_buf *into = state_begin(LAYOUT, FIXED_BYTES_MAX + it->source.len + it->resolved.len +
                                           it->project_id.len + it->operation.len + input.len +
                                           it->secrets_profile.len);
    ol_borsh_add_u16(into, (uint16_t)flags);
    ol_borsh_add_fixed(into, (ol_bytes){it->data_id, sizeof it->data_id});
    ol_borsh_add_u64(into, it->timestamp);
    state_add_text(into, it->sender);
    if ((flags & FLAG_SAME_PAYER) == 0)
        state_add_text(into, it->payer);
    state_add_text(into, it->source);
    if ((flags & FLAG_SAME_SOURCE) == 0)
        state_add_text(into, it->resolved);
    if ((flags & FLAG_PROJECT) != 0) {
        state_add_text(into, it->project_id);
        state_add_text(into, it->operation);
        state_add_number(into, it->attached_usd);
        ol_borsh_add_u16(into, it->token);
    }
    if ((flags & FLAG_INSTRUCTIONS) != 0)
        state_add_number(into, it->limits.instructions);
    if ((flags & FLAG_SECONDS) != 0)
        state_add_number(into, it->limits.seconds);
    if ((flags & FLAG_MEMORY) != 0)
        state_add_number(into, it->limits.memory_mb);
    if ((flags & FLAG_SECRETS) != 0) {
        state_add_text(into, it->secrets_profile);
        state_add_text(into, it->secrets_account);
    }
    if ((flags & FLAG_SIGNER) != 0)
        state_add_text(into, it->signer);
    ol_borsh_add_u8(into, (uint8_t)it->format);
    state_add_number(into, it->payment);
    if ((flags & FLAG_MAX_PAYMENT) != 0)
        state_add_number(into, it->max_payment);
    state_add_text_or_null(into, input);
    near_storage_write(state_key_u64(RECORD_REQUEST, it->id), state_end(into));
}

static void read_record(uint64_t id, ol_bytes stored, request *ret)
{
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    unsigned flags = ol_borsh_u16(from);
    *ret = (request){.id = id,
                     .compile_only = (flags & FLAG_COMPILE_ONLY) != 0,
                     .input_apart = (flags & FLAG_INPUT_APART) != 0,
                     .detailed_result = (flags & FLAG_DETAILED) != 0,
                     .has_max_payment = (flags & FLAG_MAX_PAYMENT) != 0};
    ol_borsh_fixed(from, ret->data_id, sizeof ret->data_id);
    ret->timestamp = ol_borsh_u64(from);
    ret->sender = state_text(from);
    ret->payer = (flags & FLAG_SAME_PAYER) != 0 ? ret->sender : state_text(from);
    ret->source = state_text(from);
    ret->resolved = (flags & FLAG_SAME_SOURCE) != 0 ? ret->source : state_text(from);
    if ((flags & FLAG_PROJECT) != 0) {
        ret->project_id = state_text(from);
        ret->operation = state_text(from);
        ret->attached_usd = state_number(from);
        ret->token = ol_borsh_u16(from);
    }
    ret->limits.has_instructions = (flags & FLAG_INSTRUCTIONS) != 0;
    if (ret->limits.has_instructions)
        ret->limits.instructions = (uint64_t)state_number(from);
    ret->limits.has_seconds = (flags & FLAG_SECONDS) != 0;
    if (ret->limits.has_seconds)
        ret->limits.seconds = (uint64_t)state_number(from);
    ret->limits.has_memory_mb = (flags & FLAG_MEMORY) != 0;
    if (ret->limits.has_memory_mb)
        ret->limits.memory_mb = (uint32_t)state_number(from);
    if ((flags & FLAG_SECRETS) != 0) {
        ret->secrets_profile = state_text(from);
        ret->secrets_account = state_text(from);
    }
    ret->signer = (flags & FLAG_SIGNER) != 0 ? state_text(from) : ret->sender;
    ret->format = (response_format)ol_borsh_u8(from);
    ret->payment = state_number(from);
    if (ret->has_max_payment)
        ret->max_payment = state_number(from);
    ret->input = state_text_or_null(from);
    state_close(from);
}

void request_create(request *it)
{
    it->input_apart = it->input.len > REQUEST_INPUT_INLINE_MAX;
    if (it->input_apart) /* within all of the arguments, which lie ready */
        near_storage_write_input(state_key_u64(RECORD_INPUT, it->id));
    save(it);
}

bool request_load(uint64_t id, request *ret)
{
    ol_bytes stored;
    if (!near_storage_read(state_key_u64(RECORD_REQUEST, id), &stored))
        return false;
    read_record(id, stored, ret);
    return true;
}

bool request_take(uint64_t id, request *ret)
{
    ol_bytes stored;
    if (!near_storage_take(state_key_u64(RECORD_REQUEST, id), &stored))
        return false;
    read_record(id, stored, ret);
    if (ret->input_apart)
        near_storage_remove(state_key_u64(RECORD_INPUT, id));
    return true;
}

ol_str request_input(const request *it)
{
    ol_bytes stored;
    if (!it->input_apart)
        return it->input;
    bool there = near_storage_read(state_key_u64(RECORD_INPUT, it->id), &stored);
    ol_json arguments;
    ol_json input;
    there = there && ol_json_parse(ol_bytes_str(stored), &arguments, NULL) == OL_OK &&
            ol_json_find(&arguments, OL_STR("input_data"), &input);
    OL_ASSERT(there);
    char *text = near_alloc(input.raw.len);
    return (ol_str){text, ol_json_text_decode(&input, text)};
}

request request_find(uint64_t id)
{
    request it;
    REQUIRE(request_load(id, &it), "Execution request not found");
    return it;
}

uint64_t request_id_argument(call *c)
{
    static const ol_json_field FIELDS[] = {{"request_id", OL_BIND_U64, OL_REQUIRED, 0}};
    static const ol_json_table ARGUMENTS = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    uint64_t id;
    call_arguments(c, &ARGUMENTS, &id);
    return id;
}

void request_put_secrets(ol_json_writer *w, const request *r)
{
    ol_json_key(w, "secrets_ref");
    if (r->secrets_profile.data == NULL) {
        ol_json_add_null(w);
        return;
    }
    ol_json_object_begin(w);
    ol_json_put_str(w, "profile", r->secrets_profile);
    ol_json_put_str(w, "account_id", r->secrets_account);
    ol_json_object_end(w);
}
