/* Before there is a master (Keystore 1, 4): the routes as the program serves them, in this process,
 * since its masters of today are there when it begins to listen. */
#include <stdio.h>

#include "lib/codec/json_read.h"
#include "services/keystore/keystore.h"
#include "services/keystore/routes.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

enum { ANSWER_MS = 20000 };

static void serve(keystore *ks, keystore_settings *set)
{
    ol_sha256_hex worker = ol_sha256_hex_of(ol_str_bytes(OL_STR("w")));
    ol_sha256_hex coordinator = ol_sha256_hex_of(ol_str_bytes(OL_STR("c")));
    ol_err err = {0};
    *set = (keystore_settings){.tee_mode = OL_STR("none")};
    ks->set = set;
    ks->clock = ol_clock_real();
    ks->random = ol_random_kernel();
    CHECK_OK(tokens_read(ol_sha256_hex_str(&worker), ol_sha256_hex_str(&coordinator), &ks->tokens,
                         &err));
    CHECK_OK(sessions_new(ks->clock, ks->random, &ks->sessions, &err));
    const ol_web_settings web = {.host = "127.0.0.1",
                                 .routes = KEYSTORE_ROUTES,
                                 .route_count = KEYSTORE_ROUTE_COUNT,
                                 .context = ks,
                                 .clock = ks->clock,
                                 .json_refusals = true};
    CHECK_OK(ol_web_server_start(&web, &ks->server, &err));
}

static wire_answer ask(wire_client *client, const ol_web_route *route, const char *token)
{
    char lines[128];
    wire_answer answer;
    OL_AUTO(ol_buf) request = ol_buf_new(OL_KIB(4));
    (void)snprintf(lines, sizeof lines,
                   "Content-Type: application/json\r\nAuthorization: Bearer %s\r\n", token);
    wire_request(&request, route->method == OL_WEB_GET ? "GET" : "POST", route->pattern, lines,
                 route->method == OL_WEB_GET ? OL_STR("") : OL_STR("{}"));
    CHECK_ROW(wire_exchange(client, ol_buf_str(&request), ANSWER_MS, &answer), route->pattern);
    return answer;
}

TEST("S17: before there is a master every route is refused but those about the keystore itself")
{
    static keystore ks;
    keystore_settings set;
    unsigned refused = 0, open = 0;
    serve(&ks, &set);
    wire_client client = wire_client_new(ol_web_server_port(ks.server));
    for (size_t i = 0; i < KEYSTORE_ROUTE_COUNT; i++) {
        const ol_web_route *route = &KEYSTORE_ROUTES[i];
        wire_answer as_worker = ask(&client, route, "w");
        if (route->gate == NULL) {
            CHECK_EQ_ROW(as_worker.status, 200, route->pattern);
            open++;
            continue;
        }
        /* One of the two tokens is right for it, and no token is asked for what comes after. */
        size_t at;
        bool told = ol_str_find(as_worker.body, OL_STR("Keystore not ready"), &at);
        CHECK_EQ_ROW(as_worker.status, 401, route->pattern);
        wire_answer as_coordinator = ask(&client, route, "c");
        CHECK_EQ_ROW(as_coordinator.status, 401, route->pattern);
        CHECK_ROW(told || ol_str_find(as_coordinator.body, OL_STR("Keystore not ready"), &at),
                  route->pattern);
        refused++;
    }
    CHECK_EQ(open, 2);
    CHECK(refused >= 15);
    wire_client_deinit(&client);
    ol_web_server_quiesce(ks.server);
    ol_web_server_free(ks.server);
    sessions_free(ks.sessions);
}
