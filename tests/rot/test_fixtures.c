/*
 * Stores that older gridposts have written, as they wrote them (tests/data/README.md): today's
 * opens each, brings it up, finds nothing damaged in it, and goes on with its work.
 */
#include "base/arena.h"
#include "base/clocktext.h"
#include "engine/stage.h"
#include "inspect/inspect.h"
#include "rot/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* What is in each; the head by the chain, as export prints it. */
static const struct fixture {
    int format;
    uint64_t head, incidents;
    const char *hash;
    unsigned texts; /* beside the journal, since format 2 */
} fixtures[] = {
    {1, 58, 7, "0677101a2788c6458f4c85e6cfa0caba38ad327ab4a87c877d78098d68c64e58", 0},
    {2, 56, 8, "dfb52c3210968f27fc55e90da6f02a958e3bb4dbe125c87ef56508571b33b079", 8},
    {3, 56, 8, "bf00006164509970a6da3bbd8a57d39e674bf280239587e491346166eff626c4", 8},
    {4, 56, 8, "063da9584c3d41c7975e484eb1149d3d7c3c5854a5ab689b4c98e4867290944a", 8},
};

static char work[256], path[300];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(work, sizeof work, "%s/gridpost-fixture-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(work));
    (void)snprintf(path, sizeof path, "%s/store", work);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    place_remove(work);
    return 0;
}

static void extract(int format)
{
    char line[800];

    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(line, sizeof line, "tar -C %s -xf %s/tests/data/format-%d.tar.xz", path,
                   GP_SOURCE_DIR, format);
    assert_int_equal(system(line), 0);
}

static void on_flaw(void *context, const struct gp_flaw *flaw)
{
    (void)context;
    gp_inspect_print(stderr, flaw);
}

static struct gp_inspected inspect(void)
{
    const struct gp_inspect_options options = {.path = path, .scratch = work, .flaw = on_flaw};
    struct gp_inspected inspected;

    assert_int_equal(gp_inspect(&options, &inspected), 0);
    assert_int_equal(inspected.flaws, 0);
    assert_true(inspected.folded);
    return inspected;
}

static void check_head(const struct gp_inspected *inspected, const struct fixture *fixture)
{
    char hash[2 * GP_HASH_BYTES + 1];

    for (size_t i = 0; i < GP_HASH_BYTES; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", inspected->hash[i]);
    assert_int_equal(inspected->entries, fixture->head);
    assert_string_equal(hash, fixture->hash);
    assert_int_equal(inspected->texts.kept, fixture->texts);
}

static struct gp_store *open_store(void)
{
    const struct gp_store_options options = {.drill = true};
    struct gp_store *store;

    assert_int_equal(gp_store_open(path, &options, &store), 0);
    return store;
}

/* The first report, what became of it, and its words. */
static void find_reports(struct gp_store *store, const struct gp_org *org,
                         const struct fixture *fixture)
{
    struct gp_incident incident;
    struct gp_arena arena;

    gp_arena_init(&arena, 1 << 20);
    for (uint64_t id = 1; id <= fixture->incidents; id++) {
        memset(&incident, 0, sizeof incident);
        gp_arena_reset(&arena);
        assert_int_equal(gp_engine_incident(store, org, id, gp_span_of("feng"), CITY_START_MS,
                                            &arena, &incident),
                         0);
        assert_int_equal(incident.id, id);
        assert_true(id > 1 || gp_span_is(incident.text, "井盖缺失"));
        assert_true(id > 1 || gp_span_is(incident.row.code, "n4"));
    }
    assert_int_equal(gp_engine_incident(store, org, fixture->incidents + 1, gp_span_of("feng"),
                                        CITY_START_MS, &arena, &incident),
                     GP_ENOTFOUND);
    gp_arena_release(&arena);
}

/* A report, and whatever time has brought. */
static void go_on(struct gp_store *store, const struct gp_org *org, const struct fixture *fixture)
{
    struct gp_item items[] = {{.kind = GP_ITEM_START}, stage_report()};
    struct gp_batch batch = {.org = org, .item = items, .item_count = 2};
    struct gp_engine_start start;
    struct gp_engine *engine;

    assert_int_equal(gp_engine_open(store, &engine), 0);
    assert_int_equal(gp_engine_state(engine, &start), 0);
    assert_int_equal(start.head, fixture->head);
    batch.now_ms = start.mark_ms + GP_MS_DAY;
    assert_int_equal(gp_engine_apply(engine, &batch), 0);
    assert_int_equal(items[1].answer.reason, GP_REASON_NONE);
    assert_int_equal(items[1].answer.incident, fixture->incidents + 1);
    assert_true(batch.head > fixture->head + 4);
    gp_engine_close(engine);
}

static void is_opened(const struct fixture *fixture)
{
    struct gp_findings findings;
    struct gp_directory *directory;
    struct gp_inspected inspected;

    extract(fixture->format);
    gp_findings_init(&findings);
    assert_int_equal(gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &directory),
                     0);
    gp_findings_release(&findings);
    inspected = inspect();
    check_head(&inspected, fixture);
    struct gp_store *store = open_store();
    find_reports(store, gp_directory_org(directory), fixture);
    go_on(store, gp_directory_org(directory), fixture);
    gp_store_close(store);
    inspected = inspect();
    assert_true(inspected.entries > fixture->head);
    gp_directory_unref(directory);
}

/* The same, and yet: a store that came straight from its daemon, without a check in between. */
static void is_opened_by_the_engine_alone(const struct fixture *fixture)
{
    struct gp_engine *engine;

    place_remove(path);
    extract(fixture->format);
    struct gp_store *store = open_store();
    assert_int_equal(gp_engine_open(store, &engine), 0);
    gp_engine_close(engine);
    gp_store_close(store);
    struct gp_inspected inspected = inspect();
    check_head(&inspected, fixture);
}

#define FORMAT(n)                                                                                  \
    static void format_##n##_is_opened(void **state)                                               \
    {                                                                                              \
        (void)state;                                                                               \
        is_opened(&fixtures[(n)-1]);                                                               \
        is_opened_by_the_engine_alone(&fixtures[(n)-1]);                                           \
    }

FORMAT(1)
FORMAT(2)
FORMAT(3)
FORMAT(4)

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(format_1_is_opened),
        TEST(format_2_is_opened),
        TEST(format_3_is_opened),
        TEST(format_4_is_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
