import { redisScript } from './redis.script.js';

/**
 * Stores a batch of one node, or a part of a rewrite.
 *
 * ARGV: node, version, the version that the store must have at least, part ('' for a batch; first, more or last), ttl
 * (ms), channel of changes, prefix of the channels of nodes, the members as JSON (`put`, `remove`), the message of changes
 * ('': the members are the message), how many of the following belong to pairs of member and meta, these, then triples of
 * an exclusive member, the id and the text of its order.
 *
 * A rewrite is stored beside the old data (`:new`) and takes its place with the last part. An exclusive key is searched
 * for in unfinished rewrites, too: they become visible later.
 *
 * A node without a lease gets one that has ended, so that its data is never without a record.
 */
export const WRITE = redisScript(String.raw`
local node, version, after, part, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local info, keys, metas = key('info', node), key('keys', node), key('metas', node)
local items = cjson.decode(ARGV[8])
local rewrites = part ~= ''
local target = rewrites and ':new' or ''

local stored = redis.call('HGET', info, 'version')
if tonumber(stored or 0) < tonumber(after) then
  return redis.error_reply('PRESENCE The store has lost data of this node.')
end
if stored and tonumber(stored) >= tonumber(version) then return 0 end
if part == 'first' then
  redis.call('UNLINK', keys .. ':new', metas .. ':new')
  redis.call('HSET', info, 'rewriting', version)
elseif rewrites and redis.call('HGET', info, 'rewriting') ~= version then
  return 0
end
redis.call('ZADD', KEYS[1], 'NX', integer(clock() - 1), node)
if redis.call('PTTL', KEYS[1]) < tonumber(ttl) then redis.call('PEXPIRE', KEYS[1], ttl) end

local scored, withMeta, plain, pairsEnd = {}, {}, {}, 10 + tonumber(ARGV[10])
local hasMeta = {}
for index = 11, pairsEnd, 2 do
  hasMeta[ARGV[index]] = true
  withMeta[#withMeta + 1] = ARGV[index]
  withMeta[#withMeta + 1] = ARGV[index + 1]
end
for index, member in ipairs(items.put) do
  scored[2 * index - 1] = '0'
  scored[2 * index] = member
  if not hasMeta[member] then plain[#plain + 1] = member end
end
if not rewrites then
  local described = redis.call('HLEN', metas) > 0
  sliced('ZREM', keys, items.remove)
  if described then
    sliced('HDEL', metas, items.remove)
    sliced('HDEL', metas, plain)
  end
end
sliced('ZADD', keys .. target, scored)
sliced('HSET', metas .. target, withMeta)

local exclusive = {}
for index = pairsEnd + 1, #ARGV, 3 do exclusive[#exclusive + 1] = ARGV[index] end
local function close(holder, upTo, name, done)
  local orders = {}
  for first = 1, #exclusive, 1000 do
    local last = math.min(first + 999, #exclusive)
    for offset, score in ipairs(redis.call('ZMSCORE', name, unpack(exclusive, first, last))) do
      local at = first + offset - 1
      if score and not done[at] then
        done[at] = true
        orders[#orders + 1] = ARGV[pairsEnd + 3 * at - 1]
        orders[#orders + 1] = ARGV[pairsEnd + 3 * at]
      end
    end
  end
  if #orders > 0 then send(holder, ARGV[7], ttl, upTo, orders) end
end
local holders = #exclusive > 0 and redis.call('ZRANGE', KEYS[1], 0, -1) or {}
for _, holder in ipairs(holders) do
  if holder ~= node then
    local versions, done = redis.call('HMGET', key('info', holder), 'rewriting', 'version'), {}
    if versions[1] then close(holder, versions[1], key('keys', holder) .. ':new', done) end
    close(holder, versions[2], key('keys', holder), done)
  end
end

if part == 'last' then
  redis.call('UNLINK', keys, metas)
  for _, name in ipairs({ keys, metas }) do
    if redis.call('EXISTS', name .. ':new') == 1 then redis.call('RENAME', name .. ':new', name) end
  end
  redis.call('HDEL', info, 'rewriting')
end
local visible = part ~= 'first' and part ~= 'more'
if visible then redis.call('HSET', info, 'version', version) end
redis.call('PEXPIRE', info, ttl)
redis.call('PEXPIRE', keys .. (visible and '' or ':new'), ttl)
redis.call('PEXPIRE', metas .. (visible and '' or ':new'), ttl)
if visible then redis.call('PUBLISH', ARGV[6], ARGV[9] == '' and ARGV[8] or ARGV[9]) end
return 0
`);
