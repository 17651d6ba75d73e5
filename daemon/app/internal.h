/**
 * What the files of app/ share. One thread, the loop's, owns everything here; the store thread sees
 * a batch only while it holds it, a reader its job only.
 */
#ifndef GP_APP_INTERNAL_H
#define GP_APP_INTERNAL_H

#include "app/app.h"
#include "app/figures.h"
#include "base/arena.h"
#include "base/log.h"
#include "core/clock.h"
#include "core/forecast.h"
#include "engine/engine.h"
#include "net/hint.h"
#include "net/intake.h"
#include "org/directory.h"
#include "org/settings.h"
#include "trust/session.h"
#include "wire/message.h"

#include <stdatomic.h>
#include <uv.h>

#define GP_BATCH_SLOTS 3 /* filling, in flight, being answered */
/* Items of our own (deadline, clock, reload…) always find room beside commands. */
#define GP_BATCH_OWN_ITEMS 8
/* Of those, what waits for another try: alarms that failed with their batches, of both slots, and
 * one each of what nobody asks for again (START, DIRECTORY, REPLAN). */
#define GP_OWED_ALARMS_MAX (2 * GP_BATCH_OWN_ITEMS)
#define GP_OWED_ITEMS      (GP_OWED_ALARMS_MAX + 3)
/* Reads in the pool or waiting for it; one more is answered "try again". Followers who look again
 * do not count: they are bounded by GP_FOLLOWERS_MAX, and each must get its news. */
#define GP_READERS_MAX 512
/* So many, and a bridge's next read is answered so: its thousand do not take all the places. */
#define GP_READERS_BRIDGE 384
/* Of those, assessments, one of a device: each may take seconds, and the pool has five threads, one
 * of which a copy of the store may have. */
#define GP_ASSESSMENTS_MAX 2
/* Pages by due that are in the pool at once, of its five threads. */
#define GP_SORTS_MAX 2
/* Damaged incidents that the log is told of once; with more of them it hears of some again. */
#define GP_PASSED_OVER_MAX 64
/* Drawn at a time: a system call for each would cost a report 0.7 µs. */
#define GP_SALTS 256
/* Further return paths of one sealed request: the same envelope that came again on the way. */
#define GP_JOB_WAYS_MAX 4

struct gp_app;
struct gp_backup;
struct gp_join;
struct gp_seal;
struct gp_session;

/* Somebody who waits for tables that are newer (fresh.c). */
struct gp_await {
    struct gp_await *next;
    uint64_t seq;
    void (*then)(void *context);
    void *context;
};

/* One request from its letter to its answer. */
struct gp_job {
    struct gp_app *app;
    struct gp_letter letter;
    uint64_t came;         /* uv_now */
    struct gp_arena arena; /* the request */
    struct gp_arena page;  /* what a look found, and the packed answer: taken back at each look */
    struct gp_request request;
    struct gp_job *next;            /* in a free or waiting list */
    unsigned char request_hash[32]; /* commands: for the receipt */
    /* sealed requests: seal/sealed.c */
    bool sealed;
    uint8_t role;               /* the device's: enum gp_role; GP_ROLE_LOCAL: unsealed */
    struct gp_span owner;       /* whose the device is; in the arena */
    uint64_t by_device;         /* 0: unsealed */
    struct gp_session *session; /* NULL: unsealed, or it has ended: then the answer is AGAIN */
    struct gp_job *session_next, **session_at; /* in the session's list */
    bool reads;                                /* counts among the session's reads */
    unsigned char session_id[GP_SESSION_ID_BYTES];
    struct gp_asked asked;
    struct gp_letter way[GP_JOB_WAYS_MAX];
    uint8_t way_count;
    struct gp_join *join; /* of a device that joins; in the arena */
    /* reading */
    uint64_t needs; /* the entry up to which the tables must be: acknowledged before the ask */
    struct gp_await await;
    uv_work_t work;
    struct gp_view *view;           /* what counted at the look */
    struct gp_directory *directory; /* that the view lies over */
    struct gp_counted *counted;     /* of a summary: what it counts in */
    int64_t now_ms;
    struct gp_span answer; /* packed; empty: could not be made */
    int error;
    bool denied; /* it may not read this */
    bool old;    /* the tables of the look may lack what was acknowledged before it (fresh.c) */
    /* feeds */
    uint64_t scanned_to, head; /* what the last look saw */
    uint32_t found;
    uint64_t expires;        /* uv_now at which the wait ends */
    bool again;              /* was parked before this look */
    struct gp_hint_key hint; /* to be handed over with the answer, where it is asked for */
};

/* What an item of our own says, until its batch is done. */
struct gp_note {
    char text[160], actor[GP_ID_BYTES_MAX];
};

struct gp_batch_slot {
    struct gp_batch batch;
    bool busy;                               /* in flight or being answered */
    uint64_t took_us;                        /* on the store thread */
    struct gp_note note[GP_BATCH_OWN_ITEMS]; /* of the own items, in their order */
    struct gp_item item[GP_BATCH_ITEMS_MAX + GP_BATCH_OWN_ITEMS];
    struct gp_directory *directory;
};

/* Where a request can come in. */
enum gp_door { GP_DOOR_LOCAL, GP_DOOR_TCP, GP_DOOR_EDGE, GP_DOORS };

enum gp_phase { GP_RUNNING, GP_DRAINING, GP_FLUSHING, GP_CLOSING };

struct gp_app {
    const struct gp_app_options *options;
    struct gp_settings settings;
    struct gp_directory *directory;       /* in force: of the next batch */
    struct gp_view *view;                 /* what counts for readers: the newest on disk */
    struct gp_directory *view_directory;  /* that it lies over */
    struct gp_directory *batch_directory; /* of the last batch: the engine relies on it */
    struct gp_store *store;
    struct gp_engine *engine;
    uv_loop_t loop;
    bool loop_open;
    int exit_code;

    /* shutdown.c */
    enum gp_phase phase;
    uv_timer_t drain;
    uint64_t drain_until;
    atomic_bool cut_short; /* the pool sees it, too: reads end at once, as to be tried again */

    /* batcher.c, worker.c */
    struct gp_batch_slot *slot[GP_BATCH_SLOTS];
    struct gp_batch_slot *filling, *flying; /* flying: where in_flight says so */
    size_t commands_filling, commands_flying;
    bool in_flight, intake_paused;
    uint64_t batch_sent; /* uv_now when the batch in flight went */
    uint64_t full_at;    /* uv_now from which it is logged again that reports are not taken */
    uint64_t failures;   /* batches that could not be stored, since the last that was */
    uint64_t passed_over[GP_PASSED_OVER_MAX]; /* damaged incidents that the log was told of */
    size_t passed_over_count;                 /* ever: the newest take the place of the oldest */
    struct gp_item owed[GP_OWED_ITEMS];       /* items of our own: the tick tries again */
    size_t owed_count;
    uv_thread_t worker;
    bool worker_started;
    uv_mutex_t mailbox_lock;
    uv_cond_t mailbox_full;
    struct gp_batch_slot *mailbox; /* under the lock; NULL: empty */
    bool mailbox_stop;             /* under the lock */
    int batch_error;               /* of the batch that came back */
    bool checkpoint_wanted;        /* these under the lock, too */
    bool checkpoint_made;          /* since the loop looked */
    int checkpoint_error;          /* of the last one */
    bool settle_broken;            /* what would settle it has failed */
    bool upkeep_due;               /* as of then */
    uint64_t checkpoint_ms;        /* when it was made */
    uint64_t checkpoint_took_ms;
    uv_async_t batch_done;
    bool checkpoint_failed; /* the last one, and that was logged */
    struct gp_await *awaits;
    struct gp_await view_await; /* a view over another directory is made anew */
    bool view_awaits, view_old; /* old: what is newer is not to be had for now */

    /* upkeep.c */
    uv_work_t settle, upkeep;
    bool settle_runs, upkeep_runs;
    bool settle_failed, upkeep_failed; /* the last one, and that was logged */
    uint64_t upkeep_after;             /* uv_now before which none begins */
    int settle_error, upkeep_error;

    /* clock.c, deadline.c */
    struct gp_clock clock;
    int64_t drill_start_ms, drill_boot_ms;
    bool clock_act_queued; /* one at a time: each is checked against the clock as it is */
    uv_timer_t tick;
    int64_t next_deadline_ms;
    uint64_t ping_at; /* uv_now of the next watchdog ping */
    bool expire_queued, start_queued;
    int64_t forget_at_ms;
    uint64_t tidy_at;

    /* request.c */
    unsigned char salt[GP_SALTS][GP_SALT_BYTES]; /* the first salts_left of them: unused ones */
    unsigned salts_left;

    /* jobs, readers, followers */
    struct gp_job *free_jobs;
    unsigned free_job_count;
    size_t freed_bytes;              /* of large answers, since memory was given to the system */
    unsigned readers, readers_again; /* in the pool; those of them that look again */
    struct gp_job *assessing[GP_ASSESSMENTS_MAX]; /* those of them that count; NULL: none */
    struct gp_job *sorting[GP_SORTS_MAX];         /* pages by due under way; NULL: none */
    struct gp_job *unsorted;                      /* those that wait for their turn */
    struct gp_job *parked;                        /* feed requests that wait */
    uint32_t parked_count;
    uv_timer_t scan;  /* gathers entries before followers are looked after */
    uv_timer_t waits; /* ends waits */
    uint64_t head, scan_from;

    /* net */
    struct gp_intake *intake[GP_DOORS]; /* NULL: none */
    struct gp_hint *hint;
    uv_timer_t hint_due; /* the gap after a hint that came early, or the heartbeat */
    uint64_t hint_at;    /* uv_now of the last one */
    bool hint_owed;      /* the journal has grown since */

    /* who.c */
    struct gp_forecast *forecast; /* working memory, one forecast after the other */

    /* seal/, backup/ */
    struct gp_seal *seal;
    struct gp_backup *backup;

    /* signals, reload */
    uv_signal_t on_term, on_int, on_hup;
    bool reloading, reload_again;
    char reload_text[GP_REASON_BYTES_MAX];
    bool directory_queued, replan_queued;

    /* status, figures.c */
    int64_t started_ms;
    uint64_t batches, commands, refused, repeated, malformed;
    struct gp_counting figures;

    /* counted.c */
    struct gp_counted *counted;  /* the newest; NULL: none yet */
    struct gp_counted *counting; /* under way, in the pool's hands; NULL: none */
    uv_work_t count_work;
    struct gp_await count_await;
    struct gp_await *count_waits; /* who waits for it */
    int64_t count_now_ms;
    int count_error; /* of the last one */
};

/* ---- clock.c ---- */
void gp_app_clock_start(struct gp_app *app, int64_t mark_ms);
/** Effective time now; journals and logs alarms. */
int64_t gp_app_now(struct gp_app *app);
bool gp_app_held(const struct gp_app *app);
/** Queues an admin's act as an item whose context is the job; the clock changes once it is stored.
 */
void gp_app_clock_control(struct gp_app *app, struct gp_job *job);
/** The act's batch came back: changes the clock if it was stored, and answers. */
void gp_app_clock_answer(struct gp_app *app, const struct gp_item *item);

/* ---- batcher.c ---- */
/** Adds a command's job; the batch answers it. */
void gp_batcher_command(struct gp_app *app, struct gp_job *job);
/** Adds an item of our own; false when one too many waits (it will be asked for again). */
bool gp_batcher_own(struct gp_app *app, const struct gp_item *item);
bool gp_batcher_has_room(const struct gp_app *app);
/** Adds an item of our own that nobody asks for again: without room the tick adds it, in order. */
void gp_batcher_must(struct gp_app *app, const struct gp_item *item);
/** Adds a line for the journal, copied; false when there is no room, or none is to be had now. */
bool gp_batcher_note(struct gp_app *app, const char *text, struct gp_span actor);
/** Whether gp_batcher_command would take a job. */
bool gp_batcher_takes(const struct gp_app *app);
/** What the store says to an item that somebody asked for. Lifetime: of the item. */
struct gp_reply gp_batcher_reply(const struct gp_item *item);
/** Adds what failed earlier. */
void gp_batcher_retry(struct gp_app *app);
bool gp_batcher_idle(const struct gp_app *app);

/* ---- worker.c ---- */
int gp_worker_start(struct gp_app *app);
void gp_worker_submit(struct gp_app *app, struct gp_batch_slot *slot);
/** Asks for a checkpoint, soon; gp_fresh_look is called when it was made, or failed. */
void gp_worker_checkpoint(struct gp_app *app);
/** Ends the thread; nothing may be in flight. */
void gp_worker_stop(struct gp_app *app);
/** Called on the loop when a batch came back. */
void gp_batcher_done(struct gp_app *app, struct gp_batch_slot *slot, int error);

/** Has the thread look again whether a checkpoint may be made: the last one has come to the disk,
 * or failed to. */
void gp_worker_look(struct gp_app *app, bool failed);

/* ---- upkeep.c ---- */
/** Brings the last checkpoint to the disk, where it is not there. A failure ends the daemon. */
void gp_upkeep_settle(struct gp_app *app);
/** Compresses segments, makes spare ones, while the daemon runs. */
void gp_upkeep_begin(struct gp_app *app);
/** Once a second, while the daemon runs: tries again what has failed. */
void gp_upkeep_tick(struct gp_app *app);
/** Nothing of both runs. */
bool gp_upkeep_idle(const struct gp_app *app);

/* ---- fresh.c ---- */
/**
 * Calls back, on the loop, when readers see the tables as of `seq` or newer: at once where they do.
 * After a checkpoint that failed, too, with what there is.
 *
 * Lifetime: *await until it is called
 */
void gp_fresh_await(struct gp_app *app, struct gp_await *await, uint64_t seq,
                    void (*then)(void *context), void *context);
/** A checkpoint was made, or failed. */
void gp_fresh_look(struct gp_app *app, int error);

/* ---- deadline.c ---- */
int gp_deadline_start(struct gp_app *app);
/** After a batch: the next deadline is known again. */
void gp_deadline_batch_done(struct gp_app *app, struct gp_batch_slot *slot);
/** After a batch that was not stored: looks again in a second. */
void gp_deadline_batch_failed(struct gp_app *app, const struct gp_batch_slot *slot);
void gp_deadline_queue_start(struct gp_app *app);

/* ---- job.c ---- */
struct gp_job *gp_job_new(struct gp_app *app, struct gp_letter letter);
/** Sends a packed answer that is OK, sealed where the request was, and ends the job. */
void gp_job_send(struct gp_job *job, struct gp_span answer);
/** Answers with a reply and ends the job. */
void gp_job_reply(struct gp_job *job, const struct gp_reply *reply);
/** The place of a job among so many, of no job: a free one. NULL: there is none. */
struct gp_job **gp_job_place(struct gp_job **places, size_t count, const struct gp_job *job);
void gp_job_refuse(struct gp_job *job, enum gp_status status, const char *detail);
void gp_job_end(struct gp_job *job);

/* ---- sockets.c ---- */
/** The address of a door, "" where there is none. */
const char *gp_sockets_address(const struct gp_app *app, enum gp_door door);
/** Whether the addresses are allowed: 0, or the exit code after what is wrong was logged. */
int gp_sockets_check(const struct gp_app *app);
/** Binds all; 0, or the exit code after what is wrong was logged. */
int gp_sockets_bind(struct gp_app *app);
void gp_sockets_pause(struct gp_app *app);
void gp_sockets_resume(struct gp_app *app);
void gp_sockets_close(struct gp_app *app);

/* ---- hints.c ---- */
int gp_hints_start(struct gp_app *app);
/** The key by which hints are checked now, where a feed asks for it. */
struct gp_hint_key gp_hints_key(const struct gp_job *job);
/** The journal has grown: subscribers are told, soon. */
void gp_hints_head(struct gp_app *app);

/* ---- request.c ---- */
void gp_app_on_letter(void *context, struct gp_letter letter);
/** Takes a request as it was before it was sealed, or came so; the bytes live as long as the job.
 */
void gp_request_take(struct gp_job *job, struct gp_span message);

/* ---- speaker.c ---- */
/** Fills in who is speaking; false: the job was answered. */
bool gp_speaker_identify(struct gp_job *job);

/* ---- rights.c ---- */
/** Whether the device may read this, by org at now_ms. incident: the one that is asked for, or that
 * a feed is limited to; NULL: there is none. Thread: any. */
bool gp_rights_read(const struct gp_job *job, const struct gp_org *org, int64_t now_ms,
                    const struct gp_incident *incident);
/** An ask for leaves or devices that names nobody, of a device that may not ask for everybody's,
 * becomes one for those of its person: a device need not know whose it is. */
void gp_rights_narrow(struct gp_job *job);
/** Answers that it may not, and counts the denial. */
void gp_rights_refuse(struct gp_job *job);
/** What the job asks for, in a word. Lifetime: static storage. */
const char *gp_rights_action(const struct gp_job *job);

/* ---- view.c ---- */
/** Readers see the directory in force and what is on disk from now on. Errors: as gp_view_open;
 * then they see what they saw. */
int gp_app_look_again(struct gp_app *app);
/** A batch is on disk: readers see what it has changed. */
void gp_app_view_batch(struct gp_app *app, const struct gp_batch_slot *slot);
/** A checkpoint was made: readers see what could not be had before. */
void gp_app_view_fresh(struct gp_app *app);
void gp_app_drop_views(struct gp_app *app);
/** Gives a job the newest view, in place of one that it has. */
void gp_job_take_view(struct gp_job *job);
void gp_job_drop_view(struct gp_job *job);

/* ---- reader.c ---- */
void gp_reader_start(struct gp_job *job);
/** A parked feed looks again. */
void gp_reader_again(struct gp_job *job);

/* ---- sorting.c ---- */
/** Whether a look may begin now. A page by due may have to wait: gp_sorting_leave gives it. */
bool gp_sorting_enter(struct gp_job *job);
/** A look is over. Returns the one whose turn it is now, to be begun; NULL: none. */
struct gp_job *gp_sorting_leave(const struct gp_job *job);

/* ---- followers.c ---- */
int gp_followers_start(struct gp_app *app);
void gp_followers_looked(struct gp_job *job); /* a feed's look came back */
void gp_followers_head(struct gp_app *app, uint64_t head);
void gp_followers_flush(struct gp_app *app);
/** Readers see another directory: all who wait look again by it. */
void gp_followers_judge(struct gp_app *app);
/** Ends the waits of those whose session has ended. */
void gp_followers_drop_orphans(struct gp_app *app);

/* ---- roster.c, status.c, who.c, seal/proof.c ---- */
void gp_head_answer(struct gp_job *job);
void gp_roster_answer(struct gp_job *job);
void gp_who_answer(struct gp_job *job);
void gp_status_answer(struct gp_job *job);

#define GP_DIRECTORY_BYTES 17
/** What the loop knows of the daemon's status. Lifetime: of `directory`, of the app. */
void gp_status_fill(struct gp_app *app, char directory[GP_DIRECTORY_BYTES],
                    struct gp_daemon_status *ret_status);
/** What the store says of itself. */
void gp_status_store(struct gp_daemon_status *status, const struct gp_store_figures *store);

/* ---- counted.c ---- */
/**
 * Calls back, on the loop, when app->counted is of this moment or GP_CENSUS_MS old at the most: at
 * once where it is; behind a count that failed, too (gp_counted_fresh says so, app->count_error
 * why).
 *
 * Lifetime: *await until it is called
 */
void gp_counted_await(struct gp_app *app, struct gp_await *await, void (*then)(void *context),
                      void *context);
bool gp_counted_fresh(const struct gp_app *app);
/** For a job that looks at it in the pool; both on the loop. Requires: there is one. */
struct gp_counted *gp_counted_ref(struct gp_app *app);
void gp_counted_unref(struct gp_counted *counted); /* accepts NULL */

/* ---- figures.c ---- */
void gp_figures_answer(struct gp_job *job);
/** An answer leaves. */
void gp_figures_answered(struct gp_app *app, const struct gp_reply *reply);
/** A command was applied, or not: one of a join, too. */
void gp_figures_done(struct gp_app *app, const struct gp_item *item);
/** A command's answer is known. */
void gp_figures_command(struct gp_job *job, const struct gp_item *item);
/** A batch came back. */
void gp_figures_batch(struct gp_app *app, const struct gp_batch_slot *slot, int error);
/** A feed's look came back: whoever follows under a name has got so far. */
void gp_figures_followed(struct gp_job *job);

/* ---- reload.c ---- */
void gp_reload(struct gp_app *app);
void gp_reload_batch_done(struct gp_app *app, struct gp_batch_slot *slot);
/** Queues the re-planning of open incidents, from where the store says it has come. */
void gp_reload_replan(struct gp_app *app);
/** Queues what another directory than the store remembers brings with it. */
void gp_reload_in_force(struct gp_app *app, const char *text);
void gp_findings_print(const struct gp_findings *findings);

/* ---- shutdown.c ---- */
int gp_shutdown_start(struct gp_app *app);
void gp_shutdown_begin(struct gp_app *app, int exit_code);
/** Looks whether the phase is over; call when something ended. */
void gp_shutdown_advance(struct gp_app *app);

/* ---- notify.c ---- */
void gp_notify_ready(const struct gp_app *app);
void gp_notify_reloading(void);
void gp_notify_stopping(void);
/** Pings the watchdog if the loop, the writer and the deadline table are all well. */
void gp_notify_watchdog(struct gp_app *app);

/* ---- backup/ ---- */
/** Refuses a folder for backups that lies in the store's. Returns an exit code, having logged why.
 */
int gp_backup_check(const struct gp_app *app);
/** Errors: GP_ENOMEM. */
int gp_backup_open(struct gp_app *app);
/** Finds out, in the pool, what backups there are: their folder may lie on a disk that does not
 * answer, and nobody's report is to wait for that. */
void gp_backup_start(struct gp_app *app);
void gp_backup_close(struct gp_app *app); /* accepts none; behind the loop */
/** Begins a copy, or says how it stands. */
void gp_backup_answer(struct gp_job *job);
/** When the newest good one was made; 0: there is none, or that is not known yet. */
int64_t gp_backup_newest(const struct gp_app *app);
/** Ends a copy under way, soon. */
void gp_backup_cut(struct gp_app *app);
/** Ends what is done with a copy where the store's disk is nearly full. */
void gp_backup_tick(struct gp_app *app);
bool gp_backup_idle(const struct gp_app *app);
/** Offline: makes a store of a backup. Returns an exit code. */
int gp_backup_restore(const char *from, const char *store);
/** Offline: writes a copy's tables anew. Returns an exit code. */
int gp_backup_compact(const char *store);

/* ---- offline.c ---- */

/** Has the kernel end this process, and its children, before a daemon when memory is short: work on
 * a copy can be done again. As far as that can be had; a unit's own score would be inherited. */
void gp_offline_yield(void);
/** Checks the store that lies there, in child processes. Returns the exit code; *ret_error not 0:
 * why it could not be done. */
int gp_offline_verify(const char *path, uint64_t map_bytes, int *ret_error);
int gp_offline_rebuild(struct gp_store *store, const char *path);

#endif
