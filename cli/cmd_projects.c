/* outlayer projects, project show|transfer|delete: what the contract has registered (Contract 7).
 */
#include <stdio.h>

#include "cli/amount.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/project_file.h"
#include "lib/codec/json_bind.h"
#include "lib/near/account_id.h"

enum { LIST_STANDARD = 50, LIST_MAX = 500, TRANSFER_TGAS = 30, DELETE_TGAS = 50 };

typedef struct project {
    ol_str id;
    ol_str uuid;
    ol_str active;
    ol_str deposit; /* yocto, decimal */
    uint64_t created_ns;
} project;

static const ol_json_field FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(project, id)},
    {"uuid", OL_BIND_TEXT, OL_REQUIRED, offsetof(project, uuid)},
    {"active_version", OL_BIND_TEXT, OL_REQUIRED, offsetof(project, active)},
    {"storage_deposit", OL_BIND_TEXT, OL_OPTIONAL, offsetof(project, deposit)},
    {"created_at", OL_BIND_U64, OL_OPTIONAL, offsetof(project, created_ns)},
};
static const ol_json_table TABLE = {"ProjectView", FIELDS, OL_COUNT(FIELDS)};

static void one_arg(ol_buf *args, const char *name, ol_str value)
{
    ol_json_writer w = ol_json_writer_over(args);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, name, value);
    ol_json_object_end(&w);
}

/* ---- projects */

typedef struct page {
    uint64_t limit;
    ol_str cursor; /* the last id of the page before; empty: from the start */
    ol_str next;   /* empty: that was all */
} page;

/* The contract may answer with the whole list or with its first part; the cursor is an id. */
static ol_rc list_print(const cli *it, const ol_json *list, page *p, ol_buf *text, ol_err *err)
{
    ol_json_writer w = ol_json_writer_over(text);
    ol_json item;
    size_t printed = 0;
    bool skipping = p->cursor.len > 0;
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_key(&w, "projects");
        ol_json_array_begin(&w);
    }
    ol_str last = OL_STR("");
    for (ol_json_iter i = ol_json_iterate(list); ol_json_next_item(&i, &item);) {
        project found = {0};
        OL_TRY_NOTE(err, ol_json_bind_value(&item, &TABLE, &found, it->arena, err), "projects");
        if (skipping) {
            skipping = !ol_str_eq(found.id, p->cursor);
            continue;
        }
        if (printed == p->limit) {
            p->next = last;
            break;
        }
        if (it->json)
            ol_json_add_raw(&w, item.raw);
        else
            ol_buf_addf(text, "%s%-32.*s active %.*s", printed > 0 ? "\n" : "", OL_FMT(found.id),
                        OL_FMT(found.active));
        last = found.id;
        printed++;
    }
    if (it->json) {
        ol_json_array_end(&w);
        if (p->next.len > 0)
            ol_json_put_str(&w, "next", p->next);
        else
            ol_json_put_null(&w, "next");
        ol_json_object_end(&w);
    } else if (printed == 0) {
        cli_note(it, "no projects yet: outlayer create hello && outlayer deploy");
    }
    return OL_OK;
}

int cmd_projects(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(4));
    page p = {.limit = LIST_STANDARD, .cursor = cli_value_or(args, "cursor", OL_STR(""))};
    ol_str account = args->positionals > 0 ? args->positional[0] : it->account;
    ol_json list;
    chain_client *c = NULL;
    if (account.len == 0)
        account = credentials_text(it, "account_id");
    if (account.len == 0)
        return cli_fail_usage(it, "whose projects? outlayer projects ACCOUNT");
    if (!ol_account_id_valid(account))
        return cli_fail_usage(it, "%.*s is no account id", OL_FMT(account));
    one_arg(&body, "account_id", account);
    if (cli_number(args, "limit", 1, LIST_MAX, &p.limit, &err) != OL_OK ||
        chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = chain_view(c, "list_user_projects", &body, &list, &err);
    chain_close(c);
    if (rc != OL_OK || list_print(it, &list, &p, &text, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (!it->json && p.next.len > 0)
        cli_note(it, "more: --cursor %.*s", OL_FMT(p.next));
    return text.len > 0 ? cli_result_buf(it, &text, CLI_DONE) : CLI_DONE;
}

/* ---- project show */

static ol_rc project_fetch(chain_client *c, const cli *it, ol_str id, ol_json *ret_json,
                           project *ret, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    one_arg(&body, "project_id", id);
    OL_TRY(chain_view(c, "get_project", &body, ret_json, err));
    if (ol_json_is_null(ret_json))
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project not found: %.*s", OL_FMT(id));
    OL_TRY_NOTE(err, ol_json_bind_value(ret_json, &TABLE, ret, it->arena, err), "get_project");
    return OL_OK;
}

int cmd_project_show(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(256));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json about, prices = {0}, versions = {0};
    ol_str id;
    project found = {0};
    chain_client *c = NULL;
    if (project_id_find(it, args->positionals > 0 ? args->positional[0] : OL_STR(""), &id, &err) !=
            OL_OK ||
        chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    one_arg(&body, "project_id", id);
    ol_rc rc = project_fetch(c, it, id, &about, &found, &err);
    if (rc == OL_OK)
        rc = chain_view(c, "get_project_pricing", &body, &prices, &err);
    if (rc == OL_OK)
        rc = chain_view(c, "get_version_count", &body, &versions, &err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_raw(&w, "project", about.raw);
        ol_json_put_raw(&w, "prices", prices.raw);
        ol_json_put_raw(&w, "versions", versions.raw);
        ol_json_object_end(&w);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_yocto deposit = OL_YOCTO(0);
    (void)ol_yocto_parse(found.deposit, &deposit);
    ol_buf_addf(
        &text, "%.*s  %.*s\n  active    %.*s\n  versions  %.*s\n  deposit   %.*s\n  prices    %.*s",
        OL_FMT(found.id), OL_FMT(found.uuid), OL_FMT(found.active), OL_FMT(versions.raw),
        OL_FMT(amount_near_format(it->arena, deposit)),
        OL_FMT(ol_json_is_null(&prices) ? OL_STR("none: a run costs its compute") : prices.raw));
    return cli_result_buf(it, &text, CLI_DONE);
}

/* ---- project transfer, delete */

/* A change of one's own project: sent, and told. */
static int change(cli *it, ol_str id, const char *method, const ol_buf *body, uint64_t tgas,
                  const char *effect)
{
    ol_err err = {0};
    OL_AUTO(signer) from = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    chain_outcome outcome = {0};
    chain_client *c = NULL;
    if (it->dry_run)
        return chain_call_dry_run(it, method, body, tgas, OL_YOCTO(0));
    if (signer_load(it, project_owner_of(id), &from, &err) != OL_OK ||
        chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = chain_call(c, &from, method, body, tgas, OL_YOCTO(0), &outcome, &err);
    chain_close(c);
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "project", id);
        ol_json_put_cstr(&w, "tx", outcome.hash);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s %s · tx %s", OL_FMT(id), effect, outcome.hash);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

/* Consequences first; a terminal is asked for the name, everything else needs --yes. */
static bool is_sure(const cli *it, const cli_args *args, ol_str id, const char *consequences)
{
    if (cli_flag(args, "yes") || it->dry_run)
        return true;
    return cli_confirm(it, consequences, project_name_of(id));
}

int cmd_project_transfer(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&body);
    ol_str id;
    if (project_id_find(it, args->positional[0], &id, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (!ol_account_id_valid(args->positional[1]))
        return cli_fail_usage(it, "%.*s is no account id", OL_FMT(args->positional[1]));
    if (!is_sure(it, args, id,
                 "the receiver owns code, storage and earnings of the project from then on"))
        return cli_fail_usage(it, "not confirmed: say --yes");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_name", project_name_of(id));
    ol_json_put_str(&w, "new_owner", args->positional[1]);
    ol_json_object_end(&w);
    return change(it, id, "transfer_project", &body, TRANSFER_TGAS, "is offered to the receiver");
}

int cmd_project_delete(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(4));
    ol_str id;
    if (project_id_find(it, args->positional[0], &id, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (!is_sure(it, args, id,
                 "its versions and everything it has stored are gone then; deposits come back"))
        return cli_fail_usage(it, "not confirmed: say --yes");
    one_arg(&body, "project_name", project_name_of(id));
    return change(it, id, "delete_project", &body, DELETE_TGAS, "is deleted");
}
