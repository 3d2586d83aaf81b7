#!lua flags=no-writes
-- One moment of an organisation: how far it is, what the asker does not know of it yet, and the replies to its reads.
-- KEYS: the checkpoint, the state, the rulebooks, then the keys of the reads. ARGV: the position, last record and log
-- of the state that the asker has, the number of rulebooks that it has; then for each read its command, how many keys,
-- how many arguments, and those. A script that writes nothing may run where memory is full, and on a replica.

-- The names of members in rows of (member, score); nothing where nobody has one.
local function named(names, rows)
  if #rows == 0 or redis.call('EXISTS', names) == 0 then
    return {}
  end
  local members = {}
  for index = 1, #rows, 2 do
    members[#members + 1] = rows[index]
  end
  return redis.call('HMGET', names, unpack(members))
end

local own = {}

-- Of one shelf: how many stand on it, the first `count` rows, and their names.
own.TOP = function(keys, arguments)
  local names, shelf, count = keys[1], keys[2], tonumber(arguments[1])
  local rows = {}
  if count > 0 then
    rows = redis.call('ZRANGE', shelf, 0, count - 1, 'WITHSCORES')
  end
  return { redis.call('ZCARD', shelf), rows, named(names, rows) }
end

-- A member's row, then the two nearest of each of the first shelves, as many as are shown, that are better; for each
-- how many on those are better still (false for a member who stands on none of them); the names.
own.AHEAD = function(keys, arguments)
  local names, member, last = keys[1], arguments[1], 1 + tonumber(arguments[2])
  local score, is_shown = false, false
  for index = 2, #keys do
    if not score then
      score, is_shown = redis.call('ZSCORE', keys[index], member), index <= last
    end
  end
  if not score then
    return false
  end
  local rows, better = { member, score }, {}
  for index = 2, last do
    local near = redis.call('ZREVRANGEBYSCORE', keys[index], '(' .. score, '-inf', 'WITHSCORES', 'LIMIT', 0, 2)
    for _, part in ipairs(near) do
      rows[#rows + 1] = part
    end
  end
  for row = 2, #rows, 2 do
    local count = 0
    for index = 2, last do
      count = count + redis.call('ZCOUNT', keys[index], '-inf', '(' .. rows[row])
    end
    better[#better + 1] = (row > 2 or is_shown) and count
  end
  return { rows, better, named(names, rows) }
end

local function replied(command, keys, arguments)
  if own[command] then
    return own[command](keys, arguments)
  end
  for _, argument in ipairs(arguments) do
    keys[#keys + 1] = argument
  end
  return redis.call(command, unpack(keys))
end

local at = redis.call('HMGET', KEYS[1], 'position', 'last', 'log')
local state, books, replies = false, false, {}
if at[3] ~= ARGV[3] or redis.call('LLEN', KEYS[3]) ~= tonumber(ARGV[4]) then
  books = redis.call('LRANGE', KEYS[3], 0, -1)
end
if books or at[1] ~= ARGV[1] or at[2] ~= ARGV[2] then
  state = redis.call('GET', KEYS[2])
end
local key, place = 4, 5
while place <= #ARGV do
  local command, key_count, argument_count = ARGV[place], tonumber(ARGV[place + 1]), tonumber(ARGV[place + 2])
  local keys = { unpack(KEYS, key, key + key_count - 1) }
  local arguments = { unpack(ARGV, place + 3, place + 2 + argument_count) }
  replies[#replies + 1] = replied(command, keys, arguments)
  key, place = key + key_count, place + 3 + argument_count
end
return { at, state, books, replies }
