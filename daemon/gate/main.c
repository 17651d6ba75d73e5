/* gridpost-gate: arguments in, exit code out. */
#include "gate/gate.h"

#include "base/log.h"

#include <signal.h>

int main(int argc, char **argv)
{
    struct gp_gate_options options;

    (void)signal(SIGPIPE, SIG_IGN); /* a peer that left is an error of its write */
    gp_log_open("info");
    gp_gate_options_parse(argc, argv, &options);
    return gp_gate_run(&options);
}
