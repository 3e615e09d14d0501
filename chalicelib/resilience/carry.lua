-- Stands before every script: adds what the caller counted to the sums of the fleet, once a batch.
-- Takes the last of ARGV, '' or [process, number, {field: by}, {field of a refused client: by}].
-- Clients are named in 800 fields at the most, for a day; whoever comes after them is "other" on its path.
do
  local text = table.remove(ARGV)
  if text ~= '' then
    local process, number, sums, refused = unpack(cjson.decode(text))
    local seen = 'metrics:from:' .. process
    if number > tonumber(redis.call('GET', seen) or 0) then
      redis.call('SET', seen, number, 'EX', 3600)
      for field, by in pairs(sums) do
        redis.call('HINCRBY', 'metrics', field, by)
      end
      for field, by in pairs(refused) do
        local key = 'metrics:refused'
        if redis.call('HEXISTS', key, field) == 0 and redis.call('HLEN', key) >= 800 then
          field = string.gsub(field, '^(%S+) %S+ ', '%1 other ')
        end
        redis.call('HINCRBY', key, field, by)
        if redis.call('TTL', key) < 0 then
          redis.call('EXPIRE', key, 86400)
        end
      end
    end
  end
end
