import { redisScript } from './redis.script.js';

/**
 * Renews the lease of a node, drops nodes that are long gone, and returns the states of all nodes and the orders for
 * this node.
 *
 * ARGV: node, lease (ms), draining (0 or 1), ttl of the data (ms), how long a lease may have ended before its node is
 * dropped (ms), then the ids of the orders that the node has received.
 *
 * UNLINK frees the memory in a thread of the store, so dropping a large node takes no time of the others.
 */
export const RENEW = redisScript(String.raw`
local node, lease, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])
local now = clock()
local ends = redis.call('ZSCORE', KEYS[1], node)
redis.call('ZADD', KEYS[1], integer(now + lease), node)
redis.call('HSET', key('info', node), 'draining', ARGV[3])
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
for _, kind in ipairs({ 'info', 'keys', 'metas', 'orders' }) do
  redis.call('PEXPIRE', key(kind, node), ttl)
end

local gone = '(' .. integer(now - ARGV[5])
for _, dead in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', gone, 'BYSCORE', 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[1], dead)
  redis.call('UNLINK', key('info', dead), key('keys', dead), key('metas', dead), key('orders', dead),
    key('keys', dead) .. ':new', key('metas', dead) .. ':new')
end

local orders = key('orders', node)
for index = 6, #ARGV do redis.call('HDEL', orders, ARGV[index]) end

local nodes = {}
local leases = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for index = 1, #leases, 2 do
  local id = leases[index]
  local info = redis.call('HMGET', key('info', id), 'version', 'draining')
  nodes[#nodes + 1] = { id, leases[index + 1] - now, info[1], info[2],
    redis.call('ZCARD', key('keys', id)), redis.call('HLEN', key('metas', id)) }
end
return { now, (ends and tonumber(ends) > now) and 1 or 0, nodes,
  redis.call('HRANDFIELD', orders, 1000, 'WITHVALUES') }
`);

/** Removes the lease, the data and the orders of a node, and announces it. ARGV: node, channel, message. */
export const CLOSE = redisScript(String.raw`
local node = ARGV[1]
redis.call('ZREM', KEYS[1], node)
redis.call('UNLINK', key('info', node), key('keys', node), key('metas', node), key('orders', node),
  key('keys', node) .. ':new', key('metas', node) .. ':new')
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 0
`);
