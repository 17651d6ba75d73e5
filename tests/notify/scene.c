#include "notify/scene.h"

#include "base/arena.h"
#include "trust/trust.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void scene_init(struct scene *scene)
{
    *scene = (struct scene){.now_ms = SCENE_NOON};
    (void)snprintf(scene->folder, sizeof scene->folder, "%s/gp-notify-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(scene->folder));
    assert_int_equal(gp_trust_start(), 0);
}

static void remove_folder(const char *folder)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        execlp("rm", "rm", "-r", "-f", folder, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

void scene_release(struct scene *scene)
{
    gp_desk_close(scene->desk);
    gp_notify_settings_free(scene->settings);
    remove_folder(scene->folder);
}

int scene_set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    scene_init(scene);
    *state = scene;
    return 0;
}

int scene_tear_down(void **state)
{
    scene_release(*state);
    free(*state);
    return 0;
}

void scene_path(const struct scene *scene, const char *name, char ret_path[160])
{
    assert_in_range(snprintf(ret_path, 160, "%s/%s", scene->folder, name), 1, 159);
}

void scene_write(const struct scene *scene, const char *name, const char *text)
{
    char path[160];

    scene_path(scene, name, path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    assert_int_equal(close(file), 0);
}

/* The text with the folder for each "@/". */
static char *with_folder(const struct scene *scene, const char *text)
{
    struct gp_buffer buffer = {0};

    for (const char *at; (at = strstr(text, "@/")) != NULL; text = at + 1) {
        gp_buffer_add(&buffer, (struct gp_span){text, (size_t)(at - text)});
        gp_buffer_say(&buffer, scene->folder);
    }
    gp_buffer_say(&buffer, text);
    assert_false(buffer.failed);
    return buffer.ptr;
}

int scene_load(struct scene *scene, const char *text, struct gp_findings *findings)
{
    struct gp_buffer all = {0};
    char path[160], *own = with_folder(scene, text);

    gp_notify_settings_free(scene->settings);
    scene->settings = NULL;
    /* one line, so that the text's own begin at 2 */
    gp_buffer_printf(&all, "state: %s%s%s\n%s", scene->folder,
                     strstr(text, "directory:") == NULL ? "\ndirectory: " GP_SOURCE_DIR
                                                          "/tests/golden/config"
                                                        : "\n#",
                     strstr(text, "keep_dead:") == NULL ? "\nkeep_dead: 1d" : "\n#", own);
    free(own);
    scene_write(scene, "notify.yaml", all.ptr);
    gp_buffer_release(&all);
    scene_path(scene, "notify.yaml", path);
    return gp_notify_settings_load(path, findings, &scene->settings);
}

/* A jitter of nothing. */
static uint32_t no_chance(void)
{
    return 0;
}

static void open_desk(struct scene *scene)
{
    unsigned line = 0;

    assert_int_equal(gp_desk_open(scene->settings, scene->now_ms, no_chance, &line, &scene->desk),
                     0);
}

void scene_open(struct scene *scene, const char *text)
{
    struct gp_findings findings;

    gp_findings_init(&findings);
    int rc = scene_load(scene, text, &findings);
    for (size_t i = 0; rc != 0 && i < findings.count; i++)
        print_error("%u: %s '%s': %s\n", findings.item[i].line, findings.item[i].field,
                    findings.item[i].value, findings.item[i].problem);
    gp_findings_release(&findings);
    assert_int_equal(rc, 0);
    open_desk(scene);
}

/* All that is written is in the file at once, so closing and a kill leave the same. */
void scene_kill(struct scene *scene)
{
    gp_desk_close(scene->desk);
    scene->desk = NULL;
    open_desk(scene);
}

static void tell(struct gp_entry *entry, const char *persons)
{
    while (*persons != '\0') {
        size_t len = strcspn(persons, " ");
        struct gp_recipient *to = &entry->recipient[entry->recipient_count++];
        bool officer = entry->recipient_count == 2;
        *to = (struct gp_recipient){.person = {persons, len}, .path = GP_PATH_HOLDER};
        to->post = officer ? GP_SPAN("B-340705006001001") : GP_SPAN("A-shizheng-340705006001");
        (void)snprintf(to->capacity, sizeof to->capacity, "%s", officer ? "B" : "A");
        persons += len + (persons[len] == ' ');
    }
}

struct gp_note *scene_note(uint64_t seq, const char *step, const char *persons)
{
    struct gp_entry *entry = calloc(1, sizeof *entry);
    int number = gp_step_parse(gp_span_of(step));
    struct gp_note *note;

    assert_non_null(entry);
    entry->seq = seq;
    entry->at_ms = SCENE_NOON;
    entry->incident = 41;
    entry->what = number != GP_STEP_NONE ? GP_WHAT_STEP : (uint8_t)gp_what_parse(gp_span_of(step));
    entry->step = (uint8_t)number;
    assert_int_equal(gp_area_parse(GP_SPAN("340705006001001"), &entry->area), 0);
    entry->area.level = GP_LEVEL_GRID;
    entry->category = GP_SPAN("n4");
    entry->condition = GP_SPAN("default");
    entry->department = GP_SPAN("SZ");
    entry->owner = GP_SPAN("A-shizheng-340705006001");
    entry->due_ms = SCENE_NOON - 90 * 60000;
    tell(entry, persons);
    note = gp_note_new(entry);
    assert_non_null(note);
    free(entry);
    return note;
}

void scene_take(struct scene *scene, uint64_t seq, const char *step, const char *persons)
{
    struct gp_note *note = scene_note(seq, step, persons);

    assert_int_equal(gp_desk_take(scene->desk, &note, 1, seq, scene->now_ms), 0);
}

struct gp_batch scene_begin(struct scene *scene)
{
    struct gp_batch batch;
    struct gp_message message;
    int64_t wake_ms;

    assert_true(gp_desk_next(scene->desk, scene->now_ms, &batch, &wake_ms));
    assert_int_equal(gp_compose(scene->settings, &batch, &message), 0);
    gp_message_release(&message);
    gp_desk_begin(scene->desk, &batch, scene->now_ms);
    return batch;
}

int64_t scene_rests(struct scene *scene)
{
    struct gp_batch batch;
    int64_t wake_ms;

    assert_false(gp_desk_next(scene->desk, scene->now_ms, &batch, &wake_ms));
    return wake_ms;
}

void scene_end(struct scene *scene, const struct gp_batch *batch, enum gp_verdict_kind kind)
{
    gp_desk_end(scene->desk, batch, &(struct gp_verdict){.kind = kind, .why = "as told"},
                scene->now_ms);
}

uint64_t scene_send(struct scene *scene)
{
    struct gp_batch batch = scene_begin(scene);
    uint64_t seq = batch.letter[0]->note->seq;

    scene_end(scene, &batch, GP_VERDICT_SENT);
    return seq;
}

const char *scene_id(const struct scene *scene, const struct gp_batch *batch, size_t nth)
{
    static char id[GP_LETTER_ID_BYTES];

    assert_true(nth < batch->count);
    gp_letter_id(batch->letter[nth]->note->seq,
                 scene->settings->rule[batch->letter[nth]->rule].name, id);
    return id;
}
