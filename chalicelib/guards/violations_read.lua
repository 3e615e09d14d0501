-- Every count of some minutes. KEYS: the minutes. Returns one list of field, count, field, count …
local found = {}
for _, key in ipairs(KEYS) do
  for _, part in ipairs(redis.call('HGETALL', key)) do
    found[#found + 1] = part
  end
end
return found
