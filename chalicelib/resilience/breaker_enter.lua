-- May this call be made? KEYS[1] the circuit; ARGV: now_ms, trial_ms (how long a trial may take at the most).
-- Returns {verdict, generation, failures, retry_at_ms}; verdict is closed | trial | open. Writes only to elect a trial.
local state, generation, failures, open_until, trial_until =
  unpack(redis.call('HMGET', KEYS[1], 'state', 'generation', 'failures', 'open_until_ms', 'trial_until_ms'))
local now = tonumber(ARGV[1])
generation = tonumber(generation or 0)
if state ~= 'open' then
  return {'closed', generation, tonumber(failures or 0), 0}
end
if tonumber(open_until) > now then
  return {'open', generation, 0, tonumber(open_until)}
end
if trial_until and tonumber(trial_until) > now then
  return {'open', generation, 0, tonumber(trial_until)}
end
generation = generation + 1
redis.call('HSET', KEYS[1], 'generation', generation, 'trial_until_ms', now + tonumber(ARGV[2]))
return {'trial', generation, 0, 0}
