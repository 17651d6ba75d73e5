#include "bench/town.h"

#include <stdio.h>
#include <string.h>

#define STREET          "340705006"
#define FIRST_COMMUNITY 101 /* the golden configuration has 001 */

const char town_text[] =
    "井盖缺失，位于人行道中间，已放置警示标志，请尽快安排人员到场处理，周边有学校。"
    "现场照片已上传，联系人已知会，等待处理结果反馈，谢谢配合与支持工作。";

void town_grid(unsigned n, char ret_code[TOWN_CODE_BYTES])
{
    unsigned community = n / TOWN_GRIDS % TOWN_COMMUNITIES;

    (void)snprintf(ret_code, TOWN_CODE_BYTES, STREET "%03u%03u", FIRST_COMMUNITY + community,
                   1 + n % TOWN_GRIDS);
}

const char *town_category(unsigned n)
{
    static const char *const categories[TOWN_CATEGORIES] = {"l5", "n2d", "d3e", "n8"};

    /* Each grid meets each of them. */
    return categories[(n + n / (TOWN_COMMUNITIES * TOWN_GRIDS)) % TOWN_CATEGORIES];
}

static void print_areas(unsigned community)
{
    printf(STREET "%03u,社区%u,community,2400,\n", community, community);
    for (unsigned grid = 1; grid <= TOWN_GRIDS; grid++)
        printf(STREET "%03u%03u,网格%u,grid,240,\n", community, grid, grid);
}

static void print_posts(unsigned community)
{
    printf("A-shizheng-" STREET "%03u,A," STREET "%03u,shizheng,,zhao\n", community, community);
    for (unsigned grid = 1; grid <= TOWN_GRIDS; grid++)
        printf("B-" STREET "%03u%03u,B," STREET "%03u%03u,,,zhao\n", community, grid, community,
               grid);
}

static void print_holdings(unsigned community)
{
    printf("A-shizheng-" STREET "%03u,li,2025-01-01,\n", community);
    for (unsigned grid = 1; grid <= TOWN_GRIDS; grid++)
        printf("B-" STREET "%03u%03u,li,2025-01-01,\n", community, grid);
}

bool town_print(const char *sheet)
{
    void (*print)(unsigned) = strcmp(sheet, "areas") == 0      ? print_areas
                              : strcmp(sheet, "posts") == 0    ? print_posts
                              : strcmp(sheet, "holdings") == 0 ? print_holdings
                                                               : NULL;

    for (unsigned i = 0; print != NULL && i < TOWN_COMMUNITIES; i++)
        print(FIRST_COMMUNITY + i);
    return print != NULL;
}
