/**
 * Messages with every field set, and comparing them. An id's text is the name of its field in
 * gridpost.proto, so that a test can see that a value travels in the field that is meant.
 */
#ifndef GP_TESTS_WIRE_SAMPLE_H
#define GP_TESTS_WIRE_SAMPLE_H

#include "wire/message.h"

#define SAMPLE_MS INT64_C(1790757600000) /* 2026-09-30T08:40:00Z */

/* Lifetime of all: the program's. Each call fills the sample anew. */
struct gp_incident *sample_incident(void);
struct gp_entry *sample_entry(void);
struct gp_request *sample_request(enum gp_request_kind kind);
struct gp_reply *sample_reply(enum gp_reply_kind kind);

/* A failed comparison fails the test. Of an entry's patch the whole is compared. */
void same_incident(const struct gp_incident *a, const struct gp_incident *b);
void same_public_entry(const struct gp_entry *a, const struct gp_entry *b);
void same_entry(const struct gp_entry *a, const struct gp_entry *b);
void same_request(const struct gp_request *a, const struct gp_request *b);
void same_reply(const struct gp_reply *a, const struct gp_reply *b);

#endif
