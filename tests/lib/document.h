/**
 * Examples that a document gives, for tests that prove them.
 */
#ifndef TESTS_LIB_DOCUMENT_H
#define TESTS_LIB_DOCUMENT_H

#include "base/span.h"

#define DOCUMENT_BYTES_MAX (128 * 1024)

/** Reads docs/NAME whole, NUL-terminated. Fails the test when it cannot. */
void document_read(const char *name, char ret_document[DOCUMENT_BYTES_MAX]);

/**
 * The bytes of the block that begins with ```hex NAME: pairs of hex digits, up to two blanks behind
 * them in each line. Fails the test when there is no such block.
 *
 * Lifetime: points into ret_bytes, which has room for them
 */
struct gp_span document_hex(const char *document, const char *name, unsigned char *ret_bytes);

/** The text of the block that begins with ```text NAME, its last line end included. */
struct gp_span document_text(const char *document, const char *name);

#endif
