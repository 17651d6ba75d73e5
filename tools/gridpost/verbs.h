/**
 * The words of a command about an incident: which keys a verb takes, and what each of them says.
 * One list for both places where they are written: the options of the command (`--owner F-SZ`) and
 * the keys of a scenario (`owner=F-SZ`).
 */
#ifndef GP_CLI_VERBS_H
#define GP_CLI_VERBS_H

#include "core/decide.h"

#define GP_ARGS(X)                                                                                 \
    X(GP_ARG_TEXT, "text")                                                                         \
    X(GP_ARG_REASON, "reason") /* of a return: one of the list; else the text */                   \
    X(GP_ARG_VERSION, "version")                                                                   \
    X(GP_ARG_GRID, "grid")                                                                         \
    X(GP_ARG_CATEGORY, "category")                                                                 \
    X(GP_ARG_CONDITION, "condition")                                                               \
    X(GP_ARG_CAPTURED, "captured")                                                                 \
    X(GP_ARG_LAT, "lat")                                                                           \
    X(GP_ARG_LON, "lon")                                                                           \
    X(GP_ARG_PHONE, "phone")                                                                       \
    X(GP_ARG_ON_SPOT, "on_spot")                                                                   \
    X(GP_ARG_INFORMED, "informed")                                                                 \
    X(GP_ARG_DOWNWARD, "downward")                                                                 \
    X(GP_ARG_APPROVAL, "approval")                                                                 \
    X(GP_ARG_SUGGEST, "suggest")                                                                   \
    X(GP_ARG_OWNER, "owner")                                                                       \
    X(GP_ARG_RESULT, "result")                                                                     \
    X(GP_ARG_HOURS, "hours")                                                                       \
    X(GP_ARG_UNTIL, "until")                                                                       \
    X(GP_ARG_TO, "to")                                                                             \
    X(GP_ARG_SEQ, "seq")                                                                           \
    X(GP_ARG_PERSON, "person")                                                                     \
    X(GP_ARG_OF, "of")                                                                             \
    X(GP_ARG_STATE, "state")

enum gp_arg {
#define X(name, word) name,
    GP_ARGS(X)
#undef X
        GP_ARG_COUNT
};

#define GP_ARG_BIT(key) (UINT32_C(1) << (key))

/** "reason" …. Thread: any. */
const char *gp_arg_name(enum gp_arg key);
/** GP_ARG_COUNT: it is none. */
enum gp_arg gp_arg_parse(struct gp_span word);

/** The keys that a verb takes, and those that it cannot do without: sets of GP_ARG_BIT; 0 for a
 * verb that is about no incident. */
uint32_t gp_verb_keys(int verb);
uint32_t gp_verb_needs(int verb);

/** What a value means depends on who reads it: a label or a number, this zone or that one. */
struct gp_arg_reader {
    bool (*time)(void *context, struct gp_span text, int64_t *ret_ms);
    bool (*incident)(void *context, struct gp_span text, uint64_t *ret_incident);
    void *context;
};

#define GP_ARG_WRONG_BYTES 200

/**
 * Puts a value into a command.
 *
 * Requires: command->verb takes the key
 * Ensures:  false: the value is not usable; ret_wrong says why, in the user's language
 * Lifetime: the command points into the value
 */
bool gp_arg_set(const struct gp_arg_reader *reader, enum gp_arg key, struct gp_span value,
                struct gp_command *command, char ret_wrong[GP_ARG_WRONG_BYTES]);

#endif
