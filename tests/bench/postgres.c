/*
 * bench_postgres [OPTION…] CONNINFO CLIENTS SECONDS   reports to PostgreSQL, over libpq
 *
 * One prepared statement a report, which is one transaction; --connections N is a pool in which
 * transactions of all clients share N connections. load.h has the options.
 */
#include "bench/facts.h"
#include "bench/load.h"

#include "base/bytes.h"

#include <libpq-fe.h>

#define PARAMETERS (9 + FACTS_ENTRIES)

/* As one statement, so that it takes one message each way; a pool of prepared statements is what a
 * careful application would have, too. */
static const char report[] =
    "WITH made AS (INSERT INTO incident (report, area, owner, department, due, step, record,"
    " answer, texts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    " ON CONFLICT (report) DO NOTHING RETURNING id),"
    " told AS (INSERT INTO journal (incident, entry)"
    " SELECT id, entry FROM made, unnest(ARRAY[$10, $11, $12, $13]::bytea[]) entry)"
    " SELECT id FROM made";

static const Oid types[PARAMETERS] = {2950, 20, 23, 23, 20, 20, 17, 17, 17, 17, 17, 17, 17};

static PGconn *connections[LOAD_CLIENTS_MAX];

static void check(PGconn *connection, bool good)
{
    if (!good)
        load_die("%s", PQerrorMessage(connection));
}

static int open_connection(const struct load_ask *ask, int number)
{
    PGconn *connection = PQconnectdb(ask->address);

    check(connection, PQstatus(connection) == CONNECTION_OK);
    PGresult *result = PQprepare(connection, "report", report, PARAMETERS, types);
    check(connection, PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
    connections[number] = connection;
    return PQsocket(connection);
}

/* The parameters of a statement, all binary. */
struct parameters {
    int count, len[PARAMETERS];
    const char *value[PARAMETERS];
    unsigned char number[6][8];
};

static void add(struct parameters *to, const void *bytes, size_t len)
{
    to->value[to->count] = bytes;
    to->len[to->count++] = (int)len;
}

static void add_u64(struct parameters *to, uint64_t value)
{
    gp_put_u64(to->number[to->count - 1], value);
    add(to, to->number[to->count - 1], 8);
}

static void add_u32(struct parameters *to, int32_t value)
{
    gp_put_u32(to->number[to->count - 1], (uint32_t)value);
    add(to, to->number[to->count - 1], 4);
}

static void send_report(int number)
{
    static const int formats[PARAMETERS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct parameters all = {0};
    struct facts facts;

    facts_next(&facts);
    add(&all, facts.id, sizeof facts.id);
    add_u64(&all, facts.area);
    add_u32(&all, facts.owner);
    add_u32(&all, facts.department);
    add_u64(&all, (uint64_t)facts.due_ms);
    add_u64(&all, (uint64_t)facts.step_ms);
    add(&all, facts.record, sizeof facts.record);
    add(&all, facts.answer, sizeof facts.answer);
    add(&all, facts.texts, sizeof facts.texts);
    for (int i = 0; i < FACTS_ENTRIES; i++)
        add(&all, facts.entry[i], facts_entry_bytes[i]);
    check(connections[number], PQsendQueryPrepared(connections[number], "report", all.count,
                                                   all.value, all.len, formats, 1) == 1 &&
                                   PQflush(connections[number]) == 0);
}

static bool receive_answer(int number)
{
    PGconn *connection = connections[number];
    PGresult *result;

    check(connection, PQconsumeInput(connection) == 1);
    while (!PQisBusy(connection)) {
        result = PQgetResult(connection);
        if (result == NULL)
            return true;
        check(connection, PQresultStatus(result) == PGRES_TUPLES_OK);
        if (PQntuples(result) != 1)
            load_die("a report was there before");
        PQclear(result);
    }
    return false;
}

int main(int argc, char **argv)
{
    static const struct load_peer peer = {"reports", open_connection, send_report, receive_answer};
    struct load_ask ask;

    return load_read(argc, argv, &ask) ? load_run(&peer, &ask) : 64;
}
