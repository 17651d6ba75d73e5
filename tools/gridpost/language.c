/*
 * Which language messages are in. gettext needs a locale that the system knows; a fresh Debian
 * knows none but C.UTF-8, so there LANG=zh_CN.UTF-8 alone would be silently English.
 */
#include "gridpost/cli.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The locale that the environment asks for messages; "" for none. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return "";
}

static void choose_locale(void)
{
    if (setlocale(LC_ALL, "") != NULL || strncmp(wanted_locale(), "zh", 2) != 0)
        return;                           /* an unknown locale leaves "C": English */
    (void)setlocale(LC_ALL, "C.UTF-8");   /* always there */
    (void)setenv("LANGUAGE", "zh_CN", 0); /* one that is set counts; out of memory: English */
}

/* The catalogues beside the program in a build's folder; false where there are none. */
static bool built_catalogues(char ret_folder[PATH_MAX])
{
    static const char catalogue[] = "/locale/zh_CN/LC_MESSAGES/gridpost.mo";
    ssize_t len = readlink("/proc/self/exe", ret_folder, PATH_MAX - sizeof catalogue);

    if (len <= 0)
        return false;
    while (len > 0 && ret_folder[len - 1] != '/')
        len--;
    if (len == 0)
        return false;
    memcpy(ret_folder + len - 1, catalogue, sizeof catalogue);
    if (access(ret_folder, R_OK) != 0)
        return false;
    ret_folder[(size_t)len - 1 + strlen("/locale")] = '\0';
    return true;
}

static void bind_catalogues(void)
{
    static const char installed[] = GP_LOCALEDIR "/zh_CN/LC_MESSAGES/gridpost.mo";
    const char *folder = getenv("GRIDPOST_LOCALEDIR");
    char built[PATH_MAX];

    if (folder == NULL)
        folder = access(installed, R_OK) != 0 && built_catalogues(built) ? built : GP_LOCALEDIR;
    (void)bindtextdomain("gridpost", folder); /* it keeps a copy; fails when memory is out */
}

void gp_cli_start_language(void)
{
    choose_locale();
    bind_catalogues();
    (void)bind_textdomain_codeset("gridpost", "UTF-8");
    (void)textdomain("gridpost");
}

bool gp_cli_is_chinese(void)
{
    return strcmp(_("English"), "English") != 0; /* 中文 in the Chinese catalogue */
}
