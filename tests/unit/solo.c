#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct town town;
struct play play;

int solo_begin(void **state)
{
    (void)state;
    town_build(&town);
    play_begin(&play, &town);
    return 0;
}

void solo_must(int reason)
{
    if (reason != GP_REASON_NONE)
        fail_msg("refused: %s, %s", gp_reason_word(reason), play.decision.detail);
}

void solo_says(const char *words)
{
    if (strstr(play.decision.detail, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, play.decision.detail);
}

void solo_report(const char *when, const char *category)
{
    solo_must(play_report(&play, when, "zhang", TOWN_GRID, category));
}

void solo_do(const char *when, const char *by, enum gp_verb verb, struct gp_command command)
{
    command.verb = (uint8_t)verb;
    solo_must(play_command(&play, when, by, &command));
}

void solo_refused(const char *when, const char *by, enum gp_verb verb, struct gp_command command,
                  enum gp_reason reason)
{
    command.verb = (uint8_t)verb;
    int got = play_command(&play, when, by, &command);

    if (got != (int)reason)
        fail_msg("%s instead of %s: %s", gp_reason_word(got), gp_reason_word(reason),
                 play.decision.detail);
}
