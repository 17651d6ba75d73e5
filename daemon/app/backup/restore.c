/*
 * A backup becomes a store: copied beside the place where the store is to be, verified there by a
 * process of its own, compared with what the backup says of itself, and given its name. The backup
 * is only read, so that it may lie on a medium that nobody can write to.
 */
#include "app/backup/backup.h"

#include "base/clocktext.h"
#include "base/tree.h"
#include "inspect/inspect.h"
#include "inspect/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)1 << 20)

extern char **environ;

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "gridpostd: %s: %s\n", what, why);
    return 1;
}

/* ---------------------------------------------------------------- files */

static int copy_bytes(int from_fd, int to_fd)
{
    static char buffer[BUFFER_BYTES];
    ssize_t got;

    while ((got = read(from_fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to_fd, buffer + done, (size_t)(got - done));
            if (put < 0)
                return -1;
            done += put;
        }
    }
    return got == 0 ? fsync(to_fd) : -1;
}

/* Holes become zeros: the log writes into blocks that are there. */
static int copy_file(int from_folder, int to_folder, const char *name)
{
    int from_fd = openat(from_folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int to_fd = from_fd < 0 ? -1
                            : openat(to_folder, name,
                                     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = to_fd < 0 ? fail(name, strerror(errno)) : 0;

    if (rc == 0 && copy_bytes(from_fd, to_fd) != 0)
        rc = fail(name, strerror(errno));
    if (from_fd >= 0)
        (void)close(from_fd); /* only read */
    if (to_fd >= 0)
        (void)close(to_fd); /* it is synced */
    return rc;
}

static int copy_journal_from(int from_folder, int to_folder)
{
    int fd = dup(from_folder);
    DIR *names = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    int rc = names != NULL ? 0 : fail("journal", strerror(errno));

    while (rc == 0 && (entry = readdir(names)) != NULL) {
        if (entry->d_name[0] != '.')
            rc = copy_file(from_folder, to_folder, entry->d_name);
    }
    if (names != NULL)
        (void)closedir(names); /* only read */
    return rc;
}

static int open_folder(int at_fd, const char *name)
{
    return openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static int copy_journal(int from_folder, int to_folder)
{
    int from_fd = open_folder(from_folder, "journal");
    int to_fd = -1, rc;

    if (from_fd < 0 || mkdirat(to_folder, "journal", 0700) != 0 ||
        (to_fd = open_folder(to_folder, "journal")) < 0)
        rc = fail("journal", strerror(errno));
    else
        rc = copy_journal_from(from_fd, to_fd);
    if (from_fd >= 0)
        (void)close(from_fd); /* only read */
    if (to_fd >= 0)
        (void)close(to_fd); /* synced with its folder */
    return rc;
}

static int copy_all(const char *from, const char *to)
{
    int from_fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int to_fd = -1, rc;

    if (from_fd < 0)
        return fail(from, strerror(errno));
    if (mkdir(to, 0700) != 0 || (to_fd = open_folder(AT_FDCWD, to)) < 0)
        rc = fail(to, strerror(errno));
    else
        rc = copy_file(from_fd, to_fd, "data.mdb");
    if (rc == 0)
        rc = copy_journal(from_fd, to_fd);
    (void)close(from_fd); /* only read */
    if (to_fd >= 0)
        (void)close(to_fd); /* synced below */
    if (rc == 0 && gp_shelf_sync(to) != 0)
        rc = fail(to, gp_error_text(GP_EIO));
    return rc;
}

/* ---------------------------------------------------------------- checking */

static int run_verify(const char *store, bool drill)
{
    const char *words[GP_CHILD_WORDS];
    int status;
    pid_t pid;

    gp_child_words(GP_CHILD_VERIFY, store, drill, words);
    if (posix_spawn(&pid, GP_CHILD_PROGRAM, NULL, NULL, (char **)(uintptr_t)words, environ) != 0)
        return fail(GP_CHILD_PROGRAM, "cannot be started");
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return fail("waiting", strerror(errno));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status) ? WEXITSTATUS(status) == EX_TEMPFAIL
                          : !gp_inspect_is_deadly(WTERMSIG(status)))
        return fail("verifying", "it could not be done, so nothing is restored; try again");
    return fail("verifying", "the backup is damaged: it is not restored");
}

static int head_of(const char *path, bool drill, uint64_t *ret_seq, unsigned char *ret_hash)
{
    struct gp_store_options options = {.drill = drill};
    struct gp_store *store = NULL;
    struct gp_txn *txn = NULL;
    int rc = gp_store_open(path, &options, &store);

    if (rc == 0)
        rc = gp_engine_recover(store);
    if (rc == 0)
        rc = gp_txn_read(store, &txn);
    if (rc == 0)
        rc = gp_journal_head(txn, ret_seq, ret_hash);
    gp_txn_abort(txn);
    gp_store_close(store);
    return rc;
}

/* The store says what the backup's label says, or the label is another backup's. */
static int compare(const char *store, const struct gp_label *label)
{
    unsigned char hash[GP_HASH_BYTES];
    uint64_t seq = 0;
    int rc = head_of(store, label->drill, &seq, hash);

    if (rc != 0)
        return fail(store, gp_error_text(rc));
    if (seq != label->seq || memcmp(hash, label->hash, sizeof hash) != 0)
        return fail("backup.json", "it tells of another head than the store has");
    return 0;
}

/* ---------------------------------------------------------------- the place */

/* Nothing is there, or an empty folder. */
static int check_place(const char *store)
{
    if (rmdir(store) == 0 || errno == ENOENT)
        return 0;
    return fail(store, errno == ENOTEMPTY || errno == EEXIST
                           ? "there is something already: name a new folder"
                           : strerror(errno));
}

static int put_in_place(const char *copy, const char *store)
{
    if (rename(copy, store) != 0 || gp_place_sync(store) != 0)
        return fail(store, strerror(errno));
    return 0;
}

static int restore(const char *from, const char *copy, const char *store,
                   const struct gp_label *label)
{
    int rc = copy_all(from, copy);

    if (rc == 0)
        rc = run_verify(copy, label->drill);
    if (rc == 0)
        rc = compare(copy, label);
    return rc == 0 ? put_in_place(copy, store) : rc;
}

static bool name_places(const char *given, char ret_store[GP_SHELF_PATH_MAX],
                        char ret_copy[GP_SHELF_PATH_MAX])
{
    size_t len = gp_place_len(given);

    (void)snprintf(ret_store, GP_SHELF_PATH_MAX, "%.*s", (int)len, given);
    return len < GP_SHELF_PATH_MAX &&
           snprintf(ret_copy, GP_SHELF_PATH_MAX, "%s.restoring", ret_store) < GP_SHELF_PATH_MAX;
}

int gp_backup_restore(const char *from, const char *given)
{
    char store[GP_SHELF_PATH_MAX], copy[GP_SHELF_PATH_MAX], hash[65], at[GP_CLOCKTEXT_BYTES];
    struct gp_label label;

    if (!name_places(given, store, copy))
        return fail(given, "the path is too long");
    int rc = gp_label_read(from, &label);
    if (rc != 0)
        return fail(from, rc == GP_ENOTFOUND ? "this is no backup: it has no backup.json"
                                             : "its backup.json cannot be read");
    rc = check_place(store);
    if (rc == 0 && gp_tree_remove(copy, GP_TREE_STORE) != 0) /* of a restore that was killed */
        rc = fail(copy, "it is in the way and cannot be removed");
    if (rc == 0)
        rc = restore(from, copy, store, &label);
    if (rc != 0) {
        (void)gp_tree_remove(copy, GP_TREE_STORE); /* the next one tries again */
        return rc;
    }
    gp_label_hex(label.hash, hash);
    gp_instant_format(label.at_ms, 0, at);
    printf("restored: head %" PRIu64 ", hash %s, made %s\n", label.seq, hash, at);
    return 0;
}

int gp_backup_compact(const char *store)
{
    int rc = gp_store_compact(store);

    if (rc == 0)
        return 0;
    fprintf(stderr, "gridpostd: %s: %s\n", store, gp_error_text(rc));
    if (rc == GP_ELOCKED || rc == GP_ENOSPC || rc == GP_ENOMEM || rc == GP_EIO || rc == GP_EAGAIN)
        return EX_TEMPFAIL; /* that says nothing about the store */
    return 1;
}
