/* /dev/: turning time, states and faults by HTTP. Not part of NEAR; on this chain alone. */
#include "emulator/server/control_ops.h"
#include "emulator/server/http.h"
#include "emulator/server/json_views.h"
#include "lib/codec/base58.h"
#include "lib/codec/json_bind.h"
#include "lib/near/dev_key.h"

enum { STATUS_BYTES_MAX = 16 * 1024 };

/* ---- Answers: always JSON; a refusal is {"error":text,"reason":name}. */

static void refuse(ol_web_request *request, const ol_err *err)
{
    const ol_reason *reason = ol_reason_of(err->rc);
    ol_buf body = ol_buf_new(STATUS_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "error", ol_err_text(err));
    ol_json_put_cstr(&w, "reason", reason->name);
    ol_json_object_end(&w);
    ol_web_answer_json(request, (unsigned)reason->http, &body);
}

static void put_fault_counts(ol_json_writer *w, const faults *it)
{
    ol_json_key(w, "faults");
    ol_json_object_begin(w);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        ol_json_put_u64(w, fault_kind_name((fault_kind)i), it->seen[i]);
    ol_json_object_end(w);
}

static void status_write(ol_json_writer *w, const localnet *net)
{
    const ol_block *head = ol_node_head(net->node);
    ol_json_object_begin(w);
    ol_json_put_str(w, "chain_id", ol_node_settings(net->node)->chain_id);
    ol_json_put_u64(w, "height", head->height);
    json_put_hash(w, "hash", &head->hash);
    ol_json_put_u64(w, "final_height", ol_node_final(net->node)->height);
    ol_json_put_u64(w, "timestamp_ns", head->timestamp_ns);
    ol_json_put_bool(w, "busy", ol_node_has_work(net->node));
    ol_json_put_bool(w, "halted", net->halted);
    ol_json_put_u64(w, "waiting", net->waits.count);
    put_fault_counts(w, &net->faults);
    ol_json_object_end(w);
}

/* Every action answers where the chain stands then. */
static void answer_status(localnet *net, ol_web_request *request)
{
    ol_buf body = ol_buf_new(STATUS_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    status_write(&w, net);
    ol_web_answer_json(request, 200, &body);
}

static void answer_end(localnet *net, ol_web_request *request, ol_rc rc, const ol_err *err)
{
    if (rc == OL_OK)
        answer_status(net, request);
    else
        refuse(request, err);
}

/* An empty body is an empty object. */
static ol_rc body_bind(ol_web_request *request, const ol_json_table *table, void *into, ol_err *err)
{
    ol_str body = ol_bytes_str(ol_web_body_of(request));
    if (body.len == 0)
        body = OL_STR("{}");
    return ol_json_bind(body, table, into, ol_web_arena(request), err);
}

void serve_dev_status(localnet *net, ol_web_request *request)
{
    answer_status(net, request);
}

/* ---- Accounts */

/* The key that follows from the seed; accounts of genesis have it, unless they were given another.
 */
static ol_public_key derived_key(const localnet *net, ol_str account_id, ol_ed25519_key *ret)
{
    ol_dev_key(net->set->seed, account_id, ret);
    ol_ed25519_public public = ol_ed25519_public_of(ret);
    return ol_public_key_of_ed25519(&public);
}

/* These keys are public by design: whoever knows the seed has them. */
void serve_dev_key(localnet *net, ol_web_request *request)
{
    ol_ed25519_key secret;
    char text[OL_BASE58_TEXT_MAX + 16];
    ol_buf key = ol_buf_over(text, sizeof text);
    ol_buf body = ol_buf_new(STATUS_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_str account_id = ol_web_param(request, 0);
    ol_public_key public = derived_key(net, account_id, &secret);
    ol_buf_add_str(&key, OL_STR("ed25519:"));
    ol_base58_add(&key, (ol_bytes){secret.secret, sizeof secret.secret});
    ol_ed25519_key_deinit(&secret);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account_id", account_id);
    json_put_public_key(&w, "public_key", &public);
    ol_json_put_str(&w, "secret_key", ol_buf_str(&key));
    ol_json_object_end(&w);
    ol_web_answer_json(request, 200, &body);
}

typedef struct account_body {
    ol_str account_id;
    ol_u128 balance;
    ol_str public_key;
    ol_bytes code;
} account_body;

static const ol_json_field ACCOUNT_FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(account_body, account_id)},
    {"balance", OL_BIND_DEC, OL_REQUIRED, offsetof(account_body, balance)},
    {"public_key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(account_body, public_key)},
    {"code_base64", OL_BIND_BASE64, OL_OPTIONAL, offsetof(account_body, code)},
};
static const ol_json_table ACCOUNT = {"Account", ACCOUNT_FIELDS, OL_COUNT(ACCOUNT_FIELDS)};

static ol_rc account_put(localnet *net, ol_web_request *request, ol_err *err)
{
    account_body body = {0};
    ol_public_key key;
    OL_TRY(body_bind(request, &ACCOUNT, &body, err));
    ol_account_seed seed = {
        .id = body.account_id, .balance = OL_YOCTO(body.balance), .code = body.code};
    if (body.public_key.len == 0) {
        ol_ed25519_key secret;
        key = derived_key(net, body.account_id, &secret);
        ol_ed25519_key_deinit(&secret);
    } else if (!ol_public_key_parse(body.public_key, &key)) {
        return ol_fail(err, OL_ERR_INVALID, "public_key: not a public key");
    }
    seed.keys = &key;
    seed.key_count = 1;
    return control_account(net, &seed, err);
}

void serve_dev_account(localnet *net, ol_web_request *request)
{
    ol_err err = {0};
    answer_end(net, request, account_put(net, request, &err), &err);
}

typedef struct fund_body {
    ol_str account_id;
    ol_u128 amount;
} fund_body;

static const ol_json_field FUND_FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(fund_body, account_id)},
    {"amount", OL_BIND_DEC, OL_REQUIRED, offsetof(fund_body, amount)},
};
static const ol_json_table FUND = {"Fund", FUND_FIELDS, OL_COUNT(FUND_FIELDS)};

void serve_dev_fund(localnet *net, ol_web_request *request)
{
    fund_body body = {0};
    ol_err err = {0};
    ol_rc rc = body_bind(request, &FUND, &body, &err);
    if (rc == OL_OK)
        rc = control_fund(net, body.account_id, OL_YOCTO(body.amount), &err);
    answer_end(net, request, rc, &err);
}

/* ---- Time */

typedef struct time_body {
    uint64_t blocks;
    uint64_t ns;
} time_body;

static const ol_json_field TIME_FIELDS[] = {
    {"blocks", OL_BIND_U64, OL_OPTIONAL, offsetof(time_body, blocks)},
    {"ns", OL_BIND_U64, OL_OPTIONAL, offsetof(time_body, ns)},
};
static const ol_json_table TIME = {"Time", TIME_FIELDS, OL_COUNT(TIME_FIELDS)};

void serve_dev_mine(localnet *net, ol_web_request *request)
{
    time_body body = {.blocks = 1};
    ol_err err = {0};
    ol_rc rc = body_bind(request, &TIME, &body, &err);
    if (rc == OL_OK)
        rc = control_mine(net, body.blocks, &err);
    answer_end(net, request, rc, &err);
}

void serve_dev_forward(localnet *net, ol_web_request *request)
{
    time_body body = {0};
    ol_err err = {0};
    ol_rc rc = body_bind(request, &TIME, &body, &err);
    if (rc == OL_OK)
        rc = control_forward(net, body.blocks, body.ns, &err);
    answer_end(net, request, rc, &err);
}

/* ---- Snapshots */

typedef struct name_body {
    ol_str name;
} name_body;

static const ol_json_field NAME_FIELDS[] = {
    {"name", OL_BIND_TEXT, OL_REQUIRED, offsetof(name_body, name)},
};
static const ol_json_table NAME = {"Snapshot", NAME_FIELDS, OL_COUNT(NAME_FIELDS)};

static void by_name(localnet *net, ol_web_request *request,
                    ol_rc (*run)(localnet *net, ol_str name, ol_err *err))
{
    name_body body = {0};
    ol_err err = {0};
    ol_rc rc = body_bind(request, &NAME, &body, &err);
    if (rc == OL_OK)
        rc = run(net, body.name, &err);
    answer_end(net, request, rc, &err);
}

void serve_dev_snapshot(localnet *net, ol_web_request *request)
{
    by_name(net, request, control_snapshot);
}

void serve_dev_restore(localnet *net, ol_web_request *request)
{
    by_name(net, request, control_restore);
}

/* ---- Faults */

typedef struct fault_body {
    ol_str kind;
    uint64_t count;
    uint64_t seed;
    bool has_seed;
    uint32_t percent;
    ol_str method;
} fault_body;

static const ol_json_field FAULT_FIELDS[] = {
    {"kind", OL_BIND_TEXT, OL_REQUIRED, offsetof(fault_body, kind)},
    {"count", OL_BIND_U64, OL_OPTIONAL, offsetof(fault_body, count)},
    {"seed", OL_BIND_U64, OL_OPTIONAL, offsetof(fault_body, seed),
     .has = offsetof(fault_body, has_seed)},
    {"percent", OL_BIND_U32, OL_OPTIONAL, offsetof(fault_body, percent)},
    {"method", OL_BIND_TEXT, OL_OPTIONAL, offsetof(fault_body, method)},
};
static const ol_json_table FAULT = {"Fault", FAULT_FIELDS, OL_COUNT(FAULT_FIELDS)};

static ol_rc fault_put(localnet *net, ol_web_request *request, ol_err *err)
{
    fault_body body = {.count = 1, .percent = FAULT_PERCENT_ALL};
    fault_kind kind;
    OL_TRY(body_bind(request, &FAULT, &body, err));
    if (!fault_kind_parse(body.kind, &kind))
        return ol_fail(err, OL_ERR_INVALID,
                       "kind: expected rpc-timeout, http-500, stale-final, skip-heights or fork");
    if (body.has_seed)
        faults_seed(&net->faults, body.seed);
    return control_fault(net, kind, body.count, body.percent, body.method, err);
}

void serve_dev_fault(localnet *net, ol_web_request *request)
{
    ol_err err = {0};
    answer_end(net, request, fault_put(net, request, &err), &err);
}
