/* gridpost-web: arguments in, exit code out. */
#include "web/web.h"

#include "base/log.h"

#include <signal.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    struct gp_web_options options;

    (void)umask(0077);
    (void)signal(SIGPIPE, SIG_IGN); /* a browser that left is an error of its write */
    gp_log_open("info");
    gp_web_options_parse(argc, argv, &options);
    return options.act == GP_WEB_SERVE ? gp_web_run(&options) : gp_web_secrets(&options);
}
