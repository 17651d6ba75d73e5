/* What users prove themselves by: the file, passwords, and TOTP by the vectors of RFC 6238. */
#include "web/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSWORD "correct horse 电池"

struct scene {
    char folder[32], path[64];
    struct gp_vault vault;
    unsigned line;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    (void)snprintf(scene->folder, sizeof scene->folder, "/tmp/gp-vault-XXXXXX");
    if (mkdtemp(scene->folder) == NULL)
        return -1;
    (void)snprintf(scene->path, sizeof scene->path, "%s/vault", scene->folder);
    *state = scene;
    return gp_vault_read(scene->path, &scene->vault, &scene->line);
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    gp_vault_release(&scene->vault);
    (void)unlink(scene->path);
    int rc = rmdir(scene->folder); /* nothing else was left behind */
    free(scene);
    return rc;
}

static void write_text(const struct scene *scene, const char *text, mode_t mode)
{
    FILE *file = fopen(scene->path, "we");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(scene->path, mode), 0);
}

static int read_again(struct scene *scene)
{
    gp_vault_release(&scene->vault);
    return gp_vault_read(scene->path, &scene->vault, &scene->line);
}

static void a_password_is_kept(void **state)
{
    struct scene *scene = *state;
    struct stat status;

    assert_int_equal(gp_vault_set_password(&scene->vault, "li", PASSWORD), 0);
    assert_int_equal(gp_vault_set_password(&scene->vault, "王芳", "another of ten"), 0);
    assert_int_equal(gp_vault_write(scene->path, &scene->vault), 0);
    assert_int_equal(stat(scene->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(read_again(scene), 0);
    assert_int_equal(scene->vault.count, 2);
    const struct gp_secret *li = gp_vault_find(&scene->vault, "li");
    assert_non_null(strstr(li->hash, "$argon2id$"));
    assert_true(gp_password_fits(li, PASSWORD));
    assert_false(gp_password_fits(li, PASSWORD " "));
    assert_false(gp_password_fits(li, ""));
    assert_false(gp_password_fits(gp_vault_find(&scene->vault, "王芳"), PASSWORD));
    assert_false(gp_password_fits(gp_vault_find(&scene->vault, "nobody"), PASSWORD));
}

static void a_new_password_takes_the_place_of_the_old(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(gp_vault_set_password(&scene->vault, "li", PASSWORD), 0);
    assert_int_equal(gp_vault_set_totp(&scene->vault, "li"), 0);
    assert_int_equal(gp_vault_set_password(&scene->vault, "li", "a newer secret"), 0);
    assert_int_equal(scene->vault.count, 1);
    assert_false(gp_password_fits(&scene->vault.secret[0], PASSWORD));
    assert_true(gp_password_fits(&scene->vault.secret[0], "a newer secret"));
    assert_true(scene->vault.secret[0].totp[0] != '\0'); /* the second factor stays */
}

static void what_is_no_password_or_name_is_refused(void **state)
{
    struct scene *scene = *state;
    char longest[GP_PASSWORD_MAX + 2];

    memset(longest, 'x', sizeof longest);
    longest[GP_PASSWORD_MAX + 1] = '\0';
    assert_int_equal(gp_vault_set_password(&scene->vault, "li", "123456789"), GP_EINVAL);
    assert_int_equal(gp_vault_set_password(&scene->vault, "li", longest), GP_EINVAL);
    assert_int_equal(gp_vault_set_password(&scene->vault, "", PASSWORD), GP_EINVAL);
    assert_int_equal(gp_vault_set_password(&scene->vault, "l i", PASSWORD), GP_EINVAL);
    assert_int_equal(gp_vault_set_password(&scene->vault, "l\ti", PASSWORD), GP_EINVAL);
    assert_int_equal(gp_vault_set_totp(&scene->vault, "li"), GP_ENOTFOUND);
    assert_int_equal(gp_vault_remove(&scene->vault, "li"), GP_ENOTFOUND);
    assert_int_equal(scene->vault.count, 0);
}

static void one_user_of_three_is_removed(void **state)
{
    struct scene *scene = *state;

    for (const char *const *user = (const char *const[]){"a", "b", "c", NULL}; *user != NULL;
         user++)
        assert_int_equal(gp_vault_set_password(&scene->vault, *user, PASSWORD), 0);
    assert_int_equal(gp_vault_remove(&scene->vault, "b"), 0);
    assert_int_equal(scene->vault.count, 2);
    assert_non_null(gp_vault_find(&scene->vault, "a"));
    assert_null(gp_vault_find(&scene->vault, "b"));
    assert_true(gp_password_fits(gp_vault_find(&scene->vault, "c"), PASSWORD));
}

static void a_file_that_others_may_read_is_not_believed(void **state)
{
    struct scene *scene = *state;

    write_text(scene, "", 0640);
    assert_int_equal(read_again(scene), GP_EDENIED);
    write_text(scene, "", 0600);
    assert_int_equal(read_again(scene), 0);
}

static void a_line_that_is_none_of_ours_is_named(void **state)
{
    struct scene *scene = *state;
    const char *const bad[] = {
        "li\t$argon2id$x\t-\nwang\n",
        "li\t$argon2id$x\t-\nwang\t$argon2id$y\n",
        "li\t$argon2id$x\t-\nwang\t$argon2id$y\t-\tmore\n",
        "li\t$argon2id$x\t-\nwang\tplain\t-\n",
        "li\t$argon2id$x\t-\n\t$argon2id$y\t-\n",
        "li\t$argon2id$x\t-\nli\t$argon2id$y\t-\n",
        "li\t$argon2id$x\t-\nwang\t$argon2id$y\t-", /* cut off */
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_text(scene, bad[i], 0600);
        assert_int_equal(read_again(scene), GP_EFORMAT);
        assert_int_equal(scene->line, 2);
    }
}

/* RFC 6238, appendix B, SHA-1: the last six of its eight digits. The secret is "1234567890" twice.
 */
static void totp_is_that_of_the_rfc(void **state)
{
    static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    static const struct {
        int64_t at_s;
        const char *digits;
    } vector[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                  {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};

    (void)state;
    for (size_t i = 0; i < sizeof vector / sizeof vector[0]; i++) {
        int64_t step = 0;
        assert_true(gp_totp_fits(secret, vector[i].digits, vector[i].at_s, &step));
        assert_int_equal(step, vector[i].at_s / GP_TOTP_STEP_S);
        assert_false(gp_totp_fits(secret, vector[i].digits, vector[i].at_s, &step)); /* once */
    }
}

static void totp_forgives_one_step_and_no_more(void **state)
{
    static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    int64_t step = 0;

    (void)state;
    assert_true(gp_totp_fits(secret, "287082", 59 + 30, &step));
    step = 0;
    assert_true(gp_totp_fits(secret, "287082", 59 - 30, &step));
    step = 0;
    assert_false(gp_totp_fits(secret, "287082", 59 + 61, &step));
    assert_false(gp_totp_fits(secret, "28708", 59, &step));
    assert_false(gp_totp_fits(secret, "2870821", 59, &step));
    assert_false(gp_totp_fits(secret, "", 59, &step));
    assert_int_equal(step, 0);
}

static void a_secret_can_be_shown_to_an_authenticator(void **state)
{
    struct scene *scene = *state;
    char uri[256];

    assert_int_equal(gp_vault_set_password(&scene->vault, "li", PASSWORD), 0);
    assert_int_equal(gp_vault_set_totp(&scene->vault, "li"), 0);
    const struct gp_secret *li = gp_vault_find(&scene->vault, "li");
    assert_int_equal(strlen(li->totp), 32);
    assert_int_equal(gp_totp_uri(li, "gridpost", uri, sizeof uri), 0);
    assert_non_null(strstr(uri, "otpauth://totp/gridpost:li?secret="));
    assert_non_null(strstr(uri, li->totp));
    assert_int_equal(gp_totp_uri(li, "gridpost", uri, 20), GP_ELIMIT);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_password_is_kept),
        WITH(a_new_password_takes_the_place_of_the_old),
        WITH(what_is_no_password_or_name_is_refused),
        WITH(one_user_of_three_is_removed),
        WITH(a_file_that_others_may_read_is_not_believed),
        WITH(a_line_that_is_none_of_ours_is_named),
        cmocka_unit_test(totp_is_that_of_the_rfc),
        cmocka_unit_test(totp_forgives_one_step_and_no_more),
        WITH(a_secret_can_be_shown_to_an_authenticator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
