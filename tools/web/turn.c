#include "web/turn.h"

#include <assert.h>

/* It may end at once; then its call has ended the turn, too. */
static void come(struct gp_turn *turn)
{
    gp_ask_daemon(turn->ask, &turn->request, turn->then);
}

void gp_turn_ask(struct gp_turn *turn, struct gp_ask *ask, const struct gp_request *request,
                 gp_ask_fn *then)
{
    struct gp_turn **last = &ask->web->turns;

    assert(turn->ask == NULL);
    while (*last != NULL)
        last = &(*last)->next;
    *turn = (struct gp_turn){.ask = ask, .request = *request, .then = then};
    *last = turn;
    if (ask->web->turns == turn)
        come(turn);
}

void gp_turn_end(struct gp_turn *turn)
{
    if (turn->ask == NULL)
        return;
    struct gp_web *web = turn->ask->web;
    bool came = web->turns == turn;
    struct gp_turn **link = &web->turns;
    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
    turn->ask = NULL;
    if (came && web->turns != NULL)
        come(web->turns);
}
