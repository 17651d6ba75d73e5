/* GeoJSON becomes outlines. A feature with a mistake is a finding, and then nothing is taken: the
 * rest would look like a whole city with a hole in it. */
#include "web/outline.h"

#include "web/samefile.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define E7         1e7
#define RING_LEAST 4 /* a triangle, and its first point again (RFC 7946, section 3.1.6) */

struct reader {
    const struct gp_org *org;
    struct gp_findings *findings;
    struct gp_outlines to;
    uint32_t feature;
    char code[GP_AREA_DIGITS_MAX + 1]; /* of the feature; "": not known yet */
    int error;
};

static const char remedy_geojson[] =
    "export it as GeoJSON (RFC 7946), in WGS 84: a FeatureCollection of Polygon and MultiPolygon";
static const char remedy_draw[] = "draw the outline of this area again, and export it anew";

/* ---------------------------------------------------------------- findings */

/* False, for who returns it. */
static bool refuse(struct reader *reader, struct gp_span value, const char *problem,
                   const char *remedy)
{
    char field[32];

    (void)snprintf(field, sizeof field, "features[%u]", reader->feature);
    gp_findings_add(reader->findings, GP_FINDING_ERROR, GP_GEOMETRY_FILE, 0, field, value, problem,
                    remedy);
    return false;
}

static bool refuse_outline(struct reader *reader, const char *problem, const char *remedy)
{
    return refuse(reader, gp_span_of(reader->code), problem, remedy);
}

static int refuse_file(struct gp_findings *findings, unsigned line, const char *value,
                       const char *problem, const char *remedy)
{
    gp_findings_add(findings, GP_FINDING_ERROR, GP_GEOMETRY_FILE, line, "", gp_span_of(value),
                    problem, remedy);
    return GP_ECONFIG;
}

/* ---------------------------------------------------------------- memory */

/* Room for one more. False: there is none, and that ends the reading. */
static bool grow(struct reader *reader, void **array, uint32_t count, uint32_t *room, size_t size)
{
    uint32_t more = *room == 0 ? 64 : *room * 2;

    if (count < *room)
        return true;
    void *larger = realloc(*array, more * size);
    if (larger == NULL) {
        reader->error = GP_ENOMEM;
        return false;
    }
    *array = larger;
    *room = more;
    return true;
}

static bool add_point(struct reader *reader, struct gp_point point)
{
    struct gp_outlines *to = &reader->to;

    if (!grow(reader, (void **)&to->point, to->points, &to->point_room, sizeof *to->point))
        return false;
    to->point[to->points++] = point;
    return true;
}

static bool add_ring(struct reader *reader, bool outer)
{
    struct gp_outlines *to = &reader->to;

    if (!grow(reader, (void **)&to->ring, to->rings, &to->ring_room, sizeof *to->ring))
        return false;
    to->ring[to->rings++] = (struct gp_ring){.first = to->points, .outer = outer};
    return true;
}

/* ---------------------------------------------------------------- shapes */

/* NaN is in no range. */
static bool degrees(const json_t *value, double most, int32_t *ret_e7)
{
    double is = json_number_value(value);

    if (!json_is_number(value) || !(is >= -most && is <= most))
        return false;
    *ret_e7 = (int32_t)lround(is * E7);
    return true;
}

/* [lon, lat], perhaps with a height. */
static bool read_point(struct reader *reader, const json_t *position)
{
    struct gp_point point;

    if (!json_is_array(position) || json_array_size(position) < 2)
        return refuse_outline(reader, "a position is not [longitude, latitude]", remedy_draw);
    if (!degrees(json_array_get(position, 0), 180, &point.lon_e7) ||
        !degrees(json_array_get(position, 1), 90, &point.lat_e7))
        return refuse_outline(reader, "a position is not in degrees, or out of range",
                              "export it in WGS 84 (EPSG:4326), longitude first");
    return add_point(reader, point);
}

static bool read_ring(struct reader *reader, const json_t *positions, bool outer)
{
    struct gp_outlines *to = &reader->to;
    size_t i;
    const json_t *position;

    if (!json_is_array(positions))
        return refuse_outline(reader, "a ring is not an array of positions", remedy_draw);
    if (json_array_size(positions) < RING_LEAST)
        return refuse_outline(reader, "a ring has less than four positions", remedy_draw);
    if (!add_ring(reader, outer))
        return false;
    json_array_foreach((json_t *)(uintptr_t)positions, i, position)
    {
        if (!read_point(reader, position))
            return false;
    }
    struct gp_ring *ring = &to->ring[to->rings - 1];
    ring->count = to->points - ring->first;
    struct gp_point first = to->point[ring->first], last = to->point[to->points - 1];
    if (first.lon_e7 != last.lon_e7 || first.lat_e7 != last.lat_e7)
        return refuse_outline(reader, "a ring is open: its last position is not its first",
                              remedy_draw);
    return true;
}

static bool read_polygon(struct reader *reader, const json_t *rings)
{
    size_t i;
    const json_t *ring;

    if (!json_is_array(rings) || json_array_size(rings) == 0)
        return refuse_outline(reader, "a polygon has no rings", remedy_draw);
    json_array_foreach((json_t *)(uintptr_t)rings, i, ring)
    {
        if (!read_ring(reader, ring, i == 0))
            return false;
    }
    return true;
}

static bool read_polygons(struct reader *reader, const json_t *polygons)
{
    size_t i;
    const json_t *polygon;

    if (!json_is_array(polygons) || json_array_size(polygons) == 0)
        return refuse_outline(reader, "a polygon has no rings", remedy_draw);
    json_array_foreach((json_t *)(uintptr_t)polygons, i, polygon)
    {
        if (!read_polygon(reader, polygon))
            return false;
    }
    return true;
}

static bool read_shape(struct reader *reader, const json_t *geometry)
{
    const char *type = json_string_value(json_object_get(geometry, "type"));
    const json_t *coordinates = json_object_get(geometry, "coordinates");

    if (type != NULL && strcmp(type, "Polygon") == 0)
        return read_polygon(reader, coordinates);
    if (type != NULL && strcmp(type, "MultiPolygon") == 0)
        return read_polygons(reader, coordinates);
    return refuse_outline(reader, "the geometry is neither Polygon nor MultiPolygon", remedy_draw);
}

/* ---------------------------------------------------------------- features */

/* Programs that draw maps make numbers of what looks like one. */
static bool read_code(struct reader *reader, const json_t *code)
{
    char digits[32] = "";

    if (json_is_integer(code))
        (void)snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(code));
    struct gp_span text = json_is_string(code)
                              ? (struct gp_span){json_string_value(code), json_string_length(code)}
                              : gp_span_of(digits);
    if (text.len == 0)
        return refuse(reader, text, "the feature has no properties.code",
                      "give it the code of an area, as in org/areas.csv");
    uint32_t area = gp_org_area(reader->org, text);
    if (area == GP_NONE)
        return refuse(reader, text, "no such area", "add it to org/areas.csv, or correct the code");
    (void)snprintf(reader->code, sizeof reader->code, "%.*s",
                   GP_SPAN_ARG(reader->org->areas[area].code));
    return true;
}

static struct gp_box box_of(const struct gp_outlines *outlines, uint32_t first_point)
{
    struct gp_box box = gp_box_empty();

    for (uint32_t i = first_point; i < outlines->points; i++)
        gp_box_add(&box, (struct gp_box){outlines->point[i], outlines->point[i]});
    return box;
}

static void read_feature(struct reader *reader, const json_t *feature)
{
    struct gp_outlines *to = &reader->to;
    uint32_t first_ring = to->rings, first_point = to->points;

    reader->code[0] = '\0';
    if (!json_is_object(feature)) {
        (void)refuse(reader, (struct gp_span){0}, "this is no feature", remedy_geojson);
        return;
    }
    if (!read_code(reader, json_object_get(json_object_get(feature, "properties"), "code")) ||
        !read_shape(reader, json_object_get(feature, "geometry")) ||
        !grow(reader, (void **)&to->outline, to->count, &to->room, sizeof *to->outline))
        return;
    struct gp_outline *outline = &to->outline[to->count++];
    *outline = (struct gp_outline){.feature = reader->feature,
                                   .first_ring = first_ring,
                                   .ring_count = to->rings - first_ring,
                                   .box = box_of(to, first_point)};
    memcpy(outline->code, reader->code, sizeof outline->code);
}

static int by_code(const void *a, const void *b)
{
    const struct gp_outline *first = a, *second = b;
    int order = strcmp(first->code, second->code);

    return order != 0 ? order
                      : (first->feature > second->feature) - (first->feature < second->feature);
}

static void check_unique(struct reader *reader)
{
    const struct gp_outline *outline = reader->to.outline;

    for (uint32_t i = 1; i < reader->to.count; i++) {
        reader->feature = outline[i].feature;
        if (strcmp(outline[i].code, outline[i - 1].code) == 0)
            (void)refuse(reader, gp_span_of(outline[i].code), "this area has an outline already",
                         "make one feature of both: a MultiPolygon");
    }
}

/* ---------------------------------------------------------------- the file */

static int read_features(struct reader *reader, const json_t *collection)
{
    const char *type = json_string_value(json_object_get(collection, "type"));
    const json_t *features = json_object_get(collection, "features");
    size_t i, errors = reader->findings->errors;
    const json_t *feature;

    if (type == NULL || strcmp(type, "FeatureCollection") != 0 || !json_is_array(features))
        return refuse_file(reader->findings, 0, "", "this is no FeatureCollection", remedy_geojson);
    json_array_foreach((json_t *)(uintptr_t)features, i, feature)
    {
        reader->feature = (uint32_t)i;
        read_feature(reader, feature);
        if (reader->error != 0)
            return reader->error;
    }
    if (reader->to.count > 0)
        qsort(reader->to.outline, reader->to.count, sizeof *reader->to.outline, by_code);
    check_unique(reader);
    return reader->findings->errors > errors ? GP_ECONFIG : 0;
}

int gp_geometry_parse(struct gp_geometry *geometry, struct gp_span text, const struct gp_org *org,
                      struct gp_findings *findings)
{
    struct reader reader = {.org = org, .findings = findings};
    json_error_t where;

    if (text.len > GP_GEOMETRY_BYTES_MAX)
        return refuse_file(findings, 0, "", "the file is above 16 MiB",
                           "simplify the outlines: some metres are enough");
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
        text = (struct gp_span){text.ptr + 3, text.len - 3};
    json_t *collection = json_loadb(gp_span_text(text), text.len, 0, &where);
    if (collection == NULL)
        return refuse_file(findings, where.line > 0 ? (unsigned)where.line : 0, where.text,
                           "this is no JSON", remedy_geojson);
    int rc = read_features(&reader, collection);
    json_decref(collection);
    if (rc != 0) {
        gp_outlines_release(&reader.to);
        return rc;
    }
    gp_outlines_release(&geometry->outlines);
    geometry->outlines = reader.to;
    return 0;
}

static int refuse_unreadable(struct gp_findings *findings)
{
    return refuse_file(findings, 0, "", "the file cannot be read", "check its permissions");
}

static bool path_of(const char *folder, char *path, size_t size)
{
    int len = snprintf(path, size, "%s/" GP_GEOMETRY_FILE, folder);

    return len > 0 && (size_t)len < size;
}

/* One byte more than may be, so that what is too long is seen. */
static int read_stream(struct gp_geometry *geometry, FILE *stream, const struct gp_org *org,
                       struct gp_findings *findings)
{
    size_t room = GP_GEOMETRY_BYTES_MAX + 1;
    char *data = malloc(room);

    if (data == NULL)
        return GP_ENOMEM;
    size_t len = fread(data, 1, room, stream);
    int rc = ferror(stream) != 0
                 ? refuse_unreadable(findings)
                 : gp_geometry_parse(geometry, (struct gp_span){data, len}, org, findings);
    free(data);
    return rc;
}

static int read_file(struct gp_geometry *geometry, const char *path, const struct gp_org *org,
                     struct gp_findings *findings)
{
    FILE *stream = S_ISREG(geometry->file.st_mode) ? fopen(path, "rbe") : NULL;

    if (stream == NULL)
        return refuse_unreadable(findings);
    int rc = fstat(fileno(stream), &geometry->file) == 0
                 ? read_stream(geometry, stream, org, findings)
                 : refuse_unreadable(findings);
    (void)fclose(stream); /* only read from */
    return rc;
}

int gp_geometry_read(struct gp_geometry *geometry, const char *folder, const struct gp_org *org,
                     struct gp_findings *findings)
{
    char path[4096];
    struct stat is;

    if (!path_of(folder, path, sizeof path))
        return refuse_unreadable(findings);
    if (stat(path, &is) == 0) {
        geometry->file = is; /* one that cannot be read is not tried again before it is another */
        return read_file(geometry, path, org, findings);
    }
    bool gone = errno == ENOENT || errno == ENOTDIR;
    geometry->file = (struct stat){0}; /* nor is one that cannot even be looked at */
    if (!gone)
        return refuse_unreadable(findings);
    gp_outlines_release(&geometry->outlines);
    return 0;
}

bool gp_geometry_is_current(const struct gp_geometry *geometry, const char *folder)
{
    char path[4096];
    struct stat is;

    if (!path_of(folder, path, sizeof path) || stat(path, &is) != 0)
        return geometry->file.st_ino == 0;
    return gp_same_file(&geometry->file, &is);
}
