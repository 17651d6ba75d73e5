#include "permit/cast.h"

#include "permit/life.h"

#include <stdio.h>

const char *const cast_grids[CAST_GRIDS] = {"340705006001001", "340705006001002", "340705006002001",
                                            "340705005002001"};

const char *const cast_people[CAST_PEOPLE] = {
    "w00600101", "w00600102", "w00600103", /* B posts of the first community, and its A posts */
    "w00600201", "w00500201",              /* of the other community, of the other street */
    "d0060011",  "d0060012",  "r006001",   /* D1, D2, R of the first community */
    "s0061",     "s0062",     "s0063",     "s0064", "s0065", /* S1, S2, SK, its deputy, X */
    "s0053",     "sq3",       "sq5", /* the other street's SK; the district's SK and X */
    "lh-f01",    "lh-k",      "lh-h2",     "lh-h", /* the responsible department */
    "sz-k",      "w40201",                         /* another department; elsewhere in the city */
};

/* By hand from the sample: where their highest post is. */
const struct subject cast_subjects[CAST_SUBJECTS] = {
    {"w00600101", "340705006001", NULL, "B-340705006001001", "340705006001001"},
    {"w00600201", "340705006002", NULL, "A-lvhua-340705006002", "340705006002"},
    {"w00500201", "340705005002", NULL, "B-340705005002001", "340705005002001"},
    {"d0060011", "340705006001", NULL, "D1-340705006001", "340705006001"},
    {"lh-f01", "340705005002", "LH", "K-LH", NULL},
};

/* NULL for the empty span. */
static const char *word(struct gp_span span, char ret_text[GP_ID_BYTES_MAX + 1])
{
    (void)snprintf(ret_text, GP_ID_BYTES_MAX + 1, "%.*s", GP_SPAN_ARG(span));
    return span.len > 0 ? ret_text : NULL;
}

void cast_incident(const struct gp_incident *incident, const char *grid,
                   struct cast_incident *ret_incident)
{
    ret_incident->about = (struct expect_about){
        .place = grid,
        .department = "LH",
        .owner = word(incident->owner, ret_incident->owner),
        .assistant = word(incident->assistant, ret_incident->assistant),
        .reporter = word(incident->reporter, ret_incident->reporter),
    };
}

int cast_begin(void **state)
{
    (void)state;
    life_load();
    expect_load(GP_SOURCE_DIR "/config");
    return 0;
}

int cast_end(void **state)
{
    (void)state;
    life_unload();
    return 0;
}
