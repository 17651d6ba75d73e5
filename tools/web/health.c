/* For who watches the process: alive, and whether it is of use. */
#include "web/api.h"

void gp_api_healthz(struct gp_exchange *exchange, void *context)
{
    (void)context;
    gp_http_reply(exchange, 200, "text/plain; charset=utf-8", GP_SPAN("ok\n"));
}

void gp_api_readyz(struct gp_exchange *exchange, void *context)
{
    const struct gp_web *web = context;

    if (web->daemon.known)
        gp_http_reply(exchange, 200, "text/plain; charset=utf-8", GP_SPAN("ready\n"));
    else
        gp_http_reply(exchange, 503, "text/plain; charset=utf-8",
                      GP_SPAN("the daemon does not answer\n"));
}
