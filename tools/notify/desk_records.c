/*
 * The desk's records in the outbox ("k" is the kind; times are milliseconds):
 *
 *   note    note (its facts), letters: {to, who, since, n, dead, why}, sent lost said_sent
 * said_lost cursor  at: the journal was read up to here; synced with all before it sent    seq to
 * at [went]      a letter arrived; went: the first one of its message try     seq to at n why next
 * from [went]   a try failed; next: not before; from: failing since dead    seq to at why given up
 * again  seq to at    a dead one goes again forgot  seq to                a dead one was dropped
 *   said    seq person sent       the journal has it
 *   went    channel at            a message of the last minute, when the file is written anew
 *
 * `to` is the recipient's name in the settings, `who` bits of the note's list of persons. Reading
 * them in order gives what the desk had in memory.
 */
#include "notify/desk_internal.h"

#include <stdio.h>
#include <stdlib.h>

static const char *name_of(const struct gp_desk *desk, const struct gp_letter *letter)
{
    return desk->settings->rule[letter->rule].name;
}

static void put(json_t *object, const char *key, int64_t value)
{
    if (value != 0)
        json_object_set_new(object, key, json_integer(value));
}

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

static json_t *record(const char *kind)
{
    json_t *object = json_object();

    json_object_set_new(object, "k", json_string(kind));
    return object;
}

/* ---------------------------------------------------------------- writing */

static json_t *letter_json(const struct gp_desk *desk, const struct gp_letter *letter)
{
    json_t *object = json_object();

    put_text(object, "to", name_of(desk, letter));
    put(object, "who", (int64_t)letter->who);
    put(object, "since", letter->since_ms);
    put(object, "n", letter->attempts);
    put(object, "dead", letter->state == GP_LETTER_DEAD ? letter->dead_ms : 0);
    put_text(object, "why", letter->why);
    return object;
}

json_t *gp_record_note(const struct gp_desk *desk, const struct gp_note *note)
{
    json_t *object = record("note"), *letters = json_array();

    for (const struct gp_letter *letter = note->letter; letter != NULL; letter = letter->sibling)
        json_array_append_new(letters, letter_json(desk, letter));
    json_object_set_new(object, "note", gp_note_json(note));
    json_object_set_new(object, "letters", letters);
    put(object, "sent", (int64_t)note->sent);
    put(object, "lost", (int64_t)note->lost);
    put(object, "said_sent", (int64_t)note->said_sent);
    put(object, "said_lost", (int64_t)note->said_lost);
    return object;
}

json_t *gp_record_cursor(uint64_t seq)
{
    json_t *object = record(GP_RECORD_CURSOR);

    json_object_set_new(object, "at", json_integer((json_int_t)seq));
    return object;
}

json_t *gp_record_letter(const struct gp_desk *desk, const char *kind,
                         const struct gp_letter *letter, int64_t now_ms)
{
    json_t *object = record(kind);

    put(object, "seq", (int64_t)letter->note->seq);
    put_text(object, "to", name_of(desk, letter));
    put(object, "at", now_ms);
    put_text(object, "why", letter->why);
    return object;
}

json_t *gp_record_sent(const struct gp_desk *desk, const struct gp_letter *letter, bool went,
                       int64_t now_ms)
{
    json_t *object = record("sent");

    put(object, "seq", (int64_t)letter->note->seq);
    put_text(object, "to", name_of(desk, letter));
    put(object, "at", now_ms);
    put(object, "went", went);
    return object;
}

json_t *gp_record_try(const struct gp_desk *desk, const struct gp_letter *letter, bool went,
                      int64_t now_ms)
{
    const struct gp_dest *dest = &desk->dest[desk->settings->rule[letter->rule].dest];
    json_t *object = gp_record_letter(desk, "try", letter, now_ms);

    put(object, "n", letter->attempts);
    put(object, "next", dest->next_ms);
    put(object, "from", dest->failing_since_ms);
    put(object, "went", went);
    return object;
}

json_t *gp_record_said(const struct gp_delivery_report *report)
{
    json_t *object = record("said");

    put(object, "seq", (int64_t)report->seq);
    put_text(object, "person", report->person);
    put(object, "sent", report->sent);
    return object;
}

static int write_roads(const struct gp_desk *desk, struct gp_outbox *outbox)
{
    int rc = 0;

    for (uint32_t i = 0; i < desk->settings->channel_count; i++) {
        const struct gp_road *road = &desk->road[i];
        for (uint32_t j = 0; rc == 0 && j < road->count; j++) {
            json_t *object = record("went");
            put_text(object, "channel", desk->settings->channel[i].name);
            put(object, "at", road->went_ms[(road->first + j) % GP_RATE_MAX]);
            rc = gp_outbox_add(outbox, object);
        }
    }
    return rc;
}

/* The cursor comes last: a file without one is not gone on with. */
int gp_desk_write_all(void *context, struct gp_outbox *outbox)
{
    const struct gp_desk *desk = context;
    int rc = write_roads(desk, outbox);

    for (size_t i = 0; rc == 0 && i < desk->note_count; i++) {
        if (!desk->note[i]->over)
            rc = gp_outbox_add(outbox, gp_record_note(desk, desk->note[i]));
    }
    if (rc == 0 && desk->has_cursor)
        rc = gp_outbox_add(outbox, gp_record_cursor(desk->cursor));
    return rc;
}

/* ---------------------------------------------------------------- reading */

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static struct gp_span text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return (struct gp_span){json_string_value(value), json_string_length(value)};
}

static void set_why(struct gp_letter *letter, const json_t *object)
{
    (void)snprintf(letter->why, sizeof letter->why, "%.*s", GP_SPAN_ARG(text(object, "why")));
}

/* Who is no recipient any more gets nothing: *orphans are those who were to be told there. */
static int read_letter(struct gp_desk *desk, struct gp_note *note, const json_t *object,
                       uint64_t *orphans)
{
    uint32_t rule = gp_rule_find(desk->settings, text(object, "to"));
    struct gp_letter *letter;

    if (rule == GP_NONE) {
        desk->orphans++;
        *orphans |= (uint64_t)number(object, "who");
        return 0;
    }
    letter = gp_letter_new(note, rule, (uint64_t)number(object, "who"), number(object, "since"));
    if (letter == NULL)
        return GP_ENOMEM;
    letter->attempts = (uint32_t)number(object, "n");
    set_why(letter, object);
    gp_desk_hand_in(desk, letter);
    if (number(object, "dead") != 0)
        gp_desk_gave_up(desk, letter, number(object, "dead"));
    return 0;
}

static int read_note(struct gp_desk *desk, const json_t *object)
{
    struct gp_note *note = gp_note_parse(json_object_get(object, "note"));
    const json_t *letters = json_object_get(object, "letters");
    uint64_t orphans = 0;
    int rc = note != NULL ? gp_desk_grow(desk, 1) : GP_EFORMAT;

    if (rc != 0 || gp_desk_note(desk, note->seq) != NULL) {
        gp_note_free(note); /* one that a failed sync has left, and that was asked for again */
        return rc;
    }
    note->sent = (uint64_t)number(object, "sent");
    note->lost = (uint64_t)number(object, "lost");
    note->said_sent = (uint64_t)number(object, "said_sent");
    note->said_lost = (uint64_t)number(object, "said_lost");
    gp_desk_keep(desk, note);
    for (size_t i = 0; rc == 0 && i < json_array_size(letters); i++)
        rc = read_letter(desk, note, json_array_get(letters, i), &orphans);
    note->lost |= gp_note_unreached(note, orphans);
    return rc;
}

/* The letter that a record speaks of; NULL: it is over. */
static struct gp_letter *letter_of(struct gp_desk *desk, const json_t *object)
{
    struct gp_note *note = gp_desk_note(desk, (uint64_t)number(object, "seq"));
    uint32_t rule = gp_rule_find(desk->settings, text(object, "to"));

    return note != NULL && rule != GP_NONE ? gp_note_letter(note, rule) : NULL;
}

static void read_went(struct gp_desk *desk, const json_t *object)
{
    uint32_t rule = gp_rule_find(desk->settings, text(object, "to"));

    if (rule != GP_NONE && number(object, "went") != 0)
        gp_road_went(&desk->road[desk->settings->rule[rule].channel], number(object, "at"));
}

static void read_try(struct gp_desk *desk, struct gp_letter *letter, const json_t *object)
{
    struct gp_dest *dest = &desk->dest[desk->settings->rule[letter->rule].dest];

    letter->attempts = (uint32_t)number(object, "n");
    set_why(letter, object);
    dest->next_ms = number(object, "next");
    dest->failing_since_ms = number(object, "from");
    if (number(object, "went") != 0)
        dest->failures++;
}

static void read_sent(struct gp_desk *desk, struct gp_letter *letter)
{
    struct gp_dest *dest = &desk->dest[desk->settings->rule[letter->rule].dest];

    dest->failures = 0;
    dest->next_ms = dest->failing_since_ms = 0;
    gp_desk_arrived(desk, letter);
}

static void read_fate(struct gp_desk *desk, struct gp_span kind, const json_t *object)
{
    struct gp_letter *letter = letter_of(desk, object);

    read_went(desk, object);
    if (letter == NULL)
        return;
    bool dead = letter->state == GP_LETTER_DEAD;
    if (gp_span_is(kind, "sent")) {
        if (dead)
            gp_desk_revive(desk, letter, number(object, "at"));
        read_sent(desk, letter);
    } else if (gp_span_is(kind, "try") && !dead) {
        read_try(desk, letter, object);
    } else if (gp_span_is(kind, "dead") && !dead) {
        set_why(letter, object);
        gp_desk_gave_up(desk, letter, number(object, "at"));
    } else if (gp_span_is(kind, "again") && dead) {
        gp_desk_revive(desk, letter, number(object, "at"));
    } else if (gp_span_is(kind, "forgot") && dead) {
        gp_desk_forget(desk, letter);
    }
}

int gp_desk_replay(void *context, const json_t *object)
{
    struct gp_desk *desk = context;
    struct gp_span kind = text(object, "k");
    struct gp_note *note;

    if (gp_span_is(kind, "note"))
        return read_note(desk, object);
    if (gp_span_is(kind, GP_RECORD_CURSOR)) {
        desk->has_cursor = true;
        desk->cursor = (uint64_t)number(object, "at");
    } else if (gp_span_is(kind, "said")) {
        note = gp_desk_note(desk, (uint64_t)number(object, "seq"));
        if (note != NULL)
            gp_desk_note_said(desk, note, text(object, "person"), number(object, "sent") != 0);
    } else if (gp_span_is(kind, "went")) {
        uint32_t channel = gp_channel_find(desk->settings, text(object, "channel"));
        if (channel != GP_NONE)
            gp_road_went(&desk->road[channel], number(object, "at"));
    } else {
        read_fate(desk, kind, object);
    }
    return 0;
}
