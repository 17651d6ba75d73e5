/* Keys of rows for people. */
#include "engine/verify.h"

#include "base/bytes.h"
#include "base/clocktext.h"

#include <inttypes.h>
#include <stdio.h>

struct words {
    const unsigned char *at;
    size_t left;
    char *to;
    size_t room;
};

static void add(struct words *words, const char *name, const char *text)
{
    int len = snprintf(words->to, words->room, "%s%s%s", name, name[0] != '\0' ? " " : "", text);
    size_t taken = len < 0 ? 0 : (size_t)len < words->room ? (size_t)len : words->room - 1;

    words->to += taken;
    words->room -= taken;
}

static uint64_t take(struct words *words, size_t bytes)
{
    uint64_t value = 0;

    for (; bytes > 0 && words->left > 0; bytes--, words->left--)
        value = value << 8 | *words->at++;
    return value;
}

static void add_number(struct words *words, const char *name, size_t bytes)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, take(words, bytes));
    add(words, name, text);
}

static void add_hash(struct words *words, const char *name, size_t bytes)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%0*" PRIx64, (int)(2 * bytes), take(words, bytes));
    add(words, name, text);
}

static void add_closed(struct words *words)
{
    if (take(words, 1) != 0)
        add(words, "", " closed");
}

static void add_time(struct words *words, const char *name)
{
    char text[GP_CLOCKTEXT_BYTES];
    int64_t ms = gp_key_time(take(words, 8));

    if (ms > 0 && ms < GP_MS_DAY * 365 * 8000)
        gp_instant_format(ms, 0, text);
    else
        (void)snprintf(text, sizeof text, "%" PRId64, ms);
    add(words, name, text);
}

/* A day of people's, which is a number since 1970. */
static void add_day(struct words *words, const char *name)
{
    char text[GP_CLOCKTEXT_BYTES];
    int64_t day = gp_key_time(take(words, 8));

    if (day > 0 && day < INT64_C(365) * 8000) {
        gp_instant_format(day * GP_MS_DAY, 0, text);
        text[sizeof "2026-01-01" - 1] = '\0';
    } else {
        (void)snprintf(text, sizeof text, "%" PRId64, day);
    }
    add(words, name, text);
}

static void add_area(struct words *words)
{
    uint64_t padded = take(words, 8);
    char text[40];

    (void)snprintf(text, sizeof text, "%" PRIu64 "%s", padded & ~GP_AREA_CLOSED,
                   padded & GP_AREA_CLOSED ? " closed" : "");
    add(words, "area", text);
}

static void add_deadline(struct words *words)
{
    add_time(words, "due");
    if (words->left >= 8 && (words->at[0] & 0x80) != 0) {
        char text[24];
        (void)snprintf(text, sizeof text, "%" PRIu64, take(words, 8) & ~GP_DEADLINE_LEAVE);
        add(words, ", leave", text);
        return;
    }
    add_number(words, ", incident", 8);
}

static void add_name(struct words *words)
{
    char text[GP_FLAW_KEY_BYTES + 1];
    size_t len = 0;

    for (; words->left > 0 && len < GP_FLAW_KEY_BYTES; words->left--, words->at++)
        text[len++] = *words->at >= 0x20 && *words->at < 0x7f ? (char)*words->at : '?';
    text[len] = '\0';
    add(words, "name", text);
}

static void add_key(struct words *words, enum gp_table table)
{
    switch (table) {
    case GP_TABLE_BY_AREA:
        add_area(words);
        add_number(words, ", incident", 8);
        return;
    case GP_TABLE_BY_POST:
        add_hash(words, "post", 4);
        add_closed(words);
        add_time(words, ", due");
        add_number(words, ", incident", 8);
        return;
    case GP_TABLE_BY_DEPT:
        add_hash(words, "department", 4);
        add_closed(words);
        add_number(words, ", incident", 8);
        return;
    case GP_TABLE_BY_STATE:
        add_number(words, "mark", 1);
        add_number(words, ", incident", 8);
        return;
    case GP_TABLE_DEADLINE:
        add_deadline(words);
        return;
    case GP_TABLE_DEDUP:
        add_hash(words, "command", 8);
        add_hash(words, "", 8);
        add_hash(words, ", device", 8);
        return;
    case GP_TABLE_VACANT:
        add_day(words, "day");
        add_hash(words, ", post", 4);
        return;
    case GP_TABLE_LINK:
        add_number(words, "incident", 8);
        add_number(words, ", followed by", 8);
        return;
    case GP_TABLE_STRIKE:
        add_hash(words, "person", 8);
        add_number(words, ", year", 2);
        add_number(words, ", incident", 8);
        return;
    case GP_TABLE_ON_SPOT:
        add_area(words);
        return;
    case GP_TABLE_PERSONAL:
        add_number(words, "incident", 8);
        add_number(words, ", entry", 8);
        return;
    case GP_TABLE_DEVICE_KEY:
        add_hash(words, "key", 8);
        add_hash(words, "", 8);
        return;
    case GP_TABLE_META:
        add_name(words);
        return;
    default: /* numbered records */
        add_number(words, gp_table_name(table), 8);
        return;
    }
}

void gp_key_text(enum gp_table table, const unsigned char *key, size_t len, char *ret_text,
                 size_t room)
{
    struct words words = {.at = key, .left = len, .to = ret_text, .room = room};

    ret_text[0] = '\0';
    add_key(&words, table);
}
