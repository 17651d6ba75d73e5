/**
 * The table of rights as the core sees it: what a role may do or read, and within which scopes.
 * org/ fills it from org/rights.csv; permit.h asks it. What is not written there is denied.
 */
#ifndef GP_CORE_RIGHTS_H
#define GP_CORE_RIGHTS_H

#include "core/device.h"

/* What a right is about: first every verb of gp_command, under its own number and word, then what
 * can be read. The numbers are in memory only. */
#define GP_READS(X)                                                                                \
    X(GP_ACTION_QUERY, 64, "query")       /* pages of incidents */                                 \
    X(GP_ACTION_INCIDENT, 65, "incident") /* one incident */                                       \
    X(GP_ACTION_FEED, 66, "feed")         /* views of the journal */                               \
    X(GP_ACTION_ESCALATIONS, 67, "escalations")                                                    \
    X(GP_ACTION_ASSESS, 68, "assess")                                                              \
    X(GP_ACTION_LEAVES, 69, "leaves") /* and holdings */                                           \
    X(GP_ACTION_ROSTER, 70, "roster")                                                              \
    X(GP_ACTION_WHO, 71, "who") /* would be told of a report */                                    \
    X(GP_ACTION_STATUS, 72, "status")                                                              \
    X(GP_ACTION_CLOCK, 73, "clock") /* confirm or lower it */                                      \
    X(GP_ACTION_DEVICES, 74, "devices")                                                            \
    X(GP_ACTION_CHAIN, 75, "chain") /* walk the journal's hashes */                                \
    X(GP_ACTION_HEAD, 76, "head")                                                                  \
    X(GP_ACTION_BACKUP, 77, "backup")   /* have a copy of the store made, or checked */            \
    X(GP_ACTION_FIGURES, 78, "figures") /* what is counted, every department's among it */

enum gp_action {
    GP_ACTION_NONE = 0,
#define X(name, number, text) name = (number),
    GP_READS(X)
#undef X
        GP_ACTIONS_END,
    GP_ACTION_READS = GP_ACTION_QUERY, /* below: verbs */
};

/** The word of an action, that of the verb or of what is read; "?" for a number that is none.
 * Thread: any. */
const char *gp_action_name(int action);

/** GP_ACTION_NONE: it is none, or a verb that is never anybody's right (join and enrol are
 * gridpost's own acts). Thread: any. */
int gp_action_parse(struct gp_span text);

/* How far a right reaches: its scope in org/rights.csv. What "acts for" means is
 * gp_person_acts_for; where something is read, who holds the post and is on leave counts too
 * (gp_person_listed). */
#define GP_REACHES(X)                                                                              \
    X(GP_REACH_ALL, 1, "all")                                                                      \
    X(GP_REACH_STREET, 2, "street")       /* a street or district whose S1, S2, SK or X one is */  \
    X(GP_REACH_COMMUNITY, 3, "community") /* an area whose D1, D2, R or A one is */                \
    X(GP_REACH_OWN, 4, "own")             /* one's grids and posts, reports and hours of duty */   \
    X(GP_REACH_DEPARTMENT, 5, "department") /* responsible: one is of its F, K, H or H2 */         \
    X(GP_REACH_SELF, 6, "self")             /* oneself */

enum gp_reach {
    GP_REACH_NONE = 0,
#define X(name, number, text) name = (number),
    GP_REACHES(X)
#undef X
        GP_REACH_END
};

/** "street" …; "?" for a number that is none. Thread: any. */
const char *gp_reach_name(int scope);
/** GP_REACH_NONE: it is none. Thread: any. */
int gp_reach_parse(struct gp_span text);

struct gp_rights {
    uint16_t reach[GP_ROLES_END][GP_ACTIONS_END]; /* sets of bits (1 << enum gp_reach) */
};

#endif
