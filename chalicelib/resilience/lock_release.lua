-- Release a lease, but only one's own. KEYS[1] the lock; ARGV[1] holder.
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
