/* Answers to a run: sent at once when the socket takes them, queued otherwise; never blocking. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/run/internal.h"

void ol__run_broken(ol_run *run, const char *note)
{
    if (run->ended == OL_RUN_OK)
        run->ended = OL_RUN_ENGINE_CRASH;
    size_t len = strlen(note);
    if (run->note[0] == '\0' && len < sizeof run->note)
        memcpy(run->note, note, len + 1);
}

/* true: gone; false: the socket is full. A closed socket swallows it: the run has ended. */
static bool packet_send(const ol_run *run, const ol_frame_head *head, ol_bytes piece)
{
    return ol_frame_send(run->socket, head, piece, NULL, 0) ||
           (errno != EAGAIN && errno != EWOULDBLOCK);
}

static void packet_keep(ol_run *run, const ol_frame_head *head, ol_bytes piece)
{
    if (piece.len > OL__QUEUED_BYTES_MAX - run->queued_bytes) {
        ol__run_broken(run, "more answers queued than allowed");
        return;
    }
    ol__packet *packet = malloc(sizeof *packet + piece.len);
    if (packet == NULL) {
        ol__run_broken(run, "out of memory");
        return;
    }
    *packet = (ol__packet){.head = *head, .len = piece.len};
    if (piece.len > 0)
        memcpy(packet->data, piece.data, piece.len);
    if (run->last != NULL)
        run->last->next = packet;
    else
        run->first = packet;
    run->last = packet;
    run->queued_bytes += piece.len;
}

static void packet_drop(ol_run *run)
{
    ol__packet *first = run->first;
    run->first = first->next;
    if (run->first == NULL)
        run->last = NULL;
    run->queued_bytes -= first->len;
    free(first);
}

void ol__run_queue(ol_run *run, ol_frame_kind kind, uint32_t id, ol_bytes payload)
{
    ol_frame_head head = {.kind = kind, .id = id};
    if (run->finished || run->ended != OL_RUN_OK)
        return;
    if (!ol_u32_of(payload.len, &head.total) || payload.len > ol_frame_to_run_bytes_max(kind)) {
        ol__run_broken(run, "an answer larger than its limit");
        return;
    }
    do {
        size_t step =
            payload.len < OL_FRAME_PIECE_BYTES_MAX ? payload.len : (size_t)OL_FRAME_PIECE_BYTES_MAX;
        ol_bytes piece = {payload.data, step};
        if (run->first != NULL || !packet_send(run, &head, piece))
            packet_keep(run, &head, piece);
        if (step > 0)
            payload = (ol_bytes){payload.data + step, payload.len - step};
    } while (payload.len > 0 && run->ended == OL_RUN_OK);
}

void ol__run_flush(ol_run *run)
{
    while (run->first != NULL &&
           packet_send(run, &run->first->head, (ol_bytes){run->first->data, run->first->len}))
        packet_drop(run);
}

void ol__run_queue_free(ol_run *run)
{
    while (run->first != NULL)
        packet_drop(run);
}

/* ---- what hosts call ----------------------------------------------------------------------- */

void ol_run_answer(ol_run *run, uint32_t id, ol_host_fn function, const ol_host_value *values,
                   size_t count)
{
    ol_buf words = ol_buf_new(OL_FRAME_ANSWER_BYTES_MAX);
    if (ol_frame_answer_encode(function, values, count, &words))
        ol__run_queue(run, OL_FRAME_ANSWER, id, ol_buf_bytes(&words));
    else
        ol__run_broken(run, "an answer larger than its limit, or of another shape");
    ol_buf_deinit(&words);
}

void ol_run_http_head(ol_run *run, uint32_t id, const ol_frame_http_head *head)
{
    ol_buf words = ol_buf_new(OL_FRAME_HTTP_HEAD_BYTES_MAX);
    ol_frame_http_head_encode(head, &words);
    if (ol_buf_ok(&words) && head->headers_count <= OL_FRAME_HEADERS_MAX)
        ol__run_queue(run, OL_FRAME_HTTP_HEAD, id, ol_buf_bytes(&words));
    else
        ol__run_broken(run, "a response head larger than its limit");
    ol_buf_deinit(&words);
}

void ol_run_http_piece(ol_run *run, uint32_t id, ol_bytes piece)
{
    OL_ASSERT(piece.len > 0 && piece.len <= OL_FRAME_PIECE_BYTES_MAX);
    ol__run_queue(run, OL_FRAME_HTTP_PIECE, id, piece);
}

void ol_run_http_end(ol_run *run, uint32_t id)
{
    ol__run_queue(run, OL_FRAME_HTTP_END, id, (ol_bytes){NULL, 0});
}

void ol_run_http_error(ol_run *run, uint32_t id, uint8_t code, ol_str text)
{
    ol_buf words = ol_buf_new(OL_FRAME_TEXT_BYTES_MAX);
    const ol_frame_http_error error = {.code = code, .text = text};
    ol_frame_http_error_encode(&error, &words);
    if (ol_buf_ok(&words))
        ol__run_queue(run, OL_FRAME_HTTP_ERROR, id, ol_buf_bytes(&words));
    else
        ol__run_broken(run, "an error text larger than its limit");
    ol_buf_deinit(&words);
}

void ol_run_end(ol_run *run, ol_run_class class, ol_str text)
{
    OL_ASSERT(class >= OL_RUN_CLASSES_OF_RUN && class < OL_RUN_CLASSES);
    if (run->finished || run->ended != OL_RUN_OK)
        return;
    run->ended = class;
    run->ended_text = strndup(text.data == NULL ? "" : text.data, text.len);
}

int64_t ol_run_deadline_ns(const ol_run *run)
{
    return run->deadline_ns;
}
