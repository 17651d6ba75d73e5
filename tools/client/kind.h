/**
 * Which answer belongs to which request. Inside libgridpost only.
 */
#ifndef GP_CLIENT_KIND_H
#define GP_CLIENT_KIND_H

#include "wire/message.h"

/** Which body the answer to a request has, where it is OK. Thread: any. */
enum gp_reply_kind gp_client_kind_for(const struct gp_request *request);

#endif
