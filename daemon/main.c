/* gridpostd: arguments in, exit code out. */
#include "app/app.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

int main(int argc, char **argv)
{
    struct gp_app_options options;

    (void)umask(0007);                          /* nanomsg's sockets follow it */
    (void)setenv("UV_THREADPOOL_SIZE", "4", 0); /* fixed at the pool's first use */
    if (gp_options_parse(argc, argv, &options) != 0)
        return EX_USAGE;
    return gp_app_run(&options);
}
