/* A call from its begin to its end: which resource, the step under way, and the answer. */
#include "web/open311/internal.h"

#include "base/error.h"

#include <assert.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- mistakes */

void gp_open311_fail(struct gp_open311_call *call, int code, enum gp_open311_word word,
                     struct gp_span about)
{
    if (call->error_count == GP_OPEN311_ERRORS_MAX)
        return;
    call->error[call->error_count].code = code;
    call->error[call->error_count].text = gp_open311_say(&call->arena, call->language, word, about);
    call->error_count++;
}

/* The specification knows 404, 403 and 400, which is for all the rest; what is more exact is in the
 * body. */
static int http_status(int code)
{
    return code == GP_OPEN311_MISSING || code == GP_OPEN311_DENIED ? code : GP_OPEN311_BAD;
}

static void write_errors(struct gp_open311_call *call)
{
    struct gp_markup *markup = gp_open311_document(call);

    if (markup == NULL)
        return;
    gp_markup_list(markup, "errors");
    for (unsigned i = 0; i < call->error_count; i++) {
        gp_markup_object(markup, "error");
        gp_markup_number(markup, "code", call->error[i].code);
        gp_markup_text(markup, "description", call->error[i].text);
        gp_markup_close(markup);
    }
    gp_markup_close(markup);
    gp_open311_done(call, markup);
    call->status = http_status(call->error[0].code);
}

/* What the server has against it; the specification has no status for that, HTTP does. */
static void refuse(struct gp_open311_call *call, int status)
{
    enum gp_open311_word word = status == 429   ? GP_OPEN311_TOO_FAST
                                : status == 415 ? GP_OPEN311_NO_FORM
                                                : GP_OPEN311_UNREACHABLE;

    call->error_count = 0; /* nobody looks at other mistakes */
    gp_open311_fail_now(call, status, word, (struct gp_span){0});
    if (call->status != GP_OPEN311_BROKEN)
        call->status = status;
}

void gp_open311_fail_now(struct gp_open311_call *call, int code, enum gp_open311_word word,
                         struct gp_span about)
{
    gp_open311_fail(call, code, word, about);
    write_errors(call);
}

bool gp_open311_is_taken(struct gp_open311_call *call, const struct gp_reply *reply)
{
    if (reply->status == GP_STATUS_OK && reply->kind == GP_REPLY_ANSWER)
        return true;
    if (reply->status == GP_STATUS_REFUSED)
        gp_open311_fail_now(call, GP_OPEN311_BAD, GP_OPEN311_REFUSED,
                            gp_span_of(gp_reason_text(reply->reason)));
    else
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
    return false;
}

/* ---------------------------------------------------------------- steps */

void gp_open311_ask_next(struct gp_open311_call *call,
                         void (*told)(struct gp_open311_call *, const struct gp_reply *))
{
    if (call->asks++ == GP_OPEN311_ASKS_MAX) {
        gp_open311_fail_now(call, GP_OPEN311_BAD, GP_OPEN311_TOO_WIDE, (struct gp_span){0});
        return;
    }
    call->request.person = call->city.person;
    call->told = told;
}

const struct gp_request *gp_open311_ask(const struct gp_open311_call *call)
{
    return call->told != NULL ? &call->request : NULL;
}

void gp_open311_told(struct gp_open311_call *call, int error, const struct gp_reply *reply)
{
    void (*told)(struct gp_open311_call *, const struct gp_reply *) = call->told;

    assert(told != NULL);
    assert(error != 0 || reply != NULL);
    call->told = NULL;
    if (error != 0)
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
    else
        told(call, reply);
}

/* ---------------------------------------------------------------- the answer */

struct gp_markup *gp_open311_document(struct gp_open311_call *call)
{
    struct gp_markup *markup = NULL;

    if (gp_markup_open(call->format, &markup) != 0)
        gp_open311_done(call, NULL);
    return markup;
}

void gp_open311_done(struct gp_open311_call *call, struct gp_markup *markup)
{
    call->told = NULL;
    free(call->body);
    call->body = NULL;
    call->body_len = 0;
    call->status = GP_OPEN311_OK;
    if (markup == NULL || gp_markup_finish(markup, &call->body, &call->body_len) != 0)
        call->status = GP_OPEN311_BROKEN; /* not even words are to be had */
}

struct gp_open311_answer gp_open311_answer(const struct gp_open311_call *call)
{
    assert(call->told == NULL);
    return (struct gp_open311_answer){
        .status = call->status,
        .type = gp_markup_type(call->format),
        .body = {call->body, call->body_len},
    };
}

/* ---------------------------------------------------------------- which resource */

struct resource {
    const char *name;
    bool post, named; /* named: NAME/something */
    void (*begin)(struct gp_open311_call *call);
};

static const struct resource resources[] = {
    {"discovery", false, false, gp_open311_discovery},
    {"services", false, false, gp_open311_services},
    {"services", false, true, gp_open311_definition},
    {"requests", false, false, gp_open311_search},
    {"requests", true, false, gp_open311_report},
    {"requests", false, true, gp_open311_one},
    {"tokens", false, true, gp_open311_token},
    {"servicerequestupdates", false, false, gp_open311_updates},
    {"servicerequestupdates", true, false, gp_open311_comment},
};

/* Cuts the format off. Without one, or with one that is not known, it is XML. */
static enum gp_markup_format take_format(struct gp_span *path)
{
    static const struct gp_span json = {".json", 5}, xml = {".xml", 4};

    if (path->len > json.len && memcmp(path->ptr + path->len - json.len, json.ptr, json.len) == 0) {
        path->len -= json.len;
        return GP_MARKUP_JSON;
    }
    if (path->len > xml.len && memcmp(path->ptr + path->len - xml.len, xml.ptr, xml.len) == 0)
        path->len -= xml.len;
    return GP_MARKUP_XML;
}

/* The resource; or why there is none. */
static const struct resource *find(struct gp_span name, bool named, bool post,
                                   enum gp_open311_word *ret_why)
{
    *ret_why = GP_OPEN311_NOT_HERE;
    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
        if (!gp_span_is(name, resources[i].name) || resources[i].named != named)
            continue;
        if (resources[i].post == post)
            return &resources[i];
        *ret_why = GP_OPEN311_METHOD;
    }
    return NULL;
}

/* "services/C01-01" into both parts. */
static const struct resource *route(struct gp_open311_call *call, struct gp_span path, bool post,
                                    enum gp_open311_word *ret_why)
{
    const char *slash;
    size_t first;

    while (path.len > 0 && path.ptr[0] == '/')
        path = (struct gp_span){path.ptr + 1, path.len - 1};
    call->format = take_format(&path);
    slash = path.len > 0 ? memchr(path.ptr, '/', path.len) : NULL;
    first = slash != NULL ? (size_t)(slash - path.ptr) : path.len;
    if (slash != NULL && gp_open311_decode((struct gp_span){slash + 1, path.len - first - 1},
                                           &call->arena, &call->name) != 0) {
        *ret_why = GP_OPEN311_MALFORMED;
        return NULL;
    }
    return find((struct gp_span){path.ptr, first}, slash != NULL, post, ret_why);
}

/* A mistake in the form itself, or in whom it is meant for. */
static bool read_form(struct gp_open311_call *call, const struct gp_open311_input *input)
{
    int rc =
        gp_open311_form_read(input->post ? input->form : input->query, &call->arena, &call->form);
    struct gp_span jurisdiction;

    if (rc != 0) {
        gp_open311_fail(call, rc == GP_ENOMEM ? GP_OPEN311_BROKEN : GP_OPEN311_BAD,
                        rc == GP_ENOMEM ? GP_OPEN311_FAILED : GP_OPEN311_MALFORMED,
                        (struct gp_span){0});
        return false;
    }
    call->language =
        gp_open311_language(gp_open311_form_get(&call->form, "locale"), call->language);
    jurisdiction = gp_open311_form_get(&call->form, "jurisdiction_id");
    if (jurisdiction.len > 0 && call->city.jurisdiction.len > 0 &&
        !gp_span_equal(jurisdiction, call->city.jurisdiction)) {
        gp_open311_fail(call, GP_OPEN311_MISSING, GP_OPEN311_JURISDICTION, jurisdiction);
        return false;
    }
    return true;
}

struct gp_open311_call *gp_open311_begin(const struct gp_open311_city *city,
                                         const struct gp_open311_input *input)
{
    struct gp_open311_call *call = calloc(1, sizeof *call);
    const struct resource *resource;
    enum gp_open311_word why;

    if (call == NULL)
        return NULL;
    gp_arena_init(&call->arena, GP_OPEN311_ARENA);
    call->city = *city;
    call->language = city->language;
    call->now_ms = input->now_ms;
    memcpy(call->command_id, input->command_id, sizeof call->command_id);
    resource = route(call, input->path, input->post, &why);
    bool good = read_form(call, input); /* first: it says in which language to complain */
    if (input->refuse != 0)
        refuse(call, input->refuse);
    else if (resource == NULL && call->error_count == 0)
        gp_open311_fail(call, why == GP_OPEN311_NOT_HERE ? GP_OPEN311_MISSING : GP_OPEN311_BAD, why,
                        (struct gp_span){0});
    else if (good && resource != NULL)
        resource->begin(call);
    if (call->error_count > 0 && call->body == NULL)
        write_errors(call);
    return call;
}

void gp_open311_end(struct gp_open311_call *call)
{
    if (call == NULL)
        return;
    gp_arena_release(&call->search.arena);
    gp_arena_release(&call->arena);
    free(call->body);
    free(call);
}
