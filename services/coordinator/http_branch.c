/* GET /github/resolve-branch (Coordinator 8): which branch does a commit belong to? */
#include "lib/secrets/accessor.h"
#include "services/coordinator/github.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/projects.h"
#include "services/coordinator/query.h"

typedef struct branch_query {
    ol_str repo;
    ol_str commit;
} branch_query;

static const query_field BRANCH_FIELDS[] = {
    {"repo", QUERY_TEXT, true, offsetof(branch_query, repo)},
    {"commit", QUERY_TEXT, true, offsetof(branch_query, commit)},
};

typedef struct branch_look {
    chain_job job; /* first */
    coordinator *it;
    ol_web_request *request;
    branch_put put; /* what is asked, then what is remembered */
} branch_look;

/* 40, 7 or 8 hex digits name a commit, anything else a branch (Coordinator 8). */
static bool is_commit(ol_str text)
{
    if (text.len != 40 && text.len != 7 && text.len != 8)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static void answer_branch(ol_web_request *request, ol_str branch, ol_str repo, bool cached)
{
    json_answer answer;
    json_answer_begin(&answer);
    if (branch.data != NULL)
        ol_json_put_str(&answer.w, "branch", branch);
    else
        ol_json_put_null(&answer.w, "branch");
    ol_json_put_str(&answer.w, "repo_normalized", repo);
    ol_json_put_bool(&answer.w, "cached", cached);
    json_answer_send(&answer, request, 200);
}

static void look_run(chain_job *job, const chain_tools *tools)
{
    branch_look *look = (branch_look *)job;
    ol_arena *arena = ol_web_arena(look->request);
    ol_err err = {0};
    ol_rc rc =
        github_branch(tools, look->put.repo, look->put.commit, arena, &look->put.branch, &err);
    if (rc != OL_OK) {
        (void)ol_prefix(&err, "Failed to resolve branch: ");
        ol_web_answer_text(look->request, rc == OL_ERR_LIMIT ? 422 : 404, ol_err_text(&err));
        return;
    }
    /* A commit nobody knows may be pushed tomorrow: only what was found is kept. */
    if (look->put.branch.data != NULL)
        branch_remember(look->it->domain, &look->put); /* waits: this thread may */
    answer_branch(look->request, look->put.branch, look->put.repo, false);
}

void branch_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    branch_query query = {0};
    ol_arena *arena = ol_web_arena(request);
    ol_str repo;
    ol_str branch;
    ol_err err = {0};
    if (!query_bind(request, BRANCH_FIELDS, OL_COUNT(BRANCH_FIELDS), &query))
        return;
    if (ol_secret_repo_normalise(query.repo, arena, &repo, &err) != OL_OK) {
        (void)ol_prefix(&err, "Invalid repo format: ");
        ol_web_answer_text(request, 400, ol_err_text(&err));
        return;
    }
    if (!is_commit(query.commit)) {
        answer_branch(request, query.commit, repo, false);
        return;
    }
    ol_rc rc = branch_find(it->domain, repo, query.commit, arena, &branch, &err);
    if (rc == OL_OK) {
        answer_branch(request, branch, repo, true);
        return;
    }
    branch_look *look = rc == OL_ERR_NOT_FOUND ? OL_ARENA_NEW(arena, branch_look) : NULL;
    if (look == NULL) {
        ol_web_answer_empty(request, rc == OL_ERR_NOT_FOUND ? 503 : 500);
        return;
    }
    *look = (branch_look){.job = {.run = look_run},
                          .it = it,
                          .request = request,
                          .put = {.repo = repo, .commit = query.commit}};
    ol_web_hold(request);
    if (!chain_submit_github(it->chain, &look->job))
        ol_web_answer_empty(request, 503);
}
