/* The words of limits and ladders for people who have never seen ladders.yaml. */
#include "gridpost/duty.h"

#include <stdarg.h>

struct gp_span gp_duty_name(struct gp_span name_zh, struct gp_span name_en)
{
    return gp_cli_is_chinese() || name_en.len == 0 ? name_zh : name_en;
}

/* ---------------------------------------------------------------- a text that grows */

struct text {
    char *at;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(text->at + text->used, GP_DUTY_TEXT_BYTES - text->used, format, arguments);
    va_end(arguments);
    if (len > 0)
        text->used += (size_t)len;
    if (text->used >= GP_DUTY_TEXT_BYTES)
        text->used = GP_DUTY_TEXT_BYTES - 1; /* cut off */
}

static void add_item(struct text *text, const char *item)
{
    add(text, "%s%s", text->used > 0 ? _(", ") : "", item);
}

/* ---------------------------------------------------------------- amounts and times */

static void amount_words(struct gp_amount amount, char ret_text[GP_CLI_TIME_BYTES])
{
    static const char *const units[] = {
        [GP_UNIT_MINUTE] = N_("min"),         [GP_UNIT_URGENT_HOUR] = N_("h"),
        [GP_UNIT_URGENT_DAY] = N_("d"),       [GP_UNIT_WORK_HOUR] = N_("working h"),
        [GP_UNIT_WORK_DAY] = N_("working d"),
    };

    (void)snprintf(ret_text, GP_CLI_TIME_BYTES, "%u %s", amount.n, _(units[amount.unit]));
}

void gp_duty_limit(const struct gp_limit *limit, char ret_text[GP_DUTY_TEXT_BYTES])
{
    struct text text = {.at = ret_text};

    ret_text[0] = '\0';
    for (uint8_t i = 0; i < limit->stage_count; i++) {
        char amount[GP_CLI_TIME_BYTES];
        amount_words(limit->stage[i], amount);
        add(&text, "%s%s", i > 0 ? " + " : "", amount);
    }
}

bool gp_duty_fires(const struct gp_rung *rung, uint8_t stage)
{
    if (rung->step > GP_STEP_REPEAT) /* of the dispatcher's and the checker's clocks */
        return false;
    return stage == 0 || (rung->step != GP_STEP_DISPATCH && rung->step != GP_STEP_UNACCEPTED);
}

static void after_start(const struct gp_rung *rung, const char *amount, struct text *text)
{
    if (rung->has_percent && rung->has_amount)
        add(text, _("%u %% of the limit, %s at most"), rung->percent, amount);
    else if (rung->has_percent)
        add(text, _("%u %% of the limit"), rung->percent);
    else if (rung->has_amount)
        add(text, _("%s after the start"), amount);
    else
        add(text, "%s", _("at once"));
}

void gp_duty_when(const struct gp_rung *rung, char ret_text[GP_DUTY_TEXT_BYTES])
{
    struct text text = {.at = ret_text};
    char amount[GP_CLI_TIME_BYTES] = "", then[GP_CLI_TIME_BYTES];

    ret_text[0] = '\0';
    if (rung->has_amount)
        amount_words(rung->amount, amount);
    if (rung->step == GP_STEP_REPEAT) {
        amount_words(rung->then, then);
        add(&text, _("every %s, %u times, then every %s"), amount, rung->times, then);
    } else if (rung->anchor == GP_ANCHOR_START) {
        after_start(rung, amount, &text);
    } else if (rung->has_amount) {
        add(&text, _("%s after the limit"), amount);
    } else {
        add(&text, "%s", _("when the limit passes"));
    }
}

/* ---------------------------------------------------------------- posts */

static const char *tell_words(enum gp_tell tell)
{
    static const char *const words[] = {
        [GP_TELL_OWNER] = N_("the owner"),
        [GP_TELL_DEPUTY] = N_("the owner's stand-in"),
        [GP_TELL_B] = N_("B grid officer"),
        [GP_TELL_Z] = N_("Z duty person"),
        [GP_TELL_D1] = N_("D1 secretary"),
        [GP_TELL_D2] = N_("D2 director"),
        [GP_TELL_R] = N_("R first responsibility"),
        [GP_TELL_S1] = N_("S1 street head"),
        [GP_TELL_S2] = N_("S2 street head"),
        [GP_TELL_SK] = N_("SK street desk"),
        [GP_TELL_SZ] = N_("the street's duty person"),
        [GP_TELL_K] = N_("K department's desk"),
        [GP_TELL_H] = N_("H department's head"),
        [GP_TELL_H2] = N_("H2 deputy in charge"),
        [GP_TELL_F] = N_("F field post"),
        [GP_TELL_X] = N_("X supervision office"),
    };

    return _(words[tell]);
}

static void add_parties(const struct gp_org *org, const struct gp_row *row, struct text *text)
{
    for (uint8_t i = 0; i < row->tell_count; i++) {
        char item[GP_DUTY_TEXT_BYTES];
        if (row->tell[i].kind == GP_PARTY_STREET) {
            add_item(text, _("SK street desk or S1"));
            continue;
        }
        const struct gp_department *department = &org->departments[row->tell[i].department];
        struct gp_span name = gp_duty_name(department->name_zh, department->name_en);
        (void)snprintf(item, sizeof item, _("desk K of %.*s"), GP_SPAN_ARG(name));
        add_item(text, item);
    }
}

void gp_duty_tells(const struct gp_org *org, const struct gp_row *row, const struct gp_rung *rung,
                   char ret_text[GP_DUTY_TEXT_BYTES])
{
    struct text text = {.at = ret_text};

    ret_text[0] = '\0';
    if (rung->handover)
        add_item(&text, _("the new owner"));
    for (int tell = GP_TELL_OWNER; tell <= GP_TELL_X; tell++) {
        if (!(rung->tells & (UINT32_C(1) << tell)))
            continue;
        if (tell == GP_TELL_ROW)
            add_parties(org, row, &text);
        else
            add_item(&text, tell_words((enum gp_tell)tell));
    }
    if (rung->urgent && !(rung->tells & (UINT32_C(1) << GP_TELL_Z)))
        add_item(&text, _("outside working hours Z duty person"));
}
