#include "tests/harness/keystore.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_read.h"
#include "lib/crypto/hash.h"
#include "lib/secrets/ecies.h"
#include "tests/harness/wire_client.h"

enum {
    SETTINGS_MAX = 32,
    SETTING_BYTES = 512,
    START_TRIES = 400,
    START_STEP_MS = 25,
    SEALED_MS = 20000
};

typedef struct settings {
    char text[SETTINGS_MAX][SETTING_BYTES];
    char *item[SETTINGS_MAX + 1];
    size_t count;
} settings;

static void put(settings *s, const char *text)
{
    size_t name = strcspn(text, "=") + 1;
    OL_ASSERT(s->count < SETTINGS_MAX && strlen(text) < SETTING_BYTES);
    for (size_t i = 0; i < s->count; i++) {
        if (strncmp(s->item[i], text, name) == 0) {
            (void)snprintf(s->text[i], SETTING_BYTES, "%s", text);
            return;
        }
    }
    (void)snprintf(s->text[s->count], SETTING_BYTES, "%s", text);
    s->item[s->count] = s->text[s->count];
    s->count++;
}

static void put_number(settings *s, const char *name, unsigned number)
{
    char text[SETTING_BYTES];
    (void)snprintf(text, sizeof text, "%s%u", name, number);
    put(s, text);
}

static void put_hash(settings *s, const char *name, const char *token)
{
    char text[SETTING_BYTES];
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(ol_str_of(token)));
    (void)snprintf(text, sizeof text, "%s=%s", name, hash.data);
    put(s, text);
}

static void put_all(settings *s, uint16_t port, uint16_t chain_port, const char *const *more)
{
    static const char *const PASSED[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                                         "LLVM_PROFILE_FILE"};
    put(s, "SERVER_HOST=127.0.0.1");
    put(s, "LOCK_MEMORY=false"); /* an ordinary user may run this */
    put_number(s, "SERVER_PORT=", port);
    put(s, "KEYSTORE_MASTER_SECRET="
           "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    put_hash(s, "ALLOWED_WORKER_TOKEN_HASHES", KEYSTORE_TOKEN);
    put_hash(s, "ALLOWED_COORDINATOR_TOKEN_HASHES", KEYSTORE_COORDINATOR_TOKEN);
    if (chain_port != 0) {
        put_number(s, "NEAR_RPC_URL=http://127.0.0.1:", chain_port);
        put(s, "NEAR_CONTRACT_ID=outlayer.test.near");
        put(s, "OPERATOR_ACCOUNT_ID=operator.test.near");
        put(s, "TEE_MODE=outlayer_tee");
        put(s, "BLOCK_AGE_MAX_SECONDS=0");
    }
    for (; more != NULL && *more != NULL; more++)
        put(s, *more);
    OL_EACH (name, PASSED) {
        char text[SETTING_BYTES];
        const char *value = getenv(*name);
        if (value == NULL)
            continue;
        (void)snprintf(text, sizeof text, "%s=%s", *name, value);
        put(s, text);
    }
}

static void await(const keystore_process *it)
{
    wire_client client = wire_client_new(it->port);
    wire_answer answer;
    ol_buf request = ol_buf_new(4096);
    bool up = false;
    wire_request(&request, "GET", "/health", "", OL_STR(""));
    for (int i = 0; i < START_TRIES && !up; i++) {
        up = wire_exchange(&client, ol_buf_str(&request), 1000, &answer);
        if (!up)
            (void)poll(NULL, 0, START_STEP_MS);
    }
    ol_buf_deinit(&request);
    wire_client_deinit(&client);
    if (!up) {
        (void)fprintf(stderr, "the keystore does not answer; see %s\n", it->log);
        abort();
    }
}

void keystore_process_start(keystore_process *it, uint16_t port, uint16_t chain_port,
                            const char *folder, const char *const *more)
{
    static char name[] = "outlayer-keystore";
    settings s = {.count = 0};
    char path[SETTING_BYTES];
    const char *bin = getenv("OL_BIN");
    OL_ASSERT(bin != NULL);
    *it = (keystore_process){.port = port};
    (void)snprintf(it->log, sizeof it->log, "%s/outlayer-keystore.log", folder);
    (void)snprintf(path, sizeof path, "%s/outlayer-keystore", bin);
    put_all(&s, port, chain_port, more);
    it->pid = fork();
    OL_ASSERT(it->pid >= 0);
    if (it->pid == 0) {
        char *const arguments[] = {name, NULL};
        int log = open(it->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(log, STDERR_FILENO);
        (void)execve(path, arguments, s.item);
        _exit(127);
    }
    await(it);
}

static void end(keystore_process *it, int signal_number)
{
    if (it->pid == 0)
        return;
    (void)kill(it->pid, signal_number);
    (void)waitpid(it->pid, NULL, 0);
    it->pid = 0;
}

void keystore_process_kill(keystore_process *it)
{
    end(it, SIGKILL);
}

void keystore_process_deinit(keystore_process *it)
{
    end(it, SIGTERM);
    (void)unlink(it->log);
}

ol_str keystore_sealed(const keystore_process *it, const char *seed, ol_str json, ol_arena *arena)
{
    ol_x25519_public recipient;
    wire_answer answer;
    ol_json root;
    ol_json value;
    char body[1024];
    ol_buf request = ol_buf_new(OL_KIB(4));
    ol_buf blob = ol_buf_new(OL_KIB(64));
    wire_client client = wire_client_new(it->port);
    (void)snprintf(body, sizeof body, "{\"seed\":\"%s\",\"secrets_json\":\"{}\"}", seed);
    wire_request(&request, "POST", "/pubkey", "Content-Type: application/json\r\n",
                 ol_str_of(body));
    bool well = wire_exchange(&client, ol_buf_str(&request), SEALED_MS, &answer) &&
                answer.status == 200 && ol_json_parse(answer.body, &root, NULL) == OL_OK &&
                ol_json_find(&root, OL_STR("pubkey"), &value) &&
                ol_hex_decode_fixed(ol_str_slice(value.raw, 1, value.raw.len - 1), recipient.bytes,
                                    sizeof recipient.bytes) &&
                ol_ecies_seal(&recipient, OL_STR(OL_ECIES_SECRET), ol_str_bytes(json),
                              ol_random_kernel(), &blob);
    if (!well) {
        (void)fprintf(stderr, "keystore: no public key for %s\n", seed);
        exit(1);
    }
    ol_str base64 = ol_base64_of(arena, ol_buf_bytes(&blob));
    ol_buf_deinit(&request);
    ol_buf_deinit(&blob);
    wire_client_deinit(&client);
    return base64;
}
