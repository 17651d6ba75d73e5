#include "bench/city.h"

#include "base/bytes.h"
#include "core/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Primes, so that grids and rows go through all their pairs. */
#define GRID_STRIDE 7919u
#define ROW_STRIDE  6007u

static void *many(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (memory == NULL) {
        fputs("bench: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static struct gp_span officer_of(const struct gp_org *org, uint32_t area)
{
    uint32_t post = gp_post_of(org, GP_POST_B, area, GP_NONE, GP_NONE);

    for (size_t i = 0; post != GP_NONE && i < org->holding_count; i++) {
        if (org->holdings[i].post == post)
            return org->persons[org->holdings[i].person].id;
    }
    return (struct gp_span){0};
}

static void find_grids(struct city *city)
{
    const struct gp_org *org = city->org;

    city->grid = many(org->area_count, sizeof *city->grid);
    for (uint32_t i = 0; i < org->area_count; i++) {
        struct gp_span officer = officer_of(org, i);
        if (org->areas[i].ref.level != GP_LEVEL_GRID || officer.len == 0)
            continue;
        city->grid[city->grid_count++] =
            (struct city_grid){.area = i, .code = org->areas[i].code, .officer = officer};
    }
}

static void find_rows(struct city *city, const char *category)
{
    const struct gp_org *org = city->org;

    city->row = many(org->row_count, sizeof *city->row);
    for (uint32_t i = 0; i < org->row_count; i++) {
        const struct gp_row *row = &org->rows[i];
        bool wanted = category != NULL ? gp_span_equal(row->code, gp_span_of(category))
                                       : row->limit.stage_count == 1 && !row->manual_filing;
        if (wanted)
            city->row[city->row_count++] = i;
    }
}

void city_open(struct city *city, const char *folder, const char *category)
{
    struct gp_findings findings;

    *city = (struct city){0};
    gp_findings_init(&findings);
    if (gp_directory_load(folder, &findings, &city->directory) != 0) {
        fprintf(stderr, "bench: %s is not usable: see gridpostd --check\n", folder);
        exit(1);
    }
    gp_findings_release(&findings);
    city->org = gp_directory_org(city->directory);
    find_grids(city);
    find_rows(city, category);
    if (city->grid_count == 0 || city->row_count == 0) {
        fprintf(stderr, "bench: %s has nobody to report, or nothing\n", folder);
        exit(1);
    }
}

void city_close(struct city *city)
{
    free(city->grid);
    free(city->row);
    gp_directory_unref(city->directory);
}

const struct city_grid *city_grid_of(const struct city *city, uint64_t n)
{
    return &city->grid[n * GRID_STRIDE % city->grid_count];
}

const struct gp_row *city_row_of(const struct city *city, uint64_t n)
{
    return &city->org->rows[city->row[n / city->grid_count * ROW_STRIDE % city->row_count]];
}

/* Different words for different reports, or compression would show what no city has. */
static struct gp_span write_text(uint64_t n, const struct gp_row *row, char text[CITY_TEXT_BYTES])
{
    static const char *const where[] = {"位于人行道中间", "在小区东门外", "靠近学校门口",
                                        "在菜市场后巷",   "楼道二层转角", "公交站台旁边",
                                        "河边步道上"};
    static const char *const what[] = {"已放置警示标志", "附近居民多次反映", "影响车辆通行",
                                       "有老人经过不便", "现场暂无人看管"};
    uint64_t mixed = n * UINT64_C(0x9E3779B97F4A7C15);
    int len = snprintf(text, CITY_TEXT_BYTES,
                       "%.*s：%s，%s，请尽快安排人员到场处理，编号%016llx。现场照片%llu张已上传，"
                       "联系人已知会，等待处理结果反馈。",
                       GP_SPAN_ARG(row->name_zh), where[(mixed >> 20) % 7], what[(mixed >> 40) % 5],
                       (unsigned long long)mixed, (unsigned long long)(mixed >> 60) + 1);

    return (struct gp_span){text, len > 0 ? (size_t)len : 0};
}

void city_report(const struct city *city, uint64_t n, char text[CITY_TEXT_BYTES],
                 struct gp_command *ret_command)
{
    const struct city_grid *grid = city_grid_of(city, n);
    const struct gp_row *row = city_row_of(city, n);
    uint64_t mixed = n * UINT64_C(0xD1B54A32D192ED03);

    *ret_command = (struct gp_command){
        .verb = GP_VERB_REPORT,
        .actor = grid->officer,
        .device = GP_SPAN("bench"),
        .grid = grid->code,
        .category = row->code,
        .condition = row->condition,
        .text = write_text(n, row, text),
        .place = {.known = true,
                  .lat_e7 = 309300000 + (int32_t)(mixed >> 48),
                  .lon_e7 = 1178100000 + (int32_t)(mixed >> 32 & 0xFFFF)},
    };
}

void city_id(int64_t at_ms, uint64_t number, uint16_t run, unsigned char ret_id[16])
{
    gp_put_u64(ret_id, (uint64_t)at_ms << 16 | run);
    gp_put_u64(ret_id + 8, number * UINT64_C(0x9E3779B97F4A7C15));
}
