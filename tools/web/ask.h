/**
 * One call of the pages, from its request to its answer: who asks, and what is asked of the daemon
 * meanwhile. It ends by one of gp_ask_json, gp_ask_refuse; or by itself where the browser has left,
 * or the daemon's answer is none to go on with.
 */
#ifndef GP_WEB_ASK_H
#define GP_WEB_ASK_H

#include "base/arena.h"
#include "core/permit.h"
#include "web/web.h"

#define GP_ASK_BYTES_MAX    ((size_t)16 * 1024 * 1024)
#define GP_ASKS_OF_USER_MAX 64 /* under way; a page has ten, and some are open in one browser */

struct gp_ask;
typedef void gp_ask_fn(struct gp_ask *ask, const struct gp_reply *reply);

struct gp_ask {
    struct gp_ask *next, **link; /* of all that are under way */
    struct gp_web *web;
    struct gp_exchange *exchange;
    struct gp_signed *session; /* at the begin only: it may end meanwhile */
    struct gp_speaker speaker; /* of the begin, and of the directory below */
    struct gp_directory *directory;
    struct gp_span person;
    struct gp_arena arena; /* what must live until the answer */
    json_t *answer;        /* for handlers; freed with it */
    void *state;           /* for handlers; in the arena */
    json_t *body;          /* of a change: an object */
    struct gp_async_call *call;
    gp_ask_fn *then;
    /* Where to go on when there is no such thing, or none that is this user's to see; used once.
     * NULL: the call ends with that. */
    void (*skip)(struct gp_ask *ask);
    /* What handlers do when the call is over, however it ends; NULL: nothing. */
    void (*on_drop)(struct gp_ask *ask);
    struct gp_ask **in_pool; /* where work in the pool knows this call; NULL: there is none */
};

/** Begins a call of somebody who has signed in; NULL: they have not, or have enough of them under
 * way, and that was answered. */
struct gp_ask *gp_ask_begin(struct gp_exchange *exchange, struct gp_web *web);

/** The same of a change: besides, Origin and token are looked at, and the body is read. */
struct gp_ask *gp_ask_change(struct gp_exchange *exchange, struct gp_web *web);

/** Whether the request comes from a page of ours. Where not that was answered. */
bool gp_ask_origin_fits(struct gp_exchange *exchange, const struct gp_web *web);

/** Whether browsers reach this server by TLS; and the cookie of a session there. No other name is
 * taken: one without "__Host-" could be set by another site of the domain. */
bool gp_ask_is_secure(const struct gp_web *web);
const char *gp_ask_cookie(const struct gp_web *web);

/** The session of a request, seen now; NULL: none. */
struct gp_signed *gp_ask_session(const struct gp_exchange *exchange, struct gp_web *web);

/**
 * Asks the daemon for the user of this call. `then` is called with an answer that is OK; any other
 * ends the call with what the pages are told of it.
 */
void gp_ask_daemon(struct gp_ask *ask, struct gp_request *request, gp_ask_fn *then);

/** Ends: the object, with `now` added to it where it has none. Takes the reference. */
void gp_ask_json(struct gp_ask *ask, json_t *object);
/** Ends without an answer: the exchange is the caller's. */
void gp_ask_leave(struct gp_ask *ask);
/** Gives the answer a tag, by which this browser may keep it. True: it has it already, and the call
 * has ended (304). */
bool gp_ask_tag(struct gp_ask *ask, const char *etag);
void gp_ask_refuse(struct gp_ask *ask, int status, const char *reason, const char *detail);
/** Ends: this user has enough of what is for all (429), and may come again soon. */
void gp_ask_limit(struct gp_ask *ask, const char *detail);

/** ISO time in the server's zone; null for 0. */
json_t *gp_ask_time(int64_t ms);

/** A date, or a time with its zone; a date is its first instant in the server's zone. False:
 * neither. */
bool gp_ask_read_when(struct gp_span text, int64_t *ret_ms);

/* ---- what the query says; each false: it was wrong, and the call has ended ---- */

/** An area code; none gives padded 0. */
bool gp_ask_area(struct gp_ask *ask, const char *name, struct gp_area_ref *ret_area);
/** A word of at most GP_ID_BYTES_MAX bytes; none gives the empty span. Lifetime: the exchange's. */
bool gp_ask_word(struct gp_ask *ask, const char *name, struct gp_span *ret_word);
/** A number from min to max; none leaves *value as it is. */
bool gp_ask_number(struct gp_ask *ask, const char *name, uint64_t min, uint64_t max,
                   uint64_t *value);
/** A date or time; none leaves *ms as it is. */
bool gp_ask_when(struct gp_ask *ask, const char *name, int64_t *ms);

#endif
