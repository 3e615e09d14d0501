-- KEYS[1] the namespace's generation; ARGV: key, fresh generation, now_ms, filling_ms. Stands behind cache_look.lua.
return cache_look(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4])
