/*
 * Reload: the folder is read in the pool; a bad one changes nothing and says so, the same one
 * changes nothing and sends nothing, another one comes in force as a DIRECTORY item, and open
 * incidents are planned again by it (R15), some at a time.
 */
#include "app/internal.h"

#include "base/broken.h"

#include <stdio.h>
#include <stdlib.h>

#define IN_FORCE "directory in force (reload)"

struct load {
    uv_work_t work;
    struct gp_app *app;
    struct gp_findings findings;
    struct gp_directory *directory;
    int error;
};

static void print_finding(const struct gp_finding *finding)
{
    int level = finding->severity == GP_FINDING_ERROR ? GP_LOG_ERROR : GP_LOG_WARNING;
    const char *field = finding->field, *value = finding->value;
    const char *quote = value[0] != '\0' ? "'" : "";
    char line[16] = ""; /* none: of the file as a whole */

    if (finding->line != 0)
        (void)snprintf(line, sizeof line, ":%u", finding->line);
    gp_log(level, "config", "%s%s: %s%s%s%s%s%s%s; %s", finding->file, line, field,
           field[0] != '\0' && value[0] != '\0' ? " " : "", quote, value, quote,
           field[0] != '\0' || value[0] != '\0' ? ": " : "", finding->problem, finding->remedy);
}

void gp_findings_print(const struct gp_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        print_finding(&findings->item[i]);
    if (findings->dropped > 0)
        gp_log(GP_LOG_WARNING, "config", "and %zu more", findings->dropped);
}

static void work(uv_work_t *request)
{
    struct load *load = request->data;
    load->error = gp_directory_load(load->app->options->config, &load->findings, &load->directory);
}

static void say_difference(void *context, const char *line)
{
    (void)context;
    gp_log(GP_LOG_INFO, "reload", "%s", line);
}

void gp_reload_replan(struct gp_app *app)
{
    if (app->replan_queued)
        return;
    app->replan_queued = true;
    gp_batcher_must(app, &(struct gp_item){.kind = GP_ITEM_REPLAN});
}

void gp_reload_in_force(struct gp_app *app, const char *text)
{
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY, .text = gp_span_of(text)};

    if (app->directory_queued) /* it takes the newest with it, or comes back with an older one */
        return;
    app->directory_queued = true;
    gp_batcher_must(app, &item);
    gp_reload_replan(app);
}

/* The last item of the batch knows whether the store still waits for re-planning. */
void gp_reload_batch_done(struct gp_app *app, struct gp_batch_slot *slot)
{
    bool more = false, older = false;

    for (size_t i = 0; i < slot->batch.item_count; i++) {
        const struct gp_item *item = &slot->item[i];
        if (item->kind == GP_ITEM_REPLAN) {
            app->replan_queued = false;
            more = item->more;
        } else if (item->kind == GP_ITEM_DIRECTORY) {
            app->directory_queued = false;
            older = slot->directory != app->directory;
            more = item->more;
        }
    }
    if (app->phase != GP_RUNNING)
        return; /* the next start goes on from what the store says */
    if (older)
        gp_reload_in_force(app, IN_FORCE);
    if (more)
        gp_reload_replan(app);
}

static void bring_in_force(struct gp_app *app, struct load *load)
{
    const struct gp_org *before = gp_directory_org(app->directory);
    const struct gp_org *after = gp_directory_org(load->directory);

    if (memcmp(before->digest, after->digest, sizeof before->digest) == 0 &&
        !gp_broken("reload-sends-again")) {
        (void)snprintf(app->reload_text, sizeof app->reload_text, "unchanged");
        gp_log(GP_LOG_INFO, "reload", "the same files: nothing changes");
        return;
    }
    gp_directory_diff(before, after, say_difference, NULL);
    gp_directory_unref(app->directory);
    app->directory = load->directory;
    load->directory = NULL;
    if (gp_app_look_again(app) != 0)
        gp_log(GP_LOG_WARNING, "reload", "readers see the directory from before for a moment");
    else
        gp_followers_judge(app);
    (void)snprintf(app->reload_text, sizeof app->reload_text, "in force");
    gp_reload_in_force(app, IN_FORCE);
}

static void say_refused(struct gp_app *app, const struct load *load)
{
    if (load->error != 0 && load->error != GP_ECONFIG)
        (void)snprintf(app->reload_text, sizeof app->reload_text,
                       "not read: %s, the directory from before stays in force",
                       gp_error_text(load->error));
    else
        (void)snprintf(app->reload_text, sizeof app->reload_text,
                       "refused: %zu errors, the directory from before stays in force",
                       load->findings.errors);
}

static void done(uv_work_t *request, int status)
{
    struct load *load = request->data;
    struct gp_app *app = load->app;

    app->reloading = false;
    if (status != 0 || load->error != 0) {
        gp_findings_print(&load->findings);
        say_refused(app, load);
        gp_log(GP_LOG_ERROR, "reload", "%s", app->reload_text);
    } else if (app->phase == GP_RUNNING) {
        bring_in_force(app, load);
    }
    gp_directory_unref(load->directory);
    gp_findings_release(&load->findings);
    free(load);
    if (app->phase == GP_RUNNING)
        gp_notify_ready(app);
    if (app->reload_again)
        gp_reload(app);
    gp_shutdown_advance(app);
}

void gp_reload(struct gp_app *app)
{
    struct load *load;

    app->reload_again = app->reloading; /* one at a time; the newest files win */
    if (app->reloading || app->phase != GP_RUNNING)
        return;
    load = calloc(1, sizeof *load);
    if (load == NULL) {
        gp_log(GP_LOG_ERROR, "reload", "out of memory: the directory from before stays in force");
        return;
    }
    load->app = app;
    load->work.data = load;
    gp_findings_init(&load->findings);
    gp_notify_reloading();
    app->reloading = true;
    if (uv_queue_work(&app->loop, &load->work, work, done) != 0) {
        app->reloading = false;
        free(load);
        gp_notify_ready(app);
    }
}
