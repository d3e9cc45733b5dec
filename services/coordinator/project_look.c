#include "services/coordinator/project_look.h"

static ol_rc not_found(project_look *look)
{
    return ol_fail(&look->err, OL_ERR_PROJECT_NOT_FOUND, "Project not found: %.*s",
                   OL_FMT(look->project_id));
}

bool project_look_start(project_look *look)
{
    project_row row;
    look->rc = OL_OK;
    if (chain_file_find(look->it->chain, look->project_id, look->arena, &look->found)) {
        look->cached = true;
        return true;
    }
    if (!chain_has_rpc(look->it->chain)) {
        look->rc = not_found(look);
        return true;
    }
    ol_rc rc = project_find(look->it->domain, look->project_id, look->arena, &row, &look->err);
    if (rc == OL_OK) {
        look->cached = true;
        look->found.uuid = row.uuid;
        return !look->fresh;
    }
    if (rc == OL_ERR_NOT_FOUND)
        return false;
    look->rc = rc;
    return true;
}

static void run(chain_job *job, const chain_tools *tools)
{
    project_look *look = (project_look *)job;
    look->rc = chain_project_view(tools, look->project_id, look->arena, &look->found, &look->err);
    if (look->rc == OL_ERR_PROJECT_NOT_FOUND)
        (void)not_found(look);
    if (look->rc == OL_OK && !look->cached) {
        look->put = (project_put){.project_id = look->project_id, .uuid = look->found.uuid};
        project_remember(look->it->domain, &look->put); /* waits: this thread may */
    }
    look->done(look);
}

bool project_look_submit(project_look *look)
{
    look->job.run = run;
    if (chain_submit(look->it->chain, &look->job))
        return true; /* the struct is the other thread's now */
    look->rc = ol_fail(&look->err, OL_ERR_UNAVAILABLE, "Too many contract queries");
    return false;
}
