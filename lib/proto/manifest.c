#include "lib/proto/manifest.h"

#include <string.h>

#include "lib/codec/json_read.h"

/* Section ids of the binary formats. */
enum { SECTION_CUSTOM = 0, COMPONENT_CORE_MODULE = 1, COMPONENT_COMPONENT = 4 };

static const ol_str SECTION_NAME = OL_STR_INIT("outlayer.manifest");

typedef struct cursor {
    const uint8_t *at;
    const uint8_t *end;
} cursor;

static size_t left(const cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* LEB128 of 32 bits: at most five bytes. */
static bool read_u32(cursor *c, uint32_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (left(c) == 0)
            return false;
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return ol_u32_of(value, ret);
    }
    return false;
}

static bool read_part(cursor *c, ol_bytes *ret)
{
    uint32_t size;
    if (!read_u32(c, &size) || size > left(c))
        return false;
    *ret = (ol_bytes){c->at, size};
    c->at += size;
    return true;
}

static bool is_manifest(ol_bytes custom, ol_bytes *ret)
{
    cursor c = {custom.data, custom.data + custom.len};
    ol_bytes name;
    if (!read_part(&c, &name) || !ol_str_eq(ol_bytes_str(name), SECTION_NAME))
        return false;
    *ret = (ol_bytes){c.at, left(&c)};
    return true;
}

/* Binaries within binaries, outermost first. An explicit stack: depth is bounded, and so is ours.
 */
bool ol_manifest_find(ol_bytes wasm, ol_bytes *ret)
{
    static const uint8_t core[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    static const uint8_t component[8] = {0, 'a', 's', 'm', 0x0D, 0, 1, 0};
    struct level {
        cursor c;
        bool component;
    } stack[OL_WASM_NESTING_MAX];
    size_t depth = 0;
    ol_bytes inner = wasm;
    bool enter = true;
    for (;;) {
        if (enter) {
            bool is_component = inner.len >= 8 && memcmp(inner.data, component, 8) == 0;
            bool is_core = inner.len >= 8 && memcmp(inner.data, core, 8) == 0;
            if ((!is_component && !is_core) || depth == OL_WASM_NESTING_MAX)
                return false;
            stack[depth++] = (struct level){{inner.data + 8, inner.data + inner.len}, is_component};
            enter = false;
        }
        struct level *top = &stack[depth - 1];
        if (left(&top->c) == 0) {
            if (--depth == 0)
                return false;
            continue;
        }
        uint8_t id = *top->c.at++;
        ol_bytes body;
        if (!read_part(&top->c, &body))
            return false;
        if (id == SECTION_CUSTOM && is_manifest(body, ret))
            return true;
        if (top->component && (id == COMPONENT_CORE_MODULE || id == COMPONENT_COMPONENT)) {
            inner = body;
            enter = true;
        }
    }
}

#define BAD(err, ...) ol_fail(err, OL_ERR_INVALID, "outlayer.manifest: " __VA_ARGS__)

static ol_rc take_text(const ol_json *value, ol_arena *arena, ol_str *ret, ol_err *err)
{
    ol_str text;
    if (ol_json_text(value, arena, &text, err) != OL_OK)
        return ol_prefix(err, "outlayer.manifest: ");
    if (!ol_arena_copy(arena, text, ret)) /* the section's bytes may go before the manifest does */
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return OL_OK;
}

static ol_rc take_network(const ol_json *list, ol_arena *arena, ol_manifest *manifest, ol_err *err)
{
    if (ol_json_kind_of(list) != OL_JSON_ARRAY)
        return BAD(err, "network must be a list of hosts");
    size_t count = ol_json_count(list);
    if (count > OL_MANIFEST_HOSTS_MAX)
        return BAD(err, "more than %d hosts", OL_MANIFEST_HOSTS_MAX);
    ol_str *hosts = ol_arena_array(arena, count + 1, sizeof *hosts);
    if (hosts == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_json_iter it = ol_json_iterate(list);
    ol_json item;
    size_t n = 0;
    while (ol_json_next_item(&it, &item))
        OL_TRY(take_text(&item, arena, &hosts[n++], err));
    manifest->has_network = true;
    manifest->host = hosts;
    manifest->hosts = n;
    return OL_OK;
}

static ol_rc take_limit(const ol_json *row, ol_arena *arena, ol_manifest_limit *ret, ol_err *err)
{
    ol_manifest_limit limit = {.window = OL_WINDOW_MONTH, .applies = OL_APPLIES_EVERYONE};
    ol_json member;
    if (ol_json_kind_of(row) != OL_JSON_OBJECT || !ol_json_find(row, OL_STR("operation"), &member))
        return BAD(err, "a limit needs an operation");
    OL_TRY(take_text(&member, arena, &limit.operation, err));
    if (!ol_json_find(row, OL_STR("max_count"), &member) ||
        ol_json_u64(&member, &limit.count_max, NULL) != OL_OK)
        return BAD(err, "a limit needs a max_count");
    if (ol_json_find(row, OL_STR("window"), &member) &&
        ol_json_kind_of(&member) == OL_JSON_STRING) {
        if (ol_json_text_is(&member, OL_STR("day")))
            limit.window = OL_WINDOW_DAY;
        else if (ol_json_text_is(&member, OL_STR("week")))
            limit.window = OL_WINDOW_WEEK;
    }
    if (ol_json_find(row, OL_STR("applies"), &member) &&
        ol_json_kind_of(&member) == OL_JSON_STRING) {
        if (ol_json_text_is(&member, OL_STR("unpaid")))
            limit.applies = OL_APPLIES_UNPAID;
        else if (ol_json_text_is(&member, OL_STR("covered")))
            limit.applies = OL_APPLIES_COVERED;
    }
    *ret = limit;
    return OL_OK;
}

static ol_rc take_limits(const ol_json *list, ol_arena *arena, ol_manifest *manifest, ol_err *err)
{
    if (ol_json_kind_of(list) != OL_JSON_ARRAY)
        return BAD(err, "limits must be a list");
    size_t count = ol_json_count(list);
    if (count > OL_MANIFEST_LIMITS_MAX)
        return BAD(err, "more than %d limits", OL_MANIFEST_LIMITS_MAX);
    ol_manifest_limit *limits = ol_arena_array(arena, count + 1, sizeof *limits);
    if (limits == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_json_iter it = ol_json_iterate(list);
    ol_json item;
    size_t n = 0;
    while (ol_json_next_item(&it, &item))
        OL_TRY(take_limit(&item, arena, &limits[n++], err));
    manifest->limit = limits;
    manifest->limits = n;
    return OL_OK;
}

static bool find_present(const ol_json *object, ol_str name, ol_json *ret)
{
    return ol_json_find(object, name, ret) && !ol_json_is_null(ret);
}

ol_rc ol_manifest_parse(ol_bytes json, ol_arena *arena, ol_manifest *ret, ol_err *err)
{
    ol_manifest manifest = {.present = true};
    ol_json root;
    ol_json member;
    ol_json network;
    if (json.len > OL_MANIFEST_BYTES_MAX)
        return BAD(err, "%zu bytes (max %d)", json.len, OL_MANIFEST_BYTES_MAX);
    if (ol_json_parse(ol_bytes_str(json), &root, err) != OL_OK)
        return ol_prefix(err, "outlayer.manifest: ");
    if (ol_json_kind_of(&root) != OL_JSON_OBJECT)
        return BAD(err, "must be a JSON object");
    if (find_present(&root, OL_STR("connector_id"), &member))
        OL_TRY(take_text(&member, arena, &manifest.connector_id, err));
    if (find_present(&root, OL_STR("capabilities"), &member) &&
        ol_json_kind_of(&member) == OL_JSON_OBJECT &&
        find_present(&member, OL_STR("network"), &network))
        OL_TRY(take_network(&network, arena, &manifest, err));
    else if (find_present(&root, OL_STR("network"), &network))
        OL_TRY(take_network(&network, arena, &manifest, err));
    if (find_present(&root, OL_STR("limits"), &member))
        OL_TRY(take_limits(&member, arena, &manifest, err));
    *ret = manifest;
    return OL_OK;
}

ol_rc ol_manifest_load(ol_bytes wasm, ol_arena *arena, ol_manifest *ret, ol_err *err)
{
    ol_bytes section;
    if (!ol_manifest_find(wasm, &section)) {
        *ret = (ol_manifest){0};
        return OL_OK;
    }
    return ol_manifest_parse(section, arena, ret, err);
}
