/**
 * Questions that readers ask: pages of incidents and views of the journal. Plain data and the
 * pure tests "does this one match"; engine/ walks the tables.
 */
#ifndef GP_CORE_QUERY_H
#define GP_CORE_QUERY_H

#include "core/entry.h"
#include "core/staff.h"

/* Which incidents come first. By due: the soonest, then those whose clock does not run, of the same
 * due by number. */
#define GP_ORDERS(X)                                                                               \
    X(GP_ORDER_NUMBER, 0, "number")                                                                \
    X(GP_ORDER_DUE, 1, "due")                                                                      \
    X(GP_ORDER_NEWEST, 2, "newest")

enum gp_order { /* on the wire: only ever append */
#define X(name, number, word) name = (number),
                GP_ORDERS(X)
#undef X
};

const char *gp_order_name(int order); /* "?" for a number that is none */
/** Errors: GP_ENOTFOUND: there is no such order. Thread: any. */
int gp_order_parse(struct gp_span word, uint8_t *ret_order);

/* Every field that is set must match. Page by page, by the cursor. Incidents by number come in
 * runs: those of one area, or of one post, and open ones before closed ones. */
struct gp_query {
    struct gp_area_ref area; /* prefix; padded 0: everywhere */
    uint32_t states;         /* set of GP_STATE_BIT; 0: any */
    bool open_only;
    bool overdue_only;
    struct gp_span post;       /* owner post */
    struct gp_span department; /* responsible department */
    struct gp_span person;     /* holds the owner post now or is a listed deputy of it */
    int64_t from_ms, to_ms;    /* received in [from, to); 0: open */
    unsigned char cursor[24];  /* opaque, from the page before; cursor_len 0: from the start */
    uint8_t cursor_len;
    uint32_t limit; /* 1 … GP_PAGE_ROWS_MAX; 0: 50 */
    uint8_t order;  /* enum gp_order */
};

/* Of an incident, what a query looks at. */
struct gp_traits {
    uint8_t state;
    bool is_private;
    struct gp_area_ref area;
    struct gp_span owner, department, category;
    int64_t received_ms, overdue_ms;
};

/** Takes them out of a whole incident; wire/'s gp_wire_traits_peek gives the same from its packed
 * bytes. Thread: any. Lifetime: *ret_traits points into the incident. */
void gp_traits_of(const struct gp_incident *incident, struct gp_traits *ret_traits);

/* Leaves by id, or holdings (from the merged directory) by their place in it. */
struct gp_leaves_ask {
    struct gp_span person;  /* empty: everybody's */
    uint8_t state;          /* enum gp_leave_state; 0: any */
    int64_t from_ms, to_ms; /* those that overlap [from, to); 0: open */
    uint64_t after;         /* `next` of the page before; 0: from the start */
    uint32_t limit;         /* 1 … GP_PAGE_ROWS_MAX; 0: 50 */
    bool holdings;
};

/* Devices by number. */
struct gp_devices_ask {
    struct gp_span person; /* empty: everybody's */
    uint8_t state;         /* enum gp_device_state; 0: any */
    uint64_t after;        /* `next` of the page before; 0: from the start */
    uint32_t limit;        /* 1 … GP_PAGE_ROWS_MAX; 0: 50 */
};

/* A look at the journal's chain. */
struct gp_verify_ask {
    uint64_t from; /* the first entry to look at; 0: 1 */
    uint64_t upto; /* the last; 0: the head */
};

struct gp_feed_filter {
    struct gp_area_ref area; /* prefix; padded 0: everywhere */
    struct gp_span department, line, person;
    uint64_t incident; /* 0: any */
    uint64_t whats;    /* set of bits (1 << enum gp_what); 0: every kind */
    bool escalations;  /* steps after dispatch, handovers, vacancies and strikes only */
};

struct gp_feed_ask {
    uint64_t after; /* everything with a higher seq */
    struct gp_feed_filter filter;
    uint32_t wait_ms;        /* 0: answer at once; at most GP_FEED_WAIT_MS_MAX */
    uint32_t limit;          /* 1 … GP_FEED_ENTRIES_MAX; 0: that many */
    struct gp_span follower; /* name of the follower: a newer ask of the same name ends the older */
    bool hint;               /* the key by which published hints are checked is asked for, too */
};

/**
 * Whether an entry passes a filter. A filter by area lets pass what is filed under a code that led
 * into that area when the entry was written. Thread: any.
 */
bool gp_feed_match(const struct gp_org *org, const struct gp_feed_filter *filter,
                   const struct gp_entry *entry);

/**
 * DOMAIN section 5: whether the reader (a person id, perhaps empty) belongs to the chain of a
 * private entry: told by it or its actor, who holds (on leave or not), deputises or acts for
 * the owner post of that moment, a post of the department, or D1/D2 of the community. Thread: any.
 */
bool gp_may_see_entry(const struct gp_org *org, const struct gp_entry *entry, struct gp_span reader,
                      int64_t at_ms);

/**
 * The same of a private incident as it is now: who is of its owner post or assistant, of
 * the department's posts, of D1/D2, or reported it. Who belongs to the incident sees all its
 * entries, those from before there was an owner as well. Thread: any.
 */
bool gp_may_see_incident(const struct gp_org *org, const struct gp_incident *incident,
                         struct gp_span reader, int64_t at_ms);

/**
 * Hides text and phone, and place beyond the community, of what is private; with it who reported,
 * and the grid's officer, who would give the grid away. Thread: any.
 */
void gp_entry_mask(const struct gp_org *org, struct gp_entry *entry);
void gp_incident_mask(struct gp_incident *incident);

/** Where a private incident is for those who may not see it: in its community, where none is known
 * in its district. Thread: any. */
struct gp_area_ref gp_masked_area(struct gp_area_ref area, struct gp_area_ref community);

#endif
