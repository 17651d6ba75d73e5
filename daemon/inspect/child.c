/* The child: does the parts one after the other and tells of them by a pipe. */
#include "inspect/internal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct child {
    const struct gp_inspect_options *options;
    const char *scratch;
    int pipe_fd;
    int part;
    bool silent; /* what is found was told of by a child before */
    struct state state;
    struct gp_store *store;
    struct gp_verify verify;
};

static_assert(sizeof(struct message) <= PIPE_BUF, "a message is one write, whole or not at all");

static void tell(struct child *child, struct message *message)
{
    message->part = child->part;
    while (write(child->pipe_fd, message, sizeof *message) < 0) {
        if (errno != EINTR)
            _exit(1); /* nobody listens any more */
    }
}

static void on_flaw(void *context, const struct gp_flaw *flaw)
{
    struct child *child = context;
    struct message message = {.told = TOLD_FLAW, .flaw = *flaw};

    if (child->silent)
        return;
    child->state.flaws++;
    tell(child, &message);
}

static void on_progress(void *context, uint64_t done, uint64_t of)
{
    struct message message = {.told = TOLD_PROGRESS, .done = done, .of = of};
    tell(context, &message);
}

static void say_store(struct child *child, const char *text, int rc)
{
    struct gp_flaw flaw = {.kind = GP_FLAW_STORE, .table = -1};

    (void)snprintf(flaw.text, sizeof flaw.text, "%s: %s", text, gp_error_text(rc));
    on_flaw(child, &flaw);
}

/* ---------------------------------------------------------------- opening */

static int open_as(struct child *child, bool drill, struct gp_store_found *found)
{
    const struct gp_store_options options = {.map_bytes = child->options->map_bytes,
                                             .drill = drill,
                                             .tables_only = child->state.tables_only,
                                             .found = found};

    return gp_store_open(child->options->path, &options, &child->store);
}

static int open_store(struct child *child, struct gp_store_found *found)
{
    int rc = open_as(child, child->state.drill, found);

    if (rc == GP_EMODE) {
        child->state.drill = !child->state.drill;
        rc = open_as(child, child->state.drill, found);
    }
    return rc;
}

/* Bytes behind the journal's last batch are a torn tail, which nobody was answered for, unless the
 * tables have more than is before them. */
static int check_tail(struct child *child)
{
    struct gp_flaw flaw = {.kind = GP_FLAW_LOG, .table = -1, .last = UINT64_MAX};
    struct state *state = &child->state;
    struct gp_store_place place;
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(child->store, &txn);

    if (rc == 0)
        rc = gp_store_place(txn, &place);
    gp_txn_abort(txn);
    if (rc == 0 && place.seq <= state->out.entries &&
        (strcmp(place.file, state->tail_name) != 0 || place.offset <= state->tail_offset))
        return 0;
    if (rc != 0 && state->tail_name[0] == '\0')
        return 0; /* its row is told of, or will be */
    flaw.first = state->out.entries + 1;
    flaw.offset = state->tail_offset;
    (void)snprintf(flaw.file, sizeof flaw.file, "%s",
                   state->tail_name[0] != '\0' ? state->tail_name : place.file);
    (void)snprintf(flaw.text, sizeof flaw.text, "%s",
                   rc == 0 ? "the tables have more than is before this"
                           : "it ends in bytes that are no batch");
    on_flaw(child, &flaw);
    return rc == GP_ENOMEM || rc == GP_EIO ? rc : 0;
}

static bool is_nothing_to_look_at(int rc)
{
    return rc == GP_ELOCKED || rc == GP_ENOTFOUND || rc == GP_EINVAL || rc == GP_ENOMEM ||
           rc == GP_ENOSPC || rc == GP_EMODE;
}

static int read_head(struct child *child)
{
    struct gp_inspected *out = &child->state.out;
    int64_t at_ms;
    int rc = gp_engine_head(child->store, &out->entries, out->hash, &at_ms);

    return rc == GP_ECORRUPT ? 0 : rc; /* whoever reads the entries says so */
}

static int open_remains(struct child *child)
{
    struct gp_store_found found = {0};
    int rc;

    child->state.log_bad = true;
    child->state.tables_only = true;
    rc = open_store(child, &found);
    if (rc == 0 || is_nothing_to_look_at(rc))
        return rc;
    say_store(child, "its tables cannot be looked at", rc);
    return GP_ECLOSED;
}

static int part_open(struct child *child)
{
    struct gp_store_found found = {0};
    int rc = open_store(child, &found);

    if (rc == 0 && child->state.out.entries == 0) /* of an older form, brought up just now */
        return read_head(child);
    if (rc == 0 || is_nothing_to_look_at(rc))
        return rc;
    int why = rc;
    rc = open_remains(child);
    if (rc == 0)
        rc = check_tail(child);
    if (rc == 0 && child->state.flaws == 0) /* a row of meta, then, is to be told of yet */
        say_store(child, "the store does not open", why);
    return rc;
}

/* A child that takes over from one that died. */
static int open_again(struct child *child)
{
    struct gp_store_found found = {0};
    int rc = open_store(child, &found);

    if (rc == 0 || is_nothing_to_look_at(rc))
        return rc;
    say_store(child, "it does not open again, and was not looked at to its end", rc);
    return GP_ECLOSED;
}

/* ---------------------------------------------------------------- the parts */

static int part_log(struct child *child)
{
    uint64_t before = child->state.flaws;
    struct gp_log_checked checked;
    int rc = gp_verify_log(child->options->path, &child->verify, &checked);

    if (rc != 0)
        return rc;
    child->state.log_bad = child->state.flaws != before;
    child->state.out.entries = checked.last;
    child->state.tail_offset = checked.tail_offset;
    memcpy(child->state.tail_name, checked.tail_name, sizeof child->state.tail_name);
    memcpy(child->state.out.hash, checked.hash, GP_HASH_BYTES);
    return 0;
}

static int part_rows(struct child *child, enum gp_table table)
{
    struct gp_txn *txn = NULL;
    bool walkable = false;
    int rc = gp_verify_rows(child->store, table, &child->verify, &walkable);

    if (!walkable)
        child->state.without |= UINT32_C(1) << table;
    if (rc == 0)
        rc = gp_txn_read(child->store, &txn);
    if (rc == 0)
        child->state.out.rows += gp_table_says(txn, table);
    gp_txn_abort(txn);
    return rc;
}

/* A store in which something is damaged is left as it is. */
static int part_catch_up(struct child *child)
{
    bool level = false;
    int rc = 0;

    if (child->state.flaws == 0 && !child->state.tables_only)
        rc = gp_verify_is_level(child->store, &level);
    else
        level = true;
    if (rc == 0 && !level)
        rc = gp_verify_catch_up(child->store);
    if (rc == GP_ECORRUPT || rc == GP_ENOTFOUND || rc == GP_EFORMAT) {
        say_store(child, "the tables cannot be brought up to the journal", rc);
        rc = 0;
    }
    return rc;
}

static int part_fold(struct child *child)
{
    uint32_t without = child->state.without;
    char path[280];
    bool level = true;
    int rc = 0;

    (void)snprintf(path, sizeof path, "%s/store", child->scratch);
    if (child->state.log_bad || child->state.tables_only)
        return gp_verify_index(child->store, path, without, &child->verify);
    if (child->state.flaws != 0)
        rc = gp_verify_is_level(child->store, &level);
    if (!level) /* rows of an older form, unless the journal is a little ahead only */
        without |= UINT32_C(1) << GP_TABLE_BY_AREA | UINT32_C(1) << GP_TABLE_BY_STATE;
    child->state.out.folded = true;
    return rc == 0 ? gp_verify_fold(child->store, path, without, &child->verify) : rc;
}

static int part_texts(struct child *child)
{
    const uint32_t tables = UINT32_C(1) << GP_TABLE_PERSONAL | UINT32_C(1) << GP_TABLE_INCIDENT;

    if (child->state.tables_only || (child->state.without & tables) != 0)
        return 0;
    return gp_verify_texts(child->store, &child->verify, &child->state.out.texts);
}

static int part_meta(struct child *child)
{
    if (child->state.tables_only || child->state.log_bad)
        return 0;
    return gp_verify_meta(child->store, &child->verify);
}

static int try_part(struct child *child, int part)
{
    switch (part) {
    case PART_LOG:
        return part_log(child);
    case PART_OPEN:
        return part_open(child);
    case PART_PAGES:
        return gp_verify_pages(child->store, &child->verify);
    case PART_CATCH_UP:
        return part_catch_up(child);
    case PART_FOLD:
        return part_fold(child);
    case PART_TEXTS:
        return part_texts(child);
    case PART_META:
        return part_meta(child);
    default:
        return part_rows(child, (enum gp_table)(part - PART_ROWS));
    }
}

/* What ends a part before its end is a finding, too, unless it is not the store's fault. */
static int do_part(struct child *child, int part)
{
    int rc = try_part(child, part);

    if (rc == 0 || part <= PART_OPEN || rc == GP_ENOMEM || rc == GP_ENOSPC || rc == GP_EIO)
        return rc;
    say_store(child, gp_part_name(part), rc);
    return 0;
}

/* ---------------------------------------------------------------- its life */

static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

bool gp_inspect_is_deadly(int number)
{
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        if (deadly[i] == number)
            return true;
    }
    return false;
}

/* It goes with its parent, dies of what it dies of, whoever has a handler for that, and leaves no
 * core: that would be a copy of the store's pages. */
static void prepare(void)
{
    const struct rlimit none = {0, 0};

    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        (void)signal(deadly[i], SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a check that outlives who asked is in nobody's way */
    (void)setrlimit(RLIMIT_CORE, &none);    /* likewise */
}

static _Noreturn void end(struct child *child, int error)
{
    struct message message = {.told = TOLD_END, .error = error};

    gp_store_close(child->store);
    tell(child, &message);
    _exit(0);
}

_Noreturn void gp_inspect_child(const struct gp_inspect_options *options, const char *scratch,
                                const struct state *state, int from, int pipe_fd)
{
    struct child child = {
        .options = options, .scratch = scratch, .pipe_fd = pipe_fd, .part = from, .state = *state};
    int rc = 0;

    prepare();
    child.verify = (struct gp_verify){on_flaw, on_progress, &child};
    if (from > PART_OPEN)
        rc = open_again(&child);
    for (int part = from; rc == 0 && part < PARTS; part++) {
        struct message begin = {.told = TOLD_BEGIN}, behind = {.told = TOLD_STATE};
        child.part = part;
        tell(&child, &begin);
        rc = do_part(&child, part);
        behind.state = child.state;
        tell(&child, &behind);
    }
    end(&child, rc);
}
