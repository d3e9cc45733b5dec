/* The floor of runner_bench: a small static process that does nothing but fork for every packet it
 * gets; the child replies and ends. Descriptor 3 is a message socket. */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    char packet[256];
    (void)signal(SIGCHLD, SIG_IGN);
    for (;;) {
        ssize_t got = recv(3, packet, sizeof packet, 0);
        if (got <= 0)
            return 0;
        if (fork() == 0) {
            (void)send(3, packet, (size_t)got, MSG_NOSIGNAL);
            _exit(0);
        }
    }
}
