#include "gridpost/rights.h"

#include "core/permit.h"

#include <string.h>

static void print_json(const struct gp_org *org, int role, int action)
{
    json_t *object = json_object();
    char reach[GP_REACH_BYTES];

    gp_right_format(org, role, action, reach);
    if (reach[0] != '\0') {
        json_object_set_new(object, "role", json_string(gp_role_name(role)));
        json_object_set_new(object, "action", json_string(gp_action_name(action)));
        json_object_set_new(object, "scope", json_string(reach));
        gp_cli_print_json(object);
    } else {
        json_decref(object);
    }
}

/* Whether a scope was printed before: of an action with a smaller number. */
static bool printed(const struct gp_org *org, int role, int action, const char *reach)
{
    char other[GP_REACH_BYTES];

    for (int before = 1; before < action; before++) {
        gp_right_format(org, role, before, other);
        if (strcmp(other, reach) == 0)
            return true;
    }
    return false;
}

/* "  own self: deliver query incident" */
static void print_scope(const struct gp_org *org, int role, int action)
{
    char reach[GP_REACH_BYTES], other[GP_REACH_BYTES];

    gp_right_format(org, role, action, reach);
    if (reach[0] == '\0' || printed(org, role, action, reach))
        return;
    printf("  %s:", reach);
    for (int same = action; same < GP_ACTIONS_END; same++) {
        gp_right_format(org, role, same, other);
        if (strcmp(other, reach) == 0)
            printf(" %s", gp_action_name(same));
    }
    printf("\n");
}

void gp_rights_print(const struct gp_cli *cli, const struct gp_org *org)
{
    for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++) {
        if (!cli->json)
            printf("%s\n", gp_role_name(role));
        for (int action = 1; action < GP_ACTIONS_END; action++) {
            if (cli->json)
                print_json(org, role, action);
            else
                print_scope(org, role, action);
        }
    }
}

static json_t *span_json(struct gp_span text)
{
    return json_stringn(gp_span_text(text), text.len);
}

static void print_user_json(const struct gp_org *org, const struct gp_user *user)
{
    json_t *object = json_object();

    json_object_set_new(object, "user", span_json(user->name));
    json_object_set_new(object, "person", span_json(org->persons[user->person].id));
    json_object_set_new(object, "name", span_json(org->persons[user->person].name));
    json_object_set_new(object, "role", json_string(gp_role_name(user->role)));
    json_object_set_new(object, "via", span_json(org->persons[user->via].id));
    gp_cli_print_json(object);
}

void gp_users_print(const struct gp_cli *cli, const struct gp_org *org)
{
    for (size_t i = 0; i < org->user_count; i++) {
        const struct gp_user *user = &org->users[org->users_by_name[i]];
        const struct gp_person *person = &org->persons[user->person];
        if (cli->json)
            print_user_json(org, user);
        else
            printf("%.*s: %.*s %.*s, %s, %.*s\n", GP_SPAN_ARG(user->name), GP_SPAN_ARG(person->id),
                   GP_SPAN_ARG(person->name), gp_role_name(user->role),
                   GP_SPAN_ARG(org->persons[user->via].id));
    }
}
