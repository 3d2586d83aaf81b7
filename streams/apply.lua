-- One batch of one organisation, written whole or not at all.
-- KEYS: the checkpoint, then the key of each write. ARGV: the expected position, the owner's token, the number of
-- checkpoint fields and those fields, then for each write its command, the number of its arguments, the arguments.
local checkpoint = KEYS[1]
local have = redis.call('HMGET', checkpoint, 'position', 'owner')
if (have[1] or '0') ~= ARGV[1] or (have[2] or '') ~= ARGV[2] then
  return { have[1] or '0', have[2] or '' }
end
local fields = tonumber(ARGV[3])
local place = 4 + fields
for index = 2, #KEYS do
  local command, count = ARGV[place], tonumber(ARGV[place + 1])
  local first, last = place + 2, place + 1 + count
  if command == 'XADD' then
    -- Facts whose ids are there already were said by a batch that was cut off: they are not said twice.
    local said = redis.pcall('XADD', KEYS[index], unpack(ARGV, first, last))
    if type(said) == 'table' and said.err and not string.find(said.err, 'equal or smaller', 1, true) then
      return redis.error_reply(said.err)
    end
  else
    redis.call(command, KEYS[index], unpack(ARGV, first, last))
  end
  place = last + 1
end
redis.call('HSET', checkpoint, unpack(ARGV, 4, 3 + fields))
return 'OK'
