/**
 * Devices on a stage (tests/engine/stage.h): the items that make, confirm and revoke one, and what
 * the store says of it. Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_ENGINE_GADGETS_H
#define GP_TESTS_ENGINE_GADGETS_H

#include "engine/stage.h"

/** A key that no other number has. */
void gadget_key(uint64_t number, unsigned char ret_key[GP_DEVICE_KEY_BYTES]);

/* ---------------------------------------------------------------- items: unsealed, by feng */

struct gp_item gadget_invite(const char *person, enum gp_role role);
/** The device joins with the key of a number. */
struct gp_item gadget_join(uint64_t device, const char *person, uint64_t key, uint32_t digits);
struct gp_item gadget_confirm(uint64_t device, uint32_t digits);
struct gp_item gadget_revoke(uint64_t device);

/** The same item, said through a device as the daemon would. */
struct gp_item gadget_through(uint64_t device, struct gp_item item);

/** Gives an item an id of its own, so that a repeat is known. */
void gadget_number(struct gp_item *item, uint64_t number);

/* ---------------------------------------------------------------- whole */

/** An active device of a person, joined with the key of a number. Returns its number. */
uint64_t gadget_make(struct stage *stage, const char *person, enum gp_role role, uint64_t key);

/** The device as a handshake would see it; its texts live until the next call. */
struct gp_device gadget_get(const struct stage *stage, uint64_t device);

#endif
