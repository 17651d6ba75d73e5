/* What a user does to an incident, and new ones: the words of the command line (gridpost/verbs.h)
 * in JSON become a command. */
#include "web/api.h"

#include "gridpost/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- values */

static bool read_time(void *context, struct gp_span text, int64_t *ret_ms)
{
    (void)context;
    return gp_ask_read_when(text, ret_ms);
}

static bool read_incident(void *context, struct gp_span text, uint64_t *ret_incident)
{
    char number[24], *after;

    (void)context;
    (void)snprintf(number, sizeof number, "%.*s", GP_SPAN_ARG(text));
    *ret_incident = strtoull(number, &after, 10);
    return text.len < sizeof number && number[0] >= '1' && number[0] <= '9' && *after == '\0';
}

/* As it would be typed. False: nothing that a value can be. */
static bool text_of(struct gp_ask *ask, const json_t *value, struct gp_span *ret_text)
{
    char number[32];

    if (json_is_string(value)) {
        *ret_text = (struct gp_span){json_string_value(value), json_string_length(value)};
        return true; /* lives as long as the body does */
    }
    if (json_is_integer(value))
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (json_is_number(value))
        (void)snprintf(number, sizeof number, "%.7f", json_number_value(value));
    else if (json_is_boolean(value))
        (void)snprintf(number, sizeof number, "%s", json_is_true(value) ? "yes" : "no");
    else
        return false;
    *ret_text = gp_arena_copy(&ask->arena, gp_span_of(number));
    return ret_text->ptr != NULL;
}

static bool malformed(struct gp_ask *ask, const char *key, const char *why)
{
    char detail[GP_ARG_WRONG_BYTES + 64];

    (void)snprintf(detail, sizeof detail, "%.40s: %s", key, why);
    gp_ask_refuse(ask, 400, "malformed", detail);
    return false;
}

static bool read_id(struct gp_ask *ask, struct gp_command *command)
{
    const char *id = json_string_value(json_object_get(ask->body, "id"));
    size_t len = 0;

    if (id == NULL ||
        sodium_hex2bin(command->id, sizeof command->id, id, strlen(id), NULL, &len, NULL) != 0 ||
        len != sizeof command->id || strlen(id) != 2 * sizeof command->id)
        return malformed(ask, "id", "32 hexadecimal digits");
    return true;
}

static bool read_version(struct gp_ask *ask, struct gp_command *command)
{
    const json_t *version = json_object_get(ask->body, "version");
    json_int_t value = json_integer_value(version);

    if (version == NULL || json_is_null(version))
        return true;
    if (!json_is_integer(version) || value < 0 || value > UINT32_MAX)
        return malformed(ask, "version", "a number");
    command->expect_version = (uint32_t)value;
    return true;
}

static bool is_ours(const char *key)
{
    return strcmp(key, "id") == 0 || strcmp(key, "version") == 0;
}

/* Puts one key in; *given gets its bit. */
static bool read_key(struct gp_ask *ask, const char *key, const json_t *value,
                     struct gp_command *command, uint32_t *given)
{
    static const struct gp_arg_reader reader = {.time = read_time, .incident = read_incident};
    enum gp_arg arg = gp_arg_parse(gp_span_of(key));
    char wrong[GP_ARG_WRONG_BYTES];
    struct gp_span text;

    if (arg == GP_ARG_COUNT || (gp_verb_keys(command->verb) & GP_ARG_BIT(arg)) == 0)
        return malformed(ask, key, "not a key of this verb");
    if (!text_of(ask, value, &text))
        return malformed(ask, key, "text, a number, true or false");
    if (!gp_arg_set(&reader, arg, text, command, wrong))
        return malformed(ask, key, wrong);
    *given |= GP_ARG_BIT(arg);
    return true;
}

/* An empty value is none: forms send what was left empty. */
static bool is_none(const json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

static bool read_body(struct gp_ask *ask, struct gp_command *command)
{
    const char *key;
    json_t *value;
    uint32_t given = 0;

    if (!read_id(ask, command) || !read_version(ask, command))
        return false;
    json_object_foreach(ask->body, key, value)
    {
        if (!is_ours(key) && !is_none(value) && !read_key(ask, key, value, command, &given))
            return false;
    }
    uint32_t missing = gp_verb_needs(command->verb) & ~given;
    for (enum gp_arg arg = 0; arg < GP_ARG_COUNT; arg++) {
        if ((missing & GP_ARG_BIT(arg)) != 0)
            return malformed(ask, gp_arg_name(arg), "is needed");
    }
    return true;
}

/* ---------------------------------------------------------------- the calls */

static void take_answer(struct gp_ask *ask, const struct gp_reply *reply)
{
    gp_ask_json(
        ask,
        json_pack("{s:I, s:s, s:I, s:I, s:o, s:b}", "incident", (json_int_t)reply->answer.incident,
                  "state", gp_state_name(reply->answer.state), "version",
                  (json_int_t)reply->answer.version, "seq", (json_int_t)reply->answer.seq, "due",
                  gp_ask_time(reply->answer.due_ms), "repeated", reply->answer.repeated));
}

static void send_command(struct gp_ask *ask, struct gp_command *command)
{
    struct gp_request request = {.kind = GP_REQUEST_COMMAND};

    if (!read_body(ask, command))
        return;
    request.command = *command;
    gp_ask_daemon(ask, &request, take_answer);
}

void gp_api_command(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_change(exchange, context);
    struct gp_command command = {0};
    const char *word;

    if (ask == NULL)
        return;
    if (!gp_api_number_of(gp_http_path(exchange), "/api/incidents/", &command.incident, &word) ||
        word[0] != '/') {
        gp_ask_refuse(ask, 404, "not_found", "write incidents/N/VERB");
        return;
    }
    command.verb = (uint8_t)gp_verb_parse(gp_span_of(word + 1));
    if (command.verb == GP_VERB_REPORT || gp_verb_keys(command.verb) == 0) {
        gp_ask_refuse(ask, 404, "not_found", "no such verb");
        return;
    }
    send_command(ask, &command);
}

void gp_api_report(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_change(exchange, context);
    struct gp_command command = {.verb = GP_VERB_REPORT};

    if (ask != NULL)
        send_command(ask, &command);
}
