/**
 * What the files of open311/ share. Nothing outside includes this but tests.
 */
#ifndef GP_WEB_OPEN311_INTERNAL_H
#define GP_WEB_OPEN311_INTERNAL_H

#include "web/open311/form.h"
#include "web/open311/markup.h"
#include "web/open311/open311.h"

#define GP_OPEN311_ERRORS_MAX 8
#define GP_OPEN311_LIST_MAX   100   /* values of service_request_id or service_code */
#define GP_OPEN311_ROWS_MAX   1000  /* of one answer; the specification's own number */
#define GP_OPEN311_DEPTH_MAX  10000 /* page times page_size: pages are walked from the newest */
#define GP_OPEN311_ARENA      (16 * 1024 * 1024) /* of one call: 1,000 rows with long texts */
#define GP_OPEN311_SPAN_MS    (90 * GP_MS_DAY)

/* ---------------------------------------------------------------- what is asked (filter.c) */

struct gp_open311_filter {
    uint64_t id[GP_OPEN311_LIST_MAX];
    struct gp_span code[GP_OPEN311_LIST_MAX];
    uint32_t id_count, code_count;
    bool by_id;                             /* ids were named, perhaps none that could be one */
    int64_t from_ms, to_ms;                 /* requested or, of updates, made in [from, to) */
    int64_t updated_from_ms, updated_to_ms; /* last changed in [from, to); 0: open */
    bool open, closed;                      /* which are shown */
    uint32_t page, size;                    /* page from 1 */
    bool extensions;
};

/* ---------------------------------------------------------------- what is shown (row.c) */

/* Of an incident, what anybody may see. */
struct gp_open311_row {
    uint64_t id;
    uint8_t state;
    int64_t requested_ms, updated_ms, due_ms, resume_ms;
    struct gp_area_ref area;
    struct gp_span code, condition, department;
    struct gp_span text, address, media; /* as far as they are shown */
    struct gp_place place;
};

/* ---------------------------------------------------------------- a call */

/* Requests, from the newest back: windows of time, each walked page by page (search.c). */
struct gp_open311_search {
    int64_t from_ms, width_ms; /* the window is [from, query.to); the next one lies before it */
    struct gp_arena arena;     /* of the window's rows */
    struct gp_open311_row *row;
    uint32_t count, seen;
    uint64_t skip; /* rows of pages before the one asked for that are still to come */
    uint32_t next; /* of filter.id */
};

/* Updates: the place in the journal is found by halving, then read from (updates.c). */
struct gp_open311_find {
    uint64_t low, high; /* behind low there is something too early; behind high there is not */
    uint64_t stride;    /* 0: the stride back was long enough */
    uint64_t head;
};

struct gp_open311_update {
    uint64_t seq, incident;
    int64_t at_ms, zone_ms;
    uint8_t what, state;
};

enum gp_open311_status {
    GP_OPEN311_OK = 200,
    GP_OPEN311_BAD = 400,
    GP_OPEN311_DENIED = 403,
    GP_OPEN311_MISSING = 404,
    GP_OPEN311_BROKEN = 500,
    GP_OPEN311_LATER = 503
};

struct gp_open311_call {
    struct gp_arena arena;
    struct gp_open311_city city;
    int64_t now_ms;
    int language;
    enum gp_markup_format format;
    struct gp_span name; /* the path's last piece: a code, an id, a token */
    unsigned char command_id[GP_COMMAND_ID_BYTES];
    struct gp_open311_form form;
    struct gp_open311_filter filter;
    /* the step under way: a request, and who takes its answer; told NULL: none */
    struct gp_request request;
    unsigned asks;
    void (*told)(struct gp_open311_call *call, const struct gp_reply *reply);
    struct gp_open311_search search;
    struct gp_open311_find find;
    /* rows or updates that were found */
    struct gp_open311_row *row;
    struct gp_open311_update *update;
    uint32_t count;
    bool cut;            /* of a report: its text was too long */
    struct gp_span note; /* of a comment */
    /* mistakes */
    struct {
        int code;
        struct gp_span text;
    } error[GP_OPEN311_ERRORS_MAX];
    unsigned error_count;
    /* the answer */
    int status;
    char *body;
    size_t body_len;
};

/** Notes a mistake; the first one decides HTTP's status. */
void gp_open311_fail(struct gp_open311_call *call, int code, enum gp_open311_word word,
                     struct gp_span about);

/** Ends the call with what was noted. */
void gp_open311_fail_now(struct gp_open311_call *call, int code, enum gp_open311_word word,
                         struct gp_span about);

/** Whether a command was taken. Where not, the call has ended with why. */
bool gp_open311_is_taken(struct gp_open311_call *call, const struct gp_reply *reply);

/** Asks call->request, for the city's person, of the daemon. */
void gp_open311_ask_next(struct gp_open311_call *call,
                         void (*told)(struct gp_open311_call *, const struct gp_reply *));

/** Begins the document of the answer; NULL: there is no memory, and the answer says so. */
struct gp_markup *gp_open311_document(struct gp_open311_call *call);
/** Ends it, and with it the call. Takes the markup over. */
void gp_open311_done(struct gp_open311_call *call, struct gp_markup *markup);

/* ---- filter.c: parameters of GET; mistakes are noted ---- */
void gp_open311_filter_requests(struct gp_open311_call *call);
void gp_open311_filter_updates(struct gp_open311_call *call);

/* ---- services.c ---- */
void gp_open311_discovery(struct gp_open311_call *call);
void gp_open311_services(struct gp_open311_call *call);
void gp_open311_definition(struct gp_open311_call *call);
/** The row of the catalogue that is in force and not private. Condition empty: the category's
 * `default`, or its only one. GP_NONE: there is none. */
uint32_t gp_open311_service_row(const struct gp_open311_call *call, struct gp_span code,
                                struct gp_span condition);
/** Whether a category has a row in force that is not private. */
bool gp_open311_service_known(const struct gp_open311_call *call, struct gp_span code);
/** The conditions of a category, commas between them. Lifetime: the arena's. */
struct gp_span gp_open311_conditions(struct gp_open311_call *call, struct gp_span code);
/** What a row's category, condition or a department is called in the call's language. */
struct gp_span gp_open311_row_name(const struct gp_open311_call *call, const struct gp_row *row);
struct gp_span gp_open311_condition_name(const struct gp_open311_call *call,
                                         const struct gp_row *row);
struct gp_span gp_open311_department_name(const struct gp_open311_call *call, struct gp_span code);

/* ---- row.c ---- */
/** Takes what is shown of an incident, copied into the arena. False: it is not shown, or there is
 * no memory, which is noted. */
bool gp_open311_row_of(struct gp_open311_call *call, const struct gp_incident *incident,
                       struct gp_arena *arena, struct gp_open311_row *ret_row);
/** Copies a row's texts into another arena. False: no memory. */
bool gp_open311_row_keep(struct gp_arena *arena, struct gp_open311_row *row);
bool gp_open311_is_closed(uint8_t state);
void gp_open311_row_write(struct gp_open311_call *call, struct gp_markup *markup,
                          const struct gp_open311_row *row);
/** Ends the call with its rows. */
void gp_open311_rows_done(struct gp_open311_call *call);
/** Whether a category is private now. */
bool gp_open311_is_private(const struct gp_open311_call *call, struct gp_span code,
                           struct gp_span condition);
/** The zone that counts in an area. */
int64_t gp_open311_zone(const struct gp_open311_call *call, struct gp_area_ref area);
/** When it is due, in words; empty for 0. Lifetime: the arena's. */
struct gp_span gp_open311_due_text(struct gp_open311_call *call, enum gp_open311_word word,
                                   int64_t due_ms, int64_t zone_ms);

/* ---- sender.c ---- */
/** A text as the daemon takes it: lines end with a line feed, other control characters are blanks.
 * Of a single line, line feeds are, too. No memory is a mistake that is noted. */
struct gp_span gp_open311_plain(struct gp_open311_call *call, struct gp_span text, bool lines);
/** A field of one line; one that is longer than `most` bytes is a mistake. */
struct gp_span gp_open311_line(struct gp_open311_call *call, const char *name, size_t most);
struct gp_open311_tail;
/** What a form says of its sender. */
void gp_open311_sender(struct gp_open311_call *call, struct gp_span client,
                       struct gp_open311_tail *ret_tail);
/** Whether the key is right; else the call has ended. */
bool gp_open311_has_key(struct gp_open311_call *call, struct gp_span *ret_client);

/* ---- search.c, one.c, updates.c, report.c, comment.c ---- */
void gp_open311_search(struct gp_open311_call *call);
void gp_open311_one(struct gp_open311_call *call);
void gp_open311_token(struct gp_open311_call *call);
void gp_open311_updates(struct gp_open311_call *call);
void gp_open311_report(struct gp_open311_call *call);
void gp_open311_comment(struct gp_open311_call *call);

/* ---- tail.c: what is kept below a report's text ---- */
struct gp_open311_tail {
    struct gp_span address, media, name, phone, email, client, status;
    bool grid_unknown;
    bool found; /* of one taken apart: there was a tail */
};
/** Text and tail as one, the text cut if it must be. Errors: GP_ENOMEM. */
int gp_open311_tail_join(struct gp_arena *arena, int language, struct gp_span text,
                         const struct gp_open311_tail *tail, struct gp_span *ret_joined,
                         bool *ret_cut);
/** Takes them apart again: of the tail address and media. Lifetime: of the joined text. */
struct gp_span gp_open311_tail_split(struct gp_span joined, struct gp_open311_tail *ret_tail);

#endif
