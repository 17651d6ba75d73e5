/* test: one message by one channel, to see whether it arrives. */
#include "notify/notify.h"

#include "notify/address.h"
#include "notify/courier.h"
#include "notify/run.h"

#include <string.h>

struct test {
    struct gp_notify_cli cli;
    const char *channel, *to;
};

static const struct argp_child children[] = {{&gp_notify_argp, 0, NULL, 0}, {0}};

enum { OPT_TO = 256 };

static const struct argp_option options[] = {
    {"to", OPT_TO, "ADDRESS", 0, N_("where to; of mail it is needed"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct test *test = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &test->cli;
        return 0;
    case OPT_TO:
        test->to = value;
        return 0;
    case ARGP_KEY_ARG:
        if (test->channel != NULL)
            argp_error(state, "%s", _("one channel at a time"));
        test->channel = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "%s", _("name a channel of the settings"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Sends and waits for the end. Returns an exit code. */
static int carry(const struct gp_notify_settings *settings, const struct gp_channel *channel,
                 struct gp_outgoing *outgoing)
{
    struct gp_courier *courier = NULL;
    struct gp_answer answer;
    struct gp_verdict verdict;
    void *tag;
    int rc = gp_courier_open(&courier);

    if (rc != 0)
        gp_outgoing_release(outgoing);
    else
        rc = gp_courier_start(courier, outgoing, settings->timeout_ms, NULL);
    if (rc != 0) {
        fprintf(stderr, "gridpost-notify: %s\n", gp_error_text(rc));
        gp_courier_close(courier);
        return GP_NOTIFY_FAILED;
    }
    while (!gp_courier_next(courier, &answer, &tag))
        gp_courier_wait(courier, 1000);
    gp_courier_close(courier);
    gp_channel_judge(channel, &answer, &verdict);
    if (verdict.kind == GP_VERDICT_SENT) {
        printf(_("channel %s: sent\n"), channel->name);
        return GP_NOTIFY_DONE;
    }
    fprintf(stderr, _("gridpost-notify: channel %s: not sent: %s\n"), channel->name, verdict.why);
    return GP_NOTIFY_FAILED;
}

static int send_one(const struct gp_notify_settings *settings, const struct gp_channel *channel,
                    const char *to)
{
    int64_t now_ms = gp_now_ms();
    struct gp_message message = {0};
    struct gp_outgoing outgoing = {0};
    int rc = gp_compose_test(settings, channel, to, now_ms, &message);

    if (rc == 0)
        rc = gp_channel_write(channel, to, &message, now_ms, &outgoing);
    gp_message_release(&message);
    if (rc != 0) {
        fprintf(stderr, "gridpost-notify: %s\n", gp_error_text(rc));
        return GP_NOTIFY_FAILED;
    }
    return carry(settings, channel, &outgoing);
}

static int find_and_send(const struct gp_notify_settings *settings, const struct test *test)
{
    uint32_t at = gp_channel_find(settings, gp_span_of(test->channel));

    if (at == GP_NONE) {
        fprintf(stderr, _("gridpost-notify: there is no channel '%s' in %s\n"), test->channel,
                test->cli.config);
        return GP_NOTIFY_NOT_FOUND;
    }
    const struct gp_channel *channel = &settings->channel[at];
    if (channel->kind == GP_CHANNEL_SMTP && !gp_address_is_mail(gp_span_of(test->to))) {
        fputs(_("gridpost-notify: say where the mail shall go: --to NAME@HOST\n"), stderr);
        return GP_NOTIFY_USAGE;
    }
    return send_one(settings, channel, test->to);
}

int gp_notify_test(int argc, char **argv)
{
    static const struct argp parser = {.options = options,
                                       .parser = on_option,
                                       .args_doc = N_("CHANNEL"),
                                       .children = children,
                                       .doc = N_("Sends one message by a channel and says whether "
                                                 "it was taken.")};
    struct test test = {.to = ""};
    struct gp_notify_settings *settings = NULL;

    (void)argp_parse(&parser, argc, argv, 0, NULL, &test); /* exits on a mistake */
    int code = gp_notify_load(&test.cli, false, &settings);
    if (code == GP_NOTIFY_DONE)
        code = find_and_send(settings, &test);
    gp_notify_settings_free(settings);
    return code;
}
