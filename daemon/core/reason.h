/**
 * Why a command was refused. A refusal is an answer, not an error: nothing changed, and the text
 * (with a detail that names what would be allowed) is for the person who asked.
 */
#ifndef GP_CORE_REASON_H
#define GP_CORE_REASON_H

#include "base/span.h"

/* Numbers are on the wire and in the dedup table: only ever append. */
#define GP_REASONS(X)                                                                              \
    X(GP_REASON_NONE, 0, "ok", "")                                                                 \
    X(GP_REASON_CONFLICT, 1, "conflict", "this id was used before with another content")           \
    X(GP_REASON_UNKNOWN_AREA, 2, "unknown_area", "no such grid in the directory")                  \
    X(GP_REASON_UNKNOWN_CATEGORY, 3, "unknown_category", "no such category or condition")          \
    X(GP_REASON_UNKNOWN_PERSON, 4, "unknown_person", "no such person in the directory")            \
    X(GP_REASON_UNKNOWN_POST, 5, "unknown_post", "no such post in the directory")                  \
    X(GP_REASON_UNKNOWN_INCIDENT, 6, "unknown_incident", "no such incident")                       \
    X(GP_REASON_STATE, 7, "state", "it is in a state that does not allow this")                    \
    X(GP_REASON_VERSION, 8, "version", "the incident has changed since you looked")                \
    X(GP_REASON_NOT_OWNER, 9, "not_owner", "only the owner post's people may do this")             \
    X(GP_REASON_NOT_CHECKER, 10, "not_checker", "only the checker's people may do this")           \
    X(GP_REASON_OWN_WORK, 11, "own_work", "who finished may not verify")                           \
    X(GP_REASON_NOT_INFORMED, 12, "not_informed", "residents must be told before closing")         \
    X(GP_REASON_LATE, 13, "late", "too late for this")                                             \
    X(GP_REASON_BOTH_AWAY, 14, "both_away", "secretary and director may not both be away")         \
    X(GP_REASON_NOT_ALLOWED, 15, "not_allowed", "not within this person's duties")                 \
    X(GP_REASON_NO_OWNER, 16, "no_owner", "nobody at all would own this incident")                 \
    X(GP_REASON_NO_STAGE, 17, "no_stage", "the limit has no further stage")                        \
    X(GP_REASON_CALENDAR, 18, "calendar", "the calendar has no working time for this limit")       \
    X(GP_REASON_CLOCK, 19, "clock", "the clock is not held, or the value is not usable")           \
    X(GP_REASON_NO_REASON, 20, "no_reason", "this needs a reason")                                 \
    X(GP_REASON_NO_RESULT, 21, "no_result", "this needs a result")                                 \
    X(GP_REASON_BOUND, 22, "bound", "a ruling binds")                                              \
    X(GP_REASON_BARRED, 23, "barred", "who returned it receives it again by ruling only")          \
    X(GP_REASON_LINKED, 24, "linked", "it is linked with other reports")                           \
    X(GP_REASON_NOT_DOWNWARD, 25, "not_downward",                                                  \
      "only a task from above without approval may be refused")                                    \
    X(GP_REASON_PENDING, 26, "pending", "a decision is awaited already")                           \
    X(GP_REASON_NOTHING_ASKED, 27, "nothing_asked", "no decision is awaited")                      \
    X(GP_REASON_TOO_MANY, 28, "too_many", "this was done as often as the rules allow")             \
    X(GP_REASON_TOO_LONG, 29, "too_long", "more time than the rules allow, or none")               \
    X(GP_REASON_NOT_TOLD, 30, "not_told", "that entry did not tell this person")                   \
    X(GP_REASON_NO_STRIKE, 31, "no_strike", "no such strike")                                      \
    X(GP_REASON_NOT_ON_SPOT, 32, "not_on_spot", "this may not be closed on the spot")              \
    X(GP_REASON_UNKNOWN_LEAVE, 33, "unknown_leave", "no such leave")                               \
    X(GP_REASON_OVERLAP, 34, "overlap", "the person is away in that time already")                 \
    X(GP_REASON_NO_RIGHT, 35, "no_right", "not a right of this role")                              \
    X(GP_REASON_REVOKED, 36, "revoked", "this device is revoked or not confirmed")                 \
    X(GP_REASON_UNKNOWN_DEVICE, 37, "unknown_device", "no such device")                            \
    X(GP_REASON_DIGITS, 38, "digits", "the six digits are not the same")                           \
    X(GP_REASON_EXPIRED, 39, "expired", "the invitation is over or was used")                      \
    X(GP_REASON_TOO_BROAD, 40, "too_broad", "more incidents than can be sorted by their due")

enum gp_reason {
#define X(name, number, word, text) name = (number),
    GP_REASONS(X)
#undef X
};

/** The word of a reason ("not_owner"), "?" for a number that is none. Thread: any. */
const char *gp_reason_word(int reason);

/** English sentence of a reason, without a full stop. Thread: any. */
const char *gp_reason_text(int reason);

#endif
