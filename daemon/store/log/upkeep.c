/*
 * What is done beside the writer. Sealing a segment is these steps, and a crash between any two
 * leaves what the next opening or the next run makes good:
 *
 *   seal.tmp written and synced      a crash: removed
 *   renamed, the folder synced       a crash: both are there; the raw one is removed
 *   raw file unlinked, folder synced
 *   readers get the sealed one       those that hold the raw one keep it, mapped; with the last one
 *                                    its blocks go
 */
#include "store/log/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SPARE_TMP "spare.tmp"

/* Whether the tables' checkpoint is behind all of a segment that gets no more groups. */
static bool is_behind(const struct gp_raw *raw, const struct gp_wal_mark *committed)
{
    return raw->head.number < committed->segment ||
           (raw->head.number == committed->segment && raw->end <= committed->offset);
}

/* The oldest raw segment, if it can be sealed; without a reference, as upkeep alone takes it out.
 */
static struct gp_segment *sealable(struct gp_wal *log, const struct gp_wal_mark *committed)
{
    struct gp_segment *found = NULL;

    (void)pthread_mutex_lock(&log->lock);
    for (size_t i = log->segments; i > 1 && log->segment[i - 1]->raw != NULL; i--) {
        struct gp_segment *before = log->segment[i - 2];
        if (before->raw != NULL && is_behind(before->raw, committed))
            found = before;
    }
    (void)pthread_mutex_unlock(&log->lock);
    return found;
}

/* Its name goes; a descriptor stays in *ret_fd, so that its blocks go when we say so. */
static int unlink_raw(const struct gp_wal *log, uint64_t number, int *ret_fd)
{
    char name[GP_WAL_NAME_BYTES];
    int fd, rc;

    gp_name_raw(number, name);
    fd = openat(log->folder_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gp_errno();
    rc = unlinkat(log->folder_fd, name, 0) == 0 ? gp_wal_sync_folder(log) : gp_errno();
    if (rc != 0) {
        (void)close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

static int seal(struct gp_wal *log, struct gp_segment *segment)
{
    struct gp_raw *raw = segment->raw;
    struct gp_segment *sealed = NULL;
    uint64_t file_bytes;
    int rc;

    if (raw->last >= raw->head.first) {
        rc = gp_seal_segment(log, raw, &file_bytes);
        if (rc == 0)
            rc = gp_segment_new_sealed(raw->head.first, raw->last, file_bytes, &sealed);
        if (rc != 0)
            return rc;
    } /* else side records only: nothing of it is kept */
    rc = unlink_raw(log, raw->head.number, &raw->gone_fd);
    if (rc != 0) {
        gp_segment_free(sealed);
        return rc;
    }
    gp_segments_replace(log, segment, sealed); /* raw may be gone */
    return 0;
}

/* How many spares there are, and a place for one more; GP_SPARES_MAX: there is none. */
static unsigned count_spares(struct gp_wal *log, unsigned *ret_place)
{
    unsigned count = 0;

    *ret_place = GP_SPARES_MAX;
    (void)pthread_mutex_lock(&log->lock);
    for (unsigned i = 0; i < GP_SPARES_MAX; i++) {
        if (log->spare[i] == GP_SPARE_READY)
            count++;
        else if (log->spare[i] == GP_SPARE_NONE)
            *ret_place = i;
    }
    (void)pthread_mutex_unlock(&log->lock);
    return count;
}

static int make_spare(struct gp_wal *log, unsigned place)
{
    char name[GP_WAL_NAME_BYTES];
    int fd;
    int rc = gp_make_zeros(log, SPARE_TMP, log->segment_bytes, &fd);

    if (rc != 0)
        return rc;
    (void)close(fd); /* it is synced */
    gp_name_spare(place, name);
    if (renameat(log->folder_fd, SPARE_TMP, log->folder_fd, name) != 0)
        return gp_errno();
    (void)pthread_mutex_lock(&log->lock);
    log->spare[place] = GP_SPARE_READY;
    (void)pthread_mutex_unlock(&log->lock);
    return 0; /* the folder is synced when it becomes a segment */
}

static bool wants_spares(const struct gp_wal *log)
{
    return log->spares_ahead || atomic_load(&log->half_full);
}

bool gp_wal_upkeep_due(struct gp_wal *log, const struct gp_wal_mark *committed)
{
    unsigned place, enough = log->spares_ahead ? GP_SPARES_MAX : 1;

    if (wants_spares(log) && count_spares(log, &place) < enough)
        return true;
    return sealable(log, committed) != NULL;
}

static int make_spares(struct gp_wal *log)
{
    unsigned place;
    int rc = 0;

    while (rc == 0 && wants_spares(log)) {
        (void)count_spares(log, &place); /* as many as have a place */
        if (place == GP_SPARES_MAX)
            break;
        rc = make_spare(log, place);
    }
    return rc;
}

/* A spare that finds no room is no reason to stop: sealing gives room back. */
int gp_wal_upkeep(struct gp_wal *log, const struct gp_wal_mark *committed)
{
    struct gp_segment *segment;
    int spares = make_spares(log), rc = 0;

    while (rc == 0 && (segment = sealable(log, committed)) != NULL)
        rc = seal(log, segment);
    return rc != 0 ? rc : spares;
}

unsigned gp_wal_give_spares(struct gp_wal *log)
{
    char name[GP_WAL_NAME_BYTES];
    unsigned given = 0;

    for (unsigned place = 0; place < GP_SPARES_MAX; place++) {
        if (log->spare[place] != GP_SPARE_READY)
            continue;
        gp_name_spare(place, name);
        log->spare[place] = GP_SPARE_NONE;
        given += unlinkat(log->folder_fd, name, 0) == 0;
    }
    return given;
}
