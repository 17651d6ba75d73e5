/*
 * The small readers of text: times, dates, zones, area codes, levels, limits, keys, addresses and
 * UTF-8. The input's first byte says which. What is promised: what is read is within its range,
 * and what was written from it is read as the same; UTF-8 is judged as a decoder of our own does.
 */
#include "fuzz.h"

#include "base/clocktext.h"
#include "core/area.h"
#include "core/limit.h"
#include "gate/address.h"
#include "trust/trust.h"

#include <string.h>

#define YEAR_MIN_DAY INT64_C(-719162) /* 0001-01-01 */
#define YEAR_MAX_DAY INT64_C(2932896) /* 9999-12-31 */

static void try_date(struct gp_span text)
{
    int64_t day, again;
    int year, month, number;

    if (gp_date_parse(text, &day) != 0)
        return;
    PROMISE(day >= YEAR_MIN_DAY && day <= YEAR_MAX_DAY);
    gp_date_from_day(day, &year, &month, &number);
    again = gp_day_from_date(year, month, number);
    PROMISE(again == day && month >= 1 && month <= 12 && number >= 1 && number <= 31);
    PROMISE(gp_weekday(day) >= 0 && gp_weekday(day) <= 6);
}

static void try_instant(struct gp_span text)
{
    char written[GP_CLOCKTEXT_BYTES];
    int64_t ms, again;

    if (gp_instant_parse(text, &ms) != 0)
        return;
    PROMISE(ms >= (YEAR_MIN_DAY - 1) * GP_MS_DAY && ms <= (YEAR_MAX_DAY + 2) * GP_MS_DAY);
    gp_instant_format(ms, 0, written);
    PROMISE(strlen(written) < sizeof written);
    if (ms >= YEAR_MIN_DAY * GP_MS_DAY && ms < (YEAR_MAX_DAY + 1) * GP_MS_DAY)
        PROMISE(gp_instant_parse(gp_span_of(written), &again) == 0 && again == ms);
}

static void try_zone(struct gp_span text)
{
    char written[GP_CLOCKTEXT_BYTES];
    int64_t zone_ms, again;

    if (gp_zone_parse(text, &zone_ms) != 0)
        return;
    PROMISE(zone_ms > -GP_MS_DAY && zone_ms < GP_MS_DAY && zone_ms % GP_MS_MINUTE == 0);
    gp_instant_format(INT64_C(1790757600123), zone_ms, written);
    PROMISE(gp_instant_parse(gp_span_of(written), &again) == 0);
    PROMISE(again == INT64_C(1790757600123));
}

static void try_area(struct gp_span text)
{
    struct gp_area_ref area, again;
    char written[16];
    uint64_t first, end;

    PROMISE(gp_level_parse(text) >= 0);
    if (gp_area_parse(text, &area) != 0)
        return;
    PROMISE(area.digits == text.len && area.level == GP_LEVEL_NONE);
    gp_area_format(area, written);
    PROMISE(gp_span_is(text, written));
    PROMISE(gp_area_parse(gp_span_of(written), &again) == 0 && again.padded == area.padded);
    gp_area_range(area, &first, &end);
    PROMISE(first == area.padded && end > first && gp_area_covers(area, area));
}

static void try_limit(struct gp_span text)
{
    struct gp_limit limit, again;
    struct gp_amount amount;
    char written[GP_LIMIT_TEXT_BYTES];

    if (gp_amount_parse(text, &amount) == 0)
        PROMISE(amount.n <= GP_SECONDS_MAX && amount.unit >= GP_UNIT_MINUTE);
    if (gp_limit_parse(text, &limit) != 0)
        return;
    PROMISE(limit.stage_count >= 1 && limit.stage_count <= GP_STAGES_MAX);
    gp_limit_format(&limit, written);
    PROMISE(strlen(written) < sizeof written);
    PROMISE(gp_limit_parse(gp_span_of(written), &again) == 0);
    PROMISE(again.stage_count == limit.stage_count);
    for (uint8_t i = 0; i < limit.stage_count; i++) {
        PROMISE(again.stage[i].n == limit.stage[i].n);
        PROMISE(again.stage[i].unit == limit.stage[i].unit);
    }
}

static void try_key(struct gp_span text)
{
    unsigned char key[GP_KEY_BYTES];
    char written[GP_KEY_TEXT];

    if (gp_key_parse(text, key) != 0)
        return;
    gp_key_format(key, written);
    PROMISE(gp_span_is(text, written)); /* one text for a key, and no other */
}

static void try_address(struct gp_span text)
{
    struct gp_address address, again;
    char written[GP_ADDRESS_TEXT_BYTES], *whole = strndup(text.ptr, text.len);

    PROMISE(whole != NULL);
    const char *path = gp_address_path(whole);
    PROMISE(path == NULL || (path[0] == '/' && strlen(path) < 108));
    if (gp_address_parse(whole, &address) == 0) {
        gp_address_write(&address, written);
        PROMISE(gp_address_parse(written, &again) == 0 && again.len == address.len);
        PROMISE(memcmp(&again.socket, &address.socket, address.len) == 0);
    }
    free(whole);
}

/* The table of RFC 3629, section 4, read as a decoder: the code point must need its length. */
static size_t character(const unsigned char *at, size_t left)
{
    static const uint32_t least[] = {0, 0x1, 0x80, 0x800, 0x10000};
    size_t len = at[0] < 0x80       ? 1
                 : at[0] >> 5 == 6  ? 2
                 : at[0] >> 4 == 14 ? 3
                 : at[0] >> 3 == 30 ? 4
                                    : 0;
    uint32_t point = len == 1 ? at[0] : at[0] & (0x7Fu >> len);

    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        point = point << 6 | (at[i] & 0x3Fu);
    }
    bool good = point >= least[len] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    return good ? len : 0;
}

static void try_utf8(struct gp_span text)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    size_t left = text.len, len = 1;

    while (left > 0 && (len = character(at, left)) > 0) {
        at += len;
        left -= len;
    }
    PROMISE(gp_utf8_valid(text) == (left == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(struct gp_span) = {
        try_date, try_instant, try_zone, try_area, try_limit, try_key, try_address, try_utf8,
    };

    if (size > 0)
        tries[data[0] % 8]((struct gp_span){(const char *)data + 1, size - 1});
    return 0;
}
