import { createHash } from 'node:crypto';

/** A Lua script. It receives one key, which names the hash slot, and builds the other keys from it. */
export interface RedisScript {
  readonly text: string;
  /** The SHA-1 of the text, for EVALSHA. */
  readonly sha: string;
}

/**
 * What all scripts share. KEYS[1] is `{prefix}:leases`; a driver may put its own prefix before it. Members are
 * `topic NUL key`, and a topic contains no NUL. `unpack` takes at most 8 000 values.
 */
const COMMON = String.raw`
local base = string.sub(KEYS[1], 1, -7)
local function key(kind, node) return base .. kind .. ':' .. node end
local function integer(value) return string.format('%.0f', value) end
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function living()
  return redis.call('ZRANGE', KEYS[1], '(' .. integer(clock()), '+inf', 'BYSCORE')
end
local function sliced(command, name, values)
  for first = 1, #values, 1000 do
    redis.call(command, name, unpack(values, first, math.min(first + 999, #values)))
  end
end
local function send(to, channels, ttl, upTo, orders)
  for index = 2, #orders, 2 do
    orders[index] = '{"type":"order","upTo":' .. (upTo or 'null') .. ',"order":' .. orders[index] .. '}'
    redis.call('PUBLISH', channels .. to, orders[index])
  end
  sliced('HSET', key('orders', to), orders)
  redis.call('PEXPIRE', key('orders', to), ttl)
end
`;

/** Creates a script of the common functions and `body`. */
export function redisScript(body: string): RedisScript {
  const text = COMMON + body;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
