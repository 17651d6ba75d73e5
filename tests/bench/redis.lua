-- The same facts as gridpost's tables: an incident's hash by id, the report's id once, incidents by
-- area, owner, department and next step in sorted sets, the journal as a list by number (a stream takes a fifth more
-- of the processor).
--   ARGV: report area owner department due step record answer texts entry…
local report = 'report:' .. ARGV[1]
if redis.call('EXISTS', report) == 1 then
    return 0
end
local id = redis.call('INCR', 'incidents')
redis.call('SET', report, ARGV[8])
redis.call('HSET', 'incident:' .. id, 'record', ARGV[7], 'texts', ARGV[9])
redis.call('ZADD', 'area', ARGV[2], id)
redis.call('ZADD', 'owner:' .. ARGV[3], ARGV[5], id)
redis.call('ZADD', 'department:' .. ARGV[4], id, id)
redis.call('ZADD', 'step', ARGV[6], id)
redis.call('RPUSH', 'journal', unpack(ARGV, 10))
return id
