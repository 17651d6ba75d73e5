#include "org/loader.h"

#include <assert.h>

void gp_loader_unread(struct gp_loader *loader, const char *file)
{
    if (!gp_loader_whole(loader, file))
        return;
    assert(loader->unread_count < GP_UNREAD_MAX);
    loader->unread[loader->unread_count++] = file;
}

bool gp_loader_whole(const struct gp_loader *loader, const char *file)
{
    for (unsigned i = 0; i < loader->unread_count; i++) {
        if (strcmp(loader->unread[i], file) == 0)
            return false;
    }
    return true;
}
