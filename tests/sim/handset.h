/**
 * Handsets: what people type into them is sent until it is answered, with the same id, however long
 * that takes. They lose their connection for hours, and everything on the way with it.
 */
#ifndef GP_TESTS_SIM_HANDSET_H
#define GP_TESTS_SIM_HANDSET_H

#include "sim/errand.h"

struct handset_figures {
    uint64_t errands, sends, refused;
};
extern struct handset_figures handset_figures;

void handset_begin(void);

/** Somebody types a command into some handset, which gives it its id. Texts live as long as the
 * run. */
void handset_type(const struct gp_command *command);

/** The daemon's answer is on its way. */
void handset_send_answer(struct errand *errand, const struct gp_item *item);

/** One handset is away for a while. */
void handset_lose_one(int64_t away_ms);
/** All come back and stay. */
void handset_all_back(void);

/** How many commands wait for an answer. */
unsigned handset_waiting(void);

#endif
