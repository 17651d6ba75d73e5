#include "property/shrink.h"

#include "property/fail.h"
#include "property/play.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sequence attempt, best;

static bool fails(struct sequence *sequence, int code)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        fail_place.silent = true;
        fail_install();
        play_again(sequence);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == code;
}

/* What named an act that is left out names nobody; what stood behind it moves up. */
static int moved(int index, int first, int count)
{
    if (index < first)
        return index;
    return index < first + count ? ACT_NOBODY : index - count;
}

static void leave_out(const struct sequence *from, int first, int count, struct sequence *to)
{
    *to = *from;
    to->count = 0;
    for (int i = 0; i < from->count; i++) {
        struct act act = from->act[i];
        if (i >= first && i < first + count)
            continue;
        act.target = moved(act.target, first, count);
        act.other = moved(act.other, first, count);
        act.repeat_of = moved(act.repeat_of, first, count);
        if (act.leave != ACT_NOBODY)
            act.command.leave = 0;
        act.leave = moved(act.leave, first, count);
        act.joined = act.joined && to->count > 0 && to->act[to->count - 1].kind == ACT_COMMAND &&
                     to->act[to->count - 1].at_ms == act.at_ms;
        to->act[to->count++] = act;
    }
}

static bool shrink_by(int size, int code)
{
    bool smaller = false;

    for (int first = best.count - size; first >= 0; first -= size) {
        leave_out(&best, first, size, &attempt);
        if (!fails(&attempt, code))
            continue;
        best = attempt;
        smaller = true;
    }
    return smaller;
}

void shrink(const struct sequence *sequence, int act, int code)
{
    best = *sequence;
    best.count = act + 1 < sequence->count ? act + 1 : sequence->count;
    while (best.count < sequence->count && sequence->act[best.count].joined)
        best.count++;
    fflush(NULL);
    if (!fails(&best, code)) {
        fprintf(stderr, "it does not fail when it is played again from its acts\n");
        act_show(sequence, act);
        return;
    }
    for (int size = best.count / 2; size >= 1; size = size > 1 ? size / 2 : 0) {
        while (shrink_by(size, code) && size == 1)
            continue;
    }
    fprintf(stderr, "made smaller: %d of %d acts\n", best.count, act + 1);
    act_show(&best, best.count);
    fflush(NULL);
    fail_place.silent = false;
    pid_t child = fork(); /* once more, to say how the smaller one fails */
    if (child == 0) {
        fail_place.shrink = false;
        fail_place.sequence = NULL;
        play_again(&best);
        _exit(0);
    }
    (void)waitpid(child, NULL, 0);
}
