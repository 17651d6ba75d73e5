/* init: the first admin. It makes the server's keys, a key for this device, and the row of
 * org/devices.csv by which the daemon knows it. Everything is checked before anything is written,
 * and what is written first does no harm when the rest fails: run it again. */
#include "gridpost/offline.h"
#include "gridpost/save.h"

#include "org/settings.h"
#include "trust/keys.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GP_DEVICES_FILE   "org/devices.csv"
#define GP_DEVICES_HEADER "person,role,key,label"

struct init {
    struct gp_cli cli;
    const char *folder, *keys, *label;
    struct gp_settings settings;
    char file[PATH_MAX]; /* of the devices */
    struct gp_span text; /* what it holds; empty: it is not there */
    struct gp_identity identity;
    bool again; /* an identity without a row is there from an earlier try */
};

/* ---------------------------------------------------------------- what there is */

static int check_person(const struct init *init)
{
    struct gp_directory *directory;
    int code = gp_offline_load(init->folder, &directory);

    if (code != GP_EXIT_DONE)
        return code;
    if (gp_org_person(gp_directory_org(directory), gp_span_of(init->cli.person)) == GP_NONE) {
        fprintf(stderr, _("gridpost: '%s' is not in people.csv\n"), init->cli.person);
        code = GP_EXIT_NOT_FOUND;
    }
    gp_directory_unref(directory);
    return code;
}

/* Where the daemon will look for its keys. */
static int find_keys(struct init *init)
{
    struct gp_findings findings;

    if (init->keys != NULL)
        return GP_EXIT_DONE;
    gp_findings_init(&findings);
    int rc = gp_settings_load(init->folder, &findings, &init->settings);
    for (size_t i = 0; rc != 0 && i < findings.count; i++)
        gp_offline_print_finding(stderr, false, &findings.item[i]);
    gp_findings_release(&findings);
    if (rc != 0)
        return GP_EXIT_FAILED;
    init->keys = init->settings.keys;
    return GP_EXIT_DONE;
}

static int read_devices(struct init *init)
{
    size_t header = strlen(GP_DEVICES_HEADER);

    (void)snprintf(init->file, sizeof init->file, "%s/" GP_DEVICES_FILE, init->folder);
    if (access(init->file, F_OK) != 0)
        return GP_EXIT_DONE;
    int code = gp_read_or_say(init->file, &init->text);
    if (code != GP_EXIT_DONE)
        return code;
    if (init->text.len > header && memcmp(init->text.ptr, GP_DEVICES_HEADER, header) == 0 &&
        strchr("\r\n", init->text.ptr[header]) != NULL)
        return GP_EXIT_DONE;
    fprintf(stderr, _("gridpost: %s does not begin with the line %s\n"), init->file,
            GP_DEVICES_HEADER);
    return GP_EXIT_FAILED;
}

static bool has_row(const struct init *init)
{
    char key[GP_KEY_TEXT];

    gp_key_format(init->identity.own.public, key);
    return init->text.ptr != NULL && strstr(init->text.ptr, key) != NULL;
}

static bool is_of_this_server(const struct init *init)
{
    struct gp_server_keys keys;
    const char *reason;

    if (gp_keys_open(init->keys, false, &keys, &reason) != 0)
        return false;
    bool same = memcmp(init->identity.server, keys.box[0].public, GP_KEY_BYTES) == 0;
    gp_keys_clear(&keys);
    return same;
}

/* An identity that is there is somebody's, unless an earlier try ended before the row was written.
 * One that knows another server's key is of a gridpost that was here before.
 */
static int check_identity(struct init *init)
{
    const char *reason = "";

    if (init->cli.identity[0] == '\0') {
        fputs(_("gridpost: where shall the identity be kept? --identity FILE\n"), stderr);
        return GP_EXIT_USAGE;
    }
    int rc = gp_identity_load(init->cli.identity, &init->identity, &reason);
    if (rc == GP_ENOTFOUND)
        return GP_EXIT_DONE;
    if (rc != 0) {
        fprintf(stderr, _("gridpost: %s: %s\n"), init->cli.identity, reason);
        return GP_EXIT_FAILED;
    }
    init->again = init->identity.device == 0 && !has_row(init) && is_of_this_server(init);
    if (init->again)
        return GP_EXIT_DONE;
    fprintf(stderr,
            _("gridpost: %s is there already: this device is somebody. For another identity: "
              "--identity FILE\n"),
            init->cli.identity);
    return GP_EXIT_REFUSED;
}

/* ---------------------------------------------------------------- what is made */

/* The daemon's user must read what root makes for it: the one who has the folder above. */
static bool hand_over(const char *folder)
{
    static const char *const names[] = {"", "/server.key", "/sign.key"};
    char path[PATH_MAX];
    struct stat above;

    (void)snprintf(path, sizeof path, "%s/..", folder);
    if (geteuid() != 0 || stat(path, &above) != 0 || above.st_uid == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", folder, names[i]);
        if (lchown(path, above.st_uid, above.st_gid) != 0)
            return false;
    }
    return true;
}

static int make_keys(const struct init *init, struct gp_server_keys *ret_keys)
{
    const char *reason = "";
    bool there = access(init->keys, F_OK) == 0;
    int rc = gp_keys_open(init->keys, true, ret_keys, &reason);

    if (rc != 0) {
        fprintf(stderr, _("gridpost: %s: %s\n"), init->keys, reason);
        return GP_EXIT_FAILED;
    }
    if (there || hand_over(init->keys))
        return GP_EXIT_DONE;
    fprintf(stderr, _("gridpost: %s: %s\n"), init->keys, strerror(errno));
    return GP_EXIT_FAILED;
}

static int make_identity(struct init *init)
{
    struct gp_server_keys keys;
    int code = make_keys(init, &keys);

    if (code != GP_EXIT_DONE || init->again)
        return code;
    gp_identity_new(keys.box[0].public, keys.sign_public, &init->identity);
    gp_keys_clear(&keys);
    if (init->cli.socket_given && strlen(init->cli.socket) <= GP_ADDRESS_BYTES_MAX)
        (void)snprintf(init->identity.address, sizeof init->identity.address, "%s",
                       init->cli.socket);
    return gp_cli_save_identity(init->cli.identity, &init->identity);
}

/* The file with the row behind it, in memory that the caller frees; NULL: there is none to be had.
 */
static char *with_row(const struct init *init, size_t *ret_len)
{
    char key[GP_KEY_TEXT], *text = NULL;
    FILE *to = open_memstream(&text, ret_len);

    if (to == NULL)
        return NULL;
    gp_key_format(init->identity.own.public, key);
    struct gp_span old = init->text.len > 0 ? init->text : GP_SPAN(GP_DEVICES_HEADER);
    (void)fwrite(old.ptr, 1, old.len, to); /* memory: what fails, fails at fclose */
    if (old.ptr[old.len - 1] != '\n')
        fputc('\n', to);
    fprintf(to, "%s,admin,%s,%s\n", init->cli.person, key, init->label);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

static int add_row(const struct init *init)
{
    struct stat is;
    char people[PATH_MAX];
    size_t len = 0;
    char *text = with_row(init, &len);

    if (text == NULL) {
        fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_ENOMEM));
        return GP_EXIT_FAILED;
    }
    (void)snprintf(people, sizeof people, "%s/org/people.csv", init->folder);
    mode_t mode = stat(people, &is) == 0 ? is.st_mode & 0777 : 0644;
    int code = gp_save_or_say(init->file, (struct gp_span){text, len}, mode);
    free(text);
    return code;
}

static void print_done(const struct init *init)
{
    char key[GP_KEY_TEXT];

    gp_key_format(init->identity.own.public, key);
    if (init->cli.json) {
        gp_cli_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s}", "person", init->cli.person, "role",
                                    "admin", "key", key, "identity", init->cli.identity, "keys",
                                    init->keys));
        return;
    }
    printf(_("%s is an admin on this device, by %s.\n"
             "The device's identity is in %s, the server's keys are in %s.\n"
             "The daemon takes it over when it starts, or with: systemctl reload gridpostd\n"),
           init->cli.person, init->file, init->cli.identity, init->keys);
}

static int run(struct init *init)
{
    int code = check_person(init);

    if (code == GP_EXIT_DONE)
        code = find_keys(init);
    if (code == GP_EXIT_DONE)
        code = read_devices(init);
    if (code == GP_EXIT_DONE)
        code = check_identity(init);
    if (code == GP_EXIT_DONE)
        code = make_identity(init);
    if (code == GP_EXIT_DONE)
        code = add_row(init);
    if (code == GP_EXIT_DONE)
        print_done(init);
    return code;
}

/* ---------------------------------------------------------------- words */

enum { OPT_KEYS = 256, OPT_LABEL };
static const struct argp_option options[] = {
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0},
    {"keys", OPT_KEYS, "DIR", 0, N_("folder of the server's keys (default: as gridpost.yaml says)"),
     0},
    {"label", OPT_LABEL, "NAME", 0, N_("what this device calls itself (default: this host)"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static bool is_cell(const char *text)
{
    return strpbrk(text, ",\"\r\n") == NULL;
}

static void check(struct init *init, struct argp_state *state)
{
    if (init->cli.person[0] == '\0')
        argp_error(state, "%s", _("say who shall be admin: --as PERSON"));
    if (init->label == NULL) {
        static char host[GP_DEVICE_LABEL_BYTES_MAX + 1];
        (void)snprintf(host, sizeof host, "%.*s", GP_DEVICE_LABEL_BYTES_MAX, init->cli.device);
        init->label = host;
    }
    if (strlen(init->label) > GP_DEVICE_LABEL_BYTES_MAX)
        argp_error(state, _("--label has at most %d bytes"), GP_DEVICE_LABEL_BYTES_MAX);
    if (!is_cell(init->cli.person) || !is_cell(init->label))
        argp_error(state, "%s", _("a comma or a quote cannot stand in a name here"));
}

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct init *init = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &init->cli;
        return 0;
    case 'c':
        init->folder = value;
        return 0;
    case OPT_KEYS:
        init->keys = value;
        return 0;
    case OPT_LABEL:
        init->label = value;
        return 0;
    case ARGP_KEY_END:
        check(init, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_init(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .doc = N_("Makes a person the first admin, on this machine: the server's keys, unless they "
                  "are there, a key for this device, and its row in org/devices.csv of the "
                  "configuration. Everybody else joins by `gridpost enrol`."),
        .children = children,
    };
    struct init init = {.folder = "/etc/gridpost"};

    gp_cli_init(&init.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &init); /* exits on a mistake */
    int code = GP_EXIT_FAILED;
    if (gp_trust_start() == 0)
        code = run(&init);
    free((void *)(uintptr_t)init.text.ptr);
    gp_settings_release(&init.settings);
    gp_identity_clear(&init.identity);
    gp_cli_release(&init.cli);
    return code;
}
