/**
 * Who may decide about people: whose signature a leave needs (R18), who may enter one for somebody
 * else, who may put people into a post. Pure look-ups in the directory.
 *
 * A person may hold several posts; the one that ranks first decides:
 *
 *   standing       up to 3 days      longer: one of …   and, by another person, one of …
 *   D1             R, S1             R                  S1 (party secretary)
 *   D2             R, S2             R                  S2 (mayor), else S1
 *   A, B, no post  D1, R, S1         R, S1
 *   R, S2, SK      S1, X             S1, X
 *   S1, X          S1, X             S1, X              (the district's, or their deputies)
 *   F, K           H2, H             H2, H              (also no post, but a department)
 *   H2             H, S1, X          H, S1, X
 *   H              S1, X             S1, X
 *
 * They are looked for from the person's area upwards. A signature whose posts are all missing or
 * vacant is not needed; where none remains, any S1 or X may. A post's listed deputies sign for it.
 */
#ifndef GP_CORE_STANDING_H
#define GP_CORE_STANDING_H

#include "core/org.h"

/* R18: up to so long one signature does. */
#define GP_LEAVE_BRIEF_MS  (3 * INT64_C(86400000))
#define GP_LEAVE_YEAR_DAYS 20  /* approved in a calendar year; above: a warning */
#define GP_LEAVE_DAYS_MAX  366 /* of one leave */

#define GP_SIGNERS_MAX 16 /* posts that may sign one leave */

struct gp_standing {
    uint32_t person;
    uint32_t post; /* that ranks first; GP_NONE: holds none */
    uint32_t area; /* of that post; GP_NONE: it has none */
    uint32_t department;
};

enum gp_signature { /* bits */
                    GP_SIGNED_LEADER = 1,
                    GP_SIGNED_HEAD = 2,
};

/** What a person is at an instant. Thread: any. */
struct gp_standing gp_standing_of(const struct gp_org *org, uint32_t person, int64_t at_ms);

/** Whether a person holds a post at an instant, or is one of its listed deputies. Thread: any. */
bool gp_stands_for(const struct gp_org *org, uint32_t person, uint32_t post, int64_t at_ms);

/** The signatures that a leave of this person needs (enum gp_signature). Thread: any. */
uint8_t gp_leave_needs(const struct gp_org *org, const struct gp_standing *standing, bool longer,
                       int64_t at_ms);

/** Those of them that `signer` can give; 0: none. Nobody signs their own. Thread: any. */
uint8_t gp_leave_signs(const struct gp_org *org, const struct gp_standing *standing, bool longer,
                       uint32_t signer, int64_t at_ms);

/** The posts that may sign, nearest first. Returns how many. Thread: any. */
size_t gp_leave_signers(const struct gp_org *org, const struct gp_standing *standing, bool longer,
                        int64_t at_ms, uint32_t ret_posts[GP_SIGNERS_MAX]);

/** Whether somebody may enter a leave for this person: who may sign it, and the desks that keep
 * the lists (SK, K, D1, R and all above). Thread: any. */
bool gp_may_enter_leave(const struct gp_org *org, const struct gp_standing *standing,
                        uint32_t actor, int64_t at_ms);

/**
 * Whether somebody may say who holds a post: D1 for A and B of its community, H and H2 for F and K
 * of their department (H also for H2), S1 for every post of its street or district, X for any.
 */
bool gp_may_fill(const struct gp_org *org, uint32_t actor, uint32_t post, int64_t at_ms);

#define GP_INTERVAL_BYTES 96
/** "2026-06-17..2026-06-18" where it begins and ends at midnight, else with times; an open end
 * (INT64_MAX) is left out. Thread: any. */
void gp_interval_format(int64_t from_ms, int64_t to_ms, int64_t zone_ms,
                        char ret_text[GP_INTERVAL_BYTES]);

#endif
