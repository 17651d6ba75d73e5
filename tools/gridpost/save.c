#include "gridpost/save.h"

#include "gridpost/cli.h"

#include "trust/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gp_save_or_say(const char *path, struct gp_span bytes, mode_t mode)
{
    const char *reason = "";

    if (gp_file_write(path, bytes, mode, &reason) == 0)
        return GP_EXIT_DONE;
    fprintf(stderr, _("gridpost: %s\n"), reason);
    return GP_EXIT_FAILED;
}

int gp_read_or_say(const char *path, struct gp_span *ret_bytes)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *bytes = malloc(GP_SAVED_BYTES_MAX + 1);
    size_t len = 0;
    bool read = file != NULL && bytes != NULL;
    int why = errno;

    if (read) {
        len = fread(bytes, 1, GP_SAVED_BYTES_MAX, file);
        read = ferror(file) == 0 && feof(file) != 0;
        why = ferror(file) ? errno : EFBIG;
    }
    if (file != NULL && file != stdin)
        (void)fclose(file); /* only read */
    if (!read) {
        fprintf(stderr, _("gridpost: %s: %s\n"), path, strerror(why));
        free(bytes);
        return why == ENOENT ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    bytes[len] = '\0';
    *ret_bytes = (struct gp_span){bytes, len};
    return GP_EXIT_DONE;
}
