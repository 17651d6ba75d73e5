/* Every enum with words: number → word and word → number, from the one list in its header. */
#include "core/area.h"
#include "core/decide.h"
#include "core/device.h"
#include "core/entry.h"
#include "core/incident.h"
#include "core/org.h"
#include "core/reason.h"
#include "core/rights.h"

#define AS_NAME(name, number, text)                                                                \
    case number:                                                                                   \
        return text;
#define AS_PARSE(name, number, text)                                                               \
    if (gp_span_is(word, text))                                                                    \
        return number;

const char *gp_level_name(int level)
{
    switch (level) {
#define X(name, number, text, zh) AS_NAME(name, number, text)
        GP_LEVELS(X)
#undef X
    default:
        return "?";
    }
}

int gp_level_parse(struct gp_span word)
{
#define X(name, number, text, zh)                                                                  \
    AS_PARSE(name, number, text)                                                                   \
    AS_PARSE(name, number, zh)
    GP_LEVELS(X)
#undef X
    return GP_LEVEL_NONE;
}

const char *gp_reason_word(int reason)
{
    switch (reason) {
#define X(name, number, word, text) AS_NAME(name, number, word)
        GP_REASONS(X)
#undef X
    default:
        return "?";
    }
}

const char *gp_reason_text(int reason)
{
    switch (reason) {
#define X(name, number, word, text) AS_NAME(name, number, text)
        GP_REASONS(X)
#undef X
    default:
        return "?";
    }
}

const char *gp_state_name(int state)
{
    switch (state) {
#define X(name, number, text, open) AS_NAME(name, number, text)
        GP_STATES(X)
#undef X
    default:
        return "?";
    }
}

int gp_state_parse(struct gp_span word)
{
#define X(name, number, text, open) AS_PARSE(name, number, text)
    GP_STATES(X)
#undef X
    return GP_STATE_NONE;
}

uint32_t gp_states_open(void)
{
    return 0
#define X(name, number, text, open) | ((open) ? UINT32_C(1) << (number) : 0)
        GP_STATES(X)
#undef X
            ;
}

bool gp_state_open(int state)
{
    return state >= 0 && state < 32 && (gp_states_open() & UINT32_C(1) << state) != 0;
}

const char *gp_what_name(int what)
{
    switch (what) {
        GP_WHATS(AS_NAME)
    default:
        return "?";
    }
}

int gp_what_parse(struct gp_span word)
{
    GP_WHATS(AS_PARSE)
    return GP_WHAT_NONE;
}

const char *gp_flag_name(int flag)
{
    switch (flag) {
#define X(name, bit, text)                                                                         \
    case 1 << (bit):                                                                               \
        return text;
        GP_FLAGS(X)
#undef X
    default:
        return "?";
    }
}

#define GP_PATHS(X)                                                                                \
    X(GP_PATH_HOLDER, 1, "holder")                                                                 \
    X(GP_PATH_COVER, 2, "cover")                                                                   \
    X(GP_PATH_DUTY, 3, "duty")                                                                     \
    X(GP_PATH_SUPERIOR, 4, "superior")

const char *gp_path_name(int path)
{
    switch (path) {
        GP_PATHS(AS_NAME)
    default:
        return "?";
    }
}

int gp_path_parse(struct gp_span word)
{
    GP_PATHS(AS_PARSE)
    return 0;
}

const char *gp_verb_name(int verb)
{
    switch (verb) {
        GP_VERBS(AS_NAME)
    default:
        return "?";
    }
}

int gp_verb_parse(struct gp_span word)
{
    GP_VERBS(AS_PARSE)
    return GP_VERB_NONE;
}

const char *gp_action_name(int action)
{
    switch (action) {
        GP_READS(AS_NAME)
    default:
        return gp_verb_name(action);
    }
}

int gp_action_parse(struct gp_span word)
{
    GP_READS(AS_PARSE)
    int verb = gp_verb_parse(word);
    return verb == GP_VERB_JOIN || verb == GP_VERB_ENROL ? GP_ACTION_NONE : verb;
}

const char *gp_reach_name(int reach)
{
    switch (reach) {
        GP_REACHES(AS_NAME)
    default:
        return "?";
    }
}

int gp_reach_parse(struct gp_span word)
{
    GP_REACHES(AS_PARSE)
    return GP_REACH_NONE;
}

const char *gp_post_kind_name(int kind)
{
    switch (kind) {
        GP_POST_KINDS(AS_NAME)
    default:
        return "?";
    }
}

int gp_post_kind_parse(struct gp_span word)
{
    GP_POST_KINDS(AS_PARSE)
    return 0;
}

const char *gp_step_name(int step)
{
    switch (step) {
        GP_STEPS(AS_NAME)
    default:
        return "";
    }
}

int gp_step_parse(struct gp_span word)
{
    GP_STEPS(AS_PARSE)
    return GP_STEP_NONE;
}

const char *gp_tell_name(int tell)
{
    switch (tell) {
        GP_TELLS(AS_NAME)
    default:
        return "?";
    }
}

int gp_tell_parse(struct gp_span word)
{
    GP_TELLS(AS_PARSE)
    return 0;
}

const char *gp_return_reason_name(int reason)
{
    switch (reason) {
#define X(name, number, text) AS_NAME(name, number, text)
        GP_RETURN_REASONS(X)
#undef X
    default:
        return "";
    }
}

int gp_return_reason_parse(struct gp_span word)
{
#define X(name, number, text) AS_PARSE(name, number, text)
    GP_RETURN_REASONS(X)
#undef X
    return GP_RETURN_NONE;
}

const char *gp_delivery_name(int delivery)
{
    switch (delivery) {
#define X(name, number, text) AS_NAME(name, number, text)
        GP_DELIVERIES(X)
#undef X
    default:
        return "";
    }
}

int gp_delivery_parse(struct gp_span word)
{
#define X(name, number, text) AS_PARSE(name, number, text)
    GP_DELIVERIES(X)
#undef X
    return GP_DELIVERY_NONE;
}

const char *gp_strike_state_name(int state)
{
    switch (state) {
#define X(name, number, text) AS_NAME(name, number, text)
        GP_STRIKE_STATES(X)
#undef X
    default:
        return "?";
    }
}

const char *gp_strike_verdict(int state)
{
    switch (state) {
    case GP_STRIKE_SIGNED:
        return "granted: another must sign";
    case GP_STRIKE_LIFTED:
        return "granted: lifted";
    case GP_STRIKE_UPHELD:
        return "refused: it stands";
    default:
        return "";
    }
}

static bool begins(struct gp_span text, struct gp_span with)
{
    return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

/* The subject appeals, others sign; by itself only a later extension lifts (R11). */
int gp_strike_state_said(const struct gp_entry *entry)
{
    if (gp_span_equal(entry->actor, entry->subject))
        return GP_STRIKE_APPEALED;
    if (entry->actor.len == 0 && entry->text.len > 0)
        return GP_STRIKE_LIFTED;
    for (int state = GP_STRIKE_SIGNED; state <= GP_STRIKE_UPHELD; state++) {
        if (begins(entry->text, gp_span_of(gp_strike_verdict(state))))
            return state;
    }
    return 0;
}

const char *gp_leave_state_name(int state)
{
    switch (state) {
#define X(name, number, text) AS_NAME(name, number, text)
        GP_LEAVE_STATES(X)
#undef X
    default:
        return "?";
    }
}

const char *gp_role_name(int role)
{
    switch (role) {
        GP_ROLES(AS_NAME)
    default:
        return "?";
    }
}

int gp_role_parse(struct gp_span word)
{
    GP_ROLES(AS_PARSE)
    return GP_ROLE_LOCAL;
}

const char *gp_device_state_name(int state)
{
    switch (state) {
        GP_DEVICE_STATES(AS_NAME)
    default:
        return "?";
    }
}

int gp_device_state_parse(struct gp_span word)
{
    GP_DEVICE_STATES(AS_PARSE)
    return GP_DEVICE_NONE;
}
