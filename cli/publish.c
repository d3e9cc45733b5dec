#include "cli/publish.h"

#include <string.h>

#include "cli/api.h"
#include "cli/project_file.h"

enum {
    UPLOAD_MS = 60000,
    LOOK_MS = 10000,
    PROJECT_BYTES = 200 + 17 + 24, /* Contract 7, besides the id */
};

/* Contract 2: 10^19 yocto a byte. */
static ol_yocto storage_price(uint64_t bytes)
{
    return OL_YOCTO((ol_u128)bytes * UINT64_C(10000000000000000000));
}

void publish_step_deinit(publish_step *step)
{
    ol_buf_deinit(&step->args);
}

/* ---- what is to be done */

typedef struct standing {
    bool project;
    bool version;
    bool active;
} standing;

static ol_rc look(chain_client *c, ol_str project_id, ol_str key, standing *ret, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(8));
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json version, active, project;
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", project_id);
    ol_json_put_str(&w, "version_key", key);
    ol_json_object_end(&w);
    *ret = (standing){0};
    OL_TRY(chain_view(c, "get_project", &args, &project, err));
    ret->project = !ol_json_is_null(&project);
    if (!ret->project)
        return OL_OK;
    OL_TRY(chain_view(c, "get_version", &args, &version, err));
    ret->version = !ol_json_is_null(&version);
    return ret->version && ol_json_find(&version, OL_STR("is_active"), &active)
               ? ol_json_bool(&active, &ret->active, err)
               : OL_OK;
}

static void put_create(ol_json_writer *w, ol_str name, const code_wish *code)
{
    ol_json_put_str(w, "name", name);
    ol_json_key(w, "source");
    code_wish_put(w, code);
}

static void put_add(ol_json_writer *w, ol_str name, const code_wish *code, bool activate)
{
    ol_json_put_str(w, "project_name", name);
    ol_json_key(w, "source");
    code_wish_put(w, code);
    ol_json_put_bool(w, "set_active", activate);
}

static void put_activate(ol_json_writer *w, ol_str name, ol_str key)
{
    ol_json_put_str(w, "project_name", name);
    ol_json_put_str(w, "version_key", key);
}

ol_rc publish_plan(const cli *it, chain_client *c, ol_str project_id, const code_wish *code,
                   bool activate, publish_step *ret, ol_err *err)
{
    char storage[2048];
    ol_buf key = ol_buf_over(storage, sizeof storage);
    ol_str name = project_name_of(project_id);
    publish_step step = {.args = ol_buf_new(OL_KIB(16))};
    ol_json_writer w = ol_json_writer_over(&step.args);
    standing now;
    (void)it;
    code_wish_key(code, &key);
    if (!ol_buf_ok(&key))
        return ol_fail(err, OL_ERR_USAGE, "the source's name is too long");
    OL_TRY(look(c, project_id, ol_buf_str(&key), &now, err));
    ol_json_object_begin(&w);
    if (!now.project) {
        step.method = "create_project";
        step.creates = true;
        step.deposit = storage_price(PROJECT_BYTES + project_id.len + code_wish_storage(code));
        put_create(&w, name, code);
    } else if (!now.version) {
        step.method = "add_version";
        step.deposit = storage_price(code_wish_storage(code));
        put_add(&w, name, code, activate);
    } else if (activate && !now.active) {
        step.method = "set_active_version";
        put_activate(&w, name, ol_buf_str(&key));
    }
    ol_json_object_end(&w);
    if (!ol_buf_ok(&step.args)) {
        publish_step_deinit(&step);
        return ol_fail(err, OL_ERR_LIMIT, "the source's name is too long");
    }
    *ret = step;
    return OL_OK;
}

ol_rc publish(const cli *it, chain_client *c, const signer *from, ol_str name,
              const code_wish *code, bool activate, publication *ret, ol_err *err)
{
    char storage[2048];
    ol_buf key = ol_buf_over(storage, sizeof storage);
    OL_AUTO(publish_step) step = {0};
    publication made = {0};
    made.project_id =
        ol_arena_printf(it->arena, "%.*s/%.*s", OL_FMT(from->account_id), OL_FMT(name));
    code_wish_key(code, &key);
    if (made.project_id.data == NULL || !ol_arena_copy(it->arena, ol_buf_str(&key), &made.key))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(publish_plan(it, c, made.project_id, code, activate, &step, err));
    made.created = step.creates;
    made.deposit = step.deposit;
    made.unchanged = step.method == NULL;
    if (!made.unchanged)
        OL_TRY(chain_call(c, from, step.method, &step.args, PUBLISH_TGAS, step.deposit, &made.sent,
                          err));
    *ret = made;
    return OL_OK;
}

/* ---- bytes */

bool publish_target_of(ol_bytes wasm, ol_str *ret_target)
{
    static const uint8_t MODULE[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    static const uint8_t COMPONENT[] = {0, 'a', 's', 'm', 13, 0, 1, 0};
    if (wasm.len < sizeof MODULE)
        return false;
    bool component = memcmp(wasm.data, COMPONENT, sizeof COMPONENT) == 0;
    if (!component && memcmp(wasm.data, MODULE, sizeof MODULE) != 0)
        return false;
    *ret_target = component ? OL_STR("wasm32-wasip2") : OL_STR("wasm32-wasip1");
    return true;
}

/* A word that stands nowhere in the content: derived from its hash, which the content cannot hold
 * by accident. */
static void body_write(ol_buf *into, const char *boundary, const ol_sha256_hex *hash, ol_str target,
                       ol_bytes wasm)
{
    const struct {
        const char *name;
        ol_str text;
    } parts[] = {
        {"checksum", ol_sha256_hex_str(hash)},
        {"repo_url", OL_STR_INIT("local")},
        {"commit_hash", ol_sha256_hex_str(hash)},
        {"build_target", target},
    };
    OL_EACH (part, parts)
        ol_buf_addf(into, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%.*s\r\n",
                    boundary, part->name, OL_FMT(part->text));
    ol_buf_addf(into,
                "--%s\r\nContent-Disposition: form-data; name=\"wasm_file\"; "
                "filename=\"program.wasm\"\r\nContent-Type: application/wasm\r\n\r\n",
                boundary);
    ol_buf_add(into, wasm);
    ol_buf_addf(into, "\r\n--%s--\r\n", boundary);
}

static bool is_there(const cli *it, api *a, const ol_sha256_hex *hash)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(OL_KIB(4));
    cli_failure ignored = {0};
    ol_json root, exists;
    bool there = false;
    const api_request request = {
        .method = "GET",
        .path = ol_arena_printf(it->arena, "/public/wasm/exists/%s", hash->data),
        .total_ms = LOOK_MS,
        .repeatable = true,
    };
    return api_send(a, &request, &answer, &ignored) == OL_OK &&
           ol_json_parse(ol_buf_str(&answer), &root, NULL) == OL_OK &&
           ol_json_find(&root, OL_STR("exists"), &exists) &&
           ol_json_bool(&exists, &there, NULL) == OL_OK && there;
}

ol_rc publish_upload(const cli *it, ol_str worker_token, ol_bytes wasm, ol_str target,
                     ol_sha256_hex *ret_hash, cli_failure *failure)
{
    OL_AUTO(ol_buf) body = ol_buf_new(wasm.len + OL_KIB(8));
    OL_AUTO(ol_buf) answer = ol_buf_new(OL_KIB(64));
    ol_sha256_hex hash = ol_sha256_hex_of(wasm);
    char boundary[48];
    api *a = NULL;
    OL_TRY(api_open(it, &a, &failure->err));
    if (is_there(it, a, &hash)) {
        api_close(a);
        *ret_hash = hash;
        return OL_OK;
    }
    memcpy(boundary, "outlayer-", 9);
    memcpy(boundary + 9, hash.data, 32);
    boundary[41] = '\0';
    body_write(&body, boundary, &hash, target, wasm);
    api_request request = {.method = "POST",
                           .path = OL_STR("/wasm/upload"),
                           .total_ms = UPLOAD_MS,
                           .repeatable = true};
    request.body = ol_buf_str(&body);
    api_header(&request, "Content-Type",
               ol_arena_printf(it->arena, "multipart/form-data; boundary=%s", boundary));
    api_header(&request, "Authorization",
               ol_arena_printf(it->arena, "Bearer %.*s", OL_FMT(worker_token)));
    ol_rc rc = ol_buf_ok(&body) ? api_send(a, &request, &answer, failure)
                                : ol_fail(&failure->err, OL_ERR_NO_MEMORY, "out of memory");
    api_close(a);
    if (rc == OL_OK)
        *ret_hash = hash;
    return rc;
}
