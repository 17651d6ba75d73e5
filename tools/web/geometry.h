/**
 * Outlines of areas: org/geometry.geojson of a city's configuration, a FeatureCollection (RFC 7946)
 * in degrees of WGS 84 whose features have an area's code in properties.code, and a Polygon or
 * MultiPolygon. Maps draw them, and a report that has a position and no code is found its grid by
 * them. Nobody decides by them whose an incident is.
 *
 * A position is kept in degrees times 10^7, about a centimetre, so that which side of a border it
 * lies on is told exactly.
 */
#ifndef GP_WEB_GEOMETRY_H
#define GP_WEB_GEOMETRY_H

#include "base/error.h"
#include "core/incident.h"
#include "core/org.h"
#include "org/finding.h"

#define GP_GEOMETRY_FILE      "org/geometry.geojson"
#define GP_GEOMETRY_BYTES_MAX (16 * 1024 * 1024) /* of the file: some 400,000 positions */

/* What the file says. It stays where it is when it is read anew, so that others may keep it. */
struct gp_geometry;

/** An empty one: no area has an outline. Errors: GP_ENOMEM */
int gp_geometry_new(struct gp_geometry **ret_geometry);
void gp_geometry_free(struct gp_geometry *geometry); /* accepts NULL */

/**
 * Reads the file of a configuration folder; where there is none, no area has an outline.
 *
 * Thread:  any, one at a time for each geometry; takes a second for the largest file
 * Ensures: on failure what was read before stays; on GP_ECONFIG findings has at least one error
 * Errors:  GP_ECONFIG: the findings say why; GP_ENOMEM
 */
int gp_geometry_read(struct gp_geometry *geometry, const char *folder, const struct gp_org *org,
                     struct gp_findings *findings);

/** The same from text. */
int gp_geometry_parse(struct gp_geometry *geometry, struct gp_span text, const struct gp_org *org,
                      struct gp_findings *findings);

/** Whether the file is the one that was read or refused last, or there is none as then. */
bool gp_geometry_is_current(const struct gp_geometry *geometry, const char *folder);

/**
 * Finds the area in whose outline a point lies; its border belongs to it. The lowest level counts
 * where several do. A gp_open311_locate_fn.
 *
 * Thread:   as gp_geometry_read
 * Requires: context: a struct gp_geometry
 * Ensures:  an index of org->areas; GP_NONE where no outline has the point, and for no place
 */
uint32_t gp_geometry_locate(void *context, const struct gp_org *org, struct gp_place place);

/**
 * The outlines of some areas as GeoJSON for a map: properties.area is the code, and positions that
 * lie closer to each other than a two-thousandth of the whole are left out. Areas without an
 * outline are, too.
 *
 * Ensures: *ret_text is the caller's to free
 * Errors:  GP_ENOMEM
 */
int gp_geometry_collect(const struct gp_geometry *geometry, const struct gp_span *code,
                        size_t count, char **ret_text, size_t *ret_len);

#endif
