/* Seeds of the journal: what the sample city writes when somebody reports, works, or does nothing.
 */
#include "seeds.h"

#include "base/bytes.h"
#include "org/directory.h"
#include "rehearsal/rehearsal.h"
#include "wire/message.h"

#include <string.h>

#define START_MS  INT64_C(1791936300000) /* 2026-10-14T08:05+08:00 */
#define MINUTE_MS INT64_C(60000)
#define DAY_MS    INT64_C(86400000)
#define MOST      8192 /* bytes of a seed */

static struct {
    unsigned char bytes[MOST];
    size_t len;

} journal;

static void keep(void *context, const struct gp_entry *entry)
{
    struct gp_arena arena;
    struct gp_span packed;

    (void)context;
    gp_arena_init(&arena, (size_t)1 << 20);
    PROMISE(gp_wire_entry_pack(entry, &arena, &packed) == 0);
    if (journal.len + 2 + packed.len <= sizeof journal.bytes) {
        journal.bytes[journal.len] = (unsigned char)(packed.len >> 8);
        journal.bytes[journal.len + 1] = (unsigned char)packed.len;
        memcpy(journal.bytes + journal.len + 2, packed.ptr, packed.len);
        journal.len += 2 + packed.len;
    }
    gp_arena_release(&arena);
}

static void say(struct gp_rehearsal *rehearsal, int minute, const char *actor,
                struct gp_command command)
{
    struct gp_answer answer;

    command.actor = gp_span_of(actor);
    PROMISE(gp_rehearsal_command(rehearsal, START_MS + minute * MINUTE_MS, &command, &answer) == 0);
}

static const struct gp_command report = {.verb = GP_VERB_REPORT,
                                         .grid = GP_SPAN("340705005002003"),
                                         .category = GP_SPAN("02-01"),
                                         .text = GP_SPAN("stickers"),
                                         .phone = GP_SPAN("000-0099")};

static void work(struct gp_rehearsal *rehearsal)
{
    say(rehearsal, 0, "w00500203", report);
    say(rehearsal, 5, "w00500202", (struct gp_command){.verb = GP_VERB_ACCEPT, .incident = 1});
    say(rehearsal, 60, "w00500202", (struct gp_command){.verb = GP_VERB_FINISH, .incident = 1});
    say(rehearsal, 80, "s0053",
        (struct gp_command){.verb = GP_VERB_VERIFY, .incident = 1, .result = GP_RESULT_NO});
    say(rehearsal, 90, "w00500202", (struct gp_command){.verb = GP_VERB_FINISH, .incident = 1});
}

static void wait(struct gp_rehearsal *rehearsal)
{
    say(rehearsal, 0, "w00500203", report);
    PROMISE(gp_rehearsal_settle(rehearsal, START_MS + 4 * DAY_MS) == 0);
}

static void hold(struct gp_rehearsal *rehearsal)
{
    say(rehearsal, 0, "w00500203", report);
    say(rehearsal, 5, "w00500202", (struct gp_command){.verb = GP_VERB_ACCEPT, .incident = 1});
    say(rehearsal, 10, "s0053",
        (struct gp_command){.verb = GP_VERB_SUSPEND,
                            .incident = 1,
                            .to_ms = START_MS + 12 * DAY_MS,
                            .text = GP_SPAN("a part has to be ordered")});
    PROMISE(gp_rehearsal_settle(rehearsal, START_MS + 14 * DAY_MS) == 0);
}

static void play(const struct gp_org *org, const char *name,
                 void (*act)(struct gp_rehearsal *rehearsal))
{
    struct gp_rehearsal *rehearsal;

    journal.len = 0;
    PROMISE(gp_rehearsal_open(org, START_MS - MINUTE_MS, &rehearsal) == 0);
    gp_rehearsal_on_entry(rehearsal, keep, NULL);
    act(rehearsal);
    gp_rehearsal_close(rehearsal);
    seed_bytes("fold", name, (struct gp_span){(char *)journal.bytes, journal.len},
               (struct gp_span){0});
}

void seed_journals(const char *config)
{
    struct gp_directory *directory;
    struct gp_findings findings;

    gp_findings_init(&findings);
    PROMISE(gp_directory_load(config, &findings, &directory) == 0);
    play(gp_directory_org(directory), "report-and-work", work);
    play(gp_directory_org(directory), "report-and-nobody", wait);
    play(gp_directory_org(directory), "report-and-suspend", hold);
    gp_directory_unref(directory);
    gp_findings_release(&findings);
}
