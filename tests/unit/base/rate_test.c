#include "lib/base/rate.h"

#include "tests/harness/test.h"

static ol_rate_key key(uint64_t who, uint32_t group)
{
    return (ol_rate_key){{who, who >> 1}, group};
}

TEST("a rate counts to its limit for a minute from the first, then anew")
{
    ol_rates rates = {0};
    for (int minute = 0; minute < 3; minute++) {
        int64_t from = 1000 + minute * 60000;
        for (int i = 0; i < 3; i++)
            CHECK(ol_rate_pass(&rates, key(7, 1), 3, from + i));
        CHECK(!ol_rate_pass(&rates, key(7, 1), 3, from + 59999));
    }
    ol_rates_deinit(&rates);
}

TEST("keys and groups are counted apart, and no limit counts nothing")
{
    ol_rates rates = {0};
    CHECK(ol_rate_pass(&rates, key(7, 1), 1, 0));
    CHECK(ol_rate_pass(&rates, key(8, 1), 1, 0));
    CHECK(ol_rate_pass(&rates, key(7, 2), 1, 0));
    CHECK(!ol_rate_pass(&rates, key(7, 1), 1, 0));
    CHECK(ol_rate_pass(&rates, key(7, 1), 0, 0));
    ol_rates_deinit(&rates);
}

TEST("memory is bounded: beyond it keys share a counter, known ones keep theirs")
{
    enum { KEYS = OL_RATE_KEYS_MAX * 3 };
    ol_rates rates = {0};
    unsigned passed = 0;
    for (uint64_t who = 1; who <= KEYS; who++)
        passed += ol_rate_pass(&rates, key(who, 1), 2, 0);
    CHECK(rates.size <= (size_t)OL_RATE_KEYS_MAX * 2);
    CHECK(rates.used <= OL_RATE_KEYS_MAX);
    CHECK_EQ(passed, rates.used + 2); /* two of the strangers */
    CHECK(ol_rate_pass(&rates, key(1, 1), 2, 0));
    CHECK(!ol_rate_pass(&rates, key(1, 1), 2, 0));
    /* A minute later the table is anybody's again. */
    passed = 0;
    for (uint64_t who = 1; who <= 1000; who++)
        passed += ol_rate_pass(&rates, key(who + KEYS, 1), 2, 61000);
    CHECK_EQ(passed, 1000);
    ol_rates_deinit(&rates);
}
