#include "gridpost/verbs.h"

#include "gridpost/cli.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

static const char *const names[] = {
#define X(name, word) word,
    GP_ARGS(X)
#undef X
};

static_assert(GP_ARG_COUNT <= 32, "a set of keys is a uint32_t");

const char *gp_arg_name(enum gp_arg key)
{
    return names[key];
}

enum gp_arg gp_arg_parse(struct gp_span word)
{
    int key = 0;

    while (key < GP_ARG_COUNT && !gp_span_is(word, names[key]))
        key++;
    return (enum gp_arg)key;
}

/* ---------------------------------------------------------------- which verb takes what */

#define K(key) GP_ARG_BIT(GP_ARG_##key)

/* `yes` and `no` are the words of its result. */
static const struct verb {
    uint32_t keys, needs;
    const char *yes, *no;
} verbs[] = {
    [GP_VERB_REPORT] = {K(GRID) | K(CATEGORY) | K(CONDITION) | K(CAPTURED) | K(LAT) | K(LON) |
                            K(PHONE) | K(ON_SPOT) | K(INFORMED) | K(DOWNWARD) | K(APPROVAL),
                        K(GRID) | K(CATEGORY), NULL, NULL},
    [GP_VERB_FILE] = {0},
    [GP_VERB_ACCEPT] = {0},
    [GP_VERB_NOTE] = {0},
    [GP_VERB_STAGE] = {0},
    [GP_VERB_FINISH] = {0},
    [GP_VERB_VERIFY] = {K(RESULT), 0, "pass", "fail"},
    [GP_VERB_INFORM] = {0},
    [GP_VERB_CLOSE] = {0},
    [GP_VERB_VOID] = {0},
    [GP_VERB_LINK] = {K(TO), K(TO), NULL, NULL},
    [GP_VERB_UNLINK] = {0},
    [GP_VERB_RETURN] = {K(SUGGEST), K(REASON), NULL, NULL},
    [GP_VERB_CONSENT] = {0},
    [GP_VERB_RULE] = {K(RESULT) | K(OWNER), K(RESULT), "accept", "refuse"},
    [GP_VERB_REFUSE] = {0},
    [GP_VERB_EXTEND] = {K(HOURS), K(HOURS), NULL, NULL},
    [GP_VERB_DECIDE] = {K(RESULT), K(RESULT), "grant", "refuse"},
    [GP_VERB_SUSPEND] = {K(UNTIL), K(UNTIL), NULL, NULL},
    [GP_VERB_RESUME] = {0},
    [GP_VERB_REOPEN] = {0},
    [GP_VERB_REASSIGN] = {K(OWNER), K(OWNER), NULL, NULL},
    [GP_VERB_CORRECT] = {K(GRID) | K(CATEGORY) | K(CONDITION), 0, NULL, NULL},
    [GP_VERB_DELIVER] = {K(SEQ) | K(PERSON) | K(STATE), K(SEQ) | K(STATE), NULL, NULL},
    [GP_VERB_APPEAL] = {0},
    [GP_VERB_SIGN] = {K(OF) | K(RESULT), K(OF) | K(RESULT), "grant", "refuse"},
};

#define VERBS ((int)(sizeof verbs / sizeof verbs[0]))

/* All say why in a text, and all but a report may be guarded by a version. */
uint32_t gp_verb_keys(int verb)
{
    if (verb <= GP_VERB_NONE || verb >= VERBS)
        return 0;
    if (verb == GP_VERB_REPORT)
        return verbs[verb].keys | K(TEXT);
    return verbs[verb].keys | K(TEXT) | K(REASON) | K(VERSION);
}

uint32_t gp_verb_needs(int verb)
{
    return verb > GP_VERB_NONE && verb < VERBS ? verbs[verb].needs : 0;
}

/* ---------------------------------------------------------------- values */

#define VALUE_SHOWN_BYTES 60

/* One value on its way into a command. */
struct reading {
    const struct gp_arg_reader *reader;
    enum gp_arg key;
    struct gp_span value;
    struct gp_command *command;
    char *wrong;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct reading *reading, const char *format,
                                                        ...)
{
    struct gp_span value = reading->value.len > 0 ? reading->value : gp_span_of(_("nothing"));
    va_list arguments;

    value.len = value.len < VALUE_SHOWN_BYTES ? value.len : VALUE_SHOWN_BYTES;
    while (!gp_utf8_valid(value)) /* cut inside a character */
        value.len--;
    int used = snprintf(reading->wrong, GP_ARG_WRONG_BYTES, "%s=%.*s: ", names[reading->key],
                        GP_SPAN_ARG(value));

    va_start(arguments, format);
    (void)vsnprintf(reading->wrong + used, GP_ARG_WRONG_BYTES - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

#define WORD_BYTES 48

/* The value as a string; cut, which no number or time survives. */
static const char *word_of(const struct reading *reading, char buffer[WORD_BYTES])
{
    (void)snprintf(buffer, WORD_BYTES, "%.*s", GP_SPAN_ARG(reading->value));
    return buffer;
}

static bool read_number(struct reading *reading, uint64_t most, uint64_t *ret_number)
{
    char buffer[WORD_BYTES];

    if (reading->value.len < WORD_BYTES && gp_read_number(word_of(reading, buffer), ret_number) &&
        *ret_number <= most)
        return true;
    return wrong(reading, "%s", _("a number from 1 on"));
}

static bool read_degrees(struct reading *reading, double most, int32_t *ret_e7)
{
    char buffer[WORD_BYTES];
    char *end;
    double value = strtod(word_of(reading, buffer), &end);

    if (reading->value.len == 0 || *end != '\0' || !(fabs(value) <= most))
        return wrong(reading, _("degrees from -%.0f to %.0f"), most, most);
    *ret_e7 = (int32_t)lround(value * 1e7);
    reading->command->place.known = true;
    return true;
}

static bool read_yes(struct reading *reading, bool *ret_yes)
{
    *ret_yes = gp_span_is(reading->value, "yes");
    return *ret_yes || gp_span_is(reading->value, "no") || wrong(reading, "%s", _("yes or no"));
}

static bool read_time(struct reading *reading, int64_t *ret_ms)
{
    return reading->reader->time(reading->reader->context, reading->value, ret_ms) ||
           wrong(reading, "%s", _("a time such as 2026-10-01T08:00, or a date"));
}

static bool read_incident(struct reading *reading)
{
    return reading->reader->incident(reading->reader->context, reading->value,
                                     &reading->command->other) ||
           wrong(reading, "%s", _("no such incident"));
}

static bool read_result(struct reading *reading)
{
    const struct verb *verb = &verbs[reading->command->verb];

    if (gp_span_is(reading->value, verb->yes))
        reading->command->result = GP_RESULT_YES;
    else if (gp_span_is(reading->value, verb->no))
        reading->command->result = GP_RESULT_NO;
    else
        return wrong(reading, _("%s or %s"), verb->yes, verb->no);
    return true;
}

static bool read_text(struct reading *reading)
{
    if (reading->command->text.len > 0)
        return wrong(reading, "%s", _("the text is given already"));
    reading->command->text = reading->value;
    return true;
}

static bool read_reason(struct reading *reading)
{
    if (reading->command->verb != GP_VERB_RETURN)
        return read_text(reading);
    reading->command->return_reason = (uint8_t)gp_return_reason_parse(reading->value);
    return reading->command->return_reason != GP_RETURN_NONE ||
           wrong(reading, "%s",
                 "wrong_line wrong_area duplicate not_enough_info no_power out_of_scope");
}

static bool read_delivery(struct reading *reading)
{
    reading->command->delivery = (uint8_t)gp_delivery_parse(reading->value);
    return reading->command->delivery != GP_DELIVERY_NONE ||
           wrong(reading, "%s", "delivered failed acknowledged");
}

static bool read_count(struct reading *reading, uint32_t *ret_count)
{
    uint64_t number = 0;

    if (!read_number(reading, UINT32_MAX, &number))
        return false;
    *ret_count = (uint32_t)number;
    return true;
}

/* Keys whose value goes into the command as it is. */
static struct gp_span *place_of(struct gp_command *command, enum gp_arg key)
{
    switch (key) {
    case GP_ARG_GRID:
        return &command->grid;
    case GP_ARG_CATEGORY:
        return &command->category;
    case GP_ARG_CONDITION:
        return &command->condition;
    case GP_ARG_PHONE:
        return &command->phone;
    case GP_ARG_APPROVAL:
        return &command->approval;
    case GP_ARG_SUGGEST:
    case GP_ARG_OWNER:
        return &command->post;
    case GP_ARG_PERSON:
    case GP_ARG_OF:
        return &command->person;
    default:
        return NULL;
    }
}

bool gp_arg_set(const struct gp_arg_reader *reader, enum gp_arg key, struct gp_span value,
                struct gp_command *command, char ret_wrong[GP_ARG_WRONG_BYTES])
{
    struct reading reading = {reader, key, value, command, ret_wrong};
    struct gp_span *place = place_of(command, key);

    if (place != NULL) {
        *place = value;
        return true;
    }
    switch (key) {
    case GP_ARG_TEXT:
        return read_text(&reading);
    case GP_ARG_REASON:
        return read_reason(&reading);
    case GP_ARG_VERSION:
        return read_count(&reading, &command->expect_version);
    case GP_ARG_CAPTURED:
        return read_time(&reading, &command->captured_ms);
    case GP_ARG_LAT:
        return read_degrees(&reading, 90, &command->place.lat_e7);
    case GP_ARG_LON:
        return read_degrees(&reading, 180, &command->place.lon_e7);
    case GP_ARG_ON_SPOT:
        return read_yes(&reading, &command->on_spot);
    case GP_ARG_INFORMED:
        return read_yes(&reading, &command->informed);
    case GP_ARG_DOWNWARD:
        return read_yes(&reading, &command->downward);
    case GP_ARG_RESULT:
        return read_result(&reading);
    case GP_ARG_HOURS:
        return read_count(&reading, &command->hours);
    case GP_ARG_UNTIL:
        return read_time(&reading, &command->from_ms);
    case GP_ARG_TO:
        return read_incident(&reading);
    case GP_ARG_SEQ:
        return read_number(&reading, UINT64_MAX, &command->ref_seq);
    default: /* GP_ARG_STATE */
        return read_delivery(&reading);
    }
}
