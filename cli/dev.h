/* `outlayer dev`: a supervisor of the real programs on one machine. One thread, one poll: signals,
 * the children's ends and log lines, changes in the folder of programs, orders, keys.
 *
 *   cmd_dev.c      options, start, end
 *   dev_loop.c     what happens, in the order it happens
 *   dev_start.c    from nothing to ready: who is started when, what is set up
 *   dev_screen.c   what is told
 *   dev_chain.c    the local chain: its program, contracts, accounts, projects
 *   dev_orders.c   fast-forward, snapshots, faults */
#ifndef CLI_DEV_H
#define CLI_DEV_H

#include <termios.h>

#include "cli/dev_chain.h"
#include "cli/dev_child.h"
#include "cli/dev_control.h"
#include "cli/dev_event.h"
#include "cli/dev_projects.h"
#include "cli/dev_services.h"

/* The order in which they are started; the last one is stopped first. */
typedef enum dev_who { CHAIN, KEYSTORE, COORDINATOR, WORKER, COMMAND, PROGRAMS } dev_who;

/* What has been reached on the way to ready. */
typedef struct dev_reached {
    bool chain_listens;
    bool chain_set_up;
    bool keystore_listens;
    bool coordinator_listens;
    bool worker_started;
    bool worker_ready;
    bool worker_stale; /* it may have read the projects file before the newest one */
    bool funded;
    bool published;
} dev_reached;

typedef struct dev {
    cli cli; /* ours, with the addresses we serve */
    const cli_args *args;
    dev_state state;
    dev_services services;
    dev_chain chain;
    dev_projects projects;
    const char *folder;  /* of programs */
    const char *command; /* --exec; may be NULL */
    bool once;
    bool state_is_standard;
    const char *home; /* whose credentials file names this dev: the user's, or one in the state */
    dev_reached reached;
    bool ready;
    bool stopping;  /* the loop ends */
    bool ending;    /* children are being stopped: their ends are no news */
    bool hurry;     /* the user asked again */
    int first_call; /* --first-call: which of the calls comes next; 0: none */
    int out;        /* where events go */
    bool color;
    bool events_hidden; /* [l]ogs off */
    int64_t started_ns;
    ol_str private_port; /* of the coordinator, for hidden logs */
    ol_fd signals;
    ol_fd changes; /* inotify; none with --no-watch */
    ol_fd orders;  /* listens in the state folder */
    bool keys;     /* the terminal gives single keys */
    struct termios terminal;
    dev_child child[PROGRAMS];
    int exit;
} dev;

/* ---- dev_loop.c */
void dev_serve(dev *d); /* until it stops */
void dev_stop_all(dev *d);
/* Children of the services end, and others take their place; back when these are ready. `between`
 * runs while neither is there. */
ol_rc dev_services_pause(dev *d, ol_rc (*between)(dev *d, const void *context, ol_err *err),
                         const void *context, ol_err *err);
/* The worker as a crash leaves it; another takes its place. */
ol_rc dev_worker_crash(dev *d, ol_err *err);
/* The keystore gone, and back: runs without secrets go on meanwhile. */
void dev_keystore_down(dev *d);
ol_rc dev_keystore_up(dev *d, ol_err *err);
void dev_fail(dev *d, const ol_err *err);

/* ---- dev_start.c */
ol_rc dev_begin(dev *d, ol_err *err); /* starts chain and coordinator */
/* A child's event may be the one that the next step waits for. */
ol_rc dev_advance(dev *d, const dev_child *child, const dev_event *event, ol_err *err);
/* Reads the folder of programs; what has changed is served, and published on the chain. */
ol_rc dev_projects_load(dev *d, bool always, ol_err *err);
void dev_call_begin(dev *d); /* --first-call, or [c] */
void dev_call_next(dev *d);  /* after the end of one */

/* ---- dev_screen.c */
/* An event of dev's own. */
void dev_tell(const dev *d, const char *level, const char *name, const dev_field *field,
              size_t fields);
void dev_tell_change(void *context, dev_change change, const dev_project *project);
void dev_screen(const dev *d, ol_str key);
/* What to try first: `echo` where there is one; NULL without programs. */
const char *dev_suggestion(const dev *d);

/* ---- dev_orders.c */
/* `text` becomes what to tell whoever asked. */
ol_rc dev_order_run(dev *d, const dev_order *order, ol_buf *text, ol_err *err);
void dev_key_pressed(dev *d, char key);

#endif
