/**
 * One page of a query being made: shared by route.c, which chooses what is walked, query.c, which
 * walks it, and order.c, where pages have an order.
 */
#ifndef GP_ENGINE_SEARCH_H
#define GP_ENGINE_SEARCH_H

#include "engine/internal.h"

#define GP_QUERY_KEY_MAX 21 /* post u32, closed u8, due u64, id u64 */

/* A cursor begins with the number of a table, or says of which order it is. */
#define GP_CURSOR_NEWEST 0xff
#define GP_CURSOR_DUE    0xfe

/* What looking at a record costs, in rows of an index: it lies anywhere in a large tree, so that
 * most of it is waiting for memory. */
#define GP_QUERY_RECORD_COST 32

/* What is walked: a table, and of by_state which mark. */
struct gp_route {
    enum gp_table table;
    uint8_t mark;
};

struct gp_search {
    const struct gp_query *query;
    const struct gp_org *org;
    struct gp_span reader;
    int64_t now_ms;
    struct gp_txn *txn;
    struct gp_arena *arena;
    uint32_t limit;
    uint32_t person; /* index; GP_NONE: not asked for */
    /* what route.c finds */
    struct gp_route route;
    uint32_t prefix;   /* of by_post and by_dept: whose rows */
    bool half[2];      /* whether open (0) and closed (1) incidents may match */
    uint64_t low, end; /* ids of the period are [low, end) */
    /* the range that is walked */
    unsigned char from[GP_QUERY_KEY_MAX]; /* where the walk starts */
    size_t from_len;
    unsigned char to[GP_QUERY_KEY_MAX]; /* and the first key behind it */
    size_t to_len;
    bool resumes;             /* the cursor was not gone on from yet */
    unsigned cost, cost_max;  /* so far, and when it is enough */
    struct gp_ranking *ranks; /* NULL: what matches goes on the page as it is found */
    const atomic_bool *stop;  /* NULL: nobody stops it */
    size_t bytes;
    struct gp_arena look;        /* of one record that is unpacked */
    struct gp_incident incident; /* the same */
};

/**
 * Chooses the index that a query is served from: the cursor's, if it has one by number, else the
 * one in which the fewest rows need to be looked at.
 *
 * Errors: GP_EINVAL: the cursor is of another query; GP_ECORRUPT, the store's
 */
int gp_search_choose(struct gp_search *search);

/** Finds the ids that the query's period may have: sets low and end. Errors: the store's. */
int gp_search_period(struct gp_search *search);

/** The key range of a route for one half (open 0, closed 1; by_state and incident have none): sets
 * from and to. Of by_area it is the subtree's, without old codes that lead there. */
void gp_search_range(struct gp_search *search, struct gp_route route, unsigned half);

/** Whether an incident is what is asked for, as far as the reader may know. Errors: GP_ECORRUPT,
 * GP_ENOMEM. */
int gp_search_test(struct gp_search *search, struct gp_span record, bool *ret_matches);

/** Puts a record on the page, joined with its text or masked. Errors: GP_ELIMIT: the page is full,
 * it is not on it; GP_ECORRUPT, GP_ENOMEM, the store's. */
int gp_search_keep(struct gp_search *search, struct gp_span record, struct gp_page *page);

/** Walks the route that was chosen, and finds each incident that matches once. Errors: GP_ELIMIT:
 * the page is full, or has cost enough; GP_ECLOSED: it was stopped; GP_ECORRUPT, the store's. */
int gp_search_walk(struct gp_search *search, struct gp_page *page);

/** Ranks an incident that matches. Errors: GP_ECORRUPT. */
int gp_search_rank(struct gp_search *search, uint64_t id, struct gp_span record);

/**
 * A page by due: behind the cursor the soonest ones, and how many match altogether.
 *
 * Errors: GP_EINVAL: the cursor is of another query; GP_ELIMIT: there is more to look at than may
 *         be; GP_EAGAIN: it was stopped; GP_ECORRUPT, GP_ENOMEM, the store's
 */
int gp_search_due(struct gp_search *search, struct gp_page *page);

/**
 * A page of the newest: incidents by falling numbers, from the cursor on.
 *
 * Errors: GP_EINVAL: the cursor is of another query; GP_ECORRUPT, the store's
 */
int gp_search_newest(struct gp_search *search, struct gp_page *page);

#endif
