/* outlayer storage get: what a project shows to everybody. Values of accounts are encrypted for
 * runs of the project: no command can read them. */
#include "cli/api.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/project_file.h"
#include "lib/codec/base64.h"

enum { GET_MS = 15000, ANSWER_BYTES_MAX = 8 << 20, UUID_BYTES_MAX = 64 };

/* The coordinator knows projects by what the contract calls them. */
static ol_rc uuid_find(const cli *it, ol_str project, ol_str *ret, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    ol_json_writer w = ol_json_writer_over(&args);
    chain_client *c = NULL;
    ol_json view, value;
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", project);
    ol_json_object_end(&w);
    OL_TRY(chain_open(it, &c, err));
    ol_rc rc = chain_view(c, "get_project", &args, &view, err);
    chain_close(c);
    OL_TRY(rc);
    if (ol_json_is_null(&view))
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project not found: %.*s", OL_FMT(project));
    if (!ol_json_find(&view, OL_STR("uuid"), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract names no uuid");
    return ol_json_text(&value, it->arena, ret, err);
}

static ol_rc value_fetch(const cli *it, ol_str uuid, ol_str key, ol_buf *answer,
                         cli_failure *failure)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(8));
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_uuid", uuid);
    ol_json_key(&w, "keys");
    ol_json_array_begin(&w);
    ol_json_add_str(&w, key);
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    return api_post(it, "/public/storage/batch", &body, GET_MS, true, answer, failure);
}

/* {"results":{KEY:{"exists","value"?,"error"?}}}, of one key. */
static ol_rc value_read(const cli *it, const ol_buf *answer, ol_str key, ol_bytes *ret, ol_err *err)
{
    ol_json root, results, row, value;
    ol_str text;
    OL_TRY(ol_json_parse_within(ol_buf_str(answer),
                                (ol_json_limits){ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root, err));
    if (!ol_json_find(&root, OL_STR("results"), &results) || !ol_json_find(&results, key, &row))
        return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's answer has no such key");
    if (ol_json_find(&row, OL_STR("error"), &value))
        return ol_fail(err, OL_ERR_FORBIDDEN, "%.*s is encrypted: only runs of the project read it",
                       OL_FMT(key));
    if (!ol_json_find(&row, OL_STR("value"), &value))
        return ol_fail(err, OL_ERR_NOT_FOUND, "the project shows no %.*s", OL_FMT(key));
    OL_TRY(ol_json_text(&value, it->arena, &text, err));
    return ol_base64_decode(text, it->arena, ret)
               ? OL_OK
               : ol_fail(err, OL_ERR_PROTOCOL, "the value is no Base64");
}

int cmd_storage_get(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    OL_AUTO(ol_buf) text = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    cli_failure failure = {0};
    ol_str project, uuid, key = args->positional[1];
    ol_bytes value;
    if (project_id_find(it, args->positional[0], &project, &failure.err) != OL_OK ||
        uuid_find(it, project, &uuid, &failure.err) != OL_OK ||
        value_fetch(it, uuid, key, &answer, &failure) != OL_OK ||
        value_read(it, &answer, key, &value, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    if (!it->json)
        return cli_result(ol_bytes_str(value)) ? CLI_DONE : CLI_FAILED;
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project", project);
    ol_json_put_str(&w, "key", key);
    ol_json_put_base64(&w, "value", value);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}
