/** Signatures and the ways in which bytes are written in URLs, headers and mails. */
#ifndef GP_NOTIFY_SIGN_H
#define GP_NOTIFY_SIGN_H

#include "notify/buffer.h"

#define GP_HMAC_BYTES 32

/** HMAC-SHA256 (RFC 2104, FIPS 180-4). Thread: any. */
void gp_hmac_sha256(struct gp_span key, struct gp_span message,
                    unsigned char ret_mac[GP_HMAC_BYTES]);

/** Adds bytes as lower-case hexadecimal digits. */
void gp_buffer_hex(struct gp_buffer *buffer, struct gp_span bytes);

/** Adds bytes in base64 (RFC 4648, with padding), on one line. */
void gp_buffer_base64(struct gp_buffer *buffer, struct gp_span bytes);

/** Adds bytes as RFC 3986 allows them anywhere: all but letters, digits, "-", "." and "_" as %XX.
 */
void gp_buffer_percent(struct gp_buffer *buffer, struct gp_span bytes);

#endif
