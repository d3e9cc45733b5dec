/* Packets and messages of job_frames.h: heads, reassembly, sockets. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/proto/job_frames.h"

static bool kind_known(uint8_t kind)
{
    return (kind >= OL_FRAME_HELLO && kind <= OL_FRAME_REAP) ||
           (kind >= OL_FRAME_JOB && kind <= OL_FRAME_HTTP_ERROR) ||
           (kind >= OL_FRAME_CALL && kind <= OL_FRAME_RESULT);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void ol_frame_head_encode(const ol_frame_head *head, uint8_t into[static OL_FRAME_HEAD_BYTES])
{
    memset(into, 0, 4);
    into[0] = (uint8_t)head->kind;
    put_u32(into + 4, head->id);
    put_u32(into + 8, head->total);
}

bool ol_frame_head_decode(ol_bytes packet, ol_frame_head *ret, ol_bytes *ret_piece)
{
    if (packet.len < OL_FRAME_HEAD_BYTES || packet.len > OL_FRAME_PACKET_BYTES_MAX)
        return false;
    const uint8_t *p = packet.data;
    if (!kind_known(p[0]) || p[1] != 0 || p[2] != 0 || p[3] != 0)
        return false;
    ol_frame_head head = {(ol_frame_kind)p[0], get_u32(p + 4), get_u32(p + 8)};
    ol_bytes piece = {p + OL_FRAME_HEAD_BYTES, packet.len - OL_FRAME_HEAD_BYTES};
    if (piece.len > head.total || (piece.len == 0 && head.total > 0))
        return false;
    *ret = head;
    *ret_piece = piece;
    return true;
}

size_t ol_frame_to_run_bytes_max(ol_frame_kind kind)
{
    if (kind == OL_FRAME_JOB)
        return OL_FRAME_JOB_INLINE_BYTES_MAX;
    if (kind == OL_FRAME_JOB_FILE)
        return sizeof(uint64_t);
    if (kind == OL_FRAME_ANSWER)
        return OL_FRAME_ANSWER_BYTES_MAX;
    if (kind == OL_FRAME_HTTP_HEAD)
        return OL_FRAME_HTTP_HEAD_BYTES_MAX;
    if (kind == OL_FRAME_HTTP_PIECE)
        return OL_FRAME_PIECE_BYTES_MAX;
    if (kind == OL_FRAME_HTTP_ERROR)
        return OL_FRAME_TEXT_BYTES_MAX;
    return kind == OL_FRAME_HTTP_END ? 1 : 0;
}

size_t ol_frame_from_run_bytes_max(ol_frame_kind kind, uint64_t stdout_bytes_max)
{
    enum { RESULT_WORDS_BYTES = 128 }; /* numbers and lengths of a result */
    size_t most = 0;
    if (kind == OL_FRAME_CALL)
        return OL_FRAME_CALL_BYTES_MAX;
    if (kind == OL_FRAME_HTTP_OPEN)
        return OL_FRAME_HTTP_HEAD_BYTES_MAX;
    if (kind == OL_FRAME_HTTP_SEND || kind == OL_FRAME_HTTP_LAST)
        return OL_FRAME_PIECE_BYTES_MAX;
    if (kind == OL_FRAME_HTTP_PULL || kind == OL_FRAME_HTTP_DROP)
        return 1;
    if (kind != OL_FRAME_RESULT)
        return 0;
    most = OL_FRAME_TEXT_BYTES_MAX + 2 * OL_FRAME_TAIL_BYTES_MAX + RESULT_WORDS_BYTES;
    return ol_size_add(most, stdout_bytes_max, &most) ? most : SIZE_MAX;
}

/* ---- reassembly ---------------------------------------------------------------------------- */

void ol_frame_reader_deinit(ol_frame_reader *reader)
{
    ol_buf_deinit(&reader->body);
    *reader = (ol_frame_reader){0};
}

static ol_frame_step read_first(ol_frame_reader *reader, const ol_frame_head *head, ol_bytes piece,
                                size_t bytes_max)
{
    if (head->total > bytes_max)
        return OL_FRAME_BROKEN;
    ol_buf_deinit(&reader->body);
    reader->body = ol_buf_new(head->total);
    /* All at once, because a growing buffer would copy; untouched pages cost nothing. */
    if (ol_buf_reserve(&reader->body, head->total) == NULL)
        return OL_FRAME_BROKEN;
    ol_buf_add(&reader->body, piece);
    reader->head = *head;
    reader->partial = true;
    return OL_FRAME_MORE;
}

static bool same_message(const ol_frame_head *a, const ol_frame_head *b)
{
    return a->kind == b->kind && a->id == b->id && a->total == b->total;
}

ol_frame_step ol_frame_read(ol_frame_reader *reader, ol_bytes packet, size_t bytes_max,
                            ol_frame_head *ret_head, ol_bytes *ret_payload)
{
    ol_frame_head head;
    ol_bytes piece;
    if (!ol_frame_head_decode(packet, &head, &piece))
        return OL_FRAME_BROKEN;
    if (!reader->partial) {
        if (bytes_max == 0 || head.total > bytes_max)
            return OL_FRAME_BROKEN;
        if (piece.len < head.total)
            return read_first(reader, &head, piece, bytes_max);
        *ret_head = head;
        *ret_payload = piece;
        return OL_FRAME_MESSAGE;
    }
    if (!same_message(&head, &reader->head) || piece.len > head.total - reader->body.len)
        return OL_FRAME_BROKEN;
    ol_buf_add(&reader->body, piece);
    if (reader->body.len < head.total)
        return OL_FRAME_MORE;
    reader->partial = false;
    *ret_head = head;
    *ret_payload = ol_buf_bytes(&reader->body);
    return OL_FRAME_MESSAGE;
}

/* ---- sockets ------------------------------------------------------------------------------- */

static struct iovec vector(ol_bytes bytes)
{
    return (struct iovec){(void *)(uintptr_t)bytes.data, bytes.len};
}

static bool send_packet(int socket, const ol_frame_head *head, ol_bytes a, ol_bytes b,
                        const int *descriptors, size_t count)
{
    uint8_t words[OL_FRAME_HEAD_BYTES];
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int) * OL_FRAME_DESCRIPTORS_MAX)];
    struct iovec parts[3] = {{words, sizeof words}, vector(a), vector(b)};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = b.len > 0 ? 3 : a.len > 0 ? 2 : 1};

    OL_ASSERT(count <= OL_FRAME_DESCRIPTORS_MAX);
    ol_frame_head_encode(head, words);
    if (count > 0) {
        memset(control, 0, sizeof control);
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(c), descriptors, sizeof(int) * count);
    }
    ssize_t put;
    do
        put = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    return put >= 0; /* a packet goes whole or not at all */
}

bool ol_frame_send(int socket, const ol_frame_head *head, ol_bytes piece, const int *descriptors,
                   size_t count)
{
    return send_packet(socket, head, piece, (ol_bytes){NULL, 0}, descriptors, count);
}

static ol_bytes take(ol_bytes *from, size_t most)
{
    ol_bytes taken = {from->data, from->len < most ? from->len : most};
    if (taken.len > 0)
        *from = (ol_bytes){from->data + taken.len, from->len - taken.len};
    return taken;
}

bool ol_frame_send_all(int socket, ol_frame_kind kind, uint32_t id, ol_bytes first, ol_bytes last)
{
    size_t total;
    ol_frame_head head = {.kind = kind, .id = id};
    if (!ol_size_add(first.len, last.len, &total) || !ol_u32_of(total, &head.total)) {
        errno = EMSGSIZE;
        return false;
    }
    do {
        ol_bytes a = take(&first, OL_FRAME_PIECE_BYTES_MAX);
        ol_bytes b = take(&last, OL_FRAME_PIECE_BYTES_MAX - a.len);
        if (a.len == 0) {
            a = b;
            b.len = 0;
        }
        if (!send_packet(socket, &head, a, b, NULL, 0))
            return false;
    } while (first.len + last.len > 0);
    return true;
}

/* Keeps the descriptors the caller has room for and closes the others. */
static void descriptors_take(struct msghdr *message, int *descriptors, size_t room, size_t *ret)
{
    size_t kept = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (kept < room)
                descriptors[kept++] = fd;
            else
                (void)close(fd);
        }
    }
    *ret = kept;
}

ssize_t ol_frame_receive(int socket, uint8_t *into, size_t size, int flags, int *descriptors,
                         size_t *count)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int) * OL_FRAME_DESCRIPTORS_MAX)];
    struct iovec part = {into, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t room = descriptors == NULL ? 0 : *count;
    /* Without room for descriptors the kernel drops them, and says so by MSG_CTRUNC. */
    if (room > 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    ssize_t got;
    do
        got = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (descriptors != NULL)
        *count = 0;
    if (got < 0)
        return got;
    size_t kept = 0;
    if (room > 0)
        descriptors_take(&message, descriptors, room, &kept);
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        for (size_t i = 0; i < kept; i++)
            (void)close(descriptors[i]);
        errno = EBADMSG;
        return -1;
    }
    if (descriptors != NULL)
        *count = kept;
    return got;
}
