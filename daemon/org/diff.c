/*
 * The difference between two snapshots as lines that a person can read: every fact of a snapshot is
 * one line of text; sorted, the two lists are merged. A line starts with two bytes for its sign.
 */
#include "org/directory.h"

#include "base/clocktext.h"
#include "core/permit.h"

#include <stdio.h>
#include <stdlib.h>

struct facts {
    FILE *out; /* while they are written */
    char *text;
    size_t len;
    char **line; /* into text */
    size_t count;
    int64_t zone_ms;
};

/* ---------------------------------------------------------------- words */

static void say(struct facts *facts, const char *word, struct gp_span text)
{
    if (text.len > 0)
        (void)fprintf(facts->out, " %s%.*s", word, GP_SPAN_ARG(text));
}

static void say_instant(struct facts *facts, const char *word, int64_t ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (ms == 0 || ms == INT64_MAX) /* open */
        return;
    gp_instant_format(ms, facts->zone_ms, text);
    say(facts, word, gp_span_of(text));
}

static void say_day(struct facts *facts, const char *word, int64_t day)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (day == INT64_MIN || day == INT64_MAX) /* open */
        return;
    gp_instant_format(day * GP_MS_DAY, 0, text);
    say(facts, word, (struct gp_span){text, sizeof "2026-01-01" - 1});
}

static void say_time(struct facts *facts, const char *word, int64_t ms)
{
    (void)fprintf(facts->out, "%s%02d:%02d", word, (int)(ms / GP_MS_HOUR),
                  (int)(ms / GP_MS_MINUTE % 60));
}

static void say_amount(struct facts *facts, const char *word, struct gp_amount amount)
{
    static const char *const units[] = {"", "m", "uh", "ud", "wh", "wd"};
    (void)fprintf(facts->out, " %s%u%s", word, amount.n, units[amount.unit]);
}

static void say_person(struct facts *facts, const char *word, const struct gp_org *org,
                       uint32_t person)
{
    if (person != GP_NONE)
        say(facts, word, org->persons[person].id);
}

static void say_department(struct facts *facts, const struct gp_org *org, uint32_t department)
{
    if (department != GP_NONE)
        say(facts, "department ", org->departments[department].code);
}

static void say_flag(struct facts *facts, const char *word, bool is)
{
    if (is)
        (void)fprintf(facts->out, " %s", word);
}

static void begin(struct facts *facts, const char *noun, struct gp_span id)
{
    (void)fprintf(facts->out, "  %s %.*s", noun, GP_SPAN_ARG(id));
}

static void end(struct facts *facts)
{
    (void)fputc('\n', facts->out);
}

/* ---------------------------------------------------------------- places */

static void list_areas(struct facts *facts, const struct gp_org *org)
{
    for (size_t i = 0; i < org->area_count; i++) {
        const struct gp_area *area = &org->areas[i];
        begin(facts, "area", area->code);
        say(facts, "", gp_span_of(gp_level_name(area->ref.level)));
        say(facts, "", area->name);
        if (area->households > 0)
            (void)fprintf(facts->out, " households %u", area->households);
        if (area->calendar != GP_NONE)
            say(facts, "calendar ", org->calendars[area->calendar].id);
        if (area->alias_of != GP_NONE)
            say(facts, "alias of ", org->areas[area->alias_of].code);
        say_instant(facts, "from ", area->valid_from_ms);
        say_instant(facts, "to ", area->valid_to_ms);
        end(facts);
    }
}

static void say_hours(struct facts *facts, const struct gp_day_hours *hours)
{
    for (uint8_t i = 0; i < hours->segment_count; i++) {
        say_time(facts, " ", hours->segment[i].from_ms);
        say_time(facts, "-", hours->segment[i].to_ms);
    }
}

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static void list_week(struct facts *facts, const struct gp_calendar *calendar,
                      const struct gp_week *week)
{
    for (int day = 0; day < 7; day++) {
        if (week->hours[day].segment_count == 0)
            continue;
        begin(facts, "calendar", calendar->id);
        say_day(facts, "from ", week->first_day);
        say_day(facts, "to ", week->last_day);
        say(facts, "", gp_span_of(weekdays[day]));
        say_hours(facts, &week->hours[day]);
        end(facts);
    }
}

static void list_calendars(struct facts *facts, const struct gp_org *org)
{
    begin(facts, "default calendar", org->calendars[org->default_calendar].id);
    end(facts);
    for (size_t i = 0; i < org->calendar_count; i++) {
        const struct gp_calendar *calendar = &org->calendars[i];
        begin(facts, "calendar", calendar->id);
        (void)fprintf(facts->out, " zone %d min workday %d min", (int)(calendar->zone_ms / 60000),
                      (int)(calendar->workday_ms / 60000));
        say_instant(facts, "known until ", calendar->known_until_ms);
        end(facts);
        for (size_t j = 0; j < calendar->week_count; j++)
            list_week(facts, calendar, &calendar->weeks[j]);
        for (size_t j = 0; j < calendar->special_count; j++) {
            const struct gp_special_day *special = &calendar->specials[j];
            begin(facts, "calendar", calendar->id);
            say_day(facts, special->work ? "work " : "off ", special->day);
            say_hours(facts, &special->hours);
            end(facts);
        }
    }
}

/* ---------------------------------------------------------------- people */

/* Of a telephone number only the end: lines of a difference go to logs. */
static void say_phone(struct facts *facts, struct gp_span phone)
{
    size_t hidden = phone.len > 4 ? phone.len - 4 : 0;

    while (hidden < phone.len && ((unsigned char)phone.ptr[hidden] & 0xC0) == 0x80)
        hidden++;
    if (phone.len > 0)
        say(facts, "phone …", (struct gp_span){phone.ptr + hidden, phone.len - hidden});
}

static void list_people(struct facts *facts, const struct gp_org *org)
{
    for (size_t i = 0; i < org->department_count; i++) {
        begin(facts, "department", org->departments[i].code);
        say(facts, "", org->departments[i].name_zh);
        say(facts, "", org->departments[i].name_en);
        end(facts);
    }
    for (size_t i = 0; i < org->line_count; i++) {
        begin(facts, "line", org->lines[i].code);
        say(facts, "", org->lines[i].name_zh);
        say(facts, "", org->lines[i].name_en);
        say_department(facts, org, org->lines[i].department);
        end(facts);
    }
    for (size_t i = 0; i < org->person_count; i++) {
        begin(facts, "person", org->persons[i].id);
        say(facts, "", org->persons[i].name);
        say_phone(facts, org->persons[i].phone);
        say_department(facts, org, org->persons[i].department);
        end(facts);
    }
}

static void list_posts(struct facts *facts, const struct gp_org *org)
{
    for (size_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        begin(facts, "post", post->id);
        say(facts, "", gp_span_of(gp_post_kind_name(post->kind)));
        if (post->line != GP_NONE)
            say(facts, "line ", org->lines[post->line].code);
        say_department(facts, org, post->department);
        for (uint32_t j = 0; j < post->area_count; j++)
            say(facts, j == 0 ? "areas " : "", org->areas[post->areas[j]].code);
        for (uint8_t j = 0; j < post->deputy_count; j++)
            say_person(facts, j == 0 ? "deputies " : "", org, post->deputies[j]);
        end(facts);
    }
}

static void list_shift(struct facts *facts, const struct gp_org *org, const struct gp_shift *shift)
{
    begin(facts, "shift", org->areas[shift->area].code);
    say_person(facts, "", org, shift->person);
    for (int day = 0; day < 7; day++)
        say_flag(facts, weekdays[day], shift->weekdays >> day & 1);
    if (shift->weekdays != 0) {
        say_time(facts, " ", shift->from_ms);
        say_time(facts, "-", shift->to_ms);
    }
    say_instant(facts, "from ", shift->valid_from_ms);
    say_instant(facts, "to ", shift->valid_to_ms);
    end(facts);
}

static void list_staff(struct facts *facts, const struct gp_org *org)
{
    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        begin(facts, "holding", org->posts[holding->post].id);
        say_person(facts, "", org, holding->person);
        say_instant(facts, "from ", holding->from_ms);
        say_instant(facts, "to ", holding->to_ms);
        end(facts);
    }
    for (size_t i = 0; i < org->leave_count; i++) {
        const struct gp_leave *leave = &org->leaves[i];
        begin(facts, "leave", leave->id);
        say_person(facts, "", org, leave->person);
        say_instant(facts, "from ", leave->from_ms);
        say_instant(facts, "to ", leave->to_ms);
        say_person(facts, "stand-in ", org, leave->standin);
        say_flag(facts, "(requested)", !leave->approved);
        end(facts);
    }
    for (size_t i = 0; i < org->shift_count; i++)
        list_shift(facts, org, &org->shifts[i]);
}

/* ---------------------------------------------------------------- rules */

static void list_rung(struct facts *facts, const struct gp_ladder *ladder,
                      const struct gp_rung *rung)
{
    static const char *const anchors[] = {"?", "start", "due", "card"};

    begin(facts, "ladder", ladder->id);
    say(facts, "", gp_span_of(gp_step_name(rung->step)));
    say(facts, "at ", gp_span_of(anchors[rung->anchor]));
    if (rung->has_amount)
        say_amount(facts, "+ ", rung->amount);
    if (rung->has_percent)
        (void)fprintf(facts->out, " %u%%", rung->percent);
    if (rung->times > 0) {
        (void)fprintf(facts->out, " %u times", rung->times);
        say_amount(facts, "then every ", rung->then);
    }
    say_flag(facts, "handover", rung->handover);
    say_flag(facts, "strike", rung->strike);
    say_flag(facts, "urgent", rung->urgent);
    (void)fputs(" tells", facts->out);
    for (int tell = 1; tell < 32; tell++)
        say_flag(facts, gp_tell_name(tell), rung->tells >> tell & 1);
    end(facts);
}

static void list_ladders(struct facts *facts, const struct gp_org *org)
{
    for (size_t i = 0; i < org->ladder_count; i++) {
        const struct gp_ladder *ladder = &org->ladders[i];
        begin(facts, "ladder", ladder->id);
        say(facts, "clock ", gp_span_of(ladder->continuous ? "continuous" : "work"));
        say(facts, "next ", ladder->next);
        say(facts, "long ", ladder->next_long);
        (void)fprintf(facts->out, " from %u wd", ladder->next_long_wd);
        end(facts);
        for (uint8_t j = 0; j < ladder->rung_count; j++)
            list_rung(facts, ladder, &ladder->rung[j]);
    }
}

static void list_row(struct facts *facts, const struct gp_org *org, const struct gp_row *row)
{
    static const char *const modes[] = {"hours", "eod", "clock"};
    char limit[GP_LIMIT_TEXT_BYTES];

    gp_limit_format(&row->limit, limit);
    begin(facts, "row", row->code);
    say(facts, "", row->condition);
    say(facts, "", row->name_zh);
    say(facts, "", row->condition_zh);
    say(facts, "", row->name_en);
    say(facts, "line ", org->lines[row->line].code);
    say_department(facts, org, row->department);
    say(facts, "owner ", gp_span_of(gp_post_kind_name(row->first_owner)));
    for (uint8_t i = 0; i < row->tell_count; i++)
        say(facts, i == 0 ? "tell " : "",
            row->tell[i].kind == GP_PARTY_STREET ? gp_span_of("S")
                                                 : org->departments[row->tell[i].department].code);
    say(facts, "urgency ", row->urgency);
    say(facts, "limit ", gp_span_of(limit));
    say(facts, "days ", gp_span_of(modes[row->wd_mode]));
    say(facts, "policy ", row->policy);
    say(facts, "first ", row->first_act);
    say_flag(facts, "on_spot", row->on_spot);
    say_flag(facts, "private", row->is_private);
    say_flag(facts, "informed", row->informed);
    say_flag(facts, "manual", row->manual_filing);
    say_instant(facts, "from ", row->valid_from_ms);
    end(facts);
}

/* ---------------------------------------------------------------- who may speak */

static void list_rights(struct facts *facts, const struct gp_org *org)
{
    char scopes[GP_REACH_BYTES];

    for (int role = 1; role < GP_ROLES_END; role++) {
        for (int action = 1; action < GP_ACTIONS_END; action++) {
            gp_right_format(org, role, action, scopes);
            if (scopes[0] == '\0')
                continue;
            begin(facts, "right", gp_span_of(gp_role_name(role)));
            say(facts, "", gp_span_of(gp_action_name(action)));
            say(facts, "", gp_span_of(scopes));
            end(facts);
        }
    }
}

static void list_devices(struct facts *facts, const struct gp_org *org)
{
    char key[2 * GP_DEVICE_KEY_BYTES + 1];

    for (size_t i = 0; i < org->device_count; i++) {
        const struct gp_device_row *row = &org->devices[i];
        for (size_t j = 0; j < GP_DEVICE_KEY_BYTES; j++)
            (void)snprintf(key + 2 * j, 3, "%02x", row->key[j]);
        begin(facts, "device", row->person);
        say(facts, "", gp_span_of(gp_role_name(row->role)));
        say(facts, "", row->label);
        say(facts, "key ", gp_span_of(key));
        end(facts);
    }
}

static void list_users(struct facts *facts, const struct gp_org *org)
{
    for (size_t i = 0; i < org->user_count; i++) {
        const struct gp_user *user = &org->users[i];
        begin(facts, "user", user->name);
        say_person(facts, "", org, user->person);
        say(facts, "", gp_span_of(gp_role_name(user->role)));
        say_person(facts, "via ", org, user->via);
        end(facts);
    }
}

/* ---------------------------------------------------------------- two lists */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cuts the text into its lines and sorts them; false when memory is out. */
static bool cut(struct facts *facts)
{
    size_t room = 0;

    for (size_t i = 0; i < facts->len; i++)
        room += facts->text[i] == '\n';
    facts->line = calloc(room + 1, sizeof *facts->line);
    if (facts->line == NULL)
        return false;
    for (char *at = facts->text; facts->count < room; facts->count++) {
        char *feed = strchr(at, '\n');
        *feed = '\0';
        facts->line[facts->count] = at;
        at = feed + 1;
    }
    qsort(facts->line, facts->count, sizeof *facts->line, by_text);
    return true;
}

/* Lists every fact of a snapshot; false when memory is out. */
static bool collect(struct facts *facts, const struct gp_org *org)
{
    *facts = (struct facts){.zone_ms = org->calendars[org->default_calendar].zone_ms};
    facts->out = open_memstream(&facts->text, &facts->len);
    if (facts->out == NULL)
        return false;
    list_areas(facts, org);
    list_calendars(facts, org);
    list_people(facts, org);
    list_posts(facts, org);
    list_staff(facts, org);
    list_ladders(facts, org);
    for (size_t i = 0; i < org->row_count; i++)
        list_row(facts, org, &org->rows[i]);
    list_rights(facts, org);
    list_devices(facts, org);
    list_users(facts, org);
    bool written = ferror(facts->out) == 0;
    return fclose(facts->out) == 0 && written && cut(facts);
}

static void release(struct facts *facts)
{
    free(facts->line);
    free(facts->text);
}

/* Returns how many lines were said. */
static size_t merge(const struct facts *before, const struct facts *after,
                    void (*line)(void *context, const char *text), void *context)
{
    size_t i = 0, j = 0, said = 0;

    while (i < before->count || j < after->count) {
        int order = i == before->count  ? 1
                    : j == after->count ? -1
                                        : strcmp(before->line[i], after->line[j]);
        if (order != 0) {
            char *text = order < 0 ? before->line[i] : after->line[j];
            text[0] = order < 0 ? '-' : '+';
            line(context, text);
            said++;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return said;
}

void gp_directory_diff(const struct gp_org *before, const struct gp_org *after,
                       void (*line)(void *context, const char *text), void *context)
{
    struct facts old = {0}, new = {0};

    if (memcmp(before->digest, after->digest, sizeof before->digest) == 0)
        return;
    if (!collect(&old, before) || !collect(&new, after))
        line(context, "~ memory is out: the difference cannot be listed");
    else if (merge(&old, &new, line, context) == 0)
        line(context, "~ details that are not listed");
    release(&old);
    release(&new);
}
