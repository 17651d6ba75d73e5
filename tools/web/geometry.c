/* Which outline has a point, and outlines for a map. */
#include "web/outline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define THIN 2000 /* of the larger side of a map: closer positions are one */

struct gp_box gp_box_empty(void)
{
    return (struct gp_box){.low = {INT32_MAX, INT32_MAX}, .high = {INT32_MIN, INT32_MIN}};
}

void gp_box_add(struct gp_box *box, struct gp_box other)
{
    if (other.low.lon_e7 < box->low.lon_e7)
        box->low.lon_e7 = other.low.lon_e7;
    if (other.low.lat_e7 < box->low.lat_e7)
        box->low.lat_e7 = other.low.lat_e7;
    if (other.high.lon_e7 > box->high.lon_e7)
        box->high.lon_e7 = other.high.lon_e7;
    if (other.high.lat_e7 > box->high.lat_e7)
        box->high.lat_e7 = other.high.lat_e7;
}

void gp_outlines_release(struct gp_outlines *outlines)
{
    free(outlines->outline);
    free(outlines->ring);
    free(outlines->point);
    *outlines = (struct gp_outlines){0};
}

int gp_geometry_new(struct gp_geometry **ret_geometry)
{
    struct gp_geometry *geometry = calloc(1, sizeof *geometry);

    if (geometry == NULL)
        return GP_ENOMEM;
    *ret_geometry = geometry;
    return 0;
}

void gp_geometry_free(struct gp_geometry *geometry)
{
    if (geometry == NULL)
        return;
    gp_outlines_release(&geometry->outlines);
    free(geometry);
}

/* ---------------------------------------------------------------- where a point lies */

enum side { SIDE_OUT, SIDE_IN, SIDE_EDGE };

static bool in_box(const struct gp_box *box, struct gp_point at)
{
    return at.lon_e7 >= box->low.lon_e7 && at.lon_e7 <= box->high.lon_e7 &&
           at.lat_e7 >= box->low.lat_e7 && at.lat_e7 <= box->high.lat_e7;
}

/* Where the point lies of the line from a to b: 1 left, -1 right, 0 on it. Each product is below
 * 2^63. */
static int turn(struct gp_point a, struct gp_point b, struct gp_point at)
{
    int64_t one = ((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)at.lat_e7 - a.lat_e7);
    int64_t two = ((int64_t)at.lon_e7 - a.lon_e7) * ((int64_t)b.lat_e7 - a.lat_e7);

    return (one > two) - (one < two);
}

/* A ray to the east, and how often it crosses the ring. */
static enum side side_of_ring(const struct gp_point *point, uint32_t count, struct gp_point at)
{
    bool in = false;

    for (uint32_t i = 0; i + 1 < count; i++) {
        struct gp_point a = point[i], b = point[i + 1];
        struct gp_box box = {a, a};
        gp_box_add(&box, (struct gp_box){b, b});
        int is = turn(a, b, at);
        if (is == 0 && in_box(&box, at))
            return SIDE_EDGE;
        bool upward = a.lat_e7 <= at.lat_e7 && b.lat_e7 > at.lat_e7;
        bool downward = b.lat_e7 <= at.lat_e7 && a.lat_e7 > at.lat_e7;
        if ((upward && is > 0) || (downward && is < 0))
            in = !in;
    }
    return in ? SIDE_IN : SIDE_OUT;
}

/* In one of the polygons and in none of its holes; borders, of holes too, belong to the area. */
static bool has_point(const struct gp_outlines *outlines, const struct gp_outline *outline,
                      struct gp_point at)
{
    bool in = false;

    for (uint32_t i = 0; i < outline->ring_count; i++) {
        const struct gp_ring *ring = &outlines->ring[outline->first_ring + i];
        if (ring->outer && in)
            return true;
        if (!ring->outer && !in)
            continue; /* a hole in what it is not in */
        enum side side = side_of_ring(outlines->point + ring->first, ring->count, at);
        if (side == SIDE_EDGE)
            return true;
        in = ring->outer ? side == SIDE_IN : side == SIDE_OUT;
    }
    return in;
}

uint32_t gp_geometry_locate(void *context, const struct gp_org *org, struct gp_place place)
{
    const struct gp_geometry *geometry = context;
    const struct gp_outlines *outlines = &geometry->outlines;
    struct gp_point at = {.lon_e7 = place.lon_e7, .lat_e7 = place.lat_e7};
    uint32_t best = GP_NONE;

    for (uint32_t i = 0; place.known && i < outlines->count; i++) {
        const struct gp_outline *outline = &outlines->outline[i];
        if (!in_box(&outline->box, at) || !has_point(outlines, outline, at))
            continue;
        uint32_t area = gp_org_area(org, gp_span_of(outline->code));
        if (area != GP_NONE &&
            (best == GP_NONE || org->areas[area].ref.level > org->areas[best].ref.level))
            best = area;
    }
    return best;
}

/* ---------------------------------------------------------------- for a map */

static int by_code(const void *key, const void *outline)
{
    const struct gp_span *code = key;
    const struct gp_outline *is = outline;

    return gp_span_compare(*code, gp_span_of(is->code));
}

static const struct gp_outline *find(const struct gp_outlines *outlines, struct gp_span code)
{
    return outlines->count > 0 ? bsearch(&code, outlines->outline, outlines->count,
                                         sizeof *outlines->outline, by_code)
                               : NULL;
}

static int64_t nearness(const struct gp_box *box)
{
    int64_t wide = (int64_t)box->high.lon_e7 - box->low.lon_e7;
    int64_t high = (int64_t)box->high.lat_e7 - box->low.lat_e7;

    return (wide > high ? wide : high) / THIN;
}

static bool is_near(struct gp_point a, struct gp_point b, int64_t near)
{
    return llabs((int64_t)a.lon_e7 - b.lon_e7) + llabs((int64_t)a.lat_e7 - b.lat_e7) < near;
}

/* Six places, a tenth of a metre: a map shows no more. */
static void write_degrees(FILE *to, int32_t e7)
{
    int64_t e6 = (llabs((int64_t)e7) + 5) / 10;

    fprintf(to, "%s%" PRId64 ".%06" PRId64, e7 < 0 ? "-" : "", e6 / 1000000, e6 % 1000000);
}

/* How many points are left when those are left out that are near the one before; written where
 * there is something to write to. The first and the last are always there. */
static uint32_t thin(FILE *to, const struct gp_point *point, uint32_t count, int64_t near)
{
    uint32_t last = 0, left = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 < count && is_near(point[i], point[last], near))
            continue;
        last = i;
        left++;
        if (to == NULL)
            continue;
        fputs(i > 0 ? ",[" : "[", to);
        write_degrees(to, point[i].lon_e7);
        fputc(',', to);
        write_degrees(to, point[i].lat_e7);
        fputc(']', to);
    }
    return left;
}

/* What would be thinned to less than a triangle is told as it is. */
static void write_ring(FILE *to, const struct gp_point *point, uint32_t count, int64_t near)
{
    fputc('[', to);
    (void)thin(to, point, count, thin(NULL, point, count, near) >= 4 ? near : 0);
    fputc(']', to);
}

static void write_outline(FILE *to, const struct gp_outlines *outlines,
                          const struct gp_outline *outline, int64_t near)
{
    fprintf(to,
            "{\"type\":\"Feature\",\"properties\":{\"area\":\"%s\"},\"geometry\":"
            "{\"type\":\"MultiPolygon\",\"coordinates\":[",
            outline->code);
    for (uint32_t i = 0; i < outline->ring_count; i++) {
        const struct gp_ring *ring = &outlines->ring[outline->first_ring + i];
        if (i > 0)
            fputs(ring->outer ? "],[" : ",", to);
        else
            fputc('[', to);
        write_ring(to, outlines->point + ring->first, ring->count, near);
    }
    fputs("]]}}", to);
}

static void write_collection(FILE *to, const struct gp_outlines *outlines,
                             const struct gp_span *code, size_t count, int64_t near)
{
    bool first = true;

    fputs("{\"type\":\"FeatureCollection\",\"features\":[", to);
    for (size_t i = 0; i < count; i++) {
        const struct gp_outline *outline = find(outlines, code[i]);
        if (outline == NULL)
            continue;
        if (!first)
            fputc(',', to);
        first = false;
        write_outline(to, outlines, outline, near);
    }
    fputs("]}", to);
}

int gp_geometry_collect(const struct gp_geometry *geometry, const struct gp_span *code,
                        size_t count, char **ret_text, size_t *ret_len)
{
    struct gp_box box = gp_box_empty();
    char *text = NULL;
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        const struct gp_outline *outline = find(&geometry->outlines, code[i]);
        if (outline != NULL)
            gp_box_add(&box, outline->box);
    }
    FILE *to = open_memstream(&text, &len);
    if (to == NULL)
        return GP_ENOMEM;
    write_collection(to, &geometry->outlines, code, count, nearness(&box));
    bool failed = ferror(to) != 0;
    if (fclose(to) != 0 || failed) {
        free(text);
        return GP_ENOMEM;
    }
    *ret_text = text;
    *ret_len = len;
    return 0;
}
