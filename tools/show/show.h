/**
 * What the command, gridpost-web and gridpost-notify tell programs alike: entries, incidents and
 * times as JSON. No terminal, no language, no connection.
 */
#ifndef GP_SHOW_SHOW_H
#define GP_SHOW_SHOW_H

#include "core/entry.h"
#include "core/incident.h"
#include "core/staff.h"

#include <jansson.h>

/** Reads a number of at least 1, digits only; false otherwise. */
bool gp_read_number(const char *text, uint64_t *ret_value);

/** Offset of the local zone at an instant, in milliseconds. */
int64_t gp_show_zone(int64_t ms);

/** ISO time as a JSON string; null for 0. */
json_t *gp_show_time(int64_t ms, int64_t zone_ms);
#define GP_SHOW_TIME_BYTES 40
/** "2026-09-30 16:40:00" in the local zone, for people; "-" for 0. */
void gp_show_time_text(int64_t ms, char ret_text[GP_SHOW_TIME_BYTES]);
/** A string; null where it is empty. */
json_t *gp_show_text(struct gp_span text);
/** The digits of an area; null where there is none. */
json_t *gp_show_area(struct gp_area_ref area);

/** Names an incident: its label in a rehearsal; NULL: by its number. */
typedef const char *(*gp_label_fn)(void *context, uint64_t incident);

/** A journal entry, as DOMAIN section 10 says: the object with the contract's keys first, then the
 * rest. */
json_t *gp_show_entry(const struct gp_entry *entry, int64_t zone_ms, gp_label_fn label,
                      void *context);
/** Its step's name, else of what happened; to be translated for people. Lifetime: static. */
const char *gp_show_entry_name(const struct gp_entry *entry);

/** An incident with its plan and what its side lines left behind. */
json_t *gp_show_incident(const struct gp_incident *incident);
/** "planned" … of enum gp_step_status; to be translated for people. Lifetime: static. */
const char *gp_show_status_name(int status);

/** A leave. */
json_t *gp_show_leave(const struct gp_leave_record *leave);

#endif
