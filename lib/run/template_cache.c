/* Which artifact has a template: an LRU. A first run goes cold, because most artifacts that are
 * seen once are not seen again soon; from the second on there is a template, and a busy one gets
 * replicas, because a process forks one child at a time. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/run/internal.h"

enum { PACKET_BYTES = 40 * 1024, USES_BEFORE_REPLICAS = 8 };

/* ---- talking ------------------------------------------------------------------------------- */

ol_rc ol__template_answer(int socket, int64_t deadline_ns, ol_err *err)
{
    static const char nonsense[] = "The runner talks nonsense";
    uint8_t packet[PACKET_BYTES];
    ol_frame_head head;
    ol_bytes payload;
    ol_frame_failed failed;
    int64_t left_ms = (deadline_ns - ol__now_ns()) / 1000000;
    struct pollfd one = {.fd = socket, .events = POLLIN};
    if (poll(&one, 1, left_ms < 0 ? 0 : (int)left_ms) <= 0)
        return ol_fail(err, OL_ERR_RUNNER, "The runner does not answer");
    ssize_t got = ol_frame_receive(socket, packet, sizeof packet, MSG_DONTWAIT, NULL, NULL);
    /* A process that ended without having read our order resets the connection; its words come
     * behind that. */
    if (got < 0 && errno == ECONNRESET)
        got = ol_frame_receive(socket, packet, sizeof packet, MSG_DONTWAIT, NULL, NULL);
    if (got <= 0)
        return ol_fail(err, OL_ERR_RUNNER, "The runner ended while loading");
    if (!ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload))
        return ol_fail(err, OL_ERR_PROTOCOL, nonsense);
    if (head.kind == OL_FRAME_LOADED)
        return OL_OK;
    if (head.kind != OL_FRAME_FAILED || !ol_frame_failed_decode(payload, &failed))
        return ol_fail(err, OL_ERR_PROTOCOL, nonsense);
    (void)ol_fail(err, failed.guest_fault ? OL_ERR_WASM : OL_ERR_RUNNER, "%.*s",
                  OL_FMT(failed.text));
    return failed.note.len == 0 ? err->rc : ol_note(err, "%.*s", OL_FMT(failed.note));
}

ol_rc ol__template_order(ol_runner *runner, const ol_run_job *job, bool once, ol_fd *ret,
                         ol_err *err)
{
    OL_AUTO(ol_fd) ours = OL_FD_NONE;
    OL_AUTO(ol_fd) theirs = OL_FD_NONE;
    uint8_t storage[16];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const ol_frame_load load = {.target = job->target, .once = once};
    OL_TRY(ol_socketpair(SOCK_SEQPACKET, &ours, &theirs, err));
    ol_frame_load_encode(&load, &words);
    const ol_frame_head head = {.kind = OL_FRAME_LOAD, .total = (uint32_t)words.len};
    const int fds[] = {job->artifact_fd, theirs.n};

    (void)pthread_mutex_lock(&runner->lock);
    bool sent = ol_fd_is_open(runner->control) &&
                ol_frame_send(runner->control.n, &head, ol_buf_bytes(&words), fds, OL_COUNT(fds));
    (void)pthread_mutex_unlock(&runner->lock);
    if (!sent)
        return ol_fail(err, OL_ERR_RUNNER, "The runner is not running");
    *ret = ol_fd_take(&ours);
    return OL_OK;
}

/* ---- the list ------------------------------------------------------------------------------ */

static bool in_use(const ol__template *t)
{
    for (size_t i = 0; i < OL__REPLICAS_MAX; i++) {
        if (t->replica[i].users > 0 || t->replica[i].loading)
            return true;
    }
    return false;
}

static void replica_close(ol__replica *r)
{
    if (r->users > 0) {
        r->dead = true;
        return;
    }
    ol_fd_deinit(&r->socket);
    r->dead = false;
}

static void template_close(ol__template *t)
{
    for (size_t i = 0; i < OL__REPLICAS_MAX; i++)
        replica_close(&t->replica[i]);
}

void ol__templates_drop(ol_runner *runner)
{
    for (size_t i = 0; i < OL__TEMPLATES_MAX; i++)
        template_close(&runner->templates[i]);
}

static bool is_of(const ol__template *t, const ol_run_job *job)
{
    return t->id_len == job->artifact_id.len && t->target == job->target &&
           memcmp(t->id, job->artifact_id.data, t->id_len) == 0;
}

/* The entry of this artifact; a new one in place of the one unused for longest; NULL when all are
 * in use. */
static ol__template *entry_find(ol_runner *runner, const ol_run_job *job)
{
    ol__template *oldest = NULL;
    for (size_t i = 0; i < runner->templates_max; i++) {
        ol__template *t = &runner->templates[i];
        if (t->id_len > 0 && is_of(t, job))
            return t;
        if (!in_use(t) && (oldest == NULL || t->last_use < oldest->last_use))
            oldest = t;
    }
    if (oldest == NULL)
        return NULL;
    template_close(oldest);
    *oldest = (ol__template){.id_len = job->artifact_id.len, .target = job->target};
    for (size_t i = 0; i < OL__REPLICAS_MAX; i++)
        oldest->replica[i].socket = OL_FD_NONE;
    memcpy(oldest->id, job->artifact_id.data, job->artifact_id.len);
    return oldest;
}

static bool usable(const ol__replica *r)
{
    return ol_fd_is_open(r->socket) && !r->dead && !r->loading;
}

/* The replica with the fewest runs under way, and a free place for another. */
static ol__replica *replica_pick(ol_runner *runner, ol__template *t, ol__replica **ret_free)
{
    ol__replica *best = NULL;
    bool loading = false;
    *ret_free = NULL;
    for (size_t i = 0; i < runner->replicas_max; i++) {
        ol__replica *r = &t->replica[i];
        loading |= r->loading;
        if (usable(r) && (best == NULL || r->users < best->users))
            best = r;
        else if (!ol_fd_is_open(r->socket) && !r->loading && r->users == 0 && *ret_free == NULL)
            *ret_free = r;
    }
    if (loading)
        *ret_free = NULL; /* one at a time */
    return best;
}

/* What to do for this run, decided under the lock: a replica to use, one to load, or neither. */
static ol__replica *decide(ol_runner *runner, const ol_run_job *job, bool *ret_load)
{
    ol__replica *vacant = NULL;
    *ret_load = false;
    ol__template *t = job->cold ? NULL : entry_find(runner, job);
    if (t == NULL)
        return NULL;
    t->uses++;
    t->last_use = ++runner->uses;
    ol__replica *best = replica_pick(runner, t, &vacant);
    bool first = best == NULL && t->uses > 1;
    bool more = best != NULL && best->users > 0 && t->uses > USES_BEFORE_REPLICAS;
    if (vacant != NULL && (first || more)) {
        *ret_load = true;
        best = vacant;
        best->loading = true;
    }
    if (best != NULL)
        best->users++;
    return best;
}

static void replica_loaded(ol_runner *runner, ol__replica *r, ol_fd *socket, bool good)
{
    (void)pthread_mutex_lock(&runner->lock);
    r->loading = false;
    if (good)
        r->socket = ol_fd_take(socket);
    else
        r->users--;
    (void)pthread_mutex_unlock(&runner->lock);
}

ol_rc ol__place_take(ol_runner *runner, const ol_run_job *job, ol__place *ret, ol_err *err)
{
    bool load;
    OL_AUTO(ol_fd) socket = OL_FD_NONE;
    (void)pthread_mutex_lock(&runner->lock);
    ol__replica *r = decide(runner, job, &load);
    (void)pthread_mutex_unlock(&runner->lock);
    if (r == NULL) {
        OL_TRY(ol__template_order(runner, job, true, &socket, err));
        *ret = (ol__place){NULL, ol_fd_take(&socket)};
        return OL_OK;
    }
    if (load) {
        ol_rc rc = ol__template_order(runner, job, false, &socket, err);
        if (rc == OL_OK)
            rc = ol__template_answer(socket.n,
                                     ol__now_ns() + (int64_t)OL__LOAD_SECONDS * 1000000000, err);
        replica_loaded(runner, r, &socket, rc == OL_OK);
        OL_TRY(rc);
    }
    *ret = (ol__place){r, r->socket}; /* stays open while we are counted as a user */
    return OL_OK;
}

void ol__place_give(ol_runner *runner, ol__place *place, bool broken)
{
    ol__replica *r = place->replica;
    if (r == NULL) {
        ol_fd_deinit(&place->socket);
        return;
    }
    (void)pthread_mutex_lock(&runner->lock);
    r->users--;
    r->dead |= broken;
    if (r->dead)
        replica_close(r);
    (void)pthread_mutex_unlock(&runner->lock);
    *place = (ol__place){NULL, OL_FD_NONE};
}
