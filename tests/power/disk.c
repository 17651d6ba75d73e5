#include "power/disk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER_ROOT 0

/* ---------------------------------------------------------------- names */

static size_t find(const struct disk_names *names, const char *name)
{
    size_t i = 0;

    while (i < names->count && strcmp(names->item[i].name, name) != 0)
        i++;
    return i;
}

void disk_names_put(struct disk_names *names, const char *name, unsigned node)
{
    size_t at = find(names, name);

    if (at == names->count) {
        names->item = power_grow(names->item, names->count, &names->room, sizeof *names->item);
        names->count++;
        memcpy(names->item[at].name, name, strlen(name) + 1);
    }
    names->item[at].node = node;
}

void disk_names_drop(struct disk_names *names, const char *name)
{
    size_t at = find(names, name);

    if (at < names->count)
        names->item[at] = names->item[--names->count];
}

void disk_names_apply(struct disk_names *names, const struct disk_name_op *op)
{
    if (op->turn != DISK_LINK)
        disk_names_drop(names, op->was.name);
    if (op->turn == DISK_LINK)
        disk_names_put(names, op->was.name, op->was.node);
    else if (op->turn == DISK_MOVE)
        disk_names_put(names, op->to, op->was.node);
}

/* ---------------------------------------------------------------- nodes */

static unsigned add_node(struct disk *disk, bool folder)
{
    struct disk_node *node = calloc(1, sizeof *node);

    if (node == NULL)
        power_fail("no memory");
    node->folder = folder;
    disk->node = power_grow(disk->node, disk->nodes, &disk->node_room, sizeof(void *));
    disk->node[disk->nodes] = node;
    return (unsigned)disk->nodes++;
}

void disk_open(struct disk *disk, const struct trace *trace)
{
    *disk = (struct disk){.trace = trace};
    (void)add_node(disk, true);
}

void disk_close(struct disk *disk)
{
    for (size_t i = 0; i < disk->nodes; i++) {
        free(disk->node[i]->base);
        free(disk->node[i]->op);
        free(disk->node[i]->names.item);
        free(disk->node[i]->now.item);
        free(disk->node[i]->name_op);
        free(disk->node[i]);
    }
    free(disk->node);
    free(disk->handle);
    free(disk->call);
}

/* The folder of a path; *ret_name is its last part, "" for the root. */
static struct disk_node *folder_of(const struct disk *disk, const char *path, const char **ret_name)
{
    struct disk_node *folder = disk->node[FOLDER_ROOT];
    const char *slash;
    char part[DISK_NAME];

    while ((slash = strchr(path, '/')) != NULL) {
        size_t len = (size_t)(slash - path);
        if (len >= sizeof part)
            power_fail("%s: a name is too long", path);
        memcpy(part, path, len);
        part[len] = '\0';
        size_t at = find(&folder->now, part);
        if (at == folder->now.count)
            power_fail("%s: the trace has no such folder", path);
        folder = disk->node[folder->now.item[at].node];
        path = slash + 1;
    }
    if (strlen(path) >= DISK_NAME)
        power_fail("%s: a name is too long", path);
    *ret_name = path;
    return folder;
}

static void add_name_op(struct disk *disk, struct disk_node *folder, struct disk_name_op op)
{
    op.at = disk->next;
    folder->name_op =
        power_grow(folder->name_op, folder->name_ops, &folder->name_op_room, sizeof op);
    folder->name_op[folder->name_ops++] = op;
    disk_names_apply(&folder->now, &op);
}

static unsigned make(struct disk *disk, struct disk_node *folder, const char *name, bool is_folder)
{
    struct disk_name_op op = {.turn = DISK_LINK, .was.node = add_node(disk, is_folder)};

    memcpy(op.was.name, name, strlen(name) + 1);
    add_name_op(disk, folder, op);
    return op.was.node;
}

/* ---------------------------------------------------------------- bytes */

static void apply_to_base(struct disk_node *file, const struct disk_op *op)
{
    uint64_t end = op->at + op->size;

    if (end > file->base_room) {
        size_t room = (size_t)(end + end / 2);
        unsigned char *grown = realloc(file->base, room);
        if (grown == NULL)
            power_fail("no memory");
        memset(grown + file->base_room, 0, room - file->base_room);
        file->base = grown;
        file->base_room = room;
    }
    if (op->bytes != NULL)
        memcpy(file->base + op->at, op->bytes, (size_t)op->size);
    else if (op->size > 0)
        memset(file->base + op->at, 0, (size_t)op->size);
    if (op->truncates)
        file->base_size = op->size_after;
    else if (end > file->base_size)
        file->base_size = end;
}

/* What had returned before that item is on the disk; of one op alone, or of all. */
static void settle_file(struct disk_node *file, size_t before, size_t alone)
{
    size_t left = 0;

    for (size_t i = 0; i < file->ops; i++) {
        const struct disk_op op = file->op[i];
        bool covered = alone != SIZE_MAX ? op.began == alone : op.ended < before;
        if (covered)
            apply_to_base(file, &op);
        else
            file->op[left++] = op;
    }
    file->ops = left;
}

static void settle_folder(struct disk_node *folder, size_t before)
{
    size_t left = 0;

    for (size_t i = 0; i < folder->name_ops; i++) {
        if (folder->name_op[i].at < before)
            disk_names_apply(&folder->names, &folder->name_op[i]);
        else
            folder->name_op[left++] = folder->name_op[i];
    }
    folder->name_ops = left;
}

static void add_op(struct disk_node *file, struct disk_op op)
{
    if (op.truncates)
        op.size = file->size > op.at ? file->size - op.at : 0;
    op.size_after = op.truncates                   ? op.at
                    : op.at + op.size > file->size ? op.at + op.size
                                                   : file->size;
    op.ended = SIZE_MAX;
    file->op = power_grow(file->op, file->ops, &file->op_room, sizeof op);
    file->op[file->ops++] = op;
    file->size = op.size_after;
}

/* ---------------------------------------------------------------- items */

static void remember_call(struct disk *disk, uint32_t call)
{
    while (disk->calls <= call) {
        disk->call = power_grow(disk->call, disk->calls, &disk->call_room, sizeof *disk->call);
        disk->call[disk->calls++] = SIZE_MAX;
    }
    disk->call[call] = disk->next;
}

static void on_open(struct disk *disk, const struct trace_item *item)
{
    const char *name;
    struct disk_node *folder = folder_of(disk, (const char *)item->bytes, &name);
    int flags = (int)item->head.at;
    size_t at = find(&folder->now, name);
    unsigned node = FOLDER_ROOT;

    if (name[0] != '\0')
        node = at < folder->now.count ? folder->now.item[at].node : make(disk, folder, name, false);
    if ((flags & O_TRUNC) != 0 && disk->node[node]->size > 0) {
        add_op(disk->node[node], (struct disk_op){.began = disk->next, .truncates = true});
        disk->node[node]->op[disk->node[node]->ops - 1].ended = disk->next;
    }
    while (disk->handles <= item->head.handle) {
        disk->handle =
            power_grow(disk->handle, disk->handles, &disk->handle_room, sizeof *disk->handle);
        disk->handles++;
    }
    disk->handle[item->head.handle] = (struct disk_handle){node, (flags & O_DSYNC) != 0};
}

static struct disk_handle handle_of(const struct disk *disk, const struct trace_item *item)
{
    if (item->head.handle >= disk->handles)
        power_fail("%s: item %zu has no file", disk->trace->path, disk->next);
    return disk->handle[item->head.handle];
}

static void on_write(struct disk *disk, const struct trace_item *item)
{
    struct disk_op op = {.began = disk->next,
                         .at = item->head.at,
                         .size = item->head.size,
                         .bytes = item->head.len > 0 ? item->bytes : NULL};

    if (item->head.kind == RECORD_TRUNCATE) {
        op.truncates = true;
        op.at = item->head.size;
    }
    add_op(disk->node[handle_of(disk, item).node], op);
    remember_call(disk, item->head.call);
}

static void end_write(struct disk *disk, struct disk_handle handle, size_t began)
{
    struct disk_node *file = disk->node[handle.node];
    size_t i = file->ops;

    while (i > 0 && file->op[i - 1].began != began)
        i--;
    if (i == 0)
        power_fail("%s: item %zu ends nothing", disk->trace->path, disk->next);
    file->op[i - 1].ended = disk->next;
    if (handle.durable)
        settle_file(file, 0, began);
}

static void on_end(struct disk *disk, const struct trace_item *item)
{
    size_t began = item->head.call < disk->calls ? disk->call[item->head.call] : SIZE_MAX;

    if (began == SIZE_MAX)
        power_fail("%s: item %zu ends nothing", disk->trace->path, disk->next);
    const struct trace_item *call = &disk->trace->item[began];
    struct disk_handle handle = handle_of(disk, call);
    uint64_t want = call->head.kind == RECORD_WRITE ? call->head.size : 0;
    if (item->head.at != want)
        power_fail("%s: item %zu: a call failed, which is not modelled", disk->trace->path,
                   disk->next);
    if (call->head.kind != RECORD_SYNC)
        end_write(disk, handle, began);
    else if (disk->node[handle.node]->folder)
        settle_folder(disk->node[handle.node], began);
    else
        settle_file(disk->node[handle.node], began, SIZE_MAX);
}

static void on_name(struct disk *disk, const struct trace_item *item)
{
    const char *path = (const char *)item->bytes, *name, *to;
    struct disk_node *folder = folder_of(disk, path, &name);
    size_t at = find(&folder->now, name);
    struct disk_name_op op = {.turn = item->head.kind == RECORD_RENAME ? DISK_MOVE : DISK_UNLINK};

    if (item->head.kind == RECORD_MKDIR) {
        (void)make(disk, folder, name, true);
        return;
    }
    if (at == folder->now.count)
        power_fail("%s: item %zu: no %s", disk->trace->path, disk->next, path);
    op.was = folder->now.item[at];
    if (op.turn == DISK_MOVE) {
        if (folder_of(disk, path + strlen(path) + 1, &to) != folder)
            power_fail("%s: item %zu: between folders", disk->trace->path, disk->next);
        memcpy(op.to, to, strlen(to) + 1);
        at = find(&folder->now, to);
        op.replaces = at < folder->now.count;
        op.replaced = op.replaces ? folder->now.item[at].node : 0;
    }
    add_name_op(disk, folder, op);
}

static void forget_process(struct disk *disk)
{
    disk->calls = 0;
    disk->handles = 0;
}

static void on_item(struct disk *disk, const struct trace_item *item)
{
    switch ((enum record_kind)item->head.kind) {
    case RECORD_PROCESS:
        forget_process(disk);
        break;
    case RECORD_OPEN:
        on_open(disk, item);
        break;
    case RECORD_WRITE:
    case RECORD_TRUNCATE:
        on_write(disk, item);
        break;
    case RECORD_SYNC:
        remember_call(disk, item->head.call);
        break;
    case RECORD_END:
        on_end(disk, item);
        break;
    case RECORD_RENAME:
    case RECORD_UNLINK:
    case RECORD_MKDIR:
        on_name(disk, item);
        break;
    case RECORD_PROMISE:
        if (item->head.at > disk->promised)
            disk->promised = item->head.at;
        break;
    case RECORD_REPLY:
    case RECORD_BASE:
    case RECORD_HISTORY:
        break;
    }
}

void disk_advance(struct disk *disk, size_t cut)
{
    for (; disk->next < cut; disk->next++)
        on_item(disk, &disk->trace->item[disk->next]);
}
