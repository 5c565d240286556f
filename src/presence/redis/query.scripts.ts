import { redisScript } from './redis.script.js';

/** Returns the nodes that hold a member and whose lease has not ended. ARGV: member. */
export const FIND = redisScript(String.raw`
local holders = {}
for _, node in ipairs(living()) do
  if redis.call('ZSCORE', key('keys', node), ARGV[1]) then holders[#holders + 1] = node end
end
return holders
`);

/**
 * Returns the keys of a topic, at most `limit` of each node, in the order of their bytes. The list of a node ends early
 * when it fills its share of the budgets; the third value is 1 if the node has more.
 *
 * ARGV: topic, after ('' for the start), limit, node ('' for all), then the budgets of all nodes together: entries, bytes
 * of meta.
 */
export const READ = redisScript(String.raw`
local topic, after = ARGV[1], ARGV[2]
local from = after == '' and '[' .. topic .. '\0' or '(' .. topic .. '\0' .. after
local to = '(' .. topic .. '\1'
local nodes = ARGV[4] == '' and living() or { ARGV[4] }
local share = ARGV[6] / math.max(1, #nodes)
local limit = math.min(tonumber(ARGV[3]), math.max(16, math.floor(ARGV[5] / math.max(1, #nodes))))
local pages = {}
for _, node in ipairs(nodes) do
  local version = redis.call('HGET', key('info', node), 'version')
  local members = redis.call('ZRANGE', key('keys', node), from, to, 'BYLEX', 'LIMIT', 0, limit + 1)
  local more = #members > limit
  if more then members[#members] = nil end
  local metas, bytes, name = {}, 0, key('metas', node)
  local described = redis.call('HLEN', name) > 0
  local keys = {}
  for first = 1, #members, 16 do
    if bytes > share then
      more = true
      break
    end
    local last = math.min(first + 15, #members)
    local values = described and redis.call('HMGET', name, unpack(members, first, last))
    for index = first, last do
      keys[index] = string.sub(members[index], #topic + 2)
      if described then
        metas[index] = values[index - first + 1]
        bytes = bytes + (metas[index] and #metas[index] or 0)
      end
    end
  end
  if version or #members > 0 then
    pages[#pages + 1] = { node, version or '0', more and 1 or 0, keys, metas }
  end
end
return pages
`);

/**
 * Counts the distinct keys of a topic: exactly up to a number of entries, above it from samples that are spread evenly
 * over all entries. A sample that is on m nodes counts 1/m.
 *
 * ARGV: topic, entries that are counted exactly, samples of this slice, index of this slice, number of slices. Only the
 * first slice counts exactly; the others return -1 then.
 */
export const COUNT = redisScript(String.raw`
local topic, exact, samples = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local from, to = '[' .. topic .. '\0', '(' .. topic .. '\1'
local total, ranges = 0, {}
for _, node in ipairs(living()) do
  local name = key('keys', node)
  local size = redis.call('ZLEXCOUNT', name, from, to)
  if size > 0 then
    ranges[#ranges + 1] = { name = name, size = size }
    total = total + size
  end
end
if #ranges <= 1 then return total end

if total <= exact then
  if ARGV[4] ~= '0' then return -1 end
  local seen, distinct = {}, 0
  for _, range in ipairs(ranges) do
    for _, member in ipairs(redis.call('ZRANGE', range.name, from, to, 'BYLEX')) do
      if not seen[member] then
        seen[member] = true
        distinct = distinct + 1
      end
    end
  end
  return distinct
end

local members, before, at = {}, 0, 1
for index = 1, samples do
  local place = (index - 1 + (ARGV[4] + math.random()) / ARGV[5]) * total / samples
  while place >= before + ranges[at].size and at < #ranges do
    before = before + ranges[at].size
    at = at + 1
  end
  local range = ranges[at]
  range.start = range.start or redis.call('ZLEXCOUNT', range.name, '-', '(' .. topic .. '\0')
  local rank = range.start + math.min(math.floor(place - before), range.size - 1)
  members[index] = redis.call('ZRANGE', range.name, rank, rank)[1]
end
local holders = {}
for index = 1, samples do holders[index] = 0 end
for _, range in ipairs(ranges) do
  for index, score in ipairs(redis.call('ZMSCORE', range.name, unpack(members))) do
    if score then holders[index] = holders[index] + 1 end
  end
end
local shares = 0
for _, count in ipairs(holders) do shares = shares + 1 / count end
return math.floor(total * shares / samples + 0.5)
`);
