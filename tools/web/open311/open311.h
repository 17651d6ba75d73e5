/**
 * Open311 GeoReport v2 without a transport: what was asked goes in as plain bytes, what is to be
 * asked of the daemon comes out as gp_request, its gp_reply goes in, and status, content type and
 * body come out. docs/OPEN311.md is the same for who speaks to it.
 *
 * A call is a little state machine; whoever has the sockets turns it:
 *
 *     call = gp_open311_begin(&city, &input);
 *     while ((request = gp_open311_ask(call)) != NULL)       one at a time, each when the answer
 *         … ask the daemon, then: gp_open311_told(call, error, reply);       to the last is there
 *     answer = gp_open311_answer(call);
 *     … send it …
 *     gp_open311_end(call);
 *
 *   resource                        asks of the daemon, all for the person of the city
 *   discovery, services             nothing
 *   services/CODE                   nothing
 *   requests, by GET                query, page by page; incident, where ids are named
 *   requests/ID, tokens/ID          incident
 *   requests, by POST               one command, `report`
 *   servicerequestupdates, by GET   feed, which does not wait: first to find the time, then to read
 *   servicerequestupdates, by POST  incident, then one command, `note`
 *
 * A name may be followed by .xml or .json; without either it is XML. What is private is not seen:
 * neither rows of the catalogue nor incidents, even if the daemon showed them to that person.
 */
#ifndef GP_WEB_OPEN311_OPEN311_H
#define GP_WEB_OPEN311_OPEN311_H

#include "core/org.h"
#include "web/open311/words.h"
#include "wire/message.h"

/* How many requests one call may make of the daemon before it is told to ask for less. */
#define GP_OPEN311_ASKS_MAX 512

enum gp_open311_texts {
    GP_OPEN311_TEXTS_OWN =
        0, /* of reports that came by Open311: who wrote them knew it is public */
    GP_OPEN311_TEXTS_ALL = 1,
    GP_OPEN311_TEXTS_NONE = 2,
};

/**
 * Finds the grid in whose outline a point lies, as gp_geometry_locate does.
 *
 * Ensures: an index of org->areas, at any level; GP_NONE where no outline has the point
 */
typedef uint32_t gp_open311_locate_fn(void *context, const struct gp_org *org,
                                      struct gp_place place);

/**
 * Judges an api_key, without telling by its time how much of it was right.
 *
 * Ensures:  true and a name (UTF-8, at most 64 bytes) that is kept with what comes in; it must live
 *           until the call's end
 */
typedef bool gp_open311_key_fn(void *context, struct gp_span key, struct gp_span *ret_client);

/* The city that is shown, and how. Spans may be empty where it says so. */
struct gp_open311_city {
    const struct gp_org *org;
    int64_t changed_ms;      /* since when the directory is as it is: the changeset of discovery */
    struct gp_span person;   /* in people.csv: reads for it, and is the reporter of what comes in */
    struct gp_area_ref area; /* what is shown lies in it; padded 0: the whole directory */
    struct gp_span url;      /* of the endpoint, without a slash at its end */
    struct gp_span contact, key_service;
    struct gp_span jurisdiction;  /* jurisdiction_id; empty: whatever is said is right */
    struct gp_span fallback_grid; /* where reports go whose grid cannot be told; empty: refused */
    bool test;                    /* discovery says "test" in place of "production" */
    uint8_t language;             /* enum gp_open311_language, of who names no `locale` */
    uint8_t texts;                /* enum gp_open311_texts */
    gp_open311_locate_fn *locate; /* NULL: areas have no outlines */
    void *locate_context;
    gp_open311_key_fn *key; /* NULL: no key is right, so nothing can be reported */
    void *key_context;
};

struct gp_open311_input {
    bool post;            /* else GET */
    struct gp_span path;  /* behind the endpoint's URL, still encoded: "services/C01-01.json" */
    struct gp_span query; /* what stands behind the question mark, still encoded */
    struct gp_span form;  /* of POST: the body, application/x-www-form-urlencoded */
    int64_t now_ms;
    int refuse; /* 415, 429 or 503: nothing is done, and that is the answer, in words; 0: no */
    /* Of POST: the command's, made anew for each; as docs/PROTOCOL.md section 4 has it. */
    unsigned char command_id[GP_COMMAND_ID_BYTES];
};

struct gp_open311_answer {
    int status;       /* of HTTP */
    const char *type; /* static storage */
    struct gp_span body;
};

struct gp_open311_call;

/**
 * Begins to answer. A mistake in what was asked is an answer like any other.
 *
 * Thread:   any, one at a time for each call
 * Requires: the city's person is in the directory
 * Ensures:  NULL: there is no memory
 * Lifetime: what the city and the input point to must outlive the call; the structs need not
 */
struct gp_open311_call *gp_open311_begin(const struct gp_open311_city *city,
                                         const struct gp_open311_input *input);

/**
 * What is to be asked of the daemon next; NULL: the answer is there.
 *
 * Lifetime: until gp_open311_told or gp_open311_end
 */
const struct gp_request *gp_open311_ask(const struct gp_open311_call *call);

/**
 * Takes the daemon's answer. One that says "again" or "later" should have been seen to already;
 * here it ends the call.
 *
 * Requires: gp_open311_ask gave a request, and this is of it; error 0 or an enum gp_error, and then
 *           reply may be NULL
 * Lifetime: the reply is only read from
 */
void gp_open311_told(struct gp_open311_call *call, int error, const struct gp_reply *reply);

/**
 * The answer.
 *
 * Requires: gp_open311_ask gives NULL
 * Lifetime: until gp_open311_end
 */
struct gp_open311_answer gp_open311_answer(const struct gp_open311_call *call);

/** Frees a call, also one that is given up half-way. Accepts NULL. */
void gp_open311_end(struct gp_open311_call *call);

#endif
