/* Keys of programs: made, kept, proven, and what of a file is none. */
#include "web/apikey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct scene {
    char path[32];
    struct gp_vault vault;
    unsigned line;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    (void)snprintf(scene->path, sizeof scene->path, "/tmp/gp-key-XXXXXX");
    int fd = mkstemp(scene->path);
    if (fd < 0 || close(fd) != 0)
        return -1;
    *state = scene;
    return gp_vault_read(scene->path, &scene->vault, &scene->line);
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    gp_vault_release(&scene->vault);
    (void)unlink(scene->path);
    free(scene);
    return 0;
}

static int read_text(struct scene *scene, const char *text)
{
    FILE *file = fopen(scene->path, "we");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    gp_vault_release(&scene->vault);
    return gp_vault_read(scene->path, &scene->vault, &scene->line);
}

static void write_and_read(struct scene *scene)
{
    assert_int_equal(gp_vault_write(scene->path, &scene->vault), 0);
    gp_vault_release(&scene->vault);
    assert_int_equal(gp_vault_read(scene->path, &scene->vault, &scene->line), 0);
}

static const struct gp_apikey *find(const struct scene *scene, uint8_t purpose, const char *text)
{
    return gp_apikey_find(&scene->vault, purpose, gp_span_of(text));
}

static void a_key_is_kept_by_its_hash(void **state)
{
    struct scene *scene = *state;
    char app[GP_APIKEY_TEXT], collector[GP_APIKEY_TEXT], file[2048] = "";

    assert_int_equal(gp_apikey_make(&scene->vault, "市民通", GP_APIKEY_OPEN311, "", app), 0);
    assert_int_equal(gp_apikey_make(&scene->vault, "prom", GP_APIKEY_METRICS, "monitor", collector),
                     0);
    assert_int_equal(gp_vault_set_password(&scene->vault, "prom", "a password here"), 0);
    write_and_read(scene);
    assert_int_equal(scene->vault.keys, 2);
    assert_int_equal(scene->vault.count, 1);
    assert_string_equal(find(scene, GP_APIKEY_OPEN311, app)->name, "市民通");
    assert_string_equal(find(scene, GP_APIKEY_OPEN311, app)->user, "");
    assert_string_equal(find(scene, GP_APIKEY_METRICS, collector)->user, "monitor");
    FILE *read = fopen(scene->path, "re");
    assert_non_null(read);
    assert_true(fread(file, 1, sizeof file - 1, read) > 0);
    assert_int_equal(fclose(read), 0);
    assert_null(strstr(file, app));
    assert_non_null(strstr(file, "prom\tkey:metrics\t"));
}

static void only_the_key_itself_fits_and_for_its_purpose(void **state)
{
    struct scene *scene = *state;
    char app[GP_APIKEY_TEXT], longer[GP_APIKEY_TEXT + 1];

    assert_int_equal(gp_apikey_make(&scene->vault, "app", GP_APIKEY_OPEN311, "", app), 0);
    assert_null(find(scene, GP_APIKEY_METRICS, app));
    (void)snprintf(longer, sizeof longer, "%s0", app);
    assert_null(find(scene, GP_APIKEY_OPEN311, longer));
    assert_null(find(scene, GP_APIKEY_OPEN311, ""));
    assert_null(find(scene, GP_APIKEY_OPEN311, HASH));
    app[0] = app[0] == '0' ? '1' : '0';
    assert_null(find(scene, GP_APIKEY_OPEN311, app));
    app[63] = 'x';
    assert_null(find(scene, GP_APIKEY_OPEN311, app));
}

static void a_new_key_makes_the_old_one_void(void **state)
{
    struct scene *scene = *state;
    char old[GP_APIKEY_TEXT], now[GP_APIKEY_TEXT];

    assert_int_equal(gp_apikey_make(&scene->vault, "app", GP_APIKEY_OPEN311, "", old), 0);
    assert_int_equal(gp_apikey_make(&scene->vault, "app", GP_APIKEY_OPEN311, "", now), 0);
    assert_int_equal(scene->vault.keys, 1);
    assert_null(find(scene, GP_APIKEY_OPEN311, old));
    assert_non_null(find(scene, GP_APIKEY_OPEN311, now));
    assert_int_equal(gp_apikey_remove(&scene->vault, "app"), 0);
    assert_null(find(scene, GP_APIKEY_OPEN311, now));
    assert_int_equal(gp_apikey_remove(&scene->vault, "app"), GP_ENOTFOUND);
}

static void one_key_of_three_is_removed(void **state)
{
    struct scene *scene = *state;
    char text[3][GP_APIKEY_TEXT];
    static const char *const name[] = {"a", "b", "c"};

    for (int i = 0; i < 3; i++)
        assert_int_equal(gp_apikey_make(&scene->vault, name[i], GP_APIKEY_OPEN311, "", text[i]), 0);
    assert_int_equal(gp_apikey_remove(&scene->vault, "b"), 0);
    write_and_read(scene);
    assert_string_equal(find(scene, GP_APIKEY_OPEN311, text[0])->name, "a");
    assert_null(find(scene, GP_APIKEY_OPEN311, text[1]));
    assert_string_equal(find(scene, GP_APIKEY_OPEN311, text[2])->name, "c");
}

static void names_are_names_and_keys_are_not_without_end(void **state)
{
    struct scene *scene = *state;
    char text[GP_APIKEY_TEXT], name[16];

    assert_int_equal(gp_apikey_make(&scene->vault, "", GP_APIKEY_OPEN311, "", text), GP_EINVAL);
    assert_int_equal(gp_apikey_make(&scene->vault, "a b", GP_APIKEY_OPEN311, "", text), GP_EINVAL);
    assert_int_equal(gp_apikey_make(&scene->vault, "\xff", GP_APIKEY_OPEN311, "", text), GP_EINVAL);
    assert_int_equal(gp_apikey_make(&scene->vault, "a", GP_APIKEY_METRICS, "a\tb", text),
                     GP_EINVAL);
    for (int i = 0; i < GP_VAULT_APIKEYS_MAX; i++) {
        (void)snprintf(name, sizeof name, "k%d", i);
        assert_int_equal(gp_apikey_make(&scene->vault, name, GP_APIKEY_OPEN311, "", text), 0);
    }
    assert_int_equal(gp_apikey_make(&scene->vault, "more", GP_APIKEY_OPEN311, "", text), GP_ELIMIT);
    assert_int_equal(gp_apikey_make(&scene->vault, "k0", GP_APIKEY_OPEN311, "", text), 0);
    write_and_read(scene);
    assert_int_equal(scene->vault.keys, GP_VAULT_APIKEYS_MAX);
}

static void lines_that_are_none_of_ours(void **state)
{
    struct scene *scene = *state;
    static const char *const good = "a\tkey:open311\t" HASH "\t-\n";
    static const char *const bad[] = {
        "a\tkey:open312\t" HASH "\t-\n",
        "a\tkey\t" HASH "\t-\n",
        "a\tkey:open311\t" HASH "\t\n",
        "a\tkey:open311\t" HASH "\t-\t\n",
        "a\tkey:open311\t" HASH "\n",
        "a\tkey:open311\t" HASH "0\t-\n",
        "a\tkey:open311\txy112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\t-\n",
        "\tkey:open311\t" HASH "\t-\n",
        "a\tkey:open311\t" HASH "\t-\na\tkey:metrics\t" HASH "\tb\n",
        "a\tkey:open311\t" HASH "\t-",
    };

    assert_int_equal(read_text(scene, good), 0);
    assert_int_equal(scene->vault.keys, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_text(scene, bad[i]), GP_EFORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_kept_by_its_hash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_key_itself_fits_and_for_its_purpose, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_key_makes_the_old_one_void, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_key_of_three_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_names_and_keys_are_not_without_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lines_that_are_none_of_ours, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
