-- Note one refused call. Returns {violations of this client within the alert window, 1 when an alert is due}.
-- KEYS: [1] the client's violations, [2] the present minute's counts by path and client.
-- ARGV: now_ms, member, path, client, alert_window_ms, alert_above, kept_ms, fields_at_most
local now, window_ms = tonumber(ARGV[1]), tonumber(ARGV[5])
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[7]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1001)
redis.call('PEXPIRE', KEYS[1], ARGV[7])

-- So that a million addresses cost no more than some thousands: who comes late in a minute is counted as "other".
local field = ARGV[3] .. ' ' .. ARGV[4]
if redis.call('HEXISTS', KEYS[2], field) == 0 and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[8]) then
  field = ARGV[3] .. ' other'
end
redis.call('HINCRBY', KEYS[2], field, 1)
redis.call('PEXPIRE', KEYS[2], 2 * tonumber(ARGV[7]))

local recent = redis.call('ZCOUNT', KEYS[1], '(' .. (now - window_ms), '+inf')
if recent <= tonumber(ARGV[6]) then
  return {recent, 0}
end
local alerted_key = KEYS[1] .. ':alerted'
local alerted_ms = redis.call('GET', alerted_key)
if alerted_ms and tonumber(alerted_ms) > now - window_ms then
  return {recent, 0}
end
redis.call('SET', alerted_key, now, 'PX', window_ms)
return {recent, 1}
