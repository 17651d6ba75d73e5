/** Addresses of servers and people, as far as they have to be judged. */
#ifndef GP_NOTIFY_ADDRESS_H
#define GP_NOTIFY_ADDRESS_H

#include "base/span.h"

/** Whether a URL's host is this machine: 127.x.x.x, [::1] or localhost. Thread: any. */
bool gp_address_is_here(struct gp_span url);

/**
 * Whether what is sent to a URL is encrypted on its way, or does not leave this machine. Of mail:
 * smtps://, and smtp://, where STARTTLS is asked for elsewhere. No name or password may stand in
 * it: what stands in settings is no secret.
 */
bool gp_address_is_safe(struct gp_span url, bool mail);

/** Whether it is one mail address without a display name: one @, and nothing that ends a line or
 * begins another address. */
bool gp_address_is_mail(struct gp_span text);

/** The host of a URL, with its port: all of it that a log may show. Lifetime: of the URL. */
struct gp_span gp_address_host(struct gp_span url);

#endif
