/* Dice that nobody can load, checked on the chain: the example of a contract that verifies what a
 * run has drawn (Keystore 7). It buys a roll from the project examples/vrf-dice and believes it
 * only with its proof.
 *
 *   new   {"outlayer":"outlayer.near","project":"alice.near/vrf-dice","key":"64 hex digits"}
 *   roll  {}    payable: 0.02 NEAR for the run; answers {"roll":4,"alpha":"vrf:7:bob.near:die-0"}
 *   last  {}    view: the same of the newest roll, or null
 *
 * The key is the one OutLayer publishes (GET /vrf/pubkey). The proof is its signature of alpha,
 * which names request, account and seed: so there is one outcome for each request, and a proof of
 * another request or for another player is worth nothing here. */
#include <stddef.h>
#include <string.h>

#include "contracts/host/near.h"
#include "lib/codec/borsh.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/account_id.h"

#define RUN_PAYMENT ((ol_u128)20000000000000000u * 1000000) /* 0.02 NEAR */
#define REQUEST_GAS NEAR_TGAS(100)
#define CALLBACK_GAS NEAR_TGAS(10)

/* Requests of HTTPS calls have numbers from here on (Keystore 7). They cost their caller no
 * transaction, and one that was believed would leave no room for a request of the chain. */
#define HTTPS_REQUESTS UINT64_C(100000000000)

enum { ARENA_BYTES = 1 << 20, TEXT_BYTES = 4096, HASH_BYTES = 32, PROOF_BYTES = 64, SIDES = 6 };

#define KEY_TABLE ol_str_bytes(OL_STR("t"))
#define KEY_LAST ol_str_bytes(OL_STR("l"))

typedef struct table {
    ol_str outlayer;
    ol_str project;
    ol_str key_text; /* as given */
    uint8_t key[HASH_BYTES];
} table;

/* The newest roll; the request's number only grows, so that no proof is shown twice. */
typedef struct last_roll {
    uint64_t request_id;
    uint8_t roll;
    ol_str alpha;
} last_roll;

static table table_read(void)
{
    ol_bytes stored;
    table it;
    if (!near_storage_read(KEY_TABLE, &stored))
        near_panic(OL_STR("The contract is not initialized"));
    ol_borsh cursor = ol_borsh_over(stored);
    it.outlayer = ol_borsh_str(&cursor);
    it.project = ol_borsh_str(&cursor);
    ol_borsh_fixed(&cursor, it.key, sizeof it.key);
    return it;
}

static bool last_read(last_roll *ret)
{
    ol_bytes stored;
    if (!near_storage_read(KEY_LAST, &stored))
        return false;
    ol_borsh cursor = ol_borsh_over(stored);
    ret->request_id = ol_borsh_u64(&cursor);
    ret->roll = ol_borsh_u8(&cursor);
    ret->alpha = ol_borsh_str(&cursor);
    return true;
}

static void last_write(const last_roll *it)
{
    ol_buf record = ol_buf_new(TEXT_BYTES);
    ol_borsh_add_u64(&record, it->request_id);
    ol_borsh_add_u8(&record, it->roll);
    ol_borsh_add_str(&record, it->alpha);
    near_storage_write(KEY_LAST, ol_buf_bytes(&record));
}

static void answer(const last_roll *it)
{
    ol_buf text = ol_buf_new(TEXT_BYTES);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "roll", it->roll);
    ol_json_put_str(&w, "alpha", it->alpha);
    ol_json_object_end(&w);
    near_return(ol_buf_bytes(&text));
}

NEAR_METHOD(new)
{
    static const ol_json_field FIELDS[] = {
        {"outlayer", OL_BIND_TEXT, OL_REQUIRED, offsetof(table, outlayer),
         .check = ol_account_id_valid},
        {"project", OL_BIND_TEXT, OL_REQUIRED, offsetof(table, project),
         .check = ol_project_id_valid},
        {"key", OL_BIND_TEXT, OL_REQUIRED, offsetof(table, key_text)},
    };
    static const ol_json_table ARGUMENTS = {"new", FIELDS, OL_COUNT(FIELDS)};
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    table given = {0};
    ol_err err;
    if (near_storage_has(KEY_TABLE))
        near_panic(OL_STR("The contract has already been initialized"));
    if (ol_json_bind(ol_bytes_str(near_input()), &ARGUMENTS, &given, &arena, &err) != OL_OK)
        near_panic(ol_err_text(&err));
    if (!ol_hex_decode_fixed(given.key_text, given.key, sizeof given.key))
        near_panic(OL_STR("key must be 64 hex digits"));
    ol_buf record = ol_buf_new(TEXT_BYTES);
    ol_borsh_add_str(&record, given.outlayer);
    ol_borsh_add_str(&record, given.project);
    ol_borsh_add_fixed(&record, (ol_bytes){given.key, sizeof given.key});
    near_storage_write(KEY_TABLE, ol_buf_bytes(&record));
}

static ol_bytes request_of(const table *t, ol_str player)
{
    ol_buf text = ol_buf_new(TEXT_BYTES);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_key(&w, "source");
    ol_json_object_begin(&w);
    ol_json_key(&w, "Project");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", t->project);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    ol_json_key(&w, "resource_limits");
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "max_instructions", 1000000000);
    ol_json_put_u64(&w, "max_memory_mb", 128);
    ol_json_put_u64(&w, "max_execution_seconds", 10);
    ol_json_object_end(&w);
    ol_json_put_cstr(&w, "input_data", "{\"dice\":1}");
    ol_json_put_cstr(&w, "response_format", "Json");
    ol_json_put_str(&w, "payer_account_id", player);
    ol_json_object_end(&w);
    return ol_buf_bytes(&text);
}

NEAR_METHOD(roll)
{
    if (near_attached_deposit() < RUN_PAYMENT)
        near_panic(OL_STR("Attach 0.02 NEAR, which pay for the run"));
    table t = table_read();
    ol_str player = near_signer(); /* whose name alpha carries */
    near_promise asked = near_promise_create(t.outlayer);
    near_promise_call(asked, OL_STR("request_execution"), request_of(&t, player),
                      near_attached_deposit(), REQUEST_GAS, 0);
    ol_buf callback = ol_buf_new(TEXT_BYTES);
    ol_borsh_add_str(&callback, player);
    near_promise told = near_promise_then(asked, near_self());
    near_promise_call(told, OL_STR("on_roll"), ol_buf_bytes(&callback), 0, CALLBACK_GAS, 0);
    near_promise_return(told);
}

/* ---- the check ---- */

typedef struct evidence {
    ol_str alpha;
    ol_str output_text;
    ol_str proof_text;
    uint8_t output[HASH_BYTES];
    uint8_t proof[PROOF_BYTES];
} evidence;

static bool evidence_read(ol_bytes answer_bytes, ol_arena *arena, evidence *ret)
{
    static const ol_json_field FIELDS[] = {
        {"alpha", OL_BIND_TEXT, OL_REQUIRED, offsetof(evidence, alpha)},
        {"output", OL_BIND_TEXT, OL_REQUIRED, offsetof(evidence, output_text)},
        {"proof", OL_BIND_TEXT, OL_REQUIRED, offsetof(evidence, proof_text)},
    };
    static const ol_json_table EVIDENCE = {"proof", FIELDS, OL_COUNT(FIELDS)};
    ol_json root;
    ol_json proofs;
    ol_json first;
    if (ol_json_parse(ol_bytes_str(answer_bytes), &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("proofs"), &proofs) ||
        ol_json_kind_of(&proofs) != OL_JSON_ARRAY)
        return false;
    ol_json_iter items = ol_json_iterate(&proofs);
    return ol_json_next_item(&items, &first) &&
           ol_json_bind_value(&first, &EVIDENCE, ret, arena, NULL) == OL_OK &&
           ol_hex_decode_fixed(ret->output_text, ret->output, sizeof ret->output) &&
           ol_hex_decode_fixed(ret->proof_text, ret->proof, sizeof ret->proof);
}

/* `vrf:{request}:{player}:die-0`, of a request of the chain, later than the last one. */
static bool alpha_check(ol_str alpha, ol_str player, uint64_t *ret_request)
{
    ol_str word;
    ol_str number;
    ol_str account;
    last_roll last;
    return ol_str_cut(alpha, ':', &word, &alpha) && ol_str_eq(word, OL_STR("vrf")) &&
           ol_str_cut(alpha, ':', &number, &alpha) && ol_u64_parse(number, ret_request) &&
           ol_str_cut(alpha, ':', &account, &alpha) && ol_str_eq(account, player) &&
           ol_str_eq(alpha, OL_STR("die-0")) && *ret_request < HTTPS_REQUESTS &&
           (!last_read(&last) || *ret_request > last.request_id);
}

/* The number follows from the output as the guest library draws it: the first word of 32 bits below
 * the largest multiple of six. */
static uint8_t die_of(const uint8_t output[HASH_BYTES])
{
    const uint32_t excess = (uint32_t)(0 - (uint64_t)SIDES) % SIDES;
    uint32_t word = 0;
    for (size_t i = 0; i < HASH_BYTES; i += 4) {
        word = (uint32_t)output[i] << 24 | (uint32_t)output[i + 1] << 16 |
               (uint32_t)output[i + 2] << 8 | (uint32_t)output[i + 3];
        if (word <= UINT32_MAX - excess)
            break;
    }
    return (uint8_t)(word % SIDES + 1);
}

static bool proven(const evidence *e, const uint8_t key[HASH_BYTES])
{
    uint8_t output[HASH_BYTES];
    near_sha256((ol_bytes){e->proof, sizeof e->proof}, output);
    return memcmp(output, e->output, sizeof output) == 0 &&
           near_ed25519_verify(e->proof, ol_str_bytes(e->alpha), key);
}

/* Private. Whatever is not proven is no roll: `null`, and the state stays. */
NEAR_METHOD(on_roll)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ol_bytes said;
    evidence e;
    last_roll now;
    if (!ol_str_eq(near_predecessor(), near_self()))
        near_panic(OL_STR("Method on_roll is private"));
    ol_borsh cursor = ol_borsh_over(near_input());
    ol_str player = ol_borsh_str(&cursor);
    table t = table_read();
    if (near_promise_result(0, &said) != NEAR_SUCCESS || !evidence_read(said, &arena, &e) ||
        !alpha_check(e.alpha, player, &now.request_id) || !proven(&e, t.key)) {
        near_return_str(OL_STR("null"));
        return;
    }
    now.roll = die_of(e.output);
    now.alpha = e.alpha;
    last_write(&now);
    answer(&now);
}

NEAR_METHOD(last)
{
    last_roll it;
    if (last_read(&it))
        answer(&it);
    else
        near_return_str(OL_STR("null"));
}
