#include "emulator/server/rpc_error.h"

#include <stdarg.h>
#include <string.h>

enum {
    INFO_BYTES_MAX = 16 * 1024,
    CODE_SERVER = -32000,
    CODE_PARSE = -32700,
    CODE_METHOD = -32601
};

static const char HANDLER[] = "HANDLER_ERROR";
static const char VALIDATION[] = "REQUEST_VALIDATION_ERROR";
static const char SERVER_ERROR[] = "Server error";

/* A JSON string of formatted text, in the arena; empty when there is no room. */
static ol_str text_json(rpc_call *call, const char *format, va_list arguments) OL_PRINTF(2, 0);
static ol_str text_json(rpc_call *call, const char *format, va_list arguments)
{
    char storage[4096];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_buf json = ol_buf_new(OL_KIB(32));
    ol_str kept = {0};
    ol_buf_vaddf(&text, format, arguments);
    ol_json_writer w = ol_json_writer_over(&json);
    ol_json_add_str(&w, ol_buf_str(&text));
    if (!ol_buf_ok(&json) || !ol_arena_copy(call->arena, ol_buf_str(&json), &kept))
        kept = (ol_str){0};
    ol_buf_deinit(&json);
    return kept;
}

static ol_str texts_json(rpc_call *call, const char *format, ...) OL_PRINTF(2, 3);
static ol_str texts_json(rpc_call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ol_str json = text_json(call, format, arguments);
    va_end(arguments);
    return json;
}

static rpc_end handler_error(rpc_call *call, const char *cause, ol_str info, ol_str data,
                             unsigned http)
{
    call->error = (rpc_error){.kind = HANDLER,
                              .cause = cause,
                              .info = info,
                              .data = data,
                              .code = CODE_SERVER,
                              .message = SERVER_ERROR,
                              .http = http};
    return RPC_FAILED;
}

rpc_end rpc_fail(rpc_call *call, const char *cause, const char *data, ...)
{
    va_list arguments;
    va_start(arguments, data);
    ol_str text = text_json(call, data, arguments);
    va_end(arguments);
    return handler_error(call, cause, OL_STR("{}"), text, 200);
}

ol_json_writer rpc_fail_begin(rpc_call *call)
{
    ol_buf_deinit(&call->info);
    call->info = ol_buf_new(INFO_BYTES_MAX);
    ol_json_writer info = ol_json_writer_over(&call->info);
    ol_json_object_begin(&info);
    return info;
}

static ol_str info_take(rpc_call *call, ol_json_writer *info)
{
    ol_str kept;
    ol_json_object_end(info);
    if (!ol_buf_ok(&call->info) || !ol_arena_copy(call->arena, ol_buf_str(&call->info), &kept))
        kept = OL_STR("{}");
    ol_buf_deinit(&call->info);
    call->info = (ol_buf){0};
    return kept;
}

rpc_end rpc_fail_end(rpc_call *call, ol_json_writer *info, const char *cause, const char *data, ...)
{
    va_list arguments;
    va_start(arguments, data);
    ol_str text = text_json(call, data, arguments);
    va_end(arguments);
    return handler_error(call, cause, info_take(call, info), text, 200);
}

static rpc_end parse_error(rpc_call *call, ol_str text_as_json)
{
    ol_json_writer info = rpc_fail_begin(call);
    ol_json_put_raw(&info, "error_message", text_as_json.len > 0 ? text_as_json : OL_STR("\"\""));
    call->error = (rpc_error){.kind = VALIDATION,
                              .cause = "PARSE_ERROR",
                              .info = info_take(call, &info),
                              .data = text_as_json,
                              .code = CODE_PARSE,
                              .message = "Parse error",
                              .http = 400};
    return RPC_FAILED;
}

rpc_end rpc_fail_parse(rpc_call *call, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    ol_str json = text_json(call, text, arguments);
    va_end(arguments);
    return parse_error(call, json);
}

rpc_end rpc_fail_parse_err(rpc_call *call, const ol_err *err)
{
    return rpc_fail_parse(call, "Failed parsing args: %s", err->text);
}

rpc_end rpc_fail_method(rpc_call *call, ol_str method)
{
    ol_str name = texts_json(call, "%.*s", OL_FMT(method));
    ol_json_writer info = rpc_fail_begin(call);
    ol_json_put_str(&info, "method_name", method);
    call->error = (rpc_error){.kind = VALIDATION,
                              .cause = "METHOD_NOT_FOUND",
                              .info = info_take(call, &info),
                              .data = name,
                              .code = CODE_METHOD,
                              .message = "Method not found",
                              .http = 400};
    return RPC_FAILED;
}

rpc_end rpc_fail_internal(rpc_call *call, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    ol_str json = text_json(call, text, arguments);
    va_end(arguments);
    ol_json_writer info = rpc_fail_begin(call);
    ol_json_put_raw(&info, "error_message", json.len > 0 ? json : OL_STR("\"\""));
    call->error = (rpc_error){.kind = "INTERNAL_ERROR",
                              .cause = "INTERNAL_ERROR",
                              .info = info_take(call, &info),
                              .data = json,
                              .code = CODE_SERVER,
                              .message = SERVER_ERROR,
                              .http = 500};
    return RPC_FAILED;
}

rpc_end rpc_fail_block(rpc_call *call, ol_str what)
{
    ol_str text = texts_json(call, "DB Not Found Error: %.*s \n Cause: Unknown", OL_FMT(what));
    return handler_error(call, "UNKNOWN_BLOCK", OL_STR("{}"), text, 422);
}

rpc_end rpc_fail_timeout(rpc_call *call)
{
    /* NEAR 10: newer nodes add info; emitted without. */
    return handler_error(call, "TIMEOUT_ERROR", (ol_str){0}, OL_STR("\"Timeout\""), 408);
}

rpc_end rpc_fail_transaction(rpc_call *call, const ol_failure *failure)
{
    ol_buf json = ol_buf_new(INFO_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&json);
    ol_str data = {0};
    ol_json_object_begin(&w);
    ol_json_key(&w, "TxExecutionError");
    ol_failure_write(failure, &w);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&json) || !ol_arena_copy(call->arena, ol_buf_str(&json), &data))
        data = (ol_str){0};
    ol_buf_deinit(&json);
    return handler_error(call, "INVALID_TRANSACTION", OL_STR("{}"), data, 200);
}

void rpc_error_write(ol_json_writer *w, const rpc_error *error)
{
    ol_json_key(w, "error");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "name", error->kind);
    ol_json_key(w, "cause");
    ol_json_object_begin(w);
    if (error->info.len > 0)
        ol_json_put_raw(w, "info", error->info);
    ol_json_put_cstr(w, "name", error->cause);
    ol_json_object_end(w);
    ol_json_put_i64(w, "code", error->code);
    if (error->data.len > 0)
        ol_json_put_raw(w, "data", error->data);
    ol_json_put_cstr(w, "message", error->message);
    ol_json_object_end(w);
}
