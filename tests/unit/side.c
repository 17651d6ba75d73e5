#include "side.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct town town;
struct play play;

int side_begin(void **state)
{
    (void)state;
    town_build(&town);
    play_begin(&play, &town);
    return 0;
}

void side_must(int reason)
{
    if (reason != GP_REASON_NONE)
        fail_msg("refused: %s, %s", gp_reason_word(reason), play.decision.detail);
}

void side_report(const char *when, const char *category)
{
    side_must(play_report(&play, when, "zhang", TOWN_GRID, category));
}

void side_do(const char *when, const char *by, enum gp_verb verb, struct gp_command command)
{
    command.verb = (uint8_t)verb;
    side_must(play_command(&play, when, by, &command));
}

void side_refused(const char *when, const char *by, enum gp_verb verb, struct gp_command command,
                  enum gp_reason reason)
{
    command.verb = (uint8_t)verb;
    int got = play_command(&play, when, by, &command);

    if (got != (int)reason)
        fail_msg("%s instead of %s: %s", gp_reason_word(got), gp_reason_word(reason),
                 play.decision.detail);
}
