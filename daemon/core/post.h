/**
 * Who is told: effective(post, t) of DOMAIN section 4. Incidents belong to posts; the person is
 * looked up at the moment a step fires.
 */
#ifndef GP_CORE_POST_H
#define GP_CORE_POST_H

#include "core/entry.h"
#include "core/org.h"

struct gp_effective {
    uint32_t person; /* GP_NONE: nobody */
    uint32_t post;   /* the post whose holder it is; GP_NONE for a duty person */
    uint8_t path;    /* enum gp_path */
};

/** Whether no holding of the post is valid at t. Thread: any. */
bool gp_post_vacant(const struct gp_org *org, uint32_t post, int64_t at_ms);

/** Whether an approved leave covers the person at t. Thread: any. */
bool gp_person_away(const struct gp_org *org, uint32_t person, int64_t at_ms);

/**
 * Finds the person behind a post at an instant, for an incident in an area.
 *
 * Requires: post is an index; area the incident's grid
 * Ensures:  person GP_NONE only when the whole chain is empty: the step falls through
 */
struct gp_effective gp_post_effective(const struct gp_org *org, uint32_t post, uint32_t area,
                                      int64_t at_ms);

/** The duty person of the area or its nearest ancestor with a roster at t; GP_NONE. Thread: any. */
uint32_t gp_duty_person(const struct gp_org *org, uint32_t area, int64_t at_ms);

/**
 * The post of a kind that serves an area: A by line, F/K/H/H2 by department, B the grid's own,
 * D/R the community's, S/X the street's or, where there is none, the district's.
 *
 * Ensures: GP_NONE when that post does not exist
 */
uint32_t gp_post_of(const struct gp_org *org, enum gp_post_kind kind, uint32_t area, uint32_t line,
                    uint32_t department);

/**
 * Whether a person is of a post: holds it at t, on leave or not, or is a listed deputy. For what
 * is theirs to see; who may act is gp_person_acts_for. Thread: any.
 */
bool gp_person_listed(const struct gp_org *org, uint32_t person, uint32_t post, int64_t at_ms);

/**
 * DOMAIN section 8: whether a person may act for a post at t: its effective person, a holder who is
 * present, or any listed deputy. Who is on leave does not act as holder. Thread: any.
 */
bool gp_person_acts_for(const struct gp_org *org, uint32_t person, uint32_t post, uint32_t area,
                        int64_t at_ms);

#endif
