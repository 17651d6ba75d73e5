/** QR codes, on a terminal and as PNG files. */
#ifndef GP_CLI_QR_H
#define GP_CLI_QR_H

#include <stdbool.h>
#include <stdio.h>

/**
 * Draws a text as a QR code in half blocks, two rows of modules a line. With colour it brings its
 * own white paper and black ink, so that it can be scanned from dark and light terminals alike;
 * without, it is right on a dark background.
 *
 * Errors: GP_ELIMIT: too long for a QR code; GP_ENOMEM
 */
int gp_qr_print(FILE *to, const char *text, bool colour);

/**
 * Writes a text as a QR code into a PNG file of mode 0600, eight pixels a module, for what it says
 * may be a secret. What went wrong is said on stderr. Returns an exit code.
 */
int gp_qr_png(const char *path, const char *text);

#endif
