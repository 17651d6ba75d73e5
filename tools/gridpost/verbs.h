/**
 * The words of a command about an incident: which keys a verb takes, and what each of them says.
 * One list for both places where they are written: the options of the command (`--owner F-SZ`) and
 * the keys of a scenario (`owner=F-SZ`).
 */
#ifndef GP_CLI_VERBS_H
#define GP_CLI_VERBS_H

#include "core/decide.h"

#define GP_KEYS(X)                                                                                 \
    X(GP_KEY_TEXT, "text")                                                                         \
    X(GP_KEY_REASON, "reason") /* of a return: one of the list; else the text */                   \
    X(GP_KEY_VERSION, "version")                                                                   \
    X(GP_KEY_GRID, "grid")                                                                         \
    X(GP_KEY_CATEGORY, "category")                                                                 \
    X(GP_KEY_CONDITION, "condition")                                                               \
    X(GP_KEY_CAPTURED, "captured")                                                                 \
    X(GP_KEY_LAT, "lat")                                                                           \
    X(GP_KEY_LON, "lon")                                                                           \
    X(GP_KEY_PHONE, "phone")                                                                       \
    X(GP_KEY_ON_SPOT, "on_spot")                                                                   \
    X(GP_KEY_INFORMED, "informed")                                                                 \
    X(GP_KEY_DOWNWARD, "downward")                                                                 \
    X(GP_KEY_APPROVAL, "approval")                                                                 \
    X(GP_KEY_SUGGEST, "suggest")                                                                   \
    X(GP_KEY_OWNER, "owner")                                                                       \
    X(GP_KEY_RESULT, "result")                                                                     \
    X(GP_KEY_HOURS, "hours")                                                                       \
    X(GP_KEY_UNTIL, "until")                                                                       \
    X(GP_KEY_TO, "to")                                                                             \
    X(GP_KEY_SEQ, "seq")                                                                           \
    X(GP_KEY_PERSON, "person")                                                                     \
    X(GP_KEY_OF, "of")                                                                             \
    X(GP_KEY_STATE, "state")

enum gp_key {
#define X(name, word) name,
    GP_KEYS(X)
#undef X
        GP_KEY_COUNT
};

#define GP_KEY_BIT(key) (UINT32_C(1) << (key))

/** "reason" …. Thread: any. */
const char *gp_key_name(enum gp_key key);
/** GP_KEY_COUNT: it is none. */
enum gp_key gp_key_parse(struct gp_span word);

/** The keys that a verb takes, and those that it cannot do without: sets of GP_KEY_BIT; 0 for a
 * verb that is about no incident. */
uint32_t gp_verb_keys(int verb);
uint32_t gp_verb_needs(int verb);

/** What a value means depends on who reads it: a label or a number, this zone or that one. */
struct gp_key_reader {
    bool (*time)(void *context, struct gp_span text, int64_t *ret_ms);
    bool (*incident)(void *context, struct gp_span text, uint64_t *ret_incident);
    void *context;
};

#define GP_KEY_WRONG_BYTES 200

/**
 * Puts a value into a command.
 *
 * Requires: command->verb takes the key
 * Ensures:  false: the value is not usable; ret_wrong says why, in the user's language
 * Lifetime: the command points into the value
 */
bool gp_key_set(const struct gp_key_reader *reader, enum gp_key key, struct gp_span value,
                struct gp_command *command, char ret_wrong[GP_KEY_WRONG_BYTES]);

#endif
