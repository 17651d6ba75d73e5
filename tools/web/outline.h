/** What outlines are made of. Inside geometry*.c only. */
#ifndef GP_WEB_OUTLINE_H
#define GP_WEB_OUTLINE_H

#include "web/geometry.h"

#include <sys/stat.h>

struct gp_point {
    int32_t lon_e7, lat_e7;
};

/* Closed: the last point is the first. */
struct gp_ring {
    uint32_t first, count; /* of the points */
    bool outer;            /* a polygon begins; those that follow are its holes */
};

struct gp_box {
    struct gp_point low, high;
};

struct gp_outline {
    char code[GP_AREA_DIGITS_MAX + 1];
    uint32_t feature; /* which of the file, from 0 */
    uint32_t first_ring, ring_count;
    struct gp_box box;
};

struct gp_outlines {
    struct gp_outline *outline; /* by code */
    struct gp_ring *ring;
    struct gp_point *point;
    uint32_t count, rings, points;
    uint32_t room, ring_room, point_room;
};

struct gp_geometry {
    struct gp_outlines outlines;
    struct stat file; /* that was read last; st_ino 0: none was there */
};

void gp_outlines_release(struct gp_outlines *outlines);

/** Widens a box to hold another. */
void gp_box_add(struct gp_box *box, struct gp_box other);
/** A box that holds nothing. */
struct gp_box gp_box_empty(void);

#endif
