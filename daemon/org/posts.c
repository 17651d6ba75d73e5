/* posts.csv: who answers for what and where; which deputies stand in. */
#include "org/loader.h"

#include <stdlib.h>

enum { POST, KIND, AREAS, LINE, DEPARTMENT, DEPUTIES, COLUMNS };

static const struct gp_column columns[COLUMNS] = {
    [POST] = {"post", "岗位", true},
    [KIND] = {"kind", "岗位类别", true},
    [AREAS] = {"areas", "区划", false},
    [LINE] = {"line", "条线", false},
    [DEPARTMENT] = {"department", "部门", false},
    [DEPUTIES] = {"deputies", "代岗", false},
};

#define GP_POST_AREAS_MAX 512
#define GP_FIELD_AREAS    4 /* a field post covering more is doubtful: DOMAIN section 3 */

struct row_reader {
    struct gp_loader *loader;
    const struct gp_sheet *sheet;
    size_t row;
    struct gp_post *post;
    uint32_t areas[GP_POST_AREAS_MAX];
    bool too_many;
};

/* ---------------------------------------------------------------- cells */

static void area_word(void *context, struct gp_span word)
{
    struct row_reader *reader = context;
    uint32_t area = gp_org_area(reader->loader->org, word);

    if (area == GP_NONE)
        gp_sheet_find_link(reader->loader, reader->sheet, reader->row, AREAS, "org/areas.csv",
                           "no such area", "add it to org/areas.csv, or correct the code");
    else if (reader->post->area_count == GP_POST_AREAS_MAX)
        reader->too_many = true;
    else
        reader->areas[reader->post->area_count++] = area;
}

static void deputy_word(void *context, struct gp_span word)
{
    struct row_reader *reader = context;
    uint32_t person = gp_org_person(reader->loader->org, word);

    if (person == GP_NONE)
        gp_sheet_find_link(reader->loader, reader->sheet, reader->row, DEPUTIES, "org/people.csv",
                           "no such person", "add them to org/people.csv, or correct the id");
    else if (reader->post->deputy_count == GP_DEPUTIES_MAX)
        gp_sheet_find(reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, DEPUTIES,
                      "more than 8 deputies", "name the first eight");
    else
        reader->post->deputies[reader->post->deputy_count++] = person;
}

static bool of_department(uint8_t kind)
{
    return kind == GP_POST_F || kind == GP_POST_K || kind == GP_POST_H || kind == GP_POST_H2;
}

static void read_links(struct row_reader *reader)
{
    struct gp_loader *loader = reader->loader;
    struct gp_post *post = reader->post;
    struct gp_span line = gp_cell(reader->sheet, reader->row, LINE);
    struct gp_span department = gp_cell(reader->sheet, reader->row, DEPARTMENT);

    post->line = line.len > 0 ? gp_org_line(loader->org, line) : GP_NONE;
    post->department = department.len > 0 ? gp_org_department(loader->org, department) : GP_NONE;
    if (line.len > 0 && post->line == GP_NONE)
        gp_sheet_find_link(loader, reader->sheet, reader->row, LINE, "org/lines.csv",
                           "no such line", "add it to org/lines.csv, or correct the code");
    if (department.len > 0 && post->department == GP_NONE)
        gp_sheet_find_link(loader, reader->sheet, reader->row, DEPARTMENT, "org/departments.csv",
                           "no such department",
                           "add it to org/departments.csv, or correct the code");
    if (post->kind == GP_POST_A && line.len == 0)
        gp_sheet_find(loader, GP_FINDING_ERROR, reader->sheet, reader->row, LINE,
                      "an A post without line", "name its line of business");
    if (of_department(post->kind) && department.len == 0)
        gp_sheet_find(loader, GP_FINDING_ERROR, reader->sheet, reader->row, DEPARTMENT,
                      "a department's post without department", "name its department");
}

/* ---------------------------------------------------------------- where a kind may serve */

static bool level_fits(uint8_t kind, uint8_t level)
{
    switch ((enum gp_post_kind)kind) {
    case GP_POST_B:
        return level == GP_LEVEL_GRID;
    case GP_POST_D1:
    case GP_POST_D2:
    case GP_POST_R:
        return level == GP_LEVEL_COMMUNITY;
    case GP_POST_S1:
    case GP_POST_S2:
    case GP_POST_SK:
    case GP_POST_X:
        return level <= GP_LEVEL_STREET;
    default:
        return level <= GP_LEVEL_COMMUNITY;
    }
}

static void check_areas(struct row_reader *reader)
{
    const struct gp_post *post = reader->post;
    bool many = post->kind == GP_POST_F || post->kind == GP_POST_A;

    if (gp_cell(reader->sheet, reader->row, AREAS).len == 0 && !of_department(post->kind))
        gp_sheet_find(reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, AREAS,
                      "the post serves no area", "name the code of its area");
    if (reader->too_many)
        gp_sheet_find(reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, AREAS,
                      "more than 512 areas", "name an area above them");
    for (uint32_t i = 1; i < post->area_count; i++) {
        if (reader->areas[i - 1] == reader->areas[i])
            gp_sheet_find(reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, AREAS,
                          "an area is named twice", "remove one");
    }
    for (uint32_t i = 0; i < post->area_count; i++) {
        if (!level_fits(post->kind, reader->loader->org->areas[reader->areas[i]].ref.level))
            gp_sheet_find(
                reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, AREAS,
                "an area of a level that this kind of post does not serve",
                "B: grid; D and R: community; S and X: street or district; else community "
                "or above");
    }
    if (!many && !of_department(post->kind) && post->area_count > 1)
        gp_sheet_find(reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, AREAS,
                      "this kind of post serves one area", "make a post for each area");
    if (post->kind == GP_POST_F && post->area_count > GP_FIELD_AREAS)
        gp_sheet_find(reader->loader, GP_FINDING_WARNING, reader->sheet, reader->row, AREAS,
                      "a field post covering more than 4 communities", "add a field post");
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void read_post(struct row_reader *reader)
{
    struct gp_loader *loader = reader->loader;
    struct gp_post *post = reader->post;
    uint32_t *areas;

    post->id = gp_cell_id(loader, reader->sheet, reader->row, POST, true);
    post->key = gp_post_key(post->id);
    post->kind = (uint8_t)gp_post_kind_parse(gp_cell(reader->sheet, reader->row, KIND));
    if (post->kind == 0 || post->kind == GP_POST_Z)
        gp_sheet_find(loader, GP_FINDING_ERROR, reader->sheet, reader->row, KIND,
                      "no such kind of post",
                      "use: A B F K H H2 D1 D2 R S1 S2 SK X (Z: roster.csv)");
    read_links(reader);
    gp_cell_words(gp_cell(reader->sheet, reader->row, AREAS), area_word, reader);
    gp_cell_words(gp_cell(reader->sheet, reader->row, DEPUTIES), deputy_word, reader);
    qsort(reader->areas, post->area_count, sizeof *reader->areas, by_number);
    if (post->kind != 0)
        check_areas(reader);
    areas = gp_loader_array(loader, post->area_count, sizeof *areas);
    if (areas != NULL)
        memcpy(areas, reader->areas, post->area_count * sizeof *areas);
    post->areas = areas;
}

/* ---------------------------------------------------------------- order and indexes */

struct raw { /* a post and the row it came from, while sorting */
    struct gp_post post;
    size_t row;
};

static int by_id(const void *a, const void *b)
{
    return gp_span_compare(((const struct raw *)a)->post.id, ((const struct raw *)b)->post.id);
}

/* An error about the later of two posts that cannot both be. */
static void find_pair(struct gp_loader *loader, const struct gp_sheet *sheet, const struct raw *a,
                      const struct raw *b, const char *problem, const char *remedy)
{
    gp_sheet_find(loader, GP_FINDING_ERROR, sheet, a->row > b->row ? a->row : b->row, POST, problem,
                  remedy);
}

static int by_key(const void *a, const void *b, void *context)
{
    const struct raw *raw = context;
    uint32_t x = raw[*(const uint32_t *)a].post.key, y = raw[*(const uint32_t *)b].post.key;
    return (x > y) - (x < y);
}

static void index_keys(struct gp_loader *loader, const struct gp_sheet *sheet, struct raw *raw)
{
    size_t count = sheet->row_count;
    uint32_t *index = gp_loader_array(loader, count, sizeof *index);

    if (index == NULL)
        return;
    for (uint32_t i = 0; i < count; i++)
        index[i] = i;
    qsort_r(index, count, sizeof *index, by_key, raw);
    loader->org->posts_by_key = index;
    for (size_t i = 1; i < count; i++) {
        const struct raw *a = &raw[index[i - 1]], *b = &raw[index[i]];
        if (a->post.key == b->post.key && !gp_span_equal(a->post.id, b->post.id))
            find_pair(loader, sheet, a, b, "its key in the store equals another post's",
                      "rename it");
    }
}

static int by_scope(const void *a, const void *b)
{
    const struct gp_scope *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->area != y->area)
        return x->area < y->area ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->department > y->department) - (x->department < y->department);
}

static struct gp_scope scope_of(const struct gp_post *post, uint32_t index, uint32_t area)
{
    return (struct gp_scope){
        .kind = post->kind,
        .area = area,
        .line = post->kind == GP_POST_A ? post->line : GP_NONE,
        .department = of_department(post->kind) ? post->department : GP_NONE,
        .post = index,
    };
}

/* One row for each area of each post, or one without; returns how many. */
static size_t list_scopes(const struct raw *raw, size_t count, struct gp_scope *scopes)
{
    size_t listed = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct gp_post *post = &raw[i].post;
        if (post->area_count == 0)
            scopes[listed++] = scope_of(post, i, GP_NONE);
        for (uint32_t j = 0; j < post->area_count; j++)
            scopes[listed++] = scope_of(post, i, post->areas[j]);
    }
    return listed;
}

static void index_scopes(struct gp_loader *loader, const struct gp_sheet *sheet,
                         const struct raw *raw)
{
    size_t room = 0;

    for (size_t i = 0; i < sheet->row_count; i++)
        room += raw[i].post.area_count > 0 ? raw[i].post.area_count : 1;
    struct gp_scope *scopes = gp_loader_array(loader, room, sizeof *scopes);
    if (scopes == NULL)
        return;
    size_t count = list_scopes(raw, sheet->row_count, scopes);
    qsort(scopes, count, sizeof *scopes, by_scope);
    loader->org->scopes = scopes;
    loader->org->scope_count = count;
    if (!gp_loader_whole(loader, "org/areas.csv") || !gp_loader_whole(loader, "org/lines.csv") ||
        !gp_loader_whole(loader, "org/departments.csv"))
        return; /* posts whose place is not known look alike */
    for (size_t i = 1; i < count; i++) {
        const struct gp_scope *a = &scopes[i - 1], *b = &scopes[i];
        if (by_scope(a, b) == 0 && a->post != b->post && a->kind != 0)
            find_pair(loader, sheet, &raw[a->post], &raw[b->post],
                      "another post of this kind serves the same area and line or department",
                      "give them different areas, or use deputies");
    }
}

static void settle(struct gp_loader *loader, const struct gp_sheet *sheet, struct raw *raw)
{
    struct gp_post *posts = gp_loader_array(loader, sheet->row_count, sizeof *posts);

    if (posts == NULL)
        return;
    qsort(raw, sheet->row_count, sizeof *raw, by_id);
    for (size_t i = 0; i < sheet->row_count; i++)
        posts[i] = raw[i].post;
    loader->org->posts = posts;
    loader->org->post_count = sheet->row_count;
    gp_sheet_unique(loader, sheet, POST, POST, "the post is there twice",
                    "remove or rename one row");
    index_keys(loader, sheet, raw);
    index_scopes(loader, sheet, raw);
}

void gp_load_posts(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct raw *raw;

    if (gp_sheet_load(loader, "org/posts.csv", columns, COLUMNS, true, &sheet) != 0)
        return;
    raw = calloc(sheet.row_count + 1, sizeof *raw);
    if (raw == NULL)
        loader->error = GP_ENOMEM;
    for (size_t row = 0; loader->error == 0 && row < sheet.row_count; row++) {
        struct row_reader reader = {
            .loader = loader, .sheet = &sheet, .row = row, .post = &raw[row].post};
        raw[row].row = row;
        read_post(&reader);
    }
    if (loader->error == 0)
        settle(loader, &sheet, raw);
    free(raw);
    gp_sheet_release(&sheet);
}
