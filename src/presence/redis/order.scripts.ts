import { redisScript } from './redis.script.js';

/**
 * Stores an order for each node that holds a member, sends it, and returns these nodes. Nothing after `validUntil`.
 *
 * ARGV: member, id, text of the order, valid until (ms, on the clock of the store), ttl (ms), prefix of the channels of
 * nodes.
 */
export const ORDER = redisScript(String.raw`
local holders = {}
if clock() > tonumber(ARGV[4]) then return holders end
for _, node in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('ZSCORE', key('keys', node), ARGV[1]) then
    send(node, ARGV[6], ARGV[5], redis.call('HGET', key('info', node), 'version'), { ARGV[2], ARGV[3] })
    holders[#holders + 1] = node
  end
end
return holders
`);

/** Removes an order that a node has carried out, and notifies the node that gave it. ARGV: node, order, channel, message. */
export const ACKNOWLEDGE = redisScript(String.raw`
redis.call('HDEL', key('orders', ARGV[1]), ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 0
`);
