/** A scenario on the stage: what the rooms of `rehearse` share. */
#ifndef GP_CLI_REHEARSE_H
#define GP_CLI_REHEARSE_H

#include "gridpost/offline.h"
#include "rehearsal/rehearsal.h"
#include "rehearsal/scenario.h"

struct gp_label {
    struct gp_span name;
    uint64_t incident;
    bool overdue; /* as the entries printed so far say */
};

struct gp_leave_label {
    struct gp_span name;
    uint64_t leave;          /* 0: it was refused */
    struct gp_command asked; /* as it was asked for */
};

struct gp_stage_play {
    struct gp_cli cli;
    const char *folder, *file;
    struct gp_directory *directory;
    struct gp_rehearsal *rehearsal;
    struct gp_scenario scenario;
    int64_t zone_ms;
    struct gp_label *label;
    size_t label_count;
    struct gp_leave_label *leave; /* labels of leaves live beside those of incidents */
    size_t leave_count;
    char label_text[GP_ID_BYTES_MAX + 1]; /* of the entry being printed */
};

/** Says what is wrong with a line (printf format). Returns GP_EXIT_FAILED. */
__attribute__((format(printf, 3, 4))) int gp_rehearse_complain(const struct gp_stage_play *play,
                                                               const struct gp_scenario_act *act,
                                                               const char *format, ...);

/** Sends a command; *ret_answer may be a refusal, which is printed as the contract says. Returns an
 * exit code, having complained. */
int gp_rehearse_send(struct gp_stage_play *play, const struct gp_scenario_act *act,
                     const struct gp_command *command, struct gp_answer *ret_answer);

/** Prints a journal entry. The context is a struct gp_stage_play. */
void gp_rehearse_entry(void *context, const struct gp_entry *entry);

/** Does what a line about people says (gp_verb_about_people). Returns an exit code, having
 * complained. */
int gp_rehearse_staff(struct gp_stage_play *play, const struct gp_scenario_act *act, int verb);

/**
 * `assess by=UNIT from=TIME to=TIME`: prints the figures of each unit that has any, as one object a
 * line with "what": "assess". Returns an exit code, having complained.
 */
int gp_rehearse_assess(struct gp_stage_play *play, const struct gp_scenario_act *act);

/** Does what one line says. Returns an exit code, having complained. */
int gp_rehearse_act(struct gp_stage_play *play, const struct gp_scenario_act *act);

#endif
