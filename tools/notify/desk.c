/* Letters from the journal to their end. What goes when is desk_next.c's. */
#include "notify/desk_internal.h"

#include "notify/sign.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static uint32_t system_chance(void)
{
    uint32_t bits = 0;

    if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
        bits = UINT32_MAX / 2; /* the middle: it is only a jitter */
    return bits;
}

/* ---------------------------------------------------------------- lists */

void gp_letters_add(struct gp_letters *letters, struct gp_letter *letter)
{
    letter->before = letters->last;
    letter->next = NULL;
    if (letters->last != NULL)
        letters->last->next = letter;
    else
        letters->first = letter;
    letters->last = letter;
    letters->count++;
}

void gp_letters_remove(struct gp_letters *letters, struct gp_letter *letter)
{
    if (letter->before != NULL)
        letter->before->next = letter->next;
    else
        letters->first = letter->next;
    if (letter->next != NULL)
        letter->next->before = letter->before;
    else
        letters->last = letter->before;
    letter->next = letter->before = NULL;
    letters->count--;
}

struct gp_letter *gp_letter_new(struct gp_note *note, uint32_t rule, uint64_t who, int64_t since_ms)
{
    struct gp_letter *letter = calloc(1, sizeof *letter);

    if (letter == NULL)
        return NULL;
    letter->note = note;
    letter->rule = rule;
    letter->who = who;
    letter->since_ms = since_ms;
    letter->state = GP_LETTER_WAITING;
    letter->sibling = note->letter;
    note->letter = letter;
    return letter;
}

static void free_letters(struct gp_note *note)
{
    for (struct gp_letter *letter = note->letter; letter != NULL;) {
        struct gp_letter *next = letter->sibling;
        free(letter);
        letter = next;
    }
    note->letter = NULL;
}

static uint32_t dest_of(const struct gp_desk *desk, const struct gp_letter *letter)
{
    return desk->settings->rule[letter->rule].dest;
}

void gp_desk_hand_in(struct gp_desk *desk, struct gp_letter *letter)
{
    uint32_t index = dest_of(desk, letter);
    struct gp_dest *dest = &desk->dest[index];

    letter->state = GP_LETTER_WAITING;
    gp_letters_add(&dest->letters, letter);
    desk->waiting++;
    if (dest->place == 0) {
        desk->busy[desk->busy_count++] = index;
        dest->place = desk->busy_count;
    }
}

/* Out of its destination's list. */
static void take_out(struct gp_desk *desk, struct gp_letter *letter)
{
    struct gp_dest *dest = &desk->dest[dest_of(desk, letter)];

    gp_letters_remove(&dest->letters, letter);
    desk->waiting--;
    if (dest->letters.count > 0)
        return;
    uint32_t last = desk->busy[--desk->busy_count];
    desk->busy[dest->place - 1] = last;
    desk->dest[last].place = dest->place;
    dest->place = 0;
}

/* ---------------------------------------------------------------- notes */

int gp_desk_grow(struct gp_desk *desk, size_t more)
{
    size_t room = desk->note_room > 0 ? desk->note_room : 256;

    while (room < desk->note_count + more)
        room *= 2;
    if (room > desk->note_room) {
        struct gp_note **note = realloc(desk->note, room * sizeof(struct gp_note *));
        if (note == NULL)
            return GP_ENOMEM;
        desk->note = note;
        desk->note_room = room;
    }
    return 0;
}

struct gp_note *gp_desk_note(const struct gp_desk *desk, uint64_t seq)
{
    size_t low = 0, high = desk->note_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (desk->note[middle]->seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < desk->note_count && desk->note[low]->seq == seq ? desk->note[low] : NULL;
}

struct gp_letter *gp_note_letter(const struct gp_note *note, uint32_t rule)
{
    struct gp_letter *letter = note->letter;

    while (letter != NULL && letter->rule != rule)
        letter = letter->sibling;
    return letter;
}

/* Notes that are over leave the list. */
static void sweep(struct gp_desk *desk)
{
    size_t kept = 0;

    for (size_t i = 0; i < desk->note_count; i++) {
        if (desk->note[i]->over)
            gp_note_free(desk->note[i]);
        else
            desk->note[kept++] = desk->note[i];
    }
    desk->note_count = kept;
    desk->over_count = 0;
}

/* Delivered and not yet said; failed, and neither said nor delivered since. Where there is no
 * incident the journal takes no word about its notices. */
static uint64_t unsaid_sent(const struct gp_note *note)
{
    return note->incident != 0 ? note->sent & ~note->said_sent : 0;
}

static uint64_t unsaid_lost(const struct gp_note *note)
{
    return note->incident != 0 ? note->lost & ~note->sent & ~note->said_lost : 0;
}

static void look_over(struct gp_desk *desk, struct gp_note *note)
{
    if (note->over || note->letter != NULL || (unsaid_sent(note) | unsaid_lost(note)) != 0)
        return;
    note->over = true;
    desk->over_count++;
}

/* ---------------------------------------------------------------- what becomes of a letter */

static void leave_note(struct gp_letter *letter)
{
    struct gp_letter **at = &letter->note->letter;

    while (*at != letter)
        at = &(*at)->sibling;
    *at = letter->sibling;
}

void gp_desk_arrived(struct gp_desk *desk, struct gp_letter *letter)
{
    struct gp_note *note = letter->note;

    note->sent |= letter->who;
    take_out(desk, letter);
    leave_note(letter);
    free(letter);
    look_over(desk, note);
}

uint64_t gp_note_unreached(const struct gp_note *note, uint64_t who)
{
    for (const struct gp_letter *letter = note->letter; letter != NULL; letter = letter->sibling) {
        if (letter->state != GP_LETTER_DEAD)
            who &= ~letter->who;
    }
    return who & ~note->sent;
}

void gp_desk_gave_up(struct gp_desk *desk, struct gp_letter *letter, int64_t now_ms)
{
    take_out(desk, letter);
    letter->state = GP_LETTER_DEAD;
    letter->dead_ms = now_ms;
    gp_letters_add(&desk->dead, letter);
    letter->note->lost |= gp_note_unreached(letter->note, letter->who);
}

void gp_desk_forget(struct gp_desk *desk, struct gp_letter *letter)
{
    struct gp_note *note = letter->note;

    gp_letters_remove(&desk->dead, letter);
    leave_note(letter);
    free(letter);
    look_over(desk, note);
}

void gp_desk_revive(struct gp_desk *desk, struct gp_letter *letter, int64_t now_ms)
{
    struct gp_dest *dest = &desk->dest[dest_of(desk, letter)];

    gp_letters_remove(&desk->dead, letter);
    letter->attempts = 0;
    letter->since_ms = now_ms;
    letter->alone = false;
    dest->failures = 0; /* somebody has mended it, or thinks so */
    dest->next_ms = dest->failing_since_ms = 0;
    gp_desk_hand_in(desk, letter);
}

void gp_desk_note_said(struct gp_desk *desk, struct gp_note *note, struct gp_span person, bool sent)
{
    for (uint8_t i = 0; i < note->told_count; i++) {
        if (!gp_span_equal(note->told[i].person, person))
            continue;
        if (sent)
            note->said_sent |= UINT64_C(1) << i;
        else
            note->said_lost |= UINT64_C(1) << i;
    }
    look_over(desk, note);
}

/* ---------------------------------------------------------------- opening */

static int furnish(struct gp_desk *desk)
{
    size_t rules = desk->settings->rule_count + 1, channels = desk->settings->channel_count + 1;

    desk->dest = calloc(rules, sizeof *desk->dest);
    desk->busy = calloc(rules, sizeof *desk->busy);
    desk->road = calloc(channels, sizeof *desk->road);
    desk->matcher = gp_matcher_new(desk->settings);
    return desk->dest == NULL || desk->busy == NULL || desk->road == NULL || desk->matcher == NULL
               ? GP_ENOMEM
               : 0;
}

static int new_desk(const struct gp_notify_settings *settings, struct gp_desk **ret_desk)
{
    struct gp_desk *desk = calloc(1, sizeof *desk);

    if (desk == NULL)
        return GP_ENOMEM;
    desk->settings = settings;
    desk->chance = system_chance;
    int rc = furnish(desk);
    if (rc != 0)
        gp_desk_close(desk);
    else
        *ret_desk = desk;
    return rc;
}

int gp_desk_open(const struct gp_notify_settings *settings, int64_t now_ms,
                 uint32_t (*chance)(void), unsigned *ret_line, struct gp_desk **ret_desk)
{
    struct gp_desk *desk = NULL;
    int rc = new_desk(settings, &desk);

    if (rc == 0)
        rc = gp_outbox_open(settings->state, gp_desk_replay, desk, ret_line, &desk->outbox);
    if (rc != 0) {
        gp_desk_close(desk);
        return rc;
    }
    if (chance != NULL)
        desk->chance = chance;
    for (size_t i = 0; i < desk->note_count; i++)
        look_over(desk, desk->note[i]);
    (void)gp_desk_tidy(desk, now_ms); /* where the disk is full it is tried again */
    *ret_desk = desk;
    return 0;
}

int gp_desk_look(const struct gp_notify_settings *settings, unsigned *ret_line,
                 struct gp_desk **ret_desk)
{
    struct gp_desk *desk = NULL;
    int rc = new_desk(settings, &desk);

    if (rc == 0)
        rc = gp_outbox_read(settings->state, gp_desk_replay, desk, ret_line);
    if (rc != 0 && rc != GP_ENOTFOUND) {
        gp_desk_close(desk);
        return rc;
    }
    *ret_desk = desk;
    return 0;
}

void gp_desk_close(struct gp_desk *desk)
{
    if (desk == NULL)
        return;
    for (size_t i = 0; i < desk->note_count; i++) {
        free_letters(desk->note[i]);
        gp_note_free(desk->note[i]);
    }
    gp_outbox_close(desk->outbox);
    gp_matcher_free(desk->matcher);
    free(desk->note);
    free(desk->dest);
    free(desk->busy);
    free(desk->road);
    free(desk);
}

bool gp_desk_cursor(const struct gp_desk *desk, uint64_t *ret_seq)
{
    if (desk->has_cursor)
        *ret_seq = desk->cursor;
    return desk->has_cursor;
}

size_t gp_desk_waiting(const struct gp_desk *desk)
{
    return desk->waiting;
}

size_t gp_desk_dead(const struct gp_desk *desk)
{
    return desk->dead.count;
}

size_t gp_desk_orphans(const struct gp_desk *desk)
{
    return desk->orphans;
}

const struct gp_letter *gp_desk_first_dead(const struct gp_desk *desk)
{
    return desk->dead.first;
}

bool gp_desk_has_room(const struct gp_desk *desk)
{
    return gp_outbox_is_whole(desk->outbox) && desk->waiting < (size_t)desk->settings->waiting_max;
}

/* ---------------------------------------------------------------- taking notes */

static int write_letters(struct gp_desk *desk, struct gp_note *note, int64_t now_ms)
{
    struct gp_hit hits[GP_HITS_MAX];
    size_t count = gp_matcher_find(desk->matcher, note, hits);

    note->urgent = gp_note_is_urgent(gp_notify_org(desk->settings), note);
    for (size_t i = count; i > 0; i--) { /* each becomes the first of the note's */
        if (gp_letter_new(note, hits[i - 1].rule, hits[i - 1].who, now_ms) == NULL)
            return GP_ENOMEM;
    }
    return count > 0 ? gp_outbox_add(desk->outbox, gp_record_note(desk, note)) : 0;
}

static void drop_notes(struct gp_note **notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (notes[i] != NULL)
            free_letters(notes[i]);
        gp_note_free(notes[i]);
    }
}

void gp_desk_keep(struct gp_desk *desk, struct gp_note *note)
{
    size_t at = desk->note_count++;

    for (; at > 0 && desk->note[at - 1]->seq > note->seq; at--)
        desk->note[at] = desk->note[at - 1];
    desk->note[at] = note;
}

/* They are on the disk: now they count. */
static void keep_notes(struct gp_desk *desk, struct gp_note **notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (notes[i]->letter == NULL) {
            gp_note_free(notes[i]);
            continue;
        }
        gp_desk_keep(desk, notes[i]);
        for (struct gp_letter *letter = notes[i]->letter; letter != NULL; letter = letter->sibling)
            gp_desk_hand_in(desk, letter);
    }
}

/* Leaves out what was taken before: a page that comes again, or letters of before a restart. */
static size_t fresh_ones(const struct gp_desk *desk, struct gp_note **notes, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (notes[i]->told_count == 0 || (desk->has_cursor && notes[i]->seq <= desk->cursor) ||
            gp_desk_note(desk, notes[i]->seq) != NULL)
            gp_note_free(notes[i]);
        else
            notes[kept++] = notes[i];
    }
    return kept;
}

int gp_desk_take(struct gp_desk *desk, struct gp_note **notes, size_t count, uint64_t scanned_to,
                 int64_t now_ms)
{
    size_t fresh = fresh_ones(desk, notes, count);
    int rc;

    if (desk->over_count > 64 && desk->over_count * 2 > desk->note_count)
        sweep(desk);
    rc = gp_desk_grow(desk, fresh);
    for (size_t i = 0; rc == 0 && i < fresh; i++)
        rc = write_letters(desk, notes[i], now_ms);
    if (rc == 0)
        rc = gp_outbox_add(desk->outbox, gp_record_cursor(scanned_to));
    if (rc == 0)
        rc = gp_outbox_sync(desk->outbox);
    if (rc != 0) {
        drop_notes(notes, fresh);
        return rc;
    }
    keep_notes(desk, notes, fresh);
    desk->has_cursor = true;
    desk->cursor = scanned_to;
    return 0;
}

int gp_desk_restart(struct gp_desk *desk, uint64_t seq)
{
    bool had = desk->has_cursor;
    uint64_t before = desk->cursor;

    sweep(desk); /* or what is over would hide what is told again */
    desk->has_cursor = true;
    desk->cursor = seq;
    int rc = gp_outbox_rewrite(desk->outbox, gp_desk_write_all, desk);
    if (rc != 0) {
        desk->has_cursor = had;
        desk->cursor = before;
        return rc;
    }
    desk->base_bytes = gp_outbox_bytes(desk->outbox);
    return 0;
}

/* ---------------------------------------------------------------- reports */

static size_t add_reports(const struct gp_note *note, uint64_t set, bool sent,
                          struct gp_delivery_report *reports, size_t max)
{
    size_t count = 0;

    for (uint8_t i = 0; i < note->told_count && count < max; i++) {
        if (!(set >> i & 1))
            continue;
        struct gp_delivery_report *report = &reports[count++];
        *report = (struct gp_delivery_report){
            .seq = note->seq, .incident = note->incident, .at_ms = note->at_ms, .sent = sent};
        (void)snprintf(report->person, sizeof report->person, "%.*s",
                       GP_SPAN_ARG(note->told[i].person));
    }
    return count;
}

size_t gp_desk_reports(const struct gp_desk *desk, struct gp_delivery_report *ret_reports,
                       size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < desk->note_count && count < max; i++) {
        const struct gp_note *note = desk->note[i];
        count += add_reports(note, unsaid_sent(note), true, ret_reports + count, max - count);
        count += add_reports(note, unsaid_lost(note), false, ret_reports + count, max - count);
    }
    return count;
}

void gp_desk_said(struct gp_desk *desk, const struct gp_delivery_report *report)
{
    struct gp_note *note = gp_desk_note(desk, report->seq);

    if (note == NULL)
        return;
    /* lost with the disk it is said once more, and the journal knows the repeat by its id */
    (void)gp_outbox_add(desk->outbox, gp_record_said(report));
    gp_desk_note_said(desk, note, gp_span_of(report->person), report->sent);
}

/* ---------------------------------------------------------------- dead letters */

void gp_letter_id(uint64_t seq, const char *recipient, char ret_id[GP_LETTER_ID_BYTES])
{
    struct gp_buffer name = {0};

    gp_buffer_percent(&name, gp_span_of(recipient));
    (void)snprintf(ret_id, GP_LETTER_ID_BYTES, "%" PRIu64 "-%s", seq,
                   name.ptr != NULL ? name.ptr : "");
    gp_buffer_release(&name);
}

size_t gp_desk_resend(struct gp_desk *desk, struct gp_span id, int64_t now_ms)
{
    struct gp_letter *next;
    size_t count = 0;

    for (struct gp_letter *letter = desk->dead.first; letter != NULL; letter = next) {
        char own[GP_LETTER_ID_BYTES];
        next = letter->next;
        gp_letter_id(letter->note->seq, desk->settings->rule[letter->rule].name, own);
        if (!gp_span_is(id, "all") && !gp_span_is(id, own))
            continue;
        (void)gp_outbox_add(desk->outbox, gp_record_letter(desk, "again", letter, now_ms));
        gp_desk_revive(desk, letter, now_ms);
        count++;
    }
    return count;
}

static void forget_old(struct gp_desk *desk, int64_t now_ms)
{
    while (desk->dead.first != NULL &&
           (desk->dead.count > GP_DEAD_MAX ||
            now_ms - desk->dead.first->dead_ms > desk->settings->keep_dead_ms)) {
        (void)gp_outbox_add(desk->outbox,
                            gp_record_letter(desk, "forgot", desk->dead.first, now_ms));
        gp_desk_forget(desk, desk->dead.first);
    }
}

int gp_desk_tidy(struct gp_desk *desk, int64_t now_ms)
{
    int64_t bytes;

    forget_old(desk, now_ms);
    bytes = gp_outbox_bytes(desk->outbox);
    if (gp_outbox_is_whole(desk->outbox) && bytes < 2 * desk->base_bytes + GP_OUTBOX_SLACK)
        return 0;
    int rc = gp_outbox_rewrite(desk->outbox, gp_desk_write_all, desk);
    if (rc == 0)
        desk->base_bytes = gp_outbox_bytes(desk->outbox);
    return rc;
}
