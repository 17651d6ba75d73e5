/**
 * The directory as the core sees it: areas, posts, people, catalogue, ladders and calendars as
 * one read-only snapshot. org/ builds it from files and owns the memory; a snapshot never changes.
 * A reload makes a new one.
 *
 * Indices are into the arrays of the same snapshot; GP_NONE means "none". Arrays are sorted as
 * said, so that the look-ups below are binary searches.
 */
#ifndef GP_CORE_ORG_H
#define GP_CORE_ORG_H

#include "base/limits.h"
#include "base/span.h"
#include "core/area.h"
#include "core/calendar.h"
#include "core/device.h"
#include "core/limit.h"
#include "core/rights.h"

#include <stdint.h>

#define GP_NONE UINT32_MAX

/* ---------------------------------------------------------------- areas */

struct gp_area {
    struct gp_area_ref ref;
    struct gp_span code, name;
    uint32_t households;
    uint32_t calendar; /* index; GP_NONE: the nearest ancestor's counts */
    uint32_t parent;   /* index of the nearest ancestor that exists; GP_NONE at the top */
    uint32_t alias_of; /* index of the area that answers for this code later; GP_NONE */
    int64_t valid_from_ms, valid_to_ms; /* half-open; see gp_area_alias_from */
};

/* ---------------------------------------------------------------- people and posts */

struct gp_person {
    struct gp_span id, name, phone;
    uint32_t department; /* GP_NONE */
};

struct gp_department {
    struct gp_span code, name_zh, name_en;
};

struct gp_line {
    struct gp_span code, name_zh, name_en;
    uint32_t department;
};

/* Kinds of post (DOMAIN section 4). Numbers are stored; text is what files and recipients say. */
#define GP_POST_KINDS(X)                                                                           \
    X(GP_POST_A, 1, "A")    /* line specialist of a community or higher area */                    \
    X(GP_POST_B, 2, "B")    /* officer of one grid */                                              \
    X(GP_POST_F, 3, "F")    /* department's field post, for a set of communities */                \
    X(GP_POST_K, 4, "K")    /* department's desk */                                                \
    X(GP_POST_H, 5, "H")    /* department's head */                                                \
    X(GP_POST_H2, 6, "H2")  /* its deputy in charge */                                             \
    X(GP_POST_D1, 7, "D1")  /* community's secretary, direct responsibility */                     \
    X(GP_POST_D2, 8, "D2")  /* community's director, direct responsibility */                      \
    X(GP_POST_R, 9, "R")    /* first responsibility for a community */                             \
    X(GP_POST_S1, 10, "S1") /* street heads */                                                     \
    X(GP_POST_S2, 11, "S2")                                                                        \
    X(GP_POST_SK, 12, "SK") /* street desk, dispatcher */                                          \
    X(GP_POST_X, 13, "X")   /* supervision office */                                               \
    X(GP_POST_Z, 14, "Z")   /* duty person by roster: has no row in posts.csv */

enum gp_post_kind {
#define X(name, number, text) name = (number),
    GP_POST_KINDS(X)
#undef X
};

struct gp_post {
    struct gp_span id;
    uint32_t
        key; /* gp_post_key(id): how the post is known in store keys; unique, checked at load */
    uint8_t kind;              /* enum gp_post_kind */
    uint32_t line, department; /* GP_NONE where the kind has none */
    const uint32_t *areas;     /* scope: indices of areas, ascending */
    uint32_t area_count;
    uint32_t deputies[GP_DEPUTIES_MAX]; /* persons, in order */
    uint8_t deputy_count;
};

/* Where a post serves: one row for each of its areas, or one with GP_NONE. Sorted by (kind, area,
 * line, department). */
struct gp_scope {
    uint8_t kind;
    uint32_t area, line, department, post;
};

struct gp_holding { /* sorted by (post, from_ms) */
    uint32_t post, person;
    int64_t from_ms, to_ms; /* half-open */
};

struct gp_leave { /* sorted by (person, from_ms) */
    struct gp_span id;
    uint32_t person, standin; /* standin: GP_NONE */
    int64_t from_ms, to_ms;
    bool approved; /* only approved leaves count in effective() */
};

/* A shift, either on the weekdays of every week or at one interval. Sorted by area. */
struct gp_shift {
    uint32_t area, person;
    uint8_t weekdays;       /* bit 0 Monday …; 0: a single interval */
    int32_t from_ms, to_ms; /* weekly: of the local day; to <= from runs into the next day */
    int64_t valid_from_ms, valid_to_ms; /* single: the interval itself; weekly: when it applies */
};

/* ---------------------------------------------------------------- ladders */

#define GP_STEPS(X)                                                                                \
    X(GP_STEP_DISPATCH, 1, "dispatch")                                                             \
    X(GP_STEP_UNACCEPTED, 2, "unaccepted")                                                         \
    X(GP_STEP_YELLOW1, 3, "yellow1")                                                               \
    X(GP_STEP_YELLOW, 4, "yellow")                                                                 \
    X(GP_STEP_RED, 5, "red")                                                                       \
    X(GP_STEP_BLUE, 6, "blue")                                                                     \
    X(GP_STEP_ORANGE, 7, "orange")                                                                 \
    X(GP_STEP_CARD, 8, "card")                                                                     \
    X(GP_STEP_REPEAT, 9, "repeat")                                                                 \
    X(GP_STEP_DISPATCH_LATE, 10, "dispatch_late")                                                  \
    X(GP_STEP_VERIFY_LATE, 11, "verify_late")                                                      \
    X(GP_STEP_RESUME_NOTICE, 12, "resume_notice")                                                  \
    X(GP_STEP_RESUME, 13, "resume") /* in plans only: its entry is `resumed`, not a step */

enum gp_step { /* numbers are stored, and the order of steps planned for one instant */
               GP_STEP_NONE = 0,
#define X(name, number, text) name = (number),
               GP_STEPS(X)
#undef X
};

/* Whom a rung tells; the words of ladders.yaml. */
#define GP_TELLS(X)                                                                                \
    X(GP_TELL_OWNER, 1, "owner")                                                                   \
    X(GP_TELL_DEPUTY, 2, "owner_deputy") /* the owner post's next stand-in */                      \
    X(GP_TELL_B, 3, "B")                                                                           \
    X(GP_TELL_ROW, 4, "tell") /* the catalogue row's further parties */                            \
    X(GP_TELL_Z, 5, "Z")      /* duty person of the community, else of an ancestor */              \
    X(GP_TELL_D1, 6, "D1")                                                                         \
    X(GP_TELL_D2, 7, "D2")                                                                         \
    X(GP_TELL_R, 8, "R")                                                                           \
    X(GP_TELL_S1, 9, "S1")                                                                         \
    X(GP_TELL_S2, 10, "S2")                                                                        \
    X(GP_TELL_SK, 11, "SK")                                                                        \
    X(GP_TELL_SZ, 12, "SZ") /* the street's duty person */                                         \
    X(GP_TELL_K, 13, "K")                                                                          \
    X(GP_TELL_H, 14, "H")                                                                          \
    X(GP_TELL_H2, 15, "H2")                                                                        \
    X(GP_TELL_F, 16, "F")                                                                          \
    X(GP_TELL_X, 17, "X")

enum gp_tell {
#define X(name, number, text) name = (number),
    GP_TELLS(X)
#undef X
};

enum gp_anchor {
    GP_ANCHOR_START = 1, /* of the stage's clock; of the dispatcher's or checker's */
    GP_ANCHOR_DUE = 2,
    GP_ANCHOR_CARD = 3, /* of the step before: only for repeat */
};

struct gp_rung {
    uint8_t step;                 /* enum gp_step */
    uint8_t anchor;               /* enum gp_anchor */
    bool has_percent, has_amount; /* both (from start): the earlier of the two counts */
    uint8_t percent;              /* of the allowance, from start */
    struct gp_amount amount;      /* after the anchor */
    bool handover;                /* the incident goes to the responsible department here */
    bool strike;                  /* strike candidate for the owner of that moment */
    bool urgent;                  /* outside hours the duty person is told as well */
    uint32_t tells;               /* bit (1 << enum gp_tell) */
    /* repeat only: every `amount`, `times` times, then every `then` */
    uint32_t times;
    struct gp_amount then;
};

struct gp_ladder {
    struct gp_span id; /* "N" */
    bool continuous;   /* clock of the allowance: urgent; for documentation and check only */
    struct gp_rung rung[GP_LADDER_STEPS_MAX]; /* by enum gp_step, ascending */
    uint8_t rung_count;
    struct gp_span next; /* policy of stages after the first ("N"); L from next_long wd on */
    struct gp_span next_long;
    uint32_t next_long_wd; /* 5 */
};

/* ---------------------------------------------------------------- catalogue */

enum gp_party_kind { GP_PARTY_STREET = 1, GP_PARTY_DEPARTMENT = 2 };

struct gp_party {
    uint8_t kind;        /* S: SK, else S1; a department: its K */
    uint32_t department; /* index */
};

struct gp_row { /* sorted by (code, condition, valid_from_ms): one of them is a version */
    struct gp_span code, condition, name_zh, name_en, condition_zh;
    int64_t valid_from_ms;     /* of this version, until the next one's; 0: from the beginning */
    uint32_t line, department; /* the row's department is responsible */
    uint8_t first_owner;       /* GP_POST_A or GP_POST_F */
    struct gp_party tell[GP_TELL_MAX];
    uint8_t tell_count;
    struct gp_span urgency;
    struct gp_limit limit;
    uint8_t wd_mode; /* enum gp_wd_mode */
    struct gp_span policy;
    uint32_t ladder; /* index of policy */
    struct gp_span first_act;
    bool on_spot, is_private, informed, manual_filing;
};

/* ---------------------------------------------------------------- users */

/* Somebody who works through a bridge that knows them by a name of its own, such as a web server
 * where they sign in: a row of org/users.csv. Sorted by (person, via); both are unique, and so is
 * the name. What it is good for: gp_role_speaking (permit.h). */
struct gp_user {
    struct gp_span name;
    uint32_t person; /* whom they are */
    uint32_t via;    /* the person under whom the bridge's device is enrolled */
    uint8_t role;    /* enum gp_role; never GP_ROLE_BRIDGE */
};

/* ---------------------------------------------------------------- the snapshot */

struct gp_org {
    const struct gp_area *areas; /* by (padded, level) */
    size_t area_count;
    const struct gp_person *persons; /* by id */
    size_t person_count;
    const struct gp_department *departments; /* by code */
    size_t department_count;
    const struct gp_line *lines; /* by code */
    size_t line_count;
    const struct gp_post *posts; /* by id */
    size_t post_count;
    const uint32_t *posts_by_key; /* indices of posts, by key */
    const struct gp_scope *scopes;
    size_t scope_count;
    const struct gp_holding *holdings;
    size_t holding_count;
    const struct gp_leave *leaves;
    size_t leave_count;
    const struct gp_shift *shifts;
    size_t shift_count;
    const struct gp_device_row *devices; /* by key */
    size_t device_count;
    const struct gp_user *users;   /* by (person, via) */
    const uint32_t *users_by_name; /* indices of users, by name */
    size_t user_count;
    const struct gp_row *rows;
    size_t row_count;
    const struct gp_ladder *ladders; /* by id */
    size_t ladder_count;
    const struct gp_calendar *calendars; /* by id */
    size_t calendar_count;
    uint32_t default_calendar; /* for areas none of whose ancestors names one */
    struct gp_rights rights;   /* of roles: rights.h */
    unsigned char digest[32];  /* of the content: equal for equal files, whatever their spelling */
};

/** FNV-1a (32 bit) of a post's id: its key in the store. Source: Fowler, Noll, Vo. Thread: any. */
uint32_t gp_post_key(struct gp_span id);

/* Look-ups: the index, or GP_NONE. Thread: any. */
uint32_t gp_org_area(const struct gp_org *org,
                     struct gp_span code); /* highest level of that code */
uint32_t gp_org_area_ref(const struct gp_org *org, struct gp_area_ref ref);
uint32_t gp_org_person(const struct gp_org *org, struct gp_span id);
uint32_t gp_org_department(const struct gp_org *org, struct gp_span code);
uint32_t gp_org_line(const struct gp_org *org, struct gp_span code);
uint32_t gp_org_post(const struct gp_org *org, struct gp_span id);
uint32_t gp_org_post_by_key(const struct gp_org *org, uint32_t key);
uint32_t gp_org_ladder(const struct gp_org *org, struct gp_span id);
/* Who speaks for a person through the bridge of `via`; whether anybody does; by the name that they
 * sign in with. */
uint32_t gp_org_user(const struct gp_org *org, uint32_t person, uint32_t via);
bool gp_org_has_users(const struct gp_org *org, uint32_t via);
uint32_t gp_org_user_by_name(const struct gp_org *org, struct gp_span name);
/* The newest version that is valid at that time. */
uint32_t gp_org_row(const struct gp_org *org, struct gp_span code, struct gp_span condition,
                    int64_t at_ms);
/* The version that an incident was filed under. */
uint32_t gp_org_row_version(const struct gp_org *org, struct gp_span code, struct gp_span condition,
                            int64_t valid_from_ms);

/** When the next version of a catalogue row begins; INT64_MAX: there is none. Thread: any. */
int64_t gp_org_row_until(const struct gp_org *org, uint32_t row);

/**
 * When an area stops to be one of its own and its alias counts: at the end of its validity, or,
 * where that is open, from its beginning on. INT64_MAX: it has no alias.
 */
int64_t gp_area_alias_from(const struct gp_area *area);

/**
 * The area that answers for an area at an instant (DOMAIN section 3): where its alias leads by
 * then, and that one's. What is stored keeps the code it was filed under; posts, duty persons and
 * calendars are looked for here.
 *
 * Ensures: the area itself when no alias counts yet; GP_NONE for GP_NONE
 */
uint32_t gp_org_area_at(const struct gp_org *org, uint32_t area, int64_t at_ms);

/**
 * The same for a place. A code that is none of the directory's, as a filter may name one or a grid
 * leaves one behind, lies in the nearest area whose code it begins with.
 *
 * Ensures: GP_NONE where no code begins it, and for no place
 */
uint32_t gp_org_area_near(const struct gp_org *org, struct gp_area_ref ref, int64_t at_ms);

/** Whether a stored area lies in a subtree, or leads into it at that instant. Thread: any. */
bool gp_org_covers(const struct gp_org *org, struct gp_area_ref outer, struct gp_area_ref inner,
                   int64_t at_ms);

/** The post of a kind that serves exactly this area (GP_NONE: no area); GP_NONE if there is none.
 */
uint32_t gp_org_scope(const struct gp_org *org, enum gp_post_kind kind, uint32_t area,
                      uint32_t line, uint32_t department);

/**
 * The posts of a kind that serve exactly this area, of every line and department: their rows of
 * org->scopes are neighbours, from *ret_first on. Returns how many. Thread: any.
 */
size_t gp_org_scopes(const struct gp_org *org, enum gp_post_kind kind, uint32_t area,
                     size_t *ret_first);

/** The area itself or its nearest ancestor of that level; GP_NONE if that level is not there. */
uint32_t gp_org_ancestor(const struct gp_org *org, uint32_t area, enum gp_level level);

/** The calendar that counts in an area: its own, else the nearest ancestor's, else the default. */
const struct gp_calendar *gp_org_calendar(const struct gp_org *org, uint32_t area);

/** "A", "H2" …; "?" for a number that is none. Thread: any. */
const char *gp_post_kind_name(int kind);
/** The kind of a name; 0 if it is none. Thread: any. */
int gp_post_kind_parse(struct gp_span text);
/** "dispatch" …; "" for 0. Thread: any. */
const char *gp_step_name(int step);
int gp_step_parse(struct gp_span text);
const char *gp_tell_name(int tell);
int gp_tell_parse(struct gp_span text);

#endif
