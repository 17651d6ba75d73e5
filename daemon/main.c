/* gridpostd: arguments in, exit code out. */
#include "app/app.h"

#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    struct gp_app_options options;

    (void)umask(0007);                          /* nanomsg's sockets follow it */
    (void)setenv("UV_THREADPOOL_SIZE", "5", 0); /* fixed at the pool's first use */
    if (gp_options_parse(argc, argv, &options) != 0)
        return 1; /* what is wrong with them has ended the process by itself */
    return gp_app_run(&options);
}
