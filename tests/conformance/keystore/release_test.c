/* Keystore 16, cases 25 to 41, 49, 83, 84: who is given a secret. */
#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "tests/conformance/keystore/lab.h"

#define PROJECT "{\"Project\":{\"project_id\":\"alice.near/app\"}}"
#define SEED "project:alice.near/app:alice.near"
#define SECRET "{\"API_KEY\":\"abc123\"}"

#define BALANCE_OF(contract)                                                                       \
    "{\"FtBalance\":{\"contract\":\"" contract "\",\"operator\":\"Gte\",\"value\":\"1\"}}"
#define BALANCE BALANCE_OF("a.near")
#define BALANCE_2 BALANCE_OF("b.near")
#define BALANCE_3 BALANCE_OF("c.near")
#define BALANCE_4 BALANCE_OF("d.near")

static const char *ask(lab *it, const char *accessor, const char *profile, const char *owner,
                       const char *caller, const char *more)
{
    return lab_text(it,
                    "{\"accessor\":%s,\"profile\":\"%s\",\"owner\":\"%s\",\"user_account_id\":"
                    "\"%s\"%s}",
                    accessor, profile, owner, caller, more);
}

static wire_answer decrypt(lab *it, const char *caller)
{
    return lab_work(it, "/decrypt",
                    ask(it, "{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}", "default",
                        "alice.near", caller, ""));
}

static void check_secret(lab *it, wire_answer answer, const char *want)
{
    ol_bytes plain;
    ol_str base64 = lab_member(it, answer, "plaintext_secrets");
    CHECK(ol_base64_decode(base64, &it->arena, &plain));
    CHECK_STR(ol_bytes_str(plain), ol_str_of(want));
}

/* The stored secret under a condition. */
static void script(lab *it, const char *access)
{
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(it, SEED, SECRET, access, PROJECT, NULL)},
        {.method = NULL},
    };
    lab_script(it, rows);
}

TEST("S25: a secret that is not there")
{
    lab it;
    const lab_row rows[] = {
        {.method = "get_secret_with_vault", .answer = "{\"profile\":null,\"vault_id\":null}"},
        {.method = NULL}};
    lab_start(&it, 1, NULL);
    lab_script(&it, rows);
    lab_check_error(decrypt(&it, "bob.near"), 400, "Secrets not found in contract");
    lab_stop(&it);
}

TEST("everyone, or those of a list, are given it; others are not")
{
    lab it;
    lab_start(&it, 1, NULL);
    script(&it, "\"AllowAll\"");
    check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    script(&it, "{\"Whitelist\":{\"accounts\":[\"bob.near\"]}}");
    check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    lab_check_error(decrypt(&it, "carol.near"), 401, "Access denied by access condition");
    CHECK_HAS(lab_get(&it, "/metrics", "").body,
              OL_STR("outlayer_keystore_access_total{verdict=\"granted\"} 2\n"
                     "outlayer_keystore_access_total{verdict=\"denied\"} 1\n"),
              "decisions are counted");
    lab_stop(&it);
}

TEST("who is no account is given nothing, whatever a condition excludes")
{
    static const char *const NOBODY[] = {
        "",          "evil.near\\nbob.near",
        "Bob.near",  "b",
        "bob..near", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.near"};
    lab it;
    lab_start(&it, 1, NULL);
    script(&it, "{\"Not\":{\"condition\":{\"AccountPattern\":{\"pattern\":\"bob.*\"}}}}");
    check_secret(&it, decrypt(&it, "carol.near"), SECRET);
    OL_EACH (caller, NOBODY)
        lab_check_error(decrypt(&it, *caller), 401, "Access denied: the caller is no account");
    lab_stop(&it);
}

TEST("answers of a block are kept while it is the last, but a refusal is of a fresh one")
{
    lab it;
    lab_start(&it, 1, (const char *const[]){"FACTS_MS=60000", NULL});
    script(&it, "{\"Whitelist\":{\"accounts\":[\"bob.near\"]}}");
    check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    unsigned asked = atomic_load(&it.views);
    check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    CHECK_EQ(atomic_load(&it.views), asked);
    script(&it, "{\"Whitelist\":{\"accounts\":[\"carol.near\"]}}");
    check_secret(&it, decrypt(&it, "carol.near"), SECRET); /* granted since that block */
    lab_check_error(decrypt(&it, "bob.near"), 401, "Access denied");
    lab_stop(&it);
}

/* Sanitizers keep what is freed. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static unsigned long resident_kib(const lab *it)
{
    char path[64];
    uint8_t text[8192];
    size_t at;
    ol_err err;
    ol_str digits;
    ol_str rest;
    unsigned kib;
    ol_buf status = ol_buf_over(text, sizeof text);
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)it->pid);
    CHECK_OK(ol_file_load(path, &status, &err));
    CHECK(ol_str_find(ol_buf_str(&status), OL_STR("VmRSS:"), &at));
    rest = ol_str_slice(ol_buf_str(&status), at + 6, status.len);
    CHECK(ol_str_cut(rest, 'k', &digits, &rest) && ol_u32_parse(ol_str_trim(digits), &kib));
    return kib;
}

TEST("answers of blocks that have passed are not kept")
{
    enum { BLOCKS = 300, BYTES = 45000, KIB = 1024 }; /* so few that nobody need read the log */
    lab it;
    char value[BYTES + 1];
    if (__asan_init != NULL || __tsan_init != NULL)
        ol_test_skip("a sanitizer keeps what is freed");
    memset(value, 'x', BYTES);
    value[BYTES] = '\0';
    lab_start(&it, 1, NULL);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(&it, SEED, lab_text(&it, "{\"A\":\"%s\"}", value), "\"AllowAll\"",
                              PROJECT, NULL)},
        {.method = NULL},
    };
    lab_script(&it, rows);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(decrypt(&it, "bob.near").status, 200);
    unsigned long before = resident_kib(&it);
    for (int i = 0; i < BLOCKS; i++)
        CHECK_EQ(decrypt(&it, "bob.near").status, 200);
    CHECK(resident_kib(&it) < before + BLOCKS * BYTES / KIB / 2);
    lab_stop(&it);
}
TEST("S26: a secret of every branch has no branch in its seed")
{
    lab it;
    lab_start(&it, 1, NULL);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(&it, "github.com/a/b:alice.near", SECRET, "\"AllowAll\"",
                              "{\"Repo\":{\"repo\":\"github.com/a/b\",\"branch\":null}}", NULL),
         .args = "\"branch\":\"dev\""},
        {.method = NULL},
    };
    lab_script(&it, rows);
    check_secret(&it,
                 lab_work(&it, "/decrypt",
                          ask(&it,
                              "{\"type\":\"Repo\",\"repo\":\"github.com/a/b\",\"branch\":"
                              "\"dev\"}",
                              "default", "alice.near", "bob.near", "")),
                 SECRET);
    lab_stop(&it);
}

#define AGENT "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
#define AGENT_UPPER "CDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCD"

static wire_answer agent(lab *it, const char *profile, const char *owner, const char *caller)
{
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(it, lab_text(it, "project:alice.near/app:%s", owner), SECRET,
                              "\"AllowAll\"", PROJECT, NULL)},
        {.method = NULL},
    };
    lab_script(it, rows);
    return lab_work(it, "/decrypt",
                    ask(it, "{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}", profile,
                        owner, caller, ""));
}

TEST("S27, S28, S29: what an agent left is for that agent, and from nobody else")
{
    lab it;
    lab_start(&it, 1, NULL);
    lab_check_error(agent(&it, AGENT, AGENT, "bob.near"), 401, "different agent");
    lab_check_error(agent(&it, AGENT, "mallory.near", AGENT), 401, "not left by the agent itself");
    check_secret(&it, agent(&it, AGENT, AGENT, AGENT), SECRET);
    check_secret(&it, agent(&it, AGENT_UPPER, "alice.near", "bob.near"), SECRET);
    lab_stop(&it);
}

TEST("S37, S38, S39, S40: conditions ask the chain at one block")
{
    lab it;
    lab_start(&it, 1, NULL);
    const char *stored = lab_stored(
        &it, SEED, SECRET,
        "{\"Logic\":{\"operator\":\"And\",\"conditions\":[{\"FtBalance\":{\"contract\":\"ft.near\","
        "\"operator\":\"Gte\",\"value\":\"100\"}},{\"NearBalance\":{\"operator\":\"Gt\",\"value\":"
        "\"5\"}},{\"NftOwned\":{\"contract\":\"nft.near\",\"token_id\":\"1\"}}]}}",
        PROJECT, NULL);
    const lab_row yes[] = {
        {.method = "get_secret_with_vault", .answer = stored},
        {.method = "ft_balance_of", .answer = "\"100\"", .args = "bob.near"},
        {.method = "view_account", .answer = "{\"amount\":\"6\",\"locked\":\"0\"}"},
        {.method = "nft_token", .answer = "{\"owner_id\":\"bob.near\"}"},
        {.method = NULL},
    };
    const lab_row no[] = {
        {.method = "get_secret_with_vault", .answer = stored},
        {.method = "ft_balance_of", .answer = "\"100\""},
        {.method = "view_account", .answer = "{\"amount\":\"6\",\"locked\":\"0\"}"},
        {.method = "nft_token", .answer = "null"},
        {.method = NULL},
    };
    const lab_row silent[] = {
        {.method = "get_secret_with_vault", .answer = stored},
        {.method = NULL},
    };
    lab_script(&it, yes);
    check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    lab_script(&it, no);
    lab_check_error(decrypt(&it, "bob.near"), 401, "Access denied");
    lab_script(&it, silent);
    CHECK_EQ(decrypt(&it, "bob.near").status, 500);
    lab_stop(&it);
}

TEST("S83: a secret of some code goes to that code alone")
{
    static const char HASH[] = "abababababababababababababababababababababababababababababababab";
    lab it;
    lab_start(&it, 1, NULL);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer =
             lab_stored(&it, lab_text(&it, "wasm_hash:%s:alice.near", HASH), SECRET, "\"AllowAll\"",
                        lab_text(&it, "{\"WasmHash\":{\"hash\":\"%s\"}}", HASH), NULL)},
        {.method = NULL},
    };
    const char *accessor = lab_text(&it, "{\"type\":\"WasmHash\",\"hash\":\"%s\"}", HASH);
    lab_script(&it, rows);
    lab_check_error(
        lab_work(&it, "/decrypt",
                 ask(&it, accessor, "default", "alice.near", "bob.near",
                     ",\"executed_wasm_sha256\":"
                     "\"0000000000000000000000000000000000000000000000000000000000000000\"")),
        401, "Access denied");
    check_secret(&it,
                 lab_work(&it, "/decrypt",
                          ask(&it, accessor, "default", "alice.near", "bob.near",
                              lab_text(&it, ",\"executed_wasm_sha256\":\"%s\"", HASH))),
                 SECRET);
    lab_stop(&it);
}

#define VERSION(key, source)                                                                       \
    "{\"wasm_hash\":\"" key "\",\"source\":" source ",\"added_at\":1,\"is_active\":true}"
#define BY_URL                                                                                     \
    "{\"WasmUrl\":{\"url\":\"https://a.b/c\",\"hash\":\"\",\"build_target\":\"wasm32-wasip1\"}}"
#define BY_COMMIT                                                                                  \
    "{\"GitHub\":{\"repo\":\"a/b\",\"commit\":\"c\",\"build_target\":\"wasm32-wasip1\"}}"
#define CODE_HASH "abababababababababababababababababababababababababababababababab"
#define OTHER_HASH "0000000000000000000000000000000000000000000000000000000000000000"

TEST("X7: a project's secret is for the code that the project lists")
{
    static const struct {
        const char *is;
        const char *versions;
        int status;
        int strict;
    } ROWS[] = {
        {"listed", "[" VERSION(OTHER_HASH, BY_URL) "," VERSION(CODE_HASH, BY_URL) "]", 200, 200},
        {"not listed", "[" VERSION(OTHER_HASH, BY_URL) "]", 401, 401},
        {"no version at all", "[]", 401, 401},
        {"perhaps one built from a repository",
         "[" VERSION(OTHER_HASH, BY_URL) "," VERSION("c", BY_COMMIT) "]", 200, 401},
        {"listed beside one built", "[" VERSION("c", BY_COMMIT) "," VERSION(CODE_HASH, BY_URL) "]",
         200, 200},
        {"the hash as a commit", "[" VERSION(CODE_HASH, BY_COMMIT) "]", 200, 401},
        {"nonsense", "{\"a\":1}", 500, 500},
        {"nonsense inside", "[{\"wasm_hash\":1}]", 500, 500},
    };
    for (int strict = 0; strict <= 1; strict++) {
        lab it;
        lab_start(&it, 1, strict == 1 ? (const char *const[]){"STRICT_CODE=true", NULL} : NULL);
        OL_EACH (row, ROWS) {
            const lab_row rows[] = {
                {.method = "get_secret_with_vault",
                 .answer = lab_stored(&it, SEED, SECRET, "\"AllowAll\"", PROJECT, NULL)},
                {.method = "list_versions", .answer = row->versions, .args = "alice.near/app"},
                {.method = NULL},
            };
            lab_script(&it, rows);
            wire_answer answer = lab_work(
                &it, "/decrypt",
                ask(&it, "{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}", "default",
                    "alice.near", "bob.near", ",\"executed_wasm_sha256\":\"" CODE_HASH "\""));
            CHECK_EQ_ROW(answer.status, strict == 1 ? row->strict : row->status, row->is);
        }
        lab_stop(&it);
    }
}

TEST("a run that the chain asked for is believed only about its own caller")
{
    lab it;
    lab_start(&it, 1, NULL);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(&it, SEED, SECRET, "\"AllowAll\"", PROJECT, NULL)},
        {.method = "get_request",
         .answer = "{\"request_id\":7,\"sender_id\":\"bob.near\",\"signer_id\":\"dora.near\","
                   "\"payer_account_id\":\"payer.near\"}",
         .args = "\"request_id\":7"},
        {.method = "get_request", .answer = "null"},
        {.method = NULL},
    };
    const char *accessor = "{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}";
    lab_script(&it, rows);
    check_secret(
        &it,
        lab_work(&it, "/decrypt",
                 ask(&it, accessor, "default", "alice.near", "bob.near", ",\"request_id\":7")),
        SECRET);
    check_secret(
        &it,
        lab_work(&it, "/decrypt",
                 ask(&it, accessor, "default", "alice.near", "dora.near", ",\"request_id\":7")),
        SECRET);
    lab_check_error(
        lab_work(&it, "/decrypt",
                 ask(&it, accessor, "default", "alice.near", "carol.near", ",\"request_id\":7")),
        401, "not the one of this request");
    lab_check_error(/* whom the requester names at will */
                    lab_work(&it, "/decrypt",
                             ask(&it, accessor, "default", "alice.near", "payer.near",
                                 ",\"request_id\":7")),
                    401, "not the one of this request");
    lab_check_error(
        lab_work(&it, "/decrypt",
                 ask(&it, accessor, "default", "alice.near", "bob.near", ",\"request_id\":8")),
        401, "not the one of this request");
    lab_stop(&it);
}

TEST("S49: a secret of a vault is not opened under the default master")
{
    lab it;
    lab_start(&it, 1, NULL);
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(&it, SEED, SECRET, "\"AllowAll\"", PROJECT, "v1.near")},
        {.method = NULL},
    };
    lab_script(&it, rows);
    lab_check_error(decrypt(&it, "bob.near"), 400, "per-customer master not loaded for v1.near");
    lab_stop(&it);
}

TEST("S84: of three endpoints two must say the same")
{
    lab it;
    lab_start(&it, 3, NULL);
    const char *open = lab_stored(&it, SEED, SECRET, "\"AllowAll\"", PROJECT, NULL);
    const char *closed =
        lab_stored(&it, SEED, SECRET, "{\"Whitelist\":{\"accounts\":[]}}", PROJECT, NULL);
    const char *other = lab_stored(&it, SEED, SECRET, "\"AllowAll\"", PROJECT, NULL);
    const lab_row one_lies[] = {
        {.method = "get_secret_with_vault", .answer = open, .from_node = 1},
        {.method = "get_secret_with_vault", .answer = closed},
        {.method = NULL},
    };
    const lab_row all_differ[] = {
        {.method = "get_secret_with_vault", .answer = open, .from_node = 1},
        {.method = "get_secret_with_vault", .answer = closed, .from_node = 2},
        {.method = "get_secret_with_vault", .answer = other, .from_node = 3},
        {.method = NULL},
    };
    lab_script(&it, one_lies);
    lab_check_error(decrypt(&it, "bob.near"), 401, "Access denied");
    lab_script(&it, all_differ);
    lab_check_error(decrypt(&it, "bob.near"), 500, "do not agree");
    lab_stop(&it);
}

TEST("S84: an endpoint does not say alone at which block a decision reads")
{
    lab it;
    lab_start(&it, 3, NULL);
    script(&it, "\"AllowAll\"");
    it.forked = 1; /* its blocks are nobody else's */
    check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    CHECK_EQ(atomic_load(&it.heads), 3); /* all were asked, the third agreed with the second */
    it.broken = 3;
    lab_check_error(decrypt(&it, "bob.near"), 500, "do not agree on a final block");
    lab_stop(&it);
}

TEST("an endpoint that failed is asked last for a while")
{
    lab it;
    lab_start(&it, 3, NULL);
    script(&it, "\"AllowAll\"");
    it.broken = 1;
    for (int i = 0; i < 8; i++)
        check_secret(&it, decrypt(&it, "bob.near"), SECRET);
    /* Once a decision would be eight times; every half minute is once or, on a machine that sleeps,
     * a little more. */
    CHECK(http_stub_requests(it.node[0].stub) < 4);
    lab_stop(&it);
}

TEST("all reads of a decision have one deadline")
{
    lab it;
    lab_start(&it, 1, (const char *const[]){"DECISION_MS=1000", NULL});
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(&it, SEED, SECRET,
                              "{\"Logic\":{\"operator\":\"And\",\"conditions\":[" BALANCE
                              "," BALANCE_2 "," BALANCE_3 "," BALANCE_4 "]}}",
                              PROJECT, NULL)},
        {.method = "ft_balance_of", .answer = "\"100\""},
        {.method = NULL},
    };
    lab_script(&it, rows);
    atomic_store(&it.pause_ms, 300); /* each read in time, six of them not */
    lab_check_error(decrypt(&it, "bob.near"), 500, "time");
    lab_stop(&it);
}

TEST("who waited in line as long as a decision may take is not decided about any more")
{
    enum { IN_LINE = 8 };
    lab it;
    wire_client before[IN_LINE];
    ol_buf request = ol_buf_new(OL_KIB(16));
    lab_start(&it, 1, (const char *const[]){"CHAIN_THREADS=1", "DECISION_MS=2000", NULL});
    atomic_store(&it.pause_ms, 3600 * 1000);
    const char *body = ask(&it, "{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}",
                           "default", "alice.near", "bob.near", "");
    wire_request(&request, "POST", "/decrypt", "Content-Type: application/json\r\n" LAB_WORKER,
                 ol_str_of(body));
    OL_EACH (client, before) {
        *client = wire_client_new(it.port);
        CHECK(wire_begin(client, ol_buf_str(&request)));
    }
    wire_answer last = decrypt(&it, "bob.near");
    CHECK(last.status == 503 || last.status == 500);
    CHECK(http_stub_requests(it.node[0].stub) < IN_LINE); /* each would be nine */
    OL_EACH (client, before)
        wire_client_deinit(client);
    ol_buf_deinit(&request);
    lab_stop(&it);
}

TEST("a node that never answers does not keep the keystore from ending")
{
    lab it;
    ol_buf request = ol_buf_new(OL_KIB(16));
    lab_start(&it, 1, NULL);
    atomic_store(&it.pause_ms, 3600 * 1000);
    wire_request(&request, "POST", "/decrypt", "Content-Type: application/json\r\n" LAB_WORKER,
                 ol_str_of(ask(&it, "{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}",
                               "default", "alice.near", "bob.near", "")));
    CHECK(wire_begin(&it.client, ol_buf_str(&request)));
    CHECK(http_stub_await(it.node[0].stub, 1, LAB_WAIT_MS));
    lab_stop(&it); /* waits less long than the node would be waited for */
    ol_buf_deinit(&request);
}

TEST("codes of generated values are taken out, checked, and told")
{
    lab it;
    lab_start(&it, 1, (const char *const[]){"STRICT_PROTECTED=true", NULL});
    const char *made =
        lab_text(&it, "%.*s",
                 OL_FMT(lab_member(&it,
                                   lab_post(&it, "/add_generated_secret", LAB_COORDINATOR,
                                            "{\"seed\":\"" SEED "\",\"new_secrets\":[{\"name\":"
                                            "\"PROTECTED_SEED\",\"generation_type\":"
                                            "\"hex16\"}]}"),
                                   "encrypted_data_base64")));
    const lab_row rows[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_text(&it,
                            "{\"profile\":{\"encrypted_secrets\":\"%s\",\"access\":\"AllowAll\","
                            "\"accessor\":" PROJECT "},\"vault_id\":null}",
                            made)},
        {.method = NULL},
    };
    const lab_row forged[] = {
        {.method = "get_secret_with_vault",
         .answer = lab_stored(&it, SEED,
                              "{\"A\":\"1\",\"PROTECTED_SEED\":\"mine\",\"PROTECTED_MAC_SEED\":"
                              "\"0000000000000000000000000000000000000000000000000000000000000000"
                              "\"}",
                              "\"AllowAll\"", PROJECT, NULL)},
        {.method = NULL},
    };
    lab_script(&it, rows);
    wire_answer answer = decrypt(&it, "bob.near");
    CHECK_HAS(answer.body, OL_STR("\"protected_verified\":[\"PROTECTED_SEED\"]"), "verified");
    ol_bytes plain;
    CHECK(ol_base64_decode(lab_member(&it, answer, "plaintext_secrets"), &it.arena, &plain));
    CHECK_STARTS(ol_bytes_str(plain), OL_STR("{\"PROTECTED_SEED\":\""), "value");
    CHECK_EQ(plain.len, strlen("{\"PROTECTED_SEED\":\"\"}") + 32);
    lab_script(&it, forged);
    answer = decrypt(&it, "bob.near");
    CHECK_HAS(answer.body, OL_STR("\"protected_verified\":[]"), "forged");
    check_secret(&it, answer, "{\"A\":\"1\"}");
    lab_stop(&it);
}
