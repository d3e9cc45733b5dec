/* The contract that checks its dice: what it believes, and what it does not. Proofs are made here
 * by the very function the keystore makes them with. */
#include <stdio.h>
#include <string.h>

#include "lib/codec/hex.h"
#include "lib/secrets/vrf.h"
#include "tests/chain/contract_bench.h"

#define PAYMENT "20000000000000000000000" /* 0.02 NEAR */

typedef struct table {
    bench *b;
    ol_ed25519_key key;
} table;

static void table_open(table *t)
{
    static const uint8_t seed[OL_ED25519_SEED_BYTES] = {7};
    char text[2 * OL_ED25519_PUBLIC_BYTES + 1] = "";
    ol_ed25519_key_of_seed(seed, &t->key);
    ol_ed25519_public public = ol_ed25519_public_of(&t->key);
    ol_hex_encode((ol_bytes){public.bytes, sizeof public.bytes}, text);
    t->b = bench_open("dice", "dice.near");
    CALL_OK(t->b, "dice.near", 0, "new",
            J(t->b,
              "{\"outlayer\":\"outlayer.near\",\"project\":\"o.near/vrf-dice\",\"key\":\"%s\"}",
              text));
}

static void table_deinit(table *t)
{
    bench_close(t->b);
}

/* alice rolls, and this is what her run is said to have answered. */
static ol_str answered(table *t, ol_str answer)
{
    CALL_OK(t->b, "alice.near", AMT(PAYMENT), "roll", "{}");
    const bench_outcome *end = bench_run_callback(t->b, 1, true, answer);
    CHECK(end->ok);
    return end->value;
}

/* The answer of an honest run of `key` for this alpha; in the bench's memory. */
static ol_str proof_of(table *t, const ol_ed25519_key *key, const char *alpha)
{
    char output[65] = "";
    char proof[129] = "";
    ol_vrf vrf = ol_vrf_prove(key, ol_str_of(alpha));
    ol_hex_encode((ol_bytes){vrf.output.bytes, sizeof vrf.output.bytes}, output);
    ol_hex_encode((ol_bytes){vrf.proof.bytes, sizeof vrf.proof.bytes}, proof);
    return ol_str_of(J(t->b,
                       "{\"proofs\":[{\"alpha\":\"%s\",\"output\":\"%s\",\"proof\":\"%s\"}],"
                       "\"roll\":[6]}",
                       alpha, output, proof));
}

#define ALPHA(request) "vrf:" request ":alice.near:die-0"

static const char *last(table *t)
{
    return J(t->b, "%.*s", OL_FMT(VIEW(t->b, "last", "{}")));
}

TEST("dice are believed with their proof, once, and only newer ones after them")
{
    OL_AUTO(table) t;
    table_open(&t);
    CHECK_STR(answered(&t, proof_of(&t, &t.key, ALPHA("7"))),
              OL_STR("{\"roll\":1,\"alpha\":\"" ALPHA("7") "\"}"));
    const char *first = last(&t);
    CHECK_STR(answered(&t, proof_of(&t, &t.key, ALPHA("7"))), OL_STR("null")); /* again */
    CHECK_STR(answered(&t, proof_of(&t, &t.key, ALPHA("07"))), OL_STR("null"));
    CHECK_STR(answered(&t, proof_of(&t, &t.key, ALPHA("6"))), OL_STR("null"));
    CHECK_STR(ol_str_of(last(&t)), ol_str_of(first));
    CHECK_STARTS(answered(&t, proof_of(&t, &t.key, ALPHA("8"))), OL_STR("{\"roll\":"), "newer");
}

TEST("a proof for another player, seed or kind of call is no roll")
{
    static const char *const alphas[] = {
        "vrf:7:bob.near:die-0",        "vrf:7:alice.near:die-1", "vrf:7:alice.near:die-0:x",
        "vrf:7:alice.near:",           "vrf:7:alice.near",       "vrf::alice.near:die-0",
        "vrf:-7:alice.near:die-0",     "VRF:7:alice.near:die-0", "",
        ALPHA("100000000000"),         ALPHA("100000000001"),    ALPHA("18446744073709551615"),
        ALPHA("18446744073709551616"),
    };
    OL_AUTO(table) t;
    table_open(&t);
    OL_EACH (alpha, alphas) {
        CHECK_STR_ROW(answered(&t, proof_of(&t, &t.key, *alpha)), OL_STR("null"), *alpha);
        CHECK_STR_ROW(VIEW(t.b, "last", "{}"), OL_STR("null"), *alpha);
    }
    CHECK_STARTS(answered(&t, proof_of(&t, &t.key, ALPHA("99999999999"))), OL_STR("{\"roll\":"),
                 "the last number of the chain");
}

TEST("a proof that was made up or changed is no roll, nor is an answer without one")
{
    static const uint8_t seed[OL_ED25519_SEED_BYTES] = {8};
    static const char *const answers[] = {
        "null",
        "",
        "{}",
        "{\"proofs\":[]}",
        "{\"proofs\":{}}",
        "{\"proofs\":[7]}",
        "{\"proofs\":[{\"alpha\":\"" ALPHA("7") "\",\"output\":\"\",\"proof\":\"\"}]}"};
    OL_AUTO(table) t;
    ol_ed25519_key other;
    table_open(&t);
    ol_ed25519_key_of_seed(seed, &other);
    CHECK_STR(answered(&t, proof_of(&t, &other, ALPHA("7"))), OL_STR("null"));
    OL_EACH (answer, answers)
        CHECK_STR_ROW(answered(&t, ol_str_of(*answer)), OL_STR("null"), *answer);
    /* Any digit of output or proof changed, one at a time. */
    ol_str good = proof_of(&t, &t.key, ALPHA("7"));
    size_t output, proof;
    CHECK(ol_str_find(good, OL_STR("\"output\":\""), &output));
    CHECK(ol_str_find(good, OL_STR("\"proof\":\""), &proof));
    for (size_t i = 0; i < 64 + 128; i += 5) {
        char changed[1024];
        size_t at =
            i < 64 ? output + strlen("\"output\":\"") + i : proof + strlen("\"proof\":\"") + i - 64;
        CHECK(good.len < sizeof changed);
        memcpy(changed, good.data, good.len);
        changed[at] = changed[at] == '0' ? '1' : '0';
        CHECK_STR(answered(&t, (ol_str){changed, good.len}), OL_STR("null"));
    }
    CHECK_STR(VIEW(t.b, "last", "{}"), OL_STR("null"));
    CALL_OK(t.b, "alice.near", AMT(PAYMENT), "roll", "{}");
    CHECK_STR(bench_run_callback(t.b, 1, false, OL_STR(""))->value, OL_STR("null"));
    CALL_FAILS(t.b, "alice.near", 0, "on_roll", "", "Method on_roll is private");
    CHECK_STARTS(answered(&t, good), OL_STR("{\"roll\":"), "unchanged");
}
