/* gridpostd: arguments in, exit code out. */
#include "app/app.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>

/* glibc raises its threshold to the largest block that was ever freed, and from then on such blocks
 * lie in the arena of the thread that made them, one in each thread of the pool, for good. */
#define GP_LARGE_BLOCK (256 * 1024)

int main(int argc, char **argv)
{
    struct gp_app_options options;

    (void)mallopt(M_MMAP_THRESHOLD, GP_LARGE_BLOCK);
    (void)umask(0007);                          /* nanomsg's sockets follow it */
    (void)setenv("UV_THREADPOOL_SIZE", "5", 0); /* fixed at the pool's first use */
    if (gp_options_parse(argc, argv, &options) != 0)
        return 1; /* what is wrong with them has ended the process by itself */
    return gp_app_run(&options);
}
