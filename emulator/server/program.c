#include "emulator/server/program.h"

#include <string.h>

#include "emulator/server/http.h"
#include "emulator/server/node_start.h"

enum {
    ARRIVALS_MAX = 8192,
    /* NEAR 8a: the VM wants half a MiB of stack; the rest is for safety. */
    DRIVER_STACK_BYTES = 8 * 1024 * 1024,
};

static ol_rc driver_start(localnet_program *p, ol_err *err)
{
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, DRIVER_STACK_BYTES);
    int rc = pthread_create(&p->driver, &attributes, driver_run, &p->net);
    (void)pthread_attr_destroy(&attributes);
    p->driving = rc == 0;
    return rc == 0 ? OL_OK : ol_fail(err, OL_ERR_ENVIRONMENT, "cannot start a thread");
}

ol_rc localnet_start(localnet_program *p, const localnet_options *set, const ol_clock *clock,
                     ol_err *err)
{
    localnet *net = &p->net;
    p->set = set;
    if (set->host.len >= sizeof p->host)
        return ol_fail(err, OL_ERR_USAGE, "--host: expected a numeric address");
    memcpy(p->host, set->host.data, set->host.len);
    net->set = set;
    net->clock = clock;
    net->started_ms = ol_wall_ms(clock);
    const ol_web_settings web = {.host = p->host,
                                 .port = set->port,
                                 .routes = LOCALNET_ROUTES,
                                 .route_count = LOCALNET_ROUTE_COUNT,
                                 .context = net,
                                 .clock = ol_clock_real()};
    OL_TRY(node_start(set, clock, &net->node, err));
    net->genesis_hash = ol_node_genesis(net->node)->hash;
    OL_TRY(ol_queue_init(&net->arrivals, ARRIVALS_MAX, err));
    OL_TRY(ol_web_server_start(&web, &p->server, err));
    net->port = ol_web_server_port(p->server);
    return driver_start(p, err);
}

ol_rc localnet_stop(localnet_program *p, bool save, ol_err *err)
{
    localnet *net = &p->net;
    ol_rc rc = OL_OK;
    if (p->server != NULL)
        ol_web_server_quiesce(p->server);
    if (p->driving) {
        /* In this order: what the thread finds once it sees the end is all there will be. */
        ol_queue_close(&net->arrivals);
        atomic_store(&net->stopping, true);
        (void)pthread_join(p->driver, NULL);
    }
    if (p->server != NULL)
        ol_web_server_free(p->server);
    if (save && p->set->state_file.len > 0)
        rc = node_save(p->set, net->node, err);
    if (net->arrivals.slot != NULL)
        ol_queue_deinit(&net->arrivals);
    ol_node_free(net->node);
    return rc;
}
