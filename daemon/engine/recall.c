/* What decisions may ask the store: vacancies, strikes, duplicates, notices, devices (core's
 * gp_recall).
 * What goes wrong while looking is remembered by the transaction, and fails the batch. Likely
 * duplicates alone are a hint, and no report waits for a damaged row among them. */
#include "engine/internal.h"

#include <string.h>

/* Whether a record was unpacked. One that was not must not count as none. */
static bool made_out(struct gp_run *run, int rc)
{
    if (rc != 0)
        (void)gp_txn_fail(run->txn, gp_stored(rc));
    return rc == 0;
}

static bool vacancy_known(void *context, uint32_t post_key, int64_t day)
{
    struct gp_run *run = context;
    uint64_t seq;
    return gp_vacant_get(run->txn, post_key, day, &seq) == 0;
}

static uint32_t count_strikes(struct gp_run *run, uint64_t person, uint16_t year)
{
    uint64_t incident = 0;
    struct gp_strike strike;
    struct gp_span record;
    uint32_t count = 0;

    while (gp_strike_next(run->txn, person, year, incident, &incident, &record) == 0) {
        gp_arena_reset(&run->engine->look);
        if (made_out(run, gp_wire_strike_unpack(record, &run->engine->look, &strike)) &&
            strike.state != GP_STRIKE_LIFTED)
            count++;
    }
    return count;
}

/* Where the tally of a person and year is, if it is known; another may stand there. */
static struct gp_tally *tally_at(struct gp_engine *engine, uint64_t person, uint16_t year)
{
    return &engine->tally[(person ^ year) % GP_TALLIES];
}

static bool tally_is_of(const struct gp_tally *tally, uint64_t person, uint16_t year)
{
    return tally->known && tally->person == person && tally->year == year;
}

static uint32_t strikes(void *context, struct gp_span person, uint16_t year)
{
    struct gp_run *run = context;
    uint64_t key = gp_device_hash(person);
    struct gp_tally *tally = tally_at(run->engine, key, year);

    if (!tally_is_of(tally, key, year))
        *tally = (struct gp_tally){key, count_strikes(run, key, year), year, true};
    return tally->count;
}

void gp_tally_entry(struct gp_engine *engine, const struct gp_entry *entry)
{
    const struct gp_strike *strike = &entry->strike;

    if (strike->person.len == 0)
        return;
    uint64_t key = gp_device_hash(strike->person);
    struct gp_tally *tally = tally_at(engine, key, strike->year);
    if (!tally_is_of(tally, key, strike->year))
        return;
    if (entry->what == GP_WHAT_STRIKE)
        tally->count++;
    else
        tally->known = false; /* an appeal may have lifted it */
}

void gp_tally_forget(struct gp_engine *engine)
{
    memset(engine->tally, 0, sizeof engine->tally);
}

static bool strike_of(void *context, struct gp_span person, uint64_t incident,
                      struct gp_strike *ret_strike)
{
    struct gp_run *run = context;
    struct gp_span record;

    if (gp_strike_get(run->txn, gp_device_hash(person), incident, &record) != 0)
        return false;
    record = gp_arena_copy(&run->engine->arena, record);
    return made_out(run, record.ptr != NULL ? 0 : GP_ENOMEM) &&
           made_out(run, gp_wire_strike_unpack(record, &run->engine->arena, ret_strike));
}

static uint32_t on_spot(void *context, struct gp_area_ref grid)
{
    struct gp_run *run = context;
    uint32_t closings = 0;

    (void)gp_on_spot_get(run->txn, grid.padded, &closings); /* the transaction remembers errors */
    return closings;
}

struct similar_look {
    struct gp_run *run;
    bool (*take)(void *taker, const struct gp_similar *other);
    void *taker;
};

static bool show_similar(void *context, uint64_t id)
{
    const struct similar_look *look = context;
    struct gp_similar other;
    struct gp_span record;
    int rc = gp_incident_glance(look->run->txn, id, &record);

    if (rc == GP_ENOTFOUND) {
        look->run->batch->passed_over = id;
        return true;
    }
    return rc == 0 && made_out(look->run, gp_wire_incident_peek(record, &other)) &&
           look->take(look->taker, &other);
}

static void similar(void *context, struct gp_area_ref grid, struct gp_span category,
                    bool (*take)(void *taker, const struct gp_similar *other), void *taker)
{
    struct similar_look look = {context, take, taker};

    (void)gp_by_area_newest(look.run->txn, grid.padded, gp_post_key(category), GP_SIMILAR_ROWS_MAX,
                            show_similar, &look, &look.run->batch->passed_over); /* as above */
}

static unsigned linked(void *context, uint64_t main)
{
    struct gp_run *run = context;
    uint64_t id = 0;
    unsigned count = 0;

    while (count < GP_LINKED_MAX && gp_link_next(run->txn, main, id, &id) == 0)
        count++;
    return count;
}

static unsigned texts(void *context, uint64_t incident)
{
    struct gp_run *run = context;
    uint32_t count = 0;

    (void)gp_personal_count(run->txn, incident, GP_ERASE_ROWS_MAX, &count); /* as above */
    return count;
}

static bool told(void *context, uint64_t seq, struct gp_span person, uint64_t *ret_incident)
{
    struct gp_run *run = context;
    struct gp_engine *engine = run->engine;
    struct gp_span bytes;

    gp_arena_reset(&engine->look);
    memset(&engine->noticed, 0, sizeof engine->noticed);
    if (gp_journal_get(run->txn, seq, &bytes) != 0 ||
        !made_out(run, gp_wire_entry_unpack(bytes, &engine->look, &engine->noticed)))
        return false;
    for (uint8_t i = 0; i < engine->noticed.recipient_count; i++) {
        if (gp_span_equal(engine->noticed.recipient[i].person, person)) {
            *ret_incident = engine->noticed.incident;
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- devices */

/* Looks at every device until `wanted` says that enough are found; GP_DEVICES_MAX bounds it. */
static unsigned count_devices(struct gp_run *run, unsigned most,
                              bool (*wanted)(const void *about, uint64_t id,
                                             const struct gp_device_peek *peek),
                              const void *about)
{
    struct gp_walk *walk = NULL;
    struct gp_span key, value;
    unsigned count = 0;

    if (gp_walk_open(run->txn, GP_TABLE_DEVICE, (struct gp_span){0}, &walk) != 0)
        return 0;
    while (count < most && gp_walk_next(walk, &key, &value) == 0) {
        struct gp_device_peek peek;
        uint64_t id = key.len == 8 ? gp_get_u64((const unsigned char *)key.ptr) : 0;
        if (made_out(run, gp_wire_device_peek(value, &peek)) && wanted(about, id, &peek))
            count++;
    }
    gp_walk_close(walk);
    return count;
}

struct of_person {
    struct gp_span person;
    int64_t now_ms;
};

static bool counts_for_person(const void *about, uint64_t id, const struct gp_device_peek *peek)
{
    const struct of_person *of = about;

    (void)id; /* whichever */
    if (!gp_span_equal(peek->person, of->person))
        return false;
    return peek->state == GP_DEVICE_ACTIVE || peek->state == GP_DEVICE_PENDING ||
           (peek->state == GP_DEVICE_INVITED && peek->expires_ms > of->now_ms);
}

static unsigned devices(void *context, struct gp_span person, int64_t now_ms)
{
    const struct of_person of = {person, now_ms};
    return count_devices(context, GP_DEVICES_PERSON_MAX, counts_for_person, &of);
}

static bool is_other_admin(const void *about, uint64_t id, const struct gp_device_peek *peek)
{
    const uint64_t *device = about;
    return id != *device && peek->role == GP_ROLE_ADMIN && peek->state == GP_DEVICE_ACTIVE;
}

static bool other_admin(void *context, uint64_t device_id)
{
    return count_devices(context, 1, is_other_admin, &device_id) > 0;
}

static uint64_t key_known(void *context, const unsigned char key[GP_DEVICE_KEY_BYTES])
{
    struct gp_run *run = context;
    uint64_t id = 0;

    (void)gp_device_key_get(run->txn, key, &id); /* as above */
    return id;
}

void gp_run_recall(struct gp_run *run)
{
    run->recall = (struct gp_recall){
        .context = run,
        .vacancy_known = vacancy_known,
        .strikes = strikes,
        .strike_of = strike_of,
        .on_spot = on_spot,
        .similar = similar,
        .linked = linked,
        .texts = texts,
        .told = told,
        .devices = devices,
        .other_admin = other_admin,
        .key_known = key_known,
    };
}
