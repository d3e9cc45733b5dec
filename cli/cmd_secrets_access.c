/* outlayer secrets access, test-access: who may have a secret, and whether somebody would get it
 * now. The test is the keystore's own code over the chain's facts, so that both say the same. */
#include <string.h>

#include "cli/access.h"
#include "cli/commands.h"
#include "cli/secrets.h"
#include "lib/near/account_id.h"
#include "lib/secrets/agent_rule.h"

enum { ACCESS_TGAS = 30, TEXT_BYTES_MAX = 1 << 20 };

/* ---- access */

static int changed(const secret_command *s, ol_str access, const chain_outcome *sent)
{
    OL_AUTO(ol_buf) text = ol_buf_new(TEXT_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_condition *tree;
    ol_err err = {0};
    if (s->it->json) {
        ol_json_object_begin(&w);
        secret_place_put(&w, &s->place);
        ol_json_key(&w, "access");
        ol_json_add_raw(&w, access);
        ol_json_put_cstr(&w, "tx", sent->hash);
        ol_json_object_end(&w);
        return cli_result_buf(s->it, &text, CLI_DONE);
    }
    if (access_parse(s->it, access, &tree, &err) != OL_OK)
        return cli_fail_err(s->it, &err);
    ol_buf_addf(&text, "%.*s: for ", OL_FMT(secret_place_words(s->it, &s->place)));
    access_words(s->it, tree, &text);
    return cli_result_buf(s->it, &text, CLI_DONE);
}

int cmd_secrets_access(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) body = ol_buf_new(TEXT_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_err err = {0};
    ol_str access = OL_STR("null");
    chain_outcome sent;
    secret_store store = {.deposit = OL_YOCTO(0)}; /* what the condition is longer than before */
    int exit;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    ol_rc rc = secret_command_open(it, args, true, s, &err);
    if (rc == OL_OK)
        rc = access_to_store(it, args->positional[0], s->place.owner, &access, &err);
    if (rc == OL_OK)
        rc = secrets_find(s, &err);
    if (rc == OL_OK)
        rc = secret_store_plan(s->chain, &s->place, s->before.blob_base64, access, &s->before,
                               &store, &err);
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_contract(&w, &s->place.accessor);
    ol_json_put_str(&w, "profile", s->place.profile);
    ol_json_key(&w, "new_access");
    ol_json_add_raw(&w, access);
    ol_json_object_end(&w);
    if (rc == OL_OK && it->dry_run) {
        exit = chain_call_dry_run(it, "update_access", &body, ACCESS_TGAS, store.deposit);
    } else {
        if (rc == OL_OK)
            rc = chain_call(s->chain, &s->from, "update_access", &body, ACCESS_TGAS, store.deposit,
                            &sent, &err);
        exit = rc == OL_OK ? changed(s, access, &sent) : cli_fail_err(it, &err);
    }
    secret_store_deinit(&store);
    secret_command_deinit(s);
    return exit;
}

/* ---- test-access */

typedef struct telling {
    const cli *it;
    ol_buf *text;
    ol_json_writer *w;
    const char *refusal; /* denied as a whole */
} telling;

static void tell_leaf(void *context, const ol_condition *leaf, bool holds)
{
    telling *t = context;
    OL_AUTO(ol_buf) words = ol_buf_new(OL_KIB(64));
    access_words(t->it, leaf, &words);
    if (!t->it->json) {
        ol_buf_addf(t->text, "  %-3s  %.*s\n", holds ? "yes" : "no", OL_FMT(ol_buf_str(&words)));
        return;
    }
    ol_json_object_begin(t->w);
    ol_json_put_str(t->w, "condition", ol_buf_str(&words));
    ol_json_put_bool(t->w, "holds", holds);
    ol_json_object_end(t->w);
}

static void tell_refused(void *context, const char *why)
{
    ((telling *)context)->refusal = why;
}

/* The condition said, or the one stored; who stored it does not sign here. With a stored one,
 * *ret_refused is why `caller` gets that secret under no condition, or OL_OK. */
static ol_rc condition_find(const cli *it, const cli_args *args, chain_client *c, ol_str owner,
                            ol_str caller, ol_condition **ret, ol_err *ret_refused, ol_err *err)
{
    ol_str text, json;
    secret_place place;
    secret_stored stored;
    if (cli_value(args, "access", &text)) {
        OL_TRY(access_read(it, text, owner, &json, err));
        return access_parse(it, json, ret, err);
    }
    OL_TRY(secret_place_read(it, args, owner, &place, err));
    OL_TRY(secret_stored_fetch(it, c, &place, &stored, err));
    if (!stored.found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "%.*s has no secret for %.*s", OL_FMT(owner),
                       OL_FMT(secret_place_words(it, &place)));
    (void)ol_agent_rule(place.profile, place.owner, caller, ret_refused);
    return access_parse(it, stored.access_json, ret, err);
}

/* `refused` is of condition_find. */
static int verdict(const cli *it, const ol_condition *tree, const ol_err *refused, chain_client *c,
                   ol_str caller)
{
    OL_AUTO(ol_buf) text = ol_buf_new(TEXT_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    telling t = {.it = it, .text = &text, .w = &w};
    const ol_condition_trace trace = {.context = &t, .leaf = tell_leaf, .refused = tell_refused};
    const ol_chain_facts facts = access_facts(c);
    ol_access access = OL_ACCESS_DENIED;
    ol_err err = {0};
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "account_id", caller);
        ol_json_key(&w, "leaves");
        ol_json_array_begin(&w);
    }
    if (ol_condition_decide(tree, caller, &facts, it->arena, &trace, &access, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (refused->rc != OL_OK)
        t.refusal = refused->text;
    bool allowed = access == OL_ACCESS_GRANTED && refused->rc == OL_OK;
    if (it->json) {
        ol_json_array_end(&w);
        ol_json_put_bool(&w, "allowed", allowed);
        if (t.refusal != NULL)
            ol_json_put_cstr(&w, "refused", t.refusal);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s %s the secret now", OL_FMT(caller),
                    allowed ? "would get" : "would not get");
        if (t.refusal != NULL)
            ol_buf_addf(&text, ": %s", t.refusal);
    }
    return cli_result_buf(it, &text, allowed ? CLI_DONE : CLI_FAILED);
}

int cmd_secrets_test_access(cli *it, const cli_args *args)
{
    ol_err err = {0};
    ol_err refused = {0};
    chain_client *c = NULL;
    ol_condition *tree;
    ol_str owner = it->account.len > 0 ? it->account : credentials_text(it, "account_id");
    ol_str caller = cli_value_or(args, "as", owner);
    if (owner.len == 0)
        return cli_fail_usage(it, "whose secret? --account ID");
    if (!ol_account_id_valid(caller))
        return cli_fail_usage(it, "%.*s is no account id", OL_FMT(caller));
    ol_rc rc = chain_open(it, &c, &err);
    if (rc == OL_OK)
        rc = chain_pin_final(c, &err); /* as the keystore reads */
    if (rc == OL_OK)
        rc = condition_find(it, args, c, owner, caller, &tree, &refused, &err);
    int exit = rc == OL_OK ? verdict(it, tree, &refused, c, caller) : cli_fail_err(it, &err);
    chain_close(c);
    return exit;
}
