/*
 * Assembly: settings → directory → store → engine → clock → sockets → READY. What goes wrong before
 * READY ends the process with a message and an exit code; nothing is half-started.
 */
#include "app/app.h"

#include "app/seal/seal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static const char *given(const char *option, const char *setting)
{
    return option != NULL ? option : setting;
}

/* ---------------------------------------------------------------- configuration */

static bool offline(const struct gp_app *app)
{
    return app->options->verify || app->options->rebuild != NULL;
}

/* A store can be looked at when its city's files are broken: that needs to know where it is only.
 */
static int load(struct gp_app *app, struct gp_findings *findings)
{
    int rc;

    if (offline(app) && app->options->store != NULL)
        return 0;
    rc = gp_settings_load(app->options->config, findings, &app->settings);
    if (rc == 0)
        gp_log_open(app->settings.log_level);
    if (rc == 0 && !offline(app))
        rc = gp_directory_load(app->options->config, findings, &app->directory);
    return rc;
}

static int load_config(struct gp_app *app)
{
    struct gp_findings findings;
    int rc;

    gp_findings_init(&findings);
    rc = load(app, &findings);
    gp_findings_print(&findings);
    if (rc == GP_ECONFIG)
        gp_log(GP_LOG_ERROR, "config", "%s is not usable (%zu errors): not starting",
               app->options->config, findings.errors);
    else if (rc != 0)
        gp_log(GP_LOG_ERROR, "config", "%s could not be read: %s", app->options->config,
               gp_error_text(rc));
    gp_findings_release(&findings);
    if (rc == GP_ECONFIG)
        return EX_CONFIG; /* starting again would not help */
    return rc != 0 ? 1 : 0;
}

/* ---------------------------------------------------------------- store */

static int store_exit_code(int error, const char *path, bool drill)
{
    const char *text = gp_error_text(error);

    if (error == GP_EMODE)
        text = drill ? "this is a real store: a drill needs one of its own"
                     : "this is a drill's store: start it with --drill, or name the real one";
    else if (error == GP_ELOCKED)
        text = "another gridpostd has it open";
    else if (error == GP_EVERSION)
        text = "not a store of this version of gridpost";
    else if (error == GP_ENOTFOUND)
        text = "there is no store; its parent folder must exist";
    else if (error == GP_EEXIST)
        text = "there are other files in this folder, or a journal that is not of its data file";
    else if (error == GP_EINVAL)
        text = "this is not a folder";
    else if (error == GP_EAGAIN)
        text = "no file descriptor is free";
    gp_log(GP_LOG_ERROR, "store", "%s: %s", path, text);
    if (error == GP_EMODE || error == GP_EVERSION || error == GP_EEXIST || error == GP_EINVAL)
        return EX_CONFIG; /* starting again would not help */
    return error == GP_ELOCKED ? EX_TEMPFAIL : 1;
}

static void log_found(const struct gp_store_found *found, const char *path)
{
    if (found->cut_bytes > 0)
        gp_log(GP_LOG_WARNING, "store",
               "%s: %llu bytes of a batch that was never acknowledged were set aside as journal/%s",
               path, (unsigned long long)found->cut_bytes, found->cut_name);
    if (found->bad_name[0] != '\0')
        gp_log(
            GP_LOG_ERROR, "store",
            "%s: journal/%s is damaged or missing at byte %llu: restore the folder from a backup; "
            "nothing was changed",
            path, found->bad_name, (unsigned long long)found->bad_offset);
}

static void log_space(const struct gp_app *app, const struct gp_store_found *found)
{
    if (found->unreserved)
        gp_log(GP_LOG_WARNING, "store",
               "this file system keeps no space for a file: that others leave enough is looked at");
    if (gp_store_short(app->store))
        gp_log(GP_LOG_ERROR, "store",
               "nearly no space left: reports are not taken, and their senders will try again");
}

static int open_store(struct gp_app *app)
{
    const char *path = given(app->options->store, app->settings.store);
    struct gp_store_found found = {0};
    struct gp_store_options options = {
        .map_bytes = (uint64_t)app->settings.store_map_mib << 20,
        .drill = app->options->drill,
        .create = !offline(app),
        .reserve_bytes = (uint64_t)app->settings.store_reserve_mib << 20,
        .found = &found,
    };
    int rc = gp_store_open(path, &options, &app->store);

    log_found(&found, path);
    if (rc == 0)
        log_space(app, &found);
    if (rc == 0 && !offline(app)) /* which look at what no engine can work on, too */
        rc = gp_engine_open(app->store, &app->engine);
    return rc != 0 ? store_exit_code(rc, path, app->options->drill) : 0;
}

/* ---------------------------------------------------------------- start */

static int start_handles(struct gp_app *app)
{
    if (uv_loop_init(&app->loop) != 0)
        return GP_ENOMEM;
    app->loop_open = true;
    for (int i = 0; i < GP_BATCH_SLOTS; i++) {
        app->slot[i] = calloc(1, sizeof *app->slot[i]);
        if (app->slot[i] == NULL)
            return GP_ENOMEM;
    }
    app->filling = app->slot[0];
    app->forecast = calloc(1, sizeof *app->forecast);
    if (app->forecast == NULL)
        return GP_ENOMEM;
    int rc = gp_worker_start(app);
    if (rc == 0)
        rc = gp_shutdown_start(app);
    if (rc == 0)
        rc = gp_followers_start(app);
    if (rc == 0)
        rc = gp_hints_start(app);
    return rc;
}

static int start_time(struct gp_app *app)
{
    const struct gp_org *org = gp_directory_org(app->directory);
    struct gp_engine_start state;
    int rc = gp_engine_state(app->engine, &state);

    if (rc == 0)
        rc = gp_app_look_again(app);
    if (rc != 0)
        return rc;
    app->head = state.head;
    app->scan_from = state.head;
    app->next_deadline_ms = state.next_deadline_ms;
    gp_app_clock_start(app, state.mark_ms);
    app->started_ms = gp_app_now(app);
    if (memcmp(org->digest, state.directory_digest, sizeof org->digest) != 0)
        gp_reload_in_force(app, "directory in force (start)");
    else if (state.replanning)
        gp_reload_replan(app);
    if (state.head > 0)
        gp_deadline_queue_start(app);
    return gp_deadline_start(app);
}

static int start(struct gp_app *app)
{
    int rc = gp_seal_open(app); /* batches look at it as they come back */

    if (rc != 0)
        return rc;
    rc = gp_backup_open(app);
    if (rc == 0)
        rc = start_handles(app);
    if (rc == 0)
        rc = start_time(app);
    if (rc != 0) {
        gp_log(GP_LOG_ERROR, "start", "%s", gp_error_text(rc));
        return 1;
    }
    rc = gp_sockets_bind(app);
    if (rc != 0)
        return rc;
    gp_log(GP_LOG_INFO, "start", "ready: %s, head %llu%s%s", gp_sockets_address(app, GP_DOOR_LOCAL),
           (unsigned long long)app->head, app->options->drill ? ", drill" : "",
           app->options->insecure_local ? ", insecure-local: who reaches it is believed" : "");
    gp_notify_ready(app);
    gp_backup_start(app);
    return 0;
}

/* ---------------------------------------------------------------- end */

/* A start that failed half-way: the store thread ends what it has, and begins nothing new. */
static void abandon(struct gp_app *app)
{
    app->phase = GP_CLOSING;
    while (app->in_flight || !gp_upkeep_idle(app))
        (void)uv_run(&app->loop, UV_RUN_ONCE);
    gp_worker_stop(app);
}

static void release(struct gp_app *app)
{
    while (app->free_jobs != NULL) {
        struct gp_job *next = app->free_jobs->next;
        gp_arena_release(&app->free_jobs->arena);
        gp_arena_release(&app->free_jobs->page);
        free(app->free_jobs);
        app->free_jobs = next;
    }
    gp_seal_close(app);
    gp_backup_close(app);
    for (int i = 0; i < GP_BATCH_SLOTS; i++)
        free(app->slot[i]);
    free(app->forecast);
    gp_counted_unref(app->counted);
    gp_app_drop_views(app);
    gp_engine_close(app->engine);
    gp_store_close(app->store);
    gp_directory_unref(app->directory);
    gp_settings_release(&app->settings);
    free(app);
}

/* Before anything is opened: children of this process do that. */
static int verify(const struct gp_app *app)
{
    const char *path = given(app->options->store, app->settings.store);
    int error;
    int exit_code = gp_offline_verify(path, (uint64_t)app->settings.store_map_mib << 20, &error);

    if (error == GP_ENOSPC || error == GP_ENOMEM || error == GP_EIO || error == GP_EAGAIN) {
        gp_log(GP_LOG_ERROR, "store",
               "%s: could not be checked: %s; it needs room below TMPDIR, else /var/tmp", path,
               gp_error_text(error));
        return EX_TEMPFAIL; /* that says nothing about the store */
    }
    return error != 0 ? store_exit_code(error, path, app->options->drill) : exit_code;
}

static int run_loop(struct gp_app *app)
{
    int rc = start(app);

    if (rc != 0) {
        abandon(app);
        exit(rc); /* nothing was promised to anybody yet; the store's lock ends with the process */
    }
    (void)uv_run(&app->loop, UV_RUN_DEFAULT);
    rc = uv_loop_close(&app->loop);
    assert(rc == 0);
    gp_log(GP_LOG_INFO, "stop", "stopped at head %llu", (unsigned long long)app->head);
    return app->exit_code;
}

static int run_store(struct gp_app *app)
{
    int exit_code = open_store(app);

    if (exit_code == 0 && app->options->rebuild != NULL)
        return gp_offline_rebuild(app->store, app->options->rebuild);
    return exit_code == 0 ? run_loop(app) : exit_code;
}

int gp_app_run(const struct gp_app_options *options)
{
    struct gp_app *app = calloc(1, sizeof *app);
    int exit_code;

    if (app == NULL)
        return 1;
    app->options = options;
    gp_log_open("info");
    if (options->verify || options->compact)
        gp_offline_yield();
    if (options->restore != NULL || options->compact) {
        release(app);
        return options->compact ? gp_backup_compact(options->store)
                                : gp_backup_restore(options->restore, options->store);
    }
    exit_code = load_config(app);
    if (exit_code == 0 && !offline(app))
        exit_code = gp_sockets_check(app);
    if (exit_code == 0 && !offline(app))
        exit_code = gp_backup_check(app);
    if (exit_code == 0 && options->verify)
        exit_code = verify(app);
    else if (exit_code == 0 && !options->check_only)
        exit_code = run_store(app);
    release(app);
    return exit_code;
}
