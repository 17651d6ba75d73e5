#include "core/limit.h"

#include "base/error.h"

#include <assert.h>

static const struct {
    const char *text;
    uint8_t unit;
} units[] = {
    {"m", GP_UNIT_MINUTE},     {"uh", GP_UNIT_URGENT_HOUR}, {"ud", GP_UNIT_URGENT_DAY},
    {"wh", GP_UNIT_WORK_HOUR}, {"wd", GP_UNIT_WORK_DAY},
};

bool gp_unit_continuous(uint8_t unit)
{
    return unit == GP_UNIT_MINUTE || unit == GP_UNIT_URGENT_HOUR || unit == GP_UNIT_URGENT_DAY ||
           unit == GP_UNIT_SECOND;
}

struct gp_amount gp_hours_of(uint8_t unit, uint32_t hours)
{
    return (struct gp_amount){hours,
                              gp_unit_continuous(unit) ? GP_UNIT_URGENT_HOUR : GP_UNIT_WORK_HOUR};
}

int gp_amount_parse(struct gp_span text, struct gp_amount *ret_amount)
{
    uint32_t n = 0;
    size_t at = 0;

    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
        n = n * 10 + (uint32_t)(text.ptr[at] - '0');
        if (n > GP_AMOUNT_MAX)
            return GP_EFORMAT;
    }
    if (at == 0)
        return GP_EFORMAT;
    struct gp_span word = {text.ptr + at, text.len - at};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (gp_span_is(word, units[i].text)) {
            *ret_amount = (struct gp_amount){.n = n, .unit = units[i].unit};
            return 0;
        }
    }
    return GP_EFORMAT;
}

int gp_limit_parse(struct gp_span text, struct gp_limit *ret_limit)
{
    struct gp_limit limit = {0};

    for (;;) {
        const char *plus = text.len > 0 ? memchr(text.ptr, '+', text.len) : NULL;
        struct gp_span part = {text.ptr, plus != NULL ? (size_t)(plus - text.ptr) : text.len};

        if (limit.stage_count == GP_STAGES_MAX)
            return GP_ELIMIT;
        if (gp_amount_parse(part, &limit.stage[limit.stage_count]) != 0 ||
            limit.stage[limit.stage_count].unit == GP_UNIT_MINUTE)
            return GP_EFORMAT;
        limit.stage_count++;
        if (plus == NULL)
            break;
        text.ptr += part.len + 1;
        text.len -= part.len + 1;
    }
    *ret_limit = limit;
    return 0;
}

static const char *unit_text(uint8_t unit)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].unit == unit)
            return units[i].text;
    }
    return "?";
}

/* Digits of n, most significant first; returns how many. */
static size_t put_number(uint32_t n, char *to)
{
    char digits[10];
    size_t count = 0;

    do
        digits[count++] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    for (size_t i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    return count;
}

void gp_limit_format(const struct gp_limit *limit, char ret_text[GP_LIMIT_TEXT_BYTES])
{
    size_t at = 0;

    assert(limit->stage_count <= GP_STAGES_MAX);
    for (uint8_t i = 0; i < limit->stage_count; i++) {
        const char *unit = unit_text(limit->stage[i].unit);
        if (i > 0)
            ret_text[at++] = '+';
        at += put_number(limit->stage[i].n, ret_text + at);
        memcpy(ret_text + at, unit, strlen(unit));
        at += strlen(unit);
    }
    ret_text[at] = '\0';
}
