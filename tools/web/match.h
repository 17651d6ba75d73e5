/** Whether an incident is one that somebody looks for by words (docs/WEB-API.md, section 11). */
#ifndef GP_WEB_MATCH_H
#define GP_WEB_MATCH_H

#include "base/arena.h"
#include "core/incident.h"
#include "core/org.h"

#define GP_MATCH_WORDS_MAX 8

struct gp_match {
    struct gp_span word[GP_MATCH_WORDS_MAX]; /* ASCII letters small */
    unsigned words;
};

/**
 * Cuts a text into words, at blanks and at the wide ones of Chinese.
 *
 * Thread:   any
 * Lifetime: *ret_match points into the arena
 * Errors:   GP_ELIMIT: there are more than GP_MATCH_WORDS_MAX; GP_ENOMEM
 */
int gp_match_read(struct gp_span text, struct gp_arena *arena, struct gp_match *ret_match);

/**
 * Whether each word occurs in the text, or in the name of the incident's category, persons, areas
 * or department, or is the code of one of these or of its post. It looks at nothing but what is in
 * the incident: of one that was masked for its reader no more is found than is shown.
 *
 * Thread: any
 */
bool gp_match_incident(const struct gp_match *match, const struct gp_org *org,
                       const struct gp_incident *incident, int64_t now_ms);

#endif
