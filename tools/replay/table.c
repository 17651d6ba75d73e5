#include "replay/table.h"

#include "base/clocktext.h"
#include "base/error.h"
#include "replay/file.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum column {
    COLUMN_ID,
    COLUMN_OPENED,
    COLUMN_DUE,
    COLUMN_CLOSED,
    COLUMN_VERDICT,
    COLUMN_CATEGORY,
    COLUMN_DEPARTMENT,
    COLUMN_LATITUDE,
    COLUMN_LONGITUDE,
    COLUMN_TEXT,
    COLUMN_AREA, /* and the two behind it */
    COLUMN_COUNT = COLUMN_AREA + 3,
};

struct reader {
    const struct gp_mapping *mapping;
    const char *path;
    struct gp_replay_table *table;
    int64_t zone_ms;
    const char *wanted[COLUMN_COUNT]; /* header names; NULL: not in the export */
    int column_of[COLUMN_COUNT];      /* field number; -1 */
    char *cell[COLUMN_COUNT];         /* of the row being read */
    int field;
    unsigned line;
    int error;
};

/* ---------------------------------------------------------------- cells */

static bool said(const char *cell)
{
    return cell != NULL && cell[0] != '\0' && strcmp(cell, "NA") != 0;
}

static const char *or_none(const char *cell)
{
    return said(cell) ? cell : "(none)";
}

/* Exported times are wall clock at one fixed offset. */
static bool read_time(const struct reader *reader, const char *cell, int64_t *ret_ms)
{
    struct tm tm = {0};
    const char *end = said(cell) ? strptime(cell, reader->mapping->time_format, &tm) : NULL;

    if (end == NULL || *end != '\0')
        return false;
    int64_t day = gp_day_from_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    int64_t second = (tm.tm_hour * 60 + tm.tm_min) * 60 + tm.tm_sec;
    *ret_ms = day * GP_MS_DAY + second * GP_MS_SECOND - reader->zone_ms;
    return true;
}

static bool read_degrees(const char *cell, double most, int32_t *ret_e7)
{
    char *end;
    double value;

    if (!said(cell))
        return false;
    value = strtod(cell, &end);
    if (*end != '\0' || !(fabs(value) <= most) || value == 0)
        return false;
    *ret_e7 = (int32_t)lround(value * 1e7);
    return true;
}

static int8_t read_verdict(const struct reader *reader)
{
    const char *cell = reader->cell[COLUMN_VERDICT];

    if (said(cell) && reader->mapping->verdict_on_time != NULL &&
        strcmp(cell, reader->mapping->verdict_on_time) == 0)
        return 1;
    if (said(cell) && reader->mapping->verdict_overdue != NULL &&
        strcmp(cell, reader->mapping->verdict_overdue) == 0)
        return 2;
    return 0;
}

/* ---------------------------------------------------------------- rows */

static int number_areas(struct reader *reader, struct gp_replay_row *row)
{
    struct gp_names *names[3] = {&reader->table->streets, &reader->table->communities,
                                 &reader->table->grids};
    char path[700] = "";

    for (int i = 0; i < 3; i++) {
        size_t len = strlen(path);
        const char *cell = reader->cell[COLUMN_AREA + i];
        (void)snprintf(path + len, sizeof path - len, "%s%.200s", i > 0 ? "\x1f" : "",
                       or_none(cell));
        row->grid = gp_names_number(names[i], path);
        if (row->grid == UINT32_MAX)
            return GP_ENOMEM;
    }
    return 0;
}

static int number_row(struct reader *reader, struct gp_replay_row *row)
{
    char key[600];

    row->category = gp_names_number(&reader->table->categories, reader->cell[COLUMN_CATEGORY]);
    row->department =
        gp_names_number(&reader->table->departments, or_none(reader->cell[COLUMN_DEPARTMENT]));
    (void)snprintf(key, sizeof key, "%.250s\x1f%.250s", reader->cell[COLUMN_CATEGORY],
                   or_none(reader->cell[COLUMN_DEPARTMENT]));
    row->row = gp_names_number(&reader->table->rows, key);
    return row->category == UINT32_MAX || row->department == UINT32_MAX || row->row == UINT32_MAX
               ? GP_ENOMEM
               : 0;
}

static int grow(struct gp_replay_table *table)
{
    size_t capacity = table->capacity == 0 ? 1024 : table->capacity * 2;

    if (table->count < table->capacity)
        return 0;
    struct gp_replay_row *row = realloc(table->row, capacity * sizeof *row);
    if (row == NULL)
        return GP_ENOMEM;
    table->row = row;
    table->capacity = capacity;
    return 0;
}

static int fill(struct reader *reader, struct gp_replay_row *row)
{
    const char *text = reader->cell[COLUMN_TEXT];

    row->line = reader->line;
    row->has_due = read_time(reader, reader->cell[COLUMN_DUE], &row->due_ms);
    row->closed = read_time(reader, reader->cell[COLUMN_CLOSED], &row->closed_ms);
    row->verdict = read_verdict(reader);
    row->place.known = read_degrees(reader->cell[COLUMN_LATITUDE], 90, &row->place.lat_e7) &&
                       read_degrees(reader->cell[COLUMN_LONGITUDE], 180, &row->place.lon_e7);
    row->id = strdup(said(reader->cell[COLUMN_ID]) ? reader->cell[COLUMN_ID] : "");
    row->text = strdup(said(text) ? text : reader->cell[COLUMN_CATEGORY]);
    if (row->id == NULL || row->text == NULL)
        return GP_ENOMEM;
    int rc = number_row(reader, row);
    return rc == 0 ? number_areas(reader, row) : rc;
}

static int add_row(struct reader *reader)
{
    struct gp_replay_row row = {0};
    int rc;

    if (!read_time(reader, reader->cell[COLUMN_OPENED], &row.opened_ms) ||
        !said(reader->cell[COLUMN_CATEGORY])) {
        reader->table->skipped++;
        return 0;
    }
    rc = grow(reader->table);
    if (rc == 0)
        rc = fill(reader, &row);
    if (rc != 0) {
        free(row.id);
        free(row.text);
        return rc;
    }
    reader->table->row[reader->table->count++] = row;
    return 0;
}

/* ---------------------------------------------------------------- libcsv */

static void on_header(struct reader *reader, const char *name)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (reader->wanted[i] != NULL && strcmp(reader->wanted[i], name) == 0)
            reader->column_of[i] = reader->field;
    }
}

static void on_cell(void *data, size_t len, void *context)
{
    struct reader *reader = context;
    char *text = strndup(data, len);

    if (text == NULL) {
        reader->error = GP_ENOMEM;
    } else if (reader->line == 1) {
        bool bom = reader->field == 0 && strncmp(text, "\xEF\xBB\xBF", 3) == 0;
        on_header(reader, bom ? text + 3 : text);
    } else {
        for (int i = 0; i < COLUMN_COUNT; i++) {
            if (reader->column_of[i] == reader->field && reader->cell[i] == NULL)
                reader->cell[i] = strdup(text);
        }
    }
    free(text);
    reader->field++;
}

static int check_header(const struct reader *reader)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (reader->wanted[i] != NULL && reader->column_of[i] < 0) {
            fprintf(stderr, "%s: no column '%s', which the mapping names\n", reader->path,
                    reader->wanted[i]);
            return GP_ENOTFOUND;
        }
    }
    return 0;
}

static void drop_cells(struct reader *reader)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        free(reader->cell[i]);
        reader->cell[i] = NULL;
    }
}

static void on_row(int end, void *context)
{
    struct reader *reader = context;

    (void)end;
    if (reader->error == 0)
        reader->error = reader->line == 1 ? check_header(reader) : add_row(reader);
    drop_cells(reader);
    reader->field = 0;
    reader->line++;
}

static int parse(struct reader *reader, const char *data, size_t len)
{
    struct csv_parser csv;
    bool whole;

    if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return GP_ENOMEM;
    whole = csv_parse(&csv, data, len, on_cell, on_row, reader) == len;
    whole = csv_fini(&csv, on_cell, on_row, reader) == 0 && whole;
    int error = csv_error(&csv);
    csv_free(&csv);
    drop_cells(reader); /* of a row that a mistake has cut short */
    if (reader->error != 0)
        return reader->error;
    if (!whole) {
        fprintf(stderr, "%s:%u: %s\n", reader->path, reader->line, csv_strerror(error));
        return GP_EFORMAT;
    }
    return 0;
}

static void want(struct reader *reader)
{
    const struct gp_mapping *mapping = reader->mapping;
    const char *wanted[COLUMN_COUNT] = {
        [COLUMN_ID] = mapping->id,
        [COLUMN_OPENED] = mapping->opened,
        [COLUMN_DUE] = mapping->due,
        [COLUMN_CLOSED] = mapping->closed,
        [COLUMN_VERDICT] = mapping->verdict,
        [COLUMN_CATEGORY] = mapping->category,
        [COLUMN_DEPARTMENT] = mapping->department,
        [COLUMN_LATITUDE] = mapping->latitude,
        [COLUMN_LONGITUDE] = mapping->longitude,
        [COLUMN_TEXT] = mapping->text,
    };

    memcpy(reader->wanted, wanted, sizeof wanted);
    for (unsigned i = 0; i < mapping->areas_count; i++)
        reader->wanted[COLUMN_AREA + i] = mapping->areas[i];
    for (int i = 0; i < COLUMN_COUNT; i++)
        reader->column_of[i] = -1;
}

int gp_replay_table_load(const char *path, const struct gp_mapping *mapping,
                         struct gp_replay_table *ret_table)
{
    struct gp_replay_table table = {0};
    struct reader reader = {.mapping = mapping, .path = path, .table = &table, .line = 1};
    char *data = NULL;
    size_t len = 0;
    int rc = gp_zone_parse(gp_span_of(mapping->zone), &reader.zone_ms);

    if (rc != 0) {
        fprintf(stderr, "mapping: zone '%s' should look like -05:00\n", mapping->zone);
        return rc;
    }
    rc = gp_replay_read(path, &data, &len);
    if (rc != 0) {
        fprintf(stderr, "%s: %s\n", path, gp_error_text(rc));
        return rc;
    }
    want(&reader);
    rc = parse(&reader, data, len);
    free(data);
    if (rc != 0)
        gp_replay_table_release(&table);
    else
        *ret_table = table;
    return rc;
}

static void release_names(struct gp_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free(names->item[i]);
    free(names->item);
    free(names->slot);
    *names = (struct gp_names){0};
}

void gp_replay_table_release(struct gp_replay_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->row[i].id);
        free(table->row[i].text);
    }
    free(table->row);
    release_names(&table->categories);
    release_names(&table->departments);
    release_names(&table->rows);
    release_names(&table->streets);
    release_names(&table->communities);
    release_names(&table->grids);
    *table = (struct gp_replay_table){0};
}
