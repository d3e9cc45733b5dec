/* The client that tests and benchmarks use: what it takes for a failure, and what it does not. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/http_server.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

enum { WAIT_MS = 10000, SIGNAL_US = 2000, SIGNALS = 5, THREADS = 8, EXCHANGES = 400 };

#define GET_HELD "GET /held HTTP/1.1\r\nHost: x\r\n\r\n"
#define GET_NOW "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"

static struct {
    atomic_uint signals;
    pthread_mutex_t lock;
    ol_web_request *queue[THREADS];
    size_t queued;
    bool stop;
} app = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&app.signals, 1);
}

static void now(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer_static(request, 200, OL_WEB_TYPE_TEXT, OL_STR("now"));
}

static void later(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_hold(request);
    pthread_mutex_lock(&app.lock);
    app.queue[app.queued++] = request;
    pthread_mutex_unlock(&app.lock);
}

/* Answers what is held, once there have been `SIGNALS` signals where `cls` says so. */
static void *answer_run(void *cls)
{
    const bool *after_signals = cls;
    for (bool stop = false; !stop; (void)poll(NULL, 0, 1)) {
        pthread_mutex_lock(&app.lock);
        while (app.queued > 0 && (!*after_signals || atomic_load(&app.signals) >= SIGNALS))
            ol_web_answer_static(app.queue[--app.queued], 200, OL_WEB_TYPE_TEXT, OL_STR("later"));
        stop = app.stop;
        pthread_mutex_unlock(&app.lock);
    }
    return NULL;
}

static const ol_web_route ROUTES[] = {
    {OL_WEB_GET, "/now", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, now},
    {OL_WEB_GET, "/held", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, later},
};

static ol_web_server *serve(unsigned head_seconds)
{
    ol_err err = {0};
    ol_web_server *server = NULL;
    const ol_web_settings set = {.host = "127.0.0.1",
                                 .routes = ROUTES,
                                 .route_count = OL_COUNT(ROUTES),
                                 .head_seconds = head_seconds};
    app.stop = false;
    atomic_store(&app.signals, 0);
    CHECK_OK(ol_web_server_start(&set, &server, &err));
    return server;
}

static void answerer_stop(pthread_t answerer)
{
    pthread_mutex_lock(&app.lock);
    app.stop = true;
    pthread_mutex_unlock(&app.lock);
    (void)pthread_join(answerer, NULL);
}

TEST("a signal while the client waits does not lose the answer")
{
    bool after_signals = true;
    pthread_t answerer;
    sigset_t alarm;
    wire_answer answer = {0};
    struct sigaction was;
    const struct sigaction act = {.sa_handler = count_signal}; /* no SA_RESTART: poll ignores it */
    const struct itimerval every = {{0, SIGNAL_US}, {0, SIGNAL_US}};
    const struct itimerval never = {0};
    CHECK(sigaction(SIGALRM, &act, &was) == 0);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    CHECK(pthread_sigmask(SIG_BLOCK, &alarm, NULL) == 0); /* for the threads made now */
    ol_web_server *server = serve(0);
    CHECK(pthread_create(&answerer, NULL, answer_run, &after_signals) == 0);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &alarm, NULL) == 0);
    wire_client client = wire_client_new(ol_web_server_port(server));
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
    bool well = wire_exchange(&client, OL_STR(GET_HELD), WAIT_MS, &answer);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(well);
    CHECK_STR(answer.body, OL_STR("later"));
    CHECK(atomic_load(&app.signals) >= SIGNALS);
    answerer_stop(answerer);
    wire_client_deinit(&client);
    ol_web_server_free(server);
    CHECK(sigaction(SIGALRM, &was, NULL) == 0);
}

TEST("a kept connection that the server closed while idle is replaced")
{
    wire_answer answer = {0};
    ol_web_server *server = serve(1);
    wire_client client = wire_client_new(ol_web_server_port(server));
    CHECK(wire_exchange(&client, OL_STR(GET_NOW), WAIT_MS, &answer));
    struct pollfd closed = {.fd = client.socket.n, .events = POLLIN};
    CHECK_EQ(poll(&closed, 1, WAIT_MS), 1); /* nothing was asked: it is the end */
    CHECK(wire_exchange(&client, OL_STR(GET_NOW), WAIT_MS, &answer));
    CHECK_EQ(answer.status, 200);
    wire_client_deinit(&client);
    ol_web_server_free(server);
}

static void *cut_run(void *cls)
{
    static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha";
    const int *listener = cls;
    char request[256];
    int fd = accept(*listener, NULL, NULL);
    if (fd >= 0 && recv(fd, request, sizeof request, 0) > 0)
        (void)send(fd, half, sizeof half - 1, MSG_NOSIGNAL);
    (void)close(fd);
    return NULL;
}

TEST("an answer that is cut says at what stage, and is not asked for again")
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    pthread_t server;
    wire_answer answer = {0};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&at, &len) == 0);
    CHECK(pthread_create(&server, NULL, cut_run, &listener) == 0);
    wire_client client = wire_client_new(ntohs(at.sin_port));
    CHECK(!wire_exchange(&client, OL_STR(GET_NOW), WAIT_MS, &answer));
    CHECK(client.fault.failed);
    CHECK_STR(ol_str_of(client.fault.stage), OL_STR("receive"));
    CHECK_EQ(client.fault.error, 0);
    CHECK_EQ(client.fault.received, 40);
    (void)pthread_join(server, NULL);
    wire_client_deinit(&client);
    (void)close(listener);
}

static uint16_t own_port(const wire_client *client)
{
    struct sockaddr_in at = {0};
    socklen_t len = sizeof at;
    return getsockname(client->socket.n, (struct sockaddr *)&at, &len) == 0 ? ntohs(at.sin_port)
                                                                            : 0;
}

typedef struct exchanger {
    pthread_t thread;
    uint16_t port;
    unsigned well;
    unsigned connections; /* 1: never lost */
} exchanger;

static void *exchange_run(void *cls)
{
    exchanger *it = cls;
    wire_answer answer;
    uint16_t own = 0;
    wire_client client = wire_client_new(it->port);
    for (unsigned i = 0; i < EXCHANGES; i++) {
        ol_str request = i % 3 == 0 ? OL_STR(GET_NOW) : OL_STR(GET_HELD);
        it->well += wire_exchange(&client, request, WAIT_MS, &answer) && answer.status == 200;
        it->connections += own != own_port(&client);
        own = own_port(&client);
    }
    wire_client_deinit(&client);
    return NULL;
}

TEST("no kept connection is lost, whether answers come at once or from another thread")
{
    bool after_signals = false;
    pthread_t answerer;
    exchanger all[THREADS] = {0};
    ol_web_server *server = serve(0);
    CHECK(pthread_create(&answerer, NULL, answer_run, &after_signals) == 0);
    for (size_t i = 0; i < THREADS; i++) {
        all[i].port = ol_web_server_port(server);
        CHECK(pthread_create(&all[i].thread, NULL, exchange_run, &all[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(all[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQ(all[i].well, EXCHANGES);
        CHECK_EQ(all[i].connections, 1);
    }
    answerer_stop(answerer);
    ol_web_server_free(server);
}
