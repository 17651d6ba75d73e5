/*
 * Services out of the catalogue. A category is a service; where several of its rows are to be had,
 * its conditions are the values of one attribute, `condition`. A row that is private is not there.
 */
#include "web/open311/internal.h"

#include "base/clocktext.h"

#define CONDITION "condition"

/* ---------------------------------------------------------------- rows */

static bool is_offered(const struct gp_open311_call *call, uint32_t row)
{
    const struct gp_org *org = call->city.org;

    return !org->rows[row].is_private && org->rows[row].valid_from_ms <= call->now_ms &&
           call->now_ms < gp_org_row_until(org, row);
}

/* The rows of a category that are offered, from an index on: how many, and the first. */
static unsigned count_rows(const struct gp_open311_call *call, uint32_t from, uint32_t *ret_first,
                           bool *ret_default)
{
    const struct gp_org *org = call->city.org;
    unsigned count = 0;

    *ret_default = false;
    for (uint32_t i = from;
         i < org->row_count && gp_span_equal(org->rows[i].code, org->rows[from].code); i++) {
        if (!is_offered(call, i))
            continue;
        if (count++ == 0)
            *ret_first = i;
        *ret_default = *ret_default || gp_span_is(org->rows[i].condition, "default");
    }
    return count;
}

/* The first row of the category that comes after a row's; row_count: there is none. */
static uint32_t next_category(const struct gp_org *org, uint32_t row)
{
    uint32_t next = row + 1;

    while (next < org->row_count && gp_span_equal(org->rows[next].code, org->rows[row].code))
        next++;
    return next;
}

/* Its first row, of any version; GP_NONE: there is no such category. */
static uint32_t category(const struct gp_open311_call *call, struct gp_span code)
{
    const struct gp_org *org = call->city.org;

    for (uint32_t i = 0; i < org->row_count; i = next_category(org, i)) {
        if (gp_span_equal(org->rows[i].code, code))
            return i;
    }
    return GP_NONE;
}

bool gp_open311_service_known(const struct gp_open311_call *call, struct gp_span code)
{
    uint32_t from = category(call, code), first;
    bool has_default;

    return from != GP_NONE && count_rows(call, from, &first, &has_default) > 0;
}

uint32_t gp_open311_service_row(const struct gp_open311_call *call, struct gp_span code,
                                struct gp_span condition)
{
    const struct gp_org *org = call->city.org;
    uint32_t from = category(call, code), first, row;
    bool has_default;

    if (from == GP_NONE)
        return GP_NONE;
    unsigned count = count_rows(call, from, &first, &has_default);
    if (condition.len == 0 && count == 1)
        return first;
    if (condition.len == 0 && !has_default)
        return GP_NONE;
    row = gp_org_row(org, code, condition.len > 0 ? condition : GP_SPAN("default"), call->now_ms);
    return row != GP_NONE && is_offered(call, row) ? row : GP_NONE;
}

struct gp_span gp_open311_conditions(struct gp_open311_call *call, struct gp_span code)
{
    const struct gp_org *org = call->city.org;
    uint32_t from = category(call, code);
    char text[400];
    size_t used = 0;

    for (uint32_t i = from; from != GP_NONE && i < next_category(org, from); i++) {
        struct gp_span condition = org->rows[i].condition;
        if (!is_offered(call, i) || used + condition.len + 2 > sizeof text)
            continue;
        if (used > 0)
            text[used++] = ',';
        memcpy(text + used, condition.ptr, condition.len);
        used += condition.len;
    }
    struct gp_span copy = gp_arena_copy(&call->arena, (struct gp_span){text, used});
    return copy.ptr != NULL ? copy : (struct gp_span){0};
}

/* ---------------------------------------------------------------- names */

static struct gp_span in_language(const struct gp_open311_call *call, struct gp_span zh,
                                  struct gp_span en)
{
    if (call->language == GP_OPEN311_EN)
        return en.len > 0 ? en : zh;
    return zh.len > 0 ? zh : en;
}

struct gp_span gp_open311_row_name(const struct gp_open311_call *call, const struct gp_row *row)
{
    struct gp_span name = in_language(call, row->name_zh, row->name_en);

    return name.len > 0 ? name : row->code;
}

struct gp_span gp_open311_condition_name(const struct gp_open311_call *call,
                                         const struct gp_row *row)
{
    if (gp_span_is(row->condition, "default") && row->condition_zh.len == 0)
        return gp_span_of(gp_open311_word(call->language, GP_OPEN311_GENERAL));
    return in_language(call, row->condition_zh, row->condition);
}

struct gp_span gp_open311_department_name(const struct gp_open311_call *call, struct gp_span code)
{
    const struct gp_org *org = call->city.org;
    uint32_t index = gp_org_department(org, code);

    if (index == GP_NONE)
        return code;
    struct gp_span name =
        in_language(call, org->departments[index].name_zh, org->departments[index].name_en);
    return name.len > 0 ? name : code;
}

static struct gp_span line_name(const struct gp_open311_call *call, uint32_t index)
{
    const struct gp_line *line = &call->city.org->lines[index];
    struct gp_span name = in_language(call, line->name_zh, line->name_en);

    return name.len > 0 ? name : line->code;
}

/* ---------------------------------------------------------------- the list */

struct keywords {
    char text[400];
    size_t used;
};

/* A comma within a keyword would make two of it. */
static void add_keyword(struct keywords *words, struct gp_span word)
{
    if (word.len == 0 || words->used + word.len + 2 > sizeof words->text)
        return;
    if (words->used > 0) {
        memcpy(words->text + words->used, ", ", 2);
        words->used += 2;
    }
    for (size_t i = 0; i < word.len; i++)
        words->text[words->used++] = word.ptr[i] == ',' ? ';' : word.ptr[i];
}

/* What people may call it: both languages' names, and its conditions. */
static void write_keywords(const struct gp_open311_call *call, struct gp_markup *markup,
                           uint32_t first)
{
    const struct gp_org *org = call->city.org;
    const struct gp_row *row = &org->rows[first];
    struct keywords words = {.used = 0};

    add_keyword(&words, row->name_zh);
    add_keyword(&words, row->name_en);
    for (uint32_t i = first; i < next_category(org, first); i++) {
        if (is_offered(call, i))
            add_keyword(&words, org->rows[i].condition_zh);
    }
    gp_markup_text(markup, "keywords", (struct gp_span){words.text, words.used});
}

static void write_service(struct gp_open311_call *call, struct gp_markup *markup, uint32_t first,
                          unsigned count)
{
    const struct gp_org *org = call->city.org;
    const struct gp_row *row = &org->rows[first];
    struct gp_span department =
        gp_open311_department_name(call, org->departments[row->department].code);

    gp_markup_object(markup, "service");
    gp_markup_text(markup, "service_code", row->code);
    gp_markup_text(markup, "service_name", gp_open311_row_name(call, row));
    gp_markup_text(markup, "description",
                   gp_open311_say(&call->arena, call->language, GP_OPEN311_SERVICE_OF, department));
    gp_markup_bool(markup, "metadata", count > 1);
    gp_markup_word(markup, "type", "realtime");
    write_keywords(call, markup, first);
    gp_markup_text(markup, "group", line_name(call, row->line));
    gp_markup_close(markup);
}

void gp_open311_services(struct gp_open311_call *call)
{
    const struct gp_org *org = call->city.org;
    struct gp_markup *markup = gp_open311_document(call);
    bool has_default;

    if (markup == NULL)
        return;
    gp_markup_list(markup, "services");
    for (uint32_t i = 0, first; i < org->row_count; i = next_category(org, i)) {
        unsigned count = count_rows(call, i, &first, &has_default);
        if (count > 0)
            write_service(call, markup, first, count);
    }
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}

/* ---------------------------------------------------------------- a definition */

static void write_values(const struct gp_open311_call *call, struct gp_markup *markup,
                         uint32_t first)
{
    const struct gp_org *org = call->city.org;

    gp_markup_list(markup, "values");
    for (uint32_t i = first; i < next_category(org, first); i++) {
        if (!is_offered(call, i))
            continue;
        gp_markup_object(markup, "value");
        gp_markup_text(markup, "key", org->rows[i].condition);
        gp_markup_text(markup, "name", gp_open311_condition_name(call, &org->rows[i]));
        gp_markup_close(markup);
    }
    gp_markup_close(markup);
}

static void write_attribute(const struct gp_open311_call *call, struct gp_markup *markup,
                            uint32_t first, bool required)
{
    gp_markup_object(markup, "attribute");
    gp_markup_bool(markup, "variable", true);
    gp_markup_word(markup, "code", CONDITION);
    gp_markup_word(markup, "datatype", "singlevaluelist");
    gp_markup_bool(markup, "required", required);
    gp_markup_null(markup, "datatype_description");
    gp_markup_number(markup, "order", 1);
    gp_markup_word(markup, "description", gp_open311_word(call->language, GP_OPEN311_CONDITION));
    write_values(call, markup, first);
    gp_markup_close(markup);
}

void gp_open311_definition(struct gp_open311_call *call)
{
    uint32_t from = category(call, call->name), first = 0;
    bool has_default = false;
    unsigned count = from != GP_NONE ? count_rows(call, from, &first, &has_default) : 0;
    struct gp_markup *markup;

    if (count == 0) {
        gp_open311_fail_now(call, GP_OPEN311_MISSING, GP_OPEN311_NO_SERVICE, call->name);
        return;
    }
    markup = gp_open311_document(call);
    if (markup == NULL)
        return;
    gp_markup_object(markup, "service_definition");
    gp_markup_text(markup, "service_code", call->name);
    gp_markup_list(markup, "attributes");
    if (count > 1)
        write_attribute(call, markup, first, !has_default);
    gp_markup_close(markup);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}

/* ---------------------------------------------------------------- discovery */

static void write_endpoint(const struct gp_open311_call *call, struct gp_markup *markup,
                           int64_t zone_ms)
{
    gp_markup_object(markup, "endpoint");
    gp_markup_word(markup, "specification", "http://wiki.open311.org/GeoReport_v2");
    gp_markup_text(markup, "url", call->city.url);
    gp_markup_instant(markup, "changeset", call->city.changed_ms, zone_ms);
    gp_markup_word(markup, "type", call->city.test ? "test" : "production");
    gp_markup_list(markup, "formats");
    gp_markup_word(markup, "format", "text/xml");
    gp_markup_word(markup, "format", "application/json");
    gp_markup_close(markup);
    gp_markup_close(markup);
}

void gp_open311_discovery(struct gp_open311_call *call)
{
    int64_t zone_ms = gp_open311_zone(call, call->city.area);
    struct gp_markup *markup = gp_open311_document(call);

    if (markup == NULL)
        return;
    gp_markup_object(markup, "discovery");
    gp_markup_instant(markup, "changeset", call->city.changed_ms, zone_ms);
    gp_markup_text(markup, "contact", call->city.contact);
    gp_markup_text(markup, "key_service", call->city.key_service);
    gp_markup_list(markup, "endpoints");
    write_endpoint(call, markup, zone_ms);
    gp_markup_close(markup);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}
