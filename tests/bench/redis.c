/*
 * bench_redis [OPTION…] SOCKET:SCRIPT CLIENTS SECONDS   reports to Redis, over hiredis
 *
 * One EVALSHA of the script in the file SCRIPT a report. load.h has the options.
 */
#include "bench/facts.h"
#include "bench/load.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS        (3 + 9 + FACTS_ENTRIES) /* EVALSHA sha 0 … */
#define SCRIPT_BYTES_MAX 8192
#define NUMBER_BYTES     24

static redisContext *connections[LOAD_CLIENTS_MAX];
static char sha[64];

static redisReply *check(const redisContext *connection, redisReply *reply)
{
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
        load_die("redis: %s", reply != NULL ? reply->str : connection->errstr);
    return reply;
}

static void load_script(redisContext *connection, const char *path)
{
    static char script[SCRIPT_BYTES_MAX];
    FILE *file = fopen(path, "r");
    size_t len = file != NULL ? fread(script, 1, sizeof script, file) : 0;

    if (file == NULL || len == sizeof script)
        load_die("%s cannot be read", path);
    (void)fclose(file);
    redisReply *reply = check(connection, redisCommand(connection, "SCRIPT LOAD %b", script, len));
    (void)snprintf(sha, sizeof sha, "%s", reply->str);
    freeReplyObject(reply);
}

static int open_connection(const struct load_ask *ask, int number)
{
    char path[256];
    const char *script = strchr(ask->address, ':');

    if (script == NULL)
        load_die("SOCKET:SCRIPT");
    (void)snprintf(path, sizeof path, "%.*s", (int)(script - ask->address), ask->address);
    redisContext *connection = redisConnectUnix(path);
    if (connection == NULL || connection->err != 0)
        load_die("%s: %s", path, connection != NULL ? connection->errstr : "no memory");
    if (number == 0)
        load_script(connection, script + 1);
    connections[number] = connection;
    return connection->fd;
}

struct arguments {
    int count;
    const char *value[ARGUMENTS];
    size_t len[ARGUMENTS];
    char number[ARGUMENTS][NUMBER_BYTES];
};

static void add(struct arguments *to, const void *bytes, size_t len)
{
    to->value[to->count] = bytes;
    to->len[to->count++] = len;
}

static void add_number(struct arguments *to, int64_t number)
{
    char *text = to->number[to->count];

    add(to, text, (size_t)snprintf(text, NUMBER_BYTES, "%" PRId64, number));
}

static void send_report(int number)
{
    struct arguments all = {0};
    struct facts facts;
    int done = 0;

    facts_next(&facts);
    add(&all, "EVALSHA", 7);
    add(&all, sha, strlen(sha));
    add(&all, "0", 1);
    add(&all, facts.id, sizeof facts.id);
    add_number(&all, (int64_t)facts.area);
    add_number(&all, facts.owner);
    add_number(&all, facts.department);
    add_number(&all, facts.due_ms);
    add_number(&all, facts.step_ms);
    add(&all, facts.record, sizeof facts.record);
    add(&all, facts.answer, sizeof facts.answer);
    add(&all, facts.texts, sizeof facts.texts);
    for (int i = 0; i < FACTS_ENTRIES; i++)
        add(&all, facts.entry[i], facts_entry_bytes[i]);
    (void)redisAppendCommandArgv(connections[number], all.count, all.value, all.len);
    while (done == 0) {
        if (redisBufferWrite(connections[number], &done) != REDIS_OK)
            load_die("redis: %s", connections[number]->errstr);
    }
}

static bool receive_answer(int number)
{
    void *reply = NULL;

    if (redisBufferRead(connections[number]) != REDIS_OK ||
        redisGetReplyFromReader(connections[number], &reply) != REDIS_OK)
        load_die("redis: %s", connections[number]->errstr);
    if (reply == NULL)
        return false;
    if (check(connections[number], reply)->integer < 1)
        load_die("a report was there before");
    freeReplyObject(reply);
    return true;
}

int main(int argc, char **argv)
{
    static const struct load_peer peer = {"reports", open_connection, send_report, receive_answer};
    struct load_ask ask;

    return load_read(argc, argv, &ask) ? load_run(&peer, &ask) : 64;
}
