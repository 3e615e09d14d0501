-- Keep what was loaded, under the generation that was seen before, and let the others go on.
-- KEYS[1] the namespace's generation; ARGV: key, that generation, value, expires_ms, ttl_ms (0: nothing is kept).
local entry = KEYS[1] .. ':' .. ARGV[2] .. ':' .. ARGV[1]
if tonumber(ARGV[5]) > 0 and redis.call('GET', KEYS[1]) == ARGV[2] then
  redis.call('HSET', entry, 'value', ARGV[3], 'expires_ms', ARGV[4])
  redis.call('PEXPIRE', entry, ARGV[5])
end
return redis.call('DEL', entry .. ':filling')
