/* rights.csv, devices.csv and users.csv: what they give, and each mistake that refuses the folder.
 */
#include "org/folder.h"

#include "base/error.h"
#include "core/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define RIGHTS     "org/rights.csv"
#define DEVICES    "org/devices.csv"
#define USERS      "org/users.csv"
#define BIT(reach) (1U << GP_REACH_##reach)

#define KEY_A  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B  "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
#define NO_KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void what_the_table_gives(void **state)
{
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &loaded);
    const struct gp_rights *rights = &loaded.org->rights;
    assert_int_equal(rights->reach[GP_ROLE_OFFICER][GP_VERB_REPORT], BIT(OWN));
    assert_int_equal(rights->reach[GP_ROLE_OFFICER][GP_VERB_NOTE], BIT(OWN));
    assert_int_equal(rights->reach[GP_ROLE_OFFICER][GP_ACTION_QUERY], BIT(OWN) | BIT(SELF));
    assert_int_equal(rights->reach[GP_ROLE_OFFICER][GP_ACTION_FEED], 0);
    assert_int_equal(rights->reach[GP_ROLE_DISPATCHER][GP_VERB_VOID], BIT(STREET) | BIT(COMMUNITY));
    assert_int_equal(rights->reach[GP_ROLE_HANDLER][GP_VERB_FINISH], BIT(DEPARTMENT));
    assert_int_equal(rights->reach[GP_ROLE_ADMIN][GP_VERB_REVOKE], BIT(ALL));
    for (int action = 0; action < GP_ACTIONS_END; action++) {
        assert_int_equal(rights->reach[GP_ROLE_LOCAL][action], 0);
        assert_int_equal(rights->reach[GP_ROLE_AUDITOR][action], 0);
    }
    loaded_release(&loaded);
    folder_close(&folder);
}

static void what_the_devices_are(void **state)
{
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &loaded);
    assert_int_equal(loaded.org->device_count, 2);
    const struct gp_device_row *bridge = &loaded.org->devices[0]; /* by key */
    assert_true(gp_span_is(bridge->person, "hu"));
    assert_true(gp_span_is(bridge->label, "hotline"));
    assert_int_equal(bridge->role, GP_ROLE_BRIDGE);
    for (unsigned char i = 0; i < GP_DEVICE_KEY_BYTES; i++)
        assert_int_equal(bridge->key[i], i);
    assert_true(gp_span_is(loaded.org->devices[1].person, "zhou"));
    loaded_release(&loaded);
    folder_remove(&folder, DEVICES);
    folder_load_good(&folder, &loaded);
    assert_int_equal(loaded.org->device_count, 0);
    loaded_release(&loaded);
    folder_close(&folder);
}

static void assert_user(const struct gp_org *org, const char *name, const char *person,
                        enum gp_role role, const char *via)
{
    uint32_t index = gp_org_user_by_name(org, gp_span_of(name));
    uint32_t is = gp_org_person(org, gp_span_of(person));
    uint32_t through = gp_org_person(org, gp_span_of(via));

    assert_int_not_equal(index, GP_NONE);
    assert_true(gp_span_is(org->users[index].name, name));
    assert_int_equal(org->users[index].person, is);
    assert_int_equal(org->users[index].via, through);
    assert_int_equal(org->users[index].role, role);
    assert_int_equal(gp_org_user(org, is, through), index);
}

static void who_the_users_are(void **state)
{
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &loaded);
    const struct gp_org *org = loaded.org;
    uint32_t zhou = gp_org_person(org, GP_SPAN("zhou")), hu = gp_org_person(org, GP_SPAN("hu"));
    assert_int_equal(org->user_count, 3);
    assert_user(org, "desk", "zhou", GP_ROLE_HANDLER, "hu");
    assert_user(org, "wang.d2", "wang", GP_ROLE_DISPATCHER, "hu");
    assert_user(org, "wang_r", "wang", GP_ROLE_READER, "zhang");
    assert_int_equal(gp_org_user_by_name(org, GP_SPAN("wang")), GP_NONE);
    assert_int_equal(gp_org_user(org, hu, zhou), GP_NONE);
    assert_int_equal(gp_org_user(org, zhou, gp_org_person(org, GP_SPAN("zhang"))), GP_NONE);
    assert_int_equal(gp_org_user(org, GP_NONE, hu), GP_NONE);
    loaded_release(&loaded);
    folder_remove(&folder, USERS);
    folder_load_good(&folder, &loaded);
    assert_int_equal(loaded.org->user_count, 0);
    assert_int_equal(gp_org_user_by_name(loaded.org, GP_SPAN("desk")), GP_NONE);
    assert_int_equal(gp_org_user(loaded.org, zhou, hu), GP_NONE);
    loaded_release(&loaded);
    folder_close(&folder);
}

/* As an office's spreadsheet has it: its own header words, the columns in another order. */
static void users_of_a_chinese_sheet(void **state)
{
    static const char sheet[] = "经由,角色,工号,用户名\nhu,supervisor,zhou,9-zhou\n";
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_put(&folder, USERS, sheet, sizeof sheet - 1);
    folder_load_good(&folder, &loaded);
    assert_int_equal(loaded.org->user_count, 1);
    assert_user(loaded.org, "9-zhou", "zhou", GP_ROLE_SUPERVISOR, "hu");
    loaded_release(&loaded);
    folder_close(&folder);
}

/* One edit, one finding: at a line (0: the file as a whole), about a value. */
static const struct mistake {
    const char *file, *from, *to; /* to NULL: removed; from NULL: all of it */
    unsigned line;
    const char *field, *value, *problem;
} mistakes[] = {
    {RIGHTS, "", NULL, 0, "", "", "nobody has any right"},
    {RIGHTS, NULL, "", 1, "", "", "the header row is missing"},
    {RIGHTS, NULL, "role,actions,scope\n", 0, "", "", "nobody has any right"},
    {RIGHTS, NULL, "role,actions,scope\n\n,,\n", 0, "", "", "nobody has any right"},
    {RIGHTS, NULL, "role,actions\nadmin,revoke\n", 1, "scope", "", "the column is missing"},
    {RIGHTS, "handler,accept", "handlers,accept", 5, "role", "handlers", "no such role"},
    {RIGHTS, "handler,accept", "local,accept", 5, "role", "local", "no such role"},
    {RIGHTS, "handler,accept", ",accept", 5, "role", "", "the cell is empty"},
    {RIGHTS, "report note finish", "report notes finish", 2, "actions", "notes", "no such action"},
    {RIGHTS, "report note finish", "report join finish", 2, "actions", "join", "no such action"},
    {RIGHTS, "report note finish", "report enrol finish", 2, "actions", "enrol", "no such action"},
    {RIGHTS, "report note finish", "report all finish", 2, "actions", "all", "no such action"},
    {RIGHTS, "report note finish", "", 2, "actions", "", "the cell is empty"},
    {RIGHTS, "note finish,own", "note finish,mine", 2, "scope", "mine", "no such scope"},
    {RIGHTS, "note finish,own", "note finish,own Street", 2, "scope", "Street", "no such scope"},
    {RIGHTS, "note finish,own", "note finish,", 2, "scope", "", "the cell is empty"},
    {RIGHTS, "report note finish", "report note report", 2, "actions", "report",
     "the role has this action already"},
    {RIGHTS, "", "officer,note,all\n", 7, "actions", "note", "the role has this action already"},
    {RIGHTS, "", "officer,note,own\n", 7, "actions", "note", "the role has this action already"},
    {RIGHTS, "confirm revoke,all", "confirm,all", 0, "", "", "nobody could lock a lost device out"},
    {RIGHTS, "admin,invite", "auditor,invite", 0, "", "", "nobody could lock a lost device out"},
    {DEVICES, "hu,bridge", "nobody,bridge", 3, "person", "nobody", "no such person"},
    {DEVICES, "hu,bridge", ",bridge", 3, "person", "", "the cell is empty"},
    {DEVICES, "hu,bridge", "hu,gate", 3, "role", "gate", "no such role"},
    {DEVICES, "hu,bridge", "hu,", 3, "role", "", "no such role"},
    {DEVICES, KEY_A, "", 3, "key", "", "not a device's public key"},
    {DEVICES, KEY_A, NO_KEY, 3, "key", NO_KEY, "not a device's public key"},
    {DEVICES, "AAEC", "AA-C", 3, "key",
     "AA-CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "not a device's public key"},
    {DEVICES, "AAECAwQF", "AAE铜QF", 3, "key",
     "AAE铜QFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "not a device's public key"},
    {DEVICES, "AAECAwQF", "AwQF", 3, "key",
     "AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "not a device's public key"},
    {DEVICES, "AAECAwQF", "AAECAAECAwQF", 3, "key",
     "AAECAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "not a device's public key"},
    {DEVICES, KEY_A, KEY_A "=", 3, "key", KEY_A "=", "not a device's public key"},
    {DEVICES, KEY_A, KEY_B, 3, "key", KEY_B, "this public key is there twice"},
    {DEVICES, "hotline", "the hotline of the street no. two", 3, "label",
     "the hotline of the street no. two", "longer than 32 bytes"},
    {USERS, NULL, "", 1, "", "", "the header row is missing"},
    {USERS, "user,person,role,via", "user,person,role", 1, "via", "", "the column is missing"},
    {USERS, "desk,zhou", "desk,nobody", 2, "person", "nobody", "no such person"},
    {USERS, "desk,zhou", "desk,", 2, "person", "", "the cell is empty"},
    {USERS, "handler,hu", "handler,nobody", 2, "via", "nobody", "no such person"},
    {USERS, "handler,hu", "handler,", 2, "via", "", "the cell is empty"},
    {USERS, "handler,hu", "handler,zhou", 2, "via", "zhou", "the bridge would be its own user"},
    {USERS, "handler,hu", "handlers,hu", 2, "role", "handlers", "no such role"},
    {USERS, "handler,hu", ",hu", 2, "role", "", "no such role"},
    {USERS, "handler,hu", "local,hu", 2, "role", "local", "no such role"},
    {USERS, "handler,hu", "bridge,hu", 2, "role", "bridge", "a user is a human being"},
    {USERS, "wang_r,", "desk,", 4, "user", "desk", "the user name is there twice"},
    {USERS, "wang,reader,zhang", "wang,reader,hu", 4, "person", "wang",
     "the person is a user of it already"},
    {USERS, "desk,zhou", ",zhou", 2, "user", "", "the cell is empty"},
    {USERS, "desk,zhou", "Zhou,zhou", 2, "user", "Zhou", "not a name to sign in with"},
    {USERS, "desk,zhou", "zhou a,zhou", 2, "user", "zhou a", "not a name to sign in with"},
    {USERS, "desk,zhou", "周一,zhou", 2, "user", "周一", "not a name to sign in with"},
    {USERS, "desk,zhou", "-zhou,zhou", 2, "user", "-zhou", "not a name to sign in with"},
    {USERS, "desk,zhou", "../zhou,zhou", 2, "user", "../zhou", "not a name to sign in with"},
    {USERS, "desk,zhou", "a/b,zhou", 2, "user", "a/b", "not a name to sign in with"},
    {USERS, "desk,zhou", "zhou5678901234567890123456789012345678901234567890123456789012345,zhou",
     2, "user", "zhou5678901234567890123456789012345678901234567890123456789012345",
     "longer than 64 bytes"},
};

static bool fits(const struct mistake *mistake, const struct loaded *loaded)
{
    const struct gp_finding *finding = loaded->findings.item;

    return loaded->rc == GP_ECONFIG && loaded->findings.count == 1 &&
           finding->severity == GP_FINDING_ERROR && strcmp(finding->file, mistake->file) == 0 &&
           finding->line == mistake->line && strcmp(finding->field, mistake->field) == 0 &&
           strcmp(finding->value, mistake->value) == 0 &&
           strncmp(finding->problem, mistake->problem, strlen(mistake->problem)) == 0;
}

static bool is_found(const struct mistake *mistake)
{
    struct folder folder;
    struct loaded loaded;

    folder_open(&folder);
    if (mistake->to == NULL)
        folder_remove(&folder, mistake->file);
    else
        folder_edit(&folder, mistake->file, mistake->from, mistake->to);
    folder_load(&folder, &loaded);
    bool found = fits(mistake, &loaded);
    if (!found)
        findings_print(&loaded.findings);
    loaded_release(&loaded);
    folder_close(&folder);
    return found;
}

static void each_mistake_refuses_the_folder(void **state)
{
    size_t missed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        if (is_found(&mistakes[i]))
            continue;
        print_error("^ %s, \"%s\" to \"%s\": not the only finding\n", mistakes[i].file,
                    mistakes[i].from != NULL ? mistakes[i].from : "(all)",
                    mistakes[i].to != NULL ? mistakes[i].to : "(removed)");
        missed++;
    }
    assert_int_equal(missed, 0);
}

/* The remedy leads to a table that works. */
static void the_sample_is_named(void **state)
{
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_remove(&folder, RIGHTS);
    folder_load(&folder, &loaded);
    assert_non_null(strstr(loaded.findings.item[0].remedy, "config/org/rights.csv"));
    loaded_release(&loaded);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_table_gives),
        cmocka_unit_test(what_the_devices_are),
        cmocka_unit_test(who_the_users_are),
        cmocka_unit_test(users_of_a_chinese_sheet),
        cmocka_unit_test(each_mistake_refuses_the_folder),
        cmocka_unit_test(the_sample_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
