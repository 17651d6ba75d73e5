-- The same facts as gridpost's tables: incidents by id, area, owner, department and next step, report
-- ids once, the journal by number. Run by psql with -v count=N: so many incidents are there already.
CREATE TABLE incident (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report     uuid NOT NULL,
    area       bigint NOT NULL,   -- 15 digits: a subtree is a range
    owner      integer NOT NULL,
    department integer NOT NULL,
    closed     boolean NOT NULL DEFAULT false,
    due        bigint NOT NULL,   -- ms, as step
    step       bigint,            -- the next one; null: no clock runs
    record     bytea NOT NULL,
    answer     bytea NOT NULL,
    texts      bytea
);
CREATE TABLE journal (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident bigint NOT NULL,
    entry    bytea NOT NULL
);

INSERT INTO incident (report, area, owner, department, due, step, record, answer, texts)
SELECT gen_random_uuid(), 340705006000000 + (101 + n / 20 % 20) * 1000 + 1 + n % 20, n / 20 % 20,
       n % 3, 1800000000000 + (n % 40) * 3600000, 1800000000000 - n,
       substr(bytes, 1, 334), substr(bytes, 1, 61), substr(bytes, 1, 237)
FROM generate_series(0, :count - 1) n,
     LATERAL (SELECT decode(string_agg(md5(n::text || i), ''), 'hex') AS bytes
              FROM generate_series(1, 21) i) text;
INSERT INTO journal (incident, entry)
SELECT id, substr(record, 1, bytes)
FROM incident, unnest(ARRAY[231, 240, 128, 317]) bytes ORDER BY id;

CREATE UNIQUE INDEX ON incident (report);
CREATE INDEX ON incident (area, id);
CREATE INDEX ON incident (owner, closed, due);
CREATE INDEX ON incident (department, closed, id);
CREATE INDEX ON incident (step, id) WHERE step IS NOT NULL;

VACUUM (ANALYZE) incident;
VACUUM (ANALYZE) journal;
CHECKPOINT;
