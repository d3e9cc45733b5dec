/* One run from order to result. The guest's process is hostile: it may send anything, in any
 * order, or nothing. What it cannot do is outlive its deadline. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/run/internal.h"
#include "lib/sandbox/pidfd.h"
#include "lib/sandbox/sealed_memfd.h"

/* More than the variables, arguments and refusals of nearly all jobs. */
enum { WORDS_BYTES = 64 * 1024 };

enum { ATTEMPTS = 3, CPU_SECONDS_BEYOND = 2, ZYGOTE_WAIT_MS = 5000 };

/* ---- frames from the run ------------------------------------------------------------------- */

static void call_take(ol_run *run, uint32_t id, ol_bytes payload)
{
    ol_host_fn function;
    size_t count;
    if (!ol_frame_call_decode(payload, &function, run->values, &count))
        ol__run_broken(run, "a malformed host call");
    else if (run->host == NULL || run->host->call == NULL)
        ol__run_broken(run, "a host call that nobody serves");
    else
        run->host->call(run->host->env, run, id, function, run->values, count);
}

static void http_take(ol_run *run, const ol_frame_head *head, ol_bytes payload)
{
    const ol_run_host *host = run->host;
    if (!run->job->frame.http || host == NULL || host->http_open == NULL ||
        host->http_send == NULL || host->http_pull == NULL || host->http_drop == NULL) {
        ol__run_broken(run, "outgoing HTTP that nobody serves");
        return;
    }
    ol_frame_http_open open;
    if (head->kind == OL_FRAME_HTTP_SEND || head->kind == OL_FRAME_HTTP_LAST)
        host->http_send(host->env, run, head->id, payload, head->kind == OL_FRAME_HTTP_LAST);
    else if (head->kind == OL_FRAME_HTTP_PULL)
        host->http_pull(host->env, run, head->id);
    else if (head->kind == OL_FRAME_HTTP_DROP)
        host->http_drop(host->env, run, head->id);
    else if (ol_frame_http_open_decode(payload, run->headers, &open))
        host->http_open(host->env, run, head->id, &open);
    else
        ol__run_broken(run, "a malformed HTTP request");
}

/* Could an honest run with these limits say this? */
static bool plausible(const ol_frame_job *job, const ol_frame_result *r)
{
    bool ok = r->class == OL_RUN_OK;
    return r->instructions <= job->instructions && r->memory_bytes_peak <= job->memory_bytes &&
           ok == (r->text.len == 0) &&
           r->output.len <= (ok ? job->stdout_bytes_max : (uint64_t)OL_FRAME_TAIL_BYTES_MAX) &&
           r->errors.len <= job->stderr_bytes_max;
}

static void result_take(ol_run *run, ol_bytes payload)
{
    if (ol_frame_result_decode(payload, &run->result) &&
        plausible(&run->job->frame, &run->result)) {
        run->has_result = true;
        run->finished = true;
        return;
    }
    ol__run_broken(run, "a malformed result");
}

static void message_take(ol_run *run, const ol_frame_head *head, ol_bytes payload)
{
    run->heard = true;
    if (head->kind == OL_FRAME_RESULT)
        result_take(run, payload);
    else if (head->kind == OL_FRAME_CALL)
        call_take(run, head->id, payload);
    else
        http_take(run, head, payload); /* the reader lets no other kind through */
}

/* All packets that are there, until there is a result. */
static void packets_take(ol_run *run)
{
    while (!run->finished && run->ended == OL_RUN_OK) {
        ol_frame_head head;
        ol_bytes payload, piece;
        ssize_t got = ol_frame_receive(run->socket, run->packet, OL_FRAME_PACKET_BYTES_MAX,
                                       MSG_DONTWAIT, NULL, NULL);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got < 0 && errno == EBADMSG) {
            ol__run_broken(run, "a packet too long, or with descriptors");
            return;
        }
        if (got <= 0) {
            run->gone = run->finished = true;
            return;
        }
        ol_bytes packet = {run->packet, (size_t)got};
        ol_frame_step step = OL_FRAME_BROKEN;
        if (ol_frame_head_decode(packet, &head, &piece))
            step = ol_frame_read(
                &run->reader, packet,
                ol_frame_from_run_bytes_max(head.kind, run->job->frame.stdout_bytes_max), &head,
                &payload);
        if (step == OL_FRAME_BROKEN)
            ol__run_broken(run, "a malformed packet");
        else if (step == OL_FRAME_MESSAGE)
            message_take(run, &head, payload);
    }
}

/* ---- waiting ------------------------------------------------------------------------------- */

static void wait_once(ol_run *run)
{
    struct pollfd fds[1 + OL_RUN_POLL_MAX];
    const ol_run_host *host = run->host;
    int64_t wake_ns = run->deadline_ns;
    size_t count = 0;
    if (host != NULL && host->poll_add != NULL)
        count = host->poll_add(host->env, fds + 1, OL_RUN_POLL_MAX, &wake_ns);
    fds[0] = (struct pollfd){.fd = run->socket,
                             .events = (short)(POLLIN | (run->first != NULL ? POLLOUT : 0))};
    int64_t left_ns = (wake_ns < run->deadline_ns ? wake_ns : run->deadline_ns) - ol__now_ns();
    struct timespec wait = {0};
    if (left_ns > 0)
        wait = (struct timespec){left_ns / 1000000000, left_ns % 1000000000};
    int n = ppoll(fds, 1 + count, &wait, NULL);
    if (n < 0 && errno != EINTR) {
        ol__run_broken(run, "poll failed");
        return;
    }
    if (n < 0)
        return;
    if ((fds[0].revents & POLLOUT) != 0)
        ol__run_flush(run);
    if ((fds[0].revents & ~POLLOUT) != 0)
        packets_take(run);
    if (host != NULL && host->poll_done != NULL && !run->finished)
        host->poll_done(host->env, run, fds + 1, count);
}

/* Until there is a result, a dead process, an end decided by the host, or no time left. */
static void conversation(ol_run *run)
{
    packets_take(run);
    while (!run->finished && run->ended == OL_RUN_OK) {
        if (ol__now_ns() >= run->deadline_ns) {
            run->ended = OL_RUN_TIMEOUT;
            return;
        }
        wait_once(run);
    }
}

/* ---- results ------------------------------------------------------------------------------- */

static const struct {
    ol_run_class class;
    const char *text;
} SUPERVISOR_TEXTS[] = {
    {OL_RUN_OOM_KILLED, "WASM execution failed: the process ran out of memory"},
    {OL_RUN_ENGINE_CRASH, "WASM execution failed: the process ended unexpectedly"},
};

/* Worker 7.2, timeout. */
static void text_fill(const ol_run *run, ol_run_class class, ol_buf *text)
{
    if (run->ended_text != NULL) {
        ol_buf_add_str(text, ol_str_of(run->ended_text));
        return;
    }
    if (class == OL_RUN_TIMEOUT) {
        ol_buf_addf(text,
                    "WASM execution timed out after %u seconds (penalty). Full execution cost is "
                    "charged with no refund (consumed %" PRIu64 " instructions)",
                    run->job->seconds, run->job->frame.instructions);
        return;
    }
    OL_EACH (row, SUPERVISOR_TEXTS) {
        if (row->class == class)
            ol_buf_add_str(text, ol_str_of(row->text));
    }
}

/* What ran has a result, even when there is no memory for its parts. */
#define NO_MEMORY_TEXT "WASM execution failed: no memory for the result"

/* One allocation for all three parts. */
static ol_rc parts_copy(ol_run_result *r, ol_str text, ol_bytes errors, ol_bytes output,
                        ol_err *err)
{
    r->storage = malloc(text.len + errors.len + output.len + 1);
    if (r->storage == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    uint8_t *at = r->storage;
    const ol_bytes parts[] = {ol_str_bytes(text), errors, output};
    OL_EACH (part, parts) {
        if (part->len > 0)
            memcpy(at, part->data, part->len);
        at += part->len;
    }
    r->text = (ol_str){(const char *)r->storage, text.len};
    r->errors = (ol_bytes){r->storage + text.len, errors.len};
    r->output = (ol_bytes){r->storage + text.len + errors.len, output.len};
    return OL_OK;
}

/* A large result came in several packets and lies in the reader: it moves out, uncopied. */
static bool parts_take(ol_run *run, ol_run_result *r)
{
    const ol_buf *body = &run->reader.body;
    const uint8_t *output = run->result.output.data;
    size_t unused;
    if (body->data == NULL || output < body->data || output > body->data + body->len)
        return false;
    r->text = run->result.text;
    r->errors = run->result.errors;
    r->output = run->result.output;
    r->storage = ol_buf_take(&run->reader.body, &unused);
    return true;
}

static void result_of_guest(ol_run *run, ol_run_result *ret)
{
    const ol_frame_result *from = &run->result;
    ol_run_result r = {
        .class = from->class,
        .exit_code = from->exit_code,
        .trap = from->trap,
        .instructions = from->instructions,
        .instructions_exact = from->instructions_exact,
        .memory_bytes_peak = from->memory_bytes_peak,
        .stdout_bytes = from->stdout_bytes,
        .stderr_bytes = from->stderr_bytes,
        .stderr_cut = from->stderr_cut,
    };
    if (!parts_take(run, &r) &&
        parts_copy(&r, from->text, from->errors, from->output, NULL) != OL_OK) {
        r.class = OL_RUN_ENGINE_CRASH;
        r.text = OL_STR(NO_MEMORY_TEXT);
    }
    *ret = r;
}

/* A process that died by itself: memory shows as SIGKILL that we did not send. */
static ol_run_class class_of_death(const ol__process *process)
{
    int status = (int)process->exit.wait_status;
    if (process->exited && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return OL_RUN_ENGINE_CRASH; /* the kernel's or a person's: not ours to tell apart */
    if (process->exited && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return OL_RUN_TIMEOUT;
    return OL_RUN_ENGINE_CRASH;
}

static void note_fill(ol_run_result *r, const ol_run *run, const ol__process *process)
{
    int status = (int)process->exit.wait_status;
    if (run->note[0] != '\0')
        (void)snprintf(r->note, sizeof r->note, "%s", run->note);
    else if (!process->exited)
        (void)snprintf(r->note, sizeof r->note, "no wait status");
    else if (WIFSIGNALED(status))
        (void)snprintf(r->note, sizeof r->note, "signal %d", WTERMSIG(status));
    else
        (void)snprintf(r->note, sizeof r->note, "exit status %d", WEXITSTATUS(status));
}

static void result_without_guest(const ol_run *run, const ol__process *process, ol_run_result *ret)
{
    uint8_t storage[OL_ERR_TEXT_BYTES];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_run_class class = run->ended != OL_RUN_OK ? run->ended : class_of_death(process);
    bool penalty = class == OL_RUN_TIMEOUT || class == OL_RUN_EGRESS_PENALTY;
    ol_run_result r = {
        .class = class, .trap = -1, .instructions = penalty ? run->job->frame.instructions : 0};
    text_fill(run, class, &text);
    if (parts_copy(&r, ol_buf_str(&text), (ol_bytes){NULL, 0}, (ol_bytes){NULL, 0}, NULL) != OL_OK)
        r.text = OL_STR(NO_MEMORY_TEXT);
    note_fill(&r, run, process);
    *ret = r;
}

/* A guest that could not be loaded is a result, too. */
static ol_rc result_of_refusal(const ol_err *why, ol_run_result *ret, ol_err *err)
{
    ol_run_result r = {.class = OL_RUN_LOAD_ERROR, .trap = -1, .instructions_exact = true};
    OL_TRY(parts_copy(&r, ol_err_text(why), (ol_bytes){NULL, 0}, (ol_bytes){NULL, 0}, err));
    if (why->notes > 0)
        (void)snprintf(r.note, sizeof r.note, "%.150s", why->note[0]);
    *ret = r;
    return OL_OK;
}

void ol_run_result_deinit(ol_run_result *result)
{
    free(result->storage);
    *result = (ol_run_result){0};
}

/* ---- starting and ending ------------------------------------------------------------------- */

/* The job waits in the socket before the process exists: no round trip. */
static ol_rc job_send(int socket, const ol_run_job *job, ol_err *err)
{
    ol_buf words = ol_buf_new(OL_FRAME_JOB_BYTES_MAX);
    OL_AUTO(ol_fd) file = OL_FD_NONE;
    ol_frame_job frame = job->frame;
    ol_rc rc = OL_OK;
    if (frame.cpu_seconds == 0)
        frame.cpu_seconds = job->seconds + CPU_SECONDS_BEYOND;
    (void)ol_buf_reserve(&words, WORDS_BYTES); /* a buffer that grows leaves its old bytes behind */
    ol_frame_job_encode(&frame, &words);
    size_t total = 0;
    bool fits = ol_buf_ok(&words) && ol_size_add(words.len, frame.input.len, &total) &&
                total <= OL_FRAME_JOB_BYTES_MAX;
    if (!fits) {
        rc = ol_fail(err, OL_ERR_LIMIT, "Job too large");
    } else if (total <= OL_FRAME_JOB_INLINE_BYTES_MAX) {
        if (!ol_frame_send_all(socket, OL_FRAME_JOB, 0, ol_buf_bytes(&words), frame.input))
            rc = ol_fail_errno(err, OL_ERR_IO, "job socket");
    } else {
        rc = ol_sealed_memfd("job", ol_buf_bytes(&words), frame.input, &file, err);
        uint8_t storage[8];
        ol_buf size = ol_buf_over(storage, sizeof storage);
        ol_frame_run_encode(total, &size);
        const ol_frame_head head = {.kind = OL_FRAME_JOB_FILE, .total = (uint32_t)size.len};
        if (rc == OL_OK && !ol_frame_send(socket, &head, ol_buf_bytes(&size), &file.n, 1))
            rc = ol_fail_errno(err, OL_ERR_IO, "job socket");
    }
    if (words.len > 0)
        explicit_bzero(words.data, words.len); /* variables may be secrets */
    ol_buf_deinit(&words);
    return rc;
}

static bool order_send(int socket, uint64_t run, ol_fd job_socket, const ol__lane *lane)
{
    uint8_t storage[16];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const int fds[] = {job_socket.n, lane->theirs.n};
    ol_frame_run_encode(run, &words);
    const ol_frame_head head = {.kind = OL_FRAME_RUN, .total = (uint32_t)words.len};
    return ol_frame_send(socket, &head, ol_buf_bytes(&words), fds, OL_COUNT(fds));
}

/* Templates reap when they have something else to do; now we wait for it. */
static void reap_ask(const ol__place *place, uint64_t number)
{
    const ol_frame_head head = {.kind = OL_FRAME_REAP, .id = (uint32_t)number};
    (void)ol_frame_send(place->socket.n, &head, (ol_bytes){NULL, 0}, NULL, 0);
}

/* Nothing of the run is left afterwards, whatever it tried. How it ended is told by its template;
 * a cold run has none. */
static void process_end(ol_run *run, const ol__place *place, const ol__lane *lane, uint64_t number,
                        ol__process *process)
{
    int64_t deadline_ns = ol__now_ns() + (int64_t)OL__REAP_MS * 1000000;
    bool tidy = run->has_result && run->job->want_usage; /* ends by itself, and we look */
    bool dead = run->gone && run->ended == OL_RUN_OK;    /* or says so by closing its socket */
    ol__lane_read(lane, place->socket.n, number, false, deadline_ns, process);
    if (process->started && !dead && !tidy)
        ol_pidfd_kill(process->pidfd);
    if ((!run->has_result || tidy) && place->replica != NULL) {
        reap_ask(place, number);
        ol__lane_read(lane, place->socket.n, number, true, deadline_ns, process);
    } else if (!run->has_result && process->started) {
        (void)ol_pidfd_ended(process->pidfd, deadline_ns);
    }
    if (process->started && !process->exited && (dead || tidy))
        ol_pidfd_kill(process->pidfd);
    ol_fd_deinit(&process->pidfd);
}

/* ---- lanes --------------------------------------------------------------------------------- */

static ol_rc lane_take(ol_runner *runner, ol__lane *ret, uint64_t *ret_number, ol_err *err)
{
    bool have = false;
    (void)pthread_mutex_lock(&runner->lock);
    *ret_number = ++runner->runs;
    if (runner->lanes_count > 0) {
        *ret = runner->lanes[--runner->lanes_count];
        have = true;
    }
    (void)pthread_mutex_unlock(&runner->lock);
    return have ? OL_OK : ol__lane_open(ret, err);
}

static void lane_give(ol_runner *runner, ol__lane *lane)
{
    (void)pthread_mutex_lock(&runner->lock);
    if (runner->lanes_count < OL__LANES_MAX) {
        runner->lanes[runner->lanes_count++] = *lane;
        *lane = (ol__lane){OL_FD_NONE, OL_FD_NONE};
    }
    (void)pthread_mutex_unlock(&runner->lock);
    ol__lane_close(lane);
}

/* ---- one attempt --------------------------------------------------------------------------- */

typedef enum attempt { ATTEMPT_DONE, ATTEMPT_AGAIN } attempt;

static ol_rc run_memory(ol_run *run, ol_err *err)
{
    run->packet = malloc(OL_FRAME_PACKET_BYTES_MAX);
    run->values = malloc(sizeof(ol_host_value) * OL_HOST_VALUES_MAX);
    run->headers = malloc(sizeof(ol_frame_pair) * OL_FRAME_HEADERS_MAX);
    if (run->packet == NULL || run->values == NULL || run->headers == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    return OL_OK;
}

static void ol__run_free_deinit(ol_run *run)
{
    ol__run_queue_free(run);
    ol_frame_reader_deinit(&run->reader);
    free(run->packet);
    free(run->values);
    free(run->headers);
    free(run->ended_text);
}

/* A cold process says FAILED instead of running. */
static bool refused(const ol__place *place, const ol_run *run, ol_err *why)
{
    return place->replica == NULL && run->gone && !run->heard &&
           ol__template_answer(place->socket.n, 0, why) == OL_ERR_WASM;
}

static ol_rc attempt_run(ol_runner *runner, const ol_run_job *job, const ol_run_host *host,
                         ol__place *place, const ol__lane *lane, uint64_t number,
                         attempt *ret_attempt, ol_run_result *ret, ol_err *err)
{
    OL_AUTO(ol_fd) ours = OL_FD_NONE;
    OL_AUTO(ol_fd) theirs = OL_FD_NONE;
    ol__process process = {.pidfd = OL_FD_NONE};
    ol_err why = {0};
    (void)runner;
    OL_TRY(ol_socketpair(SOCK_SEQPACKET, &ours, &theirs, err));
    if (fcntl(ours.n, F_SETFL, O_NONBLOCK) != 0) /* a run that does not read must not hold us */
        return ol_fail_errno(err, OL_ERR_IO, "job socket");
    ol_run run = {.job = job, .host = host, .socket = ours.n, .ended = OL_RUN_OK};
    ol_rc rc = run_memory(&run, err);
    if (rc == OL_OK)
        rc = job_send(ours.n, job, err);
    if (rc == OL_OK) {
        run.started_ns = ol__now_ns();
        run.deadline_ns = run.started_ns + (int64_t)job->seconds * 1000000000;
        bool sent = order_send(place->socket.n, number, theirs, lane);
        ol_fd_deinit(&theirs);
        if (sent)
            conversation(&run);
        else
            run.gone = true;
        int64_t duration_ns = ol__now_ns() - run.started_ns;
        if (refused(place, &run, &why)) {
            rc = result_of_refusal(&why, ret, err);
        } else {
            if (sent)
                process_end(&run, place, lane, number, &process);
            *ret_attempt =
                run.gone && !run.heard && !process.started ? ATTEMPT_AGAIN : ATTEMPT_DONE;
            if (run.has_result)
                result_of_guest(&run, ret);
            else
                result_without_guest(&run, &process, ret);
        }
        if (rc == OL_OK) {
            ret->duration_ns = duration_ns;
            ret->cpu_us = process.exit.cpu_us;
            ret->max_rss_kib = process.exit.max_rss_kib;
            ret->minor_faults = process.exit.minor_faults;
        }
    }
    ol__run_free_deinit(&run);
    return rc;
}

/* Waits a while for a zygote that is being started again. */
static bool zygote_wait(ol_runner *runner)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ZYGOTE_WAIT_MS / 1000;
    (void)pthread_mutex_lock(&runner->lock);
    while (!ol_fd_is_open(runner->control) &&
           pthread_cond_timedwait(&runner->changed, &runner->lock, &until) == 0) {
    }
    bool there = ol_fd_is_open(runner->control);
    (void)pthread_mutex_unlock(&runner->lock);
    return there;
}

static ol_rc job_check(const ol_run_job *job, ol_err *err)
{
    if (job->artifact_id.len == 0 || job->artifact_id.len > OL_RUNNER_ARTIFACT_ID_BYTES_MAX ||
        job->seconds == 0 || job->frame.variables_count > OL_FRAME_VARIABLES_MAX ||
        job->frame.refusals_count > OL_HOST_INTERFACES)
        return ol_fail(err, OL_ERR_LIMIT, "Job beyond its limits");
    if (!ol_memfd_is_sealed(job->artifact_fd))
        return ol_fail(err, OL_ERR_INVALID, "The artifact is not sealed");
    return OL_OK;
}

/* A template or zygote that died before anything was heard of the guest's process is tried again
 * elsewhere. A guest that has been reported, or has asked for anything, is never run twice. */
ol_rc ol_run_execute(ol_runner *runner, const ol_run_job *job, const ol_run_host *host,
                     ol_run_result *ret, ol_err *err)
{
    OL_TRY(job_check(job, err));
    for (int i = 1;; i++) {
        ol__place place;
        ol__lane lane;
        uint64_t number;
        attempt again = ATTEMPT_DONE;
        ol_err why = {0};
        ol_rc rc = ol__place_take(runner, job, &place, &why);
        if (rc == OL_ERR_WASM)
            return result_of_refusal(&why, ret, err);
        if (rc == OL_ERR_RUNNER && i < ATTEMPTS && zygote_wait(runner))
            continue;
        if (rc != OL_OK) {
            if (err != NULL)
                *err = why;
            return rc;
        }
        rc = lane_take(runner, &lane, &number, err);
        if (rc == OL_OK) {
            rc = attempt_run(runner, job, host, &place, &lane, number, &again, ret, err);
            lane_give(runner, &lane);
        }
        ol__place_give(runner, &place, again == ATTEMPT_AGAIN);
        if (rc != OL_OK || again == ATTEMPT_DONE || i == ATTEMPTS)
            return rc;
        ol_run_result_deinit(ret);
        (void)zygote_wait(runner);
    }
}
