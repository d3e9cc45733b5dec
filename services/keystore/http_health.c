/* What the keystore says about itself. */
#include "services/keystore/answer.h"
#include "services/keystore/handlers.h"

enum { METRICS_BYTES_MAX = 4096 };

void health_get(ol_web_request *request, void *context)
{
    keystore *ks = context;
    answer it;
    answer_begin(&it);
    ol_json_put_cstr(&it.w, "status", "ok");
    ol_json_put_str(&it.w, "tee_mode", ks->set->tee_mode);
    answer_send(&it, ks, request);
}

static void metric(ol_buf *into, const char *verdict, const atomic_ulong *count)
{
    ol_buf_addf(into, "outlayer_keystore_access_total{verdict=\"%s\"} %lu\n", verdict,
                atomic_load(count));
}

void metrics_get(ol_web_request *request, void *context)
{
    keystore *ks = context;
    ol_buf text = ol_buf_new(METRICS_BYTES_MAX);
    ol_buf_add_str(&text, OL_STR("# TYPE outlayer_keystore_access_total counter\n"));
    metric(&text, "granted", &ks->granted);
    metric(&text, "denied", &ks->denied);
    metric(&text, "failed", &ks->failed);
    ol_buf_addf(&text,
                "# TYPE outlayer_keystore_refused_total counter\n"
                "outlayer_keystore_refused_total %lu\n",
                atomic_load(&ks->refused));
    ol_buf_addf(&text, "# TYPE outlayer_keystore_ready gauge\noutlayer_keystore_ready %d\n",
                atomic_load(&ks->ready) ? 1 : 0);
    ol_buf_addf(&text, "# TYPE outlayer_keystore_sessions gauge\noutlayer_keystore_sessions %zu\n",
                sessions_count(ks->sessions));
    ol_web_answer_text(request, 200, ol_buf_str(&text));
    ol_buf_deinit(&text);
}

/* Vaults' masters come with key derivation through the MPC network; until then there are none. */
void vaults_get(ol_web_request *request, void *context)
{
    keystore *ks = context;
    answer it;
    answer_begin(&it);
    ol_json_key(&it.w, "vaults");
    ol_json_array_begin(&it.w);
    ol_json_array_end(&it.w);
    ol_json_put_u64(&it.w, "count", 0);
    ol_json_put_u64(&it.w, "tee_sessions", sessions_count(ks->sessions));
    answer_send(&it, ks, request);
}

typedef struct evict_body {
    ol_str vault_id;
    ol_str reason;
} evict_body;

static const ol_json_field EVICT_FIELDS[] = {
    {"vault_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(evict_body, vault_id)},
    {"reason", OL_BIND_TEXT, OL_REQUIRED, offsetof(evict_body, reason)},
};
static const ol_json_table EVICT = {"EvictRequest", EVICT_FIELDS, OL_COUNT(EVICT_FIELDS)};

/* Idempotent: what is not loaded is gone. */
void vault_evict_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    evict_body body = {0};
    answer it;
    ol_err err;
    ol_str vault;
    if (!body_bind(request, &EVICT, &body))
        return;
    if (keyring_scope(body.vault_id, &vault, &err) != OL_OK) {
        (void)answer_failure(request, &err);
        return;
    }
    answer_begin(&it);
    ol_json_put_bool(&it.w, "ok", true);
    answer_send(&it, ks, request);
}
