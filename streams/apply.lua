-- One batch of one organisation, written whole or not at all.
-- KEYS: the checkpoint, then the key of each write. ARGV: the expected position, the owner's token, the number of
-- checkpoint fields and those fields, then for each write its command, the number of its arguments, the arguments.
-- Beside Redis' own commands there are three whose one argument is a JSON object, which costs the sender far less than
-- arguments do: SCORES (members and scores; stored negated; none and 0 take the member off) and FIELDS (of a hash;
-- null takes the field away). RAISED is as SCORES, but 0 is a score, and one that is greater already stays. FIRSTS
-- (groups) gives each group on a board the best of the scores under its own key, which is the board's and the group.
-- WINDOW (a name, and the key of a board that this call has written) keeps the name in a set as long as the board has
-- rows: scores other than 0.
local AT_ONCE = 4000 -- arguments: unpack ends at some 8,000

local function write(command, key, values)
  for first = 1, #values, AT_ONCE do
    redis.call(command, key, unpack(values, first, math.min(first + AT_ONCE - 1, #values)))
  end
end

local function scores(key, text)
  local here, gone = {}, {}
  for member, score in pairs(cjson.decode(text)) do
    if score == cjson.null or score == 0 then
      gone[#gone + 1] = member
    else
      here[#here + 1] = -score
      here[#here + 1] = member
    end
  end
  write('ZADD', key, here)
  write('ZREM', key, gone)
end

local function raised(key, text)
  local here = {}
  for member, score in pairs(cjson.decode(text)) do
    here[#here + 1] = -score
    here[#here + 1] = member
  end
  for first = 1, #here, AT_ONCE do
    redis.call('ZADD', key, 'LT', unpack(here, first, math.min(first + AT_ONCE - 1, #here)))
  end
end

local function firsts(key, groups)
  for _, group in ipairs(groups) do
    local best = redis.call('ZRANGE', key .. ':' .. group, 0, 0, 'WITHSCORES')
    if best[2] then
      redis.call('ZADD', key, best[2], group)
    else
      redis.call('ZREM', key, group)
    end
  end
end

local function has_rows(key)
  return redis.call('ZCARD', key) > redis.call('ZCOUNT', key, 0, 0)
end

local function fields(key, text)
  local here, gone = {}, {}
  for field, content in pairs(cjson.decode(text)) do
    if content == cjson.null then
      gone[#gone + 1] = field
    else
      here[#here + 1] = field
      here[#here + 1] = content
    end
  end
  write('HSET', key, here)
  write('HDEL', key, gone)
end

-- Plain values are gathered: one MSET of many costs far less than as many SETs.
local plain = {}

local function write_plain()
  for first = 1, #plain, AT_ONCE do
    redis.call('MSET', unpack(plain, first, math.min(first + AT_ONCE - 1, #plain)))
  end
  plain = {}
end

local checkpoint = KEYS[1]
local have = redis.call('HMGET', checkpoint, 'position', 'owner')
if (have[1] or '0') ~= ARGV[1] or (have[2] or '') ~= ARGV[2] then
  return { have[1] or '0', have[2] or '' }
end
local noted = tonumber(ARGV[3])
local place = 4 + noted
for index = 2, #KEYS do
  local command, count = ARGV[place], tonumber(ARGV[place + 1])
  local first, last = place + 2, place + 1 + count
  if command == 'SET' then
    plain[#plain + 1] = KEYS[index]
    plain[#plain + 1] = ARGV[first]
  elseif command == 'SCORES' then
    scores(KEYS[index], ARGV[first])
  elseif command == 'RAISED' then
    raised(KEYS[index], ARGV[first])
  elseif command == 'FIRSTS' then
    firsts(KEYS[index], { unpack(ARGV, first, last) })
  elseif command == 'FIELDS' then
    fields(KEYS[index], ARGV[first])
  elseif command == 'WINDOW' then
    redis.call(has_rows(ARGV[last]) and 'SADD' or 'SREM', KEYS[index], ARGV[first])
  elseif command == 'XADD' then
    write_plain() -- facts are the last write before the checkpoint
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
write_plain()
redis.call('HSET', checkpoint, unpack(ARGV, 4, 3 + noted))
return 'OK'
