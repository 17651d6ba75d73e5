#include "sim/machine.h"

#include "property/fail.h"
#include "sim/disk.h"
#include "sim/events.h"

#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct {
    char base[200], folder[240], next[240], store[256];
    unsigned lives, left; /* calls until it stops; 0: it does not */
    enum machine_place place;
    bool stopped, running;
} machine;
struct machine_figures machine_figures;

/* ---------------------------------------------------------------- lives */

static void name_folder(char folder[240])
{
    (void)snprintf(folder, 240, "%s/life-%u", machine.base, machine.lives++);
    if (mkdir(folder, 0700) != 0)
        fail("making %s", folder);
}

static const char *use_folder(void)
{
    (void)snprintf(machine.store, sizeof machine.store, "%s/store", machine.folder);
    disk_begin(machine.store);
    machine.running = true;
    machine.stopped = false;
    machine.left = 0;
    return machine.store;
}

/* Random bytes of the store (salts of segments) are the simulation's, too. */
static const char *random_name(void)
{
    return "sim";
}

static void random_bytes(void *const to, const size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)to)[i] = (unsigned char)events_random(256);
}

static uint32_t random_number(void)
{
    return (uint32_t)events_random(UINT64_C(1) << 32);
}

static struct randombytes_implementation randomness = {
    .implementation_name = random_name, .random = random_number, .buf = random_bytes};

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* a temporary folder */
}

void machine_prepare(void)
{
    /* libsodium asks for some bytes at its start, once: before any run. */
    if (randombytes_set_implementation(&randomness) != 0 || sodium_init() < 0)
        fail("libsodium does not start");
}

const char *machine_begin(const char *base)
{
    if (machine.running)
        remove_tree(machine.folder);
    (void)snprintf(machine.base, sizeof machine.base, "%s", base);
    name_folder(machine.folder);
    disk_forget();
    return use_folder();
}

const char *machine_store(void)
{
    return machine.store;
}

void machine_enter(enum machine_place place)
{
    machine.place = place;
}

/* ---------------------------------------------------------------- stopping */

void machine_arm(unsigned calls)
{
    machine.left = calls;
}

void machine_stop(void)
{
    char copy[256];
    bool power = events_chance(500);
    struct disk_loss loss = {0};

    if (machine.stopped)
        return;
    machine.stopped = true;
    machine.left = 0;
    name_folder(machine.next);
    (void)snprintf(copy, sizeof copy, "%s/store", machine.next);
    disk_copy(machine.store, copy, power, &loss);
    machine_figures.died[machine.place]++;
    machine_figures.kills += !power;
    machine_figures.power_cuts += power;
    machine_figures.sectors += loss.sectors;
    machine_figures.lost += loss.lost;
    events_note(power ? "power cut" : "kill", machine.place, loss.lost);
}

bool machine_stopped(void)
{
    return machine.stopped;
}

void machine_revive(void)
{
    remove_tree(machine.folder);
    memcpy(machine.folder, machine.next, sizeof machine.folder);
    (void)use_folder();
}

/* ---------------------------------------------------------------- the calls */

/* Whether the machine stops at this call. */
static bool is_last(int fd)
{
    return machine.left > 0 && !machine.stopped && disk_has(fd) && --machine.left == 0;
}

/* Stops before the bytes are written, or behind some of them. */
static void stop_writing(int fd, const void *bytes, size_t len, off_t at)
{
    size_t part = events_chance(500) ? events_random(len + 1) : 0;

    machine_figures.before_write += machine.place == MACHINE_BATCH && part == 0;
    if (part > 0) {
        disk_write(fd, bytes, part, at);
        (void)!syscall(SYS_pwrite64, fd, bytes, part, at);
    }
    machine_stop();
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (is_last(fd))
        stop_writing(fd, bytes, len, at);
    if (!machine.stopped && disk_has(fd)) {
        disk_write(fd, bytes, len, at);
        machine_figures.writes++;
    }
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    if (!machine.stopped && disk_has(fd)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        if (is_last(fd))
            stop_writing(fd, bytes, len, at);
        else
            disk_write(fd, bytes, len, at);
        machine_figures.writes++;
    }
    return syscall(SYS_write, fd, bytes, len);
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    if (!machine.stopped && disk_has(fd)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        int kept = is_last(fd) ? (int)events_random((uint64_t)count) : count;
        for (int i = 0; i < kept; i++) {
            disk_write(fd, part[i].iov_base, part[i].iov_len, at);
            if (kept < count)
                (void)!syscall(SYS_pwrite64, fd, part[i].iov_base, part[i].iov_len, at);
            at += (off_t)part[i].iov_len;
        }
        machine_figures.writes++;
        if (kept < count)
            machine_stop();
    }
    return syscall(SYS_writev, fd, part, count);
}

static int sync_file(int fd)
{
    if (machine.stopped || !disk_has(fd))
        return 0;
    if (is_last(fd)) {
        machine_figures.before_sync += machine.place == MACHINE_BATCH;
        machine_stop();
        return 0;
    }
    machine_figures.syncs++;
    disk_sync(fd);
    return 0;
}

int fdatasync(int fd)
{
    return sync_file(fd);
}

int fsync(int fd)
{
    return sync_file(fd);
}

/* The three that change names: only places to stop at. */
int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    if (is_last(from_fd))
        machine_stop();
    return (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}

int unlinkat(int fd, const char *name, int flags)
{
    if (is_last(fd))
        machine_stop();
    if (!machine.stopped)
        disk_unlink(fd, name);
    return (int)syscall(SYS_unlinkat, fd, name, flags);
}

int ftruncate(int fd, off_t len)
{
    if (is_last(fd))
        machine_stop();
    return (int)syscall(SYS_ftruncate, fd, len);
}

/* The store asks how old its standing transaction is; nothing else in this process does. */
int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int64_t now_ms = events_now();

    (void)id;
    *ret_now = (struct timespec){now_ms / 1000, now_ms % 1000 * 1000000};
    return 0;
}

double machine_real_seconds(void)
{
    struct timespec now;

    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
