/*
 * The tables that readers see lag behind what was acknowledged, by a checkpoint (store/store.h).
 * Whoever needs something newer waits here: the store thread is asked for a checkpoint, makes it
 * soon (worker.c), and all that wait go on. What was acknowledged before an ask is seen by it.
 */
#include "app/internal.h"

void gp_fresh_await(struct gp_app *app, struct gp_await *await, uint64_t seq,
                    void (*then)(void *context), void *context)
{
    if (gp_store_committed(app->store) >= seq) {
        then(context);
        return;
    }
    *await = (struct gp_await){.next = app->awaits, .seq = seq, .then = then, .context = context};
    app->awaits = await;
    gp_worker_checkpoint(app);
}

/* A checkpoint that failed, for lack of space say, leaves readers with the last one: better an old
 * answer than none for as long as the disk is full. */
void gp_fresh_look(struct gp_app *app, int error)
{
    uint64_t committed = gp_store_committed(app->store);
    struct gp_await *await = app->awaits;

    app->awaits = NULL;
    while (await != NULL) {
        struct gp_await *next = await->next;
        if (error != 0 || await->seq <= committed)
            await->then(await->context);
        else
            gp_fresh_await(app, await, await->seq, await->then, await->context);
        await = next;
    }
}
