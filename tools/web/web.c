/* The process: what it opens, how it looks at the daemon, and how it ends. */
#include "web/api.h"

#include "base/log.h"
#include "web/pace.h"
#include "web/samefile.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define SOCKET_DEFAULT "ipc:///run/gridpost/gridpost.ipc"

int64_t gp_web_now(const struct gp_web *web)
{
    const struct gp_web_daemon *daemon = &web->daemon;
    uint64_t gone_ms = uv_now(&web->loop) - daemon->at_ms;

    return daemon->known ? daemon->now_ms + (int64_t)(gone_ms * daemon->rate) : 0;
}

void gp_web_heard(struct gp_web *web, int64_t at_ms)
{
    if (!web->daemon.known || at_ms <= gp_web_now(web))
        return;
    web->daemon.now_ms = at_ms;
    web->daemon.at_ms = uv_now(&web->loop);
}

uint32_t gp_web_user(const struct gp_web *web, const char *user)
{
    const struct gp_org *org = gp_web_org(web);
    uint32_t at = gp_org_user_by_name(org, gp_span_of(user));

    if (at == GP_NONE || !gp_span_is(org->persons[org->users[at].via].id, web->options->owner))
        return GP_NONE;
    return at;
}

/* ---------------------------------------------------------------- files */

static void tell_findings(const struct gp_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct gp_finding *finding = &findings->item[i];
        if (finding->severity == GP_FINDING_ERROR)
            gp_log(GP_LOG_ERROR, "config", "%s:%u: %s %s: %s", finding->file, finding->line,
                   finding->field, finding->value, finding->problem);
    }
}

static bool stays(void *context, const struct gp_signed *session)
{
    const struct gp_web *web = context;
    const struct gp_org *org = gp_web_org(web);
    uint32_t at = gp_web_user(web, session->user);

    return at != GP_NONE && gp_vault_find(&web->vault, session->user) != NULL &&
           org->users[at].role == session->role &&
           gp_span_is(org->persons[org->users[at].person].id, session->person);
}

/* Outlines with mistakes leave those that were: a map is not worth an outage. */
static void read_geometry(struct gp_web *web)
{
    struct gp_findings findings;

    gp_findings_init(&findings);
    int rc = gp_geometry_read(web->geometry, web->options->config, gp_web_org(web), &findings);
    tell_findings(&findings);
    gp_findings_release(&findings);
    if (rc != 0 && rc != GP_ECONFIG)
        gp_log(GP_LOG_ERROR, "config", "%s/" GP_GEOMETRY_FILE ": %s; outlines stay as they were",
               web->options->config, gp_error_text(rc));
}

/* When the newest file of the directory was written; 0: that cannot be told. */
static int64_t written_ms(const char *folder)
{
    char path[PATH_MAX];
    struct stat file;
    const struct dirent *entry;
    int64_t newest_ms = 0;

    (void)snprintf(path, sizeof path, "%s/org", folder);
    DIR *org = opendir(path);
    while (org != NULL && (entry = readdir(org)) != NULL) {
        if (fstatat(dirfd(org), entry->d_name, &file, 0) != 0 || !S_ISREG(file.st_mode))
            continue;
        int64_t ms = (int64_t)file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1000000;
        newest_ms = ms > newest_ms ? ms : newest_ms;
    }
    if (org != NULL)
        (void)closedir(org); /* only read */
    return newest_ms;
}

/* The city's files. Ones with mistakes leave what was. */
static int read_directory(struct gp_web *web)
{
    struct gp_directory *directory = NULL;
    struct gp_findings findings;

    gp_findings_init(&findings);
    int rc = gp_directory_load(web->options->config, &findings, &directory);
    tell_findings(&findings);
    gp_findings_release(&findings);
    if (rc != 0)
        return rc;
    gp_directory_unref(web->directory);
    web->directory = directory;
    web->changed_ms = written_ms(web->options->config);
    (void)sodium_bin2hex(web->digest, sizeof web->digest, gp_web_org(web)->digest, 32);
    read_geometry(web); /* its codes may be there only now */
    gp_api_open311_settle(web);
    return 0;
}

/* `gridpost-web password` puts another file in its place, while we serve. */
static void read_vault(struct gp_web *web)
{
    struct stat file = {0}; /* of one that is not there: an empty vault */
    struct gp_vault vault;
    unsigned line;

    if (stat(web->options->vault, &file) == 0 && gp_same_file(&web->vault_file, &file))
        return;
    int rc = gp_vault_read(web->options->vault, &vault, &line);
    if (rc != 0) {
        gp_vault_release(&vault);
        gp_log(GP_LOG_ERROR, "secrets", "%s: line %u: %s", web->options->vault, line,
               gp_error_text(rc));
        return;
    }
    gp_vault_release(&web->vault);
    web->vault = vault;
    web->vault_file = file;
}

static void sweep(struct gp_web *web)
{
    gp_sign_sweep(web->sign, (int64_t)uv_now(&web->loop), stays, web);
}

/* ---------------------------------------------------------------- the daemon */

static void take_status(struct gp_web *web, const struct gp_daemon_status *status)
{
    struct gp_web_daemon *daemon = &web->daemon;

    *daemon = (struct gp_web_daemon){.known = true,
                                     .drill = status->drill,
                                     .rate = status->clock_rate > 0 ? status->clock_rate : 1,
                                     .now_ms = status->now_ms,
                                     .at_ms = uv_now(&web->loop),
                                     .head = status->head};
    (void)snprintf(daemon->digest, sizeof daemon->digest, "%.*s", GP_SPAN_ARG(status->directory));
}

static void stop(struct gp_web *web);

/* What a demo lets in must never be let into a city. */
static bool is_demo_misplaced(const struct gp_web *web)
{
    return web->options->demo_user[0] != '\0' && !web->daemon.drill;
}

static void on_status(void *context, int error, const struct gp_reply *reply)
{
    struct gp_web *web = context;
    bool was_known = web->daemon.known;

    web->asked = false;
    if (error == GP_ECLOSED)
        return;
    web->daemon.known = error == 0 && reply->status == GP_STATUS_OK;
    if (!web->daemon.known) {
        if (!web->silent)
            gp_log(GP_LOG_ERROR, "daemon", "no answer: %s; pages say so until it is back",
                   error != 0 ? gp_error_text(error) : "refused");
        web->silent = true;
        return;
    }
    web->silent = false;
    take_status(web, &reply->daemon);
    if (is_demo_misplaced(web)) {
        gp_log(GP_LOG_ERROR, "demo", "--demo-user is for drills, and the daemon is none; ending");
        web->exit_code = EX_CONFIG;
        stop(web);
        return;
    }
    if (!was_known)
        gp_log(GP_LOG_INFO, "daemon", "answers, head %" PRIu64, web->daemon.head);
    if (strncmp(web->daemon.digest, web->digest, strlen(web->daemon.digest)) != 0 &&
        read_directory(web) == 0) {
        gp_log(GP_LOG_INFO, "config", "another directory: %.16s", web->digest);
        sweep(web);
    }
}

static void look_for_daemon(struct gp_web *web)
{
    bool away = gp_async_is_away(web->async);

    if (away && !web->away)
        gp_sign_each(web->sign, gp_stream_daemon_away, web);
    web->away = away;
}

static void on_look(uv_timer_t *timer)
{
    struct gp_web *web = timer->data;
    struct gp_request request = {.kind = GP_REQUEST_STATUS};

    read_vault(web);
    if (!gp_geometry_is_current(web->geometry, web->options->config))
        read_geometry(web);
    sweep(web);
    look_for_daemon(web);
    if (!web->asked && gp_async_ask(web->async, &request, GP_WEB_ASK_MS, on_status, web, NULL) == 0)
        web->asked = true;
}

/* ---------------------------------------------------------------- end */

static void stop(struct gp_web *web)
{
    if (web->stopping)
        return;
    web->stopping = true;
    uv_close((uv_handle_t *)&web->look, NULL);
    uv_close((uv_handle_t *)&web->on_term, NULL);
    uv_close((uv_handle_t *)&web->on_int, NULL);
    uv_close((uv_handle_t *)&web->on_hup, NULL);
    if (web->http != NULL)
        gp_http_close(web->http);
    gp_async_close(web->async, NULL, NULL);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct gp_web *web = signal->data;

    if (number != SIGHUP) {
        stop(web);
        return;
    }
    read_vault(web);
    (void)gp_web_weights_read(web->options->score, &web->weights); /* else what was stays */
    if (read_directory(web) == 0)
        gp_log(GP_LOG_INFO, "config", "read again: %.16s", web->digest);
    sweep(web);
}

/* ---------------------------------------------------------------- start */

static int begin_handles(struct gp_web *web)
{
    web->look.data = web->on_term.data = web->on_int.data = web->on_hup.data = web;
    if (uv_timer_init(&web->loop, &web->look) != 0 ||
        uv_signal_init(&web->loop, &web->on_term) != 0 ||
        uv_signal_init(&web->loop, &web->on_int) != 0 ||
        uv_signal_init(&web->loop, &web->on_hup) != 0 ||
        uv_timer_start(&web->look, on_look, 0, GP_WEB_LOOK_MS) != 0 ||
        uv_signal_start(&web->on_term, on_signal, SIGTERM) != 0 ||
        uv_signal_start(&web->on_int, on_signal, SIGINT) != 0 ||
        uv_signal_start(&web->on_hup, on_signal, SIGHUP) != 0)
        return GP_ENOMEM;
    return 0;
}

static int read_identity(const struct gp_web_options *options, struct gp_identity *ret_identity)
{
    const char *reason = "";
    int rc = gp_trust_start();

    if (rc == 0)
        rc = gp_identity_load(options->identity, ret_identity, &reason);
    if (rc != 0)
        gp_log(GP_LOG_ERROR, "identity", "%s: %s; make one: gridpost join (as role bridge)",
               options->identity, reason[0] != '\0' ? reason : gp_error_text(rc));
    return rc;
}

/* A device that was enrolled on the daemon's machine has no address, as a rule. */
static const char *socket_of(const struct gp_web_options *options,
                             const struct gp_identity *identity)
{
    if (options->socket[0] != '\0')
        return options->socket;
    return identity->address[0] != '\0' ? identity->address : SOCKET_DEFAULT;
}

static int open_client(struct gp_web *web)
{
    const struct gp_async_limits limits = {.connections = GP_WEB_CONNECTIONS};
    struct gp_identity identity;
    int rc = read_identity(web->options, &identity);

    if (rc != 0)
        return rc;
    const char *socket = socket_of(web->options, &identity);
    rc = gp_async_open(&web->loop, socket, &identity, &limits, &web->async);
    if (rc != 0)
        gp_log(GP_LOG_ERROR, "socket", "%s: %s", socket, gp_error_text(rc));
    gp_identity_clear(&identity);
    return rc;
}

static int open_files(struct gp_web *web)
{
    int rc = gp_files_read(web->options->pages, &web->files);

    if (rc != 0)
        gp_log(GP_LOG_ERROR, "pages", "%s: %s", web->options->pages, gp_error_text(rc));
    if (rc == 0)
        rc = gp_geometry_new(&web->geometry);
    if (rc == 0)
        rc = read_directory(web);
    if (rc == 0)
        rc = gp_web_weights_read(web->options->score, &web->weights);
    if (rc == 0)
        read_vault(web);
    return rc;
}

static int open_http(struct gp_web *web)
{
    struct gp_http_options options = {.host = web->options->host,
                                      .port = web->options->port,
                                      .behind_proxy = web->options->behind_proxy,
                                      .context = web};
    options.route = gp_api_routes(&options.route_count);
    int rc = gp_http_open(&web->loop, &options, &web->http);
    if (rc != 0)
        gp_log(GP_LOG_ERROR, "listen", "%s:%u: %s", web->options->host, web->options->port,
               gp_error_text(rc));
    return rc;
}

static int say_ready(const struct gp_web *web)
{
    const char *path = web->options->ready;
    unsigned port = gp_http_port(web->http);

    gp_log(GP_LOG_INFO, "start", "ready: http://%s:%u/", web->options->host, port);
    if (path[0] == '\0')
        return 0;
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return GP_EIO;
    fprintf(file, "%u\n", port);
    return fclose(file) == 0 ? 0 : GP_EIO;
}

static int start(struct gp_web *web)
{
    int rc = open_files(web);

    if (rc == 0)
        rc = gp_sign_new(gp_stream_session_ended, web, &web->sign);
    if (rc == 0)
        rc = gp_pace_new(&web->open311.pace);
    if (rc == 0)
        rc = open_client(web);
    if (rc != 0)
        return rc; /* nothing is in the loop yet */
    rc = begin_handles(web);
    if (rc == 0)
        rc = open_http(web);
    if (rc == 0)
        rc = gp_demo_begin(web);
    if (rc == 0)
        rc = say_ready(web);
    if (rc != 0)
        stop(web);
    return rc;
}

int gp_web_run(const struct gp_web_options *options)
{
    static struct gp_web web;

    web.options = options;
    if (uv_loop_init(&web.loop) != 0)
        return EX_OSERR;
    web.daemon.at_ms =
        uv_now(&web.loop); /* it was never silent for longer than we have been here */
    int rc = start(&web);
    (void)uv_run(&web.loop, UV_RUN_DEFAULT);
    gp_http_free(web.http);
    gp_sign_free(web.sign);
    gp_pace_free(web.open311.pace);
    gp_files_free(web.files);
    gp_vault_release(&web.vault);
    gp_geometry_free(web.geometry);
    gp_web_weights_unref(web.weights);
    gp_directory_unref(web.directory);
    if (uv_loop_close(&web.loop) != 0)
        abort(); /* a handle was left: a mistake of ours */
    return rc == 0 ? web.exit_code : rc == GP_ECONFIG ? EX_CONFIG : 1;
}
