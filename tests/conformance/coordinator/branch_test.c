/* GET /github/resolve-branch (Coordinator 8), against a scripted GitHub. */
#include <string.h>

#include "tests/conformance/coordinator/lab.h"
#include "tests/harness/http_stub.h"

#define HEAD "1111111111111111111111111111111111111111"
#define OLD "2222222222222222222222222222222222222222"
#define FORK "3333333333333333333333333333333333333333"
#define UNKNOWN "4444444444444444444444444444444444444444"

static const struct {
    const char *target; /* without ?per_page */
    int status;
    const char *body;
} SCRIPT[] = {
    {"/repos/o/r/commits/" HEAD "/branches-where-head", 200,
     "[{\"name\":\"fix/1\"},{\"name\":\"master\"},{\"name\":\"main\"}]"},
    {"/repos/o/r/commits/" OLD "/branches-where-head", 200, "[]"},
    {"/repos/o/r/commits/" FORK "/branches-where-head", 200, "[]"},
    {"/repos/o/r/commits/" UNKNOWN "/branches-where-head", 422, "{\"message\":\"No commit\"}"},
    {"/repos/o/r/commits/abcdef0/branches-where-head", 200, "[{\"name\":\"fix/1\"}]"},
    {"/repos/o/r/branches", 200, "[{\"name\":\"a b\"},{\"name\":\"fix/1\"},{\"name\":\"main\"}]"},
    {"/repos/o/r/compare/" OLD "...main", 200, "{\"status\":\"diverged\"}"},
    {"/repos/o/r/compare/" OLD "...a%20b", 200, "{\"status\":\"behind\"}"},
    {"/repos/o/r/compare/" OLD "...fix/1", 200, "{\"status\":\"ahead\"}"},
    {"/repos/o/r/compare/" FORK "...main", 200, "{\"status\":\"behind\"}"},
    {"/repos/o/r/compare/" FORK "...a%20b", 404, "{}"},
    {"/repos/o/r/compare/" FORK "...fix/1", 200, "{\"status\":\"diverged\"}"},
    {"/repos/o/many/commits/" OLD "/branches-where-head", 200, "[]"},
    {"/repos/o/many/branches", 200,
     "[{\"name\":\"1\"},{\"name\":\"2\"},{\"name\":\"3\"},{\"name\":\"4\"},{\"name\":\"5\"},"
     "{\"name\":\"6\"}]"},
    {"/repos/o/angry/commits/" OLD "/branches-where-head", 403, "{}"},
    {"/repos/o/odd/commits/" OLD "/branches-where-head", 200, "{\"no\":\"list\"}"},
};

static void on_request(void *context, const stub_request *request, stub_conn *conn)
{
    ol_str path;
    ol_str query;
    (void)context;
    if (!ol_str_cut(request->target, '?', &path, &query))
        path = request->target;
    OL_EACH (row, SCRIPT) {
        if (ol_str_eq(path, ol_str_of(row->target))) {
            stub_answer(conn, row->status, "Content-Type: application/json\r\n",
                        ol_str_of(row->body));
            return;
        }
    }
    stub_answer(conn, 500, NULL, OL_STR(""));
}

typedef struct world {
    lab it;
    http_stub *github;
} world;

static void world_start(world *w)
{
    char url[64];
    const char *settings[] = {url, NULL};
    w->github = http_stub_start(on_request, NULL);
    ol_buf text = ol_buf_over(url, sizeof url);
    ol_buf_addf(&text, "GITHUB_API_URL=http://127.0.0.1:%u", http_stub_port(w->github));
    ol_buf_add_char(&text, 0);
    lab_start(&w->it, settings);
}

static void world_stop(world *w)
{
    lab_stop(&w->it);
    http_stub_stop(w->github);
}

static wire_answer resolve(world *w, const char *repo, const char *commit)
{
    return lab_work_get(&w->it,
                        lab_text(&w->it, "/github/resolve-branch?repo=%s&commit=%s", repo, commit));
}

TEST("a commit belongs to the branch it is the head of, main before others, else to one that is "
     "ahead of it")
{
    static const struct {
        const char *commit;
        const char *branch; /* as JSON */
    } cases[] = {
        {HEAD, "\"main\""},   {OLD, "\"fix/1\""}, /* main diverged, `a b` is behind: neither holds
                                                     it */
        {FORK, "null"},       {UNKNOWN, "null"},  {"abcdef0", "\"fix/1\""},
        {"main", "\"main\""}, /* no commit: a branch, nobody is asked */
    };
    world w;
    world_start(&w);
    OL_EACH (c, cases) {
        wire_answer answer = resolve(&w, "git@github.com:o/r.git", c->commit);
        CHECK_EQ_ROW(answer.status, 200, c->commit);
        CHECK_STR_ROW(answer.body,
                      ol_str_of(lab_text(&w.it,
                                         "{\"branch\":%s,\"repo_normalized\":\"github.com/o/r\","
                                         "\"cached\":false}",
                                         c->branch)),
                      c->commit);
    }
    world_stop(&w);
}

TEST("a branch that was found is not asked for again, not even after a restart; null is")
{
    world w;
    world_start(&w);
    CHECK_EQ(resolve(&w, "o/r", HEAD).status, 200);
    unsigned asked = http_stub_requests(w.github);
    CHECK_HAS(resolve(&w, "o/r", HEAD).body,
              OL_STR("\"main\",\"repo_normalized\":\"github.com/o/r\","
                     "\"cached\":true"),
              HEAD);
    lab_kill(&w.it);
    lab_restart(&w.it, NULL); /* GITHUB_API_URL is the real one now, and not needed */
    CHECK_HAS(resolve(&w, "o/r", HEAD).body, OL_STR("\"cached\":true"), HEAD);
    CHECK_EQ(http_stub_requests(w.github), asked);
    world_stop(&w);
}

TEST("what GitHub cannot say is told, and nothing is guessed")
{
    static const struct {
        const char *repo;
        int status;
        const char *text;
    } cases[] = {
        {"o/many", 422, "Failed to resolve branch: Repository has 6 branches (limit 5)"},
        {"o/angry", 404, "Failed to resolve branch: GitHub API answered 403"},
        {"o/odd", 404, "Failed to resolve branch: GitHub API answer: no list of branches"},
        {"gitlab.com/o/r", 404,
         "Failed to resolve branch: only repositories of github.com can be asked about"},
    };
    world w;
    world_start(&w);
    OL_EACH (c, cases) {
        wire_answer answer = resolve(&w, c->repo, OLD);
        CHECK_EQ_ROW(answer.status, c->status, c->repo);
        CHECK_STR_ROW(answer.body, ol_str_of(c->text), c->repo);
    }
    world_stop(&w);
}
