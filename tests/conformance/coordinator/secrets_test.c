/* Coordinator 8: the keystore, asked through the coordinator by anybody. The keystore here is the
 * real program; only its chain is missing. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/crypto/hash.h"
#include "tests/conformance/coordinator/lab.h"
#include "tests/harness/free_port.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/stack.h"

#define ACCESSOR "\"accessor\":{\"type\":\"Project\",\"project_id\":\"alice.near/app\"}"

typedef struct pair {
    lab lab;
    pid_t keystore;
    uint16_t port;
} pair;

static pid_t keystore_start(uint16_t port)
{
    static char name[] = "outlayer-keystore";
    static char master[] = "KEYSTORE_MASTER_SECRET="
                           "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    static char host[] = "SERVER_HOST=127.0.0.1";
    static char lock[] = "LOCK_MEMORY=false"; /* an ordinary user may run this */
    char path[512];
    char port_text[64];
    char token[128];
    const char *sanitizer = getenv("ASAN_OPTIONS");
    char asan[512];
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(OL_STR("of-the-coordinator")));
    (void)snprintf(path, sizeof path, "%s/outlayer-keystore", getenv("OL_BIN"));
    (void)snprintf(port_text, sizeof port_text, "SERVER_PORT=%u", port);
    (void)snprintf(token, sizeof token, "ALLOWED_COORDINATOR_TOKEN_HASHES=%s", hash.data);
    (void)snprintf(asan, sizeof asan, "ASAN_OPTIONS=%s", sanitizer != NULL ? sanitizer : "");
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        char *const arguments[] = {name, NULL};
        char *const environment[] = {host, port_text, token, master, lock, asan, NULL};
        int log = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(log, STDERR_FILENO);
        (void)execve(path, arguments, environment);
        _exit(127);
    }
    return pid;
}

static void await_keystore(uint16_t port)
{
    wire_client client = wire_client_new(port);
    wire_answer answer;
    ol_buf request = ol_buf_new(4096);
    wire_request(&request, "GET", "/health", "", OL_STR(""));
    for (int i = 0; i < 200 && !wire_exchange(&client, ol_buf_str(&request), 1000, &answer); i++)
        (void)usleep(50000);
    ol_buf_deinit(&request);
    wire_client_deinit(&client);
}

static void pair_start(pair *it)
{
    char url[64];
    it->port = free_port();
    it->keystore = keystore_start(it->port);
    await_keystore(it->port);
    (void)snprintf(url, sizeof url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u", it->port);
    lab_start(&it->lab, (const char *const[]){url, "KEYSTORE_AUTH_TOKEN=of-the-coordinator",
                                              "SECRETS_RATE_LIMIT_PER_MINUTE=0", NULL});
}

static void keystore_stop(pair *it)
{
    if (it->keystore == 0)
        return;
    (void)kill(it->keystore, SIGTERM);
    (void)waitpid(it->keystore, NULL, 0);
    it->keystore = 0;
}

static void check_text(wire_answer answer, int status, const char *want)
{
    CHECK_EQ_ROW(answer.status, status, want);
    CHECK_STR(answer.body, ol_str_of(want));
}

TEST("public keys of secrets come with what attests them, by the accessor as it was named")
{
    pair it;
    pair_start(&it);
    wire_answer answer = lab_post(
        &it.lab, "/secrets/pubkey", "",
        "{" ACCESSOR ",\"owner\":\"alice.near\",\"secrets_json\":\"{\\\"A\\\":\\\"\\\"}\"}");
    CHECK_EQ(answer.status, 200);
    CHECK_STARTS(answer.body,
                 OL_STR("{" ACCESSOR ",\"owner\":\"alice.near\",\"pubkey\":"
                        "\"3a9712ebeb88fcb11f508f2f2ffee4fd9e8660d53118c851c23e42a87a6d144e\","
                        "\"attestor_hex\":"),
                 "project");
    answer = lab_post(&it.lab, "/secrets/pubkey", "",
                      "{\"accessor\":{\"type\":\"Repo\",\"repo\":\"git@github.com:a/b.git\"},"
                      "\"owner\":\"alice.near\",\"secrets_json\":\"{}\"}");
    CHECK_STARTS(answer.body,
                 OL_STR("{\"accessor\":{\"type\":\"Repo\",\"repo_normalized\":\"github.com/a/b\","
                        "\"branch\":null},\"owner\":\"alice.near\",\"pubkey\":\""),
                 "repository");
    keystore_stop(&it);
    lab_stop(&it.lab);
}

TEST("what cannot be a secret's name or place is refused in the specified words")
{
    pair it;
    pair_start(&it);
    check_text(lab_post(&it.lab, "/secrets/pubkey", "",
                        "{" ACCESSOR ",\"owner\":\"\",\"secrets_json\":\"{}\"}"),
               400, "Owner account ID is required");
    check_text(lab_post(&it.lab, "/secrets/pubkey", "",
                        "{\"accessor\":{\"type\":\"WasmHash\",\"hash\":\"x\"},\"owner\":\"a.near\","
                        "\"secrets_json\":\"{}\"}"),
               400, "Invalid WASM hash: must be 64 hex characters");
    check_text(lab_post(&it.lab, "/secrets/pubkey", "",
                        "{\"accessor\":{\"type\":\"Project\",\"project_id\":\"x\"},\"owner\":"
                        "\"a.near\",\"secrets_json\":\"{}\"}"),
               400, "Invalid project_id format: must be 'account/name'");
    check_text(lab_post(&it.lab, "/secrets/pubkey", "",
                        "{\"accessor\":{\"type\":\"System\",\"PaymentKey\":{}},\"owner\":"
                        "\"a.near\",\"secrets_json\":\"{}\"}"),
               400, "Profile (nonce) is required for System secrets");
    check_text(lab_post(&it.lab, "/secrets/pubkey", "",
                        "{" ACCESSOR ",\"owner\":\"a.near\",\"secrets_json\":"
                        "\"{\\\"WALLET_ID\\\":\\\"\\\"}\"}"),
               400, "Cannot use reserved system keywords as secret keys: WALLET_ID");
    check_text(lab_post(&it.lab, "/secrets/add_generated_secret", "",
                        "{" ACCESSOR ",\"owner\":\"a.near\",\"new_secrets\":[]}"),
               400, "At least one new secret must be specified");
    check_text(lab_post(&it.lab, "/secrets/update_user_secrets", "", "{\"owner\":\"a.near\"}"), 400,
               "profile is required");
    keystore_stop(&it);
    lab_stop(&it.lab);
}

TEST("a keystore that is gone or not configured is told as that")
{
    pair it;
    lab bare;
    pair_start(&it);
    CHECK_STR(lab_send(&it.lab, "GET", "/vrf/pubkey", "", NULL).body,
              OL_STR("{\"vrf_public_key\":"
                     "\"f11881f7bd2ab547d1208e993aabecd6051671a594619088395f0801a7bd0236\","
                     "\"vrf_public_key_hex\":"
                     "\"f11881f7bd2ab547d1208e993aabecd6051671a594619088395f0801a7bd0236\"}"));
    keystore_stop(&it);
    CHECK_EQ(lab_send(&it.lab, "GET", "/vrf/pubkey", "", NULL).status, 502);
    CHECK_EQ(lab_post(&it.lab, "/secrets/pubkey", "",
                      "{" ACCESSOR ",\"owner\":\"a.near\",\"secrets_json\":\"{}\"}")
                 .status,
             502);
    lab_stop(&it.lab);
    lab_start(&bare, NULL);
    CHECK_EQ(lab_send(&bare, "GET", "/vrf/pubkey", "", NULL).status, 503);
    check_text(lab_post(&bare, "/secrets/pubkey", "",
                        "{" ACCESSOR ",\"owner\":\"a.near\",\"secrets_json\":\"{}\"}"),
               400, "Keystore is not configured");
    lab_stop(&bare);
}

/* A keystore that never answers, and a node that does. */
static void hang(void *context, const stub_request *request, stub_conn *conn)
{
    (void)context;
    if (ol_str_eq(request->target, OL_STR("/pubkey")))
        (void)stub_pause(conn, 600000); /* until the stub stops */
    else
        stub_answer_view(conn,
                         OL_STR("{\"uuid\":\"p01\",\"owner\":\"zed.near\",\"name\":\"q\","
                                "\"project_id\":\"zed.near/q\",\"active_version\":\"v\"}"),
                         1);
}

TEST("a keystore that hangs holds up nobody who asks for something else")
{
    enum { ASKERS = 8 };
    lab it;
    wire_client asker[ASKERS];
    char keystore[64];
    char node[64];
    ol_buf request = ol_buf_new(4096);
    http_stub *stub = http_stub_start(hang, NULL);
    http_stub *chain = http_stub_start(hang, NULL);
    (void)snprintf(keystore, sizeof keystore, "KEYSTORE_BASE_URL=http://127.0.0.1:%u",
                   http_stub_port(stub));
    (void)snprintf(node, sizeof node, "NEAR_RPC_URL=http://127.0.0.1:%u", http_stub_port(chain));
    lab_start(&it, (const char *const[]){keystore, node, "OFFCHAINVM_CONTRACT_ID=c.near",
                                         "KEYSTORE_AUTH_TOKEN=t", "SECRETS_RATE_LIMIT_PER_MINUTE=0",
                                         NULL});
    wire_request(&request, "POST", "/secrets/pubkey", "Content-Type: application/json\r\n",
                 OL_STR("{" ACCESSOR ",\"owner\":\"a.near\",\"secrets_json\":\"{}\"}"));
    OL_EACH (one, asker) {
        *one = wire_client_new(it.port);
        CHECK(wire_begin(one, ol_buf_str(&request)));
    }
    CHECK(http_stub_await(stub, 2, LAB_WAIT_MS));
    check_text(lab_work_get(&it, "/projects/uuid?project_id=zed.near/q"), 200,
               "{\"project_id\":\"zed.near/q\",\"uuid\":\"p01\",\"active_version\":\"v\","
               "\"cached\":false}");
    OL_EACH (one, asker)
        wire_client_deinit(one);
    http_stub_stop(stub);
    lab_stop(&it);
    http_stub_stop(chain);
    ol_buf_deinit(&request);
}

static void babble(void *context, const stub_request *request, stub_conn *conn)
{
    (void)context;
    (void)request;
    stub_answer(conn, 200, "Content-Type: text/html\r\n", OL_STR("<html>welcome</html>"));
}

TEST("a keystore that answers nonsense is a bad gateway on every route")
{
    static const struct {
        const char *path;
        const char *more;
        const char *want;
    } ASKED[] = {
        {"/secrets/pubkey", "\"secrets_json\":\"{}\"", "Keystore gave no public key"},
        {"/secrets/add_generated_secret",
         "\"new_secrets\":[{\"name\":\"A\",\"generation_type\":\"hex32\"}]",
         "Keystore gave no encrypted data"},
        {"/secrets/update_user_secrets",
         "\"profile\":\"p\",\"signed_message\":\"m\",\"signature\":\"s\",\"public_key\":"
         "\"k\",\"nonce\":\"n\"",
         "Keystore is not reachable"},
    };
    lab it;
    char keystore[64];
    char body[512];
    http_stub *stub = http_stub_start(babble, NULL);
    (void)snprintf(keystore, sizeof keystore, "KEYSTORE_BASE_URL=http://127.0.0.1:%u",
                   http_stub_port(stub));
    lab_start(&it, (const char *const[]){keystore, "KEYSTORE_AUTH_TOKEN=t",
                                         "SECRETS_RATE_LIMIT_PER_MINUTE=0", NULL});
    OL_EACH (one, ASKED) {
        (void)snprintf(body, sizeof body, "{" ACCESSOR ",\"owner\":\"a.near\",%s}", one->more);
        check_text(lab_post(&it, one->path, "", body), 502, one->want);
    }
    CHECK_EQ(lab_send(&it, "GET", "/vrf/pubkey", "", NULL).status, 502);
    http_stub_stop(stub);
    lab_stop(&it);
}
