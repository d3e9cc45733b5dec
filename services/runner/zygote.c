#include "services/runner/zygote.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/sandbox/fences.h"
#include "lib/sandbox/sanitized.h"
#include "lib/sandbox/spawn.h"
#include "services/runner/huge_text.h"
#include "services/runner/template.h"

enum { PACKET_BYTES = 4096, FENCES_TEXT_BYTES = 256 };

/* The table of host functions as the engine takes it. */
static ol_rc world_open(struct wasm_engine_t *engine, p2_world **ret, ol_err *err)
{
    olw_host_fn functions[OL_HOST_FUNCTIONS];
    for (unsigned i = 0; i < OL_HOST_FUNCTIONS; i++)
        functions[i] = (olw_host_fn){
            .interface = OL_HOST_INTERFACE_NAME[OL_HOST_FUNCTION[i].interface],
            .name = OL_HOST_FUNCTION[i].name,
            .signature = OL_HOST_FUNCTION[i].signature,
        };
    return p2_world_open(engine, functions, OL_HOST_FUNCTIONS, ret, err);
}

/* Everything that runs inherit. No WASI context and no randomness: those belong into the run
 * (Engine 3, fork safety). */
static ol_rc workshop_open(workshop *ret, ol_err *err)
{
    olw_error why = {.trap = OLW_TRAP_NONE};
    workshop shop = {0};
    OL_TRY(ol_seccomp_for_run(&shop.run_filter, err));
    shop.engine = olw_engine_new(0, &why);
    if (shop.engine == NULL)
        return ol_fail(err, OL_ERR_RUNNER, "engine: %s", why.text);
    OL_TRY(world_open(shop.engine, &shop.world, err));
    *ret = shop;
    return OL_OK;
}

static ol_rc fences_close(workshop *shop, ol_fences *ret, ol_err *err)
{
    ol_seccomp filter = {0};
    OL_TRY(ol_seccomp_for_template(&filter, err)); /* before files are gone */
    OL_TRY(workshop_open(shop, err));
    OL_TRY(ol_fences_raise(ret, err));
    ol_rc rc = ol_seccomp_load(&filter, err);
    ol_seccomp_deinit(&filter);
    ret->seccomp = rc == OL_OK;
    return rc;
}

static ol_rc say(ol_fd control, ol_frame_kind kind, ol_bytes payload, ol_err *err)
{
    if (!ol_frame_send_all(control.n, kind, 0, payload, (ol_bytes){NULL, 0}))
        return ol_fail_errno(err, OL_ERR_IO, "control socket");
    return OL_OK;
}

static ol_rc say_hello(ol_fd control, const ol_fences *fences, ol_err *err)
{
    uint8_t storage[FENCES_TEXT_BYTES];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_fences_format(fences, &text);
    return say(control, OL_FRAME_HELLO, ol_buf_bytes(&text), err);
}

static void say_failed(ol_fd control, const ol_err *err)
{
    uint8_t storage[PACKET_BYTES];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const ol_frame_failed failed = {
        .text = ol_err_text(err),
        .note = err->notes > 0 ? ol_str_of(err->note[0]) : OL_STR(""),
    };
    ol_frame_failed_encode(&failed, &words);
    (void)say(control, OL_FRAME_FAILED, ol_buf_bytes(&words), NULL);
}

static void template_fork(const workshop *shop, const ol_frame_load *load, ol_fd *artifact,
                          ol_fd *socket)
{
    pid_t self = getpid();
    if (fork() == 0) {
        if (!ol_die_with_parent(self))
            _exit(EXIT_FAILURE);
        template_serve(shop, load, *artifact, *socket);
    }
    /* A fork that failed shows as a closed socket. */
    ol_fd_deinit(artifact);
    ol_fd_deinit(socket);
}

_Noreturn static void orders_serve(const workshop *shop, ol_fd control)
{
    uint8_t packet[PACKET_BYTES];
    for (;;) {
        int fds[OL_FRAME_DESCRIPTORS_MAX] = {-1, -1};
        size_t count = OL_FRAME_DESCRIPTORS_MAX;
        ol_frame_head head;
        ol_bytes payload;
        ol_frame_load load;
        ssize_t got = ol_frame_receive(control.n, packet, sizeof packet, 0, fds, &count);
        if (got <= 0)
            _exit(EXIT_SUCCESS); /* the supervisor is gone; our children follow us */
        ol_fd artifact = {count > 0 ? fds[0] : -1}, socket = {count > 1 ? fds[1] : -1};
        if (ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload) &&
            head.kind == OL_FRAME_LOAD && count == 2 && ol_frame_load_decode(payload, &load)) {
            template_fork(shop, &load, &artifact, &socket);
        } else {
            ol_fd_deinit(&artifact);
            ol_fd_deinit(&socket);
        }
    }
}

ol_rc zygote_serve(ol_fd control, ol_err *err)
{
    workshop shop = {0};
    ol_fences fences = {0};
    if (!OL_INSTRUMENTED)
        (void)huge_text_move();
    ol_rc rc = fences_close(&shop, &fences, err);
    if (rc != OL_OK) {
        say_failed(control, err);
        return rc;
    }
    (void)signal(SIGCHLD, SIG_IGN); /* templates are reaped by the kernel */
    if (!OL_INSTRUMENTED)
        (void)dup2(STDIN_FILENO, STDERR_FILENO); /* /dev/null: a run has no log to write to */
    (void)malloc_trim(0);                        /* what is dirty here is copied by every run */
    OL_TRY(say_hello(control, &fences, err));
    orders_serve(&shop, control);
}
