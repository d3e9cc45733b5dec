#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/base/fd.h"

enum {
    FAILURE_JSON_BYTES_MAX = 16 * 1024,
    NOTE_BYTES_MAX = 2 << 20,
    RESULT_BYTES_MAX = 1 << 30,
};

static bool is_second_of_c1(unsigned char c)
{
    return c >= 0x80 && c < 0xA0;
}

/* U+0080 to U+009F are two bytes in UTF-8, and both of them are meant. */
static bool is_control(unsigned char before, unsigned char c, unsigned char next)
{
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F ||
           (c == 0xC2 && is_second_of_c1(next)) || (before == 0xC2 && is_second_of_c1(c));
}

static unsigned char byte_at(ol_str text, size_t i)
{
    return i < text.len ? (unsigned char)text.data[i] : 0;
}

static bool is_control_at(ol_str text, size_t i)
{
    return is_control(i > 0 ? byte_at(text, i - 1) : 0, byte_at(text, i), byte_at(text, i + 1));
}

void cli_add_clean(ol_buf *into, ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_control_at(text, i))
            ol_buf_addf(into, "\\x%02x", byte_at(text, i));
        else
            ol_buf_add_char(into, text.data[i]);
    }
}

/* Text and line end in one piece, so that no other program's line comes between them. */
static bool print(ol_str text)
{
    ol_err err = {0};
    struct iovec piece[] = {{.iov_base = (char *)(uintptr_t)text.data, .iov_len = text.len},
                            {.iov_base = "\n", .iov_len = 1}};
    ssize_t written = writev(STDOUT_FILENO, piece, OL_COUNT(piece));
    size_t done = written > 0 ? (size_t)written : 0;
    ol_fd out = {STDOUT_FILENO};
    if (done == text.len + 1)
        return true;
    return ol_write_all(out, ol_str_bytes(ol_str_slice(text, done, text.len)), &err) == OL_OK &&
           ol_write_all(out, ol_str_bytes(OL_STR("\n")), &err) == OL_OK;
}

static bool has_controls(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_control_at(text, i))
            return true;
    }
    return false;
}

/* Byte for byte into files and pipes. A terminal is given no commands by what a program, a contract
 * or a server answers. */
bool cli_result(ol_str text)
{
    if (isatty(STDOUT_FILENO) == 0 || !has_controls(text))
        return print(text);
    OL_AUTO(ol_buf) cleaned = ol_buf_new(RESULT_BYTES_MAX);
    cli_add_clean(&cleaned, text);
    return ol_buf_ok(&cleaned) && print(ol_buf_str(&cleaned));
}

int cli_result_buf(const cli *it, const ol_buf *text, int exit)
{
    ol_err err = {0};
    if (!ol_buf_ok(text)) {
        (void)ol_fail(&err, OL_ERR_NO_MEMORY, "the result is too large to print");
        return cli_fail_err(it, &err);
    }
    if (!cli_result(ol_buf_str(text))) {
        (void)ol_fail(&err, OL_ERR_IO, "standard output cannot be written");
        return cli_fail_err(it, &err);
    }
    return exit;
}

static void fail_json(const cli_failure *failure, const char *reason, const char *hint,
                      const ol_reason *row, int exit)
{
    ol_buf text = ol_buf_new(FAILURE_JSON_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "error", ol_err_text(&failure->err));
    ol_json_put_cstr(&w, "reason", reason);
    ol_json_put_bool(&w, "terminal", row->terminal);
    ol_json_put_cstr(&w, "hint", hint);
    if (failure->request_id[0] != '\0')
        ol_json_put_cstr(&w, "request_id", failure->request_id);
    else
        ol_json_put_null(&w, "request_id");
    if (failure->call_id[0] != '\0')
        ol_json_put_cstr(&w, "call_id", failure->call_id);
    ol_json_put_i64(&w, "exit", exit);
    ol_json_object_end(&w);
    (void)cli_result(ol_buf_str(&text));
    ol_buf_deinit(&text);
}

void cli_put_failed_run(ol_json_writer *w, ol_str error, int exit)
{
    if (error.data != NULL)
        ol_json_put_str(w, "error", error);
    else
        ol_json_put_null(w, "error");
    ol_json_put_cstr(w, "reason", ol_reason_of(OL_ERR_EXECUTION_FAILED)->name);
    ol_json_put_bool(w, "terminal", true);
    ol_json_put_cstr(w, "hint", "");
    ol_json_put_null(w, "request_id");
    ol_json_put_i64(w, "exit", exit);
}

/* The same without memory of its own. */
static void print_clean(const char *text)
{
    unsigned char before = 0;
    for (; *text != '\0'; before = (unsigned char)*text++) {
        unsigned char c = (unsigned char)*text;
        if (is_control(before, c, (unsigned char)text[1]))
            (void)fprintf(stderr, "\\x%02x", c);
        else
            (void)fputc(c, stderr);
    }
}

static void fail_text(const cli *it, const cli_failure *failure, const char *hint)
{
    const char *red = it->color ? "\033[31m" : "", *plain = it->color ? "\033[0m" : "";
    (void)fprintf(stderr, "%serror:%s ", red, plain);
    print_clean(failure->err.text);
    (void)fputc('\n', stderr);
    for (unsigned i = 0; it->verbose && i < failure->err.notes; i++)
        (void)fprintf(stderr, "       %s\n", failure->err.note[i]);
    if (hint[0] != '\0')
        (void)fprintf(stderr, " hint: "), print_clean(hint), (void)fputc('\n', stderr);
    if (failure->request_id[0] != '\0')
        (void)fprintf(stderr, "   id: %s\n", failure->request_id);
}

int cli_fail(const cli *it, const cli_failure *failure)
{
    const ol_reason *row = ol_reason_of(failure->err.rc);
    const char *reason = failure->reason[0] != '\0' ? failure->reason : row->name;
    bool unreached = failure->err.rc == OL_ERR_NETWORK || failure->err.rc == OL_ERR_TIMEOUT;
    const char *hint = failure->hint[0] != '\0' ? failure->hint
                       : unreached              ? cli_network_hint(it)
                                                : row->hint;
    int exit = failure->exit != 0 ? failure->exit : row->exit;
    OL_ASSERT(exit != CLI_DONE); /* a failure never exits 0 */
    if (it->json)
        fail_json(failure, reason, hint, row, exit);
    else
        fail_text(it, failure, hint);
    return exit;
}

int cli_fail_err(const cli *it, const ol_err *err)
{
    cli_failure failure = {.err = *err};
    return cli_fail(it, &failure);
}

int cli_fail_memory(const cli *it)
{
    ol_err err = {0};
    (void)ol_fail(&err, OL_ERR_NO_MEMORY, "out of memory");
    return cli_fail_err(it, &err);
}

int cli_fail_usage(const cli *it, const char *format, ...)
{
    cli_failure failure = {0};
    char text[OL_ERR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)ol_fail(&failure.err, OL_ERR_USAGE, "%s", text);
    return cli_fail(it, &failure);
}

OL_PRINTF(1, 0) static void line_print(const char *format, va_list arguments)
{
    OL_AUTO(ol_buf) text = ol_buf_new(NOTE_BYTES_MAX);
    ol_buf_vaddf(&text, format, arguments);
    ol_buf_add(&text, (ol_bytes){(const uint8_t *)"", 1});
    if (!ol_buf_ok(&text))
        return;
    print_clean((const char *)text.data);
    (void)fputc('\n', stderr);
}

void cli_note(const cli *it, const char *format, ...)
{
    va_list arguments;
    if (it->quiet)
        return;
    va_start(arguments, format);
    line_print(format, arguments);
    va_end(arguments);
}

void cli_warn(const cli *it, const char *format, ...)
{
    va_list arguments;
    (void)fprintf(stderr, "%swarning:%s ", it->color ? "\033[33m" : "", it->color ? "\033[0m" : "");
    va_start(arguments, format);
    line_print(format, arguments);
    va_end(arguments);
}

const char *cli_cstr(const cli *it, ol_str text)
{
    ol_str copy;
    return ol_arena_copy(it->arena, text, &copy) ? copy.data : NULL;
}

ol_rc cli_program(const cli *it, const char *name, const char **ret, ol_err *err)
{
    char self[4096];
    ol_str folder, file;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    if (n <= 0 || !ol_str_cut_last((ol_str){self, (size_t)n}, '/', &folder, &file))
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot tell where this program lies");
    ol_str path = ol_arena_printf(it->arena, "%.*s/%s", OL_FMT(folder), name);
    if (path.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (access(path.data, X_OK) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "%s is missing beside this program", name);
    *ret = path.data;
    return OL_OK;
}

ol_rc cli_load(const cli *it, ol_str path, size_t bytes_max, ol_str *ret, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(bytes_max);
    const char *name = cli_cstr(it, path);
    if (name == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (ol_str_eq(path, OL_STR("-")))
        OL_TRY(ol_read_all((ol_fd){STDIN_FILENO}, &content, err));
    else if (ol_file_load(name, &content, err) != OL_OK)
        return err->rc == OL_ERR_NOT_FOUND ? (err->rc = OL_ERR_USAGE) : err->rc;
    if (!ol_arena_copy(it->arena, ol_buf_str(&content), ret))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return OL_OK;
}

bool cli_confirm(const cli *it, const char *consequences, ol_str word)
{
    char line[256];
    if (isatty(STDIN_FILENO) == 0 || it->json)
        return false;
    (void)fprintf(stderr, "%s\ntype %.*s to go on: ", consequences, OL_FMT(word));
    (void)fflush(stderr);
    if (fgets(line, sizeof line, stdin) == NULL)
        return false;
    return ol_str_eq(ol_str_trim(ol_str_of(line)), word);
}
