/* Who is told of a step: words of the ladder become people, each once, with all capacities. */
#include "core/ladder.h"
#include "core/post.h"

#include <assert.h>

struct builder {
    const struct gp_org *org;
    const struct gp_incident *incident;
    uint32_t owner, area, line, department;
    int64_t at_ms;
    struct gp_recipient *list;
    uint8_t count;
};

/* ---------------------------------------------------------------- one person, once */

bool gp_recipient_is(const struct gp_recipient *recipient, const char *capacity)
{
    size_t len = strlen(capacity);

    for (const char *at = recipient->capacity; at != NULL; at = strchr(at, '+')) {
        if (*at == '+')
            at++;
        if (strncmp(at, capacity, len) == 0 && (at[len] == '\0' || at[len] == '+'))
            return true;
    }
    return false;
}

/* Where a capacity stands among a person's: the owner's first, then in the order of enum gp_tell;
 * an A post is told only as owner. */
static int rank(const struct builder *builder, struct gp_span capacity)
{
    uint32_t owner = builder->owner;

    if (owner != GP_NONE &&
        gp_span_is(capacity, gp_post_kind_name(builder->org->posts[owner].kind)))
        return GP_TELL_OWNER;
    return gp_tell_parse(capacity);
}

/* The first of "A+D1+K" that stands behind a rank; the end if none does. */
static char *behind(const struct builder *builder, char *list, int after)
{
    while (*list != '\0') {
        char *plus = strchr(list, '+');
        size_t len = plus != NULL ? (size_t)(plus - list) : strlen(list);
        if (rank(builder, (struct gp_span){list, len}) > after)
            return list;
        list += plus != NULL ? len + 1 : len;
    }
    return list;
}

/* Several steps that are told at once (R16) name a person's capacities in any order. */
static void add_capacity(const struct builder *builder, struct gp_recipient *recipient,
                         const char *capacity)
{
    size_t used = strlen(recipient->capacity), more = strlen(capacity);

    if (used == 0) {
        memcpy(recipient->capacity, capacity, more + 1);
        return;
    }
    if (gp_recipient_is(recipient, capacity))
        return;
    assert(used + 1 + more < GP_CAPACITY_BYTES); /* all kinds together are shorter */
    char *at = behind(builder, recipient->capacity, rank(builder, gp_span_of(capacity)));
    size_t rest = strlen(at);
    if (rest > 0) {
        memmove(at + more + 1, at, rest + 1);
        at[more] = '+';
    } else {
        *at++ = '+';
        at[more] = '\0';
    }
    memcpy(at, capacity, more);
}

static void add(struct builder *builder, struct gp_effective who, const char *capacity)
{
    struct gp_recipient *recipient;

    if (who.person == GP_NONE)
        return;
    struct gp_span person = builder->org->persons[who.person].id;
    for (uint8_t i = 0; i < builder->count; i++) {
        if (gp_span_equal(builder->list[i].person, person)) {
            add_capacity(builder, &builder->list[i], capacity);
            return;
        }
    }
    assert(builder->count < GP_RECIPIENTS_MAX); /* all kinds of all levels are fewer */
    recipient = &builder->list[builder->count++];
    *recipient = (struct gp_recipient){.person = person, .path = who.path};
    if (who.post != GP_NONE)
        recipient->post = builder->org->posts[who.post].id;
    add_capacity(builder, recipient, capacity);
}

static struct gp_effective effective(const struct builder *builder, uint32_t post)
{
    if (post == GP_NONE)
        return (struct gp_effective){.person = GP_NONE};
    return gp_post_effective(builder->org, post, builder->area, builder->at_ms);
}

static void add_kind(struct builder *builder, enum gp_post_kind kind)
{
    uint32_t post =
        gp_post_of(builder->org, kind, builder->area, builder->line, builder->department);
    add(builder, effective(builder, post), gp_post_kind_name(kind));
}

/* ---------------------------------------------------------------- the words of a ladder */

static void add_owner(struct builder *builder)
{
    uint32_t post = builder->owner;
    if (post != GP_NONE)
        add(builder, effective(builder, post), gp_post_kind_name(builder->org->posts[post].kind));
}

/* The next stand-in: the first deputy who is present and is not already the one who answers. */
static void add_owner_deputy(struct builder *builder)
{
    uint32_t post = builder->owner;
    if (post == GP_NONE)
        return;
    const struct gp_post *row = &builder->org->posts[post];
    uint32_t now = effective(builder, post).person;
    for (uint8_t i = 0; i < row->deputy_count; i++) {
        uint32_t deputy = row->deputies[i];
        if (deputy == now || gp_person_away(builder->org, deputy, builder->at_ms))
            continue;
        add(builder, (struct gp_effective){.person = deputy, .post = post, .path = GP_PATH_COVER},
            gp_post_kind_name(row->kind));
        return;
    }
}

static void add_duty(struct builder *builder, uint32_t area)
{
    uint32_t person = gp_duty_person(builder->org, area, builder->at_ms);
    add(builder, (struct gp_effective){.person = person, .post = GP_NONE, .path = GP_PATH_DUTY},
        "Z");
}

static uint32_t area_of(const struct builder *builder, enum gp_level level, enum gp_level instead)
{
    uint32_t area = gp_org_ancestor(builder->org, builder->area, level);
    return area != GP_NONE ? area : gp_org_ancestor(builder->org, builder->area, instead);
}

/* "S" is the street's desk, else its head; anything else a department, whose desk is told. */
static void add_party(struct builder *builder, struct gp_span party)
{
    if (!gp_span_is(party, "S")) {
        uint32_t department = gp_org_department(builder->org, party);
        uint32_t post = department == GP_NONE ? GP_NONE
                                              : gp_post_of(builder->org, GP_POST_K, builder->area,
                                                           GP_NONE, department);
        add(builder, effective(builder, post), "K");
        return;
    }
    uint8_t before = builder->count;
    uint32_t desk = gp_post_of(builder->org, GP_POST_SK, builder->area, GP_NONE, GP_NONE);
    struct gp_effective who = effective(builder, desk);
    add(builder, who, "SK");
    if (who.person == GP_NONE && builder->count == before)
        add_kind(builder, GP_POST_S1);
}

static void add_row_parties(struct builder *builder)
{
    for (uint8_t i = 0; i < builder->incident->row.tell_count; i++)
        add_party(builder, builder->incident->row.tell[i]);
}

static void add_tell(struct builder *builder, enum gp_tell tell)
{
    switch (tell) {
    case GP_TELL_OWNER:
        add_owner(builder);
        break;
    case GP_TELL_DEPUTY:
        add_owner_deputy(builder);
        break;
    case GP_TELL_ROW:
        add_row_parties(builder);
        break;
    case GP_TELL_Z:
        add_duty(builder, area_of(builder, GP_LEVEL_COMMUNITY, GP_LEVEL_STREET));
        break;
    case GP_TELL_SZ:
        add_duty(builder, area_of(builder, GP_LEVEL_STREET, GP_LEVEL_DISTRICT));
        break;
    case GP_TELL_B:
        add_kind(builder, GP_POST_B);
        break;
#define KIND(name)                                                                                 \
    case GP_TELL_##name:                                                                           \
        add_kind(builder, GP_POST_##name);                                                         \
        break
        KIND(D1);
        KIND(D2);
        KIND(R);
        KIND(S1);
        KIND(S2);
        KIND(SK);
        KIND(K);
        KIND(H);
        KIND(H2);
        KIND(F);
        KIND(X);
#undef KIND
    }
}

/* R5: who is told as acting B when A and B are one person: D2, or the next up who is another. */
static void add_acting_b(struct builder *builder)
{
    static const enum gp_post_kind chain[] = {GP_POST_D2, GP_POST_D1, GP_POST_R, GP_POST_S1};
    uint32_t same = effective(builder, builder->owner).person;

    for (size_t i = 0; i < sizeof chain / sizeof chain[0]; i++) {
        uint32_t post = gp_post_of(builder->org, chain[i], builder->area, GP_NONE, GP_NONE);
        struct gp_effective who = effective(builder, post);
        if (who.person == GP_NONE || who.person == same)
            continue;
        who.path = GP_PATH_SUPERIOR;
        add(builder, who, "B");
        return;
    }
}

/* Levels from below upwards. */
static const enum gp_tell levels[] = {
    GP_TELL_D2, GP_TELL_D1, GP_TELL_K,  GP_TELL_SK, GP_TELL_R, GP_TELL_H2,
    GP_TELL_SZ, GP_TELL_S1, GP_TELL_S2, GP_TELL_H,  GP_TELL_X,
};
#define LEVELS (sizeof levels / sizeof levels[0])

/* A notice that ends empty goes to the next higher level, never to nobody. */
static void climb(struct builder *builder, uint32_t tells)
{
    size_t above = LEVELS;

    while (above > 0 && !(tells & (UINT32_C(1) << levels[above - 1])))
        above--;
    for (size_t i = above; builder->count == 0 && i < LEVELS; i++)
        add_tell(builder, levels[i]);
    for (size_t i = above; builder->count == 0 && i > 0; i--)
        add_tell(builder, levels[i - 1]);
}

void gp_recipients(const struct gp_org *org, const struct gp_incident *incident,
                   struct gp_span owner, const struct gp_notice *notice, int64_t at_ms,
                   struct gp_recipient list[GP_RECIPIENTS_MAX], uint8_t *count)
{
    uint32_t tells = notice->tells;
    struct builder builder = {
        .org = org,
        .incident = incident,
        .owner = gp_org_post(org, owner),
        .area = gp_org_area_near(org, incident->area, at_ms), /* a notice never goes to nobody */
        .line = gp_org_line(org, incident->row.line),
        .department = gp_org_department(org, incident->row.department),
        .at_ms = at_ms,
        .list = list,
        .count = *count,
    };

    if (notice->urgent && !gp_calendar_working(gp_org_calendar(org, builder.area), at_ms))
        tells |= UINT32_C(1) << GP_TELL_Z;
    for (int tell = GP_TELL_OWNER; tell <= GP_TELL_X; tell++) {
        if (tells & (UINT32_C(1) << tell))
            add_tell(&builder, tell);
        if (tell == GP_TELL_B && notice->acting_b)
            add_acting_b(&builder);
    }
    if (tells != 0)
        climb(&builder, tells);
    *count = builder.count;
}
