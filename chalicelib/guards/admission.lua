-- Rate limit and idempotency in one round trip.
-- KEYS: [1] the group's window, [2] the READS window, [3] the idempotency record (may be missing: no key was sent).
-- ARGV: now_ms, member, group_count, group_window_ms, reads_count, reads_window_ms, fingerprint, owner, in_progress_ms
-- Returns {verdict, window, remaining, reset_ms, status, media_type, body}.
--   verdict: pass | limited | replay | reused | running;  window: group | reads (which one counted this call)
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
  return {verdict, 'reads', remaining, reset_ms, status or '', media_type or '', body or ''}
end

if KEYS[3] then
  local record = redis.call('HMGET', KEYS[3], 'fingerprint', 'expires_ms', 'status', 'media_type', 'body')
  if record[1] and tonumber(record[2]) > now then
    if record[1] ~= ARGV[7] then
      return read_verdict('reused')
    elseif record[3] then
      return read_verdict('replay', record[3], record[4], record[5])
    end
    return read_verdict('running')
  end
end

local admitted, remaining, reset_ms = hit(KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[4]))
if not admitted then
  return {'limited', 'group', remaining, reset_ms, '', '', ''}
end
if KEYS[3] then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[3], 'fingerprint', ARGV[7], 'owner', ARGV[8], 'expires_ms', now + tonumber(ARGV[9]))
  redis.call('PEXPIRE', KEYS[3], ARGV[9])
end
return {'pass', 'group', remaining, reset_ms, '', '', ''}
