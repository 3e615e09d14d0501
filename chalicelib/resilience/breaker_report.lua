-- How did the call end? KEYS[1] the circuit; ARGV: now_ms, generation, ok (0|1), is_trial (0|1), failures_to_open, open_ms.
-- Returns opened | closed | counted | ignored. A result of an older generation changes nothing.
local state, generation = unpack(redis.call('HMGET', KEYS[1], 'state', 'generation'))
local now, ok, is_trial = tonumber(ARGV[1]), ARGV[3] == '1', ARGV[4] == '1'
if tonumber(generation or 0) ~= tonumber(ARGV[2]) then
  return 'ignored'
end
if state == 'open' then
  if not is_trial then
    return 'ignored'
  end
  redis.call('HDEL', KEYS[1], 'trial_until_ms')
  if ok then
    -- The generation stays on record, so that a late result from before the outage cannot count against the new state.
    redis.call('HSET', KEYS[1], 'state', 'closed', 'failures', 0, 'generation', tonumber(ARGV[2]) + 1)
    return 'closed'
  end
  redis.call('HSET', KEYS[1], 'open_until_ms', now + tonumber(ARGV[6]))
  return 'opened'
end
if ok then
  redis.call('HSET', KEYS[1], 'failures', 0)
  return 'counted'
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
if failures < tonumber(ARGV[5]) then
  return 'counted'
end
redis.call('HSET', KEYS[1], 'state', 'open', 'open_until_ms', now + tonumber(ARGV[6]),
  'generation', tonumber(ARGV[2]) + 1)
redis.call('HDEL', KEYS[1], 'trial_until_ms')
return 'opened'
