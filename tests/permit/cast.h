/**
 * Who is asked, where, and about whom: shared by the programs that go through the table of rights.
 */
#ifndef GP_TESTS_PERMIT_CAST_H
#define GP_TESTS_PERMIT_CAST_H

#include "core/device.h"
#include "core/incident.h"
#include "permit/expect.h"

#define CAST_GRIDS    4
#define CAST_PEOPLE   22
#define CAST_ROLES    (GP_ROLES_END - 1)
#define CAST_SUBJECTS 5

/* The own grid of the first person; another of its community; of another community of the street;
 * of another street. */
extern const char *const cast_grids[CAST_GRIDS];
/* Of every kind of post there and elsewhere. */
extern const char *const cast_people[CAST_PEOPLE];

/* Somebody whom a command or an ask is about. */
struct subject {
    const char *person;
    const char *place, *department; /* of the highest post; NULL */
    const char *post, *post_place;  /* a post to be filled, and where that is */
};
extern const struct subject cast_subjects[CAST_SUBJECTS];

/* What the model sees of an incident; the texts are kept here. */
struct cast_incident {
    struct expect_about about;
    char owner[GP_ID_BYTES_MAX + 1], assistant[GP_ID_BYTES_MAX + 1], reporter[GP_ID_BYTES_MAX + 1];
};

/** Lifetime: of *ret_incident. Requires: its category is LIFE_CATEGORY. */
void cast_incident(const struct gp_incident *incident, const char *grid,
                   struct cast_incident *ret_incident);

/** cmocka's set-up and its end: the sample city, and the model of its table. */
int cast_begin(void **state);
int cast_end(void **state);

#endif
