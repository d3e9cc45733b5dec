#include "contracts/outlayer/accessor.h"

#include "contracts/outlayer/names.h"
#include "contracts/outlayer/project_record.h"
#include "contracts/outlayer/types.h"
#include "lib/codec/hex.h"

enum { BRANCH_BYTES_MAX = 255, WASM_HASH_DIGITS = 64 };

static const ol_json_field REPO_FIELDS[] = {
    {"repo", OL_BIND_TEXT, OL_REQUIRED, offsetof(accessor, text)},
    {"branch", OL_BIND_TEXT, OL_OPTIONAL, offsetof(accessor, branch)},
};
static const ol_json_field HASH_FIELDS[] = {
    {"hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(accessor, text)},
};
static const ol_json_field PROJECT_FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(accessor, text)},
};

/* By accessor_kind. */
static const ol_json_table BODIES[] = {
    [ACCESSOR_REPO] = {"Repo", REPO_FIELDS, OL_COUNT(REPO_FIELDS)},
    [ACCESSOR_WASM_HASH] = {"WasmHash", HASH_FIELDS, OL_COUNT(HASH_FIELDS)},
    [ACCESSOR_PROJECT] = {"Project", PROJECT_FIELDS, OL_COUNT(PROJECT_FIELDS)},
};

accessor accessor_read(call *c, const ol_json *value)
{
    accessor it = {0};
    variant v = call_variant(value);
    for (accessor_kind kind = ACCESSOR_REPO; kind <= ACCESSOR_PROJECT; kind++) {
        if (!variant_is(&v, BODIES[kind].name, true))
            continue;
        call_bind(c, &v.body, &BODIES[kind], &it);
        it.kind = kind;
        if (kind == ACCESSOR_WASM_HASH)
            it.text = lower_case(it.text);
        return it;
    }
    if (variant_is(&v, "System", true) && ol_json_kind_of(&v.body) == OL_JSON_STRING &&
        ol_json_text_is(&v.body, OL_STR("PaymentKey"))) {
        it.kind = ACCESSOR_PAYMENT_KEY;
        return it;
    }
    fail_argument(value, "unknown variant of a secret accessor");
}

void accessor_write(ol_json_writer *w, const accessor *it)
{
    ol_json_object_begin(w);
    if (it->kind == ACCESSOR_PAYMENT_KEY) {
        ol_json_put_cstr(w, "System", "PaymentKey");
    } else {
        ol_json_key(w, BODIES[it->kind].name);
        ol_json_object_begin(w);
        ol_json_put_str(w, BODIES[it->kind].fields[0].name, it->text);
        if (it->kind == ACCESSOR_REPO)
            put_text_or_null(w, "branch", it->branch);
        ol_json_object_end(w);
    }
    ol_json_object_end(w);
}

static void check_project(ol_str id)
{
    ol_str owner;
    ol_str name;
    REQUIRE(id.len > 0, "Project ID cannot be empty");
    REQUIRE(ol_str_cut(id, '/', &owner, &name) && owner.len > 0 && name.len > 0,
            "Project ID must be in format 'owner.near/name'");
    REQUIRE(project_exists(id), "Project '%.*s' does not exist", OL_FMT(id));
}

void accessor_check(const accessor *it)
{
    switch (it->kind) {
    case ACCESSOR_REPO:
        REQUIRE(it->text.len > 0, "Repository cannot be empty");
        if (it->branch.data == NULL)
            return;
        REQUIRE(it->branch.len > 0, "Branch name cannot be empty if provided");
        REQUIRE(it->branch.len <= BRANCH_BYTES_MAX, "Branch name too long (max 255 chars)");
        return;
    case ACCESSOR_WASM_HASH:
        REQUIRE(it->text.len > 0, "WASM hash cannot be empty");
        REQUIRE(it->text.len == WASM_HASH_DIGITS, "WASM hash must be 64 hex characters (SHA256)");
        REQUIRE(ol_hex_is_digits(it->text), "WASM hash must be hex encoded");
        return;
    case ACCESSOR_PROJECT:
        check_project(it->text);
        return;
    case ACCESSOR_PAYMENT_KEY:
        return;
    }
    OL_UNREACHABLE();
}

size_t accessor_bytes(const accessor *it)
{
    switch (it->kind) {
    case ACCESSOR_REPO:
        return 6 + it->text.len + (it->branch.data == NULL ? 0 : 4 + it->branch.len);
    case ACCESSOR_WASM_HASH:
    case ACCESSOR_PROJECT:
        return 5 + it->text.len;
    case ACCESSOR_PAYMENT_KEY:
        return 2;
    }
    OL_UNREACHABLE();
}

bool profile_nonce(ol_str profile, uint32_t *ret)
{
    if (profile.len > 1 && profile.data[0] == '+') /* as Rust reads numbers */
        profile = ol_str_slice(profile, 1, profile.len);
    return ol_u32_parse(profile, ret);
}

ol_str profile_canonical(const accessor *of, ol_str profile)
{
    uint32_t nonce;
    if (of->kind != ACCESSOR_PAYMENT_KEY || !profile_nonce(profile, &nonce))
        return profile;
    return number_text(nonce);
}

enum {
    KEY_BYTES_MAX = 160,
    KEY_IS_HASH = 0xff, /* no accessor_kind */
    PART_OVERHEAD = 5,
};

ol_bytes secret_id(const secret_name *name)
{
    const accessor *of = &name->accessor;
    size_t bytes = of->text.len + of->branch.len + name->profile.len + name->owner.len;
    ol_buf *parts = state_begin((uint8_t)of->kind, bytes + 4 * PART_OVERHEAD);
    state_add_text(parts, of->text);
    state_add_text_or_null(parts, of->branch);
    state_add_text(parts, name->profile);
    state_add_text(parts, name->owner);
    ol_bytes key = state_end(parts);
    if (key.len <= KEY_BYTES_MAX)
        return key;
    uint8_t *hashed = near_alloc(1 + 32);
    hashed[0] = KEY_IS_HASH;
    near_sha256(key, hashed + 1);
    return (ol_bytes){hashed, 1 + 32};
}
