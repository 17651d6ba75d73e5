/** What the subcommands about devices share: asking for them and showing them. */
#ifndef GP_CLI_DEVICES_H
#define GP_CLI_DEVICES_H

#include "gridpost/cli.h"

/**
 * Asks for one device by its number.
 *
 * Lifetime: *ret_device points into the client, until the next call
 * Returns:  an exit code, having said what went wrong; NOT_FOUND: there is none
 */
int gp_devices_one(struct gp_cli *cli, uint64_t id, struct gp_device *ret_device);

/** Reads a device's number, "7" or "#7"; false otherwise. */
bool gp_devices_number(const char *text, uint64_t *ret_id);

#define GP_DIGITS_BYTES 16
/** "012 345", as both sides show them. */
void gp_devices_digits(uint32_t digits, char ret_text[GP_DIGITS_BYTES]);

/** The object that --json prints of a device. */
json_t *gp_devices_json(const struct gp_device *device);

/** One device: a row, or a JSON object. */
void gp_devices_print(const struct gp_cli *cli, const struct gp_device *device);

/** Confirms a device whose digits were compared, and says so. Returns an exit code. */
int gp_devices_confirm(struct gp_cli *cli, uint64_t id, uint32_t digits);

/** Revokes a device, and says so. Returns an exit code. */
int gp_devices_revoke(struct gp_cli *cli, uint64_t id, struct gp_span why);

#endif
