/**
 * The link to the daemon: a thread of its own that follows the journal and says what became of
 * notices, with libgridpost's blocking client. What it brings waits until it is taken.
 *
 * Thread: all calls by one thread, the owner's.
 */
#ifndef GP_NOTIFY_LINK_H
#define GP_NOTIFY_LINK_H

#include "notify/desk.h"

struct gp_link;

enum gp_link_event_kind {
    GP_LINK_NOTHING = 0,
    GP_LINK_PAGE, /* notes, and how far the journal was read: gp_link_go_on says that it is kept */
    GP_LINK_REPORTED, /* what gp_link_report gave was said, or not */
    GP_LINK_TROUBLE,  /* it goes on trying: words for the log */
    GP_LINK_WELL,     /* the trouble is over */
    GP_LINK_FATAL,    /* another journal than before; the thread has ended */
};

struct gp_link_event {
    enum gp_link_event_kind kind;
    /* a page; the notes are the taker's */
    struct gp_note *note[GP_FEED_ENTRIES_MAX];
    size_t count;
    uint64_t scanned_to, head;
    /* reported */
    struct gp_delivery_report report[GP_LINK_REPORTS];
    bool said[GP_LINK_REPORTS]; /* it is in the journal, or will never be: not to be said again */
    size_t report_count;
    char words[200];
};

/**
 * Starts the thread. Without a cursor (`known` false) it begins at the journal's end, and says so
 * by a page without notes. `wake` is called, by that thread, whenever there is something to take.
 *
 * Lifetime: the settings must outlive it
 * Errors:   GP_ENOMEM, GP_EAGAIN
 */
int gp_link_open(const struct gp_notify_settings *settings, bool known, uint64_t after,
                 void (*wake)(void *context), void *context, struct gp_link **ret_link);

/** Ends the thread and waits for it: half a second at most. Accepts NULL. */
void gp_link_close(struct gp_link *link);

/** Takes what it has brought; GP_LINK_NOTHING: nothing. */
void gp_link_take(struct gp_link *link, struct gp_link_event *ret_event);

/** The last page is kept: the journal is followed from there. */
void gp_link_go_on(struct gp_link *link);

/** The last page could not be kept: it is asked for again, a little later. */
void gp_link_again(struct gp_link *link);

/** Whether it takes reports now: those before were said. */
bool gp_link_is_free(struct gp_link *link);

/** Has so many reports said, at most GP_LINK_REPORTS. Requires: gp_link_is_free. */
void gp_link_report(struct gp_link *link, const struct gp_delivery_report *reports, size_t count);

/** The id of a report's command, always the same, so that the journal knows a repeat. */
void gp_report_id(const struct gp_delivery_report *report,
                  unsigned char ret_id[GP_COMMAND_ID_BYTES]);

#endif
