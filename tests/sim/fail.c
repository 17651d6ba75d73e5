/* Where a property that does not hold ends up (property/fail.h): what failed, and how to see it
 * again. An assertion in the code under test comes here, too. */
#include "property/fail.h"

#include "sim/events.h"
#include "sim/main.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void tell(const char *text)
{
    char when[32];

    main_say_when(when, sizeof when);
    fprintf(stderr,
            "FAILED: %s\nseed %llu, commit %s, event %llu, %s in the city; again:\n"
            "  tests/sim/run --seed %llu --days %u --trace\n",
            text, (unsigned long long)main_options.seed, main_options.commit,
            (unsigned long long)events_count(), when, (unsigned long long)main_options.seed,
            main_options.days);
}

__attribute__((noreturn)) static void end(const char *text)
{
    tell(text);
    exit(1); /* which removes the folders; also in a handler, since abort() was called by us */
}

void fail(const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    end(text);
}

void fail_unless_ok(int rc, const char *what)
{
    if (rc != 0)
        fail("%s: %s", what, gp_error_text(rc));
}

static void aborted(int number)
{
    (void)number;
    signal(SIGABRT, SIG_DFL);
    end("an assertion of the code under test");
}

/* What may be told of it is told; then it dies of what it did. */
static void crashed(int number)
{
    signal(number, SIG_DFL);
    tell("a crash");
}

void fail_install(void)
{
    signal(SIGABRT, aborted);
    signal(SIGSEGV, crashed);
    signal(SIGBUS, crashed);
}
