/* The device's identity: where its file is, and when it counts. */
#include "gridpost/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char own[PATH_MAX];

const char *gp_cli_identity_default(void)
{
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int len = 0;

    own[0] = '\0';
    if (folder != NULL && folder[0] == '/')
        len = snprintf(own, sizeof own, "%s/gridpost/identity", folder);
    else if (home != NULL && home[0] == '/')
        len = snprintf(own, sizeof own, "%s/.config/gridpost/identity", home);
    return len < (int)sizeof own ? own : "";
}

bool gp_cli_is_known(const struct gp_cli *cli)
{
    return cli->identity_given || (cli->identity[0] != '\0' && access(cli->identity, F_OK) == 0);
}

int gp_cli_load_identity(struct gp_cli *cli)
{
    const char *reason = "";

    if (!gp_cli_is_known(cli))
        return GP_EXIT_DONE;
    int rc = gp_trust_start();
    if (rc == 0)
        rc = gp_identity_load(cli->identity, &cli->known, &reason);
    if (rc != 0) {
        fprintf(stderr, _("gridpost: %s: %s\n"), cli->identity,
                reason[0] != '\0' ? reason : gp_error_text(rc));
        return rc == GP_ENOTFOUND ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    cli->sealed = true;
    if (!cli->socket_given && cli->known.address[0] != '\0')
        cli->socket = cli->known.address;
    return GP_EXIT_DONE;
}

/* Makes the folders above a file, those that are missing for the user alone. */
static bool make_folders(const char *path)
{
    char folder[PATH_MAX];
    int len = snprintf(folder, sizeof folder, "%s", path);

    if (len < 0 || len >= (int)sizeof folder)
        return false;
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return true;
}

int gp_cli_save_identity(const char *path, const struct gp_identity *identity)
{
    const char *reason = "";

    if (!make_folders(path)) {
        fprintf(stderr, _("gridpost: %s: %s\n"), path, strerror(errno));
        return GP_EXIT_FAILED;
    }
    int rc = gp_identity_save(path, identity, &reason);
    if (rc == 0)
        return GP_EXIT_DONE;
    fprintf(stderr, _("gridpost: %s: %s\n"), path, reason[0] != '\0' ? reason : gp_error_text(rc));
    return GP_EXIT_FAILED;
}

void gp_cli_keep_server_key(struct gp_cli *cli)
{
    const struct gp_identity *now = gp_client_identity(cli->client);

    if (now == NULL || memcmp(now->server, cli->known.server, GP_KEY_BYTES) == 0)
        return;
    memcpy(cli->known.server, now->server, GP_KEY_BYTES);
    (void)gp_cli_save_identity(cli->identity,
                               &cli->known); /* said; the old key works for a while */
}

int gp_cli_check_person(struct gp_cli *cli)
{
    uint8_t role;

    if (!cli->sealed || !cli->person_given)
        return GP_EXIT_DONE;
    int rc = gp_client_greet(cli->client, cli->timeout_ms, &role);
    if (rc != 0)
        return gp_cli_call_failed(cli, rc);
    if (role == GP_ROLE_BRIDGE)
        return GP_EXIT_DONE;
    fprintf(stderr,
            _("gridpost: --as is for bridges: this device speaks for its own person (%s)\n"),
            cli->identity);
    return GP_EXIT_USAGE;
}
