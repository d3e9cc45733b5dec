/* What dev tells: the first screen, which holds everything one copies next, and events. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/dev.h"
#include "lib/base/clock.h"

static const char *const CHANGES[] = {
    [DEV_ADDED] = "project_added",
    [DEV_CHANGED] = "project_changed",
    [DEV_REMOVED] = "project_removed",
    [DEV_REFUSED] = "project_refused",
};

void dev_tell(const dev *d, const char *level, const char *name, const dev_field *field,
              size_t fields)
{
    char time[OL_TIME_TEXT_BYTES];
    dev_event event = {.level = ol_str_of(level), .program = OL_STR("dev"), .fields = fields};
    ol_time_format(ol_wall_ms(ol_clock_real()), time);
    event.time = ol_str_of(time);
    event.name = ol_str_of(name);
    OL_ASSERT(fields <= DEV_FIELDS_MAX);
    if (fields > 0)
        memcpy(event.field, field, fields * sizeof *field);
    if (!d->cli.quiet || d->cli.json)
        dev_event_print(&d->cli, d->out, d->color, &event);
}

void dev_tell_change(void *context, dev_change change, const dev_project *project)
{
    const dev *d = context;
    char size[32];
    (void)snprintf(size, sizeof size, "%zu", project->bytes);
    const dev_field fields[] = {
        {OL_STR("project"), ol_arena_printf(d->cli.arena, DEV_OWNER "/%s", project->name)},
        {OL_STR("wasm"), ol_str_of(project->hash.data)},
        {OL_STR("bytes"), ol_str_of(size)},
        {OL_STR("target"), project->component ? OL_STR("p2") : OL_STR("p1")},
    };
    if (!d->ready && change != DEV_REFUSED)
        return; /* the first screen lists them */
    if (change == DEV_REFUSED) {
        const dev_field why[] = {fields[0],
                                 {OL_STR("reason"), ol_str_of(project->refusal)},
                                 {OL_STR("text"), ol_str_of(project->refusal_text)}};
        dev_tell(d, "warn", CHANGES[change], why, OL_COUNT(why));
        return;
    }
    dev_tell(d, "info", CHANGES[change], fields, change == DEV_REMOVED ? 1 : OL_COUNT(fields));
}

const char *dev_suggestion(const dev *d)
{
    if (d->projects.count == 0)
        return NULL;
    for (size_t i = 0; i < d->projects.count; i++) {
        if (strcmp(d->projects.project[i].name, "echo") == 0)
            return "echo";
    }
    return d->projects.project[0].name;
}

static int64_t ready_ms(const dev *d)
{
    return (ol_mono_ns(ol_clock_real()) - d->started_ns) / 1000000;
}

/* ---- for people */

static void screen_projects(const dev *d, ol_buf *text)
{
    for (size_t i = 0; i < d->projects.count; i++) {
        const dev_project *p = &d->projects.project[i];
        ol_buf_addf(text, "  %-12s " DEV_OWNER "/%-18s wasm %.8s…  %6.1f kB  %s\n",
                    i == 0 ? "projects" : "", p->name, p->hash.data, (double)p->bytes / 1000,
                    p->component ? "p2" : "p1");
    }
    if (d->projects.count == 0)
        ol_buf_addf(text, "  projects     none yet: put a .wasm file into %s\n", d->folder);
}

static void screen_chain(const dev *d, ol_buf *text)
{
    const cli *it = &d->cli;
    if (d->chain.program == NULL)
        return;
    ol_buf_addf(text, "  chain        %.*s   a block as soon as there is work", OL_FMT(it->rpc));
    if (d->chain.block_ms > 0)
        ol_buf_addf(text, ", an empty one after %llu ms", (unsigned long long)d->chain.block_ms);
    ol_buf_addf(text, "\n  contract     " DEV_CONTRACT "   token " DEV_TOKEN "\n\n");
    ol_buf_addf(text, "  %-17s %6s %6s   %s\n", "account", "NEAR", "USDC",
                "private key (from the seed, so everybody's)");
    OL_EACH (id, DEV_PEOPLE_IDS) {
        dev_person p;
        dev_chain_person(it, &d->chain, *id, &p);
        ol_buf_addf(text, "  %-17s %6.*s %6.*s   %.*s\n", p.account_id, OL_FMT(p.near),
                    OL_FMT(p.usdc), OL_FMT(p.private_key));
    }
    ol_buf_add_char(text, '\n');
}

static void screen_try(const dev *d, ol_buf *text)
{
    const char *name = dev_suggestion(d);
    if (name == NULL || d->once)
        return;
    ol_buf_addf(text, "  try          outlayer run " DEV_OWNER "/%s '{\"n\":1}'\n", name);
    if (d->chain.program != NULL)
        ol_buf_addf(text, "               outlayer run --path chain " DEV_OWNER "/%s '{\"n\":1}'\n",
                    name);
}

static void screen_people(const dev *d, ol_str key)
{
    OL_AUTO(ol_buf) text = ol_buf_new(256 * 1024);
    const char *bold = d->color ? "\033[1m" : "", *plain = d->color ? "\033[0m" : "";
    bool users = ol_str_eq(ol_str_of(d->home), d->cli.home);
    ol_err err;
    ol_buf_addf(&text, "%soutlayer dev %s%s    state: %.*s\n", bold, OL_VERSION, plain,
                OL_FMT(d->state.folder));
    ol_buf_addf(&text, "  api          %s%.*s%s\n", bold, OL_FMT(d->cli.api), plain);
    ol_buf_addf(&text,
                "  keystore     http://127.0.0.1:%u   its master follows from the seed: no secret "
                "is one here\n",
                d->services.keystore_port);
    screen_chain(d, &text);
    ol_buf_addf(&text, "  payment key  %.*s   %.*s µUSD\n", OL_FMT(key),
                OL_FMT(d->state.key[0].amount));
    ol_buf_addf(&text, "  credentials  %s/local/credentials.json\n", d->home);
    if (!users && !d->once)
        ol_buf_addf(&text, "               elsewhere: export OUTLAYER_HOME=%s\n", d->home);
    ol_buf_add_char(&text, '\n');
    screen_projects(d, &text);
    screen_try(d, &text);
    if (d->keys)
        ol_buf_addf(&text, "  keys         [c]all again%s [l]ogs [q]uit\n",
                    d->chain.program != NULL ? " [f]ast-forward 200 blocks [m]ine one [s]napshot"
                                             : "");
    ol_buf_addf(&text, "ready after %lld ms%s%s; Ctrl-C stops everything\n", (long long)ready_ms(d),
                ol_fd_is_open(d->changes) ? ", watching " : "",
                ol_fd_is_open(d->changes) ? d->folder : "");
    if (!d->cli.quiet)
        (void)ol_write_all((ol_fd){d->out}, ol_buf_bytes(&text), &err);
}

/* ---- for programs */

static void put_accounts(const dev *d, ol_json_writer *w)
{
    ol_json_key(w, "accounts");
    ol_json_array_begin(w);
    OL_EACH (id, DEV_PEOPLE_IDS) {
        dev_person p;
        dev_chain_person(&d->cli, &d->chain, *id, &p);
        ol_json_object_begin(w);
        ol_json_put_cstr(w, "account_id", p.account_id);
        ol_json_put_str(w, "near", p.near);
        ol_json_put_str(w, "usdc", p.usdc);
        ol_json_put_str(w, "private_key", p.private_key);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

static void put_projects(const dev *d, ol_json_writer *w)
{
    ol_json_key(w, "projects");
    ol_json_array_begin(w);
    for (size_t i = 0; i < d->projects.count; i++) {
        const dev_project *p = &d->projects.project[i];
        ol_json_object_begin(w);
        ol_json_key(w, "id");
        ol_json_add_str(w, ol_arena_printf(d->cli.arena, DEV_OWNER "/%s", p->name));
        ol_json_put_cstr(w, "sha256", p->hash.data);
        ol_json_put_u64(w, "bytes", p->bytes);
        ol_json_put_cstr(w, "target", p->component ? "p2" : "p1");
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

static void screen_json(const dev *d, ol_str key)
{
    OL_AUTO(ol_buf) line = ol_buf_new(256 * 1024);
    ol_json_writer w = ol_json_writer_over(&line);
    ol_err err;
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "event", "ready");
    ol_json_put_cstr(&w, "program", "dev");
    ol_json_put_cstr(&w, "version", OL_VERSION);
    ol_json_put_str(&w, "api", d->cli.api);
    ol_json_key(&w, "keystore");
    ol_json_add_str(
        &w, ol_arena_printf(d->cli.arena, "http://127.0.0.1:%u", d->services.keystore_port));
    if (d->chain.program != NULL) {
        ol_json_put_str(&w, "rpc", d->cli.rpc);
        ol_json_put_cstr(&w, "contract", DEV_CONTRACT);
        ol_json_put_cstr(&w, "token", DEV_TOKEN);
        ol_json_put_str(&w, "seed", d->state.seed);
        put_accounts(d, &w);
    }
    ol_json_put_str(&w, "state", d->state.folder);
    ol_json_put_str(&w, "payment_key", key);
    ol_json_key(&w, "credentials");
    ol_json_add_str(&w, ol_arena_printf(d->cli.arena, "%s/local/credentials.json", d->home));
    ol_json_put_i64(&w, "ms", ready_ms(d));
    put_projects(d, &w);
    ol_json_object_end(&w);
    ol_buf_add_char(&line, '\n');
    if (ol_buf_ok(&line))
        (void)ol_write_all((ol_fd){d->out}, ol_buf_bytes(&line), &err);
}

void dev_screen(const dev *d, ol_str key)
{
    if (d->cli.json)
        screen_json(d, key);
    else
        screen_people(d, key);
}
