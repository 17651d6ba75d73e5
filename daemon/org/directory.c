#include "org/directory.h"

#include "base/limits.h"
#include "org/loader.h"
#include "org/settings.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct gp_directory {
    atomic_uint references;
    struct gp_arena arena;
    struct gp_org org;
};

static int read_default_calendar(struct gp_loader *loader)
{
    struct gp_settings settings;
    int rc = gp_settings_load(loader->folder, loader->findings, &settings);

    if (rc == GP_ECONFIG)
        return 0; /* its findings refuse the folder; the other files are looked at all the same */
    if (rc != 0)
        return rc;
    (void)snprintf(loader->default_calendar, sizeof loader->default_calendar, "%s",
                   settings.default_calendar);
    gp_settings_release(&settings);
    return 0;
}

typedef void (*load_step)(struct gp_loader *loader);

/* In an order in which each finds what it refers to. */
static const load_step steps[] = {
    gp_load_calendars, gp_load_ladders, gp_load_areas,    gp_load_departments, gp_load_lines,
    gp_load_people,    gp_load_posts,   gp_load_holdings, gp_load_leaves,      gp_load_roster,
    gp_load_catalogue, gp_load_rights,  gp_load_devices,  gp_load_users,       gp_check_staff,
};

static int load_all(struct gp_loader *loader)
{
    int rc = read_default_calendar(loader);

    if (rc != 0)
        return rc;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        steps[i](loader);
        if (loader->error != 0)
            return loader->error;
        if (loader->org->calendar_count == 0)
            return GP_ECONFIG; /* without a zone no time can be read */
    }
    return loader->findings->errors > 0 ? GP_ECONFIG : 0;
}

int gp_directory_load(const char *folder, struct gp_findings *findings,
                      struct gp_directory **ret_directory)
{
    struct gp_directory *directory = calloc(1, sizeof *directory);
    struct gp_loader loader = {.folder = folder, .findings = findings};

    if (directory == NULL)
        return GP_ENOMEM;
    atomic_init(&directory->references, 1);
    gp_arena_init(&directory->arena, GP_DIRECTORY_BYTES_MAX);
    loader.arena = &directory->arena;
    loader.org = &directory->org;
    int rc = load_all(&loader);
    if (rc != 0) {
        gp_directory_unref(directory);
        return rc;
    }
    gp_digest_org(&directory->org, directory->org.digest);
    *ret_directory = directory;
    return 0;
}

const struct gp_org *gp_directory_org(const struct gp_directory *directory)
{
    return &directory->org;
}

struct gp_directory *gp_directory_ref(struct gp_directory *directory)
{
    atomic_fetch_add(&directory->references, 1);
    return directory;
}

void gp_directory_unref(struct gp_directory *directory)
{
    if (directory == NULL || atomic_fetch_sub(&directory->references, 1) != 1)
        return;
    gp_arena_release(&directory->arena);
    free(directory);
}
