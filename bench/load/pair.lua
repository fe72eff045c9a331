-- A login is two requests: the start answers with a state and a cookie, the callback brings them back with a code.
-- wrk tells no script which connection asks or answers; none needs to know, because cookie and state belong to the
-- flow: whichever connection is free next sends the callback. One unit is a callback that was answered 303.
units, wrong = 0, 0
local start
local waiting, first, last = {}, 1, 0

function init(arguments)
  local asked = dofile(arguments[1])[1]
  start = wrk.format(asked.method, asked.path, asked.headers, asked.body)
end

function request()
  if first > last then return start end
  local callback = waiting[first]
  waiting[first] = nil
  first = first + 1
  return callback
end

local function named(headers, name)
  local value = headers[name]
  if value then return value end
  for key, other in pairs(headers) do
    if key:lower() == name then return other end
  end
  return ""
end

function response(status, headers)
  if status == 303 then
    units = units + 1
  elseif status == 302 then
    local state = named(headers, "location"):match("[?&]state=([^&]+)")
    local cookie = named(headers, "set-cookie"):match("^[^;]+")
    if not (state and cookie) then
      wrong = wrong + 1
      return
    end
    last = last + 1
    -- bench/twin.py knows the person by the code, so nobody has to visit the identity provider.
    waiting[last] = wrk.format(
      "GET", "/auth/callback/workos?code=bench_" .. state:sub(1, 40) .. "&state=" .. state, { Cookie = cookie })
  else
    wrong = wrong + 1
  end
end

dofile(((debug.getinfo(1, "S").source:sub(2)):match("^(.*)/") or ".") .. "/report.lua")
