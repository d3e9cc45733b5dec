#include "services/worker/delivery.h"

#include "tests/harness/test.h"

#define SECOND UINT64_C(1000000000)

TEST("what waits goes out by payment, and what runs out of time goes first")
{
    const uint64_t now = 1000 * SECOND;
    /* In the order they must leave. */
    const delivery order[] = {
        {.request_id = 9, .payment = 1, .deadline_ns = now - SECOND},       /* over, perhaps */
        {.request_id = 8, .payment = 1, .deadline_ns = now + 5 * SECOND},   /* nearly */
        {.request_id = 1, .payment = 50, .deadline_ns = now + 29 * SECOND}, /* soon */
        {.request_id = 7, .payment = 90, .deadline_ns = now + 110 * SECOND},
        {.request_id = 2, .payment = 80, .deadline_ns = now + 40 * SECOND},
        {.request_id = 5, .payment = 80, .deadline_ns = now + 40 * SECOND},
        {.request_id = 3, .payment = 0, .deadline_ns = now + 31 * SECOND},
    };
    for (size_t i = 0; i < OL_COUNT(order); i++) {
        for (size_t k = 0; k < OL_COUNT(order); k++)
            CHECK_EQ(delivery_goes_before(&order[i], &order[k], now), i < k);
    }
}
