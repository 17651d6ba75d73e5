#include "rehearsal/scenario.h"

#include "base/clocktext.h"
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

struct parser {
    struct gp_span rest; /* of the line */
    unsigned line;
    struct gp_scenario_error *error;
};

__attribute__((format(printf, 2, 3))) static int wrong(struct parser *parser, const char *format,
                                                       ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(parser->error->text, sizeof parser->error->text, format, arguments);
    va_end(arguments);
    parser->error->line = parser->line;
    return GP_EFORMAT;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct parser *parser)
{
    while (parser->rest.len > 0 && blank(parser->rest.ptr[0])) {
        parser->rest.ptr++;
        parser->rest.len--;
    }
}

static struct gp_span take(struct parser *parser, size_t len)
{
    struct gp_span taken = {parser->rest.ptr, len};

    parser->rest.ptr += len;
    parser->rest.len -= len;
    return taken;
}

/* The next word, up to a blank; empty at the line's end. */
static struct gp_span word(struct parser *parser)
{
    size_t len = 0;

    skip_blanks(parser);
    while (len < parser->rest.len && !blank(parser->rest.ptr[len]))
        len++;
    return take(parser, len);
}

static int quoted(struct parser *parser, struct gp_span *ret_value)
{
    size_t len = 0;

    (void)take(parser, 1); /* the quote */
    while (len < parser->rest.len && parser->rest.ptr[len] != '"')
        len++;
    if (len == parser->rest.len)
        return wrong(parser, "a value's closing quote is missing");
    *ret_value = take(parser, len);
    (void)take(parser, 1);
    return 0;
}

static int pair(struct parser *parser, struct gp_scenario_pair *ret_pair)
{
    size_t len = 0;

    while (len < parser->rest.len && parser->rest.ptr[len] != '=' && !blank(parser->rest.ptr[len]))
        len++;
    if (len == 0 || len == parser->rest.len || parser->rest.ptr[len] != '=')
        return wrong(parser, "expected key=value at '%.*s'", (int)len, parser->rest.ptr);
    ret_pair->key = take(parser, len);
    (void)take(parser, 1); /* = */
    if (parser->rest.len > 0 && parser->rest.ptr[0] == '"')
        return quoted(parser, &ret_pair->value);
    for (len = 0; len < parser->rest.len && !blank(parser->rest.ptr[len]);)
        len++;
    ret_pair->value = take(parser, len);
    return 0;
}

/* A word without '=' behind the verb is the label. */
static void label(struct parser *parser, struct gp_scenario_act *act)
{
    struct gp_span rest;

    skip_blanks(parser);
    rest = parser->rest;
    struct gp_span candidate = word(parser);
    if (memchr(candidate.ptr, '=', candidate.len) != NULL)
        parser->rest = rest;
    else
        act->label = candidate;
}

static int parse_act(struct parser *parser, struct gp_scenario_act *act)
{
    struct gp_span time = word(parser);

    act->line = parser->line;
    if (gp_instant_parse(time, &act->at_ms) != 0)
        return wrong(parser, "'%.*s' is no time: write it as 2026-09-30T16:40+08:00",
                     GP_SPAN_ARG(time));
    act->verb = word(parser);
    if (act->verb.len == 0)
        return wrong(parser, "the verb is missing behind the time");
    label(parser, act);
    for (skip_blanks(parser); parser->rest.len > 0; skip_blanks(parser)) {
        if (act->pair_count == GP_SCENARIO_PAIRS_MAX)
            return wrong(parser, "more than %d keys on one line", GP_SCENARIO_PAIRS_MAX);
        int rc = pair(parser, &act->pair[act->pair_count]);
        if (rc != 0)
            return rc;
        act->pair_count++;
    }
    return 0;
}

static struct gp_span next_line(struct gp_span *text)
{
    const char *end = memchr(text->ptr, '\n', text->len);
    struct gp_span line = {text->ptr, end != NULL ? (size_t)(end - text->ptr) : text->len};
    size_t eaten = end != NULL ? line.len + 1 : line.len;

    text->ptr += eaten;
    text->len -= eaten;
    return line;
}

static size_t count_lines(struct gp_span text)
{
    size_t lines = 0;

    for (; text.len > 0; lines++)
        (void)next_line(&text);
    return lines;
}

static int check_order(struct parser *parser, const struct gp_scenario *scenario)
{
    const struct gp_scenario_act *act = &scenario->act[scenario->count];

    if (scenario->count > 0 && gp_span_is(act[-1].verb, "end"))
        return wrong(parser, "nothing may follow 'end'");
    if (scenario->count > 0 && act->at_ms < act[-1].at_ms)
        return wrong(parser, "time goes back: lines must be in order");
    return 0;
}

int gp_scenario_parse(struct gp_span text, struct gp_arena *arena, struct gp_scenario *ret_scenario,
                      struct gp_scenario_error *ret_error)
{
    struct gp_scenario scenario = {0};
    struct parser parser = {.error = ret_error};

    if (!gp_utf8_valid(text)) {
        (void)wrong(&parser, "the file is not UTF-8");
        return GP_EUTF8;
    }
    scenario.act = gp_arena_zalloc(arena, count_lines(text) + 1, sizeof *scenario.act);
    if (scenario.act == NULL)
        return GP_ENOMEM;
    while (text.len > 0) {
        parser.rest = next_line(&text);
        parser.line++;
        skip_blanks(&parser);
        if (parser.rest.len == 0 || parser.rest.ptr[0] == '#')
            continue;
        int rc = parse_act(&parser, &scenario.act[scenario.count]);
        if (rc == 0)
            rc = check_order(&parser, &scenario);
        if (rc != 0)
            return rc;
        scenario.count++;
    }
    if (scenario.count == 0 || !gp_span_is(scenario.act[scenario.count - 1].verb, "end"))
        return wrong(&parser, "the last line must be TIME end");
    *ret_scenario = scenario;
    return 0;
}

struct gp_span gp_scenario_value(const struct gp_scenario_act *act, const char *key)
{
    for (unsigned i = 0; i < act->pair_count; i++) {
        if (gp_span_is(act->pair[i].key, key))
            return act->pair[i].value;
    }
    return (struct gp_span){0};
}
