-- What the cache has under a namespace and key; a function, so that it can stand in the script of a guard, too.
-- generation_key: where the namespace's present generation stands; set to *fresh* where there is none.
-- Returns {verdict, generation, value}: hit | fill (the caller loads it) | wait (another is loading it).
-- An entry belongs to the generation that its reader saw before it asked the database, so a slow fill of old data
-- lands where nobody looks. Expiry is judged by the caller's clock; the server's TTL only cleans up.
local function cache_look(generation_key, key, fresh, now, filling_ms)
  local generation = redis.call('GET', generation_key)
  if not generation then
    generation = fresh
    redis.call('SET', generation_key, generation)
  end
  local entry = generation_key .. ':' .. generation .. ':' .. key
  local value, expires_ms = unpack(redis.call('HMGET', entry, 'value', 'expires_ms'))
  if value and tonumber(expires_ms) > now then
    return {'hit', generation, value}
  end
  if redis.call('SET', entry .. ':filling', '1', 'NX', 'PX', filling_ms) then
    return {'fill', generation, ''}
  end
  return {'wait', generation, ''}
end
