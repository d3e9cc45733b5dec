#include "contracts/outlayer/project.h"

#include "contracts/outlayer/deposit.h"
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/names.h"
#include "contracts/outlayer/paging.h"
#include "contracts/outlayer/priced_project.h"
#include "contracts/outlayer/project_record.h"
#include "contracts/outlayer/roster.h"
#include "contracts/outlayer/secret.h"
#include "contracts/outlayer/version.h"

/* Contract 7: project bytes = 200 + len(project_id) + 17 + 24. */
enum { PROJECT_BYTES = 200 + 17 + 24 };

enum { VERSIONS_ERASED_MAX = 50 }; /* by one call of delete_project */

static ol_u128 project_price(ol_str id)
{
    return storage_price(PROJECT_BYTES + id.len);
}

/* ASCII only (Contract 16 allows the narrowing): names stand in URLs and in account-like ids. */
static void check_name(ol_str name)
{
    REQUIRE(name.len > 0, "Project name cannot be empty");
    REQUIRE(name.len <= PROJECT_NAME_BYTES_MAX, "Project name too long (max 64 chars)");
    REQUIRE(plain_name(name), "Project name must contain only alphanumeric, dash, or underscore");
}

/* The list of an owner's projects. */
static ol_bytes owned_by(ol_str owner)
{
    return list_named(LIST_PROJECTS, owner);
}

static void disown(ol_str owner, uint32_t place)
{
    ol_bytes moved;
    if (!list_remove(owned_by(owner), place, &moved))
        return;
    ol_str id = project_id_of(owner, ol_bytes_str(moved));
    project neighbour = project_of(id);
    neighbour.place = place;
    (void)project_save(id, &neighbour);
}

/* --- create_project ------------------------------------------------------------------------------
 */

static uint64_t next_number(void)
{
    ol_bytes stored;
    uint64_t newest = 0;
    if (near_storage_read(state_key(RECORD_PROJECTS), &stored)) {
        ol_borsh from = ol_borsh_over(stored);
        newest = ol_borsh_u64(&from);
    }
    newest++;
    (void)near_storage_write(state_key(RECORD_PROJECTS),
                             (ol_bytes){(const uint8_t *)&newest, sizeof newest});
    return newest;
}

typedef struct create_arguments {
    ol_str name;
    ol_json source;
} create_arguments;

static const ol_json_field CREATE_FIELDS[] = {
    {"name", OL_BIND_TEXT, OL_REQUIRED, offsetof(create_arguments, name)},
    {"source", OL_BIND_VALUE, OL_REQUIRED, offsetof(create_arguments, source)},
};
static const ol_json_table CREATE = {"arguments", CREATE_FIELDS, OL_COUNT(CREATE_FIELDS)};

void method_create_project(call *c)
{
    create_arguments in;
    call_arguments(c, &CREATE, &in);
    source_version first = source_version_read(c, &in.source);
    check_name(in.name);
    ol_str id = project_id_of(c->predecessor, in.name);
    ol_u128 deposit = project_price(id);
    ol_u128 required = deposit + first.price;
    if (c->deposit < required) /* else saving tells */
        REQUIRE(!project_exists(id), "Project '%.*s' already exists", OL_FMT(id));
    deposit_settle(c, required, 0, YOCTO_NEAR);

    project it = {
        .number = next_number(),
        .place = list_add(owned_by(c->predecessor), ol_str_bytes(in.name)),
        .created_at = near_block_timestamp(),
        .deposit = deposit,
        .active = first.key,
        .active_source = first.json,
    };
    version_add(&it, first.key, first.price, first.json);
    REQUIRE(!project_save(id, &it), "Project '%.*s' already exists", OL_FMT(id));
    log_line("Project created: %.*s", OL_FMT(id));
}

/* --- delete_project ------------------------------------------------------------------------------
 */

/* Erases up to VERSIONS_ERASED_MAX versions, the active one last. Returns their deposits. */
static ol_u128 erase_versions(project *it)
{
    ol_u128 refund = 0;
    for (unsigned erased = 0; erased < VERSIONS_ERASED_MAX && it->versions > 0; erased++) {
        ol_str key = {0};
        (void)version_at(it->number, it->versions - 1, &key);
        if (it->versions > 1 && ol_str_eq(key, it->active))
            (void)version_at(it->number, it->versions - 2, &key);
        refund = money_add_most(refund, version_remove(it, key));
    }
    return refund;
}

static void announce_cleanup(call *c, ol_str id, uint64_t number)
{
    event e;
    ol_json_writer *w = system_event_begin(&e, c, "ProjectStorageCleanup");
    ol_json_put_str(w, "project_id", id);
    ol_json_put_str(w, "project_uuid", project_uuid(number));
    ol_json_put_u64(w, "timestamp", near_block_timestamp());
    system_event_end(&e);
}

typedef struct name_argument {
    ol_str project_name;
} name_argument;

static const ol_json_field NAME_FIELDS[] = {
    {"project_name", OL_BIND_TEXT, OL_REQUIRED, offsetof(name_argument, project_name)},
};
static const ol_json_table NAME = {"arguments", NAME_FIELDS, OL_COUNT(NAME_FIELDS)};

/* Contract 16, 9: refunds and erases all. A project with more versions than one call can erase
 * stays until it was called often enough; such a call answers how many versions are left. */
void method_delete_project(call *c)
{
    name_argument in;
    call_arguments(c, &NAME, &in);
    ol_str id = project_id_of(c->predecessor, in.project_name);
    project it = project_of(id);
    ol_u128 refund = erase_versions(&it);
    if (it.versions > 0) {
        (void)project_save(id, &it);
        pay(c->predecessor, refund);
        answer_u64(it.versions);
        return;
    }
    if (it.priced)
        project_pricing_forget(it.number);
    disown(c->predecessor, it.place);
    project_forget(id);
    announce_cleanup(c, id, it.number);
    pay(c->predecessor, money_add_most(refund, it.deposit));
}

/* --- Handing over --------------------------------------------------------------------------------
 */

typedef struct transfer_arguments {
    ol_str project_name;
    ol_str new_owner;
} transfer_arguments;

static const ol_json_field TRANSFER_FIELDS[] = {
    {"project_name", OL_BIND_TEXT, OL_REQUIRED, offsetof(transfer_arguments, project_name)},
    {"new_owner", OL_BIND_TEXT, OL_OPTIONAL, offsetof(transfer_arguments, new_owner),
     .check = ol_account_id_valid},
};
static const ol_json_table TRANSFER = {"arguments", TRANSFER_FIELDS, OL_COUNT(TRANSFER_FIELDS)};

/* Contract 16, 2: the receiver must accept, because the id moves into its namespace. Without a
 * `new_owner` the offer is withdrawn. */
void method_transfer_project(call *c)
{
    transfer_arguments in = {0};
    call_arguments(c, &TRANSFER, &in);
    ol_str id = project_id_of(c->predecessor, in.project_name);
    project it = project_of(id);
    if (in.new_owner.data != NULL) {
        ol_str new_id = project_id_of(in.new_owner, in.project_name);
        REQUIRE(!project_exists(new_id), "Project '%.*s' already exists", OL_FMT(new_id));
        log_line("Project offered: %.*s to %.*s", OL_FMT(id), OL_FMT(in.new_owner));
    }
    it.offered_to = in.new_owner;
    (void)project_save(id, &it);
}

/* Checks that the id is free of what an earlier project left behind. */
static void check_unused(ol_str id)
{
    REQUIRE(!project_exists(id), "Project '%.*s' already exists", OL_FMT(id));
    REQUIRE(project_secrets(id) == 0, "Project id '%.*s' is not free: secrets name it still",
            OL_FMT(id));
}

typedef struct id_argument {
    ol_str project_id;
} id_argument;

static const ol_json_field ID_FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(id_argument, project_id)},
};
static const ol_json_table ID = {"arguments", ID_FIELDS, OL_COUNT(ID_FIELDS)};

/* Ours (Contract 16, 2). The storage deposit goes with the project; a longer id is paid by the
 * receiver, who also gets back what a shorter one frees. */
void method_accept_project(call *c)
{
    id_argument in;
    call_arguments(c, &ID, &in);
    project it = project_of(in.project_id);
    REQUIRE(it.offered_to.data != NULL && ol_str_eq(it.offered_to, c->predecessor),
            "Project '%.*s' is not offered to %.*s", OL_FMT(in.project_id), OL_FMT(c->predecessor));
    ol_str owner;
    ol_str name;
    bool split = ol_str_cut(in.project_id, '/', &owner, &name);
    OL_ASSERT(split);
    ol_str new_id = project_id_of(c->predecessor, name);
    check_unused(new_id);
    ol_u128 required = project_price(new_id);
    deposit_settle(c, required, it.deposit, YOCTO_NEAR);

    disown(owner, it.place);
    project_forget(in.project_id);
    it.place = list_add(owned_by(c->predecessor), ol_str_bytes(name));
    it.deposit = required;
    it.offered_to = (ol_str){0};
    (void)project_save(new_id, &it);
    if (it.priced)
        project_pricing_rename(it.number, new_id);
    log_line("Project transferred: %.*s to %.*s", OL_FMT(in.project_id), OL_FMT(new_id));
}

/* --- For requests and settlement -----------------------------------------------------------------
 */

project_code project_resolve(ol_str project_id, ol_str version_key)
{
    project it = project_of(project_id);
    project_code code = {
        .uuid = project_uuid(it.number),
        .number = it.number,
        .version_key = it.active,
        .source_json = it.active_source,
        .priced = it.priced,
    };
    ol_str name;
    (void)ol_str_cut(project_id, '/', &code.owner, &name);
    if (version_key.data == NULL) {
        REQUIRE(it.active.len > 0, "Project has no active version");
        return code;
    }
    version found;
    REQUIRE(version_load(it.number, version_key, &found), "Version not found");
    code.version_key = version_key;
    code.source_json = found.source_json;
    return code;
}

bool project_find_owner(ol_str project_id, project_owner *ret)
{
    project it;
    ol_str name;
    if (!project_load(project_id, &it) || !ol_str_cut(project_id, '/', &ret->account, &name))
        return false;
    ret->priced = it.priced;
    ret->number = it.number;
    return true;
}

/* --- Views ---------------------------------------------------------------------------------------
 */

static void write_view(ol_json_writer *w, ol_str id, const project *it)
{
    ol_str owner;
    ol_str name;
    (void)ol_str_cut(id, '/', &owner, &name);
    ol_json_object_begin(w);
    ol_json_put_str(w, "uuid", project_uuid(it->number));
    ol_json_put_str(w, "owner", owner);
    ol_json_put_str(w, "name", name);
    ol_json_put_str(w, "project_id", id);
    ol_json_put_str(w, "active_version", it->active);
    ol_json_put_u64(w, "created_at", it->created_at);
    ol_json_put_dec(w, "storage_deposit", it->deposit);
    if (it->offered_to.data != NULL) /* ours: only while an offer stands */
        ol_json_put_str(w, "offered_to", it->offered_to);
    ol_json_object_end(w);
}

void method_get_project(call *c)
{
    id_argument in;
    project it;
    call_arguments(c, &ID, &in);
    if (!project_load(in.project_id, &it)) {
        answer_null();
        return;
    }
    ol_json_writer *w = answer_begin();
    write_view(w, in.project_id, &it);
    answer_end(w);
}

enum { OWN_PROJECTS_MAX = 500 }; /* on a page */

static void write_owned(ol_json_writer *w, const void *owner, uint32_t place)
{
    const ol_str *account = owner;
    ol_bytes name;
    project it;
    if (!list_item(owned_by(*account), place, &name))
        return;
    ol_str id = project_id_of(*account, ol_bytes_str(name));
    if (project_load(id, &it))
        write_view(w, id, &it);
}

void method_list_user_projects(call *c)
{
    account_page in = {.page.limit = OWN_PROJECTS_MAX};
    call_arguments(c, &ACCOUNT_PAGE, &in);
    answer_page(&in.page, list_count(owned_by(in.account_id)), OWN_PROJECTS_MAX, write_owned,
                &in.account_id);
}
