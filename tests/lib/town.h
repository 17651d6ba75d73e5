/**
 * A small town built by hand, for tests of the core that must not need files: one street with two
 * communities' worth of grids, one community without a street, one grid without a community. The
 * names are those of tests/golden/config.
 *
 *   340705 district
 *   ├── 340705006 street ── 340705006001 community ── 340705006001001 grid (A and B are li)
 *   │                                              └─ 340705006001002 grid (B is zhang)
 *   ├── 340705007 street ── 340705007000001 grid (no community)
 *   └── 340705402 community ── 340705402001 committee ── 340705402001001, …002 grids
 */
#ifndef GP_TESTS_LIB_TOWN_H
#define GP_TESTS_LIB_TOWN_H

#include "core/org.h"

#define TOWN_AREAS       11
#define TOWN_PERSONS     28
#define TOWN_POSTS_MAX   40
#define TOWN_SCOPES_MAX  64
#define TOWN_ROWS_MAX    24
#define TOWN_ENTRIES_MAX 64 /* holdings, leaves, shifts: of each */

#define TOWN_GRID_SAME_AB    "340705006001001"
#define TOWN_GRID            "340705006001002"
#define TOWN_GRID_BARE       "340705007000001" /* street, but no community */
#define TOWN_GRID_STREETLESS "340705402001001"
#define TOWN_COMMUNITY       "340705006001"
#define TOWN_STREET          "340705006"
#define TOWN_ALWAYS          "2020-01-01 00:00", "2040-01-01 00:00"

struct town {
    struct gp_org org;
    struct gp_area areas[TOWN_AREAS];
    struct gp_person persons[TOWN_PERSONS];
    struct gp_department departments[3];
    struct gp_line lines[3];
    struct gp_post posts[TOWN_POSTS_MAX];
    uint32_t posts_by_key[TOWN_POSTS_MAX];
    uint32_t post_areas[TOWN_POSTS_MAX][2];
    struct gp_scope scopes[TOWN_SCOPES_MAX];
    struct gp_holding holdings[TOWN_ENTRIES_MAX];
    struct gp_leave leaves[TOWN_ENTRIES_MAX];
    struct gp_shift shifts[TOWN_ENTRIES_MAX];
    struct gp_row rows[TOWN_ROWS_MAX];
    struct gp_ladder ladders[3];
    struct gp_calendar calendar;
    struct gp_week week;
    struct gp_special_day specials[64];
};

/** Builds the town afresh. Lifetime: org points into *town, so it must not be copied. */
void town_build(struct town *town);

/** "2026-09-30 16:40" or "…:05" in the town's zone as milliseconds. */
int64_t town_at(const char *text);

/* Changes, each made by hand after town_build(). All fail the test on a name that is not there. */
void town_vacate(struct town *town, const char *post); /* drops its holdings */
void town_drop_post(struct town *town, const char *post);
void town_hold(struct town *town, const char *post, const char *person, const char *from,
               const char *to);
void town_leave(struct town *town, const char *person, const char *standin, const char *from,
                const char *to);
void town_duty(struct town *town, const char *area, const char *person, const char *from,
               const char *to); /* one interval */
void town_no_duty(struct town *town);
void town_work(struct town *town, const char *day); /* a make-up day, or no day off any more */
void town_off(struct town *town, const char *day);
void town_lose_grid(struct town *town, const char *code); /* its row leaves areas.csv */
void town_lose_post(struct town *town, const char *post); /* its row leaves posts.csv */
void town_lose_ladder(struct town *town, const char *id); /* it leaves ladders.yaml */
void town_lose_rung(struct town *town, const char *ladder, enum gp_step step);
void town_end(struct town *town, const char *day); /* the calendar's last day, special ones too */
/* Rights: in a town that is built every role may do everything everywhere. */
void town_no_rights(struct town *town);
void town_grant(struct town *town, int role, int action, int reach); /* one more scope */
struct gp_row *town_row(struct town *town, const char *code);
void town_version(struct town *town, const char *code, const char *from,
                  const char *limit); /* of the category's first row */
struct gp_ladder *town_ladder(struct town *town, const char *id);
struct gp_rung *town_rung(struct town *town, const char *ladder, enum gp_step step);

uint32_t town_person(const struct town *town, const char *id);
uint32_t town_post(const struct town *town, const char *id);
uint32_t town_area(const struct town *town, const char *code);

#endif
