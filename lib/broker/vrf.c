/* near:vrf/api (Host interfaces 10). */
#include "lib/secrets/vrf.h"

#include <string.h>

#include "lib/broker/internal.h"

enum { VRF_SECONDS = 10, VRF_CONNECT_SECONDS = 5 };

static void answer(ol_broker *broker, ol_str output, ol_str proof, ol_str alpha, ol_str error)
{
    const ol_host_value values[] = {{.bytes = ol_str_bytes(output)},
                                    {.bytes = ol_str_bytes(proof)},
                                    {.bytes = ol_str_bytes(alpha)},
                                    {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

static void answer_key(ol_broker *broker, ol_str key, ol_str error)
{
    const ol_host_value values[] = {{.bytes = ol_str_bytes(key)}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

/* `{what} failed (500 …): body`, `{what} request failed: …` or `Failed to parse {thing} response:
 * …`
 */
static ol_str failure(ol_broker *broker, const char *what, const char *request, const char *thing)
{
    ol__service *it = &broker->service;
    if (it->status == 0)
        return ol_arena_printf(&it->arena, "%s request failed: no answer", request);
    if (it->status == 200)
        return ol_arena_printf(&it->arena, "Failed to parse %s response: a member is missing",
                               thing);
    return ol_arena_printf(&it->arena, "%s failed (%d %s): %.*s", what, it->status,
                           ol_http_status_text(it->status), OL_FMT(ol__service_quote(broker)));
}

static void generated(ol_broker *broker)
{
    ol_str output;
    ol_str proof;
    ol_str none = OL_STR("");
    ol_str alpha = broker->vrf.alpha;
    if (ol__service_text(broker, "output_hex", &output) &&
        ol__service_text(broker, "signature_hex", &proof))
        answer(broker, output, proof, alpha, none);
    else
        answer(broker, none, none, alpha, failure(broker, "Keystore VRF", "VRF", "VRF"));
}

static void generate(ol_broker *broker, ol_str user_seed)
{
    ol_err err;
    const ol_broker_vrf *about = &broker->about.vrf;
    ol_str none = OL_STR("");
    ol_arena *arena = &broker->service.arena;
    if (ol_vrf_alpha(about->request_id, about->identity, user_seed, arena, &broker->vrf.alpha,
                     &err) != OL_OK) {
        answer(broker, none, none, none, ol_err_text(&err));
        return;
    }
    if (++broker->vrf.calls > OL_VRF_CALLS_MAX) {
        answer(broker, none, none, none,
               ol_arena_printf(arena, "VRF rate limit exceeded: %u calls (max: %d)",
                               broker->vrf.calls, OL_VRF_CALLS_MAX));
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_u64(&w, "request_id", about->request_id);
    ol_json_put_str(&w, "sender", about->identity);
    ol_json_put_str(&w, "user_seed", user_seed);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/vrf/generate", generated);
}

/* Asking is not counted (Host interfaces 10), so the keystore is asked once a run. */
static bool key_recall(ol_broker *broker)
{
    if (broker->vrf.key[0] == '\0')
        return false;
    answer_key(broker, (ol_str){broker->vrf.key, sizeof broker->vrf.key}, OL_STR(""));
    return true;
}

static void key_read(ol_broker *broker)
{
    ol_str key;
    if (ol__service_text(broker, "vrf_public_key_hex", &key)) {
        if (key.len == sizeof broker->vrf.key)
            memcpy(broker->vrf.key, key.data, key.len);
        answer_key(broker, key, OL_STR(""));
    } else {
        answer_key(broker, OL_STR(""),
                   failure(broker, "Keystore VRF pubkey", "VRF pubkey", "VRF pubkey"));
    }
}

void ol__vrf_call(ol_broker *broker, uint32_t id, ol_host_fn function, const ol_host_value *values)
{
    if (!ol__service_call(broker, id, function))
        return;
    broker->service.seconds = VRF_SECONDS;
    broker->service.connect_seconds = VRF_CONNECT_SECONDS;
    if (function == OL_FN_VRF_GENERATE)
        generate(broker, ol_bytes_str(values[0].bytes));
    else if (!key_recall(broker))
        ol__service_get(broker, OL__TO_KEYSTORE, "/vrf/pubkey", key_read);
}
