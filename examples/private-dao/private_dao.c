/* Ballots that nobody reads, a tally that everybody does.
 *
 *   {"vote":"yes"}   one ballot for each account, kept encrypted for it; voting again changes it
 *   {"tally":true}   {"yes":2,"no":1}, public, without who voted how
 *
 * The secret TALLY_LABEL, where the owner set one, names the question. */
#include <outlayer.h>

#include <string.h>

static const ol_str SIDES[] = {OL_STR_INIT("yes"), OL_STR_INIT("no")};

/* Counters that all callers share; each call changes at most two. */
typedef struct tally {
    int64_t count[2];
} tally;

static int32_t tally_read(tally *ret)
{
    ol_buf row;
    int32_t rc = ol_storage_get_worker(OL_STR("tally"), &row);
    *ret = (tally){{0, 0}};
    if (rc == 0 && row.len == sizeof *ret)
        memcpy(ret, row.data, sizeof *ret);
    if (rc == 0)
        ol_buf_deinit(&row);
    return rc;
}

static int32_t tally_write(const tally *it)
{
    return ol_storage_set_worker(OL_STR("tally"), (ol_bytes){(const uint8_t *)it, sizeof *it},
                                 OL_STORAGE_PUBLIC);
}

/* -1: none yet. */
static int32_t ballot_read(int *ret)
{
    ol_buf row;
    int32_t rc = ol_storage_get(OL_STR("ballot"), &row);
    *ret = -1;
    if (rc == OL_ENOENT)
        return 0;
    if (rc != 0)
        return rc;
    if (row.len == 1 && row.data[0] < 2)
        *ret = row.data[0];
    ol_buf_deinit(&row);
    return 0;
}

static int32_t vote(int side)
{
    uint8_t ballot = (uint8_t)side;
    int before;
    tally now;
    int32_t rc = ballot_read(&before);
    if (rc == 0)
        rc = tally_read(&now);
    if (rc != 0 || before == side)
        return rc;
    if (before >= 0)
        now.count[before]--;
    now.count[side]++;
    rc = ol_storage_set(OL_STR("ballot"), (ol_bytes){&ballot, sizeof ballot});
    return rc == 0 ? tally_write(&now) : rc;
}

static int side_of(const ol_json *input)
{
    ol_json side;
    if (!ol_json_find(input, OL_STR("vote"), &side) || ol_json_kind_of(&side) != OL_JSON_STRING)
        return -1;
    for (int i = 0; i < 2; i++) {
        if (ol_json_text_is(&side, SIDES[i]))
            return i;
    }
    return -1;
}

static int answer_tally(void)
{
    tally now;
    ol_buf answer = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&answer);
    if (tally_read(&now) != 0)
        return ol_fail_with(ol_last_error());
    ol_json_object_begin(&w);
    if (ol_has_var(OL_STR("TALLY_LABEL")))
        ol_json_put_str(&w, "question", ol_var_or(OL_STR("TALLY_LABEL"), OL_STR("")));
    for (int i = 0; i < 2; i++) {
        ol_json_key_str(&w, SIDES[i]);
        ol_json_add_i64(&w, now.count[i]);
    }
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_json input;
    ol_json unused;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (ol_json_find(&input, OL_STR("tally"), &unused))
        return answer_tally();
    int side = side_of(&input);
    if (side < 0)
        return ol_fail_with(OL_STR("vote must be \"yes\" or \"no\""));
    if (vote(side) != 0)
        return ol_fail_with(ol_last_error());
    return answer_tally();
}
