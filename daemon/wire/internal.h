/**
 * What the files of wire share: protobuf-c over an arena, and one checked conversion per kind of
 * field. Nothing outside wire/ includes this.
 *
 * Both directions carry their first error, so that a message's fields can be written one after the
 * other; the caller looks at the end.
 */
#ifndef GP_WIRE_INTERNAL_H
#define GP_WIRE_INTERNAL_H

#include "gridpost.pb-c.h"
#include "wire/message.h"

/* Every bit of a patch that this release knows. */
#define GP_PATCH_BITS_ALL (2 * (uint32_t)GP_PATCH_UNACCEPT - 1)

/* ---- reading: generated structs into ours ---- */

struct gp_in {
    struct gp_arena *arena;
    int error;         /* the first one */
    const char *field; /* where; static storage */
    bool starved;      /* the arena refused memory while unpacking */
};

/** Remembers the first error. */
void gp_in_fail(struct gp_in *in, int error, const char *field);

/**
 * Unpacks at most max bytes into the arena.
 *
 * Ensures: NULL and an error: GP_ELIMIT, GP_EFORMAT when it is malformed, GP_ENOMEM when it costs
 * more than the arena's ceiling
 */
ProtobufCMessage *gp_unpack(struct gp_in *in, const ProtobufCMessageDescriptor *type,
                            struct gp_span bytes, size_t max);

/**
 * Whether a string of the message, at any depth, contains a NUL. protobuf-c would cut the text
 * there and forget how long it was, and half a report would be acknowledged.
 *
 * Requires: the message unpacks; types are not recursive
 */
bool gp_wire_has_nul(const ProtobufCMessageDescriptor *type, struct gp_span bytes);

/** An id: UTF-8, no control characters, at most GP_ID_BYTES_MAX. */
struct gp_span gp_in_id(struct gp_in *in, const char *text, const char *field);
/** Free text: UTF-8, no control characters but line feed and tab, at most max bytes. */
struct gp_span gp_in_text(struct gp_in *in, const char *text, size_t max, const char *field);
/** An area's digits and level; not there: no area. */
struct gp_area_ref gp_in_area(struct gp_in *in, const char *code, uint32_t level,
                              const char *field);
/** A time in the years 1970 to 9999; 0 stands for "none". */
int64_t gp_in_time(struct gp_in *in, int64_t ms, const char *field);
/** A number of at most max. */
uint32_t gp_in_number(struct gp_in *in, uint32_t value, uint32_t max, const char *field);
struct gp_place gp_in_place(struct gp_in *in, const Gp__Place *place);
/** A line of its own: as an id, of at most max bytes. */
struct gp_span gp_in_line(struct gp_in *in, const char *text, size_t max, const char *field);
/** Exactly len bytes; zeros after an error. */
void gp_in_bytes(struct gp_in *in, ProtobufCBinaryData from, size_t len, const char *field,
                 unsigned char *ret_bytes);
/** Bytes, only read from. */
ProtobufCBinaryData gp_out_bytes(const unsigned char *bytes, size_t len);
/** A zeroed array in the arena; NULL for none or on error. */
void *gp_in_array(struct gp_in *in, size_t count, size_t size, size_t max, const char *field);

void gp_in_row(struct gp_in *in, const Gp__Row *from, struct gp_row_copy *ret_row);
void gp_in_plan(struct gp_in *in, const Gp__Plan *from, struct gp_plan *ret_plan);
void gp_in_plan_step(struct gp_in *in, const Gp__PlanStep *from, struct gp_plan_step *ret_step);
void gp_in_incident(struct gp_in *in, const Gp__Incident *from, struct gp_incident *ret_incident);
void gp_in_side(struct gp_in *in, const Gp__Side *from, struct gp_side *ret_side);
void gp_in_strike(struct gp_in *in, const Gp__Strike *from, struct gp_strike *ret_strike);
void gp_in_leave(struct gp_in *in, const Gp__Leave *from, struct gp_leave_record *ret_leave);
void gp_in_tenure(struct gp_in *in, const Gp__Tenure *from, struct gp_tenure *ret_tenure);
void gp_in_device(struct gp_in *in, const Gp__Device *from, struct gp_device *ret_device);
void gp_in_entry(struct gp_in *in, const Gp__Entry *from, struct gp_entry *ret_entry);

/** A command and its id; body_hash is of its canonical packing. */
void gp_in_command(struct gp_in *in, const Gp__Request *request, struct gp_command *ret_command);
/** A control, likewise; it may have no id. Requires: to->control is zeroed. */
void gp_in_control(struct gp_in *in, const Gp__Request *request, struct gp_request *to);

void gp_in_assess_get(struct gp_in *in, const Gp__AssessGet *from, struct gp_assess_ask *ret_ask);
void gp_in_assessment(struct gp_in *in, const Gp__Assessment *from, struct gp_assessment *ret_to);
/** The set of kinds that a feed asks for. */
uint64_t gp_in_whats(struct gp_in *in, const Gp__FeedAsk *from);

/* ---- writing: our structs into generated ones, all in the arena ---- */

struct gp_out {
    struct gp_arena *arena;
    int error;
};

/** Memory for one message, zeroed; after an error a scratch area, so that the caller can go on. */
void *gp_out_new(struct gp_out *out, size_t size);
/** An array of count pointers; NULL for none and after an error: then nothing may be listed. */
void *gp_out_list(struct gp_out *out, size_t count);
/** Text with its NUL; NULL for the empty span. */
char *gp_out_text(struct gp_out *out, struct gp_span text);
/** An array of texts; NULL for none. In a list the empty text has a place of its own. */
char **gp_out_texts(struct gp_out *out, const struct gp_span *text, size_t count);
char *gp_out_area(struct gp_out *out, struct gp_area_ref area);
Gp__Place *gp_out_place(struct gp_out *out, struct gp_place place);
/* A message that was packed already (put.h), where a generated struct is pointed to. */
struct gp_raw {
    ProtobufCMessage base; /* its descriptor is gp_raw_type */
    struct gp_span bytes;
};
extern const ProtobufCMessageDescriptor gp_raw_type;

/** Packs into the arena. Errors: GP_ENOMEM; GP_ELIMIT above max bytes. */
int gp_out_pack(struct gp_out *out, const ProtobufCMessage *message, size_t max,
                struct gp_span *ret_bytes);

Gp__Strike *gp_out_strike(struct gp_out *out, const struct gp_strike *strike);
Gp__Leave *gp_out_leave(struct gp_out *out, const struct gp_leave_record *leave);
Gp__Tenure *gp_out_tenure(struct gp_out *out, const struct gp_tenure *tenure);
Gp__Device *gp_out_device(struct gp_out *out, const struct gp_device *device);
/** Packed already (gp_put_raw): to be pointed to, not looked into. */
Gp__Incident *gp_out_incident(struct gp_out *out, const struct gp_incident *incident);
/** What followers see of an entry; the same. */
Gp__Entry *gp_out_entry(struct gp_out *out, const struct gp_entry *entry);
Gp__Command *gp_out_command(struct gp_out *out, const struct gp_command *from);
/** The control and its id. */
void gp_out_control(struct gp_out *out, const struct gp_request *from, Gp__Request *to);
Gp__AssessGet *gp_out_assess_get(struct gp_out *out, const struct gp_assess_ask *ask);
Gp__Assessment *gp_out_assessment(struct gp_out *out, const struct gp_assessment *assessment);
void gp_out_whats(struct gp_out *out, uint64_t whats, Gp__FeedAsk *to);

/* ---- leaves.c ---- */
void gp_in_leaves_get(struct gp_in *in, const Gp__LeavesGet *from, struct gp_leaves_ask *ret_ask);
Gp__LeavesGet *gp_out_leaves_get(struct gp_out *out, const struct gp_leaves_ask *from);
void gp_in_leaves(struct gp_in *in, const Gp__Leaves *from, struct gp_reply *ret_reply);
void gp_out_leaves(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to);

/* ---- devices.c ---- */
void gp_in_devices_get(struct gp_in *in, const Gp__DevicesGet *from,
                       struct gp_devices_ask *ret_ask);
Gp__DevicesGet *gp_out_devices_get(struct gp_out *out, const struct gp_devices_ask *from);
Gp__VerifyGet *gp_out_verify_get(struct gp_out *out, const struct gp_verify_ask *from);
void gp_in_devices(struct gp_in *in, const Gp__Devices *from, struct gp_reply *ret_reply);
void gp_out_devices(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to);

/* ---- proof.c ---- */
void gp_in_receipt(struct gp_in *in, const Gp__Receipt *from, struct gp_receipt *ret_receipt);
Gp__Receipt *gp_out_receipt(struct gp_out *out, const struct gp_receipt *from);
void gp_in_hint_key(struct gp_in *in, const Gp__HintKey *from, struct gp_hint_key *ret_key);
Gp__HintKey *gp_out_hint_key(struct gp_out *out, const struct gp_hint_key *from);
void gp_in_verified(struct gp_in *in, const Gp__Verified *from, struct gp_verified *ret_verified);
void gp_in_backup_ask(struct gp_in *in, const Gp__BackupAsk *from, uint8_t *ret_act);
void gp_in_backup(struct gp_in *in, const Gp__Backup *from, struct gp_backup_state *ret_backup);
Gp__Backup *gp_out_backup(struct gp_out *out, const struct gp_backup_state *from);
void gp_in_summary_get(struct gp_in *in, const Gp__SummaryGet *from,
                       struct gp_summary_ask *ret_ask);
Gp__SummaryGet *gp_out_summary_get(struct gp_out *out, const struct gp_summary_ask *ask);
void gp_in_summary(struct gp_in *in, const Gp__Summary *from, struct gp_summary *ret_summary);
Gp__Summary *gp_out_summary(struct gp_out *out, const struct gp_summary *from);
void gp_in_daemon(struct gp_in *in, const Gp__DaemonStatus *from, struct gp_daemon_status *ret_to);
Gp__DaemonStatus *gp_out_daemon(struct gp_out *out, const struct gp_daemon_status *from);
void gp_in_figures(struct gp_in *in, const Gp__Figures *from, struct gp_reply *ret_reply);
Gp__Figures *gp_out_figures(struct gp_out *out, const struct gp_daemon_figures *from);
Gp__Verified *gp_out_verified(struct gp_out *out, const struct gp_verified *from);
void gp_in_head(struct gp_in *in, const Gp__Head *from, struct gp_signed_head *ret_head);
Gp__Head *gp_out_head(struct gp_out *out, const struct gp_signed_head *from);

/* The set of steps whose notices are owed: one bit (1 << step) each. */
#define GP_STEPS_OWED_MAX (2 * (UINT32_C(1) << GP_STEP_RESUME) - 1)

/* An optional number: not on the wire when it is 0. */
#define GP_SET(message, field, value)                                                              \
    do {                                                                                           \
        (message)->field = (value);                                                                \
        (message)->has_##field = (message)->field != 0;                                            \
    } while (0)

#endif
