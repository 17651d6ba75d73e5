/*
 * A life of gridpostd: handsets report, and do what is to be done, several at once; now and then
 * somebody reads, so that checkpoints come. The daemon is killed in the middle and started again,
 * goes on, and stops.
 */
#include "power/life.h"

#include "lib/client.h"
#include "lib/daemon.h"
#include "power/record.h"
#include "power/trace.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANDSETS     6
#define INCIDENTS    64
#define RECEIVE_MS   20
#define PATIENCE_S   60
#define ARENA_BYTES  ((size_t)4 << 20)
#define ONE_IN_READS 6
#define FIRST_DEATH  300 /* records; a start has some 60 */
#define DEATH_SPREAD 900

static const struct {
    enum gp_verb verb;
    const char *by;
} stages[] = {{GP_VERB_ACCEPT, "li"},   {GP_VERB_FINISH, "li"},  {GP_VERB_VERIFY, "wang"},
              {GP_VERB_INFORM, "wang"}, {GP_VERB_CLOSE, "wang"}, {GP_VERB_ERASE, "feng"}};

#define STAGES (sizeof stages / sizeof stages[0])

struct load {
    struct daemon daemon;
    struct crowd crowd;
    struct gp_arena arena;
    char root[200], store[220];
    const char *trace;
    uint64_t random, last; /* last: record after which the daemon is killed */
    unsigned answered;
    bool busy[HANDSETS];
    struct {
        uint64_t id;
        size_t stage;
    } incident[INCIDENTS];
    size_t incidents;
};

static uint64_t draw(struct load *load, uint64_t below)
{
    load->random = load->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (load->random >> 33) % below;
}

/* ---------------------------------------------------------------- the process */

__attribute__((noreturn)) static void become_daemon(const struct load *load)
{
    char notify[DAEMON_PATH_BYTES * 2], last[24];

    (void)snprintf(notify, sizeof notify, "%s/notify", load->daemon.folder);
    (void)snprintf(last, sizeof last, "%llu", (unsigned long long)load->last);
    if (freopen(load->daemon.log, "a", stderr) == NULL || setenv("NOTIFY_SOCKET", notify, 1) != 0 ||
        unsetenv("JOURNAL_STREAM") != 0 || setenv(RECORD_ROOT, load->root, 1) != 0 ||
        setenv(RECORD_FILE, load->trace, 1) != 0 || setenv(RECORD_LAST, last, 1) != 0)
        _exit(126);
    execl(POWER_DAEMON, "gridpostd", "--config", load->daemon.config, "--insecure-local", "--store",
          load->store, (char *)NULL);
    _exit(127);
}

static void start(struct load *load)
{
    daemon_forget(&load->daemon);
    load->daemon.pid = fork();
    if (load->daemon.pid < 0)
        power_fail("no process");
    if (load->daemon.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        become_daemon(load);
    }
    daemon_await(&load->daemon, "READY=1");
    crowd_open(&load->crowd, load->daemon.socket, HANDSETS);
    memset(load->busy, 0, sizeof load->busy);
}

static bool is_dead(struct load *load)
{
    int status;

    if (waitpid(load->daemon.pid, &status, WNOHANG) == 0)
        return false;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        power_fail("gridpostd ended with status %d; its log is %s", status, load->daemon.log);
    load->daemon.pid = 0;
    return true;
}

/* ---------------------------------------------------------------- the load */

static struct gp_request next_request(struct load *load)
{
    size_t at = load->incidents > 0 ? (size_t)draw(load, load->incidents) : 0;

    if (draw(load, ONE_IN_READS) == 0)
        return request_feed(draw(load, 100), 0);
    if (load->incidents == 0 || load->incident[at].stage == STAGES || draw(load, 3) == 0)
        return request_report();
    size_t stage = load->incident[at].stage++;
    struct gp_request request =
        request_command(stages[stage].verb, load->incident[at].id, stages[stage].by);
    request.command.text = GP_SPAN("修好了");
    return request;
}

static void send_next(struct load *load, uint32_t handset)
{
    const struct gp_request request = next_request(load);

    crowd_send(&load->crowd, handset, &request);
    load->busy[handset] = true;
}

static void take(struct load *load, uint32_t handset, const struct gp_reply *reply)
{
    load->busy[handset] = false;
    if (reply->status != GP_STATUS_OK || reply->kind != GP_REPLY_ANSWER)
        return;
    load->answered++;
    for (size_t i = 0; i < load->incidents; i++) {
        if (load->incident[i].id == reply->answer.incident)
            return;
    }
    if (load->incidents < INCIDENTS)
        load->incident[load->incidents++].id = reply->answer.incident;
}

/* Until so many are answered, or the daemon is dead. Returns whether it is. */
static bool load_until(struct load *load, unsigned answered)
{
    const time_t until = time(NULL) + PATIENCE_S;
    struct gp_reply reply;
    uint32_t handset;

    while (load->answered < answered) {
        if (time(NULL) > until)
            power_fail("gridpostd does not answer; its log is %s", load->daemon.log);
        for (uint32_t i = 0; i < HANDSETS; i++) {
            if (!load->busy[i])
                send_next(load, i);
        }
        gp_arena_reset(&load->arena);
        if (crowd_receive(&load->crowd, RECEIVE_MS, &load->arena, &handset, &reply))
            take(load, handset, &reply);
        else if (is_dead(load))
            return true;
    }
    return false;
}

/* From a start to a stop. Returns whether it was killed. */
static bool live(struct load *load, unsigned commands)
{
    start(load);
    bool killed = load_until(load, load->answered + commands);
    crowd_close(&load->crowd);
    if (killed)
        return true;
    int code = daemon_stop(&load->daemon);
    if (code != 0 && code != 128 + SIGKILL) /* it may have been at work yet */
        power_fail("gridpostd ended with %d; its log is %s", code, load->daemon.log);
    return code != 0;
}

void life_run_daemon(const char *folder, const char *trace, uint64_t seed, unsigned commands)
{
    struct load load = {.trace = trace, .random = seed};

    (void)snprintf(load.root, sizeof load.root, "%s/data", folder);
    (void)snprintf(load.store, sizeof load.store, "%s/store", load.root);
    if (mkdir(load.root, 0700) != 0)
        power_fail("%s cannot be made", load.root);
    gp_arena_init(&load.arena, ARENA_BYTES);
    daemon_prepare(&load.daemon);
    daemon_setting(&load.daemon, "batch_items_max: 4"); /* many batches */
    load.last = FIRST_DEATH + draw(&load, DEATH_SPREAD);
    if (live(&load, commands)) {
        load.last = 0;
        if (live(&load, commands / 2))
            power_fail("gridpostd was killed by somebody else");
    }
    daemon_remove(&load.daemon);
    gp_arena_release(&load.arena);
}
