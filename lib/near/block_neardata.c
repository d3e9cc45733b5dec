/* Blocks from neardata routes: one document a height (NEAR 6). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/near/block_source.h"

enum { STATUS_FINE = 200, STATUS_NOT_FOUND = 404, STATUS_TIMEOUT = 408, URL_BYTES = 2048 };

typedef struct neardata {
    ol_block_source source; /* first */
    ol_fetch fetch;
    ol_str contract_id;
    char head[URL_BYTES]; /* of the URL, before the height */
    char tail[URL_BYTES]; /* after it */
    ol_buf document;
    ol_arena arena;
} neardata;

static ol_rc neardata_get(ol_block_source *source, uint64_t height, ol_fetched *ret_what,
                          ol_chain_block *ret, ol_err *err)
{
    neardata *it = (neardata *)source;
    char url[2 * URL_BYTES + 24];
    int status = 0;
    int n = snprintf(url, sizeof url, "%s%llu%s", it->head, (unsigned long long)height, it->tail);
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    ol_buf_clear(&it->document);
    ol_arena_deinit(&it->arena);
    it->arena = ol_arena_new(OL_CHAIN_BLOCK_BYTES_MAX);
    ol_rc rc = it->fetch.get(it->fetch.context, ol_str_of(url), &it->document, &status, err);
    if (rc == OL_ERR_TIMEOUT) { /* the route of a block that is not there yet waits for it */
        *ret_what = OL_FETCHED_NOT_YET;
        return OL_OK;
    }
    OL_TRY(rc);
    if (status == STATUS_NOT_FOUND || status == STATUS_TIMEOUT) {
        *ret_what = OL_FETCHED_NOT_YET;
        return OL_OK;
    }
    if (status != STATUS_FINE)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "blocks: answer %d", status);
    ol_str text = ol_str_trim(ol_buf_str(&it->document));
    if (ol_str_eq(text, OL_STR("null"))) {
        *ret_what = OL_FETCHED_SKIPPED;
        return OL_OK;
    }
    OL_TRY_NOTE(err, ol_chain_block_parse(text, it->contract_id, &it->arena, ret, err),
                "block %llu", (unsigned long long)height);
    if (ret->height != height)
        return ol_fail(err, OL_ERR_PROTOCOL, "asked for block %llu, got %llu",
                       (unsigned long long)height, (unsigned long long)ret->height);
    *ret_what = OL_FETCHED_BLOCK;
    return OL_OK;
}

static void neardata_close(ol_block_source *source)
{
    neardata *it = (neardata *)source;
    ol_buf_deinit(&it->document);
    ol_arena_deinit(&it->arena);
    free(it);
}

/* `…/v0/block` is `…/v0/block_opt` for blocks that are not final yet. */
static void put_head(neardata *it, ol_str url, bool optimistic)
{
    const char *suffix = "";
    while (ol_str_ends(url, OL_STR("/")))
        url.len--;
    if (optimistic && ol_str_ends(url, OL_STR("/block")))
        suffix = "_opt";
    (void)snprintf(it->head, sizeof it->head, "%.*s%s/", OL_FMT(url), suffix);
}

ol_rc ol_block_source_neardata(const ol_fetch *fetch, ol_str url, ol_str contract_id,
                               bool optimistic, ol_block_source **ret, ol_err *err)
{
    const ol_str mark = OL_STR("{block_id}");
    size_t at;
    if (url.len == 0 || url.len + 8 > URL_BYTES)
        return ol_fail(err, OL_ERR_INVALID, "URL of blocks: empty or too long");
    neardata *it = calloc(1, sizeof *it);
    if (it == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    it->source = (ol_block_source){neardata_get, neardata_close};
    it->fetch = *fetch;
    it->contract_id = contract_id;
    it->document = ol_buf_new(OL_CHAIN_BLOCK_BYTES_MAX);
    if (ol_str_find(url, mark, &at)) {
        (void)snprintf(it->head, sizeof it->head, "%.*s", OL_FMT(ol_str_slice(url, 0, at)));
        (void)snprintf(it->tail, sizeof it->tail, "%.*s",
                       OL_FMT(ol_str_slice(url, at + mark.len, url.len)));
    } else {
        put_head(it, url, optimistic);
    }
    *ret = &it->source;
    return OL_OK;
}
