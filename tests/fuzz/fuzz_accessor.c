/* Which secret is meant: the owner up to the first line feed, the profile up to the next, then
 * JSON. What is taken reads the same from both of its forms, has one seed, and that is a seed of
 * secrets.
 */
#include "lib/secrets/accessor.h"
#include "lib/secrets/master.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 4 * 1024 * 1024 };

typedef void add_fn(ol_json_writer *w, const ol_accessor *accessor);

static bool same(const ol_accessor *a, const ol_accessor *b)
{
    return a->kind == b->kind && ol_str_eq(a->name, b->name) &&
           (a->branch.data == NULL) == (b->branch.data == NULL) && ol_str_eq(a->branch, b->branch);
}

static void check_form(const ol_accessor *accessor, add_fn *add, ol_arena *arena)
{
    ol_json root;
    ol_accessor again;
    ol_buf text = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&text);
    add(&w, accessor);
    ol_rc parsed = ol_json_parse(ol_buf_str(&text), &root, NULL);
    OL_ASSERT(ol_buf_ok(&text) && parsed == OL_OK);
    ol_rc rc = ol_accessor_parse(&root, arena, &again, NULL);
    OL_ASSERT(rc == OL_OK && same(accessor, &again));
    ol_buf_deinit(&text);
}

static void check_seed(const ol_accessor *accessor, ol_str owner, ol_str profile, ol_arena *arena)
{
    ol_str seed;
    ol_str again;
    if (ol_accessor_seed(accessor, owner, profile, arena, &seed, NULL) != OL_OK)
        return;
    ol_rc rc = ol_accessor_seed(accessor, owner, profile, arena, &again, NULL);
    OL_ASSERT(rc == OL_OK && ol_str_eq(seed, again) && seed.len <= OL_SEED_BYTES_MAX);
    OL_ASSERT(ol_seed_is_of_payment_key(seed) == (accessor->kind == OL_ACCESSOR_PAYMENT_KEY));
    /* Keys of another use are never an accessor's. */
    OL_ASSERT(!ol_str_starts(seed, OL_STR("storage:")) && !ol_str_starts(seed, OL_STR("wallet:")) &&
              !ol_str_starts(seed, OL_STR("wallet-policy:")) &&
              !ol_str_eq(seed, OL_STR("vrf-key")) && !ol_str_eq(seed, OL_STR("pubkey-attest")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_str rest = {(const char *)data, size};
    ol_str owner;
    ol_str profile;
    ol_json root;
    ol_accessor accessor;
    if (!ol_str_cut(rest, '\n', &owner, &rest) || !ol_str_cut(rest, '\n', &profile, &rest))
        return 0;
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    if (ol_json_parse(rest, &root, NULL) != OL_OK ||
        ol_accessor_parse(&root, &arena, &accessor, NULL) != OL_OK)
        return 0;
    check_form(&accessor, ol_accessor_add_contract, &arena);
    check_form(&accessor, ol_accessor_add_tagged, &arena);
    check_seed(&accessor, owner, profile, &arena);
    return 0;
}
