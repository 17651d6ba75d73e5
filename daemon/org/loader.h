/**
 * What the files of org/ share while a folder is read. Nothing outside org/ includes this.
 */
#ifndef GP_ORG_LOADER_H
#define GP_ORG_LOADER_H

#include "base/arena.h"
#include "base/error.h"
#include "org/directory.h"

/* The memory of one snapshot: some hundred thousand rows. */
#define GP_DIRECTORY_BYTES_MAX   ((size_t)512 * 1024 * 1024)
#define GP_CONFIG_FILE_BYTES_MAX ((size_t)64 * 1024 * 1024)

#define GP_UNREAD_MAX 16 /* more than there are kinds of files */

struct gp_loader {
    const char *folder;
    struct gp_findings *findings;
    struct gp_arena *arena;
    struct gp_org *org; /* being filled */
    int64_t zone_ms;    /* of the default calendar: for times without zone */
    char default_calendar[GP_ID_BYTES_MAX + 1]; /* "": the settings are wrong, take any */
    const unsigned *area_line;                  /* where each area stands in areas.csv */
    const char *unread[GP_UNREAD_MAX];          /* see gp_loader_unread */
    unsigned unread_count;
    int error; /* GP_ENOMEM or GP_EAGAIN; mistakes in files are findings */
};

/* ---- unread.c: files that could not be read whole ---- */

/**
 * Notes that a file lacks rows or could not be read at all, of which a finding tells already. What
 * names its rows cannot be judged then: a false finding for each would bury the true one.
 *
 * Requires: the name is a constant
 */
void gp_loader_unread(struct gp_loader *loader, const char *file);

/** Whether a file was read whole; "calendar/" stands for all calendars. */
bool gp_loader_whole(const struct gp_loader *loader, const char *file);

/* ---- text.c ---- */

/**
 * Reads a file as UTF-8 with LF lines into the arena. What it cannot read or decode is a finding.
 *
 * Ensures: on failure *ret_text is untouched; when memory is out, or no descriptor free,
 *          loader->error is set
 * Errors:  GP_ENOTFOUND: no finding; GP_EIO, GP_ELIMIT, GP_EUTF8, GP_ENOMEM, GP_EAGAIN
 */
int gp_text_load(struct gp_loader *loader, const char *file, struct gp_span *ret_text);

/** The number of the line, from 1, that follows a text: 1 and its line feeds. */
unsigned gp_text_line(struct gp_span text);

/* ---- sheet.c: CSV with a header row ---- */

struct gp_column {
    const char *name;
    const char *name_zh; /* the header offices use */
    bool required;       /* the column must be there */
};

struct gp_sheet {
    const char *file;
    const struct gp_column *columns;
    size_t column_count;
    struct gp_span *cell; /* row_count * column_count; missing ones are empty */
    unsigned *line;       /* of each row, 1-based */
    size_t row_count;
};

/**
 * Reads a sheet. A file that is not there is an error finding when required, else an empty sheet;
 * below a header that lacks a required column no row is read. gp_loader_unread knows of both.
 * Errors: GP_ENOMEM, set as loader->error; mistakes are findings.
 */
int gp_sheet_load(struct gp_loader *loader, const char *file, const struct gp_column *columns,
                  size_t column_count, bool required, struct gp_sheet *ret_sheet);

/** Frees the sheet's own memory; its cells live in the snapshot's. */
void gp_sheet_release(struct gp_sheet *sheet);

struct gp_span gp_cell(const struct gp_sheet *sheet, size_t row, size_t column);

/** A finding about a cell. */
void gp_sheet_find(struct gp_loader *loader, enum gp_severity severity,
                   const struct gp_sheet *sheet, size_t row, size_t column, const char *problem,
                   const char *remedy);

/** An error about a cell that names nothing of another file; none when that was not read whole. */
void gp_sheet_find_link(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                        size_t column, const char *other, const char *problem, const char *remedy);

/** An error about the later of two rows whose cells in both columns are the same. */
void gp_sheet_unique(struct gp_loader *loader, const struct gp_sheet *sheet, size_t first,
                     size_t second, const char *problem, const char *remedy);

/* Cells of a kind; a mistake is a finding and gives the fallback. */
struct gp_span gp_cell_id(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                          size_t column, bool required);
bool gp_cell_yes(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row, size_t column);
int64_t gp_cell_from(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                     size_t column);
int64_t gp_cell_to(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                   size_t column);
/** Calls word for each of a cell's blank-separated words. */
void gp_cell_words(struct gp_span cell, void (*word)(void *context, struct gp_span word),
                   void *context);

/** A zeroed array in the snapshot's memory; sets loader->error when it is out. */
void *gp_loader_array(struct gp_loader *loader, size_t count, size_t size);

/* ---- one noun each; they fill loader->org ---- */
void gp_load_calendars(struct gp_loader *loader);
void gp_load_ladders(struct gp_loader *loader);
void gp_load_areas(struct gp_loader *loader);
void gp_load_departments(struct gp_loader *loader);
void gp_load_lines(struct gp_loader *loader);
void gp_load_people(struct gp_loader *loader);
void gp_load_posts(struct gp_loader *loader);
void gp_load_holdings(struct gp_loader *loader);
void gp_load_leaves(struct gp_loader *loader);
void gp_load_roster(struct gp_loader *loader);
void gp_load_catalogue(struct gp_loader *loader);
void gp_load_rights(struct gp_loader *loader);
void gp_load_devices(struct gp_loader *loader);
void gp_load_users(struct gp_loader *loader);
void gp_check_staff(struct gp_loader *loader);

/* ---- words.c ---- */

/** A whole number of at most so many digits (15) and nothing else. */
bool gp_word_whole(struct gp_span text, size_t digits_max, int64_t *ret_value);
/** "08:00" to milliseconds of the day; 24:00 is allowed. */
bool gp_word_time(struct gp_span text, int32_t *ret_ms);
/** "08:00-12:00 14:00-18:00". */
bool gp_word_hours(struct gp_span text, struct gp_day_hours *ret_hours);
/** "mon-fri", "sat sun", "mon,wed": bit 0 Monday. */
bool gp_word_days(struct gp_span text, uint8_t *ret_days);
/** "10m", "14d", "5s", "8h" to milliseconds. */
bool gp_word_duration(struct gp_span text, int64_t *ret_ms);

/* ---- digest.c ---- */
void gp_digest_org(const struct gp_org *org, unsigned char ret_digest[32]);

#endif
