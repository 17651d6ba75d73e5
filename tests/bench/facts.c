#include "bench/facts.h"

#include "base/bytes.h"
#include "bench/town.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define DEPARTMENTS 3
#define HOUR_MS     INT64_C(3600000)

const size_t facts_entry_bytes[FACTS_ENTRIES] = {231, 240, 128, 317};

static uint64_t state; /* of the draw: xorshift64 */
static unsigned count;

static uint64_t draw(void)
{
    while (state == 0)
        (void)!getrandom(&state, sizeof state, 0);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Half of it drawn, half of it the report's words, as hashes, numbers and names would be. */
static void fill(unsigned char *to, size_t len)
{
    for (size_t at = 0; at < len; at += 16) {
        size_t part = len - at < 16 ? len - at : 16;
        unsigned char both[16];
        gp_put_u64(both, draw());
        memcpy(both + 8, town_text + at % 160, 8);
        memcpy(to + at, both, part);
    }
}

static void place(struct facts *facts)
{
    char grid[TOWN_CODE_BYTES];

    if (count == 0)
        count = (unsigned)draw() % (TOWN_COMMUNITIES * TOWN_GRIDS);
    town_grid(count, grid);
    facts->area = strtoull(grid, NULL, 10);
    facts->owner = (int32_t)(count / TOWN_GRIDS % TOWN_COMMUNITIES);
    facts->department = (int32_t)(count++ % DEPARTMENTS);
}

void facts_next(struct facts *ret_facts)
{
    int64_t now = now_ms();

    place(ret_facts);
    gp_put_u64(ret_facts->id, (uint64_t)now << 16);
    gp_put_u32(ret_facts->id + 6, (uint32_t)draw());
    gp_put_u64(ret_facts->id + 8, draw());
    ret_facts->due_ms = now + HOUR_MS * (int64_t)(8 + draw() % 40);
    ret_facts->step_ms = now + HOUR_MS * 2;
    fill(ret_facts->record, sizeof ret_facts->record);
    fill(ret_facts->answer, sizeof ret_facts->answer);
    fill(ret_facts->texts, sizeof ret_facts->texts);
    for (int i = 0; i < FACTS_ENTRIES; i++)
        fill(ret_facts->entry[i], facts_entry_bytes[i]);
}
