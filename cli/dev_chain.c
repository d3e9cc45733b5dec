#include "cli/dev_chain.h"

#include <stdio.h>
#include <string.h>

#include "cli/project_file.h"
#include "cli/publish.h"
#include "lib/base/fd.h"
#include "lib/codec/base58.h"
#include "lib/crypto/hash.h"
#include "lib/near/dev_key.h"
#include "lib/near/transaction.h"
#include "lib/net/http_client.h"
#include "lib/proto/limits.h"

enum {
    NEAR_EACH = 1000,      /* of every person, and as many USDC */
    NEAR_OPERATOR = 10000, /* gas for results */
    INIT_TGAS = 30,
    CODE_BYTES_MAX = 1 << 20,
    SECONDS = 20,    /* for a transaction of the set-up */
    BATCH = 40,      /* projects in one transaction */
    BATCH_TGAS = 20, /* for each; a transaction has 1000 (NEAR 1.5) */
    CONTROL_MS = 60000,
};

const char *const DEV_PEOPLE_IDS[DEV_PEOPLE] = {
    "alice.test.near",
    "bob.test.near",
    "carol.test.near",
    "dev.test.near",
};

static const struct genesis {
    const char *account_id;
    int near;
} GENESIS[] = {
    {"alice.test.near", NEAR_EACH}, {"bob.test.near", NEAR_EACH}, {"carol.test.near", NEAR_EACH},
    {"dev.test.near", NEAR_EACH},   {DEV_CONTRACT, NEAR_EACH},    {DEV_TOKEN, NEAR_EACH},
    {DEV_OPERATOR, NEAR_OPERATOR},  {"test.near", 1000000},
};

/* ---- the program */

ol_rc dev_chain_start(const cli *it, const dev_chain *chain, dev_child *ret, ol_err *err)
{
    enum { ARGUMENTS_MAX = 64 };
    char *argument[ARGUMENTS_MAX];
    size_t count = 0;
    ol_arena *arena = it->arena;
    dev_spawn spawn = {.name = "chain", .program = chain->program, .argv = argument};
    const ol_str words[] = {
        ol_str_of(chain->program),
        ol_arena_printf(arena, "--port=%u", chain->port),
        ol_arena_printf(arena, "--seed=%.*s", OL_FMT(chain->state->seed)),
        ol_arena_printf(arena, "--block-ms=%llu", (unsigned long long)chain->block_ms),
        ol_arena_printf(arena, "--finality-lag=%llu", (unsigned long long)chain->finality_lag),
        ol_arena_printf(arena, "--clock=%.*s", OL_FMT(chain->clock)),
        ol_arena_printf(arena, "--state=%.*s", OL_FMT(dev_path(chain->state, "chain.state"))),
    };
    OL_EACH (word, words)
        argument[count++] = (char *)(uintptr_t)word->data;
    OL_EACH (row, GENESIS)
        argument[count++] =
            (char *)(uintptr_t)ol_arena_printf(arena, "--account=%s=%d", row->account_id, row->near)
                .data;
    for (size_t i = 0; i < count; i++) {
        if (argument[i] == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    argument[count] = NULL;
    spawn.inherit_environment = true;
    return dev_child_start(&spawn, ret, err);
}

/* ---- contracts */

static signer key_of(const dev_chain *chain, const char *account_id)
{
    signer s = {.account_id = ol_str_of(account_id)};
    ol_dev_key(chain->state->seed, s.account_id, &s.key);
    return s;
}

static ol_rc code_load(const cli *it, const dev_chain *chain, const char *name, ol_str *ret,
                       ol_err *err)
{
    ol_str path = ol_arena_printf(it->arena, "%.*s/contracts/%s.wasm", OL_FMT(chain->sdk), name);
    if (path.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return cli_load(it, path, CODE_BYTES_MAX, ret, err);
}

typedef enum standing { MISSING, SAME, OTHER } standing;

/* Whether the account has this very code. */
static ol_rc code_compare(chain_client *c, const char *account_id, ol_str code, standing *ret,
                          ol_err *err)
{
    char hash[OL_HASH_TEXT_BYTES], text[OL_HASH_TEXT_BYTES] = "";
    ol_sha256 wanted = ol_sha256_of(ol_str_bytes(code));
    ol_buf into = ol_buf_over(text, sizeof text - 1);
    ol_base58_add(&into, ol_sha256_bytes(&wanted));
    text[into.len] = '\0';
    OL_TRY(chain_code_hash(c, ol_str_of(account_id), hash, err));
    bool none = strspn(hash, "1") == strlen(hash);
    *ret = none ? MISSING : strcmp(hash, text) == 0 ? SAME : OTHER;
    return OL_OK;
}

static ol_action call(const char *method, ol_str args, uint64_t tgas, ol_yocto deposit)
{
    return ol_action_call(ol_str_of(method), ol_str_bytes(args), tgas * CHAIN_TGAS, deposit);
}

/* Deployed and initialised in one transaction, so that nobody comes in between (Contract 16). */
static ol_rc contract_put(const cli *it, chain_client *c, const dev_chain *chain, bool *ret_fresh,
                          ol_err *err)
{
    OL_AUTO(signer) from = key_of(chain, DEV_CONTRACT);
    chain_outcome outcome;
    standing now;
    ol_str code;
    ol_action action[3];
    size_t count = 0;
    OL_TRY(code_load(it, chain, "outlayer", &code, err));
    OL_TRY(code_compare(c, DEV_CONTRACT, code, &now, err));
    *ret_fresh = now == MISSING;
    if (now == SAME)
        return OL_OK;
    action[count++] = ol_action_deploy(ol_str_bytes(code));
    if (now == MISSING) {
        action[count++] =
            call("new",
                 OL_STR("{\"owner_id\":\"" DEV_CONTRACT "\",\"operator_id\":\"" DEV_OPERATOR "\"}"),
                 INIT_TGAS, OL_YOCTO(0));
        action[count++] =
            call("set_payment_token_contract", OL_STR("{\"token_contract\":\"" DEV_TOKEN "\"}"),
                 INIT_TGAS, OL_YOCTO(0));
    } else {
        action[count++] = call("migrate", OL_STR("{}"), INIT_TGAS, OL_YOCTO(0));
    }
    OL_TRY_NOTE(err, chain_send(c, &from, from.account_id, action, count, SECONDS, &outcome, err),
                "the contract at " DEV_CONTRACT);
    return OL_OK;
}

/* One call of `mint`, which also registers the account. */
static ol_rc mint_args(ol_arena *arena, const char *account_id, ol_u128 micro, ol_str *ret,
                       ol_err *err)
{
    *ret = ol_arena_printf(arena, "{\"account_id\":\"%s\",\"amount\":\"%s\"}", account_id,
                           ol_u128_format(micro).data);
    return ret->data != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

/* Everybody has an account in the token and NEAR_EACH of it; the contract an empty one, so that
 * deposits reach it. */
static ol_rc token_put(const cli *it, chain_client *c, const dev_chain *chain, ol_err *err)
{
    OL_AUTO(signer) from = key_of(chain, DEV_TOKEN);
    chain_outcome outcome;
    standing now;
    ol_str code, args;
    ol_action action[3 + DEV_PEOPLE];
    size_t count = 0;
    OL_TRY(code_load(it, chain, "token", &code, err));
    OL_TRY(code_compare(c, DEV_TOKEN, code, &now, err));
    if (now != MISSING)
        return OL_OK;
    action[count++] = ol_action_deploy(ol_str_bytes(code));
    action[count++] = call("new",
                           OL_STR("{\"owner_id\":\"" DEV_TOKEN "\",\"name\":\"USD Coin\","
                                  "\"symbol\":\"USDC\",\"decimals\":6}"),
                           INIT_TGAS, OL_YOCTO(0));
    OL_EACH (id, DEV_PEOPLE_IDS) {
        OL_TRY(mint_args(it->arena, *id, (ol_u128)NEAR_EACH * 1000000, &args, err));
        action[count++] = call("mint", args, INIT_TGAS, OL_YOCTO(0));
    }
    OL_TRY(mint_args(it->arena, DEV_CONTRACT, 0, &args, err));
    action[count++] = call("mint", args, INIT_TGAS, OL_YOCTO(0));
    OL_TRY_NOTE(err, chain_send(c, &from, from.account_id, action, count, SECONDS, &outcome, err),
                "the token at " DEV_TOKEN);
    return OL_OK;
}

/* ---- the operator */

static void operator_worker_key(const dev_chain *chain, ol_ed25519_key *ret)
{
    ol_dev_key(chain->state->seed, OL_STR(DEV_OPERATOR "/worker"), ret);
}

ol_str dev_chain_operator_key(const cli *it, const dev_chain *chain)
{
    OL_AUTO(ol_ed25519_key) key;
    operator_worker_key(chain, &key);
    ol_str text = ol_base58_of(it->arena, (ol_bytes){key.secret, sizeof key.secret});
    return ol_arena_printf(it->arena, "ed25519:%.*s", OL_FMT(text));
}

/* Contract 13: what a worker's key must cover, and all it covers. */
static ol_rc operator_put(chain_client *c, const dev_chain *chain, ol_err *err)
{
    static const ol_str METHODS[] = {
        OL_STR_INIT("resolve_execution"),
        OL_STR_INIT("submit_execution_output_and_resolve"),
        OL_STR_INIT("resume_topup"),
        OL_STR_INIT("resume_delete_payment_key"),
    };
    OL_AUTO(signer) from = key_of(chain, DEV_OPERATOR);
    OL_AUTO(ol_ed25519_key) key;
    chain_outcome outcome;
    operator_worker_key(chain, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_action action = {.kind = OL_ACTION_ADD_KEY};
    action.add_key.key = ol_public_key_of_ed25519(&public);
    action.add_key.access = (ol_access_key){
        .permission = OL_PERMISSION_CALL,
        .receiver_id = OL_STR(DEV_CONTRACT),
        .methods = METHODS,
        .method_count = OL_COUNT(METHODS),
    };
    OL_TRY_NOTE(err, chain_send(c, &from, from.account_id, &action, 1, SECONDS, &outcome, err),
                "the key of " DEV_OPERATOR);
    return OL_OK;
}

ol_rc dev_chain_set_up(const cli *it, dev_chain *chain, ol_err *err)
{
    bool fresh = false;
    chain_client *c = NULL;
    OL_TRY(chain_open(it, &c, err));
    ol_rc rc = contract_put(it, c, chain, &fresh, err);
    if (rc == OL_OK)
        rc = token_put(it, c, chain, err);
    if (rc == OL_OK && fresh)
        rc = operator_put(c, chain, err);
    chain_close(c);
    chain->was_reset = fresh;
    return rc;
}

/* ---- projects */

/* The bytes, kept under their hash in the state folder, go to the coordinator. */
static ol_rc bring(const cli *it, const dev_chain *chain, const dev_project *project,
                   code_wish *ret, ol_err *err)
{
    OL_AUTO(ol_buf) wasm = ol_buf_new(OL_WASM_URL_BYTES_MAX);
    cli_failure failure = {0};
    ol_sha256_hex hash;
    ol_str path = ol_arena_printf(it->arena, "%.*s/wasm/%s.wasm", OL_FMT(chain->state->folder),
                                  project->hash.data);
    code_wish code = {.kind = CODE_URL};
    if (path.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_file_load(path.data, &wasm, err));
    code.target = project->component ? OL_STR("wasm32-wasip2") : OL_STR("wasm32-wasip1");
    code.hash = ol_str_of(project->hash.data);
    code.url = ol_arena_printf(it->arena, "%.*s/wasm/%s", OL_FMT(it->api), project->hash.data);
    if (publish_upload(it, chain->state->worker_token, ol_buf_bytes(&wasm), code.target, &hash,
                       &failure) != OL_OK) {
        *err = failure.err;
        return ol_note(err, "bring %s to the coordinator", project->name);
    }
    *ret = code;
    return OL_OK;
}

typedef struct batch {
    ol_action action[BATCH];
    publish_step step[BATCH];
    size_t count;
} batch;

static ol_rc batch_send(chain_client *c, const signer *from, batch *b, ol_err *err)
{
    chain_outcome outcome;
    ol_rc rc = OL_OK;
    if (b->count > 0)
        rc = chain_send(c, from, OL_STR(DEV_CONTRACT), b->action, b->count, SECONDS, &outcome, err);
    for (size_t i = 0; i < b->count; i++)
        publish_step_deinit(&b->step[i]);
    b->count = 0;
    return rc;
}

static ol_rc batch_add(const cli *it, chain_client *c, const dev_chain *chain,
                       const dev_project *project, batch *b, ol_err *err)
{
    code_wish code;
    publish_step *step = &b->step[b->count];
    ol_str id = ol_arena_printf(it->arena, DEV_OWNER "/%s", project->name);
    OL_TRY(bring(it, chain, project, &code, err));
    OL_TRY(publish_plan(it, c, id, &code, true, step, err));
    if (step->method == NULL) {
        publish_step_deinit(step);
        return OL_OK;
    }
    b->action[b->count++] = call(step->method, ol_buf_str(&step->args), BATCH_TGAS, step->deposit);
    return OL_OK;
}

/* What the contract calls the projects that have no uuid yet. */
static ol_rc uuids_read(const cli *it, chain_client *c, dev_projects *projects, ol_err *err)
{
    for (size_t i = 0; i < projects->count; i++) {
        dev_project *p = &projects->project[i];
        OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
        ol_json project, value;
        ol_str uuid = OL_STR("");
        if (p->uuid[0] != '\0')
            continue;
        ol_buf_addf(&args, "{\"project_id\":\"" DEV_OWNER "/%s\"}", p->name);
        OL_TRY(chain_view(c, "get_project", &args, &project, err));
        if (ol_json_find(&project, OL_STR("uuid"), &value))
            (void)ol_json_text(&value, it->arena, &uuid, NULL);
        if (uuid.len == 0 || uuid.len >= sizeof p->uuid)
            return ol_fail(err, OL_ERR_PROTOCOL, "the contract names no uuid of %s", p->name);
        memcpy(p->uuid, uuid.data, uuid.len);
        p->uuid[uuid.len] = '\0';
    }
    return OL_OK;
}

ol_rc dev_chain_publish(const cli *it, const dev_chain *chain, dev_projects *projects, ol_err *err)
{
    OL_AUTO(signer) from = key_of(chain, DEV_OWNER);
    batch *b = OL_ARENA_NEW(it->arena, batch);
    chain_client *c = NULL;
    ol_rc rc = OL_OK;
    if (b == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(chain_open(it, &c, err));
    for (size_t i = 0; rc == OL_OK && i < projects->count; i++) {
        rc = batch_add(it, c, chain, &projects->project[i], b, err);
        if (rc == OL_OK && b->count == BATCH)
            rc = batch_send(c, &from, b, err);
    }
    if (rc == OL_OK)
        rc = batch_send(c, &from, b, err);
    if (rc == OL_OK)
        rc = uuids_read(it, c, projects, err);
    chain_close(c);
    return rc;
}

ol_rc dev_chain_withdraw(const cli *it, const dev_chain *chain, const char *name, ol_err *err)
{
    OL_AUTO(signer) from = key_of(chain, DEV_OWNER);
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    chain_outcome outcome;
    chain_client *c = NULL;
    OL_TRY(chain_open(it, &c, err));
    ol_buf_addf(&args, "{\"project_name\":\"%s\"}", name);
    ol_rc rc =
        chain_call(c, &from, "delete_project", &args, PUBLISH_TGAS, OL_YOCTO(0), &outcome, err);
    chain_close(c);
    return rc;
}

/* ---- accounts */

ol_rc dev_chain_keys_save(const cli *it, const dev_chain *chain, const char *home, ol_err *err)
{
    signer all[OL_COUNT(GENESIS)];
    for (size_t i = 0; i < OL_COUNT(GENESIS); i++)
        all[i] = key_of(chain, GENESIS[i].account_id);
    ol_rc rc = signers_save(it, home, OL_STR("local"), all, OL_COUNT(GENESIS), err);
    for (size_t i = 0; i < OL_COUNT(GENESIS); i++)
        signer_deinit(&all[i]);
    return rc;
}

/* Whole units, as the screen has room for. */
static ol_str whole(const cli *it, ol_u128 amount, unsigned digits)
{
    for (; digits > 0; digits--)
        amount /= 10;
    return ol_arena_printf(it->arena, "%s", ol_u128_format(amount).data);
}

void dev_chain_person(const cli *it, const dev_chain *chain, const char *account_id,
                      dev_person *ret)
{
    OL_AUTO(signer) s = key_of(chain, account_id);
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(1));
    ol_yocto near = OL_YOCTO(0);
    ol_json value;
    ol_bytes answer;
    ol_u128 usdc = 0;
    ol_err err = {0};
    chain_client *c = NULL;
    ol_str text = ol_base58_of(it->arena, (ol_bytes){s.key.secret, sizeof s.key.secret});
    *ret = (dev_person){.account_id = account_id, .near = OL_STR("?"), .usdc = OL_STR("?")};
    ret->private_key = ol_arena_printf(it->arena, "ed25519:%.*s", OL_FMT(text));
    if (chain_open(it, &c, &err) != OL_OK)
        return;
    if (chain_balance(c, s.account_id, &near, &err) == OL_OK)
        ret->near = whole(it, near.yocto, 24);
    ol_buf_addf(&args, "{\"account_id\":\"%s\"}", account_id);
    if (chain_view_of(c, OL_STR(DEV_TOKEN), OL_STR("ft_balance_of"), ol_buf_str(&args), &answer,
                      &err) == OL_OK &&
        ol_json_parse(ol_bytes_str(answer), &value, NULL) == OL_OK &&
        ol_json_u128_text(&value, &usdc, NULL) == OL_OK)
        ret->usdc = whole(it, usdc, 6);
    chain_close(c);
}

/* ---- control */

ol_rc dev_chain_control(const cli *it, const char *path, const ol_buf *body, uint64_t *ret_height,
                        ol_err *err)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(OL_KIB(64));
    const ol_http_header header = {OL_STR_INIT("Content-Type"), OL_STR_INIT("application/json")};
    ol_http_client *client = ol_http_client_new(&(ol_http_options){0});
    ol_http_answer status = {0};
    ol_json root, value;
    ol_str text;
    const ol_http_request request = {
        .method = OL_STR("POST"),
        .url = ol_arena_printf(it->arena, "%.*s/dev/%s", OL_FMT(it->rpc), path),
        .header = &header,
        .headers = 1,
        .body = ol_buf_bytes(body),
        .total_ms = CONTROL_MS,
    };
    if (client == NULL || request.url.data == NULL) {
        ol_http_client_free(client);
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    ol_rc rc = ol_http_exchange(client, &request, &answer, &status, err);
    ol_http_client_free(client);
    OL_TRY(rc);
    OL_TRY_NOTE(err, ol_json_parse(ol_buf_str(&answer), &root, err), "answer of the chain");
    if (ol_json_find(&root, OL_STR("error"), &value) &&
        ol_json_text(&value, it->arena, &text, NULL) == OL_OK)
        return ol_fail(err, status.status == 404 ? OL_ERR_NOT_FOUND : OL_ERR_INVALID, "%.*s",
                       OL_FMT(text));
    if (status.status != 200)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "the chain answered %d", status.status);
    *ret_height = 0;
    if (ol_json_find(&root, OL_STR("height"), &value))
        (void)ol_json_u64(&value, ret_height, NULL);
    return OL_OK;
}
