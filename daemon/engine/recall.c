/* What decisions may ask the store: vacancies, strikes, duplicates, notices (core's gp_recall).
 * What goes wrong while looking is remembered by the transaction, and fails the batch. */
#include "engine/internal.h"

#include <string.h>

static bool vacancy_known(void *context, uint32_t post_key, int64_t day)
{
    struct gp_run *run = context;
    uint64_t seq;
    return gp_vacant_get(run->txn, post_key, day, &seq) == 0;
}

static uint32_t strikes(void *context, struct gp_span person, uint16_t year)
{
    struct gp_run *run = context;
    uint64_t incident = 0;
    struct gp_strike strike;
    struct gp_span record;
    uint32_t count = 0;

    while (gp_strike_next(run->txn, gp_device_hash(person), year, incident, &incident, &record) ==
           0) {
        gp_arena_reset(&run->engine->look);
        if (gp_wire_strike_unpack(record, &run->engine->look, &strike) == 0 &&
            strike.state != GP_STRIKE_LIFTED)
            count++;
    }
    return count;
}

static bool strike_of(void *context, struct gp_span person, uint64_t incident,
                      struct gp_strike *ret_strike)
{
    struct gp_run *run = context;
    struct gp_span record;

    return gp_strike_get(run->txn, gp_device_hash(person), incident, &record) == 0 &&
           (record = gp_arena_copy(&run->engine->arena, record)).ptr != NULL &&
           gp_wire_strike_unpack(record, &run->engine->arena, ret_strike) == 0;
}

static uint32_t on_spot(void *context, struct gp_area_ref grid)
{
    struct gp_run *run = context;
    uint32_t closings = 0;

    (void)gp_on_spot_get(run->txn, grid.padded, &closings); /* the transaction remembers errors */
    return closings;
}

static bool similar(void *context, struct gp_area_ref grid, uint64_t before, unsigned *rows,
                    struct gp_similar *ret_similar)
{
    struct gp_run *run = context;
    struct gp_engine *engine = run->engine;
    struct gp_incident *incident = &engine->looked;
    uint64_t id;

    gp_arena_reset(&engine->look);
    if (gp_by_area_before(run->txn, grid.padded, before, gp_states_open(), rows, &id) != 0 ||
        gp_incident_read(run->txn, id, &engine->look, incident) != 0)
        return false;
    *ret_similar = (struct gp_similar){
        .id = id,
        .category = incident->row.code,
        .received_ms = incident->received_ms,
        .place = incident->place,
        .main = incident->side.main,
    };
    return true;
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
        gp_wire_entry_unpack(bytes, &engine->look, &engine->noticed) != 0)
        return false;
    for (uint8_t i = 0; i < engine->noticed.recipient_count; i++) {
        if (gp_span_equal(engine->noticed.recipient[i].person, person)) {
            *ret_incident = engine->noticed.incident;
            return true;
        }
    }
    return false;
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
    };
}
