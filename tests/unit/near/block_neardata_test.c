#include <stdio.h>

#include "lib/near/block_source.h"
#include "tests/harness/test.h"

typedef struct fake_web {
    const char *body;
    int status;
    ol_rc rc;
    char url[512];
} fake_web;

static ol_rc fake_get(void *context, ol_str url, ol_buf *into, int *ret_status, ol_err *err)
{
    fake_web *w = context;
    (void)snprintf(w->url, sizeof w->url, "%.*s", OL_FMT(url));
    if (w->rc != OL_OK)
        return ol_fail(err, w->rc, "away");
    ol_buf_add_str(into, ol_str_of(w->body));
    *ret_status = w->status;
    return OL_OK;
}

static ol_rc ask(fake_web *web, const char *url, bool optimistic, uint64_t height, ol_fetched *ret,
                 ol_err *ret_err)
{
    ol_err err = {0};
    const ol_fetch fetch = {fake_get, web};
    ol_block_source *source;
    ol_chain_block block;
    CHECK_OK(ol_block_source_neardata(&fetch, ol_str_of(url), OL_STR("outlayer.near"), optimistic,
                                      &source, &err));
    ol_rc rc = ol_block_source_get(source, height, ret, &block, &err);
    ol_block_source_close(source);
    *ret_err = err;
    return rc;
}

TEST("the height goes behind the address, or into its place")
{
    static const struct {
        const char *url;
        bool optimistic;
        const char *asked;
    } cases[] = {
        {"https://n/v0/block", false, "https://n/v0/block/7"},
        {"https://n/v0/block/", false, "https://n/v0/block/7"},
        {"https://n/v0/block", true, "https://n/v0/block_opt/7"},
        {"https://n/b?height={block_id}&x", false, "https://n/b?height=7&x"},
        {"https://n/{block_id}", true, "https://n/7"},
    };
    OL_EACH (row, cases) {
        fake_web web = {"null", 200, OL_OK, ""};
        ol_fetched what;
        ol_err err;
        CHECK_OK(ask(&web, row->url, row->optimistic, 7, &what, &err));
        CHECK_STR_ROW(ol_str_of(web.url), ol_str_of(row->asked), row->url);
    }
}

TEST("null is a height without a block, 404 and a timeout are none yet, the rest is trouble")
{
    static const char block[] =
        "{\"block\":{\"header\":{\"height\":7,\"hash\":\"h\",\"prev_hash\":\"p\",\"timestamp\":1}},"
        "\"shards\":[]}";
    static const struct {
        const char *body;
        int status;
        ol_rc answer;
        ol_rc rc;
        ol_fetched what;
    } cases[] = {
        {"null", 200, OL_OK, OL_OK, OL_FETCHED_SKIPPED},
        {" null\n", 200, OL_OK, OL_OK, OL_FETCHED_SKIPPED},
        {block, 200, OL_OK, OL_OK, OL_FETCHED_BLOCK},
        {"", 404, OL_OK, OL_OK, OL_FETCHED_NOT_YET},
        {"null", 404, OL_OK, OL_OK, OL_FETCHED_NOT_YET},
        {"", 408, OL_OK, OL_OK, OL_FETCHED_NOT_YET},
        {"", 200, OL_ERR_TIMEOUT, OL_OK, OL_FETCHED_NOT_YET},
        {"", 200, OL_ERR_NETWORK, OL_ERR_NETWORK, OL_FETCHED_NOT_YET},
        {"", 500, OL_OK, OL_ERR_UNAVAILABLE, OL_FETCHED_NOT_YET},
        {"null", 429, OL_OK, OL_ERR_UNAVAILABLE, OL_FETCHED_NOT_YET},
        {"{\"block\"", 200, OL_OK, OL_ERR_SYNTAX, OL_FETCHED_NOT_YET},
        {"{}", 200, OL_OK, OL_ERR_SHAPE, OL_FETCHED_NOT_YET},
    };
    OL_EACH (row, cases) {
        fake_web web = {row->body, row->status, row->answer, ""};
        ol_fetched what = OL_FETCHED_NOT_YET;
        ol_err err;
        CHECK_EQ_ROW(ask(&web, "http://n/v0/block", false, 7, &what, &err), row->rc, row->body);
        CHECK_EQ_ROW(what, row->what, row->body);
    }
    fake_web web = {block, 200, OL_OK, ""};
    ol_fetched what;
    ol_err err;
    CHECK_EQ(ask(&web, "http://n/v0/block", false, 8, &what, &err), OL_ERR_PROTOCOL);
}
