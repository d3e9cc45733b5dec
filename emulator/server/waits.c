#include "emulator/server/waits.h"

bool waits_add(waits *it, waiter *one)
{
    if (it->count == WAITS_MAX)
        return false;
    one->next = it->first;
    it->first = one;
    it->count++;
    return true;
}

/* The waiter must be out of the list before it is tried: answering ends the memory it lies in. */
static void try_each(struct localnet *net, waits *it, int64_t late_before_ns, bool only_late)
{
    waiter **at = &it->first;
    while (*at != NULL) {
        waiter *one = *at;
        waiter *next = one->next;
        bool late = one->deadline_ns <= late_before_ns || ol_web_peer_gone(one->request);
        if ((only_late && !late) || !one->try_now(net, one, late)) {
            at = &one->next;
            continue;
        }
        *at = next;
        it->count--;
    }
}

void waits_try_all(struct localnet *net, waits *it)
{
    try_each(net, it, -1, false);
}

void waits_expire(struct localnet *net, waits *it, int64_t now_ns, bool all)
{
    try_each(net, it, all ? INT64_MAX : now_ns, true);
}

int64_t waits_next_ns(const waits *it)
{
    int64_t earliest = -1;
    for (const waiter *one = it->first; one != NULL; one = one->next) {
        if (earliest < 0 || one->deadline_ns < earliest)
            earliest = one->deadline_ns;
    }
    return earliest;
}
