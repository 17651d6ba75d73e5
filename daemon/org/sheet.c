#include "org/loader.h"

#include "base/clocktext.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define GP_HEADER_CELLS_MAX 64
#define GP_NO_COLUMN        SIZE_MAX

struct reader {
    struct gp_loader *loader;
    struct gp_sheet *sheet;
    size_t column_of[GP_HEADER_CELLS_MAX]; /* file column → ours, or GP_NO_COLUMN */
    size_t header_cells;
    size_t field;               /* in the row being read */
    unsigned line;              /* where the row starts */
    unsigned inside;            /* line feeds inside its cells */
    bool header_read, row_said; /* a cell that is not blank */
    bool lacking;               /* a required column is not there: no row can be judged */
    size_t capacity;
};

struct gp_span gp_cell(const struct gp_sheet *sheet, size_t row, size_t column)
{
    return sheet->cell[row * sheet->column_count + column];
}

void gp_sheet_find(struct gp_loader *loader, enum gp_severity severity,
                   const struct gp_sheet *sheet, size_t row, size_t column, const char *problem,
                   const char *remedy)
{
    gp_findings_add(loader->findings, severity, sheet->file, sheet->line[row],
                    sheet->columns[column].name, gp_cell(sheet, row, column), problem, remedy);
}

void gp_sheet_find_link(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                        size_t column, const char *other, const char *problem, const char *remedy)
{
    if (gp_loader_whole(loader, other))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, problem, remedy);
}

void *gp_loader_array(struct gp_loader *loader, size_t count, size_t size)
{
    void *array = gp_arena_zalloc(loader->arena, count > 0 ? count : 1, size);

    if (array == NULL)
        loader->error = GP_ENOMEM;
    return array;
}

/* ---------------------------------------------------------------- reading */

static struct gp_span trim(struct gp_span text)
{
    while (text.len > 0 && strchr(" \t\n", text.ptr[0]) != NULL) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && strchr(" \t\n", text.ptr[text.len - 1]) != NULL)
        text.len--;
    return text;
}

static void find(struct reader *reader, enum gp_severity severity, const char *field,
                 struct gp_span value, const char *problem, const char *remedy)
{
    gp_findings_add(reader->loader->findings, severity, reader->sheet->file, reader->line, field,
                    value, problem, remedy);
}

static void header_cell(struct reader *reader, struct gp_span name)
{
    const struct gp_sheet *sheet = reader->sheet;
    size_t column = 0;

    if (reader->field >= GP_HEADER_CELLS_MAX) {
        find(reader, GP_FINDING_ERROR, "", name, "more than 64 columns",
             "remove what is not needed");
        return;
    }
    while (column < sheet->column_count && !gp_span_is(name, sheet->columns[column].name) &&
           !gp_span_is(name, sheet->columns[column].name_zh))
        column++;
    for (size_t i = 0; i < reader->field && column < sheet->column_count; i++) {
        if (reader->column_of[i] == column)
            find(reader, GP_FINDING_ERROR, "", name, "the column is there twice", "remove one");
    }
    reader->column_of[reader->field] = column < sheet->column_count ? column : GP_NO_COLUMN;
    reader->header_cells = reader->field + 1;
    if (column == sheet->column_count && name.len > 0)
        find(reader, GP_FINDING_WARNING, "", name, "unknown column: ignored",
             "see docs/CONFIG.md for the headers");
}

static void header_end(struct reader *reader)
{
    const struct gp_sheet *sheet = reader->sheet;

    for (size_t column = 0; column < sheet->column_count; column++) {
        bool there = false;
        for (size_t i = 0; i < reader->header_cells; i++)
            there = there || reader->column_of[i] == column;
        if (there || !sheet->columns[column].required)
            continue;
        find(reader, GP_FINDING_ERROR, sheet->columns[column].name, (struct gp_span){0},
             "the column is missing", "add it to the header row");
        reader->lacking = true;
    }
    reader->header_read = true;
}

static bool room_for_row(struct reader *reader)
{
    struct gp_sheet *sheet = reader->sheet;
    size_t capacity = reader->capacity == 0 ? 64 : reader->capacity * 2;

    if (sheet->row_count < reader->capacity)
        return true;
    struct gp_span *cell = realloc(sheet->cell, capacity * sheet->column_count * sizeof *cell);
    if (cell != NULL)
        sheet->cell = cell;
    unsigned *line = realloc(sheet->line, capacity * sizeof *line);
    if (line != NULL)
        sheet->line = line;
    if (cell == NULL || line == NULL) {
        reader->loader->error = GP_ENOMEM;
        return false;
    }
    reader->capacity = capacity;
    return true;
}

static bool has_control(struct gp_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return true;
    }
    return false;
}

static void data_cell(struct reader *reader, struct gp_span text)
{
    struct gp_sheet *sheet = reader->sheet;
    size_t column =
        reader->field < reader->header_cells ? reader->column_of[reader->field] : GP_NO_COLUMN;

    if (reader->field >= reader->header_cells && text.len > 0)
        find(reader, GP_FINDING_ERROR, "", text, "more cells than the header has",
             "put text with commas in double quotes");
    reader->row_said = reader->row_said || text.len > 0;
    if (column == GP_NO_COLUMN || text.len == 0)
        return;
    if (has_control(text)) {
        find(reader, GP_FINDING_ERROR, sheet->columns[column].name, text,
             "a line break or control character inside the cell", "remove it");
        return;
    }
    struct gp_span copy = gp_arena_copy(reader->loader->arena, text);
    if (copy.ptr == NULL)
        reader->loader->error = GP_ENOMEM;
    else
        sheet->cell[sheet->row_count * sheet->column_count + column] = copy;
}

static void on_cell(void *data, size_t len, void *context)
{
    struct reader *reader = context;
    struct gp_span text = trim((struct gp_span){data, len});

    for (size_t i = 0; i < len; i++)
        reader->inside += ((const char *)data)[i] == '\n';
    if (!reader->header_read) {
        header_cell(reader, text);
    } else if (!reader->lacking && room_for_row(reader)) {
        struct gp_sheet *sheet = reader->sheet;
        if (reader->field == 0)
            memset(&sheet->cell[sheet->row_count * sheet->column_count], 0,
                   sheet->column_count * sizeof *sheet->cell);
        data_cell(reader, text);
    }
    reader->field++;
}

static void on_row(int end, void *context)
{
    struct reader *reader = context;

    (void)end;
    if (!reader->header_read && reader->field > 0) {
        header_end(reader);
    } else if (reader->header_read && reader->row_said) {
        reader->sheet->line[reader->sheet->row_count] = reader->line;
        reader->sheet->row_count++;
    }
    reader->line += 1 + reader->inside;
    reader->inside = 0;
    reader->field = 0;
    reader->row_said = false;
}

static int parse(struct reader *reader, struct gp_span text)
{
    struct csv_parser csv;
    bool whole;

    if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
        return reader->loader->error = GP_ENOMEM;
    whole = csv_parse(&csv, text.ptr, text.len, on_cell, on_row, reader) == text.len;
    whole = whole && csv_fini(&csv, on_cell, on_row, reader) == 0;
    if (!whole && csv_error(&csv) == CSV_ENOMEM)
        reader->loader->error = GP_ENOMEM;
    csv_free(&csv);
    if (reader->loader->error != 0)
        return reader->loader->error;
    if (!whole)
        find(reader, GP_FINDING_ERROR, "", (struct gp_span){0},
             "a double quote is not closed or stray",
             "write a quote inside a cell twice and close every cell");
    if (!reader->header_read)
        find(reader, GP_FINDING_ERROR, "", (struct gp_span){0}, "the header row is missing",
             "start the file with the column names of docs/CONFIG.md");
    if (!whole || !reader->header_read || reader->lacking)
        gp_loader_unread(reader->loader, reader->sheet->file);
    return reader->loader->error;
}

int gp_sheet_load(struct gp_loader *loader, const char *file, const struct gp_column *columns,
                  size_t column_count, bool required, struct gp_sheet *ret_sheet)
{
    struct gp_sheet sheet = {.file = file, .columns = columns, .column_count = column_count};
    struct reader reader = {.loader = loader, .sheet = &sheet, .line = 1};
    struct gp_span text;
    int rc = gp_text_load(loader, file, &text);

    if (rc == GP_ENOTFOUND && required)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, file, 0, "", (struct gp_span){0},
                        "the file is missing", "create it with the header of docs/CONFIG.md");
    if (rc != 0 && (rc != GP_ENOTFOUND || required))
        gp_loader_unread(loader, file);
    if (rc == 0)
        rc = parse(&reader, text);
    if (loader->error != 0) {
        gp_sheet_release(&sheet);
        return loader->error;
    }
    *ret_sheet = sheet;
    return 0;
}

void gp_sheet_release(struct gp_sheet *sheet)
{
    free(sheet->cell);
    free(sheet->line);
    *sheet = (struct gp_sheet){0};
}

/* ---------------------------------------------------------------- rows that stand twice */

struct row_key {
    struct gp_span first, second;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct row_key *x = a, *y = b;
    int order = gp_span_compare(x->first, y->first);

    if (order == 0)
        order = gp_span_compare(x->second, y->second);
    if (order == 0)
        order = x->row < y->row ? -1 : 1;
    return order;
}

void gp_sheet_unique(struct gp_loader *loader, const struct gp_sheet *sheet, size_t first,
                     size_t second, const char *problem, const char *remedy)
{
    struct row_key *keys = calloc(sheet->row_count + 1, sizeof *keys);

    if (keys == NULL) {
        loader->error = GP_ENOMEM;
        return;
    }
    for (size_t row = 0; row < sheet->row_count; row++)
        keys[row] = (struct row_key){gp_cell(sheet, row, first), gp_cell(sheet, row, second), row};
    qsort(keys, sheet->row_count, sizeof *keys, by_key);
    for (size_t i = 1; i < sheet->row_count; i++) {
        if (keys[i].first.len > 0 && gp_span_equal(keys[i - 1].first, keys[i].first) &&
            gp_span_equal(keys[i - 1].second, keys[i].second))
            gp_sheet_find(loader, GP_FINDING_ERROR, sheet, keys[i].row, first, problem, remedy);
    }
    free(keys);
}

/* ---------------------------------------------------------------- cells of a kind */

struct gp_span gp_cell_id(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                          size_t column, bool required)
{
    struct gp_span text = gp_cell(sheet, row, column);

    if (text.len == 0 && required)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, "the cell is empty",
                      "fill it in, or remove the row");
    if (text.len > GP_ID_BYTES_MAX)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, "longer than 64 bytes",
                      "use a shorter code");
    return text;
}

static bool is_word(struct gp_span text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

bool gp_cell_yes(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row, size_t column)
{
    static const char *const yes[] = {"yes", "true", "1", "是"};
    static const char *const no[] = {"no", "false", "0", "否"};
    struct gp_span text = gp_cell(sheet, row, column);

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (is_word(text, yes[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        if (text.len == 0 || is_word(text, no[i]))
            return false;
    }
    gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, "neither yes nor no",
                  "write yes or no (是 or 否)");
    return false;
}

/* A date, an ISO time with zone, or one without, which is in the default calendar's zone. */
static bool instant(const struct gp_loader *loader, struct gp_span text, bool end_of_day,
                    int64_t *ret_ms)
{
    char with_zone[40];
    int64_t day;

    if (gp_date_parse(text, &day) == 0) {
        *ret_ms = (day + (end_of_day ? 1 : 0)) * GP_MS_DAY - loader->zone_ms;
        return true;
    }
    if (gp_instant_parse(text, ret_ms) == 0)
        return true;
    int len = snprintf(with_zone, sizeof with_zone, "%.*sZ", GP_SPAN_ARG(text));
    if (len >= (int)sizeof with_zone || gp_instant_parse(gp_span_of(with_zone), ret_ms) != 0)
        return false;
    *ret_ms -= loader->zone_ms;
    return true;
}

static int64_t cell_time(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                         size_t column, bool end_of_day, int64_t fallback)
{
    struct gp_span text = gp_cell(sheet, row, column);
    int64_t ms = fallback;

    if (text.len > 0 && !instant(loader, text, end_of_day, &ms))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, "not a date or time",
                      "write 2026-10-01 or 2026-10-01T08:00");
    return ms;
}

int64_t gp_cell_from(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                     size_t column)
{
    return cell_time(loader, sheet, row, column, false, 0);
}

int64_t gp_cell_to(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                   size_t column)
{
    return cell_time(loader, sheet, row, column, true, INT64_MAX);
}

void gp_cell_words(struct gp_span cell, void (*word)(void *context, struct gp_span word),
                   void *context)
{
    while (cell.len > 0) {
        const char *blank = memchr(cell.ptr, ' ', cell.len);
        size_t len = blank != NULL ? (size_t)(blank - cell.ptr) : cell.len;
        if (len > 0)
            word(context, (struct gp_span){cell.ptr, len});
        len += blank != NULL ? 1 : 0;
        cell.ptr += len;
        cell.len -= len;
    }
}
