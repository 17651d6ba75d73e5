/**
 * Messages on the wire as plain structs, and the only functions that know protobuf. Everything
 * that comes in is checked here: size before unpacking, memory by an arena with a ceiling, UTF-8,
 * lengths, enums, ranges; unknown fields are dropped. Limits are those of base/limits.h.
 */
#ifndef GP_WIRE_MESSAGE_H
#define GP_WIRE_MESSAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "core/assess.h"
#include "core/census.h"
#include "core/decide.h"
#include "core/query.h"
#include "wire/figures.h"

#define GP_WIRE_VERSION 1

enum gp_request_kind { /* which field of the oneof; never on the wire itself */
                       GP_REQUEST_COMMAND = 1,
                       GP_REQUEST_QUERY = 2,
                       GP_REQUEST_INCIDENT = 3,
                       GP_REQUEST_FEED = 4,
                       GP_REQUEST_STATUS = 5,
                       GP_REQUEST_ROSTER = 6,
                       GP_REQUEST_CONTROL = 7,
                       GP_REQUEST_WHO = 8,
                       GP_REQUEST_LEAVES = 9,
                       GP_REQUEST_ASSESS = 10,
                       GP_REQUEST_DEVICES = 11,
                       GP_REQUEST_VERIFY = 12,
                       GP_REQUEST_HEAD = 13,
                       GP_REQUEST_BACKUP = 14,
                       GP_REQUEST_FIGURES = 15,
                       GP_REQUEST_SUMMARY = 16,
};

/** "command", "query" … as the body is called in gridpost.proto; "?" for a number that is none.
 * Thread: any. */
const char *gp_request_word(int kind);

enum gp_control { GP_CONTROL_CLOCK_CONFIRM = 1, GP_CONTROL_CLOCK_LOWER = 2 };

enum gp_backup_act { /* on the wire: only ever append */
                     GP_BACKUP_LOOK = 1,
                     GP_BACKUP_MAKE = 2,
                     GP_BACKUP_CHECK = 3,
                     GP_BACKUP_LIST = 4,
};

struct gp_request {
    uint8_t kind;
    /* Who claims to speak. Of a sealed message app/ looks at it only when a bridge speaks; an
     * unsealed one it believes where those are taken at all. */
    struct gp_span person, device;
    union {
        struct gp_command command; /* actor, device, by_device and key left empty: app/ fills
                                    * them in */
        struct gp_query query;
        uint64_t incident;
        struct gp_feed_ask feed;
        struct gp_assess_ask assess;
        struct {
            struct gp_area_ref area;
            int64_t at_ms; /* 0: now */
        } roster;
        struct {
            uint8_t act; /* enum gp_control */
            int64_t at_ms;
            /* as of a command; id zeros: none, and a repeat is an act of its own */
            unsigned char id[GP_COMMAND_ID_BYTES], body_hash[16];
        } control;
        struct {
            struct gp_span grid, category, condition; /* as of a report */
            int64_t at_ms;                            /* 0: now */
        } who;
        struct gp_leaves_ask leaves;
        struct gp_devices_ask devices;
        struct gp_verify_ask verify;
        uint8_t backup; /* enum gp_backup_act */
        struct gp_summary_ask summary;
    };
};

enum gp_status { /* on the wire: only ever append */
                 GP_STATUS_OK = 1,
                 GP_STATUS_REFUSED = 2, /* reason and detail say why; do not repeat unchanged */
                 GP_STATUS_INVALID = 3, /* the message breaks the protocol; a client's bug */
                 GP_STATUS_NOT_FOUND = 4,
                 GP_STATUS_TRY_AGAIN = 5,   /* nothing was stored; repeat with the same id */
                 GP_STATUS_VERSION = 6,     /* the protocol version is not spoken here */
                 GP_STATUS_LIMITED = 7,     /* too fast: repeat after retry_ms */
                 GP_STATUS_SEALED_ONLY = 8, /* this socket takes sealed messages only */
};

enum gp_reply_kind {
    GP_REPLY_ANSWER = 1, /* of a command or control */
    GP_REPLY_PAGE = 2,
    GP_REPLY_INCIDENT = 3,
    GP_REPLY_FEED = 4,
    GP_REPLY_STATUS = 5,
    GP_REPLY_ROSTER = 6,
    GP_REPLY_FORECAST = 7,
    GP_REPLY_LEAVES = 8,
    GP_REPLY_ASSESS = 9,
    GP_REPLY_DEVICES = 10,
    GP_REPLY_VERIFIED = 11,
    GP_REPLY_HEAD = 12,
    GP_REPLY_BACKUP = 13,
    GP_REPLY_FIGURES = 14,
    GP_REPLY_SUMMARY = 15,
};

struct gp_duty_row {
    struct gp_span area, area_name, post, kind, person, person_name, phone;
    uint8_t path; /* enum gp_path; 0: nobody */
};

/* One entry of a forecast, and what the persons are called whom it tells. */
struct gp_forecast_step {
    struct gp_entry entry;
    struct gp_span name[GP_RECIPIENTS_MAX]; /* of entry.recipient, in their order */
};

struct gp_assess_row {
    struct gp_span unit, name;
    struct gp_figures figures;
};

struct gp_assess_case {
    uint64_t incident;
    struct gp_span unit;
};

/* Rows, or the incidents behind a figure. */
struct gp_assessment {
    struct gp_assess_row *row;
    struct gp_assess_case *behind;
    uint32_t row_count, behind_count;
    uint64_t next; /* cursor of the next page; 0: this was the last */
    uint64_t head;
};

/* A signed receipt (trust/receipt.h): leaf and path give the root that the signature is of. */
struct gp_receipt {
    bool present;
    unsigned char request_hash[32];
    uint32_t index, count; /* of this receipt among those of its batch */
    uint8_t path_len;
    unsigned char path[GP_RECEIPT_PATH_MAX][32];
    unsigned char signature[64], key[32]; /* Ed25519; the key is the public one */
};

/* The key by which published hints of a feed are checked (trust/hint.h). */
struct gp_hint_key {
    bool present;
    unsigned char feed[8];
    uint32_t epoch;
    unsigned char key[32];
};

struct gp_verified {
    uint64_t upto;          /* how far this look came; 0: nothing was there */
    uint64_t bad;           /* the first entry that is not what the chain says; 0: none */
    unsigned char hash[32]; /* of the entry upto */
    uint64_t head;
};

/* A signed head of the journal (trust/receipt.h). */
struct gp_signed_head {
    uint64_t seq;
    unsigned char hash[32];
    int64_t at_ms;
    unsigned char signature[64], key[32]; /* Ed25519; the key is the public one */
};

enum gp_backup_phase { /* on the wire: only ever append */
                       GP_BACKUP_NONE = 0,
                       GP_BACKUP_COPYING = 1,
                       GP_BACKUP_COMPACTING = 2,
                       GP_BACKUP_VERIFYING = 3,
                       GP_BACKUP_FINISHING = 4,
};

enum gp_backup_result { /* on the wire: only ever append */
                        GP_BACKUP_UNKNOWN = 0,
                        GP_BACKUP_GOOD = 1,
                        GP_BACKUP_DAMAGED = 2,
                        GP_BACKUP_FAILED = 3,
                        GP_BACKUP_CUT = 4,
                        GP_BACKUP_GAVE_WAY = 5,
};

struct gp_backup_kept {
    struct gp_span name;
    int64_t at_ms;
    uint64_t seq, bytes; /* bytes: of the disk */
    bool verified;
};

/* How the last copy stands, or what became of it; or what is kept. */
struct gp_backup_state {
    uint64_t job; /* its number since the start; 0: there was none */
    bool check;
    uint8_t phase, result;
    uint64_t done, of;   /* bytes copied */
    struct gp_span name; /* of a good one */
    uint64_t seq;        /* where its journal ends, and that entry's hash */
    unsigned char hash[32];
    int64_t started_ms, ended_ms;
    struct gp_span finding; /* why it is not good: lines, at most GP_TEXT_BYTES_MAX */
    struct gp_backup_kept *kept;
    uint32_t kept_count; /* at most GP_PAGE_ROWS_MAX */
};

struct gp_reply {
    uint8_t status; /* enum gp_status */
    uint8_t kind;   /* enum gp_reply_kind */
    uint8_t reason; /* enum gp_reason */
    struct gp_span detail;
    uint32_t retry_ms;                /* of GP_STATUS_LIMITED */
    uint64_t follower[GP_LINKED_MAX]; /* of an incident: the reports that follow it */
    uint32_t follower_count;
    union {
        struct {
            unsigned char id[GP_COMMAND_ID_BYTES]; /* the command's, so that a client can match */
            bool repeated;
            uint64_t incident, seq; /* incident: for leave … cancel the leave's number */
            uint32_t version;
            uint8_t state;
            int64_t due_ms, at_ms; /* at_ms: of the entry seq */
            struct gp_receipt receipt;
            struct gp_span invitation; /* of invite: its text */
            uint64_t device;           /* of invite, confirm, revoke: its number */
        } answer;
        struct {
            struct gp_incident *item;
            uint32_t count;
            struct gp_span cursor; /* empty: last page */
            uint64_t head;
            bool counted;
            uint32_t total; /* where it was counted: of all pages */
        } page;
        struct gp_incident *incident;
        struct {
            struct gp_entry **item;
            uint32_t count;
            uint64_t scanned_to, head;
            struct gp_hint_key hint;
        } feed;
        struct gp_daemon_status daemon;
        struct gp_assessment assess;
        struct {
            struct gp_duty_row *item;
            uint32_t count;
        } roster;
        struct {
            struct gp_forecast_step **item;
            uint32_t count; /* at most GP_FORECAST_MAX */
        } forecast;
        struct {
            struct gp_leave_record *item;
            uint32_t count;
            struct gp_tenure *holding; /* ids are 0 */
            uint32_t holding_count;
            uint64_t next; /* 0: last page */
        } leaves;
        struct {
            struct gp_device *item;
            uint32_t count;
            uint64_t next; /* 0: last page */
        } devices;
        struct gp_verified verified;
        struct gp_signed_head head;
        struct gp_backup_state backup;
        struct gp_daemon_figures *figures;
        struct gp_summary summary;
    };
};

/** Whether a verb may come in a message: a join is said by app/, an enrolment by the engine.
 * Thread: any. */
bool gp_wire_verb_allowed(int verb);

/**
 * Reads a request. The command's body_hash is computed here, over the canonical packing of its
 * body without id and speaker.
 *
 * Thread:   any
 * Ensures:  takes at most GP_UNPACK_BYTES_MAX of the arena, however large that is
 * Lifetime: *ret_request points into the arena
 * Errors:   GP_ELIMIT over a size, GP_EFORMAT, GP_EUTF8, GP_EVERSION, GP_ENOMEM (that memory does
 * not do: nothing legal costs as much); *ret_field then names the field, static storage
 */
int gp_wire_request_unpack(struct gp_span message, struct gp_arena *arena,
                           struct gp_request *ret_request, const char **ret_field);

/** Writes a request into the arena. Errors: as unpacking, so that a client cannot send what is
 * refused. */
int gp_wire_request_pack(const struct gp_request *request, struct gp_arena *arena,
                         struct gp_span *ret_message);

int gp_wire_reply_unpack(struct gp_span message, struct gp_arena *arena,
                         struct gp_reply *ret_reply);
/** Errors: GP_ELIMIT above GP_REPLY_BYTES_MAX: send fewer rows. */
int gp_wire_reply_pack(const struct gp_reply *reply, struct gp_arena *arena,
                       struct gp_span *ret_message);

/*
 * Stored forms. Packing is deterministic: the same struct gives the same bytes. What is unpacked
 * points into the arena only, and is undefined after an error.
 *
 * Errors: packing GP_ENOMEM, GP_ELIMIT, GP_EUTF8 (a NUL in a text); unpacking GP_ELIMIT, GP_EFORMAT
 * and GP_EUTF8 (damaged, or written by a newer gridpost), GP_ENOMEM
 */
int gp_wire_entry_pack(const struct gp_entry *entry, struct gp_arena *arena,
                       struct gp_span *ret_bytes);
int gp_wire_entry_unpack(struct gp_span bytes, struct gp_arena *arena, struct gp_entry *ret_entry);
int gp_wire_incident_pack(const struct gp_incident *incident, struct gp_arena *arena,
                          struct gp_span *ret_bytes);
int gp_wire_incident_unpack(struct gp_span bytes, struct gp_arena *arena,
                            struct gp_incident *ret_incident);

int gp_wire_strike_pack(const struct gp_strike *strike, struct gp_arena *arena,
                        struct gp_span *ret_bytes);
int gp_wire_strike_unpack(struct gp_span bytes, struct gp_arena *arena,
                          struct gp_strike *ret_strike);
int gp_wire_leave_pack(const struct gp_leave_record *leave, struct gp_arena *arena,
                       struct gp_span *ret_bytes);
int gp_wire_leave_unpack(struct gp_span bytes, struct gp_arena *arena,
                         struct gp_leave_record *ret_leave);
int gp_wire_tenure_pack(const struct gp_tenure *tenure, struct gp_arena *arena,
                        struct gp_span *ret_bytes);
int gp_wire_tenure_unpack(struct gp_span bytes, struct gp_arena *arena,
                          struct gp_tenure *ret_tenure);

int gp_wire_device_pack(const struct gp_device *device, struct gp_arena *arena,
                        struct gp_span *ret_bytes);
int gp_wire_device_unpack(struct gp_span bytes, struct gp_arena *arena,
                          struct gp_device *ret_device);

/* What a look at a stored device tells without unpacking it. */
struct gp_device_peek {
    struct gp_span person; /* points into the bytes */
    uint8_t role, state;
    int64_t expires_ms;
};

/** Reads those fields only. Errors: GP_EFORMAT: this is no device. Thread: any. */
int gp_wire_device_peek(struct gp_span bytes, struct gp_device_peek *ret_peek);

/**
 * Reads what the search for duplicates looks at. Errors: GP_EFORMAT: this is no incident.
 *
 * Thread:   any
 * Requires: the bytes were packed by gp_wire_incident_pack
 * Lifetime: the category points into the bytes
 */
int gp_wire_incident_peek(struct gp_span bytes, struct gp_similar *ret_similar);

/**
 * Reads what a query looks at in a stored incident, without unpacking it.
 *
 * Thread:   any
 * Requires: the bytes are as this store packed them: its checksums say so
 * Lifetime: *ret_traits points into the bytes
 * Errors:   GP_EFORMAT: this is no incident
 */
int gp_wire_traits_peek(struct gp_span bytes, struct gp_traits *ret_traits);

/**
 * Reads what a census looks at in a stored incident: gives what gp_outlook_of gives of the whole.
 *
 * Thread:   any
 * Requires: the bytes are as this store packed them: its checksums say so
 * Lifetime: *ret_outlook points into the bytes
 * Errors:   GP_EFORMAT: this is no incident
 */
int gp_wire_outlook_peek(struct gp_span bytes, struct gp_outlook *ret_outlook);

/**
 * Reads the due whose clock runs in a stored incident: gives what gp_incident_due gives of the
 * whole.
 *
 * Thread:   any
 * Requires: the bytes are as this store packed them: its checksums say so
 * Errors:   GP_EFORMAT: this is no incident
 */
int gp_wire_due_peek(struct gp_span bytes, int64_t *ret_due_ms);

/* What a look at a stored entry tells without unpacking it. */
struct gp_entry_peek {
    int64_t at_ms;
    uint64_t incident; /* 0: none */
};

/** Reads those two fields only. Errors: GP_EFORMAT: this is no entry. Thread: any. */
int gp_wire_entry_peek(struct gp_span bytes, struct gp_entry_peek *ret_peek);

/**
 * Reads what an assessment looks at in a stored entry, without unpacking it: gives what gp_fact_of
 * gives of the whole entry.
 *
 * Thread:   any
 * Requires: the bytes are as this store packed them: its checksums say so
 * Lifetime: *ret_fact points into the bytes
 * Errors:   GP_EFORMAT: this is no entry
 */
int gp_wire_fact_peek(struct gp_span bytes, struct gp_fact *ret_fact);

/** A stable 64-bit hash of a device's or a person's name, for keys (XXH3). Thread: any. */
uint64_t gp_device_hash(struct gp_span device);

#endif
