/*
 * Open311: the first byte says what (G a GET, P a POST, R a report that is looked at afterwards, T
 * a stored text that is shown), the first line goes on with the path, the rest is the query, form
 * or text. What is promised: the call ends; each request of the daemon is one that it would take;
 * the body is of its format by the judgement of another reader, and its status one of the
 * specification's; what anybody may see of a report that came this way has nothing of who sent it.
 */
#include "fuzz.h"

#include "base/error.h"
#include "lib/town.h"
#include "web/open311/form.h"
#include "web/open311/open311.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <string.h>

#define SECRET "qzx7@sender.example"
#define NOW_MS INT64_C(1781496000000) /* 2026-06-15 12:00 +08:00 */

static struct town town;
static struct gp_incident incident;
static char stored[GP_TEXT_BYTES_MAX];

static bool take_key(void *context, struct gp_span key, struct gp_span *ret_client)
{
    (void)context;
    *ret_client = GP_SPAN(SECRET);
    return !gp_span_is(key, "wrong");
}

static uint32_t locate(void *context, const struct gp_org *org, struct gp_place place)
{
    (void)context;
    return (uint32_t)place.lat_e7 % (uint32_t)org->area_count;
}

/* ---------------------------------------------------------------- the daemon */

static void check_packs(const struct gp_request *request)
{
    struct gp_arena arena;
    struct gp_span packed;

    gp_arena_init(&arena, GP_UNPACK_BYTES_MAX * 4);
    PROMISE(gp_wire_request_pack(request, &arena, &packed) == 0);
    gp_arena_release(&arena);
}

static void answer(struct gp_open311_call *call, const struct gp_request *request)
{
    struct gp_reply reply = {.status = GP_STATUS_OK};

    check_packs(request);
    if (request->kind == GP_REQUEST_QUERY) {
        reply.kind = GP_REPLY_PAGE;
        reply.page.item = &incident;
        reply.page.count = 1;
    } else if (request->kind == GP_REQUEST_INCIDENT) {
        reply.kind = GP_REPLY_INCIDENT;
        reply.incident = &incident;
        reply.status = request->incident == incident.id ? GP_STATUS_OK : GP_STATUS_NOT_FOUND;
    } else if (request->kind == GP_REQUEST_FEED) {
        reply.kind = GP_REPLY_FEED;
        reply.feed.scanned_to = reply.feed.head = request->feed.after;
    } else {
        PROMISE(request->kind == GP_REQUEST_COMMAND);
        PROMISE(request->command.text.len <= sizeof stored);
        memcpy(stored, request->command.text.ptr, request->command.text.len);
        incident.text = (struct gp_span){stored, request->command.text.len};
        reply.kind = GP_REPLY_ANSWER;
        reply.answer.incident = 1;
    }
    gp_open311_told(call, 0, &reply);
}

/* ---------------------------------------------------------------- calls */

static void check_body(const struct gp_open311_answer *answered)
{
    struct gp_span body = answered->body;

    PROMISE(answered->status == 200 || answered->status == 400 || answered->status == 403 ||
            answered->status == 404);
    PROMISE(body.len > 0 && gp_utf8_valid(body));
    if (strstr(answered->type, "json") != NULL) {
        json_t *read = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, NULL);
        PROMISE(read != NULL);
        json_decref(read);
    } else {
        xmlDoc *read = xmlReadMemory(body.ptr, (int)body.len, "body", NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR);
        PROMISE(read != NULL);
        xmlFreeDoc(read);
    }
}

static bool has(struct gp_span text, const char *word)
{
    return text.len > 0 && memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

/* Returns whether the body has the secret in it. */
static bool play(const struct gp_open311_input *input, int *ret_status)
{
    const struct gp_open311_city city = {
        .org = &town.org,
        .changed_ms = NOW_MS,
        .person = GP_SPAN("zheng"),
        .url = GP_SPAN("https://city.example/open311/v2"),
        .key = take_key,
        .locate = locate,
    };
    struct gp_open311_call *call = gp_open311_begin(&city, input);
    const struct gp_request *request;
    unsigned asks = 0;

    PROMISE(call != NULL);
    while ((request = gp_open311_ask(call)) != NULL) {
        struct gp_request copy = *request;
        PROMISE(asks++ <= GP_OPEN311_ASKS_MAX);
        answer(call, &copy);
    }
    struct gp_open311_answer answered = gp_open311_answer(call);
    check_body(&answered);
    bool found = has(answered.body, SECRET);
    *ret_status = answered.status;
    gp_open311_end(call);
    return found;
}

static struct gp_open311_input input_of(bool post, struct gp_span path, struct gp_span form)
{
    struct gp_open311_input input = {
        .post = post, .path = path, .now_ms = NOW_MS, .command_id = {1}};

    if (post)
        input.form = form;
    else
        input.query = form;
    return input;
}

/* Whether the form's own public fields say it: then it may be seen. */
static bool says_it_itself(struct gp_span form)
{
    struct gp_open311_form read;
    struct gp_arena arena;
    bool found = false;

    gp_arena_init(&arena, 1024 * 1024);
    if (gp_open311_form_read(form, &arena, &read) == 0) {
        for (uint32_t i = 0; i < read.count; i++)
            found = found ||
                    (has(read.field[i].value, SECRET) && !gp_span_is(read.field[i].name, "email"));
    }
    gp_arena_release(&arena);
    return found;
}

/* A form of a report, with the sender's own address at its end; then what is shown of it. */
static void report_and_look(struct gp_span form)
{
    static const char fixed[] = "&email=" SECRET "&service_code=n4&address_id=" TOWN_GRID;
    size_t len = form.len + sizeof fixed - 1;
    char *whole = malloc(len);
    int status;

    PROMISE(whole != NULL);
    if (form.len > 0)
        memcpy(whole, form.ptr, form.len);
    memcpy(whole + form.len, fixed, sizeof fixed - 1);
    struct gp_open311_input input =
        input_of(true, GP_SPAN("requests.json"), (struct gp_span){whole, len});
    (void)play(&input, &status);
    if (status == 200) {
        bool own = says_it_itself(form);
        input = input_of(false, GP_SPAN("requests/1.json"), (struct gp_span){0});
        PROMISE(!play(&input, &status) || own);
        input = input_of(false, GP_SPAN("requests.xml"), GP_SPAN("extensions=true"));
        PROMISE(!play(&input, &status) || own);
    }
    free(whole);
}

/* Any bytes as a stored text of a report that came this way. */
static void show(struct gp_span text)
{
    struct gp_open311_input input =
        input_of(false, GP_SPAN("requests/1.xml"), GP_SPAN("extensions=true"));
    int status;

    incident.text = text;
    (void)play(&input, &status);
    input.path = GP_SPAN("requests/1.json");
    (void)play(&input, &status);
    PROMISE(status == 200);
}

static void build(void)
{
    if (town.org.area_count == 0)
        town_build(&town);
    incident = (struct gp_incident){
        .id = 1,
        .state = GP_STATE_ACCEPTED,
        .area = town.areas[town_area(&town, TOWN_GRID)].ref,
        .row = {.code = GP_SPAN("n4"), .condition = GP_SPAN("default")},
        .reporter = GP_SPAN("zheng"),
        .received_ms = NOW_MS - 1000,
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    uint8_t kind = fuzz_byte(&input);
    struct gp_span path = fuzz_rest(&input), rest = {0};
    const char *end = path.len > 0 ? memchr(path.ptr, '\n', path.len) : NULL;
    int status;

    if (end != NULL) {
        rest = (struct gp_span){end + 1, (size_t)(path.ptr + path.len - end - 1)};
        path.len = (size_t)(end - path.ptr);
    }
    build();
    if (kind == 'T') {
        show(rest);
    } else if (kind == 'R') {
        report_and_look(rest);
    } else {
        struct gp_open311_input asked = input_of(kind == 'P', path, rest);
        (void)play(&asked, &status);
    }
    return 0;
}
