/* Words about secrets of users and programs: password, totp, remove, key, remove-key, list. */
#include "web/apikey.h"
#include "web/web.h"

#include <qrencode.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

static int fail(const struct gp_web_options *options, int rc)
{
    fprintf(stderr, "gridpost-web: %s: %s\n", options->vault, gp_error_text(rc));
    return 1;
}

/* One line of standard input, unseen where somebody types it. */
static bool read_password(char *password, size_t size)
{
    struct termios shown, hidden;
    bool typed = tcgetattr(STDIN_FILENO, &shown) == 0;

    if (typed) {
        fputs("password: ", stderr);
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool read = fgets(password, (int)size, stdin) != NULL;
    if (typed) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    char *end = read ? strchr(password, '\n') : NULL;
    if (end != NULL)
        *end = '\0';
    return read;
}

static int set_password(const struct gp_web_options *options, struct gp_vault *vault)
{
    char password[GP_PASSWORD_MAX + 2];

    if (!read_password(password, sizeof password)) {
        fputs("gridpost-web: no password on standard input\n", stderr);
        return EX_USAGE;
    }
    int rc = gp_vault_set_password(vault, options->name, password);
    sodium_memzero(password, sizeof password);
    if (rc == GP_EINVAL) {
        fprintf(
            stderr,
            "gridpost-web: a password has %d to %d bytes, and a name no blanks and at most %d\n",
            GP_PASSWORD_MIN, GP_PASSWORD_MAX, GP_USER_BYTES_MAX);
        return EX_DATAERR;
    }
    return rc == 0 ? 0 : fail(options, rc);
}

static void draw_row(const QRcode *code, int row)
{
    for (int column = -2; column < code->width + 2; column++) {
        bool in = row >= 0 && row < code->width && column >= 0 && column < code->width;
        bool dark = in && (code->data[row * code->width + column] & 1) != 0;
        fputs(dark ? "\033[40m  \033[0m" : "\033[47m  \033[0m", stdout);
    }
    putchar('\n');
}

static void draw(const char *text)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);

    for (int row = -2; code != NULL && row < code->width + 2; row++)
        draw_row(code, row);
    QRcode_free(code);
}

static int show_totp(const struct gp_vault *vault, const char *user)
{
    char uri[256];

    if (gp_totp_uri(gp_vault_find(vault, user), "gridpost", uri, sizeof uri) != 0)
        return 1;
    if (isatty(STDOUT_FILENO))
        draw(uri);
    puts(uri);
    sodium_memzero(uri, sizeof uri);
    return 0;
}

static int set_totp(const struct gp_web_options *options, struct gp_vault *vault)
{
    int rc = gp_vault_set_totp(vault, options->name);

    if (rc == GP_ENOTFOUND) {
        fprintf(stderr, "gridpost-web: %s has no password yet\n", options->name);
        return 2;
    }
    return rc == 0 ? 0 : fail(options, rc);
}

static int remove_user(const struct gp_web_options *options, struct gp_vault *vault)
{
    if (gp_vault_remove(vault, options->name) == 0)
        return 0;
    fprintf(stderr, "gridpost-web: %s has no secrets here\n", options->name);
    return 2;
}

/* ---------------------------------------------------------------- keys */

/* Shown when it is in the file, so that nobody writes down one that counts for nothing. */
static int make_key(const struct gp_web_options *options, struct gp_vault *vault)
{
    char text[GP_APIKEY_TEXT];
    int rc = gp_apikey_make(vault, options->name, options->key_purpose, options->user, text);

    if (rc == GP_EINVAL) {
        fprintf(stderr, "gridpost-web: a name has no blanks and at most %d bytes\n",
                GP_USER_BYTES_MAX);
        return EX_DATAERR;
    }
    if (rc == 0)
        rc = gp_vault_write(options->vault, vault);
    if (rc != 0)
        return fail(options, rc);
    puts(text);
    sodium_memzero(text, sizeof text);
    return 0;
}

static int remove_key(const struct gp_web_options *options, struct gp_vault *vault)
{
    if (gp_apikey_remove(vault, options->name) == 0)
        return 0;
    fprintf(stderr, "gridpost-web: there is no key %s\n", options->name);
    return 2;
}

/* ---------------------------------------------------------------- all of them */

static int list(const struct gp_vault *vault)
{
    for (size_t i = 0; i < vault->count; i++)
        printf("%s\tpassword%s\n", vault->secret[i].user,
               vault->secret[i].totp[0] != '\0' ? " totp" : "");
    for (size_t i = 0; i < vault->keys; i++) {
        const struct gp_apikey *key = &vault->key[i];
        printf("%s\tkey %s%s%s\n", key->name, gp_apikey_purpose_word(key->purpose),
               key->user[0] != '\0' ? " " : "", key->user);
    }
    return 0;
}

static int change(const struct gp_web_options *options, struct gp_vault *vault)
{
    int code = options->act == GP_WEB_PASSWORD ? set_password(options, vault)
               : options->act == GP_WEB_TOTP   ? set_totp(options, vault)
               : options->act == GP_WEB_REMOVE ? remove_user(options, vault)
                                               : remove_key(options, vault);
    int rc = code == 0 ? gp_vault_write(options->vault, vault) : 0;

    if (rc != 0)
        return fail(options, rc);
    return code == 0 && options->act == GP_WEB_TOTP ? show_totp(vault, options->name) : code;
}

int gp_web_secrets(const struct gp_web_options *options)
{
    struct gp_vault vault;
    unsigned line;
    int rc = gp_vault_read(options->vault, &vault, &line);
    int code;

    if (rc == GP_EFORMAT)
        fprintf(stderr, "gridpost-web: %s: line %u is none of ours\n", options->vault, line);
    if (rc != 0)
        code = fail(options, rc);
    else if (options->act == GP_WEB_LIST)
        code = list(&vault);
    else
        code = options->act == GP_WEB_KEY ? make_key(options, &vault) : change(options, &vault);
    gp_vault_release(&vault);
    return code;
}
