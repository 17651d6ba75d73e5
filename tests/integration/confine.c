/* confine [--netlink-fails] UNIT… -- PROGRAM ARGUMENT…: runs a program under the walls that the
 * last of the UNIT files' lines put around its system calls, and kills it where systemd would let
 * the call fail with an error.
 *
 * Read are SystemCallFilter= (an allow list first, then lists that are taken away),
 * RestrictAddressFamilies= and MemoryDenyWriteExecute=; several files count as a unit and its
 * drop-ins. A program that ends well here makes no call that its unit forbids; with --netlink-fails
 * but for one: libwebsockets asks for a socket of AF_NETLINK and goes on without it.
 */
#include <assert.h>
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLS_MAX 1024 /* numbers of system calls on any machine of today */

struct walls {
    bool allowed[CALLS_MAX];
    bool restricted;  /* of address families only these may be: AF_UNIX and … */
    bool inet, inet6; /* AF_INET, AF_INET6 */
    bool no_writable_code;
    bool netlink_fails; /* as systemd has it fail */
};

static _Noreturn void stop(const char *what, const char *which)
{
    (void)fprintf(stderr, "confine: %s: %s\n", what, which);
    exit(64);
}

static void set_call(struct walls *walls, const char *name, bool allow)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number >= 0 && number < CALLS_MAX) /* a call of other machines has no number here */
        walls->allowed[number] = allow;
}

/* One word of a filter: a call, or a set of calls, whose members systemd lists. */
static void set_word(struct walls *walls, const char *word, bool allow)
{
    char line[256], member[128];
    FILE *listed;

    if (word[0] != '@') {
        set_call(walls, word, allow);
        return;
    }
    (void)snprintf(line, sizeof line, "systemd-analyze --no-pager syscall-filter %s", word);
    listed = popen(line, "r");
    if (listed == NULL)
        stop("cannot ask for", word);
    while (fgets(line, sizeof line, listed) != NULL)
        if (line[0] == ' ' && sscanf(line, " %127[a-z0-9_@-]", member) == 1)
            set_word(walls, member, allow);
    if (pclose(listed) != 0)
        stop("systemd-analyze knows no", word);
}

static void set_filter(struct walls *walls, char *words)
{
    bool allow = words[0] != '~';
    char *rest = NULL;

    for (char *word = strtok_r(allow ? words : words + 1, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest))
        set_word(walls, word, allow);
}

/* Whether a line ends with a word, or has it before a blank. */
static bool has_word(const char *line, const char *word)
{
    const char *at = strstr(line, word);

    while (at != NULL && strchr(" \n", at[strlen(word)]) == NULL)
        at = strstr(at + 1, word);
    return at != NULL;
}

static void read_unit(struct walls *walls, const char *path)
{
    static const char filter[] = "SystemCallFilter=", families[] = "RestrictAddressFamilies=";
    FILE *unit = fopen(path, "r");
    char line[1024];

    if (unit == NULL)
        stop(strerror(errno), path);
    while (fgets(line, sizeof line, unit) != NULL) {
        if (strncmp(line, filter, sizeof filter - 1) == 0)
            set_filter(walls, line + sizeof filter - 1);
        if (strncmp(line, families, sizeof families - 1) == 0) {
            walls->restricted = true;
            walls->inet = walls->inet || has_word(line, "AF_INET");
            walls->inet6 = walls->inet6 || has_word(line, "AF_INET6");
        }
        if (strcmp(line, "MemoryDenyWriteExecute=yes\n") == 0)
            walls->no_writable_code = true;
    }
    (void)fclose(unit);
}

static void must(int result)
{
    if (result != 0)
        stop("libseccomp", strerror(-result));
}

static void allow_family(scmp_filter_ctx filter, unsigned family)
{
    must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                          SCMP_A0(SCMP_CMP_EQ, family, 0)));
}

static void allow_sockets(scmp_filter_ctx filter, const struct walls *walls)
{
    if (!walls->restricted) {
        must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 0));
        return;
    }
    allow_family(filter, AF_UNIX);
    if (walls->inet)
        allow_family(filter, AF_INET);
    if (walls->inet6)
        allow_family(filter, AF_INET6);
    if (walls->netlink_fails)
        must(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                              SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0)));
}

/* mmap and mprotect may not make memory that is code and can be written. */
static void allow_memory(scmp_filter_ctx filter, const struct walls *walls)
{
    if (!walls->no_writable_code) {
        must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 0));
        must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0));
        return;
    }
    must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
    must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE, 0)));
    must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
}

static bool has_rules_of_its_own(int number)
{
    return number == SCMP_SYS(socket) || number == SCMP_SYS(mmap) || number == SCMP_SYS(mprotect);
}

static void put_up(const struct walls *walls)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int allowed = 0;

    if (filter == NULL)
        stop("libseccomp", "no filter");
    for (int number = 0; number < CALLS_MAX; number++)
        if (walls->allowed[number] && !has_rules_of_its_own(number)) {
            must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0));
            allowed++;
        }
    if (allowed == 0)
        stop("no SystemCallFilter=", "in any of the files");
    allow_sockets(filter, walls);
    allow_memory(filter, walls);
    must(seccomp_load(filter));
    seccomp_release(filter);
}

int main(int argc, char **argv)
{
    static struct walls walls;
    int i = 1;

    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--netlink-fails") == 0)
            walls.netlink_fails = true;
        else
            read_unit(&walls, argv[i]);
    if (i + 1 >= argc)
        stop("usage", "confine UNIT… -- PROGRAM ARGUMENT…");
    put_up(&walls);
    (void)execv(argv[i + 1], argv + i + 1);
    stop(strerror(errno), argv[i + 1]);
}
