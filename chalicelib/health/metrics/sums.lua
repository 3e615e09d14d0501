-- The sums of the fleet, with what the caller brought along just now.
-- KEYS: [1] what is counted by route, queue and the like, [2] what was refused, by client
-- Returns the fields and values of the first, and those of the second.
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2])}
