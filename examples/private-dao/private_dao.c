/* Ballots that nobody reads, a tally that everybody does.
 *
 *   {"vote":"yes"}   one ballot for each member, kept encrypted; voting again changes it
 *   {"tally":true}   {"yes":2,"no":1}, without who voted how
 *
 * Two secrets of the owner: MEMBERS names the accounts that may vote, separated by spaces or
 * commas; TALLY_LABEL, where it is set, the question.
 *
 * Rows that all callers share can be written, but not compared and swapped, so nothing is counted
 * up in one: each ballot is a row of its own, which its voter's runs alone write, and a tally
 * counts the ballots. Votes in the same moment cannot undo each other. */
#include <outlayer.h>

/* A count reads a row for each member, and a run may make 1,000 calls. */
enum { MEMBERS_MAX = 100, COUNTS_MAX = 8, ACCOUNT_BYTES_MAX = 64 };

#define BALLOT_PREFIX "ballot/"

static const ol_str SIDES[] = {OL_STR_INIT("yes"), OL_STR_INIT("no")};

typedef struct tally {
    uint32_t count[2];
} tally;

static bool separates(char c)
{
    return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t';
}

/* The next account of a list; false at its end. */
static bool member_next(ol_str *rest, ol_str *ret)
{
    size_t from = 0;
    while (from < rest->len && separates(rest->data[from]))
        from++;
    size_t to = from;
    while (to < rest->len && !separates(rest->data[to]))
        to++;
    *ret = ol_str_slice(*rest, from, to);
    *rest = ol_str_slice(*rest, to, rest->len);
    return ret->len > 0;
}

/* NULL: the list is good. */
static const char *members_fault(ol_str members)
{
    ol_str one;
    size_t count = 0;
    while (member_next(&members, &one)) {
        if (one.len > ACCOUNT_BYTES_MAX)
            return "MEMBERS holds what is no account";
        if (++count > MEMBERS_MAX)
            return "MEMBERS names more than 100 accounts";
    }
    return count == 0 ? "MEMBERS, a secret of the owner, names who may vote" : NULL;
}

static bool is_member(ol_str members, ol_str account)
{
    ol_str one;
    while (member_next(&members, &one)) {
        if (ol_str_eq(one, account))
            return true;
    }
    return false;
}

/* In `storage`, of at least BALLOT_PREFIX and an account. */
static ol_str ballot_key(ol_str account, char *storage, size_t size)
{
    ol_buf key = ol_buf_over(storage, size);
    ol_buf_add_str(&key, OL_STR(BALLOT_PREFIX));
    ol_buf_add_str(&key, account);
    return ol_buf_str(&key);
}

/* One byte, whatever the side: others see how long an encrypted row is. */
static int32_t ballot_write(ol_str account, int side)
{
    char storage[sizeof BALLOT_PREFIX + ACCOUNT_BYTES_MAX];
    ol_str value = ol_str_slice(SIDES[side], 0, 1);
    return ol_storage_set_worker(ballot_key(account, storage, sizeof storage), ol_str_bytes(value),
                                 OL_STORAGE_PROJECT);
}

/* An account that is named twice votes once: its row is counted where it is named first. */
static int32_t tally_count(ol_str members, tally *ret)
{
    ol_str rest = members, one;
    tally sum = {{0, 0}};
    while (member_next(&rest, &one)) {
        char storage[sizeof BALLOT_PREFIX + ACCOUNT_BYTES_MAX];
        ol_buf row;
        ol_str before = {members.data, (size_t)(one.data - members.data)};
        if (is_member(before, one))
            continue;
        int32_t rc = ol_storage_get_worker(ballot_key(one, storage, sizeof storage), &row);
        if (rc != 0)
            return rc;
        for (int i = 0; i < 2; i++)
            sum.count[i] += row.len == 1 && row.data[0] == (uint8_t)SIDES[i].data[0];
        ol_buf_deinit(&row);
    }
    *ret = sum;
    return 0;
}

/* With the question, or without. */
static void tally_add_json(const tally *it, ol_str question, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    if (question.len > 0)
        ol_json_put_str(&w, "question", question);
    for (int i = 0; i < 2; i++) {
        ol_json_key_str(&w, SIDES[i]);
        ol_json_add_u64(&w, it->count[i]);
    }
    ol_json_object_end(&w);
}

/* Shows the count to everybody, and counts again until it is still so: whoever of several runs
 * shows its count last has seen the ballots of all that were there, so what stays shown is right.
 */
static int32_t tally_show(ol_str members, tally *ret)
{
    tally shown;
    int32_t rc = tally_count(members, ret);
    for (int i = 1; rc == 0 && i < COUNTS_MAX; i++) {
        char storage[64];
        ol_buf text = ol_buf_over(storage, sizeof storage);
        shown = *ret;
        tally_add_json(&shown, OL_STR(""), &text);
        rc = ol_storage_set_worker(OL_STR("tally"), ol_buf_bytes(&text), OL_STORAGE_PUBLIC);
        if (rc == 0)
            rc = tally_count(members, ret);
        if (rc == 0 && ret->count[0] == shown.count[0] && ret->count[1] == shown.count[1])
            break;
    }
    return rc;
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

static int answer(ol_str members)
{
    tally now;
    ol_buf text = ol_buf_new(OL_KIB(64));
    if (tally_show(members, &now) != 0)
        return ol_fail_with(ol_last_error());
    tally_add_json(&now, ol_var_or(OL_STR("TALLY_LABEL"), OL_STR("")), &text);
    return !ol_buf_ok(&text) || ol_output(ol_buf_str(&text)) != 0;
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_str members = ol_var_or(OL_STR("MEMBERS"), OL_STR(""));
    ol_json input;
    ol_json unused;
    const char *fault = members_fault(members);
    if (fault != NULL)
        return ol_fail_with(ol_str_of(fault));
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (ol_json_find(&input, OL_STR("tally"), &unused))
        return answer(members);
    int side = side_of(&input);
    if (side < 0)
        return ol_fail_with(OL_STR("vote must be \"yes\" or \"no\""));
    if (!is_member(members, ol_payer()))
        return ol_fail_with(OL_STR("only members vote, and you are none"));
    if (ballot_write(ol_payer(), side) != 0)
        return ol_fail_with(ol_last_error());
    return answer(members);
}
