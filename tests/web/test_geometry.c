/* Outlines: which has a point, which files are refused and why, and what a map is given. */
#include "web/geometry.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define AREAS_MAX 16
#define DEGREE    10000000 /* of a gp_place */
#define SQUARE(l, h)                                                                               \
    "[[" #l "," #l "],[" #h "," #l "],[" #h "," #h "],[" #l "," #h "],[" #l "," #l "]]"
#define FEATURE(c, g) "{\"type\":\"Feature\",\"properties\":{\"code\":" c "},\"geometry\":" g "}"
#define POLYGON(r)    "{\"type\":\"Polygon\",\"coordinates\":[" r "]}"
#define FILE_OF(f)    "{\"type\":\"FeatureCollection\",\"features\":[" f "]}"

struct scene {
    struct gp_area area[AREAS_MAX];
    struct gp_org org;
    struct gp_geometry *geometry;
    struct gp_findings findings;
};

static void add_area(struct scene *scene, const char *code, enum gp_level level)
{
    struct gp_area *area = &scene->area[scene->org.area_count++];

    assert_int_equal(gp_area_parse(gp_span_of(code), &area->ref), 0);
    area->ref.level = (uint8_t)level;
    area->code = gp_span_of(code);
}

/* A district of two communities, one of them with a grid. */
static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    scene->org.areas = scene->area;
    assert_int_equal(gp_geometry_new(&scene->geometry), 0);
    gp_findings_init(&scene->findings);
    add_area(scene, "10", GP_LEVEL_DISTRICT);
    add_area(scene, "101", GP_LEVEL_COMMUNITY);
    add_area(scene, "1011", GP_LEVEL_GRID);
    add_area(scene, "102", GP_LEVEL_COMMUNITY);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    gp_geometry_free(scene->geometry);
    gp_findings_release(&scene->findings);
    free(scene);
    return 0;
}

static int parse(struct scene *scene, const char *text)
{
    gp_findings_release(&scene->findings);
    return gp_geometry_parse(scene->geometry, gp_span_of(text), &scene->org, &scene->findings);
}

static void take(struct scene *scene, const char *text)
{
    if (parse(scene, text) == 0 && scene->findings.count == 0)
        return;
    for (size_t i = 0; i < scene->findings.count; i++)
        print_error("%s: %s\n", scene->findings.item[i].field, scene->findings.item[i].problem);
    fail();
}

/* The code of the area that has a point, in degrees times 10^7; "" where none has. */
static const char *at(struct scene *scene, int32_t lon_e7, int32_t lat_e7)
{
    struct gp_place place = {.known = true, .lat_e7 = lat_e7, .lon_e7 = lon_e7};
    uint32_t area = gp_geometry_locate(scene->geometry, &scene->org, place);

    return area != GP_NONE ? scene->area[area].code.ptr : "";
}

/* ---------------------------------------------------------------- where a point lies */

static void a_border_belongs_to_its_area(void **state)
{
    take(*state, FILE_OF(FEATURE("\"102\"", POLYGON(SQUARE(1, 3)))));
    assert_string_equal(at(*state, 2 * DEGREE, 2 * DEGREE), "102");
    assert_string_equal(at(*state, 1 * DEGREE, 1 * DEGREE), "102");
    assert_string_equal(at(*state, 3 * DEGREE, 3 * DEGREE), "102");
    assert_string_equal(at(*state, 3 * DEGREE, 2 * DEGREE), "102");
    assert_string_equal(at(*state, 2 * DEGREE, 1 * DEGREE), "102");
    assert_string_equal(at(*state, 3 * DEGREE + 1, 2 * DEGREE), "");
    assert_string_equal(at(*state, 2 * DEGREE, 1 * DEGREE - 1), "");
    assert_string_equal(at(*state, 0, 2 * DEGREE), "");
    assert_string_equal(at(*state, 0, 1 * DEGREE), ""); /* in line with a side */
    assert_string_equal(at(*state, 0, 3 * DEGREE), "");
}

static void a_place_that_is_not_known_is_nowhere(void **state)
{
    struct scene *scene = *state;
    struct gp_place place = {.known = false};

    take(scene, FILE_OF(FEATURE("\"102\"", POLYGON(SQUARE(-1, 1)))));
    assert_string_equal(at(scene, 0, 0), "102");
    assert_int_equal(gp_geometry_locate(scene->geometry, &scene->org, place), GP_NONE);
}

/* A ray that runs through corners counts them once. */
static void corners_at_the_height_of_the_point(void **state)
{
    take(*state,
         FILE_OF(FEATURE("102", POLYGON("[[0,0],[2,2],[4,0],[6,2],[8,0],[8,-2],[0,-2],[0,0]]"))));
    assert_string_equal(at(*state, 1 * DEGREE, 0), "102");
    assert_string_equal(at(*state, -1 * DEGREE, 0), "");
    assert_string_equal(at(*state, -1 * DEGREE, 2 * DEGREE), "");
    assert_string_equal(at(*state, 4 * DEGREE, 1 * DEGREE), "");
    assert_string_equal(at(*state, 5 * DEGREE, 1 * DEGREE), "102");
    assert_string_equal(at(*state, -1 * DEGREE, -2 * DEGREE), "");
}

static void holes_are_not_of_it_but_their_borders_are(void **state)
{
    take(*state,
         FILE_OF(FEATURE("\"102\"", POLYGON(SQUARE(0, 9) "," SQUARE(1, 3) "," SQUARE(5, 7)))));
    assert_string_equal(at(*state, 4 * DEGREE, 4 * DEGREE), "102");
    assert_string_equal(at(*state, 2 * DEGREE, 2 * DEGREE), "");
    assert_string_equal(at(*state, 6 * DEGREE, 6 * DEGREE), "");
    assert_string_equal(at(*state, 3 * DEGREE, 2 * DEGREE), "102");
    assert_string_equal(at(*state, 8 * DEGREE, 8 * DEGREE), "102");
}

static void an_area_may_have_several_parts(void **state)
{
    take(*state,
         FILE_OF(FEATURE("\"102\"",
                         "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE(0, 5) "," SQUARE(
                             1, 4) "],[" SQUARE(2, 3) "],[" SQUARE(7, 8) "]]}")));
    assert_string_equal(at(*state, DEGREE / 2, DEGREE / 2), "102");
    assert_string_equal(at(*state, 3 * DEGREE / 2, 3 * DEGREE / 2), "");    /* in the hole … */
    assert_string_equal(at(*state, 5 * DEGREE / 2, 5 * DEGREE / 2), "102"); /* an island in it */
    assert_string_equal(at(*state, 6 * DEGREE, 6 * DEGREE), "");
    assert_string_equal(at(*state, 15 * (DEGREE / 2), 15 * (DEGREE / 2)), "102");
}

static void the_lowest_level_counts(void **state)
{
    take(*state, FILE_OF(FEATURE("\"10\"", POLYGON(SQUARE(0, 9))) "," FEATURE(
                     "1011", POLYGON(SQUARE(1, 2))) "," FEATURE("\"101\"", POLYGON(SQUARE(0, 4)))));
    assert_string_equal(at(*state, 8 * DEGREE, 8 * DEGREE), "10");
    assert_string_equal(at(*state, 3 * DEGREE, 3 * DEGREE), "101");
    assert_string_equal(at(*state, DEGREE, DEGREE), "1011");
}

/* Products of such differences fill 63 bits. */
static void the_whole_earth(void **state)
{
    take(*state, FILE_OF(FEATURE("\"10\"", POLYGON("[[-180,-90],[180,-90],[180,90],[-180,-90]]"))));
    assert_string_equal(at(*state, 1800000000, 900000000), "10");
    assert_string_equal(at(*state, 1799999998, 899999999), "10"); /* on the diagonal */
    assert_string_equal(at(*state, 1799999997, 899999999), "");
    assert_string_equal(at(*state, -1799999997, -899999999), "10");
    assert_string_equal(at(*state, -1800000000, 900000000), "");
}

/* ---------------------------------------------------------------- mistakes */

static void expect(struct scene *scene, const char *text, const char *field, const char *value,
                   const char *problem)
{
    struct gp_findings *findings = &scene->findings;

    assert_int_equal(parse(scene, text), GP_ECONFIG);
    assert_int_equal(findings->count, 1);
    assert_int_equal(findings->item[0].severity, GP_FINDING_ERROR);
    assert_string_equal(findings->item[0].file, GP_GEOMETRY_FILE);
    assert_string_equal(findings->item[0].field, field);
    assert_string_equal(findings->item[0].value, value);
    assert_non_null(strstr(findings->item[0].problem, problem));
    assert_true(findings->item[0].remedy[0] != '\0');
}

static void expect_shape(struct scene *scene, const char *shape, const char *problem)
{
    char text[1024];

    (void)snprintf(text, sizeof text, FILE_OF("%s," FEATURE("\"102\"", "%s")),
                   FEATURE("\"101\"", POLYGON(SQUARE(0, 1))), shape);
    expect(scene, text, "features[1]", "102", problem);
}

static void files_that_are_none(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(parse(scene, "{\"type\":\n\"FeatureCollection\",\n oops"), GP_ECONFIG);
    assert_int_equal(scene->findings.item[0].line, 3);
    assert_string_equal(scene->findings.item[0].problem, "this is no JSON");
    assert_int_equal(parse(scene, ""), GP_ECONFIG);
    expect(scene, "[]", "", "", "no FeatureCollection");
    expect(scene, "{\"type\":\"FeatureCollection\",\"features\":{}}", "", "",
           "no FeatureCollection");
    expect(scene, FEATURE("\"101\"", POLYGON(SQUARE(0, 1))), "", "", "no FeatureCollection");
    expect(scene, FILE_OF("7"), "features[0]", "", "no feature");
}

static void codes_that_are_none(void **state)
{
    struct scene *scene = *state;
    char text[1024];

    expect(scene, FILE_OF(FEATURE("null", POLYGON(SQUARE(0, 1)))), "features[0]", "",
           "no properties.code");
    expect(scene, FILE_OF(FEATURE("\"103\"", POLYGON(SQUARE(0, 1)))), "features[0]", "103",
           "no such area");
    expect(scene, FILE_OF(FEATURE("\"101000\"", POLYGON(SQUARE(0, 1)))), "features[0]", "101000",
           "no such area");
    expect(scene, FILE_OF(FEATURE("-101", POLYGON(SQUARE(0, 1)))), "features[0]", "-101",
           "no such area");
    (void)snprintf(text, sizeof text, FILE_OF("%s,%s,%s"),
                   FEATURE("\"101\"", POLYGON(SQUARE(0, 1))), FEATURE("102", POLYGON(SQUARE(1, 2))),
                   FEATURE("101", POLYGON(SQUARE(2, 3))));
    expect(scene, text, "features[2]", "101", "an outline already");
}

static void shapes_that_are_none(void **state)
{
    expect_shape(*state, "null", "neither Polygon nor MultiPolygon");
    expect_shape(*state, "{\"type\":\"Point\",\"coordinates\":[1,2]}", "neither Polygon");
    expect_shape(*state, "{\"type\":\"Polygon\"}", "no rings");
    expect_shape(*state, "{\"type\":\"MultiPolygon\",\"coordinates\":[]}", "no rings");
    expect_shape(*state, "{\"type\":\"MultiPolygon\",\"coordinates\":[[]]}", "no rings");
    expect_shape(*state, POLYGON("5"), "not an array of positions");
    expect_shape(*state, POLYGON("[[0,0],[1,1],[0,0]]"), "less than four positions");
    expect_shape(*state, POLYGON("[[0,0],[1,0],[1,1],[0,1]]"), "a ring is open");
    expect_shape(*state, POLYGON(SQUARE(0, 4) ",[[1,1],[2,1],[2,2],[1,2]]"), "a ring is open");
    expect_shape(*state, POLYGON("[[0,0],[1],[1,1],[0,0]]"), "not [longitude, latitude]");
    expect_shape(*state, POLYGON("[[0,0],[1,\"1\"],[1,1],[0,0]]"), "not in degrees");
    expect_shape(*state, POLYGON("[[0,0],[180.1,0],[1,1],[0,0]]"), "out of range");
    expect_shape(*state, POLYGON("[[0,0],[31,-90.5],[1,1],[0,0]]"), "out of range");
    expect_shape(*state, POLYGON("[[500000,4000000],[1,1],[2,2],[0,0]]"), "out of range");
}

static void every_feature_with_a_mistake_is_named(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(
        parse(scene, FILE_OF(FEATURE("\"9\"", "null") "," FEATURE(
                         "\"101\"", POLYGON(SQUARE(0, 1))) "," FEATURE("\"102\"", "null"))),
        GP_ECONFIG);
    assert_int_equal(scene->findings.count, 2);
    assert_string_equal(scene->findings.item[0].field, "features[0]");
    assert_string_equal(scene->findings.item[1].field, "features[2]");
}

static void a_file_with_a_mistake_leaves_what_was(void **state)
{
    struct scene *scene = *state;

    take(scene, FILE_OF(FEATURE("\"102\"", POLYGON(SQUARE(0, 2)))));
    assert_int_equal(parse(scene, FILE_OF(FEATURE("\"101\"", POLYGON(SQUARE(0, 2))) ",7")),
                     GP_ECONFIG);
    assert_string_equal(at(scene, DEGREE, DEGREE), "102");
    take(scene, FILE_OF(""));
    assert_string_equal(at(scene, DEGREE, DEGREE), "");
}

static void marks_and_heights_are_passed_over(void **state)
{
    take(*state, "\xEF\xBB\xBF" FILE_OF(
                     FEATURE("\"102\"", POLYGON("[[0,0,12.5],[2,0,1],[2,2,0],[0,2],[0,0]]"))));
    assert_string_equal(at(*state, DEGREE, DEGREE), "102");
}

/* ---------------------------------------------------------------- the file */

static void put(const char *folder, const char *text)
{
    char path[64], beside[64];

    (void)snprintf(path, sizeof path, "%s/" GP_GEOMETRY_FILE, folder);
    (void)snprintf(beside, sizeof beside, "%s/org/new", folder);
    FILE *file = fopen(beside, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(beside, path), 0);
}

static int read_again(struct scene *scene, const char *folder)
{
    gp_findings_release(&scene->findings);
    return gp_geometry_read(scene->geometry, folder, &scene->org, &scene->findings);
}

static void a_file_comes_changes_and_goes(void **state)
{
    struct scene *scene = *state;
    char folder[] = "/tmp/gp-geometry-XXXXXX", org[64], path[64];

    assert_non_null(mkdtemp(folder));
    (void)snprintf(org, sizeof org, "%s/org", folder);
    (void)snprintf(path, sizeof path, "%s/" GP_GEOMETRY_FILE, folder);
    assert_int_equal(mkdir(org, 0700), 0);
    assert_true(gp_geometry_is_current(scene->geometry, folder));
    assert_int_equal(read_again(scene, folder), 0);
    put(folder, FILE_OF(FEATURE("\"102\"", POLYGON(SQUARE(0, 2)))));
    assert_false(gp_geometry_is_current(scene->geometry, folder));
    assert_int_equal(read_again(scene, folder), 0);
    assert_true(gp_geometry_is_current(scene->geometry, folder));
    assert_string_equal(at(scene, DEGREE, DEGREE), "102");
    put(folder, "{");
    assert_false(gp_geometry_is_current(scene->geometry, folder));
    assert_int_equal(read_again(scene, folder), GP_ECONFIG);
    assert_true(gp_geometry_is_current(scene->geometry, folder)); /* it was told once */
    assert_string_equal(at(scene, DEGREE, DEGREE), "102");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(path, path), 0);
    assert_false(gp_geometry_is_current(scene->geometry, folder));
    assert_int_equal(read_again(scene, folder), GP_ECONFIG);
    assert_true(gp_geometry_is_current(scene->geometry, folder)); /* and this, too */
    assert_string_equal(at(scene, DEGREE, DEGREE), "102");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(read_again(scene, folder), 0);
    put(folder, FILE_OF(FEATURE("\"102\"", POLYGON(SQUARE(0, 2)))));
    assert_int_equal(read_again(scene, folder), 0);
    assert_int_equal(unlink(path), 0);
    assert_false(gp_geometry_is_current(scene->geometry, folder));
    assert_int_equal(read_again(scene, folder), 0);
    assert_string_equal(at(scene, DEGREE, DEGREE), "");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(read_again(scene, folder), GP_ECONFIG);
    assert_string_equal(scene->findings.item[0].problem, "the file cannot be read");
    assert_true(gp_geometry_is_current(scene->geometry, folder));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(org), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_file_has_an_end(void **state)
{
    struct scene *scene = *state;
    char *text = malloc(GP_GEOMETRY_BYTES_MAX + 1);

    assert_non_null(text);
    memset(text, ' ', GP_GEOMETRY_BYTES_MAX + 1);
    struct gp_span span = {text, GP_GEOMETRY_BYTES_MAX + 1};
    assert_int_equal(gp_geometry_parse(scene->geometry, span, &scene->org, &scene->findings),
                     GP_ECONFIG);
    assert_non_null(strstr(scene->findings.item[0].problem, "above 16 MiB"));
    free(text);
}

/* ---------------------------------------------------------------- for a map */

static json_t *collect(struct scene *scene, const char *const *codes, size_t count)
{
    struct gp_span code[AREAS_MAX];
    char *text = NULL;
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        code[i] = gp_span_of(codes[i]);
    assert_int_equal(gp_geometry_collect(scene->geometry, code, count, &text, &len), 0);
    json_t *object = json_loadb(text, len, 0, NULL);
    free(text);
    assert_non_null(object);
    return object;
}

static json_t *feature_of(json_t *collection, size_t at)
{
    return json_array_get(json_object_get(collection, "features"), at);
}

static json_t *coordinates_of(json_t *collection, size_t at)
{
    return json_object_get(json_object_get(feature_of(collection, at), "geometry"), "coordinates");
}

static void maps_have_what_is_asked_for(void **state)
{
    const char *const codes[] = {"1011", "10", "102"};

    take(*state,
         FILE_OF(FEATURE("\"102\"", POLYGON("[[-0.5,0],[2.0000004,0],[2,2],[-0.5,0]]")) "," FEATURE(
             "\"101\"", POLYGON(SQUARE(1, 2)))));
    json_t *object = collect(*state, codes, 3);
    assert_string_equal(json_string_value(json_object_get(object, "type")), "FeatureCollection");
    assert_int_equal(json_array_size(json_object_get(object, "features")), 1);
    json_t *properties = json_object_get(feature_of(object, 0), "properties");
    assert_string_equal(json_string_value(json_object_get(properties, "area")), "102");
    json_t *expected = json_loads("[[[[-0.5,0.0],[2.0,0.0],[2.0,2.0],[-0.5,0.0]]]]", 0, NULL);
    assert_true(json_equal(coordinates_of(object, 0), expected));
    json_decref(expected);
    json_decref(object);
    object = collect(*state, codes, 2);
    assert_int_equal(json_array_size(json_object_get(object, "features")), 0);
    json_decref(object);
}

static void parts_and_holes_stay_what_they_are(void **state)
{
    const char *const codes[] = {"102"};

    take(*state, FILE_OF(FEATURE("\"102\"", "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE(
                                                0, 5) "," SQUARE(1, 4) "],[" SQUARE(7, 8) "]]}")));
    json_t *object = collect(*state, codes, 1), *parts = coordinates_of(object, 0);
    assert_int_equal(json_array_size(parts), 2);
    assert_int_equal(json_array_size(json_array_get(parts, 0)), 2);
    assert_int_equal(json_array_size(json_array_get(parts, 1)), 1);
    json_decref(object);
}

/* A side of a thousand steps, and an island that is smaller than one. */
static void what_a_map_cannot_show_is_left_out(void **state)
{
    const char *const codes[] = {"102"};
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    fputs("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
          "{\"code\":102},\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0]",
          to);
    for (int i = 1; i <= 10000; i++)
        fprintf(to, ",[%d.%03d,0]", i / 1000, i % 1000);
    fputs(",[10,10],[0,0]]],[[[20,20],[20.0001,20],[20,20.0001],[20,20]]]]}}]}", to);
    assert_int_equal(fclose(to), 0);
    take(*state, text);
    free(text);
    json_t *object = collect(*state, codes, 1), *parts = coordinates_of(object, 0);
    size_t left = json_array_size(json_array_get(json_array_get(parts, 0), 0));
    assert_in_range(left, 900, 1100); /* of 20 degrees, a hundredth is a step */
    assert_int_equal(json_array_size(json_array_get(json_array_get(parts, 1), 0)), 4);
    json_decref(object);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_border_belongs_to_its_area),
        T(a_place_that_is_not_known_is_nowhere),
        T(corners_at_the_height_of_the_point),
        T(holes_are_not_of_it_but_their_borders_are),
        T(an_area_may_have_several_parts),
        T(the_lowest_level_counts),
        T(the_whole_earth),
        T(files_that_are_none),
        T(codes_that_are_none),
        T(shapes_that_are_none),
        T(every_feature_with_a_mistake_is_named),
        T(a_file_with_a_mistake_leaves_what_was),
        T(marks_and_heights_are_passed_over),
        T(a_file_comes_changes_and_goes),
        T(a_file_has_an_end),
        T(maps_have_what_is_asked_for),
        T(parts_and_holes_stay_what_they_are),
        T(what_a_map_cannot_show_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
