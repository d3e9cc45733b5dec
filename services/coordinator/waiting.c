#include "services/coordinator/waiting.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, HEAP_FIRST = 64 };

typedef struct wait_list {
    waiter *first;
    waiter *last;
} wait_list;

struct waits {
    pthread_mutex_t lock;
    pthread_cond_t wake; /* an earlier deadline came, or the end */
    pthread_t thread;
    const ol_clock *clock;
    waiter_expired *expired;
    void *context;
    waiter **heap; /* earliest deadline first */
    size_t heap_count;
    size_t heap_size;
    wait_list calls[BUCKETS]; /* by call id */
    wait_list polls;
    wait_list systems;
    size_t count[WAIT_KINDS];
    bool closed[WAIT_KINDS];
    bool ending;
};

waiter *waiter_new(ol_web_request *request, wait_kind kind, int64_t deadline_ns)
{
    waiter *one = calloc(1, sizeof *one);
    if (one != NULL)
        *one = (waiter){.request = request, .kind = kind, .deadline_ns = deadline_ns};
    return one;
}

void waiter_free(waiter *one)
{
    if (one == NULL)
        return;
    free(one->wish);
    free(one);
}

/* ---- Heap of deadlines. */

static void heap_set(waits *table, size_t at, waiter *one)
{
    table->heap[at] = one;
    one->heap_at = at;
}

static void heap_up(waits *table, size_t at)
{
    waiter *one = table->heap[at];
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        if (table->heap[parent]->deadline_ns <= one->deadline_ns)
            break;
        heap_set(table, at, table->heap[parent]);
        at = parent;
    }
    heap_set(table, at, one);
}

static void heap_down(waits *table, size_t at)
{
    waiter *one = table->heap[at];
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= table->heap_count)
            break;
        if (child + 1 < table->heap_count &&
            table->heap[child + 1]->deadline_ns < table->heap[child]->deadline_ns)
            child++;
        if (table->heap[child]->deadline_ns >= one->deadline_ns)
            break;
        heap_set(table, at, table->heap[child]);
        at = child;
    }
    heap_set(table, at, one);
}

static bool heap_room(waits *table)
{
    if (table->heap_count < table->heap_size)
        return true;
    if (table->heap_count >= WAITERS_MAX)
        return false;
    size_t size = table->heap_size == 0 ? HEAP_FIRST : table->heap_size * 2;
    waiter **grown = realloc(table->heap, size * sizeof(waiter *));
    if (grown == NULL)
        return false;
    table->heap = grown;
    table->heap_size = size;
    return true;
}

static void heap_remove(waits *table, waiter *one)
{
    size_t at = one->heap_at;
    OL_ASSERT(table->heap[at] == one);
    waiter *last = table->heap[--table->heap_count];
    if (last == one)
        return;
    heap_set(table, at, last);
    heap_up(table, at);
    heap_down(table, last->heap_at);
}

/* ---- Lists. */

static size_t bucket_of(const char *call_id)
{
    uint32_t h = 2166136261u; /* FNV-1a over a random UUID */
    for (const char *c = call_id; *c != 0; c++)
        h = (h ^ (unsigned char)*c) * 16777619u;
    return h % BUCKETS;
}

static wait_list *list_of(waits *table, const waiter *one)
{
    switch (one->kind) {
    case WAIT_CALL:
    case WAIT_LOOK:
        return &table->calls[bucket_of(one->call_id)];
    case WAIT_TASK:
        return &table->polls;
    case WAIT_SYSTEM:
        return &table->systems;
    case WAIT_KINDS:
        break;
    }
    OL_UNREACHABLE();
}

static void list_append(wait_list *list, waiter *one)
{
    one->next = NULL;
    one->prev = list->last;
    if (list->last != NULL)
        list->last->next = one;
    else
        list->first = one;
    list->last = one;
}

static void list_remove(wait_list *list, waiter *one)
{
    if (one->prev != NULL)
        one->prev->next = one->next;
    else
        list->first = one->next;
    if (one->next != NULL)
        one->next->prev = one->prev;
    else
        list->last = one->prev;
    one->next = one->prev = NULL;
}

static void take(waits *table, waiter *one)
{
    list_remove(list_of(table, one), one);
    heap_remove(table, one);
    table->count[one->kind]--;
}

/* ---- The table. */

bool waits_put(waits *table, waiter *one)
{
    pthread_mutex_lock(&table->lock);
    bool room = !table->closed[one->kind] && heap_room(table);
    if (room) {
        list_append(list_of(table, one), one);
        table->heap[table->heap_count] = one;
        heap_up(table, table->heap_count++);
        table->count[one->kind]++;
        if (one->heap_at == 0)
            pthread_cond_signal(&table->wake);
    }
    pthread_mutex_unlock(&table->lock);
    return room;
}

waiter *waits_take_call(waits *table, ol_str call_id)
{
    char id[CALL_ID_LEN + 1];
    waiter *taken = NULL;
    if (call_id.len != CALL_ID_LEN)
        return NULL;
    memcpy(id, call_id.data, CALL_ID_LEN);
    id[CALL_ID_LEN] = 0;
    pthread_mutex_lock(&table->lock);
    for (waiter *at = table->calls[bucket_of(id)].first; at != NULL;) {
        waiter *next = at->next;
        if (strcmp(at->call_id, id) == 0) {
            take(table, at);
            at->next = taken;
            taken = at;
        }
        at = next;
    }
    pthread_mutex_unlock(&table->lock);
    return taken;
}

waiter *waits_take_poll(waits *table, unsigned queues)
{
    pthread_mutex_lock(&table->lock);
    waiter *at = table->polls.first;
    while (at != NULL && (at->wish->queues & queues) == 0)
        at = at->next;
    if (at != NULL)
        take(table, at);
    pthread_mutex_unlock(&table->lock);
    return at;
}

waiter *waits_take_system(waits *table)
{
    pthread_mutex_lock(&table->lock);
    waiter *at = table->systems.first;
    if (at != NULL)
        take(table, at);
    pthread_mutex_unlock(&table->lock);
    return at;
}

waiter *waits_take_all(waits *table, wait_kind kind, bool close)
{
    waiter *taken = NULL;
    pthread_mutex_lock(&table->lock);
    table->closed[kind] |= close;
    for (size_t i = table->heap_count; i-- > 0;) {
        waiter *at = table->heap[i];
        if (at->kind != kind)
            continue;
        take(table, at);
        at->next = taken;
        taken = at;
        i = table->heap_count; /* the heap has moved: from the end again */
    }
    pthread_mutex_unlock(&table->lock);
    return taken;
}

size_t waits_count(waits *table, wait_kind kind)
{
    pthread_mutex_lock(&table->lock);
    size_t count = table->count[kind];
    pthread_mutex_unlock(&table->lock);
    return count;
}

/* ---- Deadlines. */

static void sleep_until(waits *table)
{
    if (table->heap_count == 0) {
        (void)pthread_cond_wait(&table->wake, &table->lock);
        return;
    }
    /* Relative to the clock given, so that a test's clock may stand still. */
    int64_t left = table->heap[0]->deadline_ns - ol_mono_ns(table->clock);
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t at = (int64_t)until.tv_sec * 1000000000 + until.tv_nsec + (left > 0 ? left : 0);
    until.tv_sec = (time_t)(at / 1000000000);
    until.tv_nsec = (long)(at % 1000000000);
    (void)pthread_cond_timedwait(&table->wake, &table->lock, &until);
}

static void *run(void *argument)
{
    waits *table = argument;
    pthread_mutex_lock(&table->lock);
    while (!table->ending) {
        if (table->heap_count > 0 && table->heap[0]->deadline_ns <= ol_mono_ns(table->clock)) {
            waiter *late = table->heap[0];
            take(table, late);
            pthread_mutex_unlock(&table->lock);
            table->expired(table->context, late);
            pthread_mutex_lock(&table->lock);
        } else {
            sleep_until(table);
        }
    }
    pthread_mutex_unlock(&table->lock);
    return NULL;
}

ol_rc waits_new(const ol_clock *clock, waiter_expired *expired, void *context, waits **ret,
                ol_err *err)
{
    pthread_condattr_t attributes;
    waits *table = calloc(1, sizeof *table);
    if (table == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    table->clock = clock;
    table->expired = expired;
    table->context = context;
    pthread_mutex_init(&table->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&table->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&table->thread, NULL, run, table) != 0) {
        pthread_cond_destroy(&table->wake);
        pthread_mutex_destroy(&table->lock);
        free(table);
        return ol_fail(err, OL_ERR_ENVIRONMENT, "no thread for deadlines");
    }
    *ret = table;
    return OL_OK;
}

void waits_free(waits *table)
{
    if (table == NULL)
        return;
    pthread_mutex_lock(&table->lock);
    OL_ASSERT(table->heap_count == 0);
    table->ending = true;
    pthread_cond_signal(&table->wake);
    pthread_mutex_unlock(&table->lock);
    (void)pthread_join(table->thread, NULL);
    pthread_cond_destroy(&table->wake);
    pthread_mutex_destroy(&table->lock);
    free(table->heap);
    free(table);
}
