import { RedisScript } from './redis-script.js';

/**
 * What BullMQ has no cheap command for. They read and write BullMQ's own keys, as its 6.7 scripts do: a list `wait` whose
 * right end is taken first, one hash a job, a stream of events. The contract tests pin that.
 */

/**
 * KEYS record. ARGV record as it must be, time, options as JSON; prefix of job keys, name and data of each job. Adds the jobs as BullMQ's
 * addStandardJob does, each with the next number of its queue as its id, or none where the record is another. Gives how many, or a list of
 * the record alone. What Redis refuses to a script (no memory, no disk) it refuses to its first command that writes.
 */
export const ADD_JOBS = new RedisScript(`
local found = redis.call('GET', KEYS[1])
if found ~= ARGV[1] then return {found} end
local queues = {}
for at = 4, #ARGV, 3 do
  local prefix = ARGV[at]
  local queue = queues[prefix]
  if not queue then
    local meta = redis.call('HMGET', prefix .. 'meta', 'opts.maxLenEvents', 'paused', 'concurrency')
    if not meta[1] then redis.call('HSET', prefix .. 'meta', 'opts.maxLenEvents', 10000) end
    local full = meta[2] or (meta[3] and redis.call('LLEN', prefix .. 'active') >= tonumber(meta[3]))
    if not full then redis.call('ZADD', prefix .. 'marker', 0, '0') end
    queue = {counter = prefix .. 'id', wait = prefix .. 'wait', events = prefix .. 'events', maxEvents = meta[1] or 10000}
    queues[prefix] = queue
  end
  local id = redis.call('INCR', queue.counter)
  redis.call('HSET', prefix .. id, 'name', ARGV[at + 1], 'data', ARGV[at + 2], 'opts', ARGV[3],
    'timestamp', ARGV[2], 'delay', 0, 'priority', 0)
  redis.call('XADD', queue.events, '*', 'event', 'added', 'jobId', id, 'name', ARGV[at + 1])
  redis.call('LPUSH', queue.wait, id)
  redis.call('XADD', queue.events, 'MAXLEN', '~', queue.maxEvents, '*', 'event', 'waiting', 'jobId', id)
end
return (#ARGV - 3) / 3`);

/** KEYS wait. ARGV prefix of job keys, number of items. Gives id, data, unix ms, id, … in the order they will be taken. */
export const NEXT_WAITING = new RedisScript(`
local room = tonumber(ARGV[2])
local ids = redis.call('LRANGE', KEYS[1], -room, -1)
local out = {}
for i = #ids, 1, -1 do
  local job = redis.call('HMGET', ARGV[1] .. ids[i], 'name', 'data', 'timestamp')
  local items = job[1] and tonumber(string.match(job[1], '^%d+'))
  if not job[2] or not items or items > room then break end
  room = room - items
  out[#out + 1] = ids[i]
  out[#out + 1] = job[2]
  out[#out + 1] = job[3] or ''
  if room == 0 then break end
end
return out`);

/**
 * KEYS wait, meta, events. ARGV prefix of job keys, ids. Searches from the consuming end and only as far as the ids can be
 * when nothing else was put there but a few jobs handed back: LREM of an id that is gone would walk the whole list.
 * Leaves the same trace as BullMQ's own removal: no keys of the job, one event. Gives how many were removed.
 */
export const REMOVE_WAITING = new RedisScript(`
local near = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], -(#ARGV - 1 + 32), -1)) do near[id] = true end
local maxEvents = redis.call('HGET', KEYS[2], 'opts.maxLenEvents') or 10000
local removed = 0
for i = 2, #ARGV do
  local id = ARGV[i]
  if near[id] and redis.call('LREM', KEYS[1], -1, id) == 1 then
    local key = ARGV[1] .. id
    redis.call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', maxEvents, '*', 'event', 'removed', 'jobId', id, 'prev', 'wait')
    removed = removed + 1
  end
end
return removed`);

/**
 * KEYS wait, meta, events. ARGV prefix of job keys, most jobs, most bytes of their data. Keeps the newest that are
 * within both, and removes the others as BullMQ does. Gives how many went and how many bytes of data. One look costs some
 * µs a job: HSTRLEN does not read the data.
 */
export const TRIM_OLDEST = new RedisScript(`
local ids = redis.call('LRANGE', KEYS[1], 0, -1)
local most, room = tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = 0
while kept < #ids and kept < most do
  room = room - redis.call('HSTRLEN', ARGV[1] .. ids[kept + 1], 'data')
  if room < 0 then break end
  kept = kept + 1
end
if kept == #ids then return {0, 0} end
local maxEvents = redis.call('HGET', KEYS[2], 'opts.maxLenEvents') or 10000
local bytes = 0
for i = kept + 1, #ids do
  local key = ARGV[1] .. ids[i]
  bytes = bytes + redis.call('HSTRLEN', key, 'data')
  local same = redis.call('HGET', key, 'deid')
  if same and redis.call('GET', ARGV[1] .. 'de:' .. same) == ids[i] then redis.call('DEL', ARGV[1] .. 'de:' .. same) end
  redis.call('UNLINK', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', maxEvents, '*', 'event', 'removed', 'jobId', ids[i], 'prev', 'wait')
end
if kept == 0 then redis.call('DEL', KEYS[1]) else redis.call('LTRIM', KEYS[1], 0, kept - 1) end
return {#ids - kept, bytes}`);

/** KEYS wait, active. ARGV prefix of job keys. Gives waiting, active, unix ms of the oldest or ''. */
export const DEPTH = new RedisScript(`
local oldest = ''
for _, id in ipairs({redis.call('LINDEX', KEYS[1], -1), redis.call('LINDEX', KEYS[2], -1)}) do
  local at = id and tonumber(redis.call('HGET', ARGV[1] .. id, 'timestamp'))
  if at and (oldest == '' or at < oldest) then oldest = at end
end
return {redis.call('LLEN', KEYS[1]), redis.call('LLEN', KEYS[2]), oldest == '' and '' or string.format('%.0f', oldest)}`);

/** KEYS wait. ARGV prefix of job keys. Gives pairs of a name and how many waiting jobs have it. */
export const WAITING_BY_NAME = new RedisScript(`
local counts = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local name = redis.call('HGET', ARGV[1] .. id, 'name')
  if name then counts[name] = (counts[name] or 0) + 1 end
end
local pairs_told = {}
for name, count in pairs(counts) do
  table.insert(pairs_told, name)
  table.insert(pairs_told, count)
end
return pairs_told`);

/**
 * KEYS job. ARGV data as it was, data as it shall be, prefix of job keys, id, deduplication id from now on or ''. The former
 * deduplication id goes wherever BullMQ keeps it. Gives what became of the job; `again` where its data is other than it was.
 */
export const REPLACE_DATA = new RedisScript(`
local data = redis.call('HGET', KEYS[1], 'data')
if not data then return 'left' end
if data ~= ARGV[1] then return 'again' end
local former = redis.call('HGET', KEYS[1], 'deid')
if ARGV[5] ~= '' and former ~= ARGV[5] then
  local place = ARGV[3] .. 'de:'
  local holder = redis.call('GET', place .. ARGV[5])
  if holder and holder ~= ARGV[4] and redis.call('EXISTS', ARGV[3] .. holder) == 1 then return 'known' end
  redis.call('SET', place .. ARGV[5], ARGV[4])
  if former then
    if redis.call('GET', place .. former) == ARGV[4] then redis.call('DEL', place .. former) end
    local opts = redis.call('HGET', KEYS[1], 'opts')
    if opts then redis.call('HSET', KEYS[1], 'opts', (string.gsub(opts, former, ARGV[5]))) end
  end
  redis.call('HSET', KEYS[1], 'deid', ARGV[5])
end
redis.call('HSET', KEYS[1], 'data', ARGV[2])
return 'changed'`);

/** KEYS record. ARGV from, to. */
export const REPLACE_RECORD = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`);

/** ARGV prefixes of job keys, one of each queue. Gives of each the unix ms of the job that is taken next, or ''. */
export const NEXT_QUEUED_AT = new RedisScript(`
local out = {}
for at, prefix in ipairs(ARGV) do
  local id = redis.call('LINDEX', prefix .. 'wait', -1)
  out[at] = id and redis.call('HGET', prefix .. id, 'timestamp') or ''
end
return out`);
