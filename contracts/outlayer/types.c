#include "contracts/outlayer/types.h"

#include <stddef.h>

#define TEXT_FIELD(name, need, member) {name, OL_BIND_TEXT, need, offsetof(code_source, member)}

static const ol_json_field GITHUB[] = {TEXT_FIELD("repo", OL_REQUIRED, where),
                                       TEXT_FIELD("commit", OL_REQUIRED, which),
                                       TEXT_FIELD("build_target", OL_OPTIONAL, build_target)};
static const ol_json_field WASM_URL[] = {TEXT_FIELD("url", OL_REQUIRED, where),
                                         TEXT_FIELD("hash", OL_REQUIRED, which),
                                         TEXT_FIELD("build_target", OL_OPTIONAL, build_target)};
static const ol_json_field PROJECT[] = {TEXT_FIELD("project_id", OL_REQUIRED, where),
                                        TEXT_FIELD("version_key", OL_OPTIONAL, which)};

/* By source_kind. */
static const ol_json_table SOURCES[] = {
    [SOURCE_GITHUB] = {"GitHub", GITHUB, OL_COUNT(GITHUB)},
    [SOURCE_WASM_URL] = {"WasmUrl", WASM_URL, OL_COUNT(WASM_URL)},
    [SOURCE_PROJECT] = {"Project", PROJECT, OL_COUNT(PROJECT)},
};

code_source code_source_read(call *c, const ol_json *value, bool project_allowed)
{
    variant v = call_variant(value);
    code_source it = {.kind = SOURCE_GITHUB};
    for (; it.kind <= SOURCE_PROJECT; it.kind++) {
        if ((it.kind != SOURCE_PROJECT || project_allowed) &&
            variant_is(&v, SOURCES[it.kind].name, true)) {
            call_bind(c, &v.body, &SOURCES[it.kind], &it);
            return it;
        }
    }
    fail_argument(value, "unknown variant of a code source");
}

void put_text_or_null(ol_json_writer *w, const char *key, ol_str text)
{
    if (text.data == NULL)
        ol_json_put_null(w, key);
    else
        ol_json_put_str(w, key, text);
}

void code_source_write(ol_json_writer *w, const code_source *it)
{
    const ol_json_field *field = SOURCES[it->kind].fields;
    ol_json_object_begin(w);
    ol_json_key(w, SOURCES[it->kind].name);
    ol_json_object_begin(w);
    ol_json_put_str(w, field[0].name, it->where);
    put_text_or_null(w, field[1].name, it->which);
    if (it->kind != SOURCE_PROJECT)
        put_text_or_null(w, field[2].name, it->build_target);
    ol_json_object_end(w);
    ol_json_object_end(w);
}
