/**
 * The census: every open incident of a city, by where it is, whose it is and how late it is, and
 * what of that is counted for a board: by area, by department, by colour. engine/ takes one;
 * counting in it is pure.
 *
 * Who counts may not see every incident. So one that is private is always counted in its
 * community, for whoever asks: its grid is nobody's but its chain's.
 */
#ifndef GP_CORE_CENSUS_H
#define GP_CORE_CENSUS_H

#include "core/incident.h"
#include "core/org.h"

/* How an open incident stands; each has one. */
#define GP_COLOURS(X)                                                                              \
    X(GP_COLOUR_RUNNING, 1, "running")     /* at work, or asked back: no warning was given yet */  \
    X(GP_COLOUR_YELLOW, 2, "yellow")       /* the last warning before the limit was given */       \
    X(GP_COLOUR_OVERDUE, 3, "overdue")     /* the limit has passed, and the work is not done */    \
    X(GP_COLOUR_SUSPENDED, 4, "suspended") /* its clock stands until a date */                     \
    X(GP_COLOUR_DONE, 5, "done")           /* finished or verified, and not closed yet */          \
    X(GP_COLOUR_LINKED, 6, "linked")       /* follows another incident as its duplicate */         \
    X(GP_COLOUR_NEW, 7, "new")             /* waits to be filed: no clock runs */

enum gp_colour { /* numbers are on the wire: only ever append */
                 GP_COLOUR_NONE = 0,
#define X(name, number, text) name = (number),
                 GP_COLOURS(X)
#undef X
                     GP_COLOUR_END,
};

const char *gp_colour_name(int colour); /* "?" for a number that is none */

/* Due within this counts as soon. */
#define GP_SOON_MS (INT64_C(24) * 3600 * 1000)

/* Of an open incident, what a census looks at. */
struct gp_outlook {
    uint8_t state;
    bool is_private;
    bool warned; /* the step `yellow` of the stage that runs has fired */
    struct gp_area_ref area, community;
    struct gp_span department;
    int64_t due_ms;     /* of the stage that runs; 0: none does */
    int64_t overdue_ms; /* the due that passed; 0: none did */
};

/** Takes it out of a whole incident; wire/'s gp_wire_outlook_peek gives the same from its packed
 * bytes. Thread: any. Lifetime: *ret_outlook points into the incident. */
void gp_outlook_of(const struct gp_incident *incident, struct gp_outlook *ret_outlook);

/** Requires: it is open. Thread: any. */
enum gp_colour gp_colour_of(const struct gp_outlook *outlook);

/** Whether its limit passes within GP_SOON_MS and has not passed. Thread: any. */
bool gp_is_soon(const struct gp_outlook *outlook, int64_t now_ms);

/* ---------------------------------------------------------------- the census */

struct gp_census_row {
    struct gp_area_ref area; /* where it may be counted */
    uint16_t department;     /* index into the census's departments */
    uint8_t colour;          /* enum gp_colour */
    bool soon;
};

struct gp_colour_counts {
    uint64_t colour[GP_COLOUR_END];
    uint64_t soon;
};

struct gp_census {
    struct gp_census_row *row; /* mostly by area: neighbours are often of one */
    uint32_t row_count;
    /* codes in the order in which they were met; "" for none; and what there is of each */
    struct gp_span *department;
    struct gp_colour_counts *by_department;
    uint32_t department_count;
    uint64_t head;  /* the journal's when it was begun */
    int64_t now_ms; /* the same */
    bool partial;   /* there are more incidents, or departments, than are counted */
};

/** All of them together. Thread: any. */
uint64_t gp_counts_open(const struct gp_colour_counts *counts);

/* What is asked: incidents that lie in both. */
struct gp_summary_ask {
    struct gp_area_ref area;   /* this area and everything below; padded 0: everywhere */
    struct gp_span department; /* responsible; empty: whoever is */
};

/* What is counted of one area or department. */
struct gp_summary_row {
    struct gp_span unit, name; /* unit: digits, or a code; "-" where it belongs to none */
    struct gp_colour_counts counts;
};

/* Units of which nothing is open are left out. */
struct gp_summary {
    struct gp_summary_row *area; /* by code; what lies in no child stands last, under the asked
                                  * area's own code */
    struct gp_summary_row *department; /* by code */
    uint32_t area_count, department_count;
    struct gp_summary_row total;
    uint64_t head; /* the journal's when it was counted */
    int64_t at_ms; /* the same */
    bool partial;  /* there are more incidents than were counted, or more areas than are told */
};

/* What comes out, handed in zeroed. */
struct gp_summing {
    struct gp_colour_counts *by_area; /* by the index of a child of the asked area; one more than
                                       * the directory has areas, for the area itself */
    struct gp_colour_counts *by_department; /* as the census's departments */
    struct gp_colour_counts total;
};

/**
 * Counts by child of the asked area (where none is asked, by the areas at the top) and by
 * department. What is filed under an old code counts where that leads now; what is in the area and
 * in none of its children stands at the end of by_area.
 *
 * Thread: any
 */
void gp_census_sum(const struct gp_org *org, const struct gp_census *census,
                   const struct gp_summary_ask *ask, int64_t now_ms, struct gp_summing *summing);

#endif
