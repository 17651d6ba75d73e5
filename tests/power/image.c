/*
 * Choosing. What is not on the disk for sure is there or not by one of these ways, drawn by the
 * choice; names and bytes each by their own:
 *
 *   none, all     nothing of it; everything
 *   missing       everything but one write, or one piece of it; what was written over it later is
 *                 missing with it
 *   present       one write alone, or a piece of it; what it was written over is there with it
 *   writes        each write as a whole, half of them
 *   sectors       each sector by itself, one of eight, half or seven of eight
 */
#include "power/disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

enum way { WAY_NONE, WAY_ALL, WAY_MISSING, WAY_PRESENT, WAY_WRITES, WAY_SECTORS, WAY_COUNT };
enum names_way { NAMES_NONE, NAMES_ALL, NAMES_FIRST, NAMES_ANY, NAMES_COUNT };

struct drawing {
    uint64_t random;
    enum way way;
    enum names_way names;
    unsigned in_eight;                 /* of SECTORS */
    const struct disk_node *node;      /* of MISSING, PRESENT: the file … */
    size_t op;                         /* … the write … */
    uint64_t first_sector, end_sector; /* … and which part of it */
};

static uint64_t draw(struct drawing *drawing, uint64_t below)
{
    return power_random(&drawing->random) % below;
}

static enum way way_of(uint64_t choice)
{
    static const enum way ways[16] = {WAY_NONE,    WAY_ALL,     WAY_MISSING, WAY_MISSING,
                                      WAY_MISSING, WAY_MISSING, WAY_PRESENT, WAY_PRESENT,
                                      WAY_PRESENT, WAY_PRESENT, WAY_WRITES,  WAY_WRITES,
                                      WAY_SECTORS, WAY_SECTORS, WAY_SECTORS, WAY_SECTORS};
    return ways[choice % 16];
}

static enum names_way names_way_of(uint64_t choice)
{
    return (enum names_way)(choice / 16 % NAMES_COUNT);
}

const char *image_choice_name(uint64_t choice)
{
    static const char *const ways[WAY_COUNT] = {"no write",  "all writes",  "one missing",
                                                "one alone", "some writes", "some sectors"};
    static const char *const names[NAMES_COUNT] = {"no name", "all names", "the first names",
                                                   "any names"};
    static char text[64];

    (void)snprintf(text, sizeof text, "%s, %s", ways[way_of(choice)], names[names_way_of(choice)]);
    return text;
}

/* ---------------------------------------------------------------- one write */

static uint64_t sector_end(const struct disk_op *op)
{
    return (op->at + op->size + DISK_SECTOR - 1) / DISK_SECTOR;
}

static void aim(struct drawing *drawing, const struct disk_node *node, size_t at)
{
    const struct disk_op *op = &node->op[at];
    uint64_t first = op->at / DISK_SECTOR, count = sector_end(op) - first;

    drawing->node = node;
    drawing->op = at;
    drawing->first_sector = first;
    drawing->end_sector = first + count;
    if (count < 2 || draw(drawing, 2) == 0)
        return;
    drawing->first_sector = first + draw(drawing, count);
    drawing->end_sector =
        drawing->first_sector + 1 + draw(drawing, first + count - drawing->first_sector);
}

static void choose_target(struct drawing *drawing, const struct disk *disk)
{
    size_t ops = 0, at;

    for (size_t i = 0; i < disk->nodes; i++)
        ops += disk->node[i]->ops;
    if (ops == 0)
        return;
    at = (size_t)draw(drawing, ops);
    for (size_t i = 0; i < disk->nodes; i++) {
        if (at < disk->node[i]->ops) {
            aim(drawing, disk->node[i], at);
            return;
        }
        at -= disk->node[i]->ops;
    }
}

static bool is_target(const struct drawing *drawing, const struct disk_node *node, uint64_t sector)
{
    return node == drawing->node && sector >= drawing->first_sector && sector < drawing->end_sector;
}

/* Whether a write reached this sector; `whole` is what was drawn for the write. */
static bool reached(struct drawing *drawing, const struct disk_node *node, size_t op,
                    uint64_t sector, bool whole)
{
    switch (drawing->way) {
    case WAY_NONE:
        return false;
    case WAY_MISSING:
        return !is_target(drawing, node, sector) || op < drawing->op;
    case WAY_PRESENT:
        return is_target(drawing, node, sector) && op <= drawing->op;
    case WAY_WRITES:
        return whole;
    case WAY_SECTORS:
        return draw(drawing, 8) < drawing->in_eight;
    case WAY_ALL:
    case WAY_COUNT:
        break;
    }
    return true;
}

/* ---------------------------------------------------------------- files */

static uint64_t choose_size(struct drawing *drawing, const struct disk_node *file)
{
    uint64_t version = file->ops;

    if (drawing->way == WAY_NONE)
        version = 0;
    else if (drawing->way != WAY_ALL && draw(drawing, 2) == 0)
        version = draw(drawing, file->ops + 1);
    return version == 0 ? file->base_size : file->op[version - 1].size_after;
}

static void apply(unsigned char *bytes, uint64_t size, const struct disk_op *op, uint64_t sector)
{
    uint64_t from = sector * DISK_SECTOR, to = from + DISK_SECTOR;

    if (from < op->at)
        from = op->at;
    if (to > op->at + op->size)
        to = op->at + op->size;
    if (to > size)
        to = size;
    if (from >= to)
        return;
    if (op->bytes != NULL)
        memcpy(bytes + from, op->bytes + (from - op->at), (size_t)(to - from));
    else
        memset(bytes + from, 0, (size_t)(to - from));
}

/* A sector that a write has not reached is reached by none behind it. */
static unsigned char *clear_torn(struct image *image, uint64_t sectors)
{
    if (sectors > image->torn_room) {
        free(image->torn);
        image->torn_room = (size_t)sectors * 2;
        image->torn = malloc(image->torn_room);
        if (image->torn == NULL)
            power_fail("no memory");
    }
    memset(image->torn, 0, (size_t)sectors);
    return image->torn;
}

static void choose_bytes(struct image *image, struct drawing *drawing, const struct disk_node *file,
                         unsigned char *bytes, uint64_t size)
{
    unsigned char *torn = clear_torn(image, (size + DISK_SECTOR - 1) / DISK_SECTOR + 1);

    for (size_t i = 0; i < file->ops; i++) {
        const struct disk_op *op = &file->op[i];
        bool whole = draw(drawing, 2) == 0;
        for (uint64_t sector = op->at / DISK_SECTOR;
             sector < sector_end(op) && sector * DISK_SECTOR < size; sector++) {
            if (torn[sector] == 0 && reached(drawing, file, i, sector, whole))
                apply(bytes, size, op, sector);
            else
                torn[sector] = 1;
        }
    }
}

struct image_file *image_add(struct image *image, const char *folder, const char *name)
{
    image->file = power_grow(image->file, image->count, &image->room, sizeof *image->file);
    struct image_file *file = &image->file[image->count++];

    *file = (struct image_file){0};
    if (snprintf(file->path, sizeof file->path, "%s%s%s", folder, folder[0] != '\0' ? "/" : "",
                 name) >= (int)sizeof file->path)
        power_fail("%s: a path is too long", name);
    return file;
}

static void choose_file(struct image *image, struct drawing *drawing, const struct disk_node *node,
                        struct image_file *file)
{
    uint64_t size = choose_size(drawing, node);
    uint64_t known = size < node->base_room ? size : node->base_room;
    unsigned char *bytes = image->pool + image->used;

    if (size > IMAGE_POOL_BYTES - image->used)
        power_fail("%s is too large", file->path);
    if (known > 0)
        memcpy(bytes, node->base, (size_t)known);
    memset(bytes + known, 0, (size_t)(size - known));
    choose_bytes(image, drawing, node, bytes, size);
    image->used += (size_t)size;
    file->bytes = bytes;
    file->len = (size_t)size;
}

/* ---------------------------------------------------------------- names */

static bool shares(const struct disk_name_op *a, const struct disk_name_op *b)
{
    const char *names[2] = {b->was.name, b->turn == DISK_MOVE ? b->to : b->was.name};

    if (a->was.node == b->was.node || (a->replaces && a->replaced == b->was.node) ||
        (b->replaces && b->replaced == a->was.node))
        return true;
    for (int i = 0; i < 2; i++) {
        if (strcmp(names[i], a->was.name) == 0 ||
            (a->turn == DISK_MOVE && strcmp(names[i], a->to) == 0))
            return true;
    }
    return false;
}

static bool rests_on_missing(const struct disk_node *folder, const bool *there, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (!there[i] && shares(&folder->name_op[i], &folder->name_op[at]))
            return true;
    }
    return false;
}

static struct disk_names choose_names(struct drawing *drawing, const struct disk_node *folder)
{
    struct disk_names names = {.count = folder->names.count, .room = folder->names.count + 1};
    size_t first = (size_t)draw(drawing, folder->name_ops + 1);
    bool *there = calloc(folder->name_ops + 1, sizeof *there);

    names.item = malloc(names.room * sizeof *names.item);
    if (there == NULL || names.item == NULL)
        power_fail("no memory");
    if (names.count > 0)
        memcpy(names.item, folder->names.item, names.count * sizeof *names.item);
    for (size_t i = 0; i < folder->name_ops; i++) {
        there[i] = drawing->names == NAMES_ALL || (drawing->names == NAMES_FIRST && i < first) ||
                   (drawing->names == NAMES_ANY && draw(drawing, 2) == 0);
        there[i] = there[i] && !rests_on_missing(folder, there, i);
        if (there[i])
            disk_names_apply(&names, &folder->name_op[i]);
    }
    free(there);
    return names;
}

static int by_name(const void *a, const void *b)
{
    const struct disk_name *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static void choose_folder(struct image *image, struct drawing *drawing, const struct disk *disk,
                          unsigned folder, const char *path)
{
    struct disk_names names = choose_names(drawing, disk->node[folder]);
    char below[sizeof image->file->path];

    if (names.count > 0)
        qsort(names.item, names.count, sizeof *names.item, by_name); /* the hash goes by it */
    for (size_t i = 0; i < names.count; i++) {
        const struct disk_node *node = disk->node[names.item[i].node];
        struct image_file *file = image_add(image, path, names.item[i].name);
        file->folder = node->folder;
        memcpy(below, file->path, sizeof below);
        if (node->folder)
            choose_folder(image, drawing, disk, names.item[i].node, below);
        else
            choose_file(image, drawing, node, file);
    }
    free(names.item);
}

/* ---------------------------------------------------------------- all of it */

void image_open(struct image *image)
{
    *image = (struct image){0};
    image->pool = mmap(NULL, IMAGE_POOL_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (image->pool == MAP_FAILED)
        power_fail("no memory");
}

void image_close(struct image *image)
{
    free(image->file);
    free(image->torn);
    (void)munmap(image->pool, IMAGE_POOL_BYTES);
}

static uint64_t hash_of(const struct image *image)
{
    uint64_t hash = image->count;

    for (size_t i = 0; i < image->count; i++) {
        const struct image_file *file = &image->file[i];
        hash = XXH3_64bits_withSeed(file->path, strlen(file->path) + 1, hash ^ file->len);
        if (file->len > 0)
            hash = XXH3_64bits_withSeed(file->bytes, file->len, hash);
    }
    return hash;
}

static void choose_all(struct image *image, struct drawing *drawing, const struct disk *disk)
{
    image->count = 0;
    image->used = 0;
    choose_folder(image, drawing, disk, 0, "");
    image->hash = hash_of(image);
}

void image_choose(struct image *image, const struct disk *disk, uint64_t choice)
{
    struct drawing drawing = {
        .random = choice, .way = way_of(choice), .names = names_way_of(choice)};

    drawing.in_eight = (const unsigned[3]){1, 4, 7}[draw(&drawing, 3)];
    choose_target(&drawing, disk);
    choose_all(image, &drawing, disk);
}

void image_choose_all(struct image *image, const struct disk *disk)
{
    struct drawing drawing = {.way = WAY_ALL, .names = NAMES_ALL};

    choose_all(image, &drawing, disk);
}
