/*
 * Looks at stored rows: the few fields that a walk over many of them needs, straight from the
 * packed bytes. Only for what this store has packed and its checksums cover: numbers are held to
 * their ranges, texts are not looked into. Packing is canonical, so a field comes once, in order.
 *
 * Each kind of message has a table by field number, by the names that gridpost.fields.h has of
 * gridpost.proto; tests compare every look with the whole unpacking.
 */
#include "core/fact.h"
#include "gridpost.fields.h"
#include "wire/field.h"
#include "wire/internal.h"

#include <stddef.h>

/* ---------------------------------------------------------------- looking by a table */

enum take { TAKE_NOT, TAKE_TEXT, TAKE_U8, TAKE_U32, TAKE_U64 };

/* What becomes of a field: where in a struct it goes, and the largest number that it may be. */
struct look {
    uint16_t at;
    uint8_t take; /* enum take */
    uint32_t max; /* of TAKE_U8 and TAKE_U32 */
};

#define LOOK(type, member, how, most)                                                              \
    {                                                                                              \
        offsetof(struct type, member), (how), (most)                                               \
    }

static bool take(const struct look *look, const struct gp_field *field, void *ret_struct)
{
    char *to = (char *)ret_struct + look->at;
    uint8_t byte = (uint8_t)field->number;
    uint32_t word = (uint32_t)field->number;

    if (look->take == TAKE_TEXT)
        memcpy(to, &field->value, sizeof field->value);
    else if (look->take == TAKE_U64)
        memcpy(to, &field->number, sizeof field->number);
    else if (field->number > look->max)
        return false;
    else if (look->take == TAKE_U32)
        memcpy(to, &word, sizeof word);
    else
        memcpy(to, &byte, sizeof byte);
    return true;
}

/* False: these bytes are no such message. */
static bool look_over(struct gp_span bytes, const struct look *looks, size_t count,
                      void *ret_struct)
{
    struct gp_scan scan = gp_scan_of(bytes);
    struct gp_field field;

    while (gp_scan_next(&scan, &field) && field.tag >> 3 < count) {
        const struct look *look = &looks[field.tag >> 3];
        if (look->take != TAKE_NOT && !take(look, &field, ret_struct))
            return false;
    }
    return !scan.broken;
}

#define LOOK_OVER(bytes, looks, to)                                                                \
    look_over((bytes), (looks), sizeof(looks) / sizeof(looks)[0], (to))

/* An area stands in two fields; there may be none. */
static bool see_area(struct gp_span code, uint8_t level, struct gp_area_ref *ret_area)
{
    *ret_area = (struct gp_area_ref){0};
    if (code.ptr == NULL)
        return true;
    if (gp_area_parse(code, ret_area) != 0)
        return false;
    ret_area->level = level;
    return true;
}

/* ---------------------------------------------------------------- devices */

int gp_wire_device_peek(struct gp_span bytes, struct gp_device_peek *ret_peek)
{
    struct gp_scan scan = gp_scan_of(bytes);
    struct gp_device_peek peek = {0};
    struct gp_field field;

    if (!gp_scan_next(&scan, &field) || field.tag != GP_TAG(GP_FIELD_DEVICE_ID, GP_VARINT))
        return GP_EFORMAT;
    while (gp_scan_next(&scan, &field) && field.tag >> 3 <= GP_FIELD_DEVICE_EXPIRES_MS) {
        if (field.tag == GP_TAG(GP_FIELD_DEVICE_PERSON, GP_BYTES))
            peek.person = field.value;
        else if (field.tag == GP_TAG(GP_FIELD_DEVICE_ROLE, GP_VARINT))
            peek.role = (uint8_t)field.number;
        else if (field.tag == GP_TAG(GP_FIELD_DEVICE_STATE, GP_VARINT))
            peek.state = (uint8_t)field.number;
        else if (field.tag == GP_TAG(GP_FIELD_DEVICE_EXPIRES_MS, GP_VARINT))
            peek.expires_ms = (int64_t)field.number;
    }
    *ret_peek = peek;
    return 0;
}

/* ---------------------------------------------------------------- entries */

/* Packing is canonical: the entry comes first in its message, and of it the low numbers. */
int gp_wire_entry_peek(struct gp_span bytes, struct gp_entry_peek *ret_peek)
{
    struct gp_scan scan = gp_scan_of(bytes);
    struct gp_entry_peek peek = {0};
    struct gp_field field;

    if (!gp_scan_next(&scan, &field) || field.tag != GP_TAG(GP_FIELD_JOURNAL_ENTRY_ENTRY, GP_BYTES))
        return GP_EFORMAT;
    scan = gp_scan_of(field.value);
    while (gp_scan_next(&scan, &field) && field.tag >> 3 <= GP_FIELD_ENTRY_INCIDENT) {
        if (field.tag == GP_TAG(GP_FIELD_ENTRY_AT_MS, GP_VARINT))
            peek.at_ms = (int64_t)field.number;
        else if (field.tag == GP_TAG(GP_FIELD_ENTRY_INCIDENT, GP_VARINT))
            peek.incident = field.number;
    }
    *ret_peek = peek;
    return 0;
}

/* ---------------------------------------------------------------- incidents */

/* The value of a field within a message within the one that is scanned; 0: it is not there. */
static uint64_t number_in(struct gp_span message, uint64_t tag)
{
    struct gp_scan scan = gp_scan_of(message);
    struct gp_field field;

    while (gp_scan_next(&scan, &field)) {
        if (field.tag == tag)
            return field.number;
    }
    return 0;
}

/* sint32: 0, -1, 1, -2 … are 0, 1, 2, 3. */
static int32_t unzigzag(uint64_t number)
{
    return (int32_t)((uint32_t)number >> 1 ^ (0 - ((uint32_t)number & 1)));
}

static struct gp_place peek_place(struct gp_span message)
{
    return (struct gp_place){
        .known = true,
        .lat_e7 = unzigzag(number_in(message, GP_TAG(GP_FIELD_PLACE_LAT_E7, GP_VARINT))),
        .lon_e7 = unzigzag(number_in(message, GP_TAG(GP_FIELD_PLACE_LON_E7, GP_VARINT))),
    };
}

static struct gp_span peek_code(struct gp_span row)
{
    struct gp_scan scan = gp_scan_of(row);
    struct gp_field field;

    return gp_scan_next(&scan, &field) && field.tag == GP_TAG(GP_FIELD_ROW_CODE, GP_BYTES)
               ? field.value
               : (struct gp_span){0};
}

int gp_wire_incident_peek(struct gp_span bytes, struct gp_similar *ret_similar)
{
    struct gp_scan scan = gp_scan_of(bytes);
    struct gp_similar similar = {0};
    struct gp_field field;

    if (!gp_scan_next(&scan, &field) || field.tag != GP_TAG(GP_FIELD_INCIDENT_ID, GP_VARINT))
        return GP_EFORMAT;
    similar.id = field.number;
    while (gp_scan_next(&scan, &field)) {
        if (field.tag == GP_TAG(GP_FIELD_INCIDENT_ROW, GP_BYTES))
            similar.category = peek_code(field.value);
        else if (field.tag == GP_TAG(GP_FIELD_INCIDENT_PLACE, GP_BYTES))
            similar.place = peek_place(field.value);
        else if (field.tag == GP_TAG(GP_FIELD_INCIDENT_RECEIVED_MS, GP_VARINT))
            similar.received_ms = (int64_t)field.number;
        else if (field.tag == GP_TAG(GP_FIELD_INCIDENT_SIDE, GP_BYTES))
            similar.main = number_in(field.value, GP_TAG(GP_FIELD_SIDE_MAIN, GP_VARINT));
    }
    *ret_similar = similar;
    return 0;
}

/* ---------------------------------------------------------------- traits */

struct seen_incident {
    struct gp_traits traits;
    struct gp_span area, row;
    uint8_t area_level;
};

static const struct look incident_looks[] = {
    [GP_FIELD_INCIDENT_STATE] = LOOK(seen_incident, traits.state, TAKE_U8, GP_STATE_REOPENED),
    [GP_FIELD_INCIDENT_AREA] = LOOK(seen_incident, area, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_AREA_LEVEL] = LOOK(seen_incident, area_level, TAKE_U8, GP_LEVEL_GRID),
    [GP_FIELD_INCIDENT_ROW] = LOOK(seen_incident, row, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_RECEIVED_MS] = LOOK(seen_incident, traits.received_ms, TAKE_U64, 0),
    [GP_FIELD_INCIDENT_OWNER] = LOOK(seen_incident, traits.owner, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_OVERDUE_MS] = LOOK(seen_incident, traits.overdue_ms, TAKE_U64, 0),
};

static const struct look traits_row_looks[] = {
    [GP_FIELD_ROW_CODE] = LOOK(seen_incident, traits.category, TAKE_TEXT, 0),
    [GP_FIELD_ROW_DEPARTMENT] = LOOK(seen_incident, traits.department, TAKE_TEXT, 0),
    [GP_FIELD_ROW_IS_PRIVATE] = LOOK(seen_incident, traits.is_private, TAKE_U8, 1),
};

int gp_wire_traits_peek(struct gp_span bytes, struct gp_traits *ret_traits)
{
    struct seen_incident seen = {0};

    if (!LOOK_OVER(bytes, incident_looks, &seen) ||
        !see_area(seen.area, seen.area_level, &seen.traits.area) ||
        !LOOK_OVER(seen.row, traits_row_looks, &seen))
        return GP_EFORMAT;
    *ret_traits = seen.traits;
    return 0;
}

/* ---------------------------------------------------------------- outlooks */

struct seen_outlook {
    struct gp_outlook outlook;
    struct gp_span area, community, row, plan;
    uint8_t area_level, community_level;
    /* of the plan */
    uint64_t current;
    uint64_t due_ms[GP_STAGES_MAX];
    uint8_t stages;
};

static const struct look outlook_looks[] = {
    [GP_FIELD_INCIDENT_STATE] = LOOK(seen_outlook, outlook.state, TAKE_U8, GP_STATE_REOPENED),
    [GP_FIELD_INCIDENT_AREA] = LOOK(seen_outlook, area, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_AREA_LEVEL] = LOOK(seen_outlook, area_level, TAKE_U8, GP_LEVEL_GRID),
    [GP_FIELD_INCIDENT_COMMUNITY] = LOOK(seen_outlook, community, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_COMMUNITY_LEVEL] =
        LOOK(seen_outlook, community_level, TAKE_U8, GP_LEVEL_GRID),
    [GP_FIELD_INCIDENT_ROW] = LOOK(seen_outlook, row, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_OVERDUE_MS] = LOOK(seen_outlook, outlook.overdue_ms, TAKE_U64, 0),
    [GP_FIELD_INCIDENT_PLAN] = LOOK(seen_outlook, plan, TAKE_TEXT, 0),
};

static const struct look outlook_row_looks[] = {
    [GP_FIELD_ROW_DEPARTMENT] = LOOK(seen_outlook, outlook.department, TAKE_TEXT, 0),
    [GP_FIELD_ROW_IS_PRIVATE] = LOOK(seen_outlook, outlook.is_private, TAKE_U8, 1),
};

struct seen_step {
    uint8_t step, stage, status;
};

static const struct look plan_step_looks[] = {
    [GP_FIELD_PLAN_STEP_STEP] = LOOK(seen_step, step, TAKE_U8, GP_STEP_RESUME),
    [GP_FIELD_PLAN_STEP_STAGE] = LOOK(seen_step, stage, TAKE_U8, GP_STAGES_MAX - 1),
    [GP_FIELD_PLAN_STEP_STATUS] = LOOK(seen_step, status, TAKE_U8, GP_PAUSED),
};

static bool see_step(struct gp_span bytes, struct seen_outlook *seen)
{
    struct seen_step step = {0};

    if (!LOOK_OVER(bytes, plan_step_looks, &step))
        return false;
    if (step.step == GP_STEP_YELLOW && step.status == GP_FIRED && step.stage == seen->current)
        seen->outlook.warned = true;
    return true;
}

/* Stages come first, then which of them runs, then the steps. */
static bool see_clock(struct seen_outlook *seen)
{
    struct gp_scan scan = gp_scan_of(seen->plan);
    struct gp_field field;

    while (gp_scan_next(&scan, &field)) {
        if (field.tag == GP_TAG(GP_FIELD_PLAN_STAGE, GP_BYTES)) {
            if (seen->stages == GP_STAGES_MAX)
                return false;
            seen->due_ms[seen->stages++] =
                number_in(field.value, GP_TAG(GP_FIELD_STAGE_DUE_MS, GP_VARINT));
        } else if (field.tag == GP_TAG(GP_FIELD_PLAN_CURRENT, GP_VARINT)) {
            seen->current = field.number;
        } else if (field.tag == GP_TAG(GP_FIELD_PLAN_STEP, GP_BYTES) &&
                   !see_step(field.value, seen)) {
            return false;
        }
    }
    if (scan.broken || seen->current >= GP_STAGES_MAX)
        return false;
    seen->outlook.due_ms = (int64_t)seen->due_ms[seen->current];
    return true;
}

int gp_wire_outlook_peek(struct gp_span bytes, struct gp_outlook *ret_outlook)
{
    struct seen_outlook seen = {0};

    if (!LOOK_OVER(bytes, outlook_looks, &seen) ||
        !see_area(seen.area, seen.area_level, &seen.outlook.area) ||
        !see_area(seen.community, seen.community_level, &seen.outlook.community) ||
        !LOOK_OVER(seen.row, outlook_row_looks, &seen) || !see_clock(&seen))
        return GP_EFORMAT;
    *ret_outlook = seen.outlook;
    return 0;
}

/* ---------------------------------------------------------------- dues */

struct seen_due {
    struct gp_span plan, side;
    uint8_t state;
};

static const struct look due_looks[] = {
    [GP_FIELD_INCIDENT_STATE] = LOOK(seen_due, state, TAKE_U8, GP_STATE_REOPENED),
    [GP_FIELD_INCIDENT_PLAN] = LOOK(seen_due, plan, TAKE_TEXT, 0),
    [GP_FIELD_INCIDENT_SIDE] = LOOK(seen_due, side, TAKE_TEXT, 0),
};

static bool see_stage_due(struct gp_span plan, uint64_t *ret_due_ms)
{
    struct gp_scan scan = gp_scan_of(plan);
    uint64_t due_ms[GP_STAGES_MAX] = {0}, current = 0;
    struct gp_field field;
    uint8_t stages = 0;

    while (gp_scan_next(&scan, &field) && field.tag >> 3 <= GP_FIELD_PLAN_CURRENT) {
        if (field.tag == GP_TAG(GP_FIELD_PLAN_CURRENT, GP_VARINT))
            current = field.number;
        else if (stages < GP_STAGES_MAX)
            due_ms[stages++] = number_in(field.value, GP_TAG(GP_FIELD_STAGE_DUE_MS, GP_VARINT));
        else
            return false;
    }
    if (scan.broken || current >= GP_STAGES_MAX)
        return false;
    *ret_due_ms = due_ms[current];
    return true;
}

int gp_wire_due_peek(struct gp_span bytes, int64_t *ret_due_ms)
{
    struct seen_due seen = {0};
    uint64_t stage_due_ms, check_due_ms;

    if (!LOOK_OVER(bytes, due_looks, &seen) || !see_stage_due(seen.plan, &stage_due_ms))
        return GP_EFORMAT;
    check_due_ms = number_in(seen.side, GP_TAG(GP_FIELD_SIDE_CHECK_DUE_MS, GP_VARINT));
    *ret_due_ms = gp_due_running(seen.state, (int64_t)stage_due_ms, (int64_t)check_due_ms);
    return 0;
}

/* ---------------------------------------------------------------- facts */

/* A fact, and the parts of its messages that are looked into afterwards. */
struct seen {
    struct gp_fact fact;
    struct gp_span entry, patch, strike; /* of the journal's entry */
    struct gp_span area, refs;           /* of the entry */
    uint8_t area_level;                  /* the same */
    struct gp_span row, plan, side;      /* of the patch */
    struct gp_span limit;                /* of the row */
};

static const struct look journal_looks[] = {
    [GP_FIELD_JOURNAL_ENTRY_ENTRY] = LOOK(seen, entry, TAKE_TEXT, 0),
    [GP_FIELD_JOURNAL_ENTRY_PATCH] = LOOK(seen, patch, TAKE_TEXT, 0),
    [GP_FIELD_JOURNAL_ENTRY_STRIKE] = LOOK(seen, strike, TAKE_TEXT, 0),
};

static const struct look entry_looks[] = {
    [GP_FIELD_ENTRY_SEQ] = LOOK(seen, fact.seq, TAKE_U64, 0),
    [GP_FIELD_ENTRY_AT_MS] = LOOK(seen, fact.at_ms, TAKE_U64, 0),
    [GP_FIELD_ENTRY_INCIDENT] = LOOK(seen, fact.incident, TAKE_U64, 0),
    [GP_FIELD_ENTRY_AREA] = LOOK(seen, area, TAKE_TEXT, 0),
    [GP_FIELD_ENTRY_AREA_LEVEL] = LOOK(seen, area_level, TAKE_U8, GP_LEVEL_GRID),
    [GP_FIELD_ENTRY_LINE] = LOOK(seen, fact.line, TAKE_TEXT, 0),
    [GP_FIELD_ENTRY_DEPARTMENT] = LOOK(seen, fact.department, TAKE_TEXT, 0),
    [GP_FIELD_ENTRY_WHAT] = LOOK(seen, fact.what, TAKE_U8, GP_WHAT_DEVICE),
    [GP_FIELD_ENTRY_STEP] = LOOK(seen, fact.step, TAKE_U8, GP_STEP_RESUME),
    [GP_FIELD_ENTRY_STAGE] = LOOK(seen, fact.stage, TAKE_U8, GP_STAGES_MAX - 1),
    [GP_FIELD_ENTRY_STATE] = LOOK(seen, fact.state, TAKE_U8, GP_STATE_REOPENED),
    [GP_FIELD_ENTRY_ACTOR] = LOOK(seen, fact.actor, TAKE_TEXT, 0),
    [GP_FIELD_ENTRY_OWNER] = LOOK(seen, fact.owner, TAKE_TEXT, 0),
    [GP_FIELD_ENTRY_FLAGS] = LOOK(seen, fact.flags, TAKE_U32, UINT32_MAX),
    [GP_FIELD_ENTRY_REF_SEQ] = LOOK(seen, refs, TAKE_TEXT, 0),
    [GP_FIELD_ENTRY_LEVEL] = LOOK(seen, fact.level, TAKE_U32, 3),
};

static const struct look patch_looks[] = {
    [GP_FIELD_PATCH_BITS] = LOOK(seen, fact.bits, TAKE_U32, GP_PATCH_BITS_ALL),
    [GP_FIELD_PATCH_ROW] = LOOK(seen, row, TAKE_TEXT, 0),
    [GP_FIELD_PATCH_PLAN] = LOOK(seen, plan, TAKE_TEXT, 0),
    [GP_FIELD_PATCH_SIDE] = LOOK(seen, side, TAKE_TEXT, 0),
};

static const struct look row_looks[] = {
    [GP_FIELD_ROW_LIMIT] = LOOK(seen, limit, TAKE_TEXT, 0),
};

static const struct look side_looks[] = {
    [GP_FIELD_SIDE_UNFILLED] = LOOK(seen, fact.unfilled, TAKE_TEXT, 0),
    [GP_FIELD_SIDE_RETURNER] = LOOK(seen, fact.returner, TAKE_TEXT, 0),
};

static const struct look strike_looks[] = {
    [GP_FIELD_STRIKE_PERSON] = LOOK(seen, fact.struck, TAKE_TEXT, 0),
    [GP_FIELD_STRIKE_STATE] = LOOK(seen, fact.strike_state, TAKE_U8, GP_STRIKE_UPHELD),
};

static bool see_refs(struct seen *seen)
{
    struct gp_scan scan = gp_scan_of(seen->refs);
    struct gp_fact *fact = &seen->fact;

    while (scan.at < scan.end) {
        if (fact->ref_count == GP_REFS_MAX ||
            !gp_scan_varint(&scan, &fact->ref_seq[fact->ref_count++]))
            return false;
    }
    return true;
}

static bool see_row(struct seen *seen)
{
    struct gp_limit limit = {0};

    if (!LOOK_OVER(seen->row, row_looks, seen) ||
        (seen->limit.ptr != NULL && gp_limit_parse(seen->limit, &limit) != 0))
        return false;
    seen->fact.stages = limit.stage_count;
    return true;
}

/* When the suspension of a stage ended; 0: it did not, or there was none. */
static bool see_gap(struct gp_span stage, uint64_t *ret_gap_to_ms)
{
    struct gp_scan scan = gp_scan_of(stage);
    struct gp_field field;

    *ret_gap_to_ms = 0;
    while (gp_scan_next(&scan, &field)) {
        if (field.tag == GP_TAG(GP_FIELD_STAGE_GAP_TO_MS, GP_VARINT))
            *ret_gap_to_ms = field.number;
    }
    return !scan.broken;
}

static bool see_plan(struct seen *seen)
{
    struct gp_scan scan = gp_scan_of(seen->plan);
    struct gp_span stage[GP_STAGES_MAX] = {{0}};
    uint64_t current = 0, gap_to_ms = 0;
    struct gp_field field;
    uint8_t stages = 0;

    while (gp_scan_next(&scan, &field) && field.tag >> 3 <= GP_FIELD_PLAN_CURRENT) {
        if (field.tag == GP_TAG(GP_FIELD_PLAN_CURRENT, GP_VARINT))
            current = field.number;
        else if (stages < GP_STAGES_MAX)
            stage[stages++] = field.value;
        else
            return false;
    }
    if (scan.broken || current >= GP_STAGES_MAX)
        return false;
    if (seen->fact.what == GP_WHAT_RESUMED && !see_gap(stage[current], &gap_to_ms))
        return false;
    seen->fact.stages = stages;
    seen->fact.gap_to_ms = (int64_t)gap_to_ms;
    return true;
}

static bool see_patch(struct seen *seen)
{
    uint32_t bits;

    if (!LOOK_OVER(seen->patch, patch_looks, seen))
        return false;
    bits = seen->fact.bits;
    return (!(bits & GP_PATCH_ROW) || see_row(seen)) &&
           (!(bits & GP_PATCH_PLAN) || see_plan(seen)) && LOOK_OVER(seen->side, side_looks, seen);
}

int gp_wire_fact_peek(struct gp_span bytes, struct gp_fact *ret_fact)
{
    struct seen seen = {0};

    if (!LOOK_OVER(bytes, journal_looks, &seen) || seen.entry.ptr == NULL ||
        !LOOK_OVER(seen.entry, entry_looks, &seen) ||
        !see_area(seen.area, seen.area_level, &seen.fact.area) || !see_refs(&seen) ||
        !see_patch(&seen) || !LOOK_OVER(seen.strike, strike_looks, &seen))
        return GP_EFORMAT;
    *ret_fact = seen.fact;
    return 0;
}
