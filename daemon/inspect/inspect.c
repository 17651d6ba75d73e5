/* The parent: starts children, hears what they tell, and sees when one dies. */
#include "inspect/internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_MS 300000

struct parent {
    const struct gp_inspect_options *options;
    char scratch[256];
    int lock; /* of that; -1: there is none */
    struct state state;
    int part;         /* that the child is in, or was */
    bool begun;       /* it has come to one */
    bool ended;       /* it said that it is done */
    int error;        /* what it said then */
    bool silent;      /* it was ended, having computed for too long and said nothing */
    int64_t heard_ms; /* what it had computed when it was heard last */
};

/* ---------------------------------------------------------------- being ended */

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};

#define ENDINGS (sizeof endings / sizeof endings[0])

static volatile sig_atomic_t asked; /* the signal; 0: go on */

static void on_ending(int number)
{
    asked = number;
}

/* What is in the scratch folder may be as large as the store: it goes before the process does. */
static void take_endings(struct sigaction ret_before[ENDINGS])
{
    struct sigaction action = {.sa_handler = on_ending}; /* and no SA_RESTART: poll ends */

    asked = 0;
    (void)sigemptyset(&action.sa_mask); /* cannot fail */
    for (size_t i = 0; i < ENDINGS; i++) {
        (void)sigaction(endings[i], NULL, &ret_before[i]); /* the signals are there */
        if (ret_before[i].sa_handler == SIG_DFL)
            (void)sigaction(endings[i], &action, NULL);
    }
}

/* In a child: whoever ends it ends it. */
static void drop_endings(void)
{
    for (size_t i = 0; i < ENDINGS; i++)
        (void)signal(endings[i], SIG_DFL); /* the signals are there */
}

static void give_endings_back(const struct sigaction before[ENDINGS])
{
    for (size_t i = 0; i < ENDINGS; i++)
        (void)sigaction(endings[i], &before[i], NULL); /* as above */
    if (asked != 0)
        (void)raise(asked); /* its default: this is the end */
}

/* ---------------------------------------------------------------- hearing */

const char *gp_part_name(int part)
{
    switch (part) {
    case PART_LOG:
        return "journal";
    case PART_OPEN:
        return "opening";
    case PART_PAGES:
        return "pages";
    case PART_CATCH_UP:
        return "catching up";
    case PART_FOLD:
        return "tables against the journal";
    case PART_TEXTS:
        return "texts";
    case PART_META:
        return "meta";
    default:
        return gp_table_name((enum gp_table)(part - PART_ROWS));
    }
}

static bool is_rows(int part)
{
    return part >= PART_ROWS && part < PART_ROWS + GP_TABLE_COUNT;
}

static void flaw(struct parent *parent, const struct gp_flaw *flaw)
{
    parent->state.flaws++;
    parent->options->flaw(parent->options->context, flaw);
}

static void hear(struct parent *parent, const struct message *message)
{
    const struct gp_inspect_options *options = parent->options;

    switch ((enum told)message->told) {
    case TOLD_BEGIN:
        parent->part = message->part;
        parent->begun = true;
        if (options->progress != NULL)
            options->progress(options->context, gp_part_name(message->part), 0, 0);
        return;
    case TOLD_PROGRESS:
        if (options->progress != NULL)
            options->progress(options->context, gp_part_name(message->part), message->done,
                              message->of);
        return;
    case TOLD_FLAW:
        flaw(parent, &message->flaw);
        return;
    case TOLD_STATE:
        parent->state = message->state;
        return;
    case TOLD_END:
        parent->ended = true;
        parent->error = message->error;
        return;
    }
}

/* Processor time of a child that nobody waited for yet. */
static int64_t computed_ms(pid_t pid)
{
    struct timespec used = {0};
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) == 0)
        (void)clock_gettime(clock, &used); /* a clock that is there */
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* Pages that go round in a circle keep it computing. A child that waits for a slow disk, or for a
 * processor, is left alone. */
static void end_if_lost(struct parent *parent, pid_t pid, int64_t silence_ms)
{
    if (parent->silent || computed_ms(pid) - parent->heard_ms < silence_ms / 4 * 3)
        return;
    parent->silent = true;
    (void)kill(pid, SIGKILL); /* a child of ours that nobody waited for yet */
}

/* One message. Returns whether there may be more. */
static bool listen_once(struct parent *parent, int fd, pid_t pid)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int64_t silence_ms =
        parent->options->silence_ms != 0 ? parent->options->silence_ms : SILENCE_MS;
    struct message message;
    int count = poll(&ready, 1, (int)silence_ms);

    if (count < 0)
        return errno == EINTR;
    if (count == 0) {
        end_if_lost(parent, pid, silence_ms);
        return true;
    }
    ssize_t got = read(fd, &message, sizeof message);
    if (got < 0)
        return errno == EINTR;
    if (got != (ssize_t)sizeof message)
        return false;
    hear(parent, &message);
    parent->heard_ms = computed_ms(pid);
    return true;
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int run_child(struct parent *parent, int from, int *ret_status)
{
    int ends[2];

    parent->begun = false;
    parent->ended = false;
    parent->silent = false;
    parent->heard_ms = 0;
    if (pipe(ends) != 0)
        return GP_EIO;
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        drop_endings();
        gp_inspect_child(parent->options, parent->scratch, &parent->state, from, ends[1]);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return GP_ENOMEM;
    }
    while (asked == 0 && listen_once(parent, ends[0], pid))
        ;
    if (asked != 0)
        (void)kill(pid, SIGKILL); /* likewise: nobody waited for it yet */
    (void)close(ends[0]);
    *ret_status = wait_for(pid);
    return 0;
}

/* What it died of, and in what. */
static void say_death(struct parent *parent, int status)
{
    struct gp_flaw said = {.kind = GP_FLAW_STORE, .table = -1};
    char how[64];

    if (parent->silent)
        (void)snprintf(how, sizeof how, "came to no end");
    else if (WIFSIGNALED(status))
        (void)snprintf(how, sizeof how, "died of signal %d", WTERMSIG(status));
    else
        (void)snprintf(how, sizeof how, "died with %d", WEXITSTATUS(status));
    if (is_rows(parent->part))
        said.table = (int8_t)(parent->part - PART_ROWS);
    (void)snprintf(said.text, sizeof said.text, "%s: a page is damaged: the check %s",
                   parent->begun ? gp_part_name(parent->part) : "opening again", how);
    flaw(parent, &said);
}

/* Where the next child begins; PARTS: there is nothing more to look at. */
static int take_over(struct parent *parent, int from)
{
    if (!parent->begun)
        return PARTS; /* it does not even open: what is left cannot be looked at */
    if (parent->part == PART_LOG)
        parent->state.log_bad = true;
    if (parent->part == PART_OPEN) {
        if (parent->state.tables_only)
            return PARTS;
        parent->state.tables_only = true;
        parent->state.log_bad = true;
    }
    if (is_rows(parent->part))
        parent->state.without |= UINT32_C(1) << (parent->part - PART_ROWS);
    return parent->part < from ? PARTS : parent->part + 1;
}

/* A throw-away store that a child has left when it died. */
static void remove_scratch(struct parent *parent)
{
    gp_scratch_remove(parent->scratch);
    if (parent->lock >= 0)
        (void)close(parent->lock); /* only locked */
    parent->lock = -1;
}

static int clear_scratch(struct parent *parent)
{
    remove_scratch(parent);
    return gp_scratch_make(parent->options->scratch, parent->scratch, &parent->lock);
}

static int run_children(struct parent *parent)
{
    int from = PART_LOG, rc = 0;

    while (rc == 0 && from < PARTS) {
        int status = 0;
        rc = clear_scratch(parent);
        if (rc == 0)
            rc = run_child(parent, from, &status);
        if (rc != 0)
            break;
        if (asked != 0)
            return GP_ECLOSED;
        if (parent->ended)
            return parent->error == GP_ECLOSED ? 0 : parent->error;
        if (!parent->silent && WIFSIGNALED(status) && !gp_inspect_is_deadly(WTERMSIG(status)))
            return GP_EAGAIN;
        say_death(parent, status);
        from = take_over(parent, from);
    }
    return rc;
}

int gp_inspect(const struct gp_inspect_options *options, struct gp_inspected *ret_inspected)
{
    struct parent parent = {.options = options, .lock = -1};
    struct sigaction before[ENDINGS];

    take_endings(before);
    int rc = run_children(&parent);
    remove_scratch(&parent);
    give_endings_back(before);
    *ret_inspected = parent.state.out;
    ret_inspected->flaws = parent.state.flaws;
    ret_inspected->log_whole = !parent.state.log_bad;
    return rc;
}
