#include "open311/city.h"

#include "base/error.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct town town;
struct gp_open311_city city;
struct desk desk;
static int64_t now_ms;
static char *last_body;

/* ---------------------------------------------------------------- the town's names */

static const struct {
    const char *code, *zh;
} area_names[] = {
    {"340705", "铜官区"},
    {"340705006", "新城街道"},
    {"340705006001", "临湖社区"},
    {"340705006001001", "临湖第1网格"},
    {"340705006001002", "临湖第2网格"},
    {"340705402", "天井湖社区"},
    {"340705402001", "天井湖第一居委会"},
    {"340705402001001", "天井湖第1网格"},
    {"340705402001002", "天井湖第2网格"},
};

static const struct {
    const char *code, *condition, *zh, *en, *condition_zh;
} row_names[] = {
    {"c", "broken", "井盖", "manhole cover", "破损"},
    {"c", "missing", "井盖", "manhole cover", "缺失"},
    {"n4", "default", "路灯", "street lamp", ""},
    {"u1", "default", "供水管道破裂", "water main burst (stop, repair)", ""},
    {"p4", "default", "矛盾纠纷", "dispute mediation", ""},
};

static void name_town(void)
{
    static const char *const departments[][2] = {{"供水公司", "water supply"},
                                                 {"市政工程管理处", "municipal works"},
                                                 {"消防救援大队", "fire and rescue"}};
    static const char *const lines[][2] = {
        {"公用事业", "utilities"}, {"市政设施", "municipal works"}, {"消防安全", "fire safety"}};

    for (size_t i = 0; i < COUNT(area_names); i++)
        town.areas[town_area(&town, area_names[i].code)].name = gp_span_of(area_names[i].zh);
    for (size_t i = 0; i < COUNT(row_names); i++) {
        for (size_t k = 0; k < town.org.row_count; k++) {
            if (!gp_span_is(town.rows[k].code, row_names[i].code) ||
                !gp_span_is(town.rows[k].condition, row_names[i].condition))
                continue;
            town.rows[k].name_zh = gp_span_of(row_names[i].zh);
            town.rows[k].name_en = gp_span_of(row_names[i].en);
            town.rows[k].condition_zh = gp_span_of(row_names[i].condition_zh);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        town.departments[i].name_zh = gp_span_of(departments[i][0]);
        town.departments[i].name_en = gp_span_of(departments[i][1]);
        town.lines[i].name_zh = gp_span_of(lines[i][0]);
        town.lines[i].name_en = gp_span_of(lines[i][1]);
    }
}

/* So that lists are short enough to be read: of the town's categories five are kept. */
static void keep_named_rows(void)
{
    size_t kept = 0;

    for (size_t i = 0; i < town.org.row_count; i++) {
        if (town.rows[i].name_zh.len > 0)
            town.rows[kept++] = town.rows[i];
    }
    town.org.row_count = kept;
}

static bool key_is_right(void *context, struct gp_span key, struct gp_span *ret_client)
{
    (void)context;
    *ret_client = GP_SPAN("地图网");
    return gp_span_is(key, "right");
}

int city_begin(void **state)
{
    (void)state;
    town_build(&town);
    name_town();
    keep_named_rows();
    city_now("2026-06-15 12:00");
    city = (struct gp_open311_city){
        .org = &town.org,
        .changed_ms = town_at("2026-06-01 08:00"),
        .person = GP_SPAN("zheng"),
        .area = {.padded = UINT64_C(340705000000000), .digits = 6},
        .url = GP_SPAN("https://city.example/open311/v2"),
        .contact = GP_SPAN("12345 <open311@city.example>"),
        .key_service = GP_SPAN("向街道办申请 & 审核"),
        .key = key_is_right,
    };
    desk = (struct desk){
        .incident = calloc(DESK_INCIDENTS_MAX, sizeof *desk.incident),
        .entry = calloc(DESK_ENTRIES_MAX, sizeof *desk.entry),
    };
    assert_non_null(desk.incident);
    assert_non_null(desk.entry);
    return 0;
}

int city_end(void **state)
{
    (void)state;
    free(desk.incident);
    free(desk.entry);
    free(last_body);
    last_body = NULL;
    return 0;
}

void city_now(const char *when)
{
    now_ms = town_at(when);
}

struct gp_row *city_row(const char *category, const char *condition)
{
    for (size_t i = 0; i < town.org.row_count; i++) {
        if (gp_span_is(town.rows[i].code, category) &&
            gp_span_is(town.rows[i].condition, condition))
            return &town.rows[i];
    }
    fail_msg("there is no row %s, %s", category, condition);
    return NULL;
}

/* ---------------------------------------------------------------- the desk */

struct gp_incident *desk_incident(uint64_t id, const char *when, const char *category,
                                  const char *condition)
{
    struct gp_incident *incident = &desk.incident[desk.incident_count++];

    assert_true(desk.incident_count <= DESK_INCIDENTS_MAX);
    *incident = (struct gp_incident){
        .id = id,
        .version = 1,
        .state = GP_STATE_DISPATCHED,
        .area = town.areas[town_area(&town, TOWN_GRID)].ref,
        .community = town.areas[town_area(&town, TOWN_COMMUNITY)].ref,
        .row = {.code = gp_span_of(category),
                .condition = gp_span_of(condition),
                .department = GP_SPAN("SZ")},
        .reporter = GP_SPAN("zhang"),
        .received_ms = town_at(when),
        .dispatched_ms = town_at(when),
    };
    incident->plan.stage_count = 1;
    incident->plan.stage[0] =
        (struct gp_stage){.start_ms = town_at(when), .due_ms = town_at(when) + 6 * GP_MS_HOUR};
    return incident;
}

struct gp_entry *desk_entry(const char *when, uint64_t incident, enum gp_what what,
                            enum gp_state state)
{
    struct gp_entry *entry = &desk.entry[desk.entry_count++];

    assert_true(desk.entry_count <= DESK_ENTRIES_MAX);
    *entry = (struct gp_entry){
        .seq = desk.entry_count,
        .at_ms = town_at(when),
        .incident = incident,
        .area = town.areas[town_area(&town, TOWN_GRID)].ref,
        .category = GP_SPAN("n4"),
        .condition = GP_SPAN("default"),
        .what = (uint8_t)what,
        .state = (uint8_t)state,
    };
    return entry;
}

static bool is_in(const struct gp_query *query, const struct gp_incident *incident)
{
    return incident->received_ms >= query->from_ms &&
           (query->to_ms == 0 || incident->received_ms < query->to_ms) &&
           (!query->open_only || gp_state_open(incident->state));
}

/* A page and, as a cursor, the place behind it. */
static void answer_query(const struct gp_query *query, struct gp_reply *reply)
{
    static uint32_t next; /* the cursor's bytes live until the reply is taken */
    uint32_t limit = desk.page_rows > 0 ? desk.page_rows : query->limit;
    struct gp_incident *item = calloc(limit, sizeof *item);

    assert_non_null(item);
    desk.queries++;
    assert_true(query->limit <= GP_PAGE_ROWS_MAX);
    next = 0;
    if (query->cursor_len > 0)
        memcpy(&next, query->cursor, sizeof next);
    reply->kind = GP_REPLY_PAGE;
    reply->page.item = item;
    while (next < desk.incident_count && reply->page.count < limit) {
        if (is_in(query, &desk.incident[next]))
            item[reply->page.count++] = desk.incident[next];
        next++;
    }
    if (next < desk.incident_count)
        reply->page.cursor = (struct gp_span){(const char *)&next, sizeof next};
}

static void answer_incident(uint64_t id, struct gp_reply *reply)
{
    reply->kind = GP_REPLY_INCIDENT;
    for (uint32_t i = 0; i < desk.incident_count; i++) {
        if (desk.incident[i].id == id)
            reply->incident = &desk.incident[i];
    }
    if (reply->incident == NULL)
        reply->status = GP_STATUS_NOT_FOUND;
}

static void answer_feed(const struct gp_feed_ask *ask, struct gp_reply *reply)
{
    static struct gp_entry *item[GP_FEED_ENTRIES_MAX];
    uint64_t at = ask->after;

    assert_int_equal(ask->wait_ms, 0);
    reply->kind = GP_REPLY_FEED;
    reply->feed.item = item;
    reply->feed.head = desk.entry_count;
    while (at < desk.entry_count && reply->feed.count < ask->limit)
        item[reply->feed.count++] = &desk.entry[at++];
    reply->feed.scanned_to = at;
}

static void keep(char *to, size_t room, struct gp_span from)
{
    assert_true(from.len < room);
    (void)snprintf(to, room, "%.*s", GP_SPAN_ARG(from));
}

static void answer_command(const struct gp_command *command, struct gp_reply *reply)
{
    assert_true(command->verb == GP_VERB_REPORT || command->verb == GP_VERB_NOTE);
    keep(desk.last_text, sizeof desk.last_text, command->text);
    keep(desk.last_phone, sizeof desk.last_phone, command->phone);
    keep(desk.last_grid, sizeof desk.last_grid, command->grid);
    keep(desk.last_category, sizeof desk.last_category, command->category);
    keep(desk.last_condition, sizeof desk.last_condition, command->condition);
    reply->kind = GP_REPLY_ANSWER;
    reply->answer.incident = command->verb == GP_VERB_REPORT ? 900 : command->incident;
    reply->answer.seq = 4711;
    reply->answer.due_ms = desk.due_ms;
}

/* The daemon would take it: it packs, and what packs is checked as what comes in is. */
static void check_packs(const struct gp_request *request)
{
    struct gp_arena arena;
    struct gp_span packed;

    gp_arena_init(&arena, GP_UNPACK_BYTES_MAX * 4);
    assert_int_equal(gp_wire_request_pack(request, &arena, &packed), 0);
    gp_arena_release(&arena);
}

static void answer(struct gp_open311_call *call, const struct gp_request *request)
{
    struct gp_reply reply = {.status = GP_STATUS_OK};

    assert_true(gp_span_is(request->person, "zheng"));
    check_packs(request);
    desk.last = *request;
    if (desk.asks++ > 2 * GP_OPEN311_ASKS_MAX)
        fail_msg("it asks for ever");
    if (request->kind == GP_REQUEST_QUERY)
        answer_query(&request->query, &reply);
    else if (request->kind == GP_REQUEST_INCIDENT)
        answer_incident(request->incident, &reply);
    else if (request->kind == GP_REQUEST_FEED)
        answer_feed(&request->feed, &reply);
    else
        answer_command(&request->command, &reply);
    if (desk.status != 0 && (!desk.commands_only || request->kind == GP_REQUEST_COMMAND))
        reply.status = desk.status;
    reply.reason = desk.reason;
    gp_open311_told(call, desk.error, desk.error == 0 ? &reply : NULL);
    if (request->kind == GP_REQUEST_QUERY)
        free(reply.page.item);
}

/* ---------------------------------------------------------------- calls */

/* Every body, whatever it says, is one that its reader can read. */
static void check_reads(struct told told)
{
    if (strstr(told.type, "json") != NULL) {
        json_error_t error;
        json_t *read = json_loadb(told.body, told.len, JSON_REJECT_DUPLICATES, &error);
        if (read == NULL)
            fail_msg("%s: %s", error.text, told.body);
        json_decref(read);
    } else {
        xmlDoc *read = xmlReadMemory(told.body, (int)told.len, "body", "UTF-8",
                                     XML_PARSE_NONET | XML_PARSE_NOERROR);
        if (read == NULL)
            fail_msg("no XML: %s", told.body);
        xmlFreeDoc(read);
    }
}

static struct told play(const struct gp_open311_input *input)
{
    struct gp_open311_call *call = gp_open311_begin(&city, input);
    const struct gp_request *request;
    struct gp_open311_answer answered;

    assert_non_null(call);
    desk.asks = desk.queries = 0;
    while ((request = gp_open311_ask(call)) != NULL) {
        struct gp_request copy = *request; /* told() may overwrite it */
        answer(call, &copy);
    }
    answered = gp_open311_answer(call);
    free(last_body);
    last_body = strndup(answered.body.ptr, answered.body.len);
    struct told told = {answered.status, answered.type, last_body, answered.body.len};
    gp_open311_end(call);
    assert_non_null(last_body);
    check_reads(told);
    return told;
}

struct told get(const char *path)
{
    const char *query = strchr(path, '?');
    size_t len = query != NULL ? (size_t)(query - path) : strlen(path);
    struct gp_open311_input input = {.path = {path, len},
                                     .query = gp_span_of(query != NULL ? query + 1 : NULL),
                                     .now_ms = now_ms};

    return play(&input);
}

struct told post(const char *path, const char *form)
{
    char whole[16384];
    struct gp_open311_input input = {
        .post = true, .path = gp_span_of(path), .now_ms = now_ms, .command_id = {1, 2, 3}};

    assert_true((size_t)snprintf(whole, sizeof whole, "%s%s", form,
                                 strstr(form, "api_key=") == NULL ? "&api_key=right" : "") <
                sizeof whole);
    input.form = gp_span_of(whole);
    return play(&input);
}

/* ---------------------------------------------------------------- expecting */

static void golden_path(struct told told, const char *name, char *path, size_t room)
{
    (void)snprintf(path, room, "%s/tests/open311/golden/%s.%s", GP_SOURCE_DIR, name,
                   strstr(told.type, "json") != NULL ? "json" : "xml");
}

void expect_golden(struct told told, int status, const char *name)
{
    const char *write = getenv("GRIDPOST_GOLDEN");
    char path[4096];
    char *text = calloc(1, told.len + 2);
    bool same = false;

    assert_non_null(text);
    assert_int_equal(told.status, status);
    golden_path(told, name, path, sizeof path);
    if (write != NULL && strcmp(write, "write") == 0) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(told.body, 1, told.len, file), told.len);
        assert_int_equal(fclose(file), 0);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is not there", path);
    same = fread(text, 1, told.len + 1, file) == told.len && memcmp(text, told.body, told.len) == 0;
    (void)fclose(file); /* only read from */
    free(text);
    if (!same)
        fail_msg("not as in %s:\n%s", path, told.body);
}

void expect_has(struct told told, const char *words)
{
    if (strstr(told.body, words) == NULL)
        fail_msg("'%s' is not in: %s", words, told.body);
}

void expect_lacks(struct told told, const char *words)
{
    if (strstr(told.body, words) != NULL)
        fail_msg("'%s' is in: %s", words, told.body);
}

void expect_error(struct told told, int status, int code, const char *words)
{
    char xml[32], json[32];

    (void)snprintf(xml, sizeof xml, "<code>%d</code>", code);
    (void)snprintf(json, sizeof json, "\"code\": %d", code);
    assert_int_equal(told.status, status);
    expect_has(told, strstr(told.type, "json") != NULL ? json : xml);
    expect_has(told, words);
}
