/*
 * golden GRIDPOST CONFIG SCENARIO EXPECT: runs a rehearsal and checks its entries against an
 * .expect file, which README.md explains.
 */
#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 65536
#define ENTRIES_MAX    4096
#define PAIRS_MAX      16

struct pair {
    char *key, *value;
};

struct expectation {
    struct pair pair[PAIRS_MAX];
    size_t count;
};

static json_t *entries[ENTRIES_MAX];
static size_t entry_count;

static void die(const char *text, const char *about)
{
    fprintf(stderr, "golden: %s: %s\n", text, about);
    exit(2);
}

/* ---------------------------------------------------------------- the rehearsal */

static void rehearse(const char *gridpost, const char *config, const char *scenario)
{
    char command[8192];
    char *line = malloc(LINE_MAX_BYTES);
    FILE *pipe;

    assert(line != NULL);
    if (snprintf(command, sizeof command, "'%s' rehearse --config '%s' '%s'", gridpost, config,
                 scenario) >= (int)sizeof command)
        die("too long", scenario);
    pipe = popen(command, "r");
    if (pipe == NULL)
        die("cannot run", command);
    while (fgets(line, LINE_MAX_BYTES, pipe) != NULL) {
        json_error_t error;
        if (entry_count == ENTRIES_MAX)
            die("too many entries", scenario);
        entries[entry_count] = json_loads(line, 0, &error);
        if (entries[entry_count++] == NULL)
            die("not JSON", line);
    }
    free(line);
    if (pclose(pipe) != 0)
        die("the rehearsal failed", command);
}

/* ---------------------------------------------------------------- one entry */

/* Whether "li(A+B)" is among the recipients. */
static bool told(const json_t *recipients, const char *wanted, size_t len)
{
    size_t i;
    json_t *one;
    char text[200];

    json_array_foreach(recipients, i, one)
    {
        int written =
            snprintf(text, sizeof text, "%s(%s)", json_string_value(json_object_get(one, "person")),
                     json_string_value(json_object_get(one, "capacity")));
        if ((size_t)written == len && strncmp(text, wanted, len) == 0)
            return true;
    }
    return false;
}

/* The same people with the same capacities, in any order. */
static bool same_recipients(const json_t *recipients, const char *wanted)
{
    size_t count = 0;

    while (*wanted != '\0') {
        size_t len = strcspn(wanted, ",");
        if (!told(recipients, wanted, len))
            return false;
        count++;
        wanted += len + (wanted[len] == ',');
    }
    return count == json_array_size(recipients);
}

/* A value as it is written in an .expect file: a text, a number, yes or no, nothing. */
static void write_value(const json_t *value, char *to, size_t room)
{
    if (json_is_integer(value))
        (void)snprintf(to, room, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        (void)snprintf(to, room, "%s", json_is_true(value) ? "yes" : "no");
    else
        (void)snprintf(to, room, "%s", json_is_string(value) ? json_string_value(value) : "");
}

/* The members of a list in their order, with commas between them. */
static bool same_list(const json_t *list, const char *wanted)
{
    char text[400] = "", one_text[200];
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one)
    {
        write_value(one, one_text, sizeof one_text);
        (void)strncat(text, i > 0 ? "," : "", sizeof text - strlen(text) - 1);
        (void)strncat(text, one_text, sizeof text - strlen(text) - 1);
    }
    return strcmp(text, wanted) == 0;
}

static bool same_value(const json_t *entry, const struct pair *pair)
{
    const json_t *value = json_object_get(entry, pair->key);
    char text[LINE_MAX_BYTES / 8];

    if (strcmp(pair->key, "recipients") == 0)
        return same_recipients(value, pair->value);
    if (json_is_array(value))
        return same_list(value, pair->value);
    write_value(value, text, sizeof text);
    return strcmp(text, pair->value) == 0;
}

static bool matches(const json_t *entry, const struct expectation *expectation)
{
    for (size_t i = 0; i < expectation->count; i++) {
        if (!same_value(entry, &expectation->pair[i]))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the expectations */

/* key=value pairs; a value may stand in double quotes. Cuts the line up in place. */
static struct expectation parse(char *at)
{
    struct expectation expectation = {0};

    while (*(at += strspn(at, " \n")) != '\0') {
        struct pair *pair = &expectation.pair[expectation.count++];
        char end = ' ';
        if (expectation.count == PAIRS_MAX)
            die("too many pairs", at);
        pair->key = at;
        at = strchr(at, '=');
        if (at == NULL)
            die("not key=value", pair->key);
        *at++ = '\0';
        if (*at == '"') {
            at++;
            end = '"';
        }
        pair->value = at;
        while (*at != '\0' && *at != end && *at != '\n')
            at++;
        if (*at != '\0')
            *at++ = '\0';
    }
    return expectation;
}

static size_t count_matches(const struct expectation *expectation)
{
    size_t count = 0;

    for (size_t i = 0; i < entry_count; i++)
        count += matches(entries[i], expectation);
    return count;
}

/* The next entry that matches, behind the one before. */
static bool next_match(const struct expectation *expectation, size_t *at)
{
    for (size_t i = *at; i < entry_count; i++) {
        if (matches(entries[i], expectation)) {
            *at = i + 1;
            return true;
        }
    }
    return false;
}

static bool check_line(char *line, size_t *at)
{
    if (strncmp(line, "never ", 6) == 0) {
        struct expectation expectation = parse(line + 6);
        return count_matches(&expectation) == 0;
    }
    if (strncmp(line, "count ", 6) == 0) {
        char *rest;
        unsigned long wanted = strtoul(line + 6, &rest, 10);
        struct expectation expectation = parse(rest);
        return count_matches(&expectation) == wanted;
    }
    struct expectation expectation = parse(line);
    return next_match(&expectation, at);
}

static void show_entries(void)
{
    for (size_t i = 0; i < entry_count; i++) {
        char *text = json_dumps(entries[i], JSON_COMPACT | JSON_PRESERVE_ORDER);
        fprintf(stderr, "  %s\n", text);
        free(text);
    }
}

static int check(const char *scenario, const char *path)
{
    char line[4096], copy[4096];
    size_t at = 0;
    unsigned checked = 0;
    FILE *file;

    file = fopen(path, "r");
    if (file == NULL)
        die("cannot read", path);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        (void)snprintf(copy, sizeof copy, "%s", line);
        checked++;
        if (!check_line(line, &at)) {
            fprintf(stderr, "%s: not as expected: %sthe rehearsal gave:\n", path, copy);
            show_entries();
            (void)fclose(file);
            return 1;
        }
    }
    (void)fclose(file);
    printf("%s: %u expectations met by %zu entries\n", scenario, checked, entry_count);
    return checked > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        die("usage", "golden GRIDPOST CONFIG SCENARIO EXPECT");
    rehearse(argv[1], argv[2], argv[3]);
    return check(argv[3], argv[4]);
}
