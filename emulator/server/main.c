/* outlayer-localnet: NEAR on one machine, served as a node serves it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "emulator/server/http.h"
#include "emulator/server/node_start.h"
#include "lib/base/log.h"

enum {
    ARRIVALS_MAX = 8192,
    /* NEAR 8a: the VM wants half a MiB of stack; the rest is for safety. */
    DRIVER_STACK_BYTES = 8 * 1024 * 1024,
};

typedef struct program {
    localnet_options set;
    char host[64]; /* NUL-terminated, for the server's life */
    localnet net;
    ol_web_server *server;
    pthread_t driver;
    bool driving;
} program;

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

static ol_rc driver_start(program *p, ol_err *err)
{
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, DRIVER_STACK_BYTES);
    int rc = pthread_create(&p->driver, &attributes, driver_run, &p->net);
    (void)pthread_attr_destroy(&attributes);
    p->driving = rc == 0;
    return rc == 0 ? OL_OK : ol_fail(err, OL_ERR_ENVIRONMENT, "cannot start a thread");
}

static ol_rc start(program *p, ol_err *err)
{
    localnet *net = &p->net;
    if (p->set.host.len >= sizeof p->host)
        return ol_fail(err, OL_ERR_USAGE, "--host: expected a numeric address");
    memcpy(p->host, p->set.host.data, p->set.host.len);
    const ol_web_settings web = {.host = p->host,
                                 .port = p->set.port,
                                 .routes = LOCALNET_ROUTES,
                                 .route_count = LOCALNET_ROUTE_COUNT,
                                 .context = net,
                                 .clock = net->clock};
    OL_TRY(node_start(&p->set, net->clock, &net->node, err));
    OL_TRY(ol_queue_init(&net->arrivals, ARRIVALS_MAX, err));
    OL_TRY(ol_web_server_start(&web, &p->server, err));
    net->port = ol_web_server_port(p->server);
    OL_TRY(driver_start(p, err));
    OL_LOG(OL_INFO, "listening", KV("host", p->set.host), KV("port", (unsigned)net->port),
           KV("chain_id", p->set.chain_id), KV("height", ol_node_head(net->node)->height),
           KV("version", OL_VERSION));
    return OL_OK;
}

static ol_rc end(program *p, bool save, ol_err *err)
{
    localnet *net = &p->net;
    ol_rc rc = OL_OK;
    if (p->server != NULL)
        ol_web_server_quiesce(p->server);
    if (p->driving) {
        atomic_store(&net->stopping, true);
        ol_queue_close(&net->arrivals);
        (void)pthread_join(p->driver, NULL);
    }
    ol_web_server_free(p->server);
    if (save && p->set.state_file.len > 0)
        rc = node_save(&p->set, net->node, err);
    if (net->arrivals.slot != NULL)
        ol_queue_deinit(&net->arrivals);
    ol_node_free(net->node);
    return rc;
}

int main(int argc, char **argv)
{
    static program p; /* the options are large for a stack */
    sigset_t signals;
    int number;
    ol_err err = {0};
    if (options_parse(argc, argv, &p.set, &err) != OL_OK)
        return refuse(&err);
    if (p.set.help) {
        options_print();
        return 0;
    }
    if (p.set.version) {
        (void)printf("outlayer-localnet %s\n", OL_VERSION);
        return 0;
    }
    ol_log_open("localnet", p.set.log_level);
    p.net.set = &p.set;
    p.net.clock = ol_clock_real();
    p.net.started_ms = ol_wall_ms(p.net.clock);
    signals_block(&signals);
    ol_rc rc = start(&p, &err);
    if (rc != OL_OK) {
        int status = refuse(&err);
        (void)end(&p, false, &err);
        return status;
    }
    (void)sigwait(&signals, &number);
    OL_LOG(OL_INFO, "stopping");
    rc = end(&p, true, &err);
    return rc == OL_OK ? 0 : refuse(&err);
}
