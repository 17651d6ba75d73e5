/**
 * What the journal of a trace came to be: the process that wrote it, and those that came after it
 * died, were seen to their end, without any power cut. A crash state's journal must be a piece of
 * this one, from its beginning to the end of some batch. It is the trace's last item.
 */
#ifndef GP_TESTS_POWER_HISTORY_H
#define GP_TESTS_POWER_HISTORY_H

#include "power/trace.h"

#include "store/store.h"

#include <stdbool.h>

#define POWER_MAP_BYTES     (UINT64_C(16) << 20)
#define POWER_SEGMENT_BYTES 16384

struct history_entry {
    unsigned char hash[GP_HASH_BYTES];
    bool ends_batch;
};

struct history {
    uint64_t head;
    struct history_entry *entry; /* by number; 0: the empty journal */
};

/**
 * Opens the store that a life has left in root/store, as another start would, and writes its
 * history to the trace's end. Every promise of the trace must be in it, and what is in `root` must
 * be what the trace tells.
 *
 * `before`: the history of the state that the life began with; NULL: with nothing
 */
void history_write(const char *trace, const char *root, const struct history *before);

void history_read(const struct trace *trace, struct history *ret_history);
void history_free(struct history *history);

/** Opens as all of this folder do. Returns a GP_E…; found may be NULL. */
int power_store_open(const char *path, struct gp_store_found *found, struct gp_store **ret_store);

#endif
