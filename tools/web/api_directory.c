/* Names: what the pages need of the city's files. No phone numbers, and nothing of devices. */
#include "web/api.h"

#include "show/show.h"

static json_t *code_of(const struct gp_org *org, uint32_t area)
{
    return area != GP_NONE ? gp_show_text(org->areas[area].code) : json_null();
}

bool gp_api_area_valid(const struct gp_area *area, int64_t at_ms)
{
    return area->valid_from_ms <= at_ms && at_ms < area->valid_to_ms;
}

/* Parents first: a parent has fewer digits. */
static json_t *areas_json(const struct gp_org *org, int64_t now_ms)
{
    json_t *list = json_array();

    for (int level = 1; level <= GP_LEVEL_GRID; level++) {
        for (size_t i = 0; i < org->area_count; i++) {
            const struct gp_area *area = &org->areas[i];
            if (area->ref.level != level || !gp_api_area_valid(area, now_ms))
                continue;
            json_array_append_new(
                list, json_pack("{s:o, s:s, s:o, s:o}", "code", gp_show_text(area->code), "level",
                                gp_level_name(level), "name", gp_show_text(area->name), "parent",
                                code_of(org, area->parent)));
        }
    }
    return list;
}

static json_t *department_code(const struct gp_org *org, uint32_t department)
{
    return department != GP_NONE ? gp_show_text(org->departments[department].code) : json_null();
}

static json_t *departments_json(const struct gp_org *org)
{
    json_t *list = json_array();

    for (size_t i = 0; i < org->department_count; i++) {
        const struct gp_department *department = &org->departments[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "code", gp_show_text(department->code),
                                        "name_zh", gp_show_text(department->name_zh), "name_en",
                                        gp_show_text(department->name_en)));
    }
    return list;
}

static json_t *lines_json(const struct gp_org *org)
{
    json_t *list = json_array();

    for (size_t i = 0; i < org->line_count; i++) {
        const struct gp_line *line = &org->lines[i];
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o}", "code", gp_show_text(line->code), "name_zh",
                            gp_show_text(line->name_zh), "name_en", gp_show_text(line->name_en),
                            "department", department_code(org, line->department)));
    }
    return list;
}

static json_t *people_json(const struct gp_org *org)
{
    json_t *list = json_array();

    for (size_t i = 0; i < org->person_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "id", gp_show_text(org->persons[i].id),
                                              "name", gp_show_text(org->persons[i].name)));
    return list;
}

static json_t *posts_json(const struct gp_org *org)
{
    json_t *list = json_array();

    for (size_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        json_t *areas = json_array();
        for (uint32_t k = 0; k < post->area_count; k++)
            json_array_append_new(areas, code_of(org, post->areas[k]));
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:o, s:o, s:o}", "id", gp_show_text(post->id), "kind",
                            gp_post_kind_name(post->kind), "areas", areas, "line",
                            post->line != GP_NONE ? gp_show_text(org->lines[post->line].code)
                                                  : json_null(),
                            "department", department_code(org, post->department)));
    }
    return list;
}

static json_t *category_json(const struct gp_org *org, const struct gp_row *row)
{
    char limit[GP_LIMIT_TEXT_BYTES];

    gp_limit_format(&row->limit, limit);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:b}", "category",
                     gp_show_text(row->code), "condition", gp_show_text(row->condition), "name_zh",
                     gp_show_text(row->name_zh), "name_en", gp_show_text(row->name_en),
                     "condition_zh", gp_show_text(row->condition_zh), "line",
                     gp_show_text(org->lines[row->line].code), "department",
                     department_code(org, row->department), "limit", limit, "on_spot", row->on_spot,
                     "informed", row->informed);
}

/* The version of each row that is in force. */
static json_t *categories_json(const struct gp_org *org, int64_t now_ms)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < org->row_count; i++) {
        const struct gp_row *row = &org->rows[i];
        if (gp_org_row(org, row->code, row->condition, now_ms) == i)
            json_array_append_new(list, category_json(org, row));
    }
    return list;
}

static json_t *city_of(const struct gp_org *org)
{
    const struct gp_area *top = NULL;

    for (size_t i = 0; i < org->area_count; i++) {
        if (org->areas[i].parent == GP_NONE &&
            (top == NULL || org->areas[i].ref.level < top->ref.level))
            top = &org->areas[i];
    }
    return top != NULL ? gp_show_text(top->name) : json_null();
}

void gp_api_directory(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    struct gp_ask *ask = gp_ask_begin(exchange, web);
    char etag[80];

    if (ask == NULL)
        return;
    const struct gp_org *org = ask->speaker.org;
    int64_t now_ms = ask->speaker.now_ms;
    (void)snprintf(etag, sizeof etag, "\"%s\"", web->digest);
    if (gp_ask_tag(ask, etag))
        return;
    gp_ask_json(ask, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "digest", web->digest,
                               "city", city_of(org), "areas", areas_json(org, now_ms),
                               "departments", departments_json(org), "lines", lines_json(org),
                               "people", people_json(org), "posts", posts_json(org), "categories",
                               categories_json(org, now_ms)));
}
