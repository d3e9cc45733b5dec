#include "lib/secrets/accessor.h"

#include "lib/codec/hex.h"
#include "lib/secrets/master.h"

enum { HASH_DIGITS = 64 };

/* The wire's names, by kind. */
static const ol_str KINDS[] = {
    [OL_ACCESSOR_REPO] = OL_STR_INIT("Repo"),
    [OL_ACCESSOR_WASM_HASH] = OL_STR_INIT("WasmHash"),
    [OL_ACCESSOR_PROJECT] = OL_STR_INIT("Project"),
    [OL_ACCESSOR_PAYMENT_KEY] = OL_STR_INIT("System"),
};

static const char *const MEMBER[] = {
    [OL_ACCESSOR_REPO] = "repo",
    [OL_ACCESSOR_WASM_HASH] = "hash",
    [OL_ACCESSOR_PROJECT] = "project_id",
};

static ol_rc take_text(const ol_json *object, const char *name, ol_arena *arena, ol_str *ret,
                       ol_err *err)
{
    ol_json value;
    if (!ol_json_find(object, ol_str_of(name), &value))
        return ol_fail(err, OL_ERR_SHAPE, "accessor: missing field `%s`", name);
    OL_TRY(ol_json_text(&value, arena, ret, err));
    if (ret->len == 0 || ret->len > OL_ACCESSOR_NAME_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "accessor: %s must have 1 to %d bytes", name,
                       OL_ACCESSOR_NAME_BYTES_MAX);
    return OL_OK;
}

static ol_rc take_branch(const ol_json *object, ol_arena *arena, ol_accessor *ret, ol_err *err)
{
    ol_json value;
    if (!ol_json_find(object, OL_STR("branch"), &value) || ol_json_is_null(&value))
        return OL_OK;
    return take_text(object, "branch", arena, &ret->branch, err);
}

static ol_rc parse_members(const ol_json *object, ol_arena *arena, ol_accessor *ret, ol_err *err)
{
    if (ret->kind == OL_ACCESSOR_PAYMENT_KEY)
        return OL_OK;
    OL_TRY(take_text(object, MEMBER[ret->kind], arena, &ret->name, err));
    if (ret->kind == OL_ACCESSOR_REPO)
        return take_branch(object, arena, ret, err);
    if (ret->kind == OL_ACCESSOR_WASM_HASH &&
        (ret->name.len != HASH_DIGITS || !ol_hex_is_digits(ret->name)))
        return ol_fail(err, OL_ERR_INVALID, "accessor: hash must be 64 hex characters");
    return OL_OK;
}

static bool find_kind(ol_str name, ol_accessor_kind *ret)
{
    for (size_t i = 0; i < OL_COUNT(KINDS); i++) {
        if (ol_str_eq(name, KINDS[i])) {
            *ret = (ol_accessor_kind)i;
            return true;
        }
    }
    return false;
}

/* {"type":"System","secret_type":"payment_key"} and {"type":"System","PaymentKey":{}}. */
static ol_rc check_tagged_system(const ol_json *object, ol_arena *arena, ol_err *err)
{
    ol_json value;
    ol_str type;
    if (ol_json_find(object, OL_STR("PaymentKey"), &value))
        return OL_OK;
    if (!ol_json_find(object, OL_STR("secret_type"), &value))
        return ol_fail(err, OL_ERR_SHAPE, "accessor: missing field `secret_type`");
    OL_TRY(ol_json_text(&value, arena, &type, err));
    if (!ol_str_eq(type, OL_STR("payment_key")))
        return ol_fail(err, OL_ERR_INVALID, "accessor: unknown secret_type");
    return OL_OK;
}

static ol_rc parse_tagged(const ol_json *object, const ol_json *type, ol_arena *arena,
                          ol_accessor *ret, ol_err *err)
{
    ol_str name;
    OL_TRY(ol_json_text(type, arena, &name, err));
    if (!find_kind(name, &ret->kind))
        return ol_fail(err, OL_ERR_INVALID, "accessor: unknown type");
    if (ret->kind == OL_ACCESSOR_PAYMENT_KEY)
        OL_TRY(check_tagged_system(object, arena, err));
    return parse_members(object, arena, ret, err);
}

static ol_rc parse_contract(const ol_json *object, ol_arena *arena, ol_accessor *ret, ol_err *err)
{
    ol_json key;
    ol_json value;
    ol_str name;
    ol_json_iter members = ol_json_iterate(object);
    if (ol_json_count(object) != 1 || !ol_json_next_member(&members, &key, &value))
        return ol_fail(err, OL_ERR_SHAPE, "accessor: one variant is wanted");
    OL_TRY(ol_json_text(&key, arena, &name, err));
    if (!find_kind(name, &ret->kind))
        return ol_fail(err, OL_ERR_INVALID, "accessor: unknown variant");
    if (ret->kind != OL_ACCESSOR_PAYMENT_KEY)
        return parse_members(&value, arena, ret, err);
    if (ol_json_kind_of(&value) != OL_JSON_STRING || !ol_json_text_is(&value, OL_STR("PaymentKey")))
        return ol_fail(err, OL_ERR_INVALID, "accessor: unknown system secret");
    return OL_OK;
}

ol_rc ol_accessor_parse(const ol_json *value, ol_arena *arena, ol_accessor *ret, ol_err *err)
{
    ol_json type;
    *ret = (ol_accessor){0};
    if (ol_json_kind_of(value) != OL_JSON_OBJECT)
        return ol_json_wrong_type(value, "an accessor", err);
    if (ol_json_find(value, OL_STR("type"), &type))
        return parse_tagged(value, &type, arena, ret, err);
    return parse_contract(value, arena, ret, err);
}

static void put_branch(ol_json_writer *w, const ol_accessor *accessor)
{
    if (accessor->branch.data == NULL)
        ol_json_put_null(w, "branch");
    else
        ol_json_put_str(w, "branch", accessor->branch);
}

void ol_accessor_add_contract(ol_json_writer *w, const ol_accessor *accessor)
{
    ol_json_object_begin(w);
    ol_json_key_str(w, KINDS[accessor->kind]);
    if (accessor->kind == OL_ACCESSOR_PAYMENT_KEY) {
        ol_json_add_cstr(w, "PaymentKey");
    } else {
        ol_json_object_begin(w);
        ol_json_put_str(w, MEMBER[accessor->kind], accessor->name);
        if (accessor->kind == OL_ACCESSOR_REPO)
            put_branch(w, accessor);
        ol_json_object_end(w);
    }
    ol_json_object_end(w);
}

void ol_accessor_add_tagged(ol_json_writer *w, const ol_accessor *accessor)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "type", KINDS[accessor->kind]);
    if (accessor->kind == OL_ACCESSOR_PAYMENT_KEY)
        ol_json_put_cstr(w, "secret_type", "payment_key");
    else
        ol_json_put_str(w, MEMBER[accessor->kind], accessor->name);
    if (accessor->kind == OL_ACCESSOR_REPO)
        put_branch(w, accessor);
    ol_json_object_end(w);
}

static bool prefix_cut(ol_str *text, ol_str prefix)
{
    if (!ol_str_starts(*text, prefix))
        return false;
    *text = ol_str_slice(*text, prefix.len, text->len);
    return true;
}

static size_t slashes(ol_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '/';
    return count;
}

static bool colons_to_slashes(ol_str text, ol_arena *arena, ol_str *ret)
{
    char *copy = ol_arena_alloc(arena, text.len + 1);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.data[i] == ':' ? '/' : text.data[i];
    *ret = (ol_str){copy, text.len};
    return true;
}

ol_rc ol_secret_repo_normalise(ol_str repo, ol_arena *arena, ol_str *ret, ol_err *err)
{
    ol_str text = ol_str_trim(repo);
    if (text.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "Repository URL cannot be empty");
    if (!prefix_cut(&text, OL_STR("https://")) && !prefix_cut(&text, OL_STR("http://")))
        (void)prefix_cut(&text, OL_STR("ssh://"));
    if (prefix_cut(&text, OL_STR("git@")) && !colons_to_slashes(text, arena, &text))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (ol_str_ends(text, OL_STR(".git")))
        text = ol_str_slice(text, 0, text.len - 4);
    if (slashes(text) == 0)
        return ol_fail(err, OL_ERR_INVALID, "Invalid repository format: %.*s", OL_FMT(repo));
    *ret = slashes(text) == 1 ? ol_arena_printf(arena, "github.com/%.*s", OL_FMT(text)) : text;
    return ret->data == NULL ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory") : OL_OK;
}

static bool lower(ol_str text, ol_arena *arena, ol_str *ret)
{
    char *copy = ol_arena_alloc(arena, text.len + 1);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    *ret = (ol_str){copy, text.len};
    return true;
}

static ol_rc repo_seed(const ol_accessor *accessor, ol_str owner, ol_arena *arena, ol_str *ret,
                       ol_err *err)
{
    ol_str repo;
    ol_str head;
    ol_str tail;
    OL_TRY(ol_secret_repo_normalise(accessor->name, arena, &repo, err));
    /* `github.com/a/b:victim.near` of somebody else would have the seed of victim's branch. */
    if (ol_str_cut(repo, ':', &head, &tail))
        return ol_fail(err, OL_ERR_INVALID, "Invalid repository format: it may not hold ':'");
    if (accessor->branch.data == NULL)
        *ret = ol_arena_printf(arena, "%.*s:%.*s", OL_FMT(repo), OL_FMT(owner));
    else
        *ret = ol_arena_printf(arena, "%.*s:%.*s:%.*s", OL_FMT(repo), OL_FMT(owner),
                               OL_FMT(accessor->branch));
    return OL_OK;
}

ol_rc ol_accessor_seed(const ol_accessor *accessor, ol_str owner, ol_str profile, ol_arena *arena,
                       ol_str *ret, ol_err *err)
{
    ol_str hash = {NULL, 0};
    *ret = (ol_str){NULL, 0};
    switch (accessor->kind) {
    case OL_ACCESSOR_REPO:
        OL_TRY(repo_seed(accessor, owner, arena, ret, err));
        break;
    case OL_ACCESSOR_WASM_HASH:
        if (lower(accessor->name, arena, &hash))
            *ret = ol_arena_printf(arena, "wasm_hash:%.*s:%.*s", OL_FMT(hash), OL_FMT(owner));
        break;
    case OL_ACCESSOR_PROJECT:
        *ret = ol_arena_printf(arena, "project:%.*s:%.*s", OL_FMT(accessor->name), OL_FMT(owner));
        break;
    case OL_ACCESSOR_PAYMENT_KEY:
        *ret =
            ol_arena_printf(arena, "system:payment_key:%.*s:%.*s", OL_FMT(owner), OL_FMT(profile));
        break;
    }
    if (ret->data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (ret->len > OL_SEED_BYTES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "seed is longer than %d bytes", OL_SEED_BYTES_MAX);
    return OL_OK;
}

bool ol_seed_is_of_payment_key(ol_str seed)
{
    return ol_str_starts(seed, OL_STR("system:payment_key:"));
}

/* Everything else that a master derives from begins with a word of its own (Keystore 2); a
 * repository begins with a host, so it has a slash before its first colon. */
bool ol_seed_is_of_secrets(ol_str seed)
{
    ol_str head;
    ol_str tail;
    if (seed.len > OL_SEED_BYTES_MAX || !ol_str_cut(seed, ':', &head, &tail) || tail.len == 0)
        return false;
    if (ol_str_eq(head, OL_STR("wasm_hash")) || ol_str_eq(head, OL_STR("project")))
        return true;
    return ol_seed_is_of_payment_key(seed) || slashes(head) >= 2;
}
