/* outlayer deploy: a program becomes a project of the account that signs, or a version of one. */
#include <stdio.h>
#include <unistd.h>

#include "cli/amount.h"
#include "cli/commands.h"
#include "cli/dev_state.h"
#include "cli/project_file.h"
#include "cli/publish.h"
#include "lib/near/account_id.h"
#include "lib/proto/limits.h"

typedef struct deployment {
    ol_str name;
    code_wish code;
    const char *file; /* bytes of one's own, to be uploaded; NULL: the source says where they are */
    bool activate;
} deployment;

/* The file `outlayer build` made, where none is named. */
static ol_rc file_find(const cli *it, const cli_args *args, const project_file *here,
                       deployment *ret, ol_err *err)
{
    ol_str said;
    if (cli_value(args, "file", &said)) {
        ret->file = cli_cstr(it, said);
    } else if (here->found) {
        ret->file = cli_cstr(it, ol_arena_printf(it->arena, "build/%.*s.wasm", OL_FMT(here->name)));
        if (ret->file != NULL && access(ret->file, R_OK) != 0)
            return ol_fail(err, OL_ERR_USAGE, "there is no %s: outlayer build makes it", ret->file);
    } else {
        return ol_fail(err, OL_ERR_USAGE,
                       "what is to be deployed? --file FILE.wasm, a URL with --hash, or --github "
                       "REPO --commit COMMIT");
    }
    return ret->file != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

/* A URL given as the second argument is the same as --wasm. */
static ol_rc code_read(const cli_args *args, code_wish *ret, ol_err *err)
{
    ol_str hash;
    if (args->positionals < 2)
        return code_wish_read(args, ret, err);
    code_wish wish = {.kind = CODE_URL, .url = args->positional[1]};
    ol_str target, other;
    if (cli_value(args, "wasm", &other) || cli_value(args, "github", &other))
        return ol_fail(err, OL_ERR_USAGE, "name one source");
    if (!cli_value(args, "hash", &hash))
        return ol_fail(err, OL_ERR_USAGE, "a URL needs --hash: the SHA-256 of what lies there");
    OL_TRY(code_hash_check(hash, err));
    wish.hash = hash;
    if (cli_value(args, "target", &target))
        OL_TRY(code_target_parse(target, &wish.target, err));
    *ret = wish;
    return OL_OK;
}

static ol_rc deployment_read(const cli *it, const cli_args *args, deployment *ret, ol_err *err)
{
    project_file here;
    *ret = (deployment){.activate = !cli_flag(args, "no-activate")};
    OL_TRY(project_file_load(it, NULL, &here, err));
    OL_TRY(code_read(args, &ret->code, err));
    ret->name = args->positionals > 0 ? args->positional[0] : here.name;
    if (ret->name.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "usage: outlayer deploy NAME [WASM_URL]");
    if (!ol_project_name_valid(ret->name))
        return ol_fail(err, OL_ERR_USAGE, "a project's name has letters, digits, - and _");
    if (here.found && here.contract && ret->code.kind == CODE_NONE && args->positionals == 0)
        return ol_fail(err, OL_ERR_USAGE,
                       "this is a contract: outlayer contract deploy brings it to an account");
    if (ret->code.kind == CODE_NONE)
        return file_find(it, args, &here, ret, err);
    return OL_OK;
}

/* Bytes of one's own go to the coordinator of the local network; other networks fetch them from a
 * URL that everybody can read. */
static ol_rc bytes_bring(const cli *it, const cli_args *args, deployment *d, cli_failure *failure)
{
    ol_err *err = &failure->err;
    OL_AUTO(ol_buf) wasm = ol_buf_new(OL_WASM_URL_BYTES_MAX);
    dev_state *state = OL_ARENA_NEW(it->arena, dev_state);
    ol_sha256_hex hash;
    ol_str text;
    if (state == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_file_load(d->file, &wasm, err));
    if (!publish_target_of(ol_buf_bytes(&wasm), &d->code.target))
        return ol_fail(err, OL_ERR_WASM, "%s is neither a WebAssembly module nor a component",
                       d->file);
    if (!ol_str_eq(it->network, OL_STR("local")))
        return ol_fail(err, OL_ERR_USAGE,
                       "%.*s fetches programs from a URL: put %s where everybody can read it, "
                       "then outlayer deploy %.*s URL --hash SHA256",
                       OL_FMT(it->network), d->file, OL_FMT(d->name));
    hash = ol_sha256_hex_of(ol_buf_bytes(&wasm));
    if (!it->dry_run) {
        OL_TRY(dev_state_read(it, dev_state_folder(it, args), state, err));
        OL_TRY(publish_upload(it, state->worker_token, ol_buf_bytes(&wasm), d->code.target, &hash,
                              failure));
    }
    d->code.kind = CODE_URL;
    if (!ol_arena_copy(it->arena, ol_sha256_hex_str(&hash), &text))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    d->code.hash = text;
    d->code.url = ol_arena_printf(it->arena, "%.*s/wasm/%.*s", OL_FMT(it->api), OL_FMT(text));
    return OL_OK;
}

static int deployed(const cli *it, const deployment *d, const publication *p)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        ol_buf_addf(&text, "%.*s %.*s", OL_FMT(p->project_id), OL_FMT(p->key));
        if (p->unchanged)
            ol_buf_addf(&text, " was there already");
        else
            ol_buf_addf(&text, " · %s, deposit %.*s · tx %s",
                        p->created    ? "created"
                        : d->activate ? "activated"
                                      : "added",
                        OL_FMT(amount_near_format(it->arena, p->deposit)), p->sent.hash);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project", p->project_id);
    ol_json_put_str(&w, "version", p->key);
    if (d->code.kind == CODE_URL)
        ol_json_put_str(&w, "sha256", d->code.hash);
    else
        ol_json_put_null(&w, "sha256");
    if (p->unchanged)
        ol_json_put_null(&w, "tx");
    else
        ol_json_put_cstr(&w, "tx", p->sent.hash);
    ol_json_put_dec(&w, "deposit_yocto", p->deposit.yocto);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

static int dry_run(const cli *it, chain_client *c, const deployment *d)
{
    OL_AUTO(publish_step) step = {0};
    ol_str id;
    ol_err err = {0};
    if (project_id_find(it, d->name, &id, &err) != OL_OK ||
        publish_plan(it, c, id, &d->code, d->activate, &step, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (step.method == NULL)
        return chain_dry_run(it, it->contract, NULL, 0);
    return chain_call_dry_run(it, step.method, &step.args, PUBLISH_TGAS, step.deposit);
}

int cmd_deploy(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    deployment d;
    OL_AUTO(signer) from = {0};
    publication made = {0};
    chain_client *c = NULL;
    if (deployment_read(it, args, &d, &failure.err) != OL_OK ||
        (d.file != NULL && bytes_bring(it, args, &d, &failure) != OL_OK) ||
        chain_open(it, &c, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    int exit;
    if (it->dry_run)
        exit = dry_run(it, c, &d);
    else if (signer_load(it, it->account, &from, &failure.err) != OL_OK ||
             publish(it, c, &from, d.name, &d.code, d.activate, &made, &failure.err) != OL_OK)
        exit = cli_fail(it, &failure);
    else
        exit = deployed(it, &d, &made);
    chain_close(c);
    return exit;
}
