#include "tests/chain/anchors/replay.h"

#include <fcntl.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/codec/json_print.h"

enum {
    ARENA_BYTES_MAX = 1024 * 1024 * 1024,
    FILE_BYTES_MAX = 16 * 1024 * 1024,
    TEXT_BYTES_MAX = 4 * 1024 * 1024,
    HEIGHT_FIRST = 1000,
    ACCOUNT_BYTES = 182, /* of an account with one key (NEAR 4.3) */
};

/* State and what the recording knows of it. */
typedef struct world {
    replay *r;
    ol_vm *vm;
    ol_bytes code;
    ol_sha256 code_hash;
    ol_call_change *entries;
    size_t entry_count;
    size_t entry_size;
    uint64_t storage_usage;
    uint64_t height;
    ol_sha256 data_id; /* of the call that runs */
} world;

static ol_rc full(ol_err *err)
{
    return ol_fail(err, OL_ERR_NO_MEMORY, "The recording takes more memory than it may");
}

ol_rc replay_file(const char *path, ol_arena *arena, ol_bytes *ret, ol_err *err)
{
    OL_AUTO(ol_fd) file = OL_FD_NONE;
    ol_buf text = ol_buf_new(FILE_BYTES_MAX);
    ol_rc rc = ol_open(path, O_RDONLY, &file, err);

    if (rc == OL_OK)
        rc = ol_read_all(file, &text, err);
    if (rc == OL_OK && !ol_arena_copy_bytes(arena, ol_buf_bytes(&text), ret))
        rc = full(err);
    if (rc != OL_OK)
        (void)ol_note(err, "read %s", path);
    ol_buf_deinit(&text);
    return rc;
}

/* ── Reading the recording ── */

static ol_str text_of(const ol_json *object, const char *name, ol_arena *arena)
{
    ol_json value;
    ol_str text = {"", 0};

    if (ol_json_find(object, ol_str_of(name), &value) && ol_json_kind_of(&value) == OL_JSON_STRING)
        (void)ol_json_text(&value, arena, &text, NULL);
    return text;
}

static uint64_t number_of(const ol_json *object, const char *name)
{
    ol_json value;
    uint64_t number = 0;

    if (ol_json_find(object, ol_str_of(name), &value))
        (void)ol_json_u64(&value, &number, NULL);
    return number;
}

static bool true_of(const ol_json *object, const char *name)
{
    ol_json value;

    return ol_json_find(object, ol_str_of(name), &value) && value.raw.data[0] == 't';
}

static ol_yocto yocto_of(const ol_json *object, const char *name, ol_arena *arena)
{
    ol_yocto amount = {0};

    (void)ol_yocto_parse(text_of(object, name, arena), &amount);
    return amount;
}

/* A buffer's text, kept; the buffer is emptied. */
static ol_str kept(ol_buf *text, ol_arena *arena)
{
    ol_str ret = {"", 0};

    OL_ASSERT(ol_buf_ok(text) && ol_arena_copy(arena, ol_buf_str(text), &ret));
    ol_buf_clear(text);
    return ret;
}

/* `Smart contract panicked: panicked at src/x.rs:1:2:\nWords`, or an assertion's words with what
 * was compared behind, is about the words. */
static ol_str error_words(ol_str text)
{
    static const char PREFIX[] = "Smart contract panicked: ";
    static const char ASSERTION[] = "assertion `left == right` failed: ";
    size_t line;

    if (ol_str_starts(text, ol_str_of(PREFIX)))
        text = ol_str_slice(text, sizeof PREFIX - 1, text.len);
    if (ol_str_starts(text, OL_STR("panicked at ")) && ol_str_find(text, OL_STR("\n"), &line))
        text = ol_str_slice(text, line + 1, text.len);
    if (ol_str_starts(text, ol_str_of(ASSERTION)) && ol_str_find(text, OL_STR("\n"), &line))
        text = ol_str_slice(text, sizeof ASSERTION - 1, line);
    return text;
}

/* Arguments of a callback to itself are a contract's own affair, and so is its gas. */
static void call_line(ol_buf *text, ol_str method, ol_str args, ol_yocto deposit, bool to_self)
{
    ol_buf_addf(text, " call %.*s", OL_FMT(method));
    if (!to_self)
        ol_buf_addf(text, " %.*s", OL_FMT(args));
    ol_buf_addf(text, " deposit %s", YOCTO(deposit));
}

/* Events and the line that workers read (Contract 4, 7); other lines are for people. */
static void log_line(ol_buf *text, ol_str line)
{
    if (ol_str_starts(line, OL_STR("EVENT_JSON:")) || ol_str_starts(line, OL_STR("[[")))
        ol_buf_addf(text, "%.*s\n", OL_FMT(line));
}

static void recorded_receipts(const ol_json *entry, ol_str account, ol_buf *text, ol_arena *arena)
{
    ol_json receipts, op;
    ol_json_iter it;
    bool to_self = false;

    if (!ol_json_find(entry, OL_STR("receipts"), &receipts))
        return;
    it = ol_json_iterate(&receipts);
    while (ol_json_next_item(&it, &op)) {
        ol_str kind = text_of(&op, "op", arena), to = text_of(&op, "to", arena);
        ol_yocto amount = yocto_of(&op, "amount", arena);
        if (ol_str_eq(kind, OL_STR("resume"))) {
            ol_buf_addf(text, "\nresume"); /* what a contract tells itself is its own affair */
        } else if (ol_str_eq(kind, OL_STR("call"))) {
            call_line(text, text_of(&op, "a", arena), text_of(&op, "b", arena), amount, to_self);
        } else if (ol_str_eq(kind, OL_STR("transfer"))) {
            ol_buf_addf(text, " transfer %s", YOCTO(amount));
        } else {
            to_self = ol_str_eq(to, account);
            ol_buf_addf(text, "\n%.*s to %.*s", OL_FMT(kind), OL_FMT(to));
        }
    }
}

static void reference_side(const ol_json *entry, ol_str account, ol_buf *text, ol_arena *arena,
                           replay_side *ret)
{
    ol_json logs, log, value;
    ol_json_iter it;
    ol_str kind = text_of(entry, "return_kind", arena);

    ret->ok = true_of(entry, "ok");
    ret->error = error_words(text_of(entry, "error", arena));
    ret->gas = number_of(entry, "gas_burnt");
    if (ol_json_find(entry, OL_STR("storage_usage_delta"), &value))
        (void)ol_json_i64(&value, &ret->storage_delta, NULL);
    ret->returned = ol_str_eq(kind, OL_STR("value"))     ? text_of(entry, "return", arena)
                    : ol_str_eq(kind, OL_STR("receipt")) ? OL_STR("(receipt)")
                                                         : OL_STR("(nothing)");
    if (ol_json_find(entry, OL_STR("logs"), &logs)) {
        it = ol_json_iterate(&logs);
        while (ol_json_next_item(&it, &log)) {
            ol_str line = {"", 0};
            (void)ol_json_text(&log, arena, &line, NULL);
            log_line(text, line);
        }
    }
    ret->logs = kept(text, arena);
    recorded_receipts(entry, account, text, arena);
    ret->receipts = kept(text, arena);
}

/* ── Our side ── */

static void action_line(const ol_action *action, bool to_self, ol_buf *text)
{
    if (action->kind == OL_ACTION_CALL)
        call_line(text, action->call.method, ol_bytes_str(action->call.args), action->call.deposit,
                  to_self);
    else if (action->kind == OL_ACTION_TRANSFER)
        ol_buf_addf(text, " transfer %s", YOCTO(action->transfer));
    else
        ol_buf_addf(text, " action %d", (int)action->kind);
}

static void our_side(const ol_call_result *result, const ol_call *call, ol_buf *text,
                     ol_arena *arena, replay_side *ret)
{
    ret->ok = result->failure == OL_CALL_OK;
    ret->error = error_words(result->failure_text);
    ret->gas = result->gas_burnt;
    ret->storage_delta =
        ret->ok ? (int64_t)result->storage_usage - (int64_t)call->storage_usage : 0;
    ret->returned = !ret->ok || result->returns == OL_CALL_RETURNS_NOTHING ? OL_STR("(nothing)")
                    : result->returns == OL_CALL_RETURNS_VALUE ? ol_bytes_str(result->value)
                                                               : OL_STR("(receipt)");
    for (size_t i = 0; i < result->log_count; i++)
        log_line(text, result->logs[i]);
    ret->logs = kept(text, arena);
    for (size_t i = 0; i < result->receipt_count; i++) {
        const ol_receipt *receipt = &result->receipts[i].receipt;
        bool to_self = ol_str_eq(receipt->receiver_id, call->account_id);
        ol_buf_addf(text, "\n%s to %.*s", receipt->kind == OL_RECEIPT_YIELD ? "yield" : "receipt",
                    OL_FMT(receipt->receiver_id));
        for (size_t a = 0; a < receipt->action_count; a++)
            action_line(&receipt->actions[a], to_self, text);
    }
    for (size_t i = 0; i < result->resume_count; i++)
        ol_buf_addf(text, "\nresume");
    ret->receipts = kept(text, arena);
}

/* ── The world between calls ── */

static bool find(void *at, ol_bytes key, ol_bytes *ret)
{
    const world *w = at;

    for (size_t i = 0; i < w->entry_count; i++) {
        if (ol_bytes_eq(w->entries[i].key, key)) {
            *ret = w->entries[i].value;
            return !w->entries[i].removed;
        }
    }
    return false;
}

static bool yield_pending(void *at, const ol_sha256 *data_id)
{
    (void)at, (void)data_id; /* the recording resumes pending ones alone */
    return true;
}

static ol_sha256 data_id(void *at, uint64_t index)
{
    const world *w = at;
    ol_sha256 id = w->data_id;

    id.bytes[31] ^= (uint8_t)index; /* the yield's comes first; others nobody sees */
    return id;
}

static bool apply(world *w, const ol_call_result *result)
{
    for (size_t i = 0; i < result->change_count; i++) {
        size_t at = 0;
        while (at < w->entry_count && !ol_bytes_eq(w->entries[at].key, result->changes[i].key))
            at++;
        if (at == w->entry_size) {
            size_t size = w->entry_size ? 2 * w->entry_size : 256;
            ol_call_change *entries = ol_arena_array(&w->r->arena, size, sizeof *entries);
            if (!entries)
                return false;
            if (at > 0)
                memcpy(entries, w->entries, at * sizeof *entries);
            w->entries = entries;
            w->entry_size = size;
        }
        w->entries[at] = result->changes[i];
        w->entry_count += at == w->entry_count;
    }
    w->storage_usage = result->storage_usage;
    return true;
}

/* ── One call ── */

/* The data id that the recording gave to this call's yield. */
static void recorded_data_id(const ol_json *entry, ol_sha256 *ret, ol_arena *arena)
{
    ol_json receipts, op;
    ol_json_iter it;

    *ret = (ol_sha256){{0}};
    if (!ol_json_find(entry, OL_STR("receipts"), &receipts))
        return;
    it = ol_json_iterate(&receipts);
    while (ol_json_next_item(&it, &op)) {
        if (ol_str_eq(text_of(&op, "op", arena), OL_STR("yield")))
            (void)ol_sha256_parse(text_of(&op, "data_id", arena), ret);
    }
}

static ol_rc arguments(const ol_json *entry, ol_buf *text, ol_arena *arena, ol_bytes *ret,
                       ol_err *err)
{
    ol_json args;

    if (!ol_json_find(entry, OL_STR("args"), &args) || ol_json_is_null(&args))
        return OL_OK;
    if (ol_json_kind_of(&args) == OL_JSON_STRING) {
        *ret = ol_str_bytes(text_of(entry, "args", arena));
        return OL_OK;
    }
    OL_TRY(ol_json_print(&args, OL_JSON_KEYS_AS_GIVEN, text, err));
    *ret = ol_str_bytes(kept(text, arena));
    return OL_OK;
}

/* A callback takes what our own yield said, and what our own resume brought. */
static ol_rc callback(const world *w, const replay_call *call, ol_call_input *input, ol_call *to,
                      ol_err *err)
{
    ol_json from;
    const replay_call *creator;

    if (!ol_json_find(&call->recorded, OL_STR("callback_of"), &from) || ol_json_is_null(&from))
        return OL_OK;
    creator = replay_find(w->r, number_of(&call->recorded, "callback_of"));
    if (creator) /* NEAR 3, rule 7; the recording named another signer here and there */
        to->signer_id = text_of(&creator->recorded, "signer", &w->r->arena);
    to->inputs = input;
    to->input_count = 1;
    if (ol_json_find(&call->recorded, OL_STR("payload_from"), &from) && !ol_json_is_null(&from)) {
        const replay_call *resumer = replay_find(w->r, number_of(&call->recorded, "payload_from"));
        if (!resumer || resumer->result.resume_count != 1)
            return ol_fail(err, OL_ERR_NOT_FOUND, "call %lu: nothing was resumed",
                           (unsigned long)call->seq);
        *input = (ol_call_input){true, resumer->result.resumes[0].payload};
    }
    for (size_t i = 0; creator && i < creator->result.receipt_count; i++) {
        const ol_receipt *receipt = &creator->result.receipts[i].receipt;
        if (receipt->kind != OL_RECEIPT_YIELD || receipt->action_count != 1)
            continue;
        to->method = receipt->actions[0].call.method;
        to->args = receipt->actions[0].call.args;
        to->gas = receipt->actions[0].call.gas;
        return OL_OK;
    }
    return ol_fail(err, OL_ERR_NOT_FOUND, "call %lu: nothing had yielded",
                   (unsigned long)call->seq);
}

static ol_rc call_again(world *w, replay_call *call, ol_buf *text, ol_err *err)
{
    ol_arena *arena = &w->r->arena;
    const ol_json *entry = &call->recorded;
    ol_call_input input = {0};
    ol_call to = {
        .code = w->code,
        .code_hash = w->code_hash,
        .account_id = text_of(entry, "account", arena),
        .method = call->method,
        .gas = number_of(entry, "prepaid_gas"),
        .view = call->view,
        .signer_id = text_of(entry, "signer", arena),
        .predecessor_id = text_of(entry, "predecessor", arena),
        .balance = OL_YOCTO((ol_u128)100 * 1000000000000 * 1000000000000),
        .deposit = yocto_of(entry, "attached_deposit", arena),
        .storage_usage = w->storage_usage,
        .height = call->view ? w->height : ++w->height,
        .timestamp_ns = number_of(entry, "block_timestamp"),
        .at = w,
        .find = find,
        .yield_pending = yield_pending,
        .data_id = data_id,
    };

    recorded_data_id(entry, &w->data_id, arena);
    OL_TRY(arguments(entry, text, arena, &to.args, err));
    if (callback(w, call, &input, &to, err) != OL_OK) {
        /* An earlier difference; this call cannot be compared. */
        call->ours =
            (replay_side){.error = ol_arena_printf(arena, "(not run) %s", err ? err->text : ""),
                          .returned = OL_STR("(nothing)"),
                          .logs = OL_STR(""),
                          .receipts = OL_STR("")};
        return OL_OK;
    }
    OL_TRY(ol_call_run(w->vm, &to, arena, &call->result, err));
    our_side(&call->result, &to, text, arena, &call->ours);
    if (call->ours.ok && !call->view && !apply(w, &call->result))
        return full(err);
    return OL_OK;
}

/* ── All of them ── */

static ol_rc calls_read(const ol_json *root, ol_str contract, replay *r, ol_buf *text, ol_err *err)
{
    ol_json_iter it = ol_json_iterate(root);
    ol_json entry;

    r->calls = ol_arena_array(&r->arena, ol_json_count(root), sizeof *r->calls);
    if (!r->calls)
        return full(err);
    while (ol_json_next_item(&it, &entry)) {
        replay_call *call = &r->calls[r->count];
        if (!ol_str_eq(text_of(&entry, "contract", &r->arena), contract))
            continue;
        r->count++;
        *call = (replay_call){
            .seq = number_of(&entry, "seq"),
            .method = text_of(&entry, "method", &r->arena),
            .note = text_of(&entry, "note", &r->arena),
            .view = true_of(&entry, "view"),
            .recorded = entry,
        };
        reference_side(&entry, text_of(&entry, "account", &r->arena), text, &r->arena,
                       &call->reference);
    }
    return OL_OK;
}

static ol_rc run_all(world *w, ol_buf *text, ol_err *err)
{
    for (size_t i = 0; i < w->r->count; i++)
        OL_TRY_NOTE(err, call_again(w, &w->r->calls[i], text, err), "call %lu",
                    (unsigned long)w->r->calls[i].seq);
    return OL_OK;
}

ol_rc replay_run(const char *data_path, ol_str contract, const char *wasm_path, replay *ret,
                 ol_err *err)
{
    world w = {.r = ret, .height = HEIGHT_FIRST};
    ol_buf text = ol_buf_new(TEXT_BYTES_MAX);
    ol_bytes data;
    ol_json root;
    ol_rc rc;

    *ret = (replay){.arena = ol_arena_new(ARENA_BYTES_MAX)};
    OL_TRY(replay_file(data_path, &ret->arena, &data, err));
    OL_TRY(replay_file(wasm_path, &ret->arena, &w.code, err));
    OL_TRY_NOTE(err, ol_json_parse(ol_bytes_str(data), &root, err), "%s", data_path);
    OL_TRY(ol_vm_new(86, OL_STR(""), &w.vm, err));
    ret->wasm_bytes = w.code.len;
    w.code_hash = ol_sha256_of(w.code);
    w.storage_usage = ACCOUNT_BYTES + w.code.len;
    rc = calls_read(&root, contract, ret, &text, err);
    if (rc == OL_OK)
        rc = run_all(&w, &text, err);
    ol_vm_free(w.vm);
    ol_buf_deinit(&text);
    return rc;
}

void replay_deinit(replay *r)
{
    ol_arena_deinit(&r->arena);
}

const replay_call *replay_find(const replay *r, uint64_t seq)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->calls[i].seq == seq)
            return &r->calls[i];
    }
    return NULL;
}

/* ── Comparing ── */

static const char *const PARTS[REPLAY_PARTS] = {"ok", "error", "returned", "logs", "receipts"};

ol_str replay_part(const replay_side *side, const char *name)
{
    switch (name[0]) {
    case 'o':
        return side->ok ? OL_STR("yes") : OL_STR("no");
    case 'e':
        return side->error;
    case 'l':
        return side->logs;
    default:
        return name[2] == 't' ? side->returned : side->receipts;
    }
}

size_t replay_differences(const replay_call *call, const char *ret[REPLAY_PARTS])
{
    size_t count = 0;

    for (size_t i = 0; i < REPLAY_PARTS; i++) {
        if (!ol_str_eq(replay_part(&call->reference, PARTS[i]), replay_part(&call->ours, PARTS[i])))
            ret[count++] = PARTS[i];
    }
    return count;
}
