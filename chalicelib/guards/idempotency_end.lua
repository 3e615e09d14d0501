-- Keep an answer, or forget a reservation. KEYS[1] the record.
-- ARGV: owner, expires_ms, ttl_ms, fingerprint, status, media_type, body (the last four only when there is an answer to keep).
-- An answer is kept whatever stands there: PostgreSQL has decided that it is the first. A reservation is forgotten only by its owner.
if ARGV[5] then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[4], 'owner', ARGV[1], 'expires_ms', ARGV[2],
    'status', ARGV[5], 'media_type', ARGV[6], 'body', ARGV[7])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
end
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
