/*
 * Outlines of areas (GeoJSON). What is promised: a refusal has findings that say which feature and
 * why, and leaves no outline; what is taken is a map that is JSON, with no more outlines than there
 * are areas; and wherever a point lies it is in an area of the directory, or in none.
 */
#include "fuzz.h"

#include "web/geometry.h"

#include <jansson.h>

#define AREAS 4

static const char *const codes[AREAS] = {"10", "101", "1011", "102"};
static struct gp_area areas[AREAS];
static struct gp_org org = {.areas = areas, .area_count = AREAS};

static void make_areas(void)
{
    static const uint8_t levels[AREAS] = {GP_LEVEL_DISTRICT, GP_LEVEL_COMMUNITY, GP_LEVEL_GRID,
                                          GP_LEVEL_COMMUNITY};

    for (unsigned i = 0; i < AREAS; i++) {
        areas[i].code = gp_span_of(codes[i]);
        PROMISE(gp_area_parse(areas[i].code, &areas[i].ref) == 0);
        areas[i].ref.level = levels[i];
    }
}

static void check_findings(const struct gp_findings *findings, int rc)
{
    PROMISE(rc == 0 || rc == GP_ECONFIG || rc == GP_ENOMEM);
    PROMISE(rc == GP_ENOMEM || (rc == GP_ECONFIG) == (findings->errors > 0));
    for (size_t i = 0; i < findings->count; i++) {
        PROMISE(findings->item[i].problem[0] != '\0');
        PROMISE(findings->item[i].remedy[0] != '\0');
    }
}

static size_t outlines_of(const struct gp_geometry *geometry)
{
    struct gp_span code[AREAS];
    char *text = NULL;
    size_t len = 0;

    for (unsigned i = 0; i < AREAS; i++)
        code[i] = areas[i].code;
    if (gp_geometry_collect(geometry, code, AREAS, &text, &len) != 0)
        return 0;
    json_t *map = json_loadb(text, len, 0, NULL);
    PROMISE(map != NULL);
    size_t count = json_array_size(json_object_get(map, "features"));
    PROMISE(count <= AREAS);
    json_decref(map);
    free(text);
    return count;
}

static void look_for_points(struct gp_geometry *geometry, struct fuzz_bytes bytes)
{
    for (unsigned i = 0; i < 8; i++) {
        struct gp_place place = {
            .known = true,
            .lat_e7 = (int32_t)(fuzz_number(&bytes, 4) % 1800000001) - 900000000,
            .lon_e7 = (int32_t)((int64_t)(fuzz_number(&bytes, 4) % 3600000001) - 1800000000),
        };
        uint32_t area = gp_geometry_locate(geometry, &org, place);
        PROMISE(area == GP_NONE || area < AREAS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gp_geometry *geometry = NULL;
    struct gp_findings findings;

    if (org.areas[0].code.len == 0)
        make_areas();
    if (gp_geometry_new(&geometry) != 0)
        return 0;
    gp_findings_init(&findings);
    int rc =
        gp_geometry_parse(geometry, (struct gp_span){(const char *)data, size}, &org, &findings);
    check_findings(&findings, rc);
    PROMISE(rc == 0 || outlines_of(geometry) == 0);
    (void)outlines_of(geometry);
    look_for_points(geometry, (struct fuzz_bytes){data, size});
    gp_findings_release(&findings);
    gp_geometry_free(geometry);
    return 0;
}
