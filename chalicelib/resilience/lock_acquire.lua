-- Take or renew a lease. KEYS[1] the lock; ARGV: holder, now_ms, ttl_ms. Returns 1 when the caller holds it.
-- Expiry is judged by the caller's clock; the server's TTL only cleans up.
local holder, expires_ms = unpack(redis.call('HMGET', KEYS[1], 'holder', 'expires_ms'))
if holder and holder ~= ARGV[1] and tonumber(expires_ms) > tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'expires_ms', tonumber(ARGV[2]) + tonumber(ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
