/*
 * The digest of a snapshot: BLAKE2b over its content in a canonical order, names instead of
 * indices. Files that say the same have the same digest, whatever their row order, encoding or
 * line ends.
 */
#include "base/bytes.h"
#include "org/loader.h"

#include <sodium.h>

struct digest {
    crypto_generichash_state state;
    const struct gp_org *org;
};

static void number(struct digest *digest, uint64_t value)
{
    unsigned char bytes[8];
    gp_put_u64(bytes, value);
    (void)crypto_generichash_update(&digest->state, bytes, sizeof bytes);
}

static void text(struct digest *digest, struct gp_span span)
{
    number(digest, span.len);
    (void)crypto_generichash_update(&digest->state, (const unsigned char *)span.ptr, span.len);
}

static void hours(struct digest *digest, const struct gp_day_hours *day)
{
    number(digest, day->segment_count);
    for (uint8_t i = 0; i < day->segment_count; i++) {
        number(digest, (uint64_t)day->segment[i].from_ms);
        number(digest, (uint64_t)day->segment[i].to_ms);
    }
}

static void person(struct digest *digest, uint32_t index)
{
    text(digest, index != GP_NONE ? digest->org->persons[index].id : (struct gp_span){0});
}

static void area(struct digest *digest, uint32_t index)
{
    const struct gp_area *row = index != GP_NONE ? &digest->org->areas[index] : NULL;
    text(digest, row != NULL ? row->code : (struct gp_span){0});
    number(digest, row != NULL ? row->ref.level : 0);
}

static void department(struct digest *digest, uint32_t index)
{
    text(digest, index != GP_NONE ? digest->org->departments[index].code : (struct gp_span){0});
}

static void line(struct digest *digest, uint32_t index)
{
    text(digest, index != GP_NONE ? digest->org->lines[index].code : (struct gp_span){0});
}

static void calendars(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->calendar_count);
    text(digest, org->calendars[org->default_calendar].id);
    for (size_t i = 0; i < org->calendar_count; i++) {
        const struct gp_calendar *calendar = &org->calendars[i];
        text(digest, calendar->id);
        number(digest, (uint64_t)calendar->zone_ms);
        number(digest, (uint64_t)calendar->workday_ms);
        number(digest, (uint64_t)calendar->known_until_ms);
        number(digest, calendar->week_count);
        for (size_t j = 0; j < calendar->week_count; j++) {
            number(digest, (uint64_t)calendar->weeks[j].first_day);
            number(digest, (uint64_t)calendar->weeks[j].last_day);
            for (int day = 0; day < 7; day++)
                hours(digest, &calendar->weeks[j].hours[day]);
        }
        number(digest, calendar->special_count);
        for (size_t j = 0; j < calendar->special_count; j++) {
            const struct gp_special_day *special = &calendar->specials[j];
            number(digest, (uint64_t)special->day);
            number(digest, (uint64_t)special->work << 1 | special->own_hours);
            hours(digest, &special->hours);
        }
    }
}

static void rung(struct digest *digest, const struct gp_rung *from)
{
    number(digest, from->step);
    number(digest, from->anchor);
    number(digest, (uint64_t)from->has_percent << 4 | (uint64_t)from->has_amount << 3 |
                       (uint64_t)from->handover << 2 | (uint64_t)from->strike << 1 | from->urgent);
    number(digest, from->percent);
    number(digest, (uint64_t)from->amount.unit << 32 | from->amount.n);
    number(digest, from->tells);
    number(digest, from->times);
    number(digest, (uint64_t)from->then.unit << 32 | from->then.n);
}

static void ladders(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->ladder_count);
    for (size_t i = 0; i < org->ladder_count; i++) {
        const struct gp_ladder *ladder = &org->ladders[i];
        text(digest, ladder->id);
        number(digest, ladder->continuous);
        text(digest, ladder->next);
        text(digest, ladder->next_long);
        number(digest, ladder->next_long_wd);
        number(digest, ladder->rung_count);
        for (uint8_t j = 0; j < ladder->rung_count; j++)
            rung(digest, &ladder->rung[j]);
    }
}

static void areas(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->area_count);
    for (uint32_t i = 0; i < org->area_count; i++) {
        const struct gp_area *row = &org->areas[i];
        area(digest, i);
        text(digest, row->name);
        number(digest, row->households);
        text(digest,
             row->calendar != GP_NONE ? org->calendars[row->calendar].id : (struct gp_span){0});
        area(digest, row->alias_of);
        number(digest, (uint64_t)row->valid_from_ms);
        number(digest, (uint64_t)row->valid_to_ms);
    }
}

static void people(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->department_count);
    for (size_t i = 0; i < org->department_count; i++) {
        text(digest, org->departments[i].code);
        text(digest, org->departments[i].name_zh);
        text(digest, org->departments[i].name_en);
    }
    number(digest, org->line_count);
    for (size_t i = 0; i < org->line_count; i++) {
        text(digest, org->lines[i].code);
        text(digest, org->lines[i].name_zh);
        text(digest, org->lines[i].name_en);
        department(digest, org->lines[i].department);
    }
    number(digest, org->person_count);
    for (size_t i = 0; i < org->person_count; i++) {
        text(digest, org->persons[i].id);
        text(digest, org->persons[i].name);
        text(digest, org->persons[i].phone);
        department(digest, org->persons[i].department);
    }
}

static void posts(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->post_count);
    for (size_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        text(digest, post->id);
        number(digest, post->kind);
        line(digest, post->line);
        department(digest, post->department);
        number(digest, post->area_count);
        for (uint32_t j = 0; j < post->area_count; j++)
            area(digest, post->areas[j]);
        number(digest, post->deputy_count);
        for (uint8_t j = 0; j < post->deputy_count; j++)
            person(digest, post->deputies[j]);
    }
}

static void staff(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->holding_count);
    for (size_t i = 0; i < org->holding_count; i++) {
        text(digest, org->posts[org->holdings[i].post].id);
        person(digest, org->holdings[i].person);
        number(digest, (uint64_t)org->holdings[i].from_ms);
        number(digest, (uint64_t)org->holdings[i].to_ms);
    }
    number(digest, org->leave_count);
    for (size_t i = 0; i < org->leave_count; i++) {
        text(digest, org->leaves[i].id);
        person(digest, org->leaves[i].person);
        person(digest, org->leaves[i].standin);
        number(digest, (uint64_t)org->leaves[i].from_ms);
        number(digest, (uint64_t)org->leaves[i].to_ms);
        number(digest, org->leaves[i].approved);
    }
    number(digest, org->shift_count);
    for (size_t i = 0; i < org->shift_count; i++) {
        area(digest, org->shifts[i].area);
        person(digest, org->shifts[i].person);
        number(digest, org->shifts[i].weekdays);
        number(digest, (uint64_t)org->shifts[i].from_ms);
        number(digest, (uint64_t)org->shifts[i].to_ms);
        number(digest, (uint64_t)org->shifts[i].valid_from_ms);
        number(digest, (uint64_t)org->shifts[i].valid_to_ms);
    }
}

static void row_words(struct digest *digest, const struct gp_row *row)
{
    const struct gp_span words[] = {row->code,    row->condition,    row->name_zh,
                                    row->name_en, row->condition_zh, row->urgency,
                                    row->policy,  row->first_act};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        text(digest, words[i]);
}

static void catalogue(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->row_count);
    for (size_t i = 0; i < org->row_count; i++) {
        const struct gp_row *row = &org->rows[i];
        char limit[GP_LIMIT_TEXT_BYTES];
        row_words(digest, row);
        line(digest, row->line);
        department(digest, row->department);
        number(digest, row->first_owner);
        gp_limit_format(&row->limit, limit);
        text(digest, gp_span_of(limit));
        number(digest, row->wd_mode);
        number(digest, (uint64_t)row->on_spot << 3 | (uint64_t)row->is_private << 2 |
                           (uint64_t)row->informed << 1 | row->manual_filing);
        number(digest, (uint64_t)row->valid_from_ms);
        number(digest, row->tell_count);
        for (uint8_t j = 0; j < row->tell_count; j++) {
            number(digest, row->tell[j].kind);
            department(digest, row->tell[j].department);
        }
    }
}

static void rights(struct digest *digest)
{
    for (int role = 1; role < GP_ROLES_END; role++) {
        for (int action = 1; action < GP_ACTIONS_END; action++)
            number(digest, digest->org->rights.reach[role][action]);
    }
}

static void devices(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    number(digest, org->device_count);
    for (size_t i = 0; i < org->device_count; i++) {
        const struct gp_device_row *row = &org->devices[i];
        text(digest, row->person);
        text(digest, row->label);
        number(digest, row->role);
        text(digest, (struct gp_span){(const char *)row->key, sizeof row->key});
    }
}

/* A city without users has the digest from before there were any: an upgrade reloads nothing. */
static void users(struct digest *digest)
{
    const struct gp_org *org = digest->org;

    if (org->user_count == 0)
        return;
    number(digest, org->user_count);
    for (size_t i = 0; i < org->user_count; i++) {
        text(digest, org->users[i].name);
        person(digest, org->users[i].person);
        number(digest, org->users[i].role);
        person(digest, org->users[i].via);
    }
}

void gp_digest_org(const struct gp_org *org, unsigned char ret_digest[32])
{
    struct digest digest = {.org = org};

    (void)crypto_generichash_init(&digest.state, NULL, 0, 32); /* fails for bad lengths only */
    calendars(&digest);
    ladders(&digest);
    areas(&digest);
    people(&digest);
    posts(&digest);
    staff(&digest);
    catalogue(&digest);
    rights(&digest);
    devices(&digest);
    users(&digest);
    (void)crypto_generichash_final(&digest.state, ret_digest, 32);
}
