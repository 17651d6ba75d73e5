#include "replay/city.h"

#include "base/error.h"
#include "core/limit.h"
#include "replay/file.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GP_DISTRICT "900001"
/* Deep enough in the past for every export. */
#define GP_SINCE "1990-01-01"

struct writer {
    const char *folder;
    const char *mapping_path;
    const struct gp_mapping *mapping;
    const struct gp_replay_table *table;
    FILE *file;
    int error;
};

/* ---------------------------------------------------------------- files */

static void open_file(struct writer *writer, const char *name)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", writer->folder, name);
    writer->file = writer->error == 0 ? fopen(path, "wxe") : NULL;
    if (writer->error == 0 && writer->file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        writer->error = GP_EIO;
    }
}

static void close_file(struct writer *writer)
{
    if (writer->file != NULL && fclose(writer->file) != 0 && writer->error == 0) {
        fprintf(stderr, "%s: %s\n", writer->folder, strerror(errno));
        writer->error = GP_EIO;
    }
    writer->file = NULL;
}

static void make_folder(struct writer *writer, const char *name)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", writer->folder, name);
    if (writer->error == 0 && mkdir(path, 0777) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        writer->error = errno == EEXIST ? GP_EEXIST : GP_EIO;
    }
}

/* A cell in quotes, control characters as blanks, cut to what an id may have. */
static void cell(struct writer *writer, const char *text)
{
    size_t len = strlen(text);

    if (len > GP_ID_BYTES_MAX) {
        len = GP_ID_BYTES_MAX;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--; /* not inside a character */
    }
    fputc('"', writer->file);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            fputc('"', writer->file);
        fputc((unsigned char)text[i] < 0x20 ? ' ' : text[i], writer->file);
    }
    fputc('"', writer->file);
}

/* The part of a path of names behind its last separator. */
static const char *last_name(const char *path)
{
    const char *separator = strrchr(path, '\x1f');
    return separator != NULL ? separator + 1 : path;
}

static void copy_file(struct writer *writer, const char *from, const char *to)
{
    char mapping[PATH_MAX], path[PATH_MAX];
    char *data = NULL;
    size_t len = 0;

    if (writer->error != 0)
        return;
    (void)snprintf(mapping, sizeof mapping, "%s", writer->mapping_path);
    if (snprintf(path, sizeof path, "%s/%s", dirname(mapping), from) >= (int)sizeof path)
        writer->error = GP_ELIMIT;
    else
        writer->error = gp_replay_read(path, &data, &len);
    if (writer->error != 0) {
        fprintf(stderr, "%s: %s\n", path, gp_error_text(writer->error));
        return;
    }
    open_file(writer, to);
    if (writer->file != NULL && fwrite(data, 1, len, writer->file) != len)
        writer->error = GP_EIO;
    close_file(writer);
    free(data);
}

/* ---------------------------------------------------------------- codes */

static uint32_t parent_number(const struct gp_names *names, const char *child)
{
    char parent[700];

    (void)snprintf(parent, sizeof parent, "%s", child);
    *strrchr(parent, '\x1f') = '\0';
    /* The parent was numbered before its child; looking it up adds nothing. */
    return gp_names_number((struct gp_names *)(uintptr_t)names, parent);
}

/* How many areas of the same parent come up to this one. */
static unsigned place_among(const struct gp_names *names, uint32_t number)
{
    const char *name = names->item[number];
    const char *separator = strrchr(name, '\x1f');
    size_t len = separator != NULL ? (size_t)(separator - name) + 1 : 0;
    unsigned place = 0;

    for (uint32_t i = 0; i <= number; i++)
        place += strncmp(names->item[i], name, len) == 0;
    return place;
}

void gp_replay_grid_code(const struct gp_replay_table *table, uint32_t grid,
                         char ret_code[GP_REPLAY_CODE_BYTES])
{
    uint32_t community = parent_number(&table->communities, table->grids.item[grid]);
    uint32_t street = parent_number(&table->streets, table->communities.item[community]);

    (void)snprintf(ret_code, GP_REPLAY_CODE_BYTES, GP_DISTRICT "%03u%03u%03u",
                   place_among(&table->streets, street) % 1000,
                   place_among(&table->communities, community) % 1000,
                   place_among(&table->grids, grid) % 1000);
}

void gp_replay_row_code(const struct gp_replay_row *row, char ret_category[GP_REPLAY_CODE_BYTES],
                        char ret_condition[GP_REPLAY_CODE_BYTES])
{
    (void)snprintf(ret_category, GP_REPLAY_CODE_BYTES, "c%03u", row->category + 1);
    (void)snprintf(ret_condition, GP_REPLAY_CODE_BYTES, "d%02u", row->department + 1);
}

static void check_sizes(struct writer *writer)
{
    const struct gp_names *levels[] = {&writer->table->streets, &writer->table->communities,
                                       &writer->table->grids};

    for (size_t level = 0; level < 3; level++) {
        for (uint32_t i = 0; i < levels[level]->count; i++) {
            if (place_among(levels[level], i) > 999) {
                fputs("more than 999 areas below one: choose other area columns\n", stderr);
                writer->error = GP_ELIMIT;
                return;
            }
        }
    }
}

/* ---------------------------------------------------------------- areas */

static void write_areas(struct writer *writer)
{
    const struct gp_replay_table *table = writer->table;
    char code[GP_REPLAY_CODE_BYTES];

    open_file(writer, "org/areas.csv");
    if (writer->file == NULL)
        return;
    fputs("code,name,level,households,calendar\n" GP_DISTRICT ",", writer->file);
    cell(writer, writer->mapping->name);
    fputs(",district,,\n", writer->file);
    for (uint32_t i = 0; i < table->streets.count; i++) {
        fprintf(writer->file, GP_DISTRICT "%03u,", place_among(&table->streets, i));
        cell(writer, table->streets.item[i]);
        fputs(",street,,\n", writer->file);
    }
    for (uint32_t i = 0; i < table->communities.count; i++) {
        uint32_t street = parent_number(&table->streets, table->communities.item[i]);
        fprintf(writer->file, GP_DISTRICT "%03u%03u,", place_among(&table->streets, street),
                place_among(&table->communities, i));
        cell(writer, last_name(table->communities.item[i]));
        fputs(",community,,\n", writer->file);
    }
    for (uint32_t i = 0; i < table->grids.count; i++) {
        gp_replay_grid_code(table, i, code);
        fprintf(writer->file, "%s,", code);
        cell(writer, last_name(table->grids.item[i]));
        fputs(",grid,,\n", writer->file);
    }
    close_file(writer);
}

/* ---------------------------------------------------------------- departments and catalogue */

static void write_departments(struct writer *writer)
{
    const struct gp_names *names = &writer->table->departments;

    open_file(writer, "org/departments.csv");
    if (writer->file == NULL)
        return;
    fputs("code,name_zh,name_en\n", writer->file);
    for (uint32_t i = 0; i < names->count; i++) {
        fprintf(writer->file, "d%02u,", i + 1);
        cell(writer, names->item[i]);
        fputc(',', writer->file);
        cell(writer, names->item[i]);
        fputc('\n', writer->file);
    }
    close_file(writer);
    open_file(writer, "org/lines.csv");
    if (writer->file == NULL)
        return;
    fputs("code,name_zh,name_en,department\n", writer->file);
    for (uint32_t i = 0; i < names->count; i++) {
        fprintf(writer->file, "d%02u,", i + 1);
        cell(writer, names->item[i]);
        fprintf(writer->file, ",,d%02u\n", i + 1);
    }
    close_file(writer);
}

static const char *limit_of(const struct gp_mapping *mapping, const char *category)
{
    for (unsigned i = 0; i < mapping->limits_count; i++) {
        if (strcmp(mapping->limits[i].category, category) == 0)
            return mapping->limits[i].limit;
    }
    return mapping->default_limit;
}

static void write_row(struct writer *writer, const char *key)
{
    struct gp_names *categories = (struct gp_names *)(uintptr_t)&writer->table->categories;
    struct gp_names *departments = (struct gp_names *)(uintptr_t)&writer->table->departments;
    const char *separator = strrchr(key, '\x1f');
    char category[300];
    struct gp_limit limit;

    (void)snprintf(category, sizeof category, "%.*s", (int)(separator - key), key);
    uint32_t department = gp_names_number(departments, separator + 1);
    const char *text = limit_of(writer->mapping, category);
    if (gp_limit_parse(gp_span_of(text), &limit) != 0) {
        fprintf(stderr, "%s: '%s' is no limit (category %s)\n", writer->mapping_path, text,
                category);
        writer->error = GP_EFORMAT;
    }
    fprintf(writer->file, "c%03u,d%02u,", gp_names_number(categories, category) + 1,
            department + 1);
    cell(writer, category);
    fprintf(writer->file, ",,,d%02u,d%02u,A,,normal,%s,%s,,no,no,no,%s\n", department + 1,
            department + 1, text, writer->mapping->policy, writer->mapping->wd_mode);
}

static void write_catalogue(struct writer *writer)
{
    open_file(writer, "org/catalogue.csv");
    if (writer->file == NULL)
        return;
    fputs("code,condition,name_zh,name_en,condition_zh,line,department,first_owner,tell,urgency,"
          "limit,policy,first_act,on_spot,private,informed,wd_mode\n",
          writer->file);
    for (uint32_t i = 0; i < writer->table->rows.count; i++)
        write_row(writer, writer->table->rows.item[i]);
    close_file(writer);
}

/* ---------------------------------------------------------------- posts and people */

static void add_post(FILE *posts, FILE *people, FILE *holdings, const char *id, const char *kind,
                     const char *area, const char *department)
{
    fprintf(posts, "%s,%s,%s,%s,%s,\n", id, kind, area, kind[0] == 'A' ? department : "",
            department);
    fprintf(people, "p.%s,p.%s,,\n", id, id);
    fprintf(holdings, "%s,p.%s," GP_SINCE ",\n", id, id);
}

static void add_department(const struct gp_replay_table *table, FILE *posts, FILE *people,
                           FILE *holdings, const char *department)
{
    static const char *const kinds[] = {"F", "K", "H", "H2"};
    char id[60], area[GP_REPLAY_CODE_BYTES];

    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(id, sizeof id, "%s.%s", kinds[i], department);
        add_post(posts, people, holdings, id, kinds[i], "", department);
    }
    for (uint32_t i = 0; i < table->streets.count; i++) {
        (void)snprintf(area, sizeof area, GP_DISTRICT "%03u", place_among(&table->streets, i));
        (void)snprintf(id, sizeof id, "A.%s.%s", department, area);
        add_post(posts, people, holdings, id, "A", area, department);
    }
}

static void add_territory(const struct gp_replay_table *table, FILE *posts, FILE *people,
                          FILE *holdings)
{
    static const char *const district[] = {"S1", "S2", "SK", "X"};
    static const char *const community[] = {"D1", "D2", "R"};
    char id[60], code[GP_REPLAY_CODE_BYTES];

    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(id, sizeof id, "%s." GP_DISTRICT, district[i]);
        add_post(posts, people, holdings, id, district[i], GP_DISTRICT, "");
    }
    for (uint32_t i = 0; i < table->communities.count; i++) {
        uint32_t street = parent_number(&table->streets, table->communities.item[i]);
        (void)snprintf(code, sizeof code, GP_DISTRICT "%03u%03u",
                       place_among(&table->streets, street), place_among(&table->communities, i));
        for (size_t j = 0; j < 3; j++) {
            (void)snprintf(id, sizeof id, "%s.%s", community[j], code);
            add_post(posts, people, holdings, id, community[j], code, "");
        }
    }
    for (uint32_t i = 0; i < table->grids.count; i++) {
        gp_replay_grid_code(table, i, code);
        (void)snprintf(id, sizeof id, "B.%s", code);
        add_post(posts, people, holdings, id, "B", code, "");
    }
}

static FILE *open_list(struct writer *writer, const char *name, const char *header)
{
    FILE *file;

    open_file(writer, name);
    file = writer->file;
    writer->file = NULL;
    if (file != NULL)
        fputs(header, file);
    return file;
}

static void close_list(struct writer *writer, FILE *file)
{
    writer->file = file;
    close_file(writer);
}

static void write_staff(struct writer *writer)
{
    FILE *posts = open_list(writer, "org/posts.csv", "post,kind,areas,line,department,deputies\n");
    FILE *people = open_list(writer, "org/people.csv", "id,name,phone,department\n");
    FILE *holdings = open_list(writer, "org/holdings.csv", "post,person,from,to\n");
    char department[8];

    if (writer->error == 0) {
        add_territory(writer->table, posts, people, holdings);
        for (uint32_t i = 0; i < writer->table->departments.count; i++) {
            (void)snprintf(department, sizeof department, "d%02u", (i + 1) % 1000);
            add_department(writer->table, posts, people, holdings, department);
        }
    }
    close_list(writer, posts);
    close_list(writer, people);
    close_list(writer, holdings);
}

static void write_settings(struct writer *writer)
{
    open_file(writer, "gridpost.yaml");
    if (writer->file == NULL)
        return;
    fprintf(writer->file,
            "# Made from a request export: %s\n# Source: %s\ndefault_calendar: city\n",
            writer->mapping->name, writer->mapping->source);
    close_file(writer);
}

int gp_replay_city_write(const char *folder, const char *mapping_path,
                         const struct gp_mapping *mapping, const struct gp_replay_table *table)
{
    struct writer writer = {
        .folder = folder, .mapping_path = mapping_path, .mapping = mapping, .table = table};

    check_sizes(&writer);
    make_folder(&writer, "");
    make_folder(&writer, "org");
    make_folder(&writer, "calendar");
    write_settings(&writer);
    copy_file(&writer, mapping->ladders, "ladders.yaml");
    copy_file(&writer, mapping->calendar, "calendar/city.yaml");
    copy_file(&writer, mapping->rights, "org/rights.csv");
    write_areas(&writer);
    write_departments(&writer);
    write_catalogue(&writer);
    write_staff(&writer);
    return writer.error;
}
