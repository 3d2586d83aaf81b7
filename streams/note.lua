-- Moves a partition's mark, if it is still where it is believed to be and ours: an emptied Redis, or one that was set
-- back, has forgotten what the mark would say is written.
-- KEYS: the mark. ARGV: the expected position, the owner's token, then fields and values.
local have = redis.call('HMGET', KEYS[1], 'position', 'owner')
if (have[1] or '0') ~= ARGV[1] or (have[2] or '') ~= ARGV[2] then
  return { have[1] or '0', have[2] or '' }
end
for index = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
end
return 'OK'
