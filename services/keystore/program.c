#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/crypto/secret.h"
#include "services/keystore/keystore.h"
#include "services/keystore/program.h"
#include "services/keystore/routes.h"

enum { SETTINGS_BYTES_MAX = 1024 * 1024 };

typedef struct program {
    keystore_settings set;
    ol_arena memory;
    keystore it;
} program;

static ol_rc settings_read(program *p)
{
    ol_setting_faults faults = {0};
    ol_level level = OL_INFO;
    p->memory = ol_arena_new(SETTINGS_BYTES_MAX);
    ol_rc rc = keystore_settings_load(&p->memory, &p->set, &faults);
    (void)ol_level_parse(p->set.log_level, &level);
    ol_log_open("keystore", level);
    if (rc != OL_OK)
        (void)fprintf(stderr, "outlayer-keystore: these settings are wrong:\n%s", faults.text);
    return rc;
}

/* The arena's own copy; nobody else reads it any more. */
static void text_wipe(ol_str *text)
{
    ol_wipe((void *)(uintptr_t)text->data, text->len);
    *text = (ol_str){NULL, 0};
}

/* What a process was started with stays readable in /proc; the settings had a copy. */
static void environment_forget(void)
{
    char *text = getenv("KEYSTORE_MASTER_SECRET");
    if (text != NULL)
        ol_wipe(text, strlen(text));
}

static ol_rc listen_start(program *p, ol_err *err)
{
    const ol_web_settings web = {
        .host = p->set.host.data,
        .port = (uint16_t)p->set.port,
        .routes = KEYSTORE_ROUTES,
        .route_count = KEYSTORE_ROUTE_COUNT,
        .context = &p->it,
        .clock = p->it.clock,
        .json_refusals = true,
    };
    return ol_web_server_start(&web, &p->it.server, err);
}

static ol_rc start(program *p, ol_err *err)
{
    keystore *it = &p->it;
    const chain_settings about = {p->set.rpc_urls, p->set.facts_ms, p->set.decision_ms,
                                  p->set.block_age_seconds, ol_clock_real()};
    it->set = &p->set;
    it->clock = ol_clock_real();
    it->random = ol_random_kernel();
    OL_TRY(tokens_read(p->set.worker_hashes, p->set.coordinator_hashes, &it->tokens, err));
    OL_TRY(keyring_open(p->set.master_secret, p->set.master_secret_out, &it->ring, err));
    text_wipe(&p->set.master_secret);
    environment_forget();
    OL_TRY(sessions_new(it->clock, it->random, &it->sessions, err));
    OL_TRY(update_nonces_new(it->clock, &it->nonces, err));
    OL_TRY(chain_open(&about, &it->chain, err));
    OL_TRY(work_start((unsigned)p->set.threads, p->set.decision_ms, it->clock, &it->work, err));
    atomic_store(&it->ready, true);
    OL_TRY(listen_start(p, err));
    OL_LOG(OL_INFO, "listening", KV("host", p->set.host),
           KV("port", (unsigned)ol_web_server_port(it->server)), KV("tee_mode", p->set.tee_mode),
           KV("version", OL_VERSION));
    return OL_OK;
}

static void stop(program *p)
{
    if (p->it.server != NULL)
        ol_web_server_quiesce(p->it.server);
    work_stop(p->it.work);
    if (p->it.server != NULL)
        ol_web_server_free(p->it.server);
    chain_free(p->it.chain);
    sessions_free(p->it.sessions);
    update_nonces_free(p->it.nonces);
    keyring_free(p->it.ring);
    ol_arena_deinit(&p->memory);
}

static void signals_wait(const sigset_t *signals)
{
    int got;
    (void)sigwait(signals, &got);
    OL_LOG(OL_INFO, "stopping");
}

int keystore_main(int argc, char **argv, keystore_harden *harden)
{
    static program p; /* too large for a stack frame */
    sigset_t signals;
    ol_err err = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        keystore_settings_print();
        return 0;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* every thread inherits it */
    if (settings_read(&p) != OL_OK)
        return ol_reason_of(OL_ERR_SETTINGS)->exit;
    ol_rc rc = harden != NULL ? harden(p.set.lock_memory, &err) : OL_OK;
    if (rc == OL_OK)
        rc = start(&p, &err);
    if (rc == OL_OK)
        signals_wait(&signals);
    else
        OL_LOG_ERR(OL_ERROR, "start_failed", &err);
    stop(&p);
    return rc == OL_OK ? 0 : ol_reason_of(rc)->exit;
}
