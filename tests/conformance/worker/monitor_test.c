/* The monitor of a real worker before a scripted chain and a scripted coordinator (Worker 3). */
#include <stdio.h>

#include "lib/crypto/hash.h"
#include "tests/conformance/worker/monitor_scene.h"
#include "tests/harness/test.h"

TEST("W1: an executor of outlayer.testnet without a name is testnet-executor-…")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_empty(&s, FIRST);
    scene_start(&s, NULL);
    CHECK(lab_log_has(&s.lab, "worker_id=testnet-executor-", LAB_WAIT_MS));
}

TEST("a request's event becomes a task with everything the chain knows")
{
    static const char *const want[][2] = {
        {"request_id", "3"},
        {"data_id", DATA_ID_HEX},
        {"code_source.type", "WasmUrl"},
        {"code_source.url", "https://x/y"},
        {"code_source.build_target", "wasm32-wasip1"},
        {"resource_limits.max_instructions", "5"},
        {"resource_limits.max_memory_mb", "6"},
        {"resource_limits.max_execution_seconds", "7"},
        {"input_data", "in"},
        {"response_format", "Json"},
        {"secrets_ref", "(absent)"},
        {"user_account_id", "alice.testnet"},
        {"near_payment_yocto", "340282366920938463463374607431768211455"},
        {"attached_usd", "0"},
        {"context.sender_id", "alice.testnet"},
        {"context.predecessor_id", "proxy.testnet"},
        {"context.block_height", "100"},
        {"context.block_timestamp", "1700000000000000000"},
        {"context.contract_id", CONTRACT},
        {"context.transaction_hash", "tx-r1"},
        {"context.receipt_id", "r1"},
        {"context.signer_public_key", "ed25519:k"},
        {"context.gas_burnt", "77"},
        {"transaction_hash", "tx-r1"},
    };
    OL_AUTO(scene) s;
    scene_new(&s);
    put_receipt(&s, FIRST, "r1", CONTRACT, "{\"SuccessReceiptId\":\"x\"}",
                request_event(&s, 3, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 1);
    CHECK_STR(ol_str_of(s.relay[0].path), OL_STR("/executions/create"));
    OL_EACH (row, want)
        check_member(&s, &s.relay[0], (*row)[0], (*row)[1]);
}

TEST("W4: a height that answers null is passed over at once")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_skipped(&s, FIRST);
    put_skipped(&s, FIRST + 1);
    put_log(&s, FIRST + 2, request_event(&s, 1, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 3);
    CHECK_EQ(s.at[0].asked, 1);
    CHECK_EQ(s.at[1].asked, 1);
    CHECK_EQ(s.at[2].asked, 1);
}

TEST("W5: a block that is not there is asked for fifty times, and nothing is skipped")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_empty(&s, FIRST);
    put_log(&s, FIRST + 1, request_event(&s, 1, PLAIN));
    s.at[1].refusals = 50;
    s.at[1].refusal = 404;
    put_log(&s, FIRST + 2, request_event(&s, 2, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 2, FIRST + 3);
    CHECK_EQ(s.at[1].asked, 51);
    CHECK_EQ(s.at[2].asked, 1);
    check_member(&s, &s.relay[0], "request_id", "1");
    check_member(&s, &s.relay[1], "request_id", "2");
}

TEST("W6: ten failures, then the block: its event is relayed once")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, PLAIN));
    s.at[0].refusals = 10;
    s.at[0].refusal = 500;
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 1);
    CHECK_EQ(s.at[0].asked, 11);
}

TEST("W7: our log in a receipt of another contract is ignored, and so is one that failed")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_receipt(&s, FIRST, "r1", "outlayer2.testnet", "{\"SuccessValue\":\"\"}",
                request_event(&s, 1, PLAIN));
    put_receipt(&s, FIRST, "r2", CONTRACT, "{\"Failure\":{}}", request_event(&s, 2, PLAIN));
    put_receipt(&s, FIRST, "r3", CONTRACT, "{\"SuccessValue\":\"\"}", request_event(&s, 3, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 1);
    check_member(&s, &s.relay[0], "request_id", "3");
}

TEST("W8: an event older than the minimal version is ignored")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, PLAIN));
    put_empty(&s, FIRST + 1);
    scene_start(&s, "EVENT_FILTER_MIN_VERSION=1.0.1");
    scene_await(&s, 0, FIRST + 2);
}

TEST("W9: null limits take the documented standards")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST,
            request_event(&s, 1,
                          "\"input_data\":\"\",\"resource_limits\":{\"max_instructions\":1000,"
                          "\"max_memory_mb\":null,\"max_execution_seconds\":null}"));
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 1);
    check_member(&s, &s.relay[0], "resource_limits.max_instructions", "1000");
    check_member(&s, &s.relay[0], "resource_limits.max_memory_mb", "128");
    check_member(&s, &s.relay[0], "resource_limits.max_execution_seconds", "60");
}

#define IN_STATE                                                                                   \
    "\"input_data\":\"\",\"input_data_in_state\":true,\"resource_limits\":{\"max_instructions\":"  \
    "5,"                                                                                           \
    "\"max_memory_mb\":6,\"max_execution_seconds\":7}"

TEST("W10: input kept by the contract is fetched from there")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, IN_STATE));
    s.request = "{\"request_id\":1,\"data_id\":" DATA_ID ",\"input_data\":\"abc\",\"payment\":5}";
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 1);
    check_member(&s, &s.relay[0], "input_data", "abc");
}

TEST("W11: a request that is over already is not created")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, IN_STATE));
    scene_start(&s, NULL);
    scene_await(&s, 0, FIRST + 1);
    CHECK(lab_log_has(&s.lab,
                      "Request 1 not found in contract state (may have completed or timed out)",
                      LAB_WAIT_MS));
}

#define SYSTEM(variant) TOPIC "\"system_event\",\"data\":[{" variant "}]}"
#define SUBSCRIPTION                                                                               \
    "\"SubscriptionPurchased\":{\"owner\":\"a.testnet\",\"nonce\":2,\"plan\":1,\"paid_usd\":"      \
    "\"60000000\",\"payer\":\"b.testnet\"}"

TEST("W12: a purchase that is refused with 503 is relayed again, and then the walk goes on")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, SYSTEM(SUBSCRIPTION));
    put_empty(&s, FIRST + 1);
    s.refuse_relays = 1;
    scene_start(&s, NULL);
    scene_await(&s, 2, FIRST + 2);
    OL_EACH (relay, s.relay) {
        if (relay->path[0] == '\0')
            continue;
        CHECK_STR(ol_str_of(relay->path), OL_STR("/internal/subscription-purchased"));
        check_member(&s, relay, "paid_usd", "60000000");
        check_member(&s, relay, "receipt_id", "r100-0");
    }
    CHECK_EQ(s.at[0].asked, 1);
}

TEST("a relay refused for good is dropped, and one whose token is refused is not")
{
    static const int status[] = {400, 401};
    OL_EACH (code, status) {
        OL_AUTO(scene) s;
        scene_new(&s);
        put_log(&s, FIRST, request_event(&s, 1, PLAIN));
        put_empty(&s, FIRST + 1);
        s.refuse_relays = 1;
        s.refusal = *code;
        scene_start(&s, NULL);
        scene_await(&s, *code == 400 ? 1 : 2, FIRST + 2);
    }
}

TEST("every system event goes where it belongs")
{
    char init[65];
    (void)snprintf(init, sizeof init, "%s",
                   ol_sha256_hex_of(ol_str_bytes(OL_STR("init:r100-0:a.testnet:2"))).data);
    const struct {
        const char *variant;
        const char *path;
        bool wallet;
        const char *body;
    } cases[] = {
        {"\"TopUpPaymentKey\":{\"data_id\":" DATA_ID
         ",\"owner\":\"a.testnet\",\"nonce\":2,\"amount\":\"20000\",\"encrypted_data\":\"QUJD\"}",
         "/topup/create", false,
         "{\"data_id\":\"" DATA_ID_HEX
         "\",\"owner\":\"a.testnet\",\"nonce\":2,\"amount\":\"20000\","
         "\"encrypted_data\":\"QUJD\"}"},
        {"\"DeletePaymentKey\":{\"data_id\":" DATA_ID ",\"owner\":\"a.testnet\",\"nonce\":2}",
         "/payment-keys/delete-task/create", false,
         "{\"data_id\":\"" DATA_ID_HEX "\",\"owner\":\"a.testnet\",\"nonce\":2}"},
        {"\"ProjectStorageCleanup\":{\"project_id\":\"a.testnet/x\",\"project_uuid\":\"p1\","
         "\"timestamp\":5}",
         "/projects/cleanup-task/create", false,
         "{\"project_id\":\"a.testnet/x\",\"project_uuid\":\"p1\"}"},
        {"\"WalletPolicyUpdated\":{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\","
         "\"encrypted_data\":\"QUJD\",\"frozen\":true}",
         "/internal/wallet-policy-sync", true,
         "{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\",\"encrypted_data\":\"QUJD\","
         "\"frozen\":true}"},
        {"\"WalletPolicyDeleted\":{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\"}",
         "/internal/wallet-policy-delete", true,
         "{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\"}"},
        {"\"WalletFrozenChanged\":{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\","
         "\"frozen\":false}",
         "/internal/wallet-frozen-change", true,
         "{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\",\"frozen\":false}"},
    };
    OL_AUTO(scene) s;
    ol_buf log = ol_buf_new(OL_KIB(16));
    scene_new(&s);
    /* All in one event: every element of its data counts. */
    ol_buf_add_str(&log, OL_STR(TOPIC "\"system_event\",\"data\":["));
    OL_EACH (row, cases)
        ol_buf_addf(&log, "%s{%s}", row == cases ? "" : ",", row->variant);
    ol_buf_add_str(&log, OL_STR(",{\"SomethingNew\":{}},{\"TopUpPaymentKey\":{}},"));
    ol_buf_addf(&log,
                "{\"TopUpPaymentKey\":{\"data_id\":%s,\"owner\":\"a.testnet\",\"nonce\":2,"
                "\"amount\":\"0\",\"encrypted_data\":\"QUJD\"}}]}",
                DATA_ID);
    ol_buf_add_char(&log, '\0');
    put_log(&s, FIRST, (const char *)log.data);
    scene_start(&s, NULL);
    scene_await(&s, OL_COUNT(cases) + 1, FIRST + 1);
    for (size_t i = 0; i < OL_COUNT(cases); i++) {
        CHECK_STR_ROW(ol_str_of(s.relay[i].path), ol_str_of(cases[i].path), cases[i].path);
        CHECK_EQ_ROW(s.relay[i].wallet, cases[i].wallet, cases[i].path);
        CHECK_STR_ROW(s.relay[i].body, ol_str_of(cases[i].body), cases[i].path);
    }
    /* A new key yields nothing: its task has an id of its own. */
    check_member(&s, &s.relay[OL_COUNT(cases)], "data_id", init);
    check_member(&s, &s.relay[OL_COUNT(cases)], "amount", "0");
    ol_buf_deinit(&log);
}

TEST("a receipt in two blocks is relayed once")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_receipt(&s, FIRST, "r1", CONTRACT, "{\"SuccessValue\":\"\"}", request_event(&s, 1, PLAIN));
    put_receipt(&s, FIRST + 1, "r1", CONTRACT, "{\"SuccessValue\":\"\"}",
                request_event(&s, 1, PLAIN));
    put_receipt(&s, FIRST + 2, "r2", CONTRACT, "{\"SuccessValue\":\"\"}",
                request_event(&s, 2, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 2, FIRST + 3);
    check_member(&s, &s.relay[1], "request_id", "2");
}

TEST("a monitor goes on behind the height the coordinator knows, however old")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    s.head = FIRST + 5000;
    s.cursor = "{\"block_height\":101}";
    for (unsigned i = 0; i < 4; i++)
        put_log(&s, FIRST + i, request_event(&s, i, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 2, FIRST + 4);
    CHECK_EQ(s.at[0].asked + s.at[1].asked, 0);
    check_member(&s, &s.relay[0], "request_id", "2");
}

TEST("a cursor far ahead of the chain belongs to another one")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    s.cursor = "{\"block_height\":99999}";
    put_log(&s, FIRST, request_event(&s, 1, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 1);
}

TEST("requests that wait on the contract and were never seen are looked for in older blocks")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    s.head = FIRST + 5; /* the walk begins here */
    for (unsigned i = 0; i <= 5; i++)
        put_empty(&s, FIRST + i);
    put_log(&s, FIRST + 2, request_event(&s, 41, PLAIN));
    put_log(&s, FIRST + 3, request_event(&s, 42, PLAIN));
    s.pending = "[42]";
    scene_start(&s, "LOG_LEVEL=debug");
    scene_await(&s, 2, FIRST + 6);
    check_member(&s, &s.relay[1], "request_id", "42");
}

TEST("a chain that was taken back to an earlier state is followed from there")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    for (unsigned i = 0; i < 4; i++)
        put_empty(&s, FIRST + i);
    put_log(&s, FIRST + 3, request_event(&s, 5, PLAIN));
    scene_start(&s, NULL);
    scene_await(&s, 1, FIRST + 4);
    /* Now height 102 is the newest again, and 103 will be another block. */
    (void)pthread_mutex_lock(&s.lock);
    s.at[3].here = false;
    s.served = FIRST + 2;
    (void)pthread_mutex_unlock(&s.lock);
    CHECK(lab_log_has(&s.lab, " chain_went_back from=103 to=102", LAB_WAIT_MS));
    (void)pthread_mutex_lock(&s.lock);
    ol_buf_clear(&s.at[3].outcomes);
    put_receipt(&s, FIRST + 3, "r-other", CONTRACT, "{\"SuccessValue\":\"\"}",
                request_event(&s, 5, PLAIN));
    (void)pthread_mutex_unlock(&s.lock);
    scene_await(&s, 2, FIRST + 4);
    check_member(&s, &s.relay[1], "context.receipt_id", "r-other");
}
