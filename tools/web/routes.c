/* Which path is whose, and what is neither API nor Open311: the pages. */
#include "web/api.h"

/* Routes of the pages' own are answered with index.html, whatever follows. */
static void serve_page(struct gp_exchange *exchange, void *context)
{
    const struct gp_web *web = context;

    if (!gp_files_serve(web->files, exchange, "/index.html"))
        gp_http_refuse(exchange, 404, "not_found", "no pages are installed");
}

static void serve_file(struct gp_exchange *exchange, void *context)
{
    const struct gp_web *web = context;
    const char *path = gp_http_path(exchange) + sizeof "/static" - 1;

    if (!gp_files_serve(web->files, exchange, path))
        gp_http_refuse(exchange, 404, "not_found", "no such file");
}

static const struct gp_http_route routes[] = {
    {GP_HTTP_GET, "/", serve_page},
    {GP_HTTP_GET, "/p/*", serve_page},
    {GP_HTTP_GET, "/static/*", serve_file},
    {GP_HTTP_GET, "/demo", gp_api_demo},
    {GP_HTTP_GET, "/healthz", gp_api_healthz},
    {GP_HTTP_GET, "/readyz", gp_api_readyz},
    {GP_HTTP_GET, "/metrics", gp_api_metrics},
    {GP_HTTP_GET, "/open311/v2/*", gp_api_open311},
    {GP_HTTP_POST, "/open311/v2/*", gp_api_open311},
    {GP_HTTP_POST, "/api/sign-in", gp_api_sign_in},
    {GP_HTTP_POST, "/api/sign-out", gp_api_sign_out},
    {GP_HTTP_GET, "/api/me", gp_api_me},
    {GP_HTTP_GET, "/api/directory", gp_api_directory},
    {GP_HTTP_GET, "/api/board", gp_api_board},
    {GP_HTTP_GET, "/api/summary", gp_api_summary},
    {GP_HTTP_GET, "/api/geo", gp_api_geo},
    {GP_HTTP_GET, "/api/search", gp_api_search},
    {GP_HTTP_GET, "/api/incidents/*", gp_api_incident},
    {GP_HTTP_POST, "/api/incidents", gp_api_report},
    {GP_HTTP_POST, "/api/incidents/*", gp_api_command},
    {GP_HTTP_GET, "/api/people", gp_api_people},
    {GP_HTTP_GET, "/api/assess", gp_api_assess},
    {GP_HTTP_GET, "/api/assess/series", gp_api_series},
    {GP_HTTP_GET, "/api/assess.xlsx", gp_api_book},
    {GP_HTTP_GET, "/api/stream", gp_api_stream},
    {GP_HTTP_GET, "/api/escalations", gp_api_escalations},
};

const struct gp_http_route *gp_api_routes(size_t *ret_count)
{
    *ret_count = sizeof routes / sizeof routes[0];
    return routes;
}
