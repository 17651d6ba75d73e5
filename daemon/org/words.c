/* Small notations of the files: times of day, hours, weekdays, durations. */
#include "base/clocktext.h"
#include "org/loader.h"

bool gp_word_whole(struct gp_span text, size_t digits_max, int64_t *ret_value)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > digits_max)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (text.ptr[i] - '0');
    }
    *ret_value = value;
    return true;
}

static bool two_digits(const char *at, int *ret_value)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *ret_value = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

bool gp_word_time(struct gp_span text, int32_t *ret_ms)
{
    int hour, minute;

    if (text.len != 5 || text.ptr[2] != ':' || !two_digits(text.ptr, &hour) ||
        !two_digits(text.ptr + 3, &minute))
        return false;
    if (hour > 24 || minute > 59 || (hour == 24 && minute != 0))
        return false;
    *ret_ms = (int32_t)(hour * GP_MS_HOUR + minute * GP_MS_MINUTE);
    return true;
}

struct hours_reader {
    struct gp_day_hours hours;
    bool good;
};

static void segment(void *context, struct gp_span word)
{
    struct hours_reader *reader = context;
    struct gp_day_hours *hours = &reader->hours;
    int32_t last = hours->segment_count > 0 ? hours->segment[hours->segment_count - 1].to_ms : 0;
    struct gp_segment read;

    if (word.len != 11 || word.ptr[5] != '-' || hours->segment_count == GP_SEGMENTS_MAX ||
        !gp_word_time((struct gp_span){word.ptr, 5}, &read.from_ms) ||
        !gp_word_time((struct gp_span){word.ptr + 6, 5}, &read.to_ms) ||
        read.from_ms >= read.to_ms || read.from_ms < last) {
        reader->good = false;
        return;
    }
    hours->segment[hours->segment_count++] = read;
}

bool gp_word_hours(struct gp_span text, struct gp_day_hours *ret_hours)
{
    struct hours_reader reader = {.good = true};

    gp_cell_words(text, segment, &reader);
    if (!reader.good || reader.hours.segment_count == 0)
        return false;
    *ret_hours = reader.hours;
    return true;
}

static int weekday(struct gp_span text)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    for (int i = 0; i < 7; i++) {
        if (gp_span_is(text, names[i]))
            return i;
    }
    return -1;
}

/* One of "mon" or "mon-fri"; ranges may run over the week's end. */
static bool days_part(struct gp_span part, uint8_t *days)
{
    const char *dash = memchr(part.ptr, '-', part.len);
    struct gp_span head = {part.ptr, dash != NULL ? (size_t)(dash - part.ptr) : part.len};
    int first = weekday(head);
    int last = first;

    if (dash != NULL)
        last = weekday((struct gp_span){dash + 1, part.len - head.len - 1});
    if (first < 0 || last < 0)
        return false;
    for (int day = first;; day = (day + 1) % 7) {
        *days |= (uint8_t)(1 << day);
        if (day == last)
            return true;
    }
}

bool gp_word_days(struct gp_span text, uint8_t *ret_days)
{
    uint8_t days = 0;

    while (text.len > 0) {
        size_t len = 0;
        while (len < text.len && text.ptr[len] != ' ' && text.ptr[len] != ',')
            len++;
        if (len > 0 && !days_part((struct gp_span){text.ptr, len}, &days))
            return false;
        len += len < text.len ? 1 : 0;
        text.ptr += len;
        text.len -= len;
    }
    *ret_days = days;
    return days != 0;
}

bool gp_word_duration(struct gp_span text, int64_t *ret_ms)
{
    int64_t value = 0, unit;
    size_t at = 0;

    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && at < 9; at++)
        value = value * 10 + (text.ptr[at] - '0');
    if (at == 0 || at + 1 != text.len)
        return false;
    switch (text.ptr[at]) {
    case 's':
        unit = GP_MS_SECOND;
        break;
    case 'm':
        unit = GP_MS_MINUTE;
        break;
    case 'h':
        unit = GP_MS_HOUR;
        break;
    case 'd':
        unit = GP_MS_DAY;
        break;
    default:
        return false;
    }
    *ret_ms = value * unit;
    return true;
}
