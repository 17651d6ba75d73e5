/* A journal entry for people; show/ has it for programs. */
#include "gridpost/cli.h"

#include <inttypes.h>

static const char *colour_of(const struct gp_entry *entry)
{
    switch (entry->what == GP_WHAT_STEP ? entry->step : GP_STEP_NONE) {
    case GP_STEP_UNACCEPTED:
    case GP_STEP_YELLOW1:
    case GP_STEP_YELLOW:
        return "\033[33m";
    case GP_STEP_RED:
    case GP_STEP_CARD:
    case GP_STEP_REPEAT:
        return "\033[31m";
    case GP_STEP_BLUE:
        return "\033[34m";
    case GP_STEP_ORANGE:
        return "\033[35m";
    default:
        return entry->what == GP_WHAT_HANDOVER ? "\033[31m" : "";
    }
}

static void print_recipients(const struct gp_entry *entry)
{
    for (uint8_t i = 0; i < entry->recipient_count; i++)
        printf("%s%.*s(%s)", i > 0 ? " " : "→ ", GP_SPAN_ARG(entry->recipient[i].person),
               entry->recipient[i].capacity);
}

/* Lateness that a person would notice. */
static void print_late(const struct gp_entry *entry)
{
    char late[GP_CLI_TIME_BYTES];

    if (entry->late_ms < GP_MS_MINUTE)
        return;
    gp_cli_duration_text(entry->late_ms, late);
    printf(_(" late by %s"), late);
}

void gp_cli_entry_line(const struct gp_cli *cli, const struct gp_entry *entry)
{
    const char *colour = cli->colour ? colour_of(entry) : "";
    char at[GP_CLI_TIME_BYTES], number[24];

    gp_cli_time_text(entry->at_ms, at);
    (void)snprintf(number, sizeof number, "#%" PRIu64, entry->incident);
    printf("%7" PRIu64 "  %s  ", entry->seq, at);
    gp_cli_cell(gp_span_of(entry->incident != 0 ? number : ""), 8);
    fputs(colour, stdout);
    gp_cli_cell(gp_span_of(_(gp_show_entry_name(entry))), 12);
    if (colour[0] != '\0')
        fputs("\033[0m", stdout);
    gp_cli_cell(entry->owner, 24);
    if (entry->actor.len > 0)
        printf(_("by %.*s "), GP_SPAN_ARG(entry->actor));
    if (entry->other != 0)
        printf("(#%" PRIu64 ") ", entry->other);
    if (entry->subject.len > 0)
        printf("(%.*s) ", GP_SPAN_ARG(entry->subject));
    print_recipients(entry);
    print_late(entry);
    if (entry->flags & GP_FLAG_ERASED)
        fputs(_(" (text erased)"), stdout);
    if (entry->text.len > 0 && entry->what != GP_WHAT_STEP) {
        fputs(" \"", stdout);
        gp_cli_flat(entry->text);
        putchar('"');
    }
    putchar('\n');
    (void)fflush(stdout); /* somebody is watching */
}
