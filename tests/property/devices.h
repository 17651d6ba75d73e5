/**
 * Devices as the journal tells of them, and what must hold of them and of whoever speaks through
 * one: told apart from the tables and from the rules that decided it.
 */
#ifndef GP_TESTS_PROPERTY_DEVICES_H
#define GP_TESTS_PROPERTY_DEVICES_H

#include "property/act.h"

#ifndef DEVICES_MAX
#define DEVICES_MAX 256
#endif

struct devices {
    struct gp_device record[DEVICES_MAX]; /* by id, as last journalled */
    uint64_t count;
    bool changed; /* since the tables were last looked at */
};

struct model;
struct world;

/** Takes in the model's entry: who spoke, and what became of a device. */
void devices_entry(struct model *model);

/** How many of them have a key. */
uint64_t devices_keys(const struct model *model);

/** Behind a batch: the tables have the records and the keys. */
void devices_audit(struct world *world);

/** A command that was refused, where nothing else can have come between: because of its speaker, or
 * of the device it is about. */
void devices_refused(const struct model *model, const struct act *act);

#endif
