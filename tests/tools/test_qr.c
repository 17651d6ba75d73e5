/* QR codes as a scanner sees them: zbarimg reads what the command has drawn. */
#include "gridpost/qr.h"

#include "gridpost/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* As long as an invitation is. */
#define TEXT                                                                                       \
    "GP1:"                                                                                         \
    "AEAAAAAAAAAAOAAAAGJZ2Q7WYAPM3K2RQ6X5VJTN4UEHBIO7LFCDSGQ2ZW5Y6XMKPT3RVA4JNEUHBL7OIFCDSG2QZW5Y" \
    "6"                                                                                            \
    "XMKPT3RVA4JNEUHBL7OIFCDSGQZW5Y6XMKPT3RVA4JNEUHBL7OIFCDSGQZW5Y6XMKPT3RVA4JNEUHBL7OIFCDSGQZW5Y" \
    "6XM"

struct place {
    char folder[64], picture[80];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    snprintf(place->folder, sizeof place->folder, "/tmp/gridpost-qr-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->picture, sizeof place->picture, "%s/code", place->folder);
    *state = place;
    return 0;
}

static int drop_place(void **state)
{
    struct place *place = *state;

    (void)unlink(place->picture); /* not every test makes one */
    assert_int_equal(rmdir(place->folder), 0);
    free(place);
    return 0;
}

static void check_scan(const struct place *place)
{
    char words[160], text[512];

    snprintf(words, sizeof words, "%s --quiet --raw --nodbus '%s'", GP_ZBARIMG, place->picture);
    FILE *scanner = popen(words, "r");
    assert_non_null(scanner);
    size_t len = fread(text, 1, sizeof text - 1, scanner);
    text[len] = '\0';
    assert_int_equal(pclose(scanner), 0);
    assert_string_equal(text, TEXT "\n");
}

static void a_png_is_read_by_a_scanner(void **state)
{
    struct place *place = *state;
    struct stat is;

    assert_int_equal(gp_qr_png(place->picture, TEXT), GP_EXIT_DONE);
    check_scan(place);
    assert_int_equal(stat(place->picture, &is), 0);
    assert_int_equal(is.st_mode & 0777, 0600);
}

/* ---------------------------------------------------------------- a terminal */

/* One character of a line as two modules, 1 for light. */
static void modules_of(const char *line, size_t *at, int *ret_upper, int *ret_lower)
{
    static const struct {
        const char *block;
        int upper, lower;
    } blocks[] = {{"\u2584", 0, 1}, {"\u2580", 1, 0}, {"\u2588", 1, 1}, {" ", 0, 0}};

    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(blocks[i].block);
        if (strncmp(line + *at, blocks[i].block, len) == 0) {
            *ret_upper = blocks[i].upper;
            *ret_lower = blocks[i].lower;
            *at += len;
            return;
        }
    }
    fail_msg("what block is this: %s", line + *at);
}

#define SIDE_MAX 128

/* Reads what was printed; returns how many modules wide it is. */
static int read_terminal(char *text, int light[SIDE_MAX][SIDE_MAX], int *ret_height)
{
    int width = 0, y = 0;

    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; y += 2) {
        size_t at = 0;
        for (width = 0; line[at] != '\0'; width++) {
            assert_true(width < SIDE_MAX && y + 1 < SIDE_MAX);
            modules_of(line, &at, &light[y][width], &light[y + 1][width]);
        }
    }
    *ret_height = y;
    return width;
}

static void paint(const char *path, int light[SIDE_MAX][SIDE_MAX], int width, int height)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(file, "P5 %d %d 255\n", width * 4, height * 4);
    for (int y = 0; y < height * 4; y++) {
        for (int x = 0; x < width * 4; x++)
            fputc(light[y / 4][x / 4] ? 255 : 0, file);
    }
    assert_int_equal(fclose(file), 0);
}

static char *print_code(bool colour)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    assert_int_equal(gp_qr_print(to, TEXT, colour), 0);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void a_terminal_is_read_by_a_scanner(void **state)
{
    static int light[SIDE_MAX][SIDE_MAX];
    struct place *place = *state;
    char *text = print_code(false);
    int height, width = read_terminal(text, light, &height);

    assert_in_range(width, 29, 60); /* beside a few words on 80 columns */
    paint(place->picture, light, width, height);
    check_scan(place);
    free(text);
}

static void colours_are_set_and_taken_back_on_every_line(void **state)
{
    char *text = print_code(true);
    int lines = 0;

    (void)state;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; lines++) {
        assert_int_equal(strncmp(line, "\033[97;40m", 8), 0);
        assert_string_equal(line + strlen(line) - 4, "\033[0m");
    }
    assert_in_range(lines, 15, 30);
    free(text);
}

static void what_is_too_long_is_an_error(void **state)
{
    struct place *place = *state;
    char *text = calloc(1, 8001);

    memset(text, 'a', 8000);
    assert_int_equal(gp_qr_print(stdout, text, false), GP_ELIMIT);
    assert_int_equal(gp_qr_png(place->picture, text), GP_EXIT_FAILED);
    assert_int_equal(access(place->picture, F_OK), -1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)
        T(a_png_is_read_by_a_scanner),
        T(a_terminal_is_read_by_a_scanner),
        T(colours_are_set_and_taken_back_on_every_line),
        T(what_is_too_long_is_an_error),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
