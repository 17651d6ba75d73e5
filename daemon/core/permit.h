/**
 * Permission: whether a role may do or read something in a place. Default deny: what the table of
 * rights (rights.h) does not say is refused, and the rules of posts and states come after it, so
 * that the table only ever narrows them.
 *
 * A right reaches as far as its scopes, and a scope is always measured by the posts of the person
 * who speaks, never by the device: whoever loses a post loses what it gave at that moment, whatever
 * the handset is enrolled as.
 */
#ifndef GP_CORE_PERMIT_H
#define GP_CORE_PERMIT_H

#include "core/assess.h"
#include "core/census.h"
#include "core/query.h"
#include "core/rights.h"

/* Who speaks, and when. For a bridge the person is the one that it acts for. */
struct gp_speaker {
    const struct gp_org *org;
    uint32_t person; /* index; GP_NONE: not in people.csv, and permitted nothing */
    uint8_t role;    /* enum gp_role; GP_ROLE_LOCAL is permitted nothing: do not ask for it */
    int64_t now_ms;
};

/* No role: of people for whom a bridge may not speak. In memory only, and permitted nothing. */
#define GP_ROLE_NOBODY UINT8_MAX

/**
 * The role that counts when a device of `owner` with this role speaks for a person: the device's,
 * but for a bridge that has users (org/users.csv). There it is the user's, and the bridge's rights
 * neither add to it nor limit it; for anybody else but its owner it is GP_ROLE_NOBODY.
 *
 * It is of this directory: ask again by the one in force whenever it matters.
 *
 * Thread: any
 */
uint8_t gp_role_speaking(const struct gp_org *org, uint8_t role, struct gp_span owner,
                         uint32_t person);

/* What it is about. Several may be said; a scope is satisfied by the one that it looks at. A field
 * that is empty is not said, and satisfies none. */
struct gp_target {
    struct gp_area_ref area;         /* of the incident; of everything that is asked for */
    struct gp_span department;       /* responsible for it */
    struct gp_span owner, assistant; /* posts */
    struct gp_span reporter;         /* person */
    struct gp_span person;           /* whom it is about */
};

/**
 * Whether the speaker may.
 *
 * Thread: any
 * Ensures: false unless the role has the action in a scope that the target lies in; a target in
 *          which nothing is said (status, rotate …) lies in `all` only
 */
bool gp_permit(const struct gp_speaker *speaker, int action, const struct gp_target *target);

/** Whether the role has the action in any scope at all. Thread: any. */
bool gp_has_right(const struct gp_speaker *speaker, int action);

#define GP_REACH_BYTES 48
/** Writes the scopes in which the role has the action: "own self"; "" for none. Thread: any. */
void gp_right_format(const struct gp_org *org, int role, int action,
                     char ret_scopes[GP_REACH_BYTES]);

/* ---------------------------------------------------------------- targets */

/** An incident: where it is, whose it is, who reported it. Lifetime: of the incident. */
void gp_target_of_incident(const struct gp_incident *incident, struct gp_target *ret_target);

/** A person: with the area and the department of the highest post (standing.h). GP_NONE: nothing
 * is said. Lifetime: of the directory. */
void gp_target_of_person(const struct gp_org *org, uint32_t person, int64_t at_ms,
                         struct gp_target *ret_target);

/* ---------------------------------------------------------------- asks
 *
 * One function for each kind of request that reads. What an ask may show lies within its filters,
 * so one filter that lies in a scope is enough. Status, clock, chain and head have no filter: ask
 * gp_permit with GP_NO_TARGET. Thread: any.
 */
#define GP_NO_TARGET (&(const struct gp_target){0})

bool gp_permit_query(const struct gp_speaker *speaker, const struct gp_query *query);
/** Counts are of the right to query what is counted. */
bool gp_permit_summary(const struct gp_speaker *speaker, const struct gp_summary_ask *ask);

/** One incident, when it has been read; NULL: there is none, which every role that may read any is
 * told. */
bool gp_permit_incident(const struct gp_speaker *speaker, const struct gp_incident *incident);

/**
 * A view of the journal. One of escalations only is also permitted by the right to escalations.
 *
 * Requires: incident is the one that the filter names, NULL where it names none or there is none
 */
bool gp_permit_feed(const struct gp_speaker *speaker, const struct gp_feed_filter *filter,
                    const struct gp_incident *incident);

bool gp_permit_assess(const struct gp_speaker *speaker, const struct gp_assess_ask *ask);
bool gp_permit_leaves(const struct gp_speaker *speaker, const struct gp_leaves_ask *ask);
bool gp_permit_roster(const struct gp_speaker *speaker, struct gp_area_ref area);
bool gp_permit_who(const struct gp_speaker *speaker, struct gp_span grid);
/** Devices of a person; "": of everybody. */
bool gp_permit_devices(const struct gp_speaker *speaker, struct gp_span person);

#endif
