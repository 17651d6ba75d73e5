/* Search: the daemon's pages of the newest incidents, of which those stay that have the words. One
 * answer looks at so many of them, then it says where to go on. */
#include "web/api.h"

#include "web/match.h"
#include "web/row.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

#define ROWS         60
#define LOOKS_MAX    4000 /* incidents of one answer */
#define ASKS_MAX     64   /* pages of one answer: some are short, or have none */
#define TEXT_MAX     256  /* bytes of `q` */
#define NUMBER_MAX   18   /* digits */
#define CURSOR_BYTES sizeof(((struct gp_query *)0)->cursor)
#define CURSOR_TEXT  (2 * CURSOR_BYTES + 22) /* and a point, a number, and the end */

struct search {
    struct gp_query query;
    struct gp_match match;
    uint64_t limit;
    uint64_t below; /* those from this number on were looked at; 0: none was */
    unsigned looks, asks;
};

/* ---------------------------------------------------------------- what is asked */

/* The daemon's cursor in hexadecimal, a point, and the number of the last one looked at: a page may
 * be left half-way, and then its beginning is passed over. */
static bool parse_cursor(const char *text, struct search *search)
{
    const char *point = strchr(text, '.');
    size_t len = 0;
    char *end;

    if (point == NULL || point[1] < '0' || point[1] > '9' ||
        sodium_hex2bin(search->query.cursor, CURSOR_BYTES, text, (size_t)(point - text), NULL, &len,
                       NULL) != 0)
        return false;
    search->query.cursor_len = (uint8_t)len;
    search->below = strtoull(point + 1, &end, 10);
    return *end == '\0';
}

static bool read_cursor(struct gp_ask *ask, struct search *search)
{
    const char *text = gp_http_query(ask->exchange, "cursor");

    if (text == NULL || text[0] == '\0' || parse_cursor(text, search))
        return true;
    gp_ask_refuse(ask, 400, "malformed", "cursor");
    return false;
}

static bool read_state(struct gp_ask *ask, struct gp_query *query)
{
    struct gp_span word;

    if (!gp_ask_word(ask, "state", &word))
        return false;
    if (word.len == 0)
        return true;
    int state = gp_state_parse(word);
    if (state == 0) {
        gp_ask_refuse(ask, 400, "malformed", "state");
        return false;
    }
    query->states = GP_STATE_BIT(state);
    return true;
}

static bool read_query(struct gp_ask *ask, struct search *search)
{
    struct gp_query *query = &search->query;

    search->limit = ROWS;
    if (!gp_ask_area(ask, "area", &query->area) ||
        !gp_ask_word(ask, "department", &query->department) ||
        !gp_ask_word(ask, "person", &query->person) || !read_state(ask, query) ||
        !gp_ask_when(ask, "from", &query->from_ms) || !gp_ask_when(ask, "to", &query->to_ms) ||
        !gp_ask_number(ask, "limit", 1, GP_PAGE_ROWS_MAX, &search->limit) ||
        !read_cursor(ask, search))
        return false;
    query->order = GP_ORDER_NEWEST;
    /* Without words every row of a page is one of the answer. */
    query->limit = search->match.words > 0 ? GP_PAGE_ROWS_MAX : (uint32_t)search->limit;
    return true;
}

/* ---------------------------------------------------------------- pages */

/* `on`: there is more, behind the query's cursor and below search->below. */
static void finish(struct gp_ask *ask, bool on)
{
    const struct search *search = ask->state;
    char hex[2 * CURSOR_BYTES + 1], text[CURSOR_TEXT];

    (void)sodium_bin2hex(hex, sizeof hex, search->query.cursor, search->query.cursor_len);
    (void)snprintf(text, sizeof text, "%s.%" PRIu64, hex, search->below);
    gp_ask_json(ask, json_pack("{s:O, s:s?}", "rows", ask->answer, "cursor", on ? text : NULL));
}

static bool is_full(const struct gp_ask *ask)
{
    const struct search *search = ask->state;

    return json_array_size(ask->answer) >= search->limit || search->looks >= LOOKS_MAX;
}

static void look_at(struct gp_ask *ask, const struct gp_incident *incident)
{
    struct search *search = ask->state;
    const struct gp_org *org = ask->speaker.org;

    if (search->below != 0 && incident->id >= search->below)
        return;
    search->below = incident->id;
    search->looks++;
    if (gp_match_incident(&search->match, org, incident, ask->speaker.now_ms))
        json_array_append_new(ask->answer, gp_row_json(org, incident, ask->speaker.now_ms));
}

static void ask_page(struct gp_ask *ask);

static void take_page(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct search *search = ask->state;
    struct gp_span cursor = reply->page.cursor;
    uint32_t i = 0;

    while (i < reply->page.count && !is_full(ask))
        look_at(ask, &reply->page.item[i++]);
    if (i < reply->page.count) {
        finish(ask, true);
        return;
    }
    if (cursor.len == 0 || cursor.len > CURSOR_BYTES) {
        finish(ask, false);
        return;
    }
    memcpy(search->query.cursor, cursor.ptr, cursor.len);
    search->query.cursor_len = (uint8_t)cursor.len;
    if (is_full(ask) || search->asks == ASKS_MAX)
        finish(ask, true);
    else
        ask_page(ask);
}

static void ask_page(struct gp_ask *ask)
{
    struct search *search = ask->state;
    struct gp_request request = {.kind = GP_REQUEST_QUERY, .query = search->query};

    search->asks++;
    gp_ask_daemon(ask, &request, take_page);
}

/* ---------------------------------------------------------------- by number */

static void take_one(struct gp_ask *ask, const struct gp_reply *reply)
{
    json_array_append_new(ask->answer,
                          gp_row_json(ask->speaker.org, reply->incident, ask->speaker.now_ms));
    finish(ask, false);
}

/* "41" or "#41"; 0: it is none. */
static uint64_t number_of(const char *text)
{
    const char *digits = text[0] == '#' ? text + 1 : text;
    size_t len = strspn(digits, "0123456789");

    return len > 0 && len <= NUMBER_MAX && digits[len] == '\0' ? strtoull(digits, NULL, 10) : 0;
}

static void ask_one(struct gp_ask *ask, uint64_t number)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = number};

    ask->skip = ask_page; /* not there, or not theirs to see: it may be a code, or in a text */
    gp_ask_daemon(ask, &request, take_one);
}

/* ---------------------------------------------------------------- the call */

static bool read_words(struct gp_ask *ask, const char *text, struct search *search)
{
    struct gp_span words = gp_span_of(text);
    int rc = words.len <= TEXT_MAX && gp_utf8_valid(words)
                 ? gp_match_read(words, &ask->arena, &search->match)
                 : GP_ELIMIT;

    if (rc == GP_ELIMIT)
        gp_ask_refuse(ask, 400, "malformed", "q");
    else if (rc != 0)
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
    return rc == 0;
}

void gp_api_search(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);
    const char *text = gp_http_query(exchange, "q");

    if (ask == NULL)
        return;
    struct search *search = gp_arena_zalloc(&ask->arena, 1, sizeof *search);
    ask->state = search;
    ask->answer = json_array();
    if (search == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    if (text == NULL)
        text = "";
    if (!read_words(ask, text, search) || !read_query(ask, search))
        return;
    if (number_of(text) != 0)
        ask_one(ask, number_of(text));
    else
        ask_page(ask);
}
