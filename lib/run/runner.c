#include "lib/run/runner.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/run/internal.h"

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > OL__REPLICAS_MAX ? OL__REPLICAS_MAX : (unsigned)n;
}

static ol_runner *runner_new(const ol_runner_plan *plan)
{
    ol_runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL)
        return NULL;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&runner->lock, NULL);
    (void)pthread_cond_init(&runner->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    runner->stop = runner->control = OL_FD_NONE;
    runner->zygote = OL_PROCESS_NONE;
    runner->program = strdup(plan->program);
    runner->cgroup = plan->cgroup == NULL ? NULL : strdup(plan->cgroup);
    runner->templates_max =
        plan->templates_max == 0 ? OL_RUNNER_TEMPLATES_STANDARD : plan->templates_max;
    if (runner->templates_max > OL__TEMPLATES_MAX)
        runner->templates_max = OL__TEMPLATES_MAX;
    runner->replicas_max = plan->replicas_max == 0 ? processors() : plan->replicas_max;
    if (runner->replicas_max > OL__REPLICAS_MAX)
        runner->replicas_max = OL__REPLICAS_MAX;
    for (size_t i = 0; i < OL__TEMPLATES_MAX; i++) {
        for (size_t j = 0; j < OL__REPLICAS_MAX; j++)
            runner->templates[i].replica[j].socket = OL_FD_NONE;
    }
    return runner;
}

/* Until there is a zygote, or a reason why not. */
static ol_rc first_start_wait(ol_runner *runner, ol_err *err)
{
    ol_rc rc = OL_OK;
    (void)pthread_mutex_lock(&runner->lock);
    while (!runner->failed && runner->generation == 0)
        (void)pthread_cond_wait(&runner->changed, &runner->lock);
    if (runner->failed) {
        rc = runner->why.rc;
        if (err != NULL)
            *err = runner->why;
    }
    (void)pthread_mutex_unlock(&runner->lock);
    return rc;
}

ol_rc ol_runner_open(const ol_runner_plan *plan, ol_runner **ret, ol_err *err)
{
    ol_runner *runner = runner_new(plan);
    if (runner == NULL || runner->program == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    ol_rc rc = ol__keeper_start(runner, err);
    if (rc == OL_OK)
        rc = first_start_wait(runner, err);
    if (rc != OL_OK) {
        ol_runner_close(runner);
        return rc;
    }
    *ret = runner;
    return OL_OK;
}

void ol_runner_close(ol_runner *runner)
{
    if (runner == NULL)
        return;
    ol__keeper_stop(runner);
    ol__templates_drop(runner);
    for (size_t i = 0; i < runner->lanes_count; i++)
        ol__lane_close(&runner->lanes[i]);
    ol_fd_deinit(&runner->stop);
    (void)pthread_cond_destroy(&runner->changed);
    (void)pthread_mutex_destroy(&runner->lock);
    free(runner->program);
    free(runner->cgroup);
    free(runner);
}

void ol_runner_fences(ol_runner *runner, char text[static OL_RUNNER_FENCES_TEXT_BYTES])
{
    (void)pthread_mutex_lock(&runner->lock);
    memcpy(text, runner->fences, OL_RUNNER_FENCES_TEXT_BYTES);
    (void)pthread_mutex_unlock(&runner->lock);
}

int ol_runner_pid(ol_runner *runner)
{
    (void)pthread_mutex_lock(&runner->lock);
    int pid = runner->zygote.pid > 0 ? runner->zygote.pid : -1;
    (void)pthread_mutex_unlock(&runner->lock);
    return pid;
}
