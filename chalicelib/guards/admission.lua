-- Rate limit, and idempotency or cache, in one round trip. Stands behind cache_look.lua.
-- KEYS: [1] the group's window, [2] the READS window, [3] the user's window, or '', [4] the idempotency record, or
--   the cache's generation, or ''.
-- ARGV: now_ms, member, group_count, group_window_ms, reads_count, reads_window_ms, user_count, user_window_ms,
--   fingerprint, owner, in_progress_ms ('' and 0: no key was sent), cache_key, fresh, filling_ms ('' and 0: not cached)
-- Returns {verdict, window, remaining, reset_ms, user_remaining, user_reset_ms, status, media_type, body}; of a cached
--   route that passes, the last three are what cache_look says.
--   verdict: pass | limited | limited_user | replay | reused | running
--   window: group | reads (which one counted this call)
-- A refused call is not counted. Replays and "still running" count against READS; only a fresh call spends the group.
local now = tonumber(ARGV[1])

local function hit(key, count, window_ms)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window_ms)
  local used = redis.call('ZCARD', key)
  local admitted = used < count
  if admitted then
    redis.call('ZADD', key, now, ARGV[2])
    redis.call('PEXPIRE', key, window_ms)
    used = used + 1
  end
  local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return admitted, count - used, tonumber(oldest[2]) + window_ms
end

local function read_verdict(verdict, status, media_type, body)
  local admitted, remaining, reset_ms = hit(KEYS[2], tonumber(ARGV[5]), tonumber(ARGV[6]))
  if not admitted then
    verdict = 'limited'
  end
  return {verdict, 'reads', remaining, reset_ms, 0, 0, status or '', media_type or '', body or ''}
end

if ARGV[9] ~= '' then
  local record = redis.call('HMGET', KEYS[4], 'fingerprint', 'expires_ms', 'status', 'media_type', 'body')
  if record[1] and tonumber(record[2]) > now then
    if record[1] ~= ARGV[9] then
      return read_verdict('reused')
    elseif record[3] then
      return read_verdict('replay', record[3], record[4], record[5])
    end
    return read_verdict('running')
  end
end

local admitted, remaining, reset_ms = hit(KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[4]))
if not admitted then
  return {'limited', 'group', remaining, reset_ms, 0, 0, '', '', ''}
end
local user_remaining, user_reset_ms = 0, 0
if KEYS[3] ~= '' then
  admitted, user_remaining, user_reset_ms = hit(KEYS[3], tonumber(ARGV[7]), tonumber(ARGV[8]))
  if not admitted then
    return {'limited_user', 'group', remaining, reset_ms, user_remaining, user_reset_ms, '', '', ''}
  end
end
local verdict = {'pass', 'group', remaining, reset_ms, user_remaining, user_reset_ms, '', '', ''}
if ARGV[12] ~= '' then
  local found = cache_look(KEYS[4], ARGV[12], ARGV[13], now, ARGV[14])
  verdict[7], verdict[8], verdict[9] = found[1], found[2], found[3]
elseif ARGV[9] ~= '' then
  redis.call('DEL', KEYS[4])
  redis.call('HSET', KEYS[4], 'fingerprint', ARGV[9], 'owner', ARGV[10], 'expires_ms', now + tonumber(ARGV[11]))
  redis.call('PEXPIRE', KEYS[4], ARGV[11])
end
return verdict
