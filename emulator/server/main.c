/* outlayer-localnet: NEAR on one machine, served as a node serves it. */
#include <signal.h>
#include <stdio.h>

#include "emulator/server/program.h"
#include "lib/base/log.h"

static int refuse(const ol_err *err)
{
    (void)fprintf(stderr, "outlayer-localnet: %s\n", err->text);
    for (unsigned i = 0; i < err->notes; i++)
        (void)fprintf(stderr, "  %s\n", err->note[i]);
    return ol_reason_of(err->rc)->exit;
}

static void signals_block(sigset_t *ret)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(ret);
    (void)sigaddset(ret, SIGTERM);
    (void)sigaddset(ret, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, ret, NULL); /* every thread inherits it */
}

static int serve(localnet_program *p, const localnet_options *set, const sigset_t *signals)
{
    int number;
    ol_err err = {0};
    if (localnet_start(p, set, ol_clock_real(), &err) != OL_OK) {
        ol_err ignored;
        (void)localnet_stop(p, false, &ignored);
        return refuse(&err);
    }
    OL_LOG(OL_INFO, "listening", KV("host", set->host), KV("port", (unsigned)p->net.port),
           KV("chain_id", set->chain_id), KV("version", OL_VERSION));
    (void)sigwait(signals, &number);
    OL_LOG(OL_INFO, "stopping");
    ol_rc rc = localnet_stop(p, true, &err);
    return rc == OL_OK ? 0 : refuse(&err);
}

int main(int argc, char **argv)
{
    static localnet_options set; /* large for a stack */
    localnet_program program = {0};
    sigset_t signals;
    ol_err err = {0};
    if (options_parse(argc, argv, &set, &err) != OL_OK)
        return refuse(&err);
    if (set.help) {
        options_print();
        return 0;
    }
    if (set.version) {
        (void)printf("outlayer-localnet %s\n", OL_VERSION);
        return 0;
    }
    ol_log_open("localnet", set.log_level);
    signals_block(&signals);
    return serve(&program, &set, &signals);
}
