/* The example private-dao under votes in the same moment: its rows lie in this process, and before
 * any one of a run's host calls is served, a second vote comes and goes. */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/runner/lab.h"

enum { ROWS_MAX = 8, CALLS_MAX = 100 };

#define MEMBERS "alice.near, bob.near\nalice.near carol.near"

typedef struct row {
    char key[80];
    char value[64];
    size_t value_len;
} row;

typedef struct vote {
    const char *account;
    const char *input;
} vote;

typedef struct store {
    const char *guest;
    row row[ROWS_MAX];
    size_t rows;
    unsigned calls;     /* of the first run */
    unsigned interrupt; /* before this one comes the second vote; 0: never */
    const vote *second; /* NULL: under way, or over */
    ol_run_host host;
} store;

static ol_run_result cast(store *s, const vote *it);

static row *row_of(store *s, ol_str key, bool make)
{
    for (size_t i = 0; i < s->rows; i++) {
        if (ol_str_eq(ol_str_of(s->row[i].key), key))
            return &s->row[i];
    }
    if (!make)
        return NULL;
    CHECK(s->rows < ROWS_MAX && key.len < sizeof s->row[0].key);
    row *fresh = &s->row[s->rows++];
    (void)snprintf(fresh->key, sizeof fresh->key, "%.*s", OL_FMT(key));
    return fresh;
}

static ol_str value_of(store *s, const char *key)
{
    const row *it = row_of(s, ol_str_of(key), false);
    return it == NULL ? OL_STR("(none)") : (ol_str){it->value, it->value_len};
}

static void second_vote(store *s)
{
    const vote *it = s->second;
    if (it == NULL || ++s->calls != s->interrupt)
        return;
    s->second = NULL;
    ol_run_result result = cast(s, it);
    CHECK_EQ(result.class, OL_RUN_OK);
    ol_run_result_deinit(&result);
}

static void on_call(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                    const ol_host_value *values, size_t count)
{
    store *s = env;
    char key[80];
    ol_host_value answer[2] = {{0}};
    (void)count;
    (void)snprintf(key, sizeof key, "%.*s", OL_FMT(ol_bytes_str(values[0].bytes)));
    second_vote(s);
    if (function == OL_FN_STORAGE_SET_WORKER) {
        row *it = row_of(s, ol_str_of(key), true);
        CHECK(values[1].bytes.len <= sizeof it->value);
        memcpy(it->value, values[1].bytes.data, values[1].bytes.len);
        it->value_len = values[1].bytes.len;
        ol_run_answer(run, id, function, answer, 1);
        return;
    }
    CHECK_EQ(function, OL_FN_STORAGE_GET_WORKER);
    const row *it = row_of(s, ol_str_of(key), false);
    if (it != NULL)
        answer[0].bytes = ol_str_bytes((ol_str){it->value, it->value_len});
    ol_run_answer(run, id, function, answer, 2);
}

static ol_run_result cast(store *s, const vote *it)
{
    const ol_frame_pair variables[] = {
        {ol_str_bytes(OL_STR("MEMBERS")), ol_str_bytes(OL_STR(MEMBERS))},
        {ol_str_bytes(OL_STR("NEAR_USER_ACCOUNT_ID")), ol_str_bytes(ol_str_of(it->account))},
    };
    ol_run_job job = lab_job(lab_guest_of(s->guest), it->input);
    job.frame.variables = variables;
    job.frame.variables_count = OL_COUNT(variables);
    return lab_run(&job, &s->host);
}

static void store_init(store *s, const char *guest)
{
    *s = (store){.guest = guest};
    s->host = (ol_run_host){.env = s, .call = on_call};
}

static void check(store *s, const vote *it, const char *output, const char *error)
{
    ol_run_result result = cast(s, it);
    CHECK_STR(lab_output(&result), ol_str_of(output));
    CHECK_EQ(result.class == OL_RUN_OK, error[0] == '\0');
    CHECK_STARTS(result.text, ol_str_of(error), it->input); /* a component's goes on */
    ol_run_result_deinit(&result);
}

/* The second vote before each call of the first in turn. Returns how many calls there were. */
static unsigned each_moment(const char *guest, const vote *first, const vote *second,
                            void (*after)(store *s))
{
    for (unsigned moment = 1; moment <= CALLS_MAX; moment++) {
        store s;
        store_init(&s, guest);
        s.second = second;
        s.interrupt = moment;
        ol_run_result result = cast(&s, first);
        CHECK_EQ(result.class, OL_RUN_OK);
        ol_run_result_deinit(&result);
        if (s.second != NULL) /* there is no such call any more */
            return moment - 1;
        after(&s);
    }
    return CALLS_MAX;
}

static void both_count(store *s)
{
    CHECK_STR(value_of(s, "ballot/alice.near"), OL_STR("y"));
    CHECK_STR(value_of(s, "ballot/bob.near"), OL_STR("n"));
    CHECK_STR(value_of(s, "tally"), OL_STR("{\"yes\":1,\"no\":1}"));
}

static void one_counts(store *s)
{
    bool yes = ol_str_eq(value_of(s, "ballot/alice.near"), OL_STR("y"));
    CHECK_STR(value_of(s, "tally"),
              yes ? OL_STR("{\"yes\":1,\"no\":0}") : OL_STR("{\"yes\":0,\"no\":1}"));
}

static const char *const GUESTS[] = {"private-dao", "private-dao.p2"};

static const vote ALICE_YES = {"alice.near", "{\"vote\":\"yes\"}"};
static const vote ALICE_NO = {"alice.near", "{\"vote\":\"no\"}"};
static const vote BOB_NO = {"bob.near", "{\"vote\":\"no\"}"};

TEST("votes in the same moment are both counted, and shown, whenever the second comes")
{
    OL_EACH (guest, GUESTS) {
        unsigned calls = each_moment(*guest, &ALICE_YES, &BOB_NO, both_count);
        CHECK(calls >= 8 && calls < CALLS_MAX); /* ballot, three members, shown, three members */
    }
}

TEST("of two votes of one member one counts, and it is the one that is shown")
{
    OL_EACH (guest, GUESTS)
        CHECK(each_moment(*guest, &ALICE_YES, &ALICE_NO, one_counts) < CALLS_MAX);
}

TEST("members alone vote, each once, and what is no vote is refused")
{
    static const vote others[] = {{"mallory.near", "{\"vote\":\"yes\"}"},
                                  {"", "{\"vote\":\"yes\"}"},
                                  {"alice", "{\"vote\":\"yes\"}"},
                                  {"alice.near, bob.near", "{\"vote\":\"yes\"}"}};
    static const char *const nonsense[] = {"{\"vote\":1}", "{\"vote\":\"maybe\"}", "{}", "[]", "7"};
    OL_EACH (guest, GUESTS) {
        store s;
        store_init(&s, *guest);
        check(&s, &ALICE_YES, "{\"yes\":1,\"no\":0}", "");
        check(&s, &ALICE_YES, "{\"yes\":1,\"no\":0}", ""); /* though MEMBERS names her twice */
        check(&s, &ALICE_NO, "{\"yes\":0,\"no\":1}", "");
        OL_EACH (it, others)
            check(&s, it, "", "only members vote, and you are none");
        OL_EACH (input, nonsense)
            check(&s, &(vote){"bob.near", *input}, "", "vote must be \"yes\" or \"no\"");
        check(&s, &(vote){"mallory.near", "{\"tally\":true}"}, "{\"yes\":0,\"no\":1}", "");
    }
}
