#include "property/fail.h"

#include "property/shrink.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fail_place fail_place;

/* Failures of one kind have one format: that is enough for the shrinker to tell them apart. */
static int code_of(const char *format)
{
    unsigned hash = 5381;

    for (const char *at = format; *at != '\0'; at++)
        hash = hash * 33 + (unsigned char)*at;
    return 2 + (int)(hash % 100);
}

static void report(const char *text)
{
    const struct sequence *sequence = fail_place.sequence;

    fprintf(stderr, "FAILED: %s\n", text);
    if (sequence == NULL)
        return;
    fprintf(stderr,
            "seed %llu sequence %llu act %d; again:\n  %s --seed %llu --first %llu --sequences 1 "
            "--shrink\n",
            (unsigned long long)sequence->seed, (unsigned long long)sequence->number,
            fail_place.act, fail_place.program, (unsigned long long)sequence->seed,
            (unsigned long long)sequence->number);
}

__attribute__((noreturn)) static void end(const char *text, int code)
{
    if (fail_place.silent)
        _exit(code);
    report(text);
    if (fail_place.sequence != NULL) {
        if (fail_place.shrink)
            shrink(fail_place.sequence, fail_place.act, code);
        else
            act_show(fail_place.sequence, fail_place.act);
    }
    fflush(NULL);
    _exit(1);
}

void fail(const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    end(text, code_of(format));
}

void fail_unless_ok(int rc, const char *what)
{
    if (rc != 0)
        fail("%s: %s", what, gp_error_text(rc));
}

/* The program ends here either way, so that what may not be called in a handler may be. */
static void aborted(int number)
{
    (void)number;
    signal(SIGABRT, SIG_DFL);
    end("an assertion of the code under test", 102);
}

void fail_install(void)
{
    signal(SIGABRT, aborted);
    if (fail_place.silent && freopen("/dev/null", "w", stderr) == NULL)
        _exit(103);
}
