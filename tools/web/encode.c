/* A request's path and query, percent-encoded anew: libwebsockets keeps them decoded only, and who
 * has a reader of their own wants them whole. */
#include "web/exchange.h"

#include <assert.h>
#include <stdlib.h>

static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~/", c) != NULL);
}

static char *encode(char *to, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (is_plain(*at)) {
            *to++ = (char)*at;
        } else {
            *to++ = '%';
            *to++ = digits[*at >> 4];
            *to++ = digits[*at & 15];
        }
    }
    return to;
}

struct gp_span gp_http_encoded_path(struct gp_exchange *exchange, const char *behind)
{
    assert(strncmp(exchange->path, behind, strlen(behind)) == 0);
    if (exchange->encoded_path == NULL)
        exchange->encoded_path = malloc(3 * strlen(exchange->path) + 1);
    if (exchange->encoded_path == NULL)
        return (struct gp_span){0};
    char *end = encode(exchange->encoded_path, exchange->path + strlen(behind));
    *end = '\0';
    return (struct gp_span){exchange->encoded_path, (size_t)(end - exchange->encoded_path)};
}

struct gp_span gp_http_encoded_query(struct gp_exchange *exchange)
{
    const struct gp_pairs *query = &exchange->query;
    size_t room = 1;

    for (size_t i = 0; i < query->count; i++)
        room += 3 * (strlen(query->pair[i].name) + strlen(query->pair[i].value)) + 2;
    free(exchange->encoded_query);
    exchange->encoded_query = malloc(room);
    if (exchange->encoded_query == NULL)
        return (struct gp_span){0};
    char *to = exchange->encoded_query;
    for (size_t i = 0; i < query->count; i++) {
        if (i > 0)
            *to++ = '&';
        to = encode(to, query->pair[i].name);
        *to++ = '=';
        to = encode(to, query->pair[i].value);
    }
    *to = '\0';
    return (struct gp_span){exchange->encoded_query, (size_t)(to - exchange->encoded_query)};
}
