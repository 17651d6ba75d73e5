/**
 * What the tests of Open311 share: the town with names, a desk that answers as the daemon would,
 * and calls played to their end.
 */
#ifndef GP_TESTS_OPEN311_CITY_H
#define GP_TESTS_OPEN311_CITY_H

#include "lib/town.h"
#include "web/open311/open311.h"

#define DESK_INCIDENTS_MAX 6000
#define DESK_ENTRIES_MAX   20000

extern struct town town;
extern struct gp_open311_city city; /* of the town; the key "right" is known as "地图网" */

/* What the daemon has, and what it was asked. */
struct desk {
    struct gp_incident *incident; /* ascending by id */
    uint32_t incident_count;
    struct gp_entry *entry; /* entry i has the number i + 1 */
    uint32_t entry_count;
    uint32_t page_rows;     /* of a page, at most; 0: as many as were asked for */
    int error;              /* instead of an answer */
    uint8_t status, reason; /* of every answer; 0: OK */
    bool commands_only;     /* status is of the answers to commands alone */
    int64_t due_ms;         /* of the answer to a command */
    unsigned asks, queries; /* since the last call began */
    struct gp_request last; /* the last request, its command's spans copied */
    char last_text[GP_TEXT_BYTES_MAX + 1], last_phone[GP_ID_BYTES_MAX + 1];
    char last_grid[16], last_category[GP_ID_BYTES_MAX + 1], last_condition[GP_ID_BYTES_MAX + 1];
};

extern struct desk desk;

struct told {
    int status;
    const char *type;
    char *body; /* NUL-terminated; freed by the next call */
    size_t len;
};

/** cmocka's set-up: a fresh town and an empty desk. And its tear-down. */
int city_begin(void **state);
int city_end(void **state);

/** A row of the town's catalogue. Fails the test when it is not there. */
struct gp_row *city_row(const char *category, const char *condition);

/** Adds an incident as it is right after dispatch. Lifetime: the desk's, until the next is added.
 */
struct gp_incident *desk_incident(uint64_t id, const char *when, const char *category,
                                  const char *condition);

/** Adds an entry about an incident. Lifetime: as above. */
struct gp_entry *desk_entry(const char *when, uint64_t incident, enum gp_what what,
                            enum gp_state state);

/** "2026-06-15 09:00" is now. */
void city_now(const char *when);

/** Plays a GET to its end. The path may have a query. Every request must be one that packs. */
struct told get(const char *path);
/** The same of a POST, with key "right" unless the form names one. */
struct told post(const char *path, const char *form);

/** Fails the test unless status and body are these; the body's text is in golden/NAME.FORMAT, which
 * is written anew where GRIDPOST_GOLDEN is "write". */
void expect_golden(struct told told, int status, const char *name);

/** Fails unless the body has, or has not, these words. */
void expect_has(struct told told, const char *words);
void expect_lacks(struct told told, const char *words);

/** Fails unless the body is an error of this status whose code is `code` and that has these words.
 */
void expect_error(struct told told, int status, int code, const char *words);

#endif
