/* Coordinator 8: what clients ask the keystore through us. Plaintext never passes here: names of
 * variables, ciphertexts and public keys do. */
#include "lib/secrets/accessor.h"
#include "services/coordinator/handlers.h"

enum { KEYSTORE_MS = 30000, VRF_MS = 5000, KEYSTORE_BYTES_MAX = 16 * 1024 * 1024 };
#define MS_NS INT64_C(1000000)

/* One question under way, on a thread of the chain. */
typedef struct proxy {
    chain_job job; /* first */
    coordinator *it;
    ol_web_request *request;
    const char *path;
    bool get;
    bool with_token;
    int64_t until_ns; /* whoever asked is answered by then, also after waiting for a thread */
    ol_buf body;
    ol_str vault; /* X-Customer-Vault; NULL data: none */
    ol_accessor accessor;
    ol_str owner;
    ol_str profile;
    void (*answer)(struct proxy *proxy, int status, const ol_buf *body);
} proxy;

/* ---- the keystore's side ---- */

static ol_rc ask(const proxy *p, const chain_tools *tools, ol_buf *into, int *ret_status,
                 ol_err *err)
{
    const coordinator_settings *set = p->it->set;
    ol_arena *arena = ol_web_arena(p->request);
    ol_http_answer answer;
    int64_t left_ms = (p->until_ns - ol_mono_ns(p->it->clock)) / MS_NS;
    ol_http_header headers[3] = {{OL_STR("content-type"), OL_STR("application/json")}};
    size_t count = 1;
    ol_str url = ol_arena_printf(arena, "%.*s%s", OL_FMT(set->keystore_url), p->path);
    if (p->with_token)
        headers[count++] =
            (ol_http_header){OL_STR("authorization"),
                             ol_arena_printf(arena, "Bearer %.*s", OL_FMT(set->keystore_token))};
    if (p->vault.data != NULL)
        headers[count++] = (ol_http_header){OL_STR("x-customer-vault"), p->vault};
    const ol_http_request request = {.method = p->get ? OL_STR("GET") : OL_STR("POST"),
                                     .url = url,
                                     .header = headers,
                                     .headers = count,
                                     .body = ol_buf_bytes(&p->body),
                                     .total_ms = (uint32_t)left_ms};
    if (left_ms <= 0)
        return ol_fail(err, OL_ERR_TIMEOUT, "no thread was free in time");
    OL_TRY(ol_http_exchange(tools->http, &request, into, &answer, err));
    *ret_status = answer.status;
    return OL_OK;
}

static void run(chain_job *job, const chain_tools *tools)
{
    proxy *p = (proxy *)job;
    int status = 0;
    ol_err err = {0};
    ol_buf answer = ol_buf_new(KEYSTORE_BYTES_MAX);
    if (ask(p, tools, &answer, &status, &err) != OL_OK)
        status = 0;
    ol_buf_deinit(&p->body);
    p->answer(p, status, &answer);
    ol_buf_deinit(&answer);
}

static void start(proxy *p)
{
    ol_web_hold(p->request);
    if (chain_submit_keystore(p->it->chain, &p->job))
        return;
    ol_buf_deinit(&p->body);
    ol_web_answer_empty(p->request, 503);
}

/* NULL: answered. */
static proxy *proxy_new(coordinator *it, ol_web_request *request, const char *path,
                        void (*answer)(proxy *p, int status, const ol_buf *body))
{
    proxy *p;
    if (it->set->keystore_url.len == 0) {
        ol_web_answer_text(request, 400, OL_STR("Keystore is not configured"));
        return NULL;
    }
    p = OL_ARENA_NEW(ol_web_arena(request), proxy);
    if (p == NULL) {
        ol_web_answer_empty(request, 503);
        return NULL;
    }
    *p = (proxy){.job = {.run = run},
                 .it = it,
                 .request = request,
                 .path = path,
                 .until_ns = ol_mono_ns(it->clock) + KEYSTORE_MS * MS_NS,
                 .body = ol_buf_new(KEYSTORE_BYTES_MAX),
                 .answer = answer};
    (void)ol_web_header(request, "x-customer-vault", &p->vault);
    return p;
}

/* The text of {"error":…}, or the body as it is. */
static ol_str error_text(const proxy *p, const ol_buf *body)
{
    ol_json root;
    ol_json value;
    ol_str text;
    if (ol_json_parse(ol_buf_str(body), &root, NULL) == OL_OK &&
        ol_json_find(&root, OL_STR("error"), &value) &&
        ol_json_text(&value, ol_web_arena(p->request), &text, NULL) == OL_OK)
        return text;
    return ol_buf_str(body);
}

/* 400 and 402 are the requester's to read; whatever else fails is a bad gateway. */
static bool failed(const proxy *p, int status, const ol_buf *body)
{
    if (status == 200)
        return false;
    if (status == 400 || status == 402)
        ol_web_answer_text(p->request, (unsigned)status, error_text(p, body));
    else
        ol_web_answer_text(p->request, 502, OL_STR("Keystore is not reachable"));
    return true;
}

static void answer_through(proxy *p, int status, const ol_buf *body)
{
    ol_json root;
    if (status == 0 || ol_json_parse(ol_buf_str(body), &root, NULL) != OL_OK)
        ol_web_answer_text(p->request, 502, OL_STR("Keystore is not reachable"));
    else
        ol_web_answer(p->request, (unsigned)status, OL_WEB_TYPE_JSON, ol_buf_bytes(body));
}

/* ---- accessors as clients name them ---- */

typedef struct secrets_body {
    ol_json accessor;
    ol_str owner;
    ol_str profile;
    ol_str secrets_json;
    ol_str encrypted;
    bool has_encrypted;
    ol_json new_secrets;
} secrets_body;

#define AT(member) offsetof(secrets_body, member)
#define COMMON                                                                                     \
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, AT(accessor)},                                        \
        {"owner", OL_BIND_TEXT, OL_REQUIRED, AT(owner)},                                           \
    {                                                                                              \
        "profile", OL_BIND_TEXT, OL_OPTIONAL, AT(profile)                                          \
    }

static const ol_json_field PUBKEY_FIELDS[] = {
    COMMON, {"secrets_json", OL_BIND_TEXT, OL_REQUIRED, AT(secrets_json)}};
static const ol_json_table PUBKEY = {"SecretsPubkeyRequest", PUBKEY_FIELDS,
                                     OL_COUNT(PUBKEY_FIELDS)};

static const ol_json_field GENERATE_FIELDS[] = {
    COMMON,
    {"encrypted_secrets_base64", OL_BIND_TEXT, OL_OPTIONAL, AT(encrypted),
     .has = AT(has_encrypted)},
    {"new_secrets", OL_BIND_VALUE, OL_REQUIRED, AT(new_secrets)},
};
static const ol_json_table GENERATE = {"AddGeneratedSecretRequest", GENERATE_FIELDS,
                                       OL_COUNT(GENERATE_FIELDS)};

static bool is_project(ol_str id)
{
    ol_str owner;
    ol_str name;
    return ol_str_cut(id, '/', &owner, &name) && owner.len > 0 && name.len > 0;
}

/* The texts of Coordinator 8; the seed is what the keystore derives from. */
static ol_rc seed_of(const secrets_body *body, ol_arena *arena, ol_accessor *ret, ol_str *ret_seed,
                     ol_err *err)
{
    if (body->owner.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "Owner account ID is required");
    if (ol_accessor_parse(&body->accessor, arena, ret, err) != OL_OK) {
        size_t at;
        if (ol_str_find(ol_err_text(err), OL_STR("hash must be"), &at))
            return ol_fail(err, OL_ERR_INVALID, "Invalid WASM hash: must be 64 hex characters");
        err->rc = OL_ERR_INVALID;
        return OL_ERR_INVALID;
    }
    if (ret->kind == OL_ACCESSOR_PROJECT && !is_project(ret->name))
        return ol_fail(err, OL_ERR_INVALID, "Invalid project_id format: must be 'account/name'");
    if (ret->kind == OL_ACCESSOR_PAYMENT_KEY && body->profile.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "Profile (nonce) is required for System secrets");
    if (ret->kind == OL_ACCESSOR_REPO &&
        ol_secret_repo_normalise(ret->name, arena, &ret->name, err) != OL_OK) {
        (void)ol_prefix(err, "Invalid repo format: ");
        return OL_ERR_INVALID;
    }
    return ol_accessor_seed(ret, body->owner, body->profile, arena, ret_seed, err);
}

static void put_accessor(ol_json_writer *w, const proxy *p)
{
    ol_json_key(w, "accessor");
    if (p->accessor.kind == OL_ACCESSOR_PAYMENT_KEY) {
        ol_json_object_begin(w);
        ol_json_put_cstr(w, "type", "System");
        ol_json_put_cstr(w, "kind", "payment_key");
        ol_json_put_str(w, "profile", p->profile);
        ol_json_object_end(w);
        return;
    }
    if (p->accessor.kind != OL_ACCESSOR_REPO) {
        ol_accessor_add_tagged(w, &p->accessor);
        return;
    }
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "type", "Repo");
    ol_json_put_str(w, "repo_normalized", p->accessor.name);
    if (p->accessor.branch.data != NULL)
        ol_json_put_str(w, "branch", p->accessor.branch);
    else
        ol_json_put_null(w, "branch");
    ol_json_object_end(w);
}

/* false: answered. */
static bool ask_begin(proxy *p, const secrets_body *body, ol_str *ret_seed)
{
    ol_err err = {0};
    if (seed_of(body, ol_web_arena(p->request), &p->accessor, ret_seed, &err) != OL_OK) {
        ol_web_answer_text(p->request, 400, ol_err_text(&err));
        return false;
    }
    p->owner = body->owner;
    p->profile = body->profile;
    return true;
}

/* ---- POST /secrets/pubkey ---- */

static void pubkey_answer(proxy *p, int status, const ol_buf *body)
{
    ol_json root;
    ol_json value;
    ol_json_iter members;
    ol_json key;
    json_answer answer;
    if (failed(p, status, body))
        return;
    if (ol_json_parse(ol_buf_str(body), &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("pubkey"), &value)) {
        ol_web_answer_text(p->request, 502, OL_STR("Keystore gave no public key"));
        return;
    }
    json_answer_begin(&answer);
    put_accessor(&answer.w, p);
    ol_json_put_str(&answer.w, "owner", p->owner);
    /* The key, and what attests it where the keystore does (Keystore 15, X1). */
    members = ol_json_iterate(&root);
    while (ol_json_next_member(&members, &key, &value)) {
        ol_json_key_str(&answer.w, ol_str_slice(key.raw, 1, key.raw.len - 1));
        ol_json_add_raw(&answer.w, value.raw);
    }
    json_answer_send(&answer, p->request, 200);
}

void secrets_pubkey_post(ol_web_request *request, void *context)
{
    secrets_body body = {0};
    ol_str seed;
    proxy *p;
    if (!body_bind(request, &PUBKEY, &body))
        return;
    p = proxy_new(context, request, "/pubkey", pubkey_answer);
    if (p == NULL || !ask_begin(p, &body, &seed))
        return;
    ol_json_writer w = ol_json_writer_over(&p->body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "seed", seed);
    ol_json_put_str(&w, "secrets_json", body.secrets_json);
    if (p->vault.data != NULL) {
        ol_json_put_str(&w, "vault_id", p->vault);
        p->with_token = true;
    }
    ol_json_object_end(&w);
    start(p);
}

/* ---- POST /secrets/add_generated_secret ---- */

static void generated_answer(proxy *p, int status, const ol_buf *body)
{
    ol_json root;
    ol_json encrypted;
    ol_json keys;
    json_answer answer;
    if (failed(p, status, body))
        return;
    if (ol_json_parse(ol_buf_str(body), &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("encrypted_data_base64"), &encrypted) ||
        !ol_json_find(&root, OL_STR("all_keys"), &keys)) {
        ol_web_answer_text(p->request, 502, OL_STR("Keystore gave no encrypted data"));
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_raw(&answer.w, "encrypted_data_base64", encrypted.raw);
    ol_json_put_raw(&answer.w, "all_keys", keys.raw);
    put_accessor(&answer.w, p);
    json_answer_send(&answer, p->request, 200);
}

void secrets_generate_post(ol_web_request *request, void *context)
{
    secrets_body body = {0};
    ol_str seed;
    proxy *p;
    if (!body_bind(request, &GENERATE, &body))
        return;
    p = proxy_new(context, request, "/add_generated_secret", generated_answer);
    if (p == NULL)
        return;
    if (ol_json_kind_of(&body.new_secrets) != OL_JSON_ARRAY ||
        ol_json_count(&body.new_secrets) == 0) {
        ol_web_answer_text(request, 400, OL_STR("At least one new secret must be specified"));
        return;
    }
    if (!ask_begin(p, &body, &seed))
        return;
    p->with_token = true;
    ol_json_writer w = ol_json_writer_over(&p->body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "seed", seed);
    if (body.has_encrypted)
        ol_json_put_str(&w, "encrypted_secrets_base64", body.encrypted);
    ol_json_put_raw(&w, "new_secrets", body.new_secrets.raw);
    if (p->vault.data != NULL)
        ol_json_put_str(&w, "vault_id", p->vault);
    ol_json_object_end(&w);
    start(p);
}

/* ---- POST /secrets/update_user_secrets ---- */

static const char *const UPDATE_WANTED[] = {"owner",     "profile",    "accessor", "signed_message",
                                            "signature", "public_key", "nonce"};

static bool update_check(ol_web_request *request, const ol_json *root)
{
    OL_EACH (name, UPDATE_WANTED) {
        ol_json value;
        ol_err err;
        if (!ol_json_find(root, ol_str_of(*name), &value) || ol_json_is_null(&value)) {
            (void)ol_fail(&err, OL_ERR_INVALID, "%s is required", *name);
            ol_web_answer_text(request, 400, ol_err_text(&err));
            return false;
        }
        if (ol_json_kind_of(&value) == OL_JSON_STRING && ol_json_text_is(&value, OL_STR(""))) {
            (void)ol_fail(&err, OL_ERR_INVALID, "%s cannot be empty", *name);
            ol_web_answer_text(request, 400, ol_err_text(&err));
            return false;
        }
    }
    return true;
}

/* Repositories, code and projects; payment keys are changed by the contract alone. */
static bool update_accessor_check(ol_web_request *request, const ol_json *root)
{
    static const ol_str KNOWN[] = {OL_STR_INIT("Repo"), OL_STR_INIT("WasmHash"),
                                   OL_STR_INIT("Project")};
    ol_json accessor;
    ol_json type;
    ol_str text = OL_STR("");
    ol_err err;
    if (ol_json_find(root, OL_STR("accessor"), &accessor) &&
        ol_json_find(&accessor, OL_STR("type"), &type))
        (void)ol_json_text(&type, ol_web_arena(request), &text, NULL);
    OL_EACH (known, KNOWN) {
        if (ol_str_eq(text, *known))
            return true;
    }
    (void)ol_fail(&err, OL_ERR_INVALID, "Unknown accessor type: %.*s", OL_FMT(text));
    ol_web_answer_text(request, 400, ol_err_text(&err));
    return false;
}

void secrets_update_post(ol_web_request *request, void *context)
{
    ol_json root;
    ol_err err = {0};
    proxy *p;
    ol_str body = ol_bytes_str(ol_web_body_of(request));
    if (ol_json_parse(body, &root, &err) != OL_OK) {
        answer_bad_body(request, &err);
        return;
    }
    p = proxy_new(context, request, "/update_user_secrets", answer_through);
    if (p == NULL || !update_check(request, &root) || !update_accessor_check(request, &root))
        return;
    p->with_token = true;
    ol_buf_add_str(&p->body, body);
    start(p);
}

/* ---- GET /vrf/pubkey ---- */

static void vrf_answer(proxy *p, int status, const ol_buf *body)
{
    ol_json root;
    ol_json key;
    json_answer answer;
    if (status == 401) {
        ol_web_answer_text(p->request, 503, OL_STR("Keystore is not ready"));
        return;
    }
    if (status != 200 || ol_json_parse(ol_buf_str(body), &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("vrf_public_key_hex"), &key)) {
        ol_web_answer_text(p->request, 502, OL_STR("Keystore is not reachable"));
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_raw(&answer.w, "vrf_public_key", key.raw);
    ol_json_put_raw(&answer.w, "vrf_public_key_hex", key.raw);
    json_answer_send(&answer, p->request, 200);
}

void vrf_pubkey_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    proxy *p;
    if (it->set->keystore_url.len == 0) {
        ol_web_answer_text(request, 503, OL_STR("Keystore is not configured"));
        return;
    }
    p = proxy_new(it, request, "/vrf/pubkey", vrf_answer);
    if (p == NULL)
        return;
    p->get = true;
    p->until_ns = ol_mono_ns(it->clock) + VRF_MS * MS_NS;
    start(p);
}
