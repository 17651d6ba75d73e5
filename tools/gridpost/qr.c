/* A QR code is read by its contrast: dark modules on a light margin of four modules. */
#include "gridpost/qr.h"

#include "gridpost/cli.h"
#include "gridpost/save.h"

#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 4 /* modules on each side: ISO/IEC 18004 */
#define PIXELS 8 /* of a module */

static int encode(const char *text, QRcode **ret_code)
{
    /* Level L: a screen has no stains, and a small code fits more terminals. */
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);

    if (code == NULL)
        return errno == ENOMEM ? GP_ENOMEM : GP_ELIMIT;
    *ret_code = code;
    return 0;
}

/* x and y count from the margin's corner. */
static bool is_dark(const QRcode *code, int x, int y)
{
    x -= MARGIN;
    y -= MARGIN;
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1);
}

/* ---------------------------------------------------------------- terminal */

/* Light is what is drawn: a terminal's own background is the dark half. */
static void print_pair(FILE *to, bool upper_dark, bool lower_dark)
{
    if (upper_dark)
        fputs(lower_dark ? " " : "\u2584", to);
    else
        fputs(lower_dark ? "\u2580" : "\u2588", to);
}

int gp_qr_print(FILE *to, const char *text, bool colour)
{
    QRcode *code = NULL;
    int rc = encode(text, &code);

    if (rc != 0)
        return rc;
    int width = code->width + 2 * MARGIN;
    for (int y = 0; y < width; y += 2) {
        if (colour)
            fputs("\033[97;40m", to);
        for (int x = 0; x < width; x++)
            print_pair(to, is_dark(code, x, y), y + 1 < width && is_dark(code, x, y + 1));
        fputs(colour ? "\033[0m\n" : "\n", to);
    }
    QRcode_free(code);
    return 0;
}

/* ---------------------------------------------------------------- PNG */

/* One byte a pixel: 0 is ink. */
static void paint(const QRcode *code, int side, unsigned char *ret_pixels)
{
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++)
            ret_pixels[(size_t)y * (size_t)side + (size_t)x] =
                is_dark(code, x / PIXELS, y / PIXELS) ? 0 : 255;
    }
}

/* The caller frees ret_png->ptr. */
static int compress(const unsigned char *pixels, int side, struct gp_span *ret_png)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)side,
                       .height = (png_uint_32)side,
                       .format = PNG_FORMAT_GRAY};
    png_alloc_size_t len = 0;
    char *png;

    if (!png_image_write_to_memory(&image, NULL, &len, 0, pixels, 0, NULL))
        return GP_ENOMEM;
    png = malloc(len);
    if (png == NULL)
        return GP_ENOMEM;
    if (!png_image_write_to_memory(&image, png, &len, 0, pixels, 0, NULL)) {
        free(png);
        return GP_ENOMEM;
    }
    *ret_png = (struct gp_span){png, len};
    return 0;
}

static int draw(const QRcode *code, struct gp_span *ret_png)
{
    int side = (code->width + 2 * MARGIN) * PIXELS;
    unsigned char *pixels = malloc((size_t)side * (size_t)side);
    int rc = GP_ENOMEM;

    if (pixels != NULL) {
        paint(code, side, pixels);
        rc = compress(pixels, side, ret_png);
    }
    free(pixels);
    return rc;
}

int gp_qr_png(const char *path, const char *text)
{
    QRcode *code = NULL;
    struct gp_span png = {0};
    int rc = encode(text, &code);

    if (rc == 0)
        rc = draw(code, &png);
    QRcode_free(code);
    if (rc != 0) {
        fprintf(stderr, _("gridpost: %s: %s\n"), path, gp_error_text(rc));
        return GP_EXIT_FAILED;
    }
    int exit_code = gp_save_or_say(path, png, 0600);
    free((void *)(uintptr_t)png.ptr);
    return exit_code;
}
