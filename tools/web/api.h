/** The calls of docs/WEB-API.md: one function each, a handler of http.h whose context is the web.
 */
#ifndef GP_WEB_API_H
#define GP_WEB_API_H

#include "web/ask.h"

#define GP_API_CALL(name) void gp_api_##name(struct gp_exchange *exchange, void *context)

const struct gp_http_route *gp_api_routes(size_t *ret_count);

/* api_sign.c */
GP_API_CALL(sign_in);
GP_API_CALL(sign_out);
GP_API_CALL(me);
/** What /api/me tells of a session. */
json_t *gp_api_me_json(struct gp_web *web, const struct gp_signed *session);
/**
 * Begins a session of a user of the directory, whose cookie goes with the exchange's answer.
 *
 * Errors:   GP_EAGAIN: too many are signed in
 */
int gp_api_begin_session(struct gp_exchange *exchange, struct gp_web *web, const char *user,
                         struct gp_signed **ret_session);

/* demo.c */
GP_API_CALL(demo);
/**
 * Makes the link that signs --demo-user in once, and writes it to standard output; nothing without
 * that option.
 *
 * Requires: the server listens
 * Errors:   GP_ECONFIG: nobody who may sign in by a link, which was logged; GP_EIO
 */
int gp_demo_begin(struct gp_web *web);

/* api_directory.c */
GP_API_CALL(directory);
/** Whether an area is one of its own then, as far as pages are told. */
bool gp_api_area_valid(const struct gp_area *area, int64_t at_ms);

/* api_board.c */
GP_API_CALL(board);

/* api_incident.c */
GP_API_CALL(incident);
/** The number that follows `before` in a path, and what is behind it. */
bool gp_api_number_of(const char *path, const char *before, uint64_t *ret_number,
                      const char **ret_after);

/* api_command.c */
GP_API_CALL(command);
GP_API_CALL(report);

/* api_district.c */
GP_API_CALL(summary);
GP_API_CALL(geo);

/* api_search.c */
GP_API_CALL(search);

/* api_people.c */
GP_API_CALL(people);

/* api_assess.c */
GP_API_CALL(assess);
GP_API_CALL(series);
GP_API_CALL(book);

/* stream.c */
GP_API_CALL(stream);
GP_API_CALL(escalations);
/** Ends the open streams of a session that ends. */
void gp_stream_session_ended(void *context, struct gp_signed *session);
/** Has the open streams of a session say that the daemon is away, and look again for it. */
void gp_stream_daemon_away(void *context, struct gp_signed *session);

/* api_open311.c */
GP_API_CALL(open311);
/** To be called with each directory: what is shown of it, and what of the options does not fit,
 * which is logged. */
void gp_api_open311_settle(struct gp_web *web);

/* api_metrics.c */
GP_API_CALL(metrics);

/* health.c */
GP_API_CALL(healthz);
GP_API_CALL(readyz);

#endif
