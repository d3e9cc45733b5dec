/* Makes a TCP socket, binds it, connects it to a public address, and prints what each step was
 * answered: `create ok`, `bind 1`, `connect 1` (1 is access-denied of wasi:sockets/network). The
 * imports have the form the canonical ABI gives them. */
#include <stdint.h>

#include <outlayer.h>

#define IMPORT(interface, function)                                                                \
    __attribute__((import_module("wasi:sockets/" interface "@0.2.0"), import_name(function)))

enum { IPV4 = 0 };

/* result<tcp-socket, error-code>: the case, padding, then handle or code. */
typedef struct created {
    uint8_t failed;
    int32_t value;
} created;

/* result<_, error-code> */
typedef struct done {
    uint8_t failed;
    uint8_t code;
} done;

/* An address is a case and room for its larger form. */
#define ADDRESS                                                                                    \
    int32_t kind, int32_t port, int32_t a, int32_t b, int32_t c, int32_t d, int32_t x1,            \
        int32_t x2, int32_t x3, int32_t x4, int32_t x5, int32_t x6

IMPORT("instance-network", "instance-network") int32_t instance_network(void);
IMPORT("tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int32_t family, created *r);
IMPORT("tcp", "[method]tcp-socket.start-bind")
void start_bind(int32_t socket, int32_t network, ADDRESS, done *r);
IMPORT("tcp", "[method]tcp-socket.start-connect")
void start_connect(int32_t socket, int32_t network, ADDRESS, done *r);

int main(void)
{
    ol_buf answer = ol_buf_new(256);
    created socket = {0};
    done bound = {0}, connected = {0};
    int32_t network = instance_network();
    create_tcp_socket(IPV4, &socket);
    if (socket.failed) {
        ol_buf_addf(&answer, "create %d", (int)socket.value);
    } else {
        start_bind(socket.value, network, IPV4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, &bound);
        start_connect(socket.value, network, IPV4, 443, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, &connected);
        ol_buf_addf(&answer, "create ok\nbind %d\nconnect %d", bound.failed ? bound.code : -1,
                    connected.failed ? connected.code : -1);
    }
    return ol_output(ol_buf_str(&answer)) != 0;
}
