/**
 * Settings of gridpost-notify: one YAML file, read whole and checked before anything is sent. Every
 * mistake is a finding with its line. docs/NOTIFY.md describes the keys.
 */
#ifndef GP_NOTIFY_SETTINGS_H
#define GP_NOTIFY_SETTINGS_H

#include "notify/limits.h"
#include "notify/template.h"
#include "org/directory.h"

enum gp_channel_kind {
    GP_CHANNEL_WEBHOOK = 0,
    GP_CHANNEL_WECOM = 1,
    GP_CHANNEL_DINGTALK = 2,
    GP_CHANNEL_SMTP = 3,
};

struct gp_channel {
    const char *name, *url, *secret_file, *ca_file, *proxy, *from, *from_name;
    int kind;     /* enum gp_channel_kind */
    int64_t rate; /* messages a minute; 0: as many as there are */
    int64_t
        digest; /* more than so many at once become one message; 0: only when the rate says so */
    int64_t at_once;                          /* transfers under way */
    char secret[GP_SECRETS][GP_SECRET_BYTES]; /* lines of secret_file, as its kind wants them */
};

struct gp_quiet {
    bool set;
    int32_t from_ms, to_ms; /* of the local day; to before from runs over midnight */
};

enum gp_rule_kind { GP_RULE_PERSON, GP_RULE_POST, GP_RULE_DEPARTMENT, GP_RULE_EVERYBODY };

#define GP_PASS_URGENT     UINT64_C(1)             /* bits of gp_rule.passes */
#define GP_PASS_STEP(step) (UINT64_C(1) << (step)) /* 1 … 13 */
#define GP_PASS_WHAT(what) (UINT64_C(1) << (16 + (what)))

struct gp_rule {      /* a recipient */
    const char *name; /* unique; of the letter's id */
    enum gp_rule_kind kind;
    const char *match; /* id of a person, a post or a department */
    uint32_t channel;  /* index */
    const char *address;
    enum gp_language language;
    int64_t zone_ms;
    struct gp_quiet quiet;
    uint64_t passes; /* GP_PASS_…: what is told in quiet hours, too */
    uint32_t dest;   /* the first rule of the same channel, address and language */
};

struct gp_wording { /* texts of one language */
    struct gp_template subject, text, line, title;
};

enum gp_follow { GP_FOLLOW_ESCALATIONS = 0, GP_FOLLOW_EVERYTHING = 1 };

struct gp_notify_settings {
    const char *socket, *identity, *person, *state, *folder, *link, *log_level, *zone, *area_code;
    struct gp_area_ref area; /* only what happens there is told; none: everywhere */
    int follow, language;
    int64_t retry_first_ms, retry_max_ms, give_up_ms, timeout_ms, keep_dead_ms, waiting_max;
    int64_t zone_ms;
    struct gp_channel *channel;
    uint32_t channel_count;
    struct gp_rule *rule;
    uint32_t rule_count;
    const uint32_t *by_name; /* rules in the order of their names */
    /* by enum gp_step and 16 + enum gp_what; what stands for no other is at 0 */
    const struct gp_wording *wording[GP_LANGUAGES][64];
    struct gp_directory *directory; /* NULL: ids stand for names */
    struct gp_arena arena;
};

/**
 * Reads a settings file, the secrets that it names, and the directory.
 *
 * Thread:   any
 * Requires: gp_trust_start() was called
 * Errors:   GP_ENOTFOUND: no such file; GP_ECONFIG: the findings say why; GP_ENOMEM, GP_EAGAIN
 */
int gp_notify_settings_load(const char *path, struct gp_findings *findings,
                            struct gp_notify_settings **ret_settings);

/** Wipes the secrets. Accepts NULL. */
void gp_notify_settings_free(struct gp_notify_settings *settings);

/** The texts that are written of a note. Lifetime: of the settings. */
const struct gp_wording *gp_wording_of(const struct gp_notify_settings *settings,
                                       enum gp_language language, const struct gp_note *note);

/** The directory's snapshot; NULL where there is none. */
const struct gp_org *gp_notify_org(const struct gp_notify_settings *settings);

/** "webhook", "wecom", "dingtalk", "smtp". */
const char *gp_channel_kind_name(int kind);

/** Index of a channel by its name; GP_NONE. */
uint32_t gp_channel_find(const struct gp_notify_settings *settings, struct gp_span name);

/** Index of a rule by its name; GP_NONE. */
uint32_t gp_rule_find(const struct gp_notify_settings *settings, struct gp_span name);

/**
 * Whether the rule is told of the note, and for whom: the persons by bit of note->told. 0: nobody.
 * Of a private incident a group is not told who is its grid officer.
 */
uint64_t gp_rule_match(const struct gp_notify_settings *settings, const struct gp_rule *rule,
                       const struct gp_note *note);

#endif
