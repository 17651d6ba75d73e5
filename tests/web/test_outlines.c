/* Real outlines: the community districts of Manhattan (tests/data/README.md), read as those of a
 * city, and asked for a position by two ways. */
#include "web/geometry.h"

#include <jansson.h>
#include <lzma.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define AREAS_MAX   16
#define REAL_BYTES  (4 * 1024 * 1024)
#define REAL_POINTS 500

struct scene {
    char code[AREAS_MAX][16];
    struct gp_area area[AREAS_MAX];
    struct gp_org org;
    struct gp_geometry *geometry;
    json_t *collection; /* the file's, with properties.code */
};

static char *read_real(void)
{
    FILE *file = fopen(GP_SOURCE_DIR "/tests/data/manhattan.geojson.xz", "rbe");
    uint8_t *packed = malloc(REAL_BYTES);
    char *text = calloc(1, REAL_BYTES);
    uint64_t memory = UINT64_MAX;
    size_t from = 0, to = 0;

    assert_non_null(file);
    size_t len = fread(packed, 1, REAL_BYTES, file);
    (void)fclose(file);
    assert_int_equal(lzma_stream_buffer_decode(&memory, 0, NULL, packed, &from, len,
                                               (uint8_t *)text, &to, REAL_BYTES - 1),
                     LZMA_OK);
    free(packed);
    return text;
}

static void add_area(struct scene *scene, json_t *properties, int code)
{
    struct gp_area *area = &scene->area[scene->org.area_count];
    char *text = scene->code[scene->org.area_count++];

    (void)snprintf(text, sizeof scene->code[0], "%d", code);
    json_object_set_new(properties, "code", json_string(text));
    assert_int_equal(gp_area_parse(gp_span_of(text), &area->ref), 0);
    area->ref.level = GP_LEVEL_COMMUNITY;
    area->code = gp_span_of(text);
}

/* Areas are in the order of their codes, features are not. */
static void add_areas(struct scene *scene)
{
    json_t *feature;
    size_t i;

    for (int code = 101; code < 200; code++) {
        json_array_foreach(json_object_get(scene->collection, "features"), i, feature)
        {
            json_t *properties = json_object_get(feature, "properties");
            if (json_integer_value(json_object_get(properties, "BoroCD")) == code)
                add_area(scene, properties, code);
        }
    }
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    struct gp_findings findings;
    char *text = read_real();

    scene->org.areas = scene->area;
    scene->collection = json_loads(text, 0, NULL);
    free(text);
    assert_non_null(scene->collection);
    add_areas(scene);
    gp_findings_init(&findings);
    assert_int_equal(gp_geometry_new(&scene->geometry), 0);
    text = json_dumps(scene->collection, 0);
    assert_int_equal(gp_geometry_parse(scene->geometry, gp_span_of(text), &scene->org, &findings),
                     0);
    assert_int_equal(findings.count, 0);
    free(text);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    gp_geometry_free(scene->geometry);
    json_decref(scene->collection);
    free(scene);
    return 0;
}

/* The code of the area that has a point; "" where none has. */
static const char *at(const struct scene *scene, int32_t lon_e7, int32_t lat_e7)
{
    struct gp_place place = {.known = true, .lat_e7 = lat_e7, .lon_e7 = lon_e7};
    uint32_t area = gp_geometry_locate(scene->geometry, &scene->org, place);

    return area != GP_NONE ? scene->code[area] : "";
}

/* The same question answered in floating point, by another formula. Nearly on a border it may
 * answer otherwise; the points of the test are drawn. */
static bool ring_has(json_t *ring, double lon, double lat)
{
    bool in = false;

    for (size_t i = 0, j = json_array_size(ring) - 1; i < json_array_size(ring); j = i++) {
        json_t *a = json_array_get(ring, i), *b = json_array_get(ring, j);
        double ax = json_number_value(json_array_get(a, 0));
        double ay = json_number_value(json_array_get(a, 1));
        double bx = json_number_value(json_array_get(b, 0));
        double by = json_number_value(json_array_get(b, 1));
        if ((ay > lat) != (by > lat) && lon < (bx - ax) * (lat - ay) / (by - ay) + ax)
            in = !in;
    }
    return in;
}

static bool polygon_has(json_t *polygon, double lon, double lat)
{
    size_t i;
    json_t *ring;
    bool in = false;

    json_array_foreach(polygon, i, ring)
    {
        if (ring_has(ring, lon, lat))
            in = i == 0;
    }
    return in;
}

static bool feature_has(json_t *feature, double lon, double lat)
{
    json_t *geometry = json_object_get(feature, "geometry"), *polygon;
    json_t *coordinates = json_object_get(geometry, "coordinates");
    size_t i;

    if (strcmp(json_string_value(json_object_get(geometry, "type")), "Polygon") == 0)
        return polygon_has(coordinates, lon, lat);
    json_array_foreach(coordinates, i, polygon)
    {
        if (polygon_has(polygon, lon, lat))
            return true;
    }
    return false;
}

static const char *slowly_at(json_t *collection, int32_t lon_e7, int32_t lat_e7)
{
    json_t *feature;
    size_t i;

    json_array_foreach(json_object_get(collection, "features"), i, feature)
    {
        if (feature_has(feature, lon_e7 / 1e7, lat_e7 / 1e7))
            return json_string_value(
                json_object_get(json_object_get(feature, "properties"), "code"));
    }
    return "";
}

static void places_that_everybody_knows(void **state)
{
    assert_string_equal(at(*state, -739855000, 407580000), "105"); /* Times Square */
    assert_string_equal(at(*state, -740060000, 407127000), "101"); /* City Hall */
    assert_string_equal(at(*state, -739665000, 407812000), "164"); /* the middle of Central Park */
    assert_string_equal(at(*state, -739500000, 408100000), "110"); /* the Apollo in Harlem */
    assert_string_equal(at(*state, -739690000, 406602000), "");    /* Prospect Park, Brooklyn */
}

static int32_t draw(unsigned *seed, int32_t from, int32_t to)
{
    return from + (int32_t)((double)(to - from) * rand_r(seed) / RAND_MAX);
}

static void points_by_two_ways(void **state)
{
    const struct scene *scene = *state;
    unsigned found = 0, seed = 7;

    for (unsigned i = 0; i < REAL_POINTS; i++) {
        int32_t lon_e7 = draw(&seed, -740300000, -739100000);
        int32_t lat_e7 = draw(&seed, 407000000, 408800000);
        const char *is = at(scene, lon_e7, lat_e7);
        const char *expected = slowly_at(scene->collection, lon_e7, lat_e7);
        found += is[0] != '\0';
        if (strcmp(is, expected) != 0)
            fail_msg("%d %d: %s, and by the other way %s", lon_e7, lat_e7, is, expected);
    }
    assert_in_range(found, REAL_POINTS / 10, REAL_POINTS * 9 / 10);
}

/* Each corner is on the border of its own district, to the last digit. */
static void corners_are_in(void **state)
{
    const struct scene *scene = *state;
    json_t *feature = json_array_get(json_object_get(scene->collection, "features"), 1), *corner;
    json_t *geometry = json_object_get(feature, "geometry");
    size_t i;

    assert_string_equal(json_string_value(json_object_get(geometry, "type")), "Polygon");
    json_array_foreach(json_array_get(json_object_get(geometry, "coordinates"), 0), i, corner)
    {
        double lon = json_number_value(json_array_get(corner, 0));
        double lat = json_number_value(json_array_get(corner, 1));
        assert_string_not_equal(at(scene, (int32_t)lround(lon * 1e7), (int32_t)lround(lat * 1e7)),
                                "");
    }
    assert_in_range(i, 100, 1000);
}

static void a_map_of_it_is_small(void **state)
{
    const struct scene *scene = *state;
    struct gp_span code[AREAS_MAX];
    char *text = NULL;
    size_t len = 0;

    for (size_t i = 0; i < scene->org.area_count; i++)
        code[i] = scene->area[i].code;
    assert_int_equal(gp_geometry_collect(scene->geometry, code, scene->org.area_count, &text, &len),
                     0);
    json_t *map = json_loadb(text, len, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(map, "features")), 13);
    assert_in_range(len, 10000, 163000); /* half of the file at most */
    json_decref(map);
    free(text);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(places_that_everybody_knows),
        T(points_by_two_ways),
        T(corners_are_in),
        T(a_map_of_it_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
