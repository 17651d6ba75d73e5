/**
 * What the tests of gridpost-notify's parts work with: settings of a text, in a folder of their
 * own, notes made by hand, and a clock that is a number. Every function fails the running test when
 * it cannot do what it says.
 */
#ifndef GP_TESTS_NOTIFY_SCENE_H
#define GP_TESTS_NOTIFY_SCENE_H

#include "notify/compose.h"
#include "notify/desk.h"

#define SCENE_NOON INT64_C(1782100800000) /* 2026-06-22T12:00+08:00 */

struct scene {
    char folder[64];
    struct gp_notify_settings *settings;
    struct gp_desk *desk;
    int64_t now_ms;
};

/** A folder with the golden city's directory; no settings yet. */
void scene_init(struct scene *scene);
void scene_release(struct scene *scene);

/** cmocka's set-up and tear-down of a test whose *state is a scene. */
int scene_set_up(void **state);
int scene_tear_down(void **state);

/** The path of a file in the folder. */
void scene_path(const struct scene *scene, const char *name, char ret_path[160]);

/** Writes a file into the folder, mode 0600. */
void scene_write(const struct scene *scene, const char *name, const char *text);

/** Reads settings of a text; what every test needs stands before it. "@" stands for the folder.
 * Returns as gp_notify_settings_load. */
int scene_load(struct scene *scene, const char *text, struct gp_findings *findings);

/** The same, which must succeed, and opens a desk. */
void scene_open(struct scene *scene, const char *text);

/** Closes the desk as a kill would, and opens it again. */
void scene_kill(struct scene *scene);

/** A step of incident 41 in the first grid that tells these persons ("li wang"), as owner and B. */
struct gp_note *scene_note(uint64_t seq, const char *step, const char *persons);

/** Has the desk take one such note, whose seq is the cursor then. */
void scene_take(struct scene *scene, uint64_t seq, const char *step, const char *persons);

/** The next message begins now; fails when there is none. */
struct gp_batch scene_begin(struct scene *scene);

/** No message may go now; returns when to look again. */
int64_t scene_rests(struct scene *scene);

/** Ends a message. */
void scene_end(struct scene *scene, const struct gp_batch *batch, enum gp_verdict_kind kind);

/** Begins and ends the next one well; returns its first letter's seq. */
uint64_t scene_send(struct scene *scene);

/** The id of a batch's nth letter. Lifetime: until the next call. */
const char *scene_id(const struct scene *scene, const struct gp_batch *batch, size_t nth);

#endif
