#include "lib/near/block_walk.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness/test.h"

enum { HEIGHTS = 64 };

/* A chain by hand: per height a letter of the branch whose block stands there, '-' for a skipped
 * one, ' ' for none yet. A block's hash is branch and height; prev_hash comes from the branch of
 * the block before. */
typedef struct fake_chain {
    ol_block_source source; /* first */
    char at[HEIGHTS + 1];
    bool told;     /* headers name the height before */
    unsigned fail; /* so many answers are failures */
    char hash[8];
    char prev[8];
    unsigned asked;
} fake_chain;

static ol_rc fake_get(ol_block_source *source, uint64_t height, ol_fetched *ret_what,
                      ol_chain_block *ret, ol_err *err)
{
    fake_chain *c = (fake_chain *)source;
    c->asked++;
    if (c->fail > 0) {
        c->fail--;
        return ol_fail(err, OL_ERR_NETWORK, "away");
    }
    char here = height < strlen(c->at) ? c->at[height] : ' ';
    if (here == ' ' || here == '-') {
        *ret_what = here == '-' ? OL_FETCHED_SKIPPED : OL_FETCHED_NOT_YET;
        return OL_OK;
    }
    uint64_t before = height - 1;
    while (before > 0 && c->at[before] == '-')
        before--;
    (void)snprintf(c->hash, sizeof c->hash, "%c%u", here, (unsigned)height % 1000);
    (void)snprintf(c->prev, sizeof c->prev, "%c%u", c->at[before], (unsigned)before % 1000);
    *ret_what = OL_FETCHED_BLOCK;
    *ret = (ol_chain_block){.height = height,
                            .hash = ol_str_of(c->hash),
                            .prev_hash = ol_str_of(c->prev),
                            .has_prev_height = c->told,
                            .prev_height = before};
    return OL_OK;
}

static void fake_close(ol_block_source *source)
{
    (void)source;
}

/* Steps until there is nothing new, and writes what was seen: `4` a block, `-5` a skipped height,
 * `!4` an undone one. */
static void follow(ol_block_walk *walk, char *seen, size_t size)
{
    ol_buf text = ol_buf_over(seen, size - 1);
    for (int i = 0; i < 200; i++) {
        ol_walk_step step;
        ol_err err;
        CHECK_OK(ol_block_walk_step(walk, &step, &err));
        if (step.what == OL_WALKED_WAIT)
            break;
        const char *sign = step.what == OL_WALKED_SKIPPED  ? "-"
                           : step.what == OL_WALKED_UNDONE ? "!"
                                                           : "";
        ol_buf_addf(&text, "%s%u ", sign, (unsigned)step.height);
    }
    seen[text.len] = '\0';
}

typedef struct lab {
    fake_chain chain;
    ol_block_walk *walk;
    char seen[512];
} lab;

static void lab_open(lab *l, const char *at, uint64_t height)
{
    *l = (lab){.chain = {.source = {fake_get, fake_close}, .told = true}};
    (void)snprintf(l->chain.at, sizeof l->chain.at, "%s", at);
    l->walk = ol_block_walk_new(&l->chain.source, height);
    CHECK(l->walk != NULL);
}

static void lab_deinit(lab *l)
{
    ol_block_walk_free(l->walk);
}

static void show(lab *l, const char *at, const char *want)
{
    (void)snprintf(l->chain.at, sizeof l->chain.at, "%s", at);
    follow(l->walk, l->seen, sizeof l->seen);
    CHECK_STR_ROW(ol_str_of(l->seen), ol_str_of(want), at);
}

TEST("blocks come in order, skipped heights between them, and then one waits")
{
    OL_AUTO(lab) l;
    lab_open(&l, "aaaa", 1);
    show(&l, "aaa-a--a", "1 2 -3 4 -5 -6 7 ");
    CHECK_EQ(ol_block_walk_height(l.walk), 8);
    show(&l, "aaa-a--a", "");
    show(&l, "aaa-a--aa", "8 ");
}

TEST("another branch is followed from the common ancestor, and what it replaces is taken back")
{
    OL_AUTO(lab) l;
    lab_open(&l, "aaaaaa", 1);
    show(&l, "aaaaaa", "1 2 3 4 5 ");
    show(&l, "aaabbbb", "!5 !4 !3 3 4 5 6 ");
    show(&l, "aaabbbbb", "7 ");
}

TEST("a branch that skipped heights is followed, too")
{
    OL_AUTO(lab) l;
    lab_open(&l, "aaaaaa", 1);
    show(&l, "aaaa-a", "1 2 3 -4 5 ");
    show(&l, "aaaabbb", "!5 4 5 6 ");
    OL_AUTO(lab) m;
    lab_open(&m, "aaaaaa", 1);
    show(&m, "aaaa-a", "1 2 3 -4 5 ");
    show(&m, "aaaab-b", "!5 4 -5 6 ");
}

TEST("a fork on a fork is followed, without heights of the one before in the headers as well")
{
    OL_AUTO(lab) l;
    lab_open(&l, "", 1);
    l.chain.told = false;
    show(&l, "aaaaaa", "1 2 3 4 5 ");
    show(&l, "aaaabbb", "!5 !4 4 5 6 ");
    show(&l, "aaaabccc", "!6 !5 5 6 7 ");
}

TEST("a block that was said to be skipped and is somebody's parent is asked for again")
{
    OL_AUTO(lab) l;
    ol_err err;
    ol_walk_step step;
    lab_open(&l, "", 1);
    show(&l, "aaa-", "1 2 -3 ");
    (void)snprintf(l.chain.at, sizeof l.chain.at, "aaaaa");
    CHECK_EQ(ol_block_walk_step(l.walk, &step, &err), OL_ERR_UNAVAILABLE);
    follow(l.walk, l.seen, sizeof l.seen);
    CHECK_STR(ol_str_of(l.seen), OL_STR("3 4 "));
}

TEST("a failure changes nothing: the same height is asked for again")
{
    OL_AUTO(lab) l;
    ol_err err;
    ol_walk_step step;
    lab_open(&l, "aaaa", 1);
    l.chain.fail = 2;
    CHECK_EQ(ol_block_walk_step(l.walk, &step, &err), OL_ERR_NETWORK);
    CHECK_EQ(ol_block_walk_step(l.walk, &step, &err), OL_ERR_NETWORK);
    CHECK_EQ(ol_block_walk_height(l.walk), 1);
    show(&l, "aaaa", "1 2 3 ");
}

TEST("a receipt is given out once, and again when its block was undone")
{
    OL_AUTO(lab) l;
    lab_open(&l, "", 1);
    show(&l, "aaa", "1 2 ");
    CHECK(ol_block_walk_first(l.walk, OL_STR("r1")));
    CHECK(!ol_block_walk_first(l.walk, OL_STR("r1")));
    show(&l, "aaaa", "3 ");
    CHECK(ol_block_walk_first(l.walk, OL_STR("r2")));
    CHECK(!ol_block_walk_first(l.walk, OL_STR("r1")));
    show(&l, "aaabb", "!3 3 4 ");
    CHECK(!ol_block_walk_first(l.walk, OL_STR("r1")));
    CHECK(ol_block_walk_first(l.walk, OL_STR("r2")));
}

TEST("the walk remembers a fixed number of receipts")
{
    OL_AUTO(lab) l;
    char id[32];
    lab_open(&l, "aa", 1);
    for (int i = 0; i < 2 * OL_WALK_RECEIPTS; i++) {
        (void)snprintf(id, sizeof id, "r%d", i);
        CHECK(ol_block_walk_first(l.walk, ol_str_of(id)));
    }
    CHECK(!ol_block_walk_first(l.walk, ol_str_of(id)));
}
