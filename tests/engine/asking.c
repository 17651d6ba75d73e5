#include "engine/asking.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "core/post.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void add(struct asked *asked, uint64_t id)
{
    assert_true(asked->count < ASKED_MOST);
    asked->id[asked->count++] = id;
}

static void collect(struct city *city, struct gp_query query, int steps, struct asked *ret_asked)
{
    struct gp_arena arena;

    *ret_asked = (struct asked){0};
    gp_arena_init(&arena, 16 << 20);
    do {
        struct gp_page page;
        gp_arena_reset(&arena);
        assert_int_equal(gp_engine_query(gp_rehearsal_store(city->rehearsal), city->org, &query,
                                         (struct gp_span){0}, city->now_ms, NULL, &arena, &page),
                         0);
        ret_asked->pages++;
        for (uint32_t i = 0; i < page.count; i++)
            add(ret_asked, page.item[i].id);
        ret_asked->counted = page.counted;
        ret_asked->total = page.total;
        for (int i = 0; i < steps; i++)
            city_step(city, 1);
        memcpy(query.cursor, page.cursor, sizeof query.cursor);
        query.cursor_len = page.cursor_len;
    } while (query.cursor_len != 0);
    gp_arena_release(&arena);
}

void asking_collect(struct city *city, struct gp_query query, struct asked *ret_asked)
{
    collect(city, query, 0, ret_asked);
}

void asking_collect_while(struct city *city, struct gp_query query, int steps,
                          struct asked *ret_asked)
{
    collect(city, query, steps, ret_asked);
}

static bool of_person(const struct city *city, struct gp_span person, struct gp_span owner)
{
    uint32_t post = gp_org_post(city->org, owner);
    return post != GP_NONE &&
           gp_person_listed(city->org, gp_org_person(city->org, person), post, city->now_ms);
}

bool asking_wants(const struct city *city, const struct gp_query *query,
                  const struct gp_incident *incident)
{
    if (query->area.padded != 0 &&
        !gp_org_covers(city->org, query->area, incident->area, city->now_ms))
        return false;
    if (query->states != 0 && (query->states & GP_STATE_BIT(incident->state)) == 0)
        return false;
    if (query->open_only && !gp_state_open(incident->state))
        return false;
    if (query->overdue_only && incident->overdue_ms == 0)
        return false;
    if (query->post.len > 0 && !gp_span_equal(incident->owner, query->post))
        return false;
    if (query->person.len > 0 && !of_person(city, query->person, incident->owner))
        return false;
    if (query->department.len > 0 && !gp_span_equal(incident->row.department, query->department))
        return false;
    return incident->received_ms >= query->from_ms &&
           (query->to_ms == 0 || incident->received_ms < query->to_ms);
}

void asking_incident(struct city *city, uint64_t id, struct gp_arena *arena,
                     struct gp_incident *ret_incident)
{
    gp_arena_reset(arena);
    assert_int_equal(gp_engine_incident(gp_rehearsal_store(city->rehearsal), city->org, id,
                                        (struct gp_span){0}, city->now_ms, arena, ret_incident),
                     0);
}

void asking_draw(struct city *city, struct gp_query *ret_query)
{
    const struct gp_org *org = city->org;
    int64_t long_ms = city->now_ms - CITY_START_MS;

    *ret_query = (struct gp_query){0};
    for (unsigned i = 2 + (unsigned)city_random(city, 2); i > 0; i--) {
        switch (city_random(city, 8)) {
        case 0:
            ret_query->area = org->areas[city_random(city, org->area_count)].ref;
            break;
        case 1:
            for (uint64_t more = 1 + city_random(city, 3); more > 0; more--)
                ret_query->states |= GP_STATE_BIT(1 + city_random(city, GP_STATE_REOPENED));
            break;
        case 2:
            ret_query->open_only = true;
            break;
        case 3:
            ret_query->overdue_only = true;
            break;
        case 4:
            ret_query->department = org->departments[city_random(city, org->department_count)].code;
            break;
        case 5:
            ret_query->from_ms = CITY_START_MS + (int64_t)city_random(city, (uint64_t)long_ms);
            break;
        case 6:
            ret_query->to_ms = CITY_START_MS + (int64_t)city_random(city, (uint64_t)long_ms);
            break;
        default:
            if (city_random(city, 2) == 0)
                ret_query->post = org->posts[city_random(city, org->post_count)].id;
            else
                ret_query->person = org->persons[city_random(city, org->person_count)].id;
        }
    }
}
