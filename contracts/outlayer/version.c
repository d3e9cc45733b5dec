#include "contracts/outlayer/version.h"

#include "contracts/outlayer/deposit.h"
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/paging.h"
#include "contracts/outlayer/project_record.h"

enum {
    VERSION_BYTES = 150 + 88,      /* Contract 7, without the texts */
    SOURCE_JSON_BYTES_MAX = 65536, /* ours */
};

source_version source_version_read(call *c, const ol_json *value)
{
    code_source source = code_source_read(c, value, false);
    ol_buf key = ol_buf_new(VERSION_KEY_BYTES_MAX);
    if (source.kind == SOURCE_GITHUB) {
        ol_buf_add_str(&key, source.where);
        ol_buf_add_char(&key, '@');
    }
    ol_buf_add_str(&key, source.which);
    REQUIRE(ol_buf_ok(&key), "Version key too long (max %u bytes)",
            (unsigned)VERSION_KEY_BYTES_MAX);

    ol_buf json = ol_buf_new(SOURCE_JSON_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&json);
    code_source_write(&w, &source);
    REQUIRE(ol_buf_ok(&json), "Source too long");
    return (source_version){ol_buf_str(&key), ol_buf_str(&json),
                            storage_price(VERSION_BYTES + source.where.len + source.which.len +
                                          source.build_target.len)};
}

typedef struct add_arguments {
    ol_str project_name;
    ol_json source;
    bool set_active;
} add_arguments;

static const ol_json_field ADD_FIELDS[] = {
    {"project_name", OL_BIND_TEXT, OL_REQUIRED, offsetof(add_arguments, project_name)},
    {"source", OL_BIND_VALUE, OL_REQUIRED, offsetof(add_arguments, source)},
    {"set_active", OL_BIND_BOOL, OL_REQUIRED, offsetof(add_arguments, set_active)},
};
static const ol_json_table ADD = {"arguments", ADD_FIELDS, OL_COUNT(ADD_FIELDS)};

void method_add_version(call *c)
{
    add_arguments in;
    call_arguments(c, &ADD, &in);
    source_version added = source_version_read(c, &in.source);
    ol_str id = project_id_of(c->predecessor, in.project_name);
    project it = project_of(id);
    deposit_settle(c, added.price, 0, YOCTO_NEAR);
    version_add(&it, added.key, added.price, added.json);
    if (in.set_active) {
        it.active = added.key;
        it.active_source = added.json;
    }
    (void)project_save(id, &it);
    log_line("Version added: %.*s", OL_FMT(added.key));
}

typedef struct version_arguments {
    ol_str project_name; /* of calls */
    ol_str project_id;   /* of views */
    ol_str version_key;
} version_arguments;

static const ol_json_field NAMED_FIELDS[] = {
    {"project_name", OL_BIND_TEXT, OL_REQUIRED, offsetof(version_arguments, project_name)},
    {"version_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(version_arguments, version_key)},
};
static const ol_json_table NAMED = {"arguments", NAMED_FIELDS, OL_COUNT(NAMED_FIELDS)};

void method_set_active_version(call *c)
{
    version_arguments in;
    version found;
    call_arguments(c, &NAMED, &in);
    ol_str id = project_id_of(c->predecessor, in.project_name);
    project it = project_of(id);
    REQUIRE(version_load(it.number, in.version_key, &found), "Version '%.*s' not found in project",
            OL_FMT(in.version_key));
    it.active = in.version_key;
    it.active_source = found.source_json;
    (void)project_save(id, &it);
    log_line("Active version: %.*s", OL_FMT(in.version_key));
}

void method_remove_version(call *c)
{
    version_arguments in;
    call_arguments(c, &NAMED, &in);
    ol_str id = project_id_of(c->predecessor, in.project_name);
    project it = project_of(id);
    REQUIRE(!ol_str_eq(in.version_key, it.active),
            "Cannot remove active version. Switch to another version first.");
    ol_u128 refund = version_remove(&it, in.version_key);
    (void)project_save(id, &it);
    log_line("Version removed: %.*s", OL_FMT(in.version_key));
    pay(c->predecessor, refund);
}

/* --- Views ---------------------------------------------------------------------------------------
 */

static void write_view(ol_json_writer *w, ol_str key, const version *it, ol_str active)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "wasm_hash", key);
    ol_json_put_raw(w, "source", it->source_json);
    ol_json_put_u64(w, "added_at", it->added_at);
    ol_json_put_bool(w, "is_active", ol_str_eq(key, active));
    ol_json_object_end(w);
}

static const ol_json_field OF_ID_FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(version_arguments, project_id)},
    {"version_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(version_arguments, version_key)},
};
static const ol_json_table OF_ID = {"arguments", OF_ID_FIELDS, OL_COUNT(OF_ID_FIELDS)};

void method_get_version(call *c)
{
    version_arguments in;
    project of;
    version it;
    call_arguments(c, &OF_ID, &in);
    if (!project_load(in.project_id, &of) || !version_load(of.number, in.version_key, &it)) {
        answer_null();
        return;
    }
    ol_json_writer *w = answer_begin();
    write_view(w, in.version_key, &it, of.active);
    answer_end(w);
}

enum { VERSIONS_DEFAULT = 50, VERSIONS_MAX = 100 }; /* Contract 10: on a page */

typedef struct list_arguments {
    ol_str project_id;
    page page;
} list_arguments;

static const ol_json_field LIST_FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(list_arguments, project_id)},
    PAGE_FIELDS(list_arguments, page),
};
static const ol_json_table LIST = {"arguments", LIST_FIELDS, OL_COUNT(LIST_FIELDS)};

static void write_placed(ol_json_writer *w, const void *of, uint32_t place)
{
    const project *its = of;
    ol_str key;
    version it;
    if (version_at(its->number, place, &key) && version_load(its->number, key, &it))
        write_view(w, key, &it, its->active);
}

void method_list_versions(call *c)
{
    list_arguments in = {.page.limit = VERSIONS_DEFAULT};
    project of = {.versions = 0};
    call_arguments(c, &LIST, &in);
    (void)project_load(in.project_id, &of);
    answer_page(&in.page, of.versions, VERSIONS_MAX, write_placed, &of);
}

static const ol_json_table COUNT = {"arguments", OF_ID_FIELDS, 1}; /* project_id alone */

void method_get_version_count(call *c)
{
    version_arguments in;
    project of;
    call_arguments(c, &COUNT, &in);
    answer_u64(project_load(in.project_id, &of) ? of.versions : 0);
}
