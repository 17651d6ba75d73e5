#include "notify/address.h"

static bool begins(struct gp_span text, const char *with)
{
    size_t len = strlen(with);
    return text.len > len && memcmp(text.ptr, with, len) == 0;
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

struct gp_span gp_address_host(struct gp_span url)
{
    size_t from = 0, to;

    for (size_t i = 0; i + 3 <= url.len && from == 0; i++) {
        if (memcmp(url.ptr + i, "://", 3) == 0)
            from = i + 3;
    }
    for (to = from; to < url.len && !is_one_of(url.ptr[to], "/?#\\"); to++)
        continue;
    return (struct gp_span){url.ptr + from, to - from};
}

static struct gp_span without_port(struct gp_span host)
{
    for (size_t i = host.len; i > 0; i--) {
        if (host.ptr[i - 1] == ']')
            break;
        if (host.ptr[i - 1] == ':')
            return (struct gp_span){host.ptr, i - 1};
    }
    return host;
}

bool gp_address_is_here(struct gp_span url)
{
    struct gp_span host = without_port(gp_address_host(url));

    if (gp_span_is(host, "localhost") || gp_span_is(host, "[::1]"))
        return true;
    if (!begins(host, "127."))
        return false;
    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] != '.' && (host.ptr[i] < '0' || host.ptr[i] > '9'))
            return false; /* 127.0.0.1.example.com */
    }
    return true;
}

bool gp_address_is_safe(struct gp_span url, bool mail)
{
    struct gp_span host = gp_address_host(url);

    if (host.len == 0 || memchr(host.ptr, '@', host.len) != NULL ||
        memchr(url.ptr, ' ', url.len) != NULL)
        return false;
    if (mail)
        return begins(url, "smtps://") || begins(url, "smtp://");
    return begins(url, "https://") || (begins(url, "http://") && gp_address_is_here(url));
}

bool gp_address_is_mail(struct gp_span text)
{
    size_t at = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c >= 0x7F || is_one_of((char)c, "<>(),;:\\\"[]"))
            return false;
        if (c == '@' && at != 0)
            return false;
        if (c == '@')
            at = i;
    }
    return at > 0 && at + 1 < text.len;
}
