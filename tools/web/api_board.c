/* Cards of the board: pages of a query, or some incidents by their numbers. */
#include "web/api.h"

#include "web/row.h"

#include <sodium.h>
#include <stdlib.h>

#define NUMBERS_MAX 100
#define ROWS        60
/* What a cursor begins with. */
#define BY_DUE    'd'
#define BY_NUMBER 'n'

struct board {
    struct gp_query query;
    uint64_t number[NUMBERS_MAX];
    unsigned numbers, next;
    uint64_t head;
};

/* ---------------------------------------------------------------- what is asked */

/* None said: all that are open. */
static bool read_states(struct gp_ask *ask, const char *list, struct gp_query *query)
{
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ",");
        int state = gp_state_parse((struct gp_span){at, len});
        if (state == 0) {
            gp_ask_refuse(ask, 400, "malformed", "state");
            return false;
        }
        query->states |= GP_STATE_BIT(state);
        at += len + (at[len] == ',');
    }
    query->open_only = query->states == 0;
    return true;
}

static bool read_numbers(struct gp_ask *ask, const char *list, struct board *board)
{
    for (const char *at = list; at != NULL && *at != '\0';) {
        char *after;
        uint64_t number = strtoull(at, &after, 10);
        if (after == at || number == 0 || board->numbers == NUMBERS_MAX ||
            (*after != ',' && *after != '\0')) {
            gp_ask_refuse(ask, 400, "malformed", "numbers");
            return false;
        }
        board->number[board->numbers++] = number;
        at = after + (*after == ',');
    }
    return true;
}

/* The order's letter, then the daemon's cursor in hexadecimal. */
static bool read_cursor(struct gp_ask *ask, struct gp_query *query)
{
    const char *text = gp_http_query(ask->exchange, "cursor");

    query->order = GP_ORDER_DUE;
    if (text == NULL || *text == '\0')
        return true;
    bool by_number = *text == BY_NUMBER;
    size_t len = strlen(text + 1), bytes = 0;
    bool good =
        (by_number || *text == BY_DUE) && len > 0 && strspn(text + 1, "0123456789abcdef") == len &&
        sodium_hex2bin(query->cursor, sizeof query->cursor, text + 1, len, NULL, &bytes, NULL) == 0;
    query->order = by_number ? GP_ORDER_NUMBER : GP_ORDER_DUE;
    query->cursor_len = (uint8_t)bytes;
    if (!good)
        gp_ask_refuse(ask, 400, "malformed", "cursor");
    return good;
}

static bool read_query(struct gp_ask *ask, struct board *board)
{
    struct gp_query *query = &board->query;
    uint64_t limit = ROWS, overdue = 0;

    if (!gp_ask_area(ask, "area", &query->area) ||
        !gp_ask_word(ask, "department", &query->department) ||
        !gp_ask_word(ask, "post", &query->post) || !gp_ask_word(ask, "person", &query->person) ||
        !gp_ask_number(ask, "limit", 1, GP_PAGE_ROWS_MAX, &limit) ||
        !gp_ask_number(ask, "overdue", 0, 1, &overdue) ||
        !read_states(ask, gp_http_query(ask->exchange, "state"), query) ||
        !read_numbers(ask, gp_http_query(ask->exchange, "numbers"), board) ||
        !read_cursor(ask, query))
        return false;
    query->limit = (uint32_t)limit;
    query->overdue_only = overdue == 1;
    return true;
}

/* ---------------------------------------------------------------- what is answered */

static json_t *cursor_json(struct gp_span cursor, char order)
{
    char text[2 * sizeof((struct gp_query){0}.cursor) + 2] = {order};

    if (cursor.len == 0 || 2 * cursor.len + 1 >= sizeof text)
        return json_null();
    (void)sodium_bin2hex(text + 1, sizeof text - 1, (const unsigned char *)cursor.ptr, cursor.len);
    return json_string(text);
}

/* What is by due is counted, too. */
static void take_page(struct gp_ask *ask, const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->page.count; i++)
        json_array_append_new(
            ask->answer, gp_row_json(ask->speaker.org, &reply->page.item[i], ask->speaker.now_ms));
    bool by_due = reply->page.counted;
    gp_ask_json(ask, json_pack("{s:O, s:o, s:s, s:o, s:I}", "rows", ask->answer, "total",
                               by_due ? json_integer(reply->page.total) : json_null(), "order",
                               by_due ? "due" : "number", "cursor",
                               cursor_json(reply->page.cursor, by_due ? BY_DUE : BY_NUMBER), "head",
                               (json_int_t)reply->page.head));
}

static void ask_page(struct gp_ask *ask)
{
    const struct board *board = ask->state;
    struct gp_request request = {.kind = GP_REQUEST_QUERY, .query = board->query};

    gp_ask_daemon(ask, &request, take_page);
}

/* Where there is too much to sort; any other refusal comes again. */
static void ask_by_number(struct gp_ask *ask)
{
    struct board *board = ask->state;

    board->query.order = GP_ORDER_NUMBER;
    ask_page(ask);
}

/* ---------------------------------------------------------------- by number */

static bool is_in(struct gp_area_ref area, const struct gp_incident *incident)
{
    return area.padded == 0 || gp_area_covers(area, incident->area);
}

static bool in_states(const struct gp_query *query, const struct gp_incident *incident)
{
    return query->states == 0 || (query->states & GP_STATE_BIT(incident->state)) != 0;
}

static bool is(struct gp_span wanted, struct gp_span value)
{
    return wanted.len == 0 || gp_span_equal(wanted, value);
}

/* Whether the board's filters let it pass, as a query would. */
static bool passes(const struct gp_ask *ask, const struct gp_incident *incident)
{
    const struct board *board = ask->state;
    const struct gp_query *query = &board->query;

    return in_states(query, incident) && is_in(query->area, incident) &&
           is(query->department, incident->row.department) && is(query->post, incident->owner) &&
           (!query->open_only || gp_state_open(incident->state)) &&
           (!query->overdue_only || incident->overdue_ms != 0);
}

static void ask_next(struct gp_ask *ask);

static void take_one(struct gp_ask *ask, const struct gp_reply *reply)
{
    if (passes(ask, reply->incident))
        json_array_append_new(ask->answer,
                              gp_row_json(ask->speaker.org, reply->incident, ask->speaker.now_ms));
    ask_next(ask);
}

static void ask_next(struct gp_ask *ask)
{
    struct board *board = ask->state;

    if (board->next == board->numbers) {
        gp_ask_json(ask,
                    json_pack("{s:O, s:n, s:s, s:n, s:I}", "rows", ask->answer, "total", "order",
                              "number", "cursor", "head", (json_int_t)ask->web->daemon.head));
        return;
    }
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT,
                                 .incident = board->number[board->next++]};
    ask->skip = ask_next; /* one that is not there, or not theirs to see, is not on the board */
    gp_ask_daemon(ask, &request, take_one);
}

void gp_api_board(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);

    if (ask == NULL)
        return;
    struct board *board = gp_arena_zalloc(&ask->arena, 1, sizeof *board);
    ask->state = board;
    ask->answer = json_array();
    if (board == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    if (!read_query(ask, board))
        return;
    if (board->numbers > 0) {
        ask_next(ask);
        return;
    }
    if (board->query.cursor_len == 0)
        ask->skip = ask_by_number;
    ask_page(ask);
}
