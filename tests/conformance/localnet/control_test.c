/* /dev/ and the sandbox methods: accounts, time, snapshots, faults, the state file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/localnet/net_lab.h"

static ol_u128 balance(net_lab *it, const char *account)
{
    ol_json view = net_result(it, "query",
                              net_text(it,
                                       "{\"request_type\":\"view_account\",\"finality\":"
                                       "\"optimistic\",\"account_id\":\"%s\"}",
                                       account));
    return net_dec(&view, "amount");
}

static void check_refused(net_lab *it, const char *path, const char *body, int status)
{
    wire_answer answer = net_post(it, path, body);
    const char *row = net_text(it, "%s %s: %.*s", path, body, OL_FMT(answer.body));
    CHECK_EQ_ROW(answer.status, status, row);
    CHECK_STARTS(answer.body, OL_STR("{\"error\":\""), row);
}

TEST("an account is made with a balance, a key and code, and can be used at once")
{
    net_lab lab;
    net_open(&lab, NULL);
    (void)net_dev(&lab, "account",
                  "{\"account_id\":\"erin.near\",\"balance\":\"7000000000000000000000000\"}");
    CHECK_EQ(balance(&lab, "erin.near") / NEAR_YOCTO, 7);
    /* Without a key it has the one that follows from the seed. */
    (void)net_send(&lab, net_transfer(&lab, "erin.near", "bob.test.near", NEAR_YOCTO));
    CHECK_EQ(balance(&lab, "erin.near") / NEAR_YOCTO, 5);
    (void)net_dev(&lab, "account",
                  "{\"account_id\":\"code.near\",\"balance\":\"7000000000000000000000000\","
                  "\"public_key\":\"ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF\","
                  "\"code_base64\":\"AGFzbQEAAAA=\"}");
    ol_json code = net_result(&lab, "query",
                              "{\"request_type\":\"view_code\",\"finality\":\"final\","
                              "\"account_id\":\"code.near\"}");
    CHECK_STR(net_str(&lab, &code, "code_base64"), OL_STR("AGFzbQEAAAA="));
    net_close(&lab);
}

TEST("money appears on request")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_u128 before = balance(&lab, "bob.test.near");
    (void)net_dev(&lab, "fund", "{\"account_id\":\"bob.test.near\",\"amount\":\"5\"}");
    CHECK_EQ(balance(&lab, "bob.test.near") - before, 5);
    net_close(&lab);
}

TEST("the key of an account that was given none follows from the seed")
{
    static const char *const flags[] = {"--seed", "other", NULL};
    net_lab lab;
    char first[256];
    net_open(&lab, NULL);
    wire_answer answer = net_get(&lab, "/dev/key/alice.test.near");
    CHECK_EQ(answer.status, 200);
    /* SHA-256("outlayer-dev:dev:alice.test.near") */
    CHECK_HAS(answer.body, OL_STR("\"account_id\":\"alice.test.near\",\"public_key\":\"ed25519:"),
              "key");
    (void)snprintf(first, sizeof first, "%.*s", OL_FMT(answer.body));
    net_close(&lab);
    net_open(&lab, flags);
    answer = net_get(&lab, "/dev/key/alice.test.near");
    CHECK(!ol_str_eq(answer.body, ol_str_of(first)));
    (void)net_send(&lab, net_transfer(&lab, "alice.test.near", "bob.test.near", 1));
    net_close(&lab);
}

TEST("blocks are made and time passes on request")
{
    net_lab lab;
    net_open(&lab, NULL);
    uint64_t height = net_height(&lab);
    ol_json status = net_dev(&lab, "mine", "{\"blocks\":7}");
    CHECK_EQ(net_u64(&status, "height"), height + 7);
    uint64_t then = net_u64(&status, "timestamp_ns");
    status = net_dev(&lab, "fast-forward", "{\"blocks\":2,\"ns\":3600000000000}");
    CHECK_EQ(net_u64(&status, "height"), height + 9);
    CHECK(net_u64(&status, "timestamp_ns") >= then + 3600000000000);
    status = net_dev(&lab, "fast-forward", "{\"ns\":1000000000}");
    CHECK_EQ(net_u64(&status, "height"), height + 10);
    (void)net_result(&lab, "sandbox_fast_forward", "{\"delta_height\":1000}");
    CHECK_EQ(net_height(&lab), height + 1010);
    net_close(&lab);
}

TEST("a snapshot brings back balances, keys and the height it was made at")
{
    net_lab lab;
    net_open(&lab, NULL);
    (void)net_dev(&lab, "mine", "{\"blocks\":2}");
    uint64_t height = net_height(&lab);
    ol_u128 before = balance(&lab, "bob.test.near");
    (void)net_dev(&lab, "snapshot", "{\"name\":\"clean\"}");
    (void)net_send(&lab, net_transfer(&lab, "alice.test.near", "bob.test.near", NEAR_YOCTO));
    CHECK_EQ(balance(&lab, "bob.test.near") - before, NEAR_YOCTO);
    ol_json status = net_dev(&lab, "restore", "{\"name\":\"clean\"}");
    CHECK_EQ(net_u64(&status, "height"), height);
    CHECK_EQ(balance(&lab, "bob.test.near"), before);
    (void)net_send(&lab, net_transfer(&lab, "alice.test.near", "bob.test.near", 3));
    CHECK_EQ(balance(&lab, "bob.test.near") - before, 3);
    check_refused(&lab, "/dev/restore", "{\"name\":\"never\"}", 404);
    net_close(&lab);
}

TEST("control refuses what makes no sense, with words")
{
    static const struct {
        const char *path;
        const char *body;
        int status;
    } cases[] = {
        {"/dev/account", "{}", 422},
        {"/dev/account", "{", 400},
        {"/dev/account", "{\"account_id\":\"Alice\",\"balance\":\"1\"}", 400},
        {"/dev/account", "{\"account_id\":\"ok\",\"balance\":\"1\",\"public_key\":\"x\"}", 400},
        {"/dev/fund",
         "{\"account_id\":\"a23456789012345678901234567890123456789012345678901234567890123456."
         "near\","
         "\"amount\":\"1\"}",
         400},
        {"/dev/fund", "{\"account_id\":\"nobody.near\",\"amount\":\"1\"}", 404},
        {"/dev/mine", "{\"blocks\":0}", 400},
        {"/dev/mine", "{\"blocks\":100001}", 400},
        {"/dev/snapshot", "{\"name\":\"\"}", 400},
        {"/dev/fault", "{\"kind\":\"earthquake\"}", 400},
        {"/dev/fault", "{\"kind\":\"fork\",\"count\":4}", 400},
        {"/dev/fault", "{\"kind\":\"http-500\",\"percent\":101}", 400},
    };
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (c, cases)
        check_refused(&lab, c->path, c->body, c->status);
    net_close(&lab);
}

/* ---- Faults */

TEST("http-500 refuses requests before they are carried out, rpc-timeout loses their answers")
{
    net_lab lab;
    net_open(&lab, NULL);
    const char *params = net_text(&lab, "{\"signed_tx_base64\":\"%s\",\"wait_until\":\"NONE\"}",
                                  net_transfer(&lab, "alice.test.near", "bob.test.near", 5));
    ol_u128 before = balance(&lab, "bob.test.near");
    (void)net_dev(&lab, "fault", "{\"kind\":\"http-500\",\"count\":1,\"method\":\"send_tx\"}");
    ol_json error = net_error(&lab, "send_tx", params, 500);
    CHECK_STR(net_str(&lab, &error, "name"), OL_STR("INTERNAL_ERROR"));
    (void)net_dev(&lab, "mine", "{\"blocks\":2}");
    CHECK_EQ(balance(&lab, "bob.test.near"), before);

    (void)net_dev(&lab, "fault", "{\"kind\":\"rpc-timeout\",\"count\":1,\"method\":\"send_tx\"}");
    error = net_error(&lab, "send_tx", params, 408);
    CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("TIMEOUT_ERROR"));
    (void)net_dev(&lab, "mine", "{\"blocks\":3}");
    CHECK_EQ(balance(&lab, "bob.test.near") - before, 5);
    ol_json status = net_dev(&lab, "mine", "{}");
    CHECK_EQ(net_u64(&status, "faults.http-500"), 1);
    CHECK_EQ(net_u64(&status, "faults.rpc-timeout"), 1);
    net_close(&lab);
}

TEST("faults by percent hit the same requests for the same seed")
{
    enum { REQUESTS = 60 };
    char run[2][REQUESTS + 1] = {{0}};
    for (int r = 0; r < 2; r++) {
        net_lab lab;
        net_open(&lab, NULL);
        (void)net_dev(&lab, "fault",
                      "{\"kind\":\"http-500\",\"count\":1000,\"percent\":30,\"seed\":42}");
        for (int i = 0; i < REQUESTS; i++) {
            wire_answer answer = net_post(
                &lab, "/", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":[]}");
            run[r][i] = answer.status == 500 ? 'x' : '.';
        }
        net_close(&lab);
    }
    CHECK_STR(ol_str_of(run[0]), ol_str_of(run[1]));
    CHECK(strchr(run[0], 'x') != NULL && strchr(run[0], '.') != NULL);
}

#define STALE_LEVEL                                                                                \
    "{\"tx_hash\":\"%s\",\"sender_account_id\":\"alice.test.near\",\"wait_until\":\"INCLUDED\"}"

TEST("stale-final holds the final block while the head goes on")
{
    net_lab lab;
    net_open(&lab, NULL);
    (void)net_dev(&lab, "mine", "{\"blocks\":3}");
    (void)net_dev(&lab, "fault", "{\"kind\":\"stale-final\",\"count\":4}");
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 1);
    (void)net_result(&lab, "broadcast_tx_async", net_text(&lab, "[\"%s\"]", tx));
    ol_json status = net_dev(&lab, "mine", "{\"blocks\":4}");
    CHECK_EQ(net_u64(&status, "height"), 8);
    CHECK_EQ(net_u64(&status, "final_height"), 4);
    ol_json block = net_result(&lab, "block", "{\"finality\":\"final\"}");
    CHECK_EQ(net_u64(&block, "header.height"), 4);
    ol_json outcome = net_result(&lab, "tx", net_text(&lab, STALE_LEVEL, net_hash(&lab, tx)));
    CHECK_STR(net_str(&lab, &outcome, "final_execution_status"), OL_STR("EXECUTED_OPTIMISTIC"));
    status = net_dev(&lab, "mine", "{}");
    CHECK_EQ(net_u64(&status, "final_height"), 9);
    outcome = net_result(&lab, "tx", net_text(&lab, STALE_LEVEL, net_hash(&lab, tx)));
    CHECK_STR(net_str(&lab, &outcome, "final_execution_status"), OL_STR("FINAL"));
    net_close(&lab);
}

TEST("a fork replaces the newest blocks and keeps what is final")
{
    static const char *const flags[] = {"--finality-lag", "3", NULL};
    static const unsigned depths[] = {1, 2, 3};
    OL_EACH (depth, depths) {
        net_lab lab;
        net_open(&lab, flags);
        const char *row = net_text(&lab, "depth %u", *depth);
        (void)net_dev(&lab, "mine", "{\"blocks\":6}");
        uint64_t head = net_height(&lab);
        const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 5);
        ol_u128 before = balance(&lab, "bob.test.near");
        (void)net_result(&lab, "broadcast_tx_async", net_text(&lab, "[\"%s\"]", tx));
        (void)net_dev(&lab, "mine", "{\"blocks\":3}"); /* sent, moved, refunded */
        ol_str old[4];
        for (uint64_t i = 0; i < 4; i++) {
            ol_json block =
                net_result(&lab, "block", net_text(&lab, "[%llu]", (unsigned long long)(head + i)));
            old[i] = net_str(&lab, &block, "header.hash");
        }
        ol_json status =
            net_dev(&lab, "fault", net_text(&lab, "{\"kind\":\"fork\",\"count\":%u}", *depth));
        CHECK_EQ_ROW(net_u64(&status, "height"), head + 3, row);
        for (uint64_t i = 0; i < 4; i++) {
            ol_json block =
                net_result(&lab, "block", net_text(&lab, "[%llu]", (unsigned long long)(head + i)));
            bool same = ol_str_eq(net_str(&lab, &block, "header.hash"), old[i]);
            CHECK_EQ_ROW(same, i < 4 - *depth, row);
        }
        (void)net_dev(&lab, "mine", "{\"blocks\":4}");
        CHECK_EQ_ROW(balance(&lab, "bob.test.near") - before, 5, row);
        net_close(&lab);
    }
}

TEST("what is final cannot be forked away")
{
    net_lab lab;
    net_open(&lab, NULL);
    (void)net_dev(&lab, "mine", "{\"blocks\":6}");
    check_refused(&lab, "/dev/fault", "{\"kind\":\"fork\",\"count\":1}", 400);
    net_close(&lab);
}

/* ---- Sandbox methods */

TEST("sandbox_patch_state writes accounts, keys, code and data")
{
    static const char records[] =
        "{\"records\":[{\"Account\":{\"account_id\":\"patched.near\",\"account\":{\"amount\":"
        "\"9000000000000000000000000\",\"locked\":\"0\",\"code_hash\":"
        "\"11111111111111111111111111111111\",\"storage_usage\":100,\"version\":\"V1\"}}},"
        "{\"AccessKey\":{\"account_id\":\"patched.near\",\"public_key\":"
        "\"ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF\",\"access_key\":{\"nonce\":3,"
        "\"permission\":{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":\"bob.test.near\","
        "\"method_names\":[\"a\"]}}}}},"
        "{\"Contract\":{\"account_id\":\"patched.near\",\"code\":\"AGFzbQEAAAA=\"}},"
        "{\"Data\":{\"account_id\":\"patched.near\",\"data_key\":\"aw==\",\"value\":\"dg==\"}}]}";
    net_lab lab;
    net_open(&lab, NULL);
    ol_json nothing = net_result(&lab, "sandbox_patch_state", records);
    CHECK_STR(nothing.raw, OL_STR("{}"));
    CHECK_EQ(balance(&lab, "patched.near") / NEAR_YOCTO, 9);
    ol_json state = net_result(&lab, "query",
                               "{\"request_type\":\"view_state\",\"finality\":\"final\","
                               "\"account_id\":\"patched.near\",\"prefix_base64\":\"\"}");
    CHECK_STR(net_at(&state, "values").raw, OL_STR("[{\"key\":\"aw==\",\"value\":\"dg==\"}]"));
    ol_json keys = net_result(&lab, "query",
                              "{\"request_type\":\"view_access_key_list\",\"finality\":\"final\","
                              "\"account_id\":\"patched.near\"}");
    CHECK_HAS(keys.raw,
              OL_STR("{\"nonce\":3,\"permission\":{\"FunctionCall\":{\"allowance\":null,"
                     "\"receiver_id\":\"bob.test.near\",\"method_names\":[\"a\"]}}}"),
              "key");
    (void)net_error(&lab, "sandbox_patch_state", "{\"records\":[{\"Nothing\":{}}]}", 400);
    net_close(&lab);
}

/* ---- The state file */

TEST("with a state file the chain goes on where it ended")
{
    char folder[] = "/tmp/localnet-XXXXXX";
    char path[64];
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof path, "%s/chain", folder);
    const char *const flags[] = {"--state", path, NULL};
    net_lab lab;
    net_open(&lab, flags);
    (void)net_send(&lab, net_transfer(&lab, "alice.test.near", "bob.test.near", NEAR_YOCTO));
    ol_u128 bob = balance(&lab, "bob.test.near");
    uint64_t height = net_height(&lab);
    net_close(&lab);
    net_open(&lab, flags);
    CHECK_EQ(net_height(&lab), height);
    CHECK_EQ(balance(&lab, "bob.test.near"), bob);
    (void)net_send(&lab, net_transfer(&lab, "alice.test.near", "bob.test.near", 1));
    CHECK_EQ(balance(&lab, "bob.test.near") - bob, 1);
    net_close(&lab);
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(rmdir(folder), 0);
}

TEST("the same seed and the same calls give the same hashes")
{
    ol_str hash[2];
    net_lab lab[2];
    for (int i = 0; i < 2; i++) {
        net_open(&lab[i], NULL);
        (void)net_send(&lab[i], net_transfer(&lab[i], "alice.test.near", "bob.test.near", 5));
        ol_json block = net_result(&lab[i], "block", "{\"finality\":\"final\"}");
        hash[i] = net_str(&lab[i], &block, "header.hash");
    }
    CHECK_STR(hash[0], hash[1]);
    net_close(&lab[0]);
    net_close(&lab[1]);
}

/* ---- The command line */

TEST("the command line names what it does not understand")
{
    static const struct {
        const char *word[3];
        const char *text;
    } cases[] = {
        {{"--nothing", "1"}, "unknown option --nothing; see --help"},
        {{"--port"}, "--port needs N"},
        {{"--port", "70000"}, "\"70000\" is not a number from 0 to 65535"},
        {{"--produce=sometimes"}, "\"sometimes\" is not demand, interval or manual"},
        {{"--account", "alice"}, "expected ID=NEAR or ID=NEAR=PUBLIC_KEY"},
        {{"--account", "alice=many"}, "\"many\" is not a number of NEAR"},
        {{"--clock", "sun"}, "\"sun\" is not real or steps"},
    };
    static localnet_options set;
    OL_EACH (c, cases) {
        char *argv[4] = {(char[]){"x"}};
        char copy[3][32];
        int argc = 1;
        ol_err err = {0};
        for (int i = 0; i < 3 && c->word[i] != NULL; i++) {
            (void)snprintf(copy[i], sizeof copy[i], "%s", c->word[i]);
            argv[argc++] = copy[i];
        }
        CHECK_EQ_ROW(options_parse(argc, argv, &set, &err), OL_ERR_USAGE, c->text);
        CHECK_STR(ol_err_text(&err), ol_str_of(c->text));
    }
}

TEST("accounts of the command line are there, with their balance and key")
{
    static const char *const flags[] = {
        "--account",
        "zoe.near=12",
        "--account=alice.test.near=5",
        "--account",
        "key.near=1=ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF",
        NULL};
    net_lab lab;
    net_open(&lab, flags);
    CHECK_EQ(balance(&lab, "zoe.near") / NEAR_YOCTO, 12);
    CHECK_EQ(balance(&lab, "alice.test.near") / NEAR_YOCTO, 5);
    ol_json keys = net_result(&lab, "query",
                              "{\"request_type\":\"view_access_key_list\",\"finality\":\"final\","
                              "\"account_id\":\"key.near\"}");
    CHECK_STR(net_str(&lab, &keys, "keys.0.public_key"),
              OL_STR("ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"));
    net_close(&lab);
}
