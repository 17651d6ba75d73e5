/* Every row of a table by itself: its checksum, its form, and whether it is found. */
#include "engine/verify_internal.h"

#include <stdlib.h>

struct rows {
    const struct gp_verify *verify;
    enum gp_table table;
    struct gp_arena arena; /* of one record */
    union {
        struct gp_incident incident;
        struct gp_leave_record leave;
        struct gp_tenure tenure;
        struct gp_device device;
        struct gp_strike strike;
    } record;
    uint64_t looked, of;
    int error;
};

/* How long keys and values are; records: at least one byte. */
static const struct form {
    uint8_t key, value;
    bool record;
} forms[GP_TABLE_COUNT] = {
    [GP_TABLE_INCIDENT] = {8, 1, true},     [GP_TABLE_BY_AREA] = {16, 2, true},
    [GP_TABLE_BY_POST] = {21, 0, false},    [GP_TABLE_BY_DEPT] = {13, 0, false},
    [GP_TABLE_DEADLINE] = {16, 1, false},   [GP_TABLE_DEDUP] = {24, GP_KEPT_BYTES_1, true},
    [GP_TABLE_VACANT] = {12, 8, false},     [GP_TABLE_JOURNAL] = {8, 32, true},
    [GP_TABLE_META] = {0, 0, true},         [GP_TABLE_LINK] = {16, 0, false},
    [GP_TABLE_STRIKE] = {18, 1, true},      [GP_TABLE_ON_SPOT] = {8, 4, false},
    [GP_TABLE_LEAVE] = {8, 1, true},        [GP_TABLE_TENURE] = {8, 1, true},
    [GP_TABLE_PERSONAL] = {16, 18, true},   [GP_TABLE_DEVICE] = {8, 1, true},
    [GP_TABLE_DEVICE_KEY] = {32, 8, false}, [GP_TABLE_BY_STATE] = {9, 9, false},
};

static uint64_t id_of(struct gp_span key)
{
    return gp_get_u64((const unsigned char *)key.ptr);
}

/* Unpacks what is a record, whose number must be its key's. */
static int check_record(struct rows *rows, struct gp_span key, struct gp_span value)
{
    int rc;

    switch (rows->table) {
    case GP_TABLE_INCIDENT:
        rc = gp_wire_incident_unpack(value, &rows->arena, &rows->record.incident);
        return rc == 0 && rows->record.incident.id != id_of(key) ? GP_ECORRUPT : rc;
    case GP_TABLE_LEAVE:
        rc = gp_wire_leave_unpack(value, &rows->arena, &rows->record.leave);
        return rc == 0 && rows->record.leave.id != id_of(key) ? GP_ECORRUPT : rc;
    case GP_TABLE_TENURE:
        rc = gp_wire_tenure_unpack(value, &rows->arena, &rows->record.tenure);
        return rc == 0 && rows->record.tenure.id != id_of(key) ? GP_ECORRUPT : rc;
    case GP_TABLE_DEVICE:
        rc = gp_wire_device_unpack(value, &rows->arena, &rows->record.device);
        return rc == 0 && rows->record.device.id != id_of(key) ? GP_ECORRUPT : rc;
    case GP_TABLE_STRIKE:
        return gp_wire_strike_unpack(value, &rows->arena, &rows->record.strike);
    default:
        return 0;
    }
}

static int check_small(const struct rows *rows, struct gp_span key, struct gp_span value)
{
    struct gp_personal personal;
    struct gp_state_row state;
    struct gp_area_row area;
    struct gp_kept_row kept;
    uint64_t a, b;
    bool whole;

    switch (rows->table) {
    case GP_TABLE_BY_AREA:
        return gp_by_area_read(key, value, &a, &b, &area, &whole);
    case GP_TABLE_BY_STATE:
        return gp_by_state_read(key, value, &state);
    case GP_TABLE_DEDUP:
        return gp_kept_row_read((const unsigned char *)key.ptr, value, &kept);
    case GP_TABLE_PERSONAL:
        return gp_personal_read(key, value, &a, &b, &personal);
    default:
        return 0;
    }
}

static bool has_form(struct gp_span key, struct gp_span value, const struct form *form)
{
    if (form->key != 0 && key.len != form->key)
        return false;
    return form->record ? value.len >= form->value : value.len == form->value;
}

static void look(void *context, struct gp_span key, struct gp_span value, enum gp_row_state state)
{
    struct rows *rows = context;
    int rc;

    gp_verify_progress(rows->verify, ++rows->looked, rows->of);
    if (state != GP_ROW_WHOLE) {
        gp_say_row(
            rows->verify, state == GP_ROW_DAMAGED ? GP_FLAW_ROW : GP_FLAW_ASTRAY, rows->table, key,
            state == GP_ROW_DAMAGED ? "its checksum is wrong" : "it is not found by its key");
        return;
    }
    gp_arena_reset(&rows->arena);
    rc = has_form(key, value, &forms[rows->table]) ? 0 : GP_ECORRUPT;
    if (rc == 0)
        rc = check_record(rows, key, value);
    if (rc == 0)
        rc = check_small(rows, key, value);
    if (rc == GP_ENOMEM)
        rows->error = rc;
    else if (rc != 0)
        gp_say_row(rows->verify, GP_FLAW_FORM, rows->table, key, "it is no row of this table");
}

static void say_table(const struct gp_verify *verify, enum gp_table table, const char *text)
{
    gp_say_row(verify, GP_FLAW_TABLE, table, (struct gp_span){0}, text);
}

int gp_verify_rows(struct gp_store *store, enum gp_table table, const struct gp_verify *verify,
                   bool *ret_walkable)
{
    struct rows *rows = calloc(1, sizeof *rows);
    struct gp_txn *txn = NULL;
    uint64_t count = 0;
    int rc = rows != NULL ? gp_txn_read(store, &txn) : GP_ENOMEM;

    *ret_walkable = false;
    if (rc != 0) {
        free(rows);
        return rc;
    }
    rows->verify = verify;
    rows->table = table;
    rows->of = gp_table_says(txn, table);
    gp_arena_init(&rows->arena, GP_LOOK_BYTES);
    rc = gp_table_check(txn, table, look, rows, &count);
    *ret_walkable = rc == 0;
    if (rc == GP_ENOTFOUND)
        say_table(verify, table, "it is missing");
    else if (rc != 0)
        say_table(verify, table, "it has other rows than it says, or cannot be walked to its end");
    gp_txn_abort(txn);
    rc = rows->error;
    gp_arena_release(&rows->arena);
    free(rows);
    return rc;
}
