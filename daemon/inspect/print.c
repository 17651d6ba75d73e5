#include "inspect/inspect.h"

#include <inttypes.h>
#include <unistd.h>

static void print_entries(FILE *to, const struct gp_flaw *flaw)
{
    if (flaw->first == 0)
        return;
    if (flaw->last == UINT64_MAX)
        fprintf(to, ", entries from %" PRIu64 " on", flaw->first);
    else if (flaw->last != flaw->first)
        fprintf(to, ", entries %" PRIu64 " to %" PRIu64, flaw->first, flaw->last);
    else
        fprintf(to, ", entry %" PRIu64, flaw->first);
}

static void print_key(FILE *to, const struct gp_flaw *flaw)
{
    char text[200];

    if (flaw->key_bytes == 0)
        return;
    gp_key_text((enum gp_table)flaw->table, flaw->key, flaw->key_bytes, text, sizeof text);
    fprintf(to, ", %s, key ", text);
    for (unsigned i = 0; i < flaw->key_bytes; i++)
        fprintf(to, "%02x", flaw->key[i]);
}

void gp_inspect_print(FILE *to, const struct gp_flaw *flaw)
{
    if (flaw->file[0] != '\0')
        fprintf(to, "journal/%s is damaged or missing at byte %" PRIu64, flaw->file, flaw->offset);
    else if (flaw->table >= 0)
        fprintf(to, "table %s", gp_table_name((enum gp_table)flaw->table));
    else
        fputs(flaw->kind == GP_FLAW_ENTRY ? "journal" : "store", to);
    print_key(to, flaw);
    if (flaw->kind != GP_FLAW_TEXT) /* whose key says it */
        print_entries(to, flaw);
    fprintf(to, ": %s\n", flaw->text);
}

void gp_inspect_print_end(FILE *to, const struct gp_inspected *inspected)
{
    if (inspected->log_whole)
        fprintf(to, "journal: %" PRIu64 " entries, chain whole\n", inspected->entries);
    if (inspected->flaws > 0) {
        fprintf(to, "damaged: %" PRIu64 " findings\n", inspected->flaws);
        return;
    }
    fprintf(to, "tables: %" PRIu64 " rows, as the journal says\n", inspected->rows);
    fprintf(to, "texts: %" PRIu64 " as journalled, %" PRIu64 " erased\n", inspected->texts.kept,
            inspected->texts.erased);
}

void gp_inspect_print_progress(const char *part, uint64_t done, uint64_t of)
{
    if (!isatty(STDERR_FILENO))
        return;
    if (part == NULL)
        fputs("\r\033[K", stderr);
    else if (of > 0)
        fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64, part, done, of);
    else
        fprintf(stderr, "\r\033[K%s: %" PRIu64, part, done);
}
